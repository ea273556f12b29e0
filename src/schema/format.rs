//! The formats a schema may ask of a text: which exist, how they are said in words, and our own checks.
//!
//! `email`, `uri` and the rest of JSON Schema's formats are checked by the engine.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::duration::Duration;
use crate::quantity::Quantity;

/// A format in words: "must be {words}, such as `{example}`".
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) words: &'static str,
    pub(super) example: &'static str,
    /// Our check; `None` where the engine has one.
    pub(super) check: Option<fn(&str) -> bool>,
}

/// Every format that has words of its own.
pub(super) static FORMATS: &[Format] = &[
    ours("quantity", "a Kubernetes quantity", "500m", quantity),
    ours("duration", "a duration", "1h30m", duration),
    ours(
        "rfc1123-label",
        "lower-case letters, digits and `-`, at most 63, beginning and ending with a letter or digit",
        "acme-corp",
        label,
    ),
    ours("cidr", "an address range in CIDR notation", "10.0.0.0/16", cidr),
    ours("cron", "a cron schedule of five fields", "30 2 * * *", cron),
    ours("hostname", "a host name in lower case", "app.example.com", hostname),
    theirs("email", "an email address", "team@example.com"),
    theirs("uri", "an absolute URI", "https://example.com/path"),
    theirs("uri-reference", "a URI or a relative reference", "/path"),
    theirs("date", "a date", "2026-01-31"),
    theirs("date-time", "a date and time with its offset", "2026-01-31T12:00:00Z"),
    theirs("time", "a time with its offset", "12:00:00Z"),
    theirs("ipv4", "an IPv4 address", "10.0.0.1"),
    theirs("ipv6", "an IPv6 address", "2001:db8::1"),
    theirs("uuid", "a UUID", "123e4567-e89b-12d3-a456-426614174000"),
    theirs("regex", "a regular expression", "^[a-z]+$"),
    theirs("json-pointer", "a JSON pointer", "/spec/replicas"),
];

const fn ours(name: &'static str, words: &'static str, example: &'static str, check: fn(&str) -> bool) -> Format {
    Format { name, words, example, check: Some(check) }
}

const fn theirs(name: &'static str, words: &'static str, example: &'static str) -> Format {
    Format { name, words, example, check: None }
}

/// What is known about a format.
pub(super) fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

fn quantity(text: &str) -> bool {
    Quantity::parse(text).is_some()
}

/// A length of time; none of the platform's is negative.
fn duration(text: &str) -> bool {
    !text.starts_with('-') && Duration::parse(text).is_some()
}

/// A label of RFC 1123 as Kubernetes wants it.
fn label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// A subdomain of RFC 1123, without a wildcard and without the root's dot.
fn hostname(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(label)
}

/// An IPv4 or IPv6 range: address, slash, prefix length. Bits behind the prefix may be set.
fn cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return false };
    // `parse` would take `+8` and `08`.
    if prefix.is_empty()
        || !prefix.bytes().all(|byte| byte.is_ascii_digit())
        || (prefix.len() > 1 && prefix.starts_with('0'))
    {
        return false;
    }
    let Ok(prefix) = prefix.parse::<u8>() else { return false };
    (address.parse::<Ipv4Addr>().is_ok() && prefix <= 32) || (address.parse::<Ipv6Addr>().is_ok() && prefix <= 128)
}

/// A schedule as a Kubernetes `CronJob` takes it (robfig/cron `ParseStandard`): Sunday is 0, not 7.
fn cron(text: &str) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    if let Some(name) = text.strip_prefix('@') {
        return matches!(name, "yearly" | "annually" | "monthly" | "weekly" | "daily" | "midnight" | "hourly");
    }
    let fields: [(u8, u8, &[&str]); 5] = [(0, 59, &[]), (0, 23, &[]), (1, 31, &[]), (1, 12, &MONTHS), (0, 6, &DAYS)];
    let mut written = text.split_ascii_whitespace();
    let fine = fields.iter().all(|(low, high, names)| {
        written.next().is_some_and(|field| field.split(',').all(|part| cron_part(part, *low, *high, names)))
    });
    fine && written.next().is_none()
}

/// One item of a list in a cron field: `*`, `5`, `1-5`, `mon-fri`, each with an optional `/step`.
fn cron_part(part: &str, low: u8, high: u8, names: &[&str]) -> bool {
    let number = |text: &str| -> Option<u8> {
        if let Some(at) = names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return u8::try_from(at).ok()?.checked_add(low);
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| digits && (low..=high).contains(number))
    };
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let step_fine = step.is_none_or(|step| {
        step.bytes().all(|byte| byte.is_ascii_digit()) && step.parse::<u16>().is_ok_and(|step| step > 0)
    });
    let range_fine = match range.split_once('-') {
        _ if matches!(range, "*" | "?") => true,
        Some((first, last)) => matches!((number(first), number(last)), (Some(first), Some(last)) if first <= last),
        None => number(range).is_some(),
    };
    range_fine && step_fine
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_format(name: &str, good: &[&str], bad: &[&str]) {
        let format = find(name).unwrap();
        let check = format.check.unwrap();
        assert!(check(format.example), "{name}: the example");
        for text in good {
            assert!(check(text), "{name}: {text:?} is good");
        }
        for text in bad {
            assert!(!check(text), "{name}: {text:?} is bad");
        }
    }

    #[test]
    fn quantities_and_durations_are_those_of_the_platform() {
        assert_format("quantity", &["1", "500m", "2Gi", "1e3"], &["", "1KB", "1 Gi", "two"]);
        assert_format("duration", &["500ms", "30s", "5m", "1h30m", "30d", "2w", "1y"], &["", "5", "m5", "1m1h", "-5m"]);
    }

    #[test]
    fn names_and_addresses_are_those_of_the_network() {
        assert_format(
            "rfc1123-label",
            &["a", "a-1", "1a", &"a".repeat(63)],
            &["", "-a", "a-", "A", "a.b", "é", &"a".repeat(64)],
        );
        assert_format("hostname", &["a", "a.b-c.d"], &["", ".", "a.", "*.a", "a..b", "a_b", "A.b", &"a.".repeat(130)]);
        assert_format(
            "cidr",
            &["0.0.0.0/0", "10.0.0.1/32", "2001:db8::/32", "::/128"],
            &["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/08", "::/129", "::/32/1"],
        );
    }

    #[test]
    fn schedules_are_those_a_cron_job_takes() {
        assert_format(
            "cron",
            &["* * * * *", "*/5 0 1,15 * 1-5", "0 22 * JAN-mar Sun", "@daily", "5/15 * * * ?", "0  2 * * *"],
            &[
                "",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "0 24 * * *",
                "0 0 0 * *",
                "0 0 * 13 *",
                "0 0 * * 7",
                "*/0 * * * *",
                "5-1 * * * *",
                "1,, * * * *",
                "@often",
                "* * * mon *",
                "+1 * * * *",
            ],
        );
    }
}
