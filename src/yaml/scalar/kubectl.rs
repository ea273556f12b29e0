//! What kubectl reads in a plain scalar: YAML 1.1 as go-yaml v2 has it, then JSON.
//!
//! Source: `resolve` of go-yaml v2, `convertToJSONableObject` of sigs.k8s.io/yaml, and Go's `strconv.ParseInt` with the
//! base 0. Dates and numbers to the base of 60 stay text there.

use super::{Reading, int};
use crate::tree::Number;

/// Reads the text of a plain scalar. Never ambiguous.
pub fn read(text: &str) -> Reading {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Reading::Null,
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Reading::Bool(true),
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Reading::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Reading::OutOfRange("not a number"),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" => {
            Reading::OutOfRange("infinity")
        }
        _ if text.starts_with(['+', '-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) => number(text),
        _ => Reading::String,
    }
}

fn number(text: &str) -> Reading {
    // A date is text, also where underscores would make a number of it.
    let plain = if text.starts_with('.') { text.to_owned() } else { text.replace('_', "") };
    if let Some(whole) = whole(&plain) {
        return whole;
    }
    if !is_float(&plain) {
        return Reading::String;
    }
    match plain.parse::<f64>() {
        Ok(value) if value.is_finite() => Reading::Number(Number::Float(value)),
        _ => Reading::String,
    }
}

/// A whole number with the base that its beginning says; `None` if it is none, or beyond 64 bits.
fn whole(text: &str) -> Option<Reading> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (base, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, base).ok()?;
    if text.starts_with('-') {
        return 0_i64.checked_sub_unsigned(magnitude).map(int);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(int(value)),
        // Larger than any field of Kubernetes takes: what it is exactly does not matter.
        Err(_) => magnitude.to_string().parse().ok().map(|value| Reading::Number(Number::Float(value))),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, power)) => (mantissa, Some(power.strip_prefix(['+', '-']).unwrap_or(power))),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let some = !whole.is_empty() || !fraction.is_empty();
    some && digits(whole) && digits(fraction) && power.is_none_or(|power| !power.is_empty() && digits(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_what_kubectl_sends() {
        for text in ["yes", "On", "y", "TRUE"] {
            assert_eq!(read(text), Reading::Bool(true), "{text}");
        }
        for text in ["no", "OFF", "n", "False"] {
            assert_eq!(read(text), Reading::Bool(false), "{text}");
        }
        for (text, value) in [
            ("0", 0),
            ("+5", 5),
            ("012", 10),
            ("-010", -8),
            ("0o14", 12),
            ("0x1F", 31),
            ("-0x1f", -31),
            ("0b101", 5),
            ("1_000", 1000),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(read(text), int(value), "{text}");
        }
        for (text, value) in
            [("08", 8.0), ("1e3", 1000.0), ("-.5", -0.5), ("1.", 1.0), ("9223372036854775808", 2_f64.powi(63))]
        {
            assert_eq!(read(text), Reading::Number(Number::Float(value)), "{text}");
        }
        let texts = [
            "yEs",
            "nULL",
            "1:30",
            "2025-01-01",
            "500m",
            "1.2.3",
            "0x",
            "0xg",
            ".",
            "-",
            "+",
            "1e",
            "1e999",
            "e3",
            "=",
            "1__a",
        ];
        for text in texts {
            assert_eq!(read(text), Reading::String, "{text}");
        }
        assert_eq!(read(""), Reading::Null);
        assert!(matches!(read("-.INF"), Reading::OutOfRange(_)));
    }
}
