//! What a release is called: `7`, or `7-3fa2c0` where two branches both made a seventh.

use std::fmt;
use std::str::FromStr;

use super::digest::Digest;

/// The number of a release, perhaps with the first digits of its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    number: u64,
    digits: String,
}

impl Number {
    /// The number of one release, with enough digits to tell it from every other one.
    pub(super) fn exact(number: u64, hash: &Digest) -> Self {
        Self { number, digits: hash.short() }
    }

    /// Whether it is that of an entry.
    pub(super) fn is(&self, number: u64, hash: &Digest) -> bool {
        self.number == number && hash.hex().starts_with(&self.digits)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number)?;
        if self.digits.is_empty() { Ok(()) } else { write!(f, "-{}", self.digits) }
    }
}

impl FromStr for Number {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "a release is called by its number, such as 7, or 7-3fa2c0 with digits of its hash";
        let (number, digits) = text.split_once('-').unwrap_or((text, ""));
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if !number.bytes().all(|byte| byte.is_ascii_digit()) || digits.len() > 64 || !digits.bytes().all(hexadecimal) {
            return Err(WRONG);
        }
        Ok(Self { number: number.parse().map_err(|_| WRONG)?, digits: digits.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_with_and_without_digits() {
        let hash = Digest::of("abc");
        for (text, is) in [("7", true), ("7-", true), ("7-ba78", true), ("7-bb", false), ("8", false), ("007", true)] {
            assert_eq!(text.parse::<Number>().unwrap().is(7, &hash), is, "{text}");
        }
        for text in ["", "x", "-7", "7-BA", "7-x", "99999999999999999999999"] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
        assert_eq!(Number::exact(7, &hash).to_string(), "7-ba7816bf8f01");
    }
}
