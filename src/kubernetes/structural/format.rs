//! The forms of strings that the API server checks by name. Names it does not know ask for nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A form of strings, or of integers.
#[derive(Debug)]
pub(in crate::kubernetes) struct Format {
    name: &'static str,
    /// With an article: "a date".
    pub(in crate::kubernetes) words: &'static str,
    /// Empty where there is none.
    pub(in crate::kubernetes) example: &'static str,
    check: Check,
}

#[derive(Debug)]
enum Check {
    Text(fn(&str) -> bool),
    Whole(i64, i64),
}

const fn text(name: &'static str, words: &'static str, example: &'static str, check: fn(&str) -> bool) -> Format {
    Format { name, words, example, check: Check::Text(check) }
}

static FORMATS: &[Format] = &[
    Format { name: "int32", words: "an integer of 32 bits", example: "", check: Check::Whole(-1 << 31, (1 << 31) - 1) },
    Format { name: "int64", words: "an integer of 64 bits", example: "", check: Check::Whole(i64::MIN, i64::MAX) },
    text("byte", "text in base64", "aGVsbG8=", is_base64),
    text("date", "a date", "2026-01-31", |text| text.len() == 10 && text.parse::<Date>().is_ok()),
    text("date-time", "a date and time with its offset", "2026-01-31T12:00:00Z", is_time),
    text("datetime", "a date and time with its offset", "2026-01-31T12:00:00Z", is_time),
    text("duration", "a duration", "1h30m", is_duration),
    text("email", "an email address", "team@example.com", is_email),
    text("hostname", "a host name", "app.example.com", is_hostname),
    text("ipv4", "an IPv4 address", "10.0.0.1", |text| text.parse::<Ipv4Addr>().is_ok()),
    text("ipv6", "an IPv6 address", "2001:db8::1", |text| text.parse::<Ipv6Addr>().is_ok()),
    text("cidr", "an address range in CIDR notation", "10.0.0.0/16", is_cidr),
    text("mac", "a hardware address", "00:00:5e:00:53:01", is_mac),
    text("uri", "a URI, or a path from the root", "https://example.com/path", is_uri),
    text(
        "dns-label",
        "lower-case letters, digits and `-`, at most 63, with a letter or digit at both ends",
        "web",
        is_label,
    ),
    text(
        "label-value",
        "letters, digits, `-`, `_` and `.`, at most 63, with a letter or digit at both ends",
        "web",
        is_label_value,
    ),
    text("cluster-ip", "an IP address, or `None`", "10.0.0.1", is_cluster_ip),
    text(
        "iana-port-name",
        "a number, or a name of at most 15 lower-case letters, digits and `-`, with a letter",
        "http",
        is_port_name,
    ),
    text("whole-percentage", "a number, or a percentage", "25%", is_percentage),
    text("absolute-path", "a path that begins with `/`", "/api", |text| text.is_empty() || text.starts_with('/')),
    text("cron", "a schedule of five fields", "0 2 * * *", super::cron::is_schedule),
    text("limit-range-type", "Container, Pod, PersistentVolumeClaim or a name with a domain", "Container", |text| {
        matches!(text, "Container" | "Pod" | "PersistentVolumeClaim") || text.contains('/')
    }),
    text("one-address", "an IP address", "10.0.0.1", |text| text.parse::<IpAddr>().is_ok()),
    text("uuid", "a UUID", "123e4567-e89b-12d3-a456-426614174000", is_uuid),
];

impl Format {
    /// The form of a name.
    pub(in crate::kubernetes) fn find(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// Its name in schemas.
    pub(in crate::kubernetes) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether a string has the form; one of numbers says nothing of strings.
    pub(in crate::kubernetes) fn fits_text(&self, text: &str) -> bool {
        match self.check {
            Check::Text(check) => check(text),
            Check::Whole(..) => true,
        }
    }

    /// Whether a whole number has the form.
    pub(in crate::kubernetes) fn fits_whole(&self, number: i64) -> bool {
        match self.check {
            Check::Text(_) => true,
            Check::Whole(least, most) => (least..=most).contains(&number),
        }
    }
}

/// What a Service may ask for; nothing asks for any.
fn is_cluster_ip(text: &str) -> bool {
    matches!(text, "" | "None") || text.parse::<IpAddr>().is_ok()
}

/// A name of RFC 6335, or nothing.
fn is_port_name(text: &str) -> bool {
    text.is_empty()
        || (text.len() <= 15
            && is_label(text)
            && !text.contains("--")
            && text.bytes().any(|byte| byte.is_ascii_lowercase()))
}

fn is_percentage(text: &str) -> bool {
    let digits = text.strip_suffix('%').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A label of RFC 1123, or nothing.
fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= 63 && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// The value of a label, which may be empty.
fn is_label_value(text: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Base64 with padding; line ends do not count.
fn is_base64(text: &str) -> bool {
    if !text.contains(['\n', '\r']) {
        return STANDARD.decode(text).is_ok();
    }
    STANDARD.decode(text.replace(['\n', '\r'], "")).is_ok()
}

fn is_time(text: &str) -> bool {
    // RFC 3339 alone: the parser knows other forms as well.
    text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't'))
        && !text.contains('[')
        && text.parse::<Timestamp>().is_ok()
}

/// As Go writes them, or in words such as `3 days`.
fn is_duration(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    unsigned == "0" || crate::duration::Duration::parse(unsigned).is_some() || text.parse::<SignedDuration>().is_ok()
}

fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains(' '))
}

