//! How long it is between runs of a schedule.
//!
//! A schedule as a Kubernetes `CronJob` takes it (robfig/cron `ParseStandard`): five fields, or a word such as `@daily`.

use jiff::civil::{Date, date};

/// Months and days of the week by name.
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// Days to look through: two leap years are among them, so that also 29 February comes round.
const SPAN: i64 = 366 * 9;

/// The longest time between two runs, in minutes; `None` if it is no schedule, or one that hardly ever runs.
pub(super) fn longest_gap(text: &str) -> Option<i64> {
    let text = match text.trim() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        text => text,
    };
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    let (minutes, hours) = (field(minute, 0, 59, &[])?, field(hour, 0, 23, &[])?);
    let (days, months) = (field(day, 1, 31, &[])?, field(month, 1, 12, &MONTHS)?);
    let weekdays = field(weekday, 0, 6, &DAYS)?;
    let times: Vec<i64> = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute)).collect();
    let (first, last) = (*times.first()?, *times.last()?);
    let within = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
    // Where both are restricted, either is enough.
    let (any_day, any_weekday) = (is_any(day), is_any(weekday));
    let runs = |at: Date| {
        let fits_day = days.contains(&i64::from(at.day()));
        let fits_weekday = weekdays.contains(&i64::from(at.weekday().to_sunday_zero_offset()));
        let fits = if any_day || any_weekday { fits_day && fits_weekday } else { fits_day || fits_weekday };
        months.contains(&i64::from(at.month())) && fits
    };
    let (mut before, mut gap): (Option<i64>, i64) = (None, within);
    let mut at = date(2024, 1, 1);
    for nth in 0..SPAN {
        if runs(at) {
            if let Some(before) = before {
                gap = gap.max((nth - before) * DAY - last + first);
            }
            before = Some(nth);
        }
        at = at.tomorrow().ok()?;
    }
    (gap > 0).then_some(gap)
}

fn is_any(field: &str) -> bool {
    field.starts_with(['*', '?'])
}

/// The values of a field, lowest first.
fn field(text: &str, low: i64, high: i64, names: &[&str]) -> Option<Vec<i64>> {
    let mut values = Vec::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<i64>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let number = |text: &str| -> Option<i64> {
            let number = match names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
                Some(position) => i64::try_from(position).ok()? + low,
                None => text.parse().ok()?,
            };
            (low..=high).contains(&number).then_some(number)
        };
        let (from, to) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (low, high),
            Some((from, to)) => (number(from)?, number(to)?),
            // `5/10` goes on to the end.
            None => (number(range)?, if step.is_some() { high } else { number(range)? }),
        };
        let mut value = from;
        while value <= to {
            values.push(value);
            value += step.unwrap_or(1);
        }
    }
    values.sort_unstable();
    values.dedup();
    (!values.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::longest_gap;

    #[test]
    fn gaps_are_those_of_the_calendar() {
        for (schedule, hours) in [
            ("0 2 * * *", 24),
            ("@daily", 24),
            ("0 */6 * * *", 6),
            ("0 1,2 * * *", 23),
            ("0 0 * * 1-5", 72),
            ("0 0 * * sun", 168),
            ("0 0 1 * *", 31 * 24),
            ("0 0 31 * *", 61 * 24),
            ("0 0 1,15 * 0", 7 * 24),
            ("0 0 1 1 *", 366 * 24),
            ("30 8/4 * * *", 12),
        ] {
            assert_eq!(longest_gap(schedule), Some(hours * 60), "{schedule}");
        }
        for wrong in ["", "* * * *", "60 * * * *", "0 0 30 2 *", "0 0 * * 7", "0 0 */0 * *", "a b c d e", "5-1 * * * *"]
        {
            assert_eq!(longest_gap(wrong), None, "{wrong}");
        }
        assert_eq!(longest_gap("*/15 * * * *"), Some(15));
    }
}
