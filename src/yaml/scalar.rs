//! What a plain scalar means.
//!
//! In goes the text of a scalar without quotes, out comes its [`Reading`]. YAML 1.2's core schema (section 10.3 of
//! the specification) decides, but only where YAML 1.1 readers agree with it: `PyYAML`, and go-yaml v2, through which
//! kubectl reads. Where they differ the scalar is ambiguous, and the [`Doubt`] says how to write what was meant.

pub mod kubectl;

use std::fmt::Write as _;

use crate::tree::Number;

/// What a plain scalar is read as.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String,
    /// Something else for every reader.
    Ambiguous(Box<Doubt>),
    /// A number that JSON or 64 bits cannot hold; what kind of number.
    OutOfRange(&'static str),
}

/// Why a scalar is ambiguous.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// What YAML 1.2's core schema reads: never ambiguous itself.
    pub core: Reading,
    /// What is in doubt, for a label.
    pub why: &'static str,
    /// The spelling to write for each meaning.
    pub help: String,
}

/// Reads the text of a plain scalar.
pub fn read(text: &str) -> Reading {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Reading::Null,
        "true" | "True" | "TRUE" => return Reading::Bool(true),
        "false" | "False" | "FALSE" => return Reading::Bool(false),
        "=" | "<<" => return doubt(text, Reading::String, "a special sign of YAML 1.1", &[]),
        _ => {}
    }
    match text.as_bytes().first() {
        Some(b'+' | b'-' | b'.' | b'0'..=b'9') => number_like(text),
        Some(b'y' | b'Y' | b'n' | b'N' | b'o' | b'O') => word(text),
        _ => Reading::String,
    }
}

/// The words YAML 1.1 reads as booleans.
fn word(text: &str) -> Reading {
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let why = "a boolean in YAML 1.1 and text in YAML 1.2";
    if is(["yes", "on", "y"]) {
        doubt(text, Reading::String, why, &[("true".to_owned(), "the boolean")])
    } else if is(["no", "off", "n"]) {
        doubt(text, Reading::String, why, &[("false".to_owned(), "the boolean")])
    } else {
        Reading::String
    }
}

fn number_like(text: &str) -> Reading {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Reading::OutOfRange("infinity"),
        ".nan" | ".NaN" | ".NAN" if unsigned == text => return Reading::OutOfRange("not a number"),
        _ => {}
    }
    if unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        if let Some(reading) = radix(text, unsigned, negative) {
            return reading;
        }
        if is_timestamp(unsigned) {
            return doubt(text, Reading::String, "a date in YAML 1.1 and text in YAML 1.2", &[]);
        }
        if is_sexagesimal(unsigned) {
            let sign = if negative { "-" } else { "" };
            let why = "a number to the base of 60 in YAML 1.1 and text in YAML 1.2";
            let seconds = sexagesimal(unsigned);
            let number: Vec<_> = seconds.iter().map(|value| (format!("{sign}{value}"), "the number")).collect();
            return doubt(text, Reading::String, why, &number);
        }
    }
    if unsigned.contains('_') {
        return underscored(text);
    }
    decimal(text, unsigned)
}

/// `0x1F`, which all read alike, and `0o14`, `0b11` and other spellings, which they do not.
fn radix(text: &str, unsigned: &str, negative: bool) -> Option<Reading> {
    let (prefix, digits) = unsigned.split_at_checked(2)?;
    let base = match prefix {
        "0x" | "0X" => 16,
        "0o" | "0O" => 8,
        "0b" | "0B" => 2,
        _ => return None,
    };
    let digit = |c: char| c == '_' || c.is_digit(base);
    if digits.is_empty() || !digits.chars().all(digit) {
        return None;
    }
    let exact = prefix == "0x" && unsigned.len() == text.len() && !digits.contains('_');
    let value = i64::from_str_radix(&digits.replace('_', ""), base).ok();
    let value = if negative { value.map(|value| -value) } else { value };
    if exact {
        return Some(value.map_or(Reading::OutOfRange("a whole number of more than 64 bits"), int));
    }
    // Core knows `0x` and `0o` only, in lower case and without a sign.
    let core = match value {
        Some(value) if prefix == "0o" && unsigned.len() == text.len() && !digits.contains('_') => int(value),
        _ => Reading::String,
    };
    let number: Vec<_> = value.iter().map(|value| (value.to_string(), "the number")).collect();
    Some(doubt(text, core, "a number for some YAML readers and text for others", &number))
}

