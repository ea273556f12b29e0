//! Schedules of a `CronJob`, as its controller reads them: five fields, or a word such as `@daily`.
//!
//! Source: `ParseStandard` of robfig/cron v3. A time zone has a field of its own.

/// The least and the most of the fields: minute, hour, day of the month, month, day of the week.
const FIELDS: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Whether a text is a schedule.
pub(super) fn is_schedule(text: &str) -> bool {
    if let Some(word) = text.strip_prefix('@') {
        let known = ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"];
        let every = word.strip_prefix("every ").and_then(crate::duration::Duration::parse);
        return known.contains(&word) || every.is_some();
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    fields.len() == FIELDS.len()
        && fields.iter().enumerate().all(|(index, field)| field.split(',').all(|part| is_part(index, part)))
}

/// Whether a text is `*`, a value or a range, perhaps with a step.
fn is_part(index: usize, part: &str) -> bool {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    if step.is_some_and(|step| number(step).is_none_or(|step| step == 0)) {
        return false;
    }
    if matches!(range, "*" | "?") {
        return true;
    }
    match range.split_once('-') {
        Some((low, high)) => value(index, low).zip(value(index, high)).is_some_and(|(low, high)| low <= high),
        None => value(index, range).is_some(),
    }
}

fn value(index: usize, text: &str) -> Option<u32> {
    let named = |names: &[&str], first: u32| {
        let at = names.iter().position(|name| text.eq_ignore_ascii_case(name))?;
        u32::try_from(at).ok().map(|at| at + first)
    };
    let name = match index {
        3 => named(&MONTHS, 1),
        4 => named(&DAYS, 0),
        _ => None,
    };
    let (least, most) = FIELDS.get(index).copied()?;
    name.or_else(|| number(text)).filter(|value| (least..=most).contains(value))
}

fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::is_schedule;

    #[test]
    fn schedules_have_five_fields_within_their_limits() {
        for text in [
            "* * * * *",
            "*/5 0-6/2 1,15 JAN-mar mon",
            " 0  2 * * 0 ",
            "0 0 ? * *",
            "5/15 * * * *",
            "@hourly",
            "@every 1h30m",
        ] {
            assert!(is_schedule(text), "{text}");
        }
        for text in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "*/0 * * * *",
        ] {
            assert!(!is_schedule(text), "{text}");
        }
        assert!(!is_schedule("5-1 * * * *") && !is_schedule("@sometimes") && !is_schedule("CRON_TZ=UTC * * * * *"));
    }
}
