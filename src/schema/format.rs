//! The formats a schema may ask of a text: which exist, how they are said in words, and our own checks.
//!
//! `email`, `uri` and the rest of JSON Schema's formats are checked by the engine. Editors know none of ours, and their
//! own idea of the others, so each has a pattern for them as well.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::duration::Duration;
use crate::quantity::Quantity;

/// A format in words: "must be {words}, such as `{example}`".
pub(super) struct Format {
    pub(super) name: &'static str,
    pub(super) words: &'static str,
    pub(super) example: &'static str,
    /// What every such text matches, and few others, in the words of ECMAScript; empty where all texts do.
    pub(super) pattern: &'static str,
    /// Our check; `None` where the engine has one.
    pub(super) check: Option<fn(&str) -> bool>,
}

/// Every format that has words of its own.
pub(super) static FORMATS: &[Format] = &[
    ours("quantity", "a Kubernetes quantity", "500m", QUANTITY, quantity),
    ours("duration", "a duration", "1h30m", "^([0-9.]+(ns|us|µs|ms|[smhdwy]))+$|^0$", duration),
    ours(
        "rfc1123-label",
        "lower-case letters, digits and `-`, at most 63, beginning and ending with a letter or digit",
        "acme-corp",
        "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        label,
    ),
    ours("cidr", "an address range in CIDR notation", "10.0.0.0/16", "^[0-9A-Fa-f:.]+/[0-9]{1,3}$", cidr),
    ours("cron", "a cron schedule of five fields", "30 2 * * *", r"^@[a-z]+$|^\s*\S+(\s+\S+){4}\s*$", cron),
    ours("hostname", "a host name in lower case", "app.example.com", "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", hostname),
    theirs("email", "an email address", "team@example.com", "@"),
    theirs("uri", "an absolute URI", "https://example.com/path", "^[A-Za-z][A-Za-z0-9+.-]*:"),
    theirs("uri-reference", "a URI or a relative reference", "/path", ""),
    theirs("date", "a date", "2026-01-31", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    theirs("date-time", "a date and time with its offset", "2026-01-31T12:00:00Z", "^[0-9]{4}-[0-9]{2}-[0-9]{2}[^0-9]"),
    theirs("time", "a time with its offset", "12:00:00Z", "^[0-9]{2}:[0-9]{2}:[0-9]{2}"),
    theirs("ipv4", "an IPv4 address", "10.0.0.1", r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$"),
    theirs("ipv6", "an IPv6 address", "2001:db8::1", "^[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*$"),
    theirs(
        "uuid",
        "a UUID",
        "123e4567-e89b-12d3-a456-426614174000",
        "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
    ),
    theirs("regex", "a regular expression", "^[a-z]+$", ""),
    theirs("json-pointer", "a JSON pointer", "/spec/replicas", "^(/|$)"),
];

const QUANTITY: &str = "^[+-]?[0-9.]+([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";

const fn ours(
    name: &'static str,
    words: &'static str,
    example: &'static str,
    pattern: &'static str,
    check: fn(&str) -> bool,
) -> Format {
    Format { name, words, example, pattern, check: Some(check) }
}

const fn theirs(name: &'static str, words: &'static str, example: &'static str, pattern: &'static str) -> Format {
    Format { name, words, example, pattern, check: None }
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
    use serde_json::json;

    use super::*;

    fn assert_format(name: &str, good: &[&str], bad: &[&str]) {
        let format = find(name).unwrap();
        let check = format.check.unwrap();
        let pattern = jsonschema::draft7::new(&json!({ "pattern": format.pattern })).unwrap();
        assert!(check(format.example), "{name}: the example");
        for text in good {
            assert!(check(text), "{name}: {text:?} is good");
            assert!(pattern.is_valid(&json!(text)), "{name}: {text:?} matches the pattern for editors");
        }
        for text in bad {
            assert!(!check(text), "{name}: {text:?} is bad");
        }
    }

    /// Of the formats that the engine checks, a few that it takes.
    #[test]
    fn what_the_engine_takes_matches_the_pattern_for_editors() {
        let texts = [
            ("email", &["a@b.example", "\"a b\"@c.example", "a@localhost", "x@[127.0.0.1]"] as &[&str]),
            ("uri", &["https://a.example/b?c#d", "urn:x:y", "mailto:a@b.example"]),
            ("date", &["2026-01-31", "2024-02-29"]),
            ("date-time", &["2026-01-31T12:00:00Z", "2026-01-31t12:00:00.5+01:00", "1998-12-31T23:59:60Z"]),
            ("time", &["12:00:00Z", "12:00:00.25-08:00", "23:59:60Z"]),
            ("ipv4", &["10.0.0.1", "255.255.255.255"]),
            ("ipv6", &["::", "::1", "2001:db8::1", "::ffff:10.0.0.1"]),
            ("uuid", &["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"]),
            ("json-pointer", &["", "/", "/a~1b"]),
        ];
        for (name, texts) in texts {
            let pattern = find(name).unwrap().pattern;
            let pattern = jsonschema::draft7::new(&json!({ "pattern": pattern })).unwrap();
            let format = jsonschema::options().should_validate_formats(true).build(&json!({ "format": name })).unwrap();
            for text in texts {
                assert!(format.is_valid(&json!(text)), "{name}: {text:?} is one");
                assert!(pattern.is_valid(&json!(text)), "{name}: {text:?}");
            }
        }
        let named: Vec<&str> = texts.iter().map(|(name, _)| *name).collect();
        let theirs = FORMATS.iter().filter(|format| format.check.is_none() && !format.pattern.is_empty());
        assert_eq!(theirs.map(|format| format.name).collect::<Vec<_>>(), named);
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