/// Digits with underscores between them: a number in YAML 1.1.
fn underscored(text: &str) -> Reading {
    let bare = text.replace('_', "");
    let meant = match read(&bare) {
        Reading::Number(number) => vec![(number.to_string(), "the number")],
        Reading::Ambiguous(_) | Reading::OutOfRange(_) => Vec::new(),
        _ => return Reading::String,
    };
    doubt(text, Reading::String, "a number in YAML 1.1 and text in YAML 1.2", &meant)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, the numbers of YAML 1.2.
fn decimal(text: &str, unsigned: &str) -> Reading {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let power = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let fits = digits(whole)
        && fraction.is_none_or(digits)
        && !(whole.is_empty() && fraction.is_none_or(str::is_empty))
        && power.is_none_or(|power| !power.is_empty() && digits(power));
    if !fits {
        return Reading::String;
    }
    if fraction.is_none() && exponent.is_none() {
        return integer(text, unsigned);
    }
    // Rust reads all of these spellings, the sign included.
    let value = text.parse().unwrap_or(f64::INFINITY);
    let vanished = value == 0.0 && mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    if !value.is_finite() || vanished {
        return Reading::OutOfRange("a decimal number beyond the range of 64 bits");
    }
    let number = Number::Float(value);
    let signed_power = exponent.is_none_or(|exponent| exponent.starts_with(['+', '-']));
    let signed_point = whole.is_empty() && unsigned.len() < text.len();
    if fraction.is_none() || !signed_power || signed_point {
        let why = "text in YAML 1.1 and a number in YAML 1.2";
        return doubt(text, Reading::Number(number), why, &[(number.to_string(), "the number")]);
    }
    Reading::Number(number)
}

/// Decimal digits with a sign or not; a leading zero makes an octal number of them in YAML 1.1.
fn integer(text: &str, digits: &str) -> Reading {
    let sign = if text.starts_with('-') { "-" } else { "" };
    let Ok(value) = text.parse::<i64>() else {
        return Reading::OutOfRange("a whole number of more than 64 bits");
    };
    if digits.len() == 1 || !digits.starts_with('0') {
        return int(value);
    }
    let mut meant = vec![(value.to_string(), "the decimal number")];
    if let Ok(octal) = i64::from_str_radix(digits, 8)
        && octal != value.abs()
    {
        meant.insert(0, (format!("{sign}{octal}"), "the octal number"));
    }
    doubt(text, int(value), "another number in YAML 1.1 than in YAML 1.2", &meant)
}

/// `[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`, where only the form with a point may begin with a zero.
fn is_sexagesimal(text: &str) -> bool {
    let (body, fraction) = match text.split_once('.') {
        Some((body, fraction)) => (body, Some(fraction)),
        None => (text, None),
    };
    let Some((first, rest)) = body.split_once(':') else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte == b'_' || byte.is_ascii_digit());
    let group = |group: &str| matches!(group.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    let zero = fraction.is_none() && first.starts_with('0');
    digits(first) && rest.split(':').all(group) && fraction.is_none_or(digits) && !zero
}

/// What a sexagesimal number stands for, if it can be held.
fn sexagesimal(text: &str) -> Option<Number> {
    let bare = text.replace('_', "");
    let (body, fraction) = bare.split_once('.').map_or((bare.as_str(), None), |(body, rest)| (body, Some(rest)));
    let value =
        body.split(':').try_fold(0_i64, |value, group| value.checked_mul(60)?.checked_add(group.parse().ok()?))?;
    match fraction {
        None => Some(Number::Int(value)),
        Some(fraction) => format!("{value}.{fraction}").parse().ok().map(Number::Float),
    }
}

/// Whether YAML 1.1 may take it for a date or a time: `2025-1-1`, then nothing or a clock time.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits(0) != 4 || bytes.get(4) != Some(&b'-') {
        return false;
    }
    let month = digits(5);
    let day_at = 5 + month + 1;
    let day = digits(day_at);
    if !matches!(month, 1 | 2) || bytes.get(5 + month) != Some(&b'-') || !matches!(day, 1 | 2) {
        return false;
    }
    let clock = &bytes[day_at + day..];
    let rest = match clock.first() {
        None => return true,
        Some(b'T' | b't' | b' ' | b'\t') => clock[1..].trim_ascii_start(),
        Some(_) => return false,
    };
    rest.first().is_some_and(u8::is_ascii_digit)
        && rest.iter().all(|byte| matches!(byte, b'0'..=b'9' | b':' | b'.' | b'+' | b'-' | b'Z' | b' ' | b'\t'))
}

fn int(value: i64) -> Reading {
    Reading::Number(Number::Int(value))
}