fn is_hostname(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let text = text.strip_suffix('.').unwrap_or(text);
    text.len() <= 255 && text.split('.').all(label)
}

fn is_cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return false };
    if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let prefix: u32 = prefix.parse().unwrap_or(u32::MAX);
    (address.parse::<Ipv4Addr>().is_ok() && prefix <= 32) || (address.parse::<Ipv6Addr>().is_ok() && prefix <= 128)
}

fn is_mac(text: &str) -> bool {
    let pairs = |sign| {
        let parts: Vec<&str> = text.split(sign).collect();
        let hexadecimal = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        matches!(parts.len(), 6 | 8 | 20) && parts.iter().all(hexadecimal)
    };
    pairs(':') || pairs('-')
}

/// A path from the root, or a scheme and what follows.
fn is_uri(text: &str) -> bool {
    let scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    };
    let visible = !text.contains(|c: char| c.is_control() || c == ' ');
    visible && (text.starts_with('/') || text.split_once(':').is_some_and(|(before, _)| scheme(before)))
}

fn is_uuid(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    let dashes: Vec<usize> = text.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(at, _)| at).collect();
    digits == 32 && ((text.len() == 32) || (text.len() == 36 && dashes == [8, 13, 18, 23]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_good_and_bad_strings() {
        for (name, good, bad) in [
            ("byte", &["", "aGVsbG8=", "aGVs\nbG8="][..], &["aGVsbG8", "*"][..]),
            ("date", &["2026-01-31"], &["2026-02-31", "2026-1-1", "today"]),
            (
                "date-time",
                &["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+02:00"],
                &["2026-01-31", "2026-01-31 12:00:00Z"],
            ),
            ("duration", &["1h30m", "0", "500ms", "1.5h", "-5m"], &["", "5", "soon"]),
            ("email", &["a@b.example"], &["a", "@b", "a@"]),
            ("hostname", &["a", "A.b-c"], &["", "-a", "a_b"]),
            ("ipv4", &["10.0.0.1"], &["10.0.0", "::1"]),
            ("ipv6", &["::1"], &["10.0.0.1"]),
            ("cidr", &["10.0.0.0/8", "::/0"], &["10.0.0.0", "10.0.0.0/33", "10.0.0.0/+8"]),
            ("mac", &["00:00:5e:00:53:01"], &["00:00:5e:00:53", "0:0:5e:0:53:1"]),
            ("uri", &["https://x/y", "/x", "urn:x"], &["", "x", "1:x", "http://a b"]),
            ("cluster-ip", &["", "None", "10.0.0.1", "::1"], &["none", "10.0.0", "a"]),
            ("absolute-path", &["", "/", "/a"], &["a", "./a"]),
            ("cron", &["0 2 * * *", "@daily"], &["", "daily", "60 * * * *"]),
            ("limit-range-type", &["Pod", "openshift.io/Image"], &["pod", ""]),
            ("one-address", &["10.0.0.1", "::1"], &["", "None", "10.0.0"]),
            ("iana-port-name", &["", "http", "h-2"], &["80", "a--b", "-a", "Http", "abcdefghijklmnop"]),
            ("whole-percentage", &["0%", "125%"], &["", "%", "25", "2.5%", "-5%"]),
            ("dns-label", &["", "a", "a-1"], &["-a", "A", "a.b"]),
            ("label-value", &["", "a", "A_b.c-1"], &["-a", "a b", "a."]),
            ("uuid", &["123e4567-e89b-12d3-a456-426614174000"], &["123e4567", "123e4567-e89b-12d3-a456-42661417400g"]),
        ] {
            let format = Format::find(name).expect(name);
            assert!(format.fits_text(format.example), "{name}: the example");
            for text in good {
                assert!(format.fits_text(text), "{name}: {text:?} is good");
            }
            for text in bad {
                assert!(!format.fits_text(text), "{name}: {text:?} is bad");
            }
        }
        let int32 = Format::find("int32").expect("int32");
        assert!(int32.fits_whole(i64::from(i32::MAX)) && !int32.fits_whole(i64::from(i32::MAX) + 1));
        assert!(Format::find("password").is_none());
    }
}
