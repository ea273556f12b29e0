//! Durations as people write them for Kubernetes and Prometheus: `500ms`, `30s`, `1h30m`, `30d`, `2w`, `1y`.
//!
//! In goes the text, out comes an exact number of nanoseconds. A year is 365 days and a week 7, as in Prometheus. A
//! number without a unit is no duration, except `0`. `500m` here is 500 minutes; as a quantity it is one half, so the
//! caller must know which of the two a value is.

use std::fmt;

/// A length of time, exact to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration {
    nanoseconds: i128,
}

/// Units with their nanoseconds, largest first; the order in which they may follow each other.
const UNITS: [(&str, i128); 10] = [
    ("y", 365 * 86_400_000_000_000),
    ("w", 7 * 86_400_000_000_000),
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("ns", 1),
];

impl Duration {
    /// Reads a duration: numbers with units, larger units first, each at most once.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if rest == "0" {
            return Some(Self { nanoseconds: 0 });
        }
        let mut nanoseconds: i128 = 0;
        let mut larger = i128::MAX;
        if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let (number, after) = rest.split_at(number_end);
            let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
            let (name, after) = after.split_at(unit_end);
            let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == name)?;
            if *unit >= larger {
                return None;
            }
            larger = *unit;
            nanoseconds = nanoseconds.checked_add(amount(number, *unit)?)?;
            rest = after;
        }
        Some(Self { nanoseconds: if negative { -nanoseconds } else { nanoseconds } })
    }

    /// The length in nanoseconds.
    pub fn nanoseconds(self) -> i128 {
        self.nanoseconds
    }
}

/// `number` of a unit in nanoseconds, if that is whole.
fn amount(number: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    if number.starts_with('.') || number.ends_with('.') || fraction.contains('.') {
        return None;
    }
    let whole = whole.parse::<i128>().ok()?.checked_mul(unit)?;
    if fraction.is_empty() {
        return Some(whole);
    }
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = fraction.parse::<i128>().ok()?.checked_mul(unit)?;
    if part % scale == 0 { whole.checked_add(part / scale) } else { None }
}

/// Whole numbers of the units from days to nanoseconds, `1d12h`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanoseconds == 0 {
            return f.write_str("0s");
        }
        if self.nanoseconds < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.nanoseconds.abs();
        for (name, unit) in UNITS.iter().filter(|(name, _)| !matches!(*name, "y" | "w" | "µs")) {
            if rest / unit > 0 {
                write!(f, "{}{name}", rest / unit)?;
                rest %= unit;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_exact() {
        for (text, milliseconds) in [
            ("0", 0_i64),
            ("500ms", 500),
            ("30s", 30_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1.5h", 5_400_000),
            ("30d", 2_592_000_000),
            ("2w", 1_209_600_000),
            ("1y", 31_536_000_000),
            ("1d12h", 129_600_000),
            ("-1s", -1000),
            ("1500000us", 1500),
        ] {
            let duration = Duration::parse(text).map(Duration::nanoseconds);
            assert_eq!(duration, Some(i128::from(milliseconds) * 1_000_000), "{text}");
        }
        assert!(Duration::parse("90m") > Duration::parse("1h"));
        assert_eq!(Duration::parse("90m"), Duration::parse("1h30m"));
        assert_eq!(Duration::parse("36h").map(|duration| duration.to_string()).as_deref(), Some("1d12h"));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "-",
            "5",
            "s",
            "5x",
            "5 s",
            " 5s",
            "5s ",
            "1h1h",
            "30m1h",
            "1ms1s",
            ".5s",
            "5.s",
            "1.2.3s",
            "0.1ns",
            "1us1µs",
            "abc",
            "5M",
            "1e3s",
            "999999999999999999999999999999999999999y",
        ] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_means_the_same(text in "-?([0-9]{1,4}d)?([0-9]{1,4}h)?([0-9]{1,4}(\\.[0-9]{1,3})?s)?([0-9]{1,9}ns)?") {
            if let Some(duration) = Duration::parse(&text) {
                prop_assert_eq!(Duration::parse(&duration.to_string()), Some(duration));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = Duration::parse(&text);
        }
    }
}