/// A doubt about `text`: `meant` holds spellings and what each stands for; quotes for the text come last.
fn doubt(text: &str, core: Reading, why: &'static str, meant: &[(String, &str)]) -> Reading {
    let mut help = String::from("write ");
    for (spelling, meaning) in meant {
        let _ = write!(help, "`{spelling}` for {meaning}, ");
    }
    let or = if meant.is_empty() { "" } else { "or " };
    let _ = write!(help, "{or}`\"{text}\"` for the text");
    Reading::Ambiguous(Box::new(Doubt { core, why, help }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_readers_agree_on_these() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(read(text), Reading::Null, "{text}");
        }
        for (text, value) in [("true", true), ("True", true), ("TRUE", true), ("false", false), ("FALSE", false)] {
            assert_eq!(read(text), Reading::Bool(value), "{text}");
        }
        for (text, value) in [
            ("0", 0),
            ("+5", 5),
            ("-3", -3),
            ("-0", 0),
            ("8080", 8080),
            ("0x1F", 31),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(read(text), int(value), "{text}");
        }
        for (text, value) in
            [("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("-0.0", 0.0), ("1.0e+16", 1e16), ("012.5", 12.5), ("1.E-2", 0.01)]
        {
            assert_eq!(read(text), Reading::Number(Number::Float(value)), "{text}");
        }
        for text in [
            "text",
            "nULL",
            "-",
            ".",
            "+",
            "-x",
            "1.2.3",
            "10.0.0.1",
            "1a",
            "0x",
            "0xg",
            "0o9",
            "0b2",
            "500m",
            "2Gi",
            "1h30m",
            "8080:80",
            "0:30",
            "08:30",
            "22:22x",
            "1_a",
            "_1",
            "+_",
            "2025-01",
            "2025-01-01x",
            "2025-01-01 notes",
            "1e",
            "e3",
            "1e+",
            "yesterday",
            "nope",
            "NaN",
            "inf",
            "-.nan",
            "v1",
            "é",
        ] {
            assert_eq!(read(text), Reading::String, "{text}");
        }
    }

    #[test]
    fn what_readers_see_differently_is_ambiguous_and_has_both_spellings() {
        for (text, core, help) in [
            ("no", Reading::String, "write `false` for the boolean, or `\"no\"` for the text"),
            ("YES", Reading::String, "write `true` for the boolean, or `\"YES\"` for the text"),
            ("On", Reading::String, "write `true` for the boolean, or `\"On\"` for the text"),
            ("off", Reading::String, "write `false` for the boolean, or `\"off\"` for the text"),
            ("y", Reading::String, "write `true` for the boolean, or `\"y\"` for the text"),
            ("N", Reading::String, "write `false` for the boolean, or `\"N\"` for the text"),
            ("012", int(12), "write `10` for the octal number, `12` for the decimal number, or `\"012\"` for the text"),
            (
                "-012",
                int(-12),
                "write `-10` for the octal number, `-12` for the decimal number, or `\"-012\"` for the text",
            ),
            ("08", int(8), "write `8` for the decimal number, or `\"08\"` for the text"),
            ("00", int(0), "write `0` for the decimal number, or `\"00\"` for the text"),
            ("0o14", int(12), "write `12` for the number, or `\"0o14\"` for the text"),
            ("0b11", Reading::String, "write `3` for the number, or `\"0b11\"` for the text"),
            ("-0x1F", Reading::String, "write `-31` for the number, or `\"-0x1F\"` for the text"),
            ("0X1F", Reading::String, "write `31` for the number, or `\"0X1F\"` for the text"),
            ("1_000", Reading::String, "write `1000` for the number, or `\"1_000\"` for the text"),
            ("1_0.5", Reading::String, "write `10.5` for the number, or `\"1_0.5\"` for the text"),
            ("1:30", Reading::String, "write `90` for the number, or `\"1:30\"` for the text"),
            ("-12:30:45", Reading::String, "write `-45045` for the number, or `\"-12:30:45\"` for the text"),
            ("1:30.5", Reading::String, "write `90.5` for the number, or `\"1:30.5\"` for the text"),
            ("2025-01-01", Reading::String, "write `\"2025-01-01\"` for the text"),
            ("2025-1-1T10:00:00Z", Reading::String, "write `\"2025-1-1T10:00:00Z\"` for the text"),
            ("1e3", Reading::Number(Number::Float(1e3)), "write `1000.0` for the number, or `\"1e3\"` for the text"),
            (
                "1.0e3",
                Reading::Number(Number::Float(1e3)),
                "write `1000.0` for the number, or `\"1.0e3\"` for the text",
            ),
            ("1E+3", Reading::Number(Number::Float(1e3)), "write `1000.0` for the number, or `\"1E+3\"` for the text"),
            ("-.5", Reading::Number(Number::Float(-0.5)), "write `-0.5` for the number, or `\"-.5\"` for the text"),
            ("=", Reading::String, "write `\"=\"` for the text"),
        ] {
            let Reading::Ambiguous(doubt) = read(text) else { panic!("{text} is not ambiguous") };
            assert_eq!((doubt.core, doubt.help.as_str()), (core, help), "{text}");
        }
    }

    #[test]
    fn numbers_that_cannot_be_held_are_out_of_range() {
        for text in [
            "9223372036854775808",
            "-9223372036854775809",
            "0xFFFFFFFFFFFFFFFF",
            "1.0e+999",
            "1e999",
            "1.0e-999",
            ".inf",
            "-.INF",
            ".NaN",
        ] {
            assert!(matches!(read(text), Reading::OutOfRange(_)), "{text}");
        }
    }
}
