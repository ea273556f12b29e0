//! For which versions of Kubernetes something holds: `>=1.25 <1.35`.

use std::fmt;

/// A range of minor versions of Kubernetes 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Minors {
    from: u8,
    /// The first that is out again.
    below: u8,
}

impl Minors {
    /// Every version.
    pub(crate) const ALL: Self = Self { from: 0, below: u8::MAX };

    /// Reads `>=1.25`, `<1.35`, or both with a space between.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut range = Self::ALL;
        let mut words = 0;
        for word in text.split_whitespace() {
            words += 1;
            if let Some(version) = word.strip_prefix(">=") {
                range.from = minor(version)?;
            } else {
                range.below = minor(word.strip_prefix('<')?)?;
            }
        }
        (words > 0 && range.from < range.below).then_some(range)
    }

    /// Whether a minor version is among them.
    pub(crate) fn hold(self, minor: u8) -> bool {
        (self.from..self.below).contains(&minor)
    }
}

/// The minor of `1.34`.
pub(crate) fn minor(version: &str) -> Option<u8> {
    let digits = version.strip_prefix("1.")?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

impl fmt::Display for Minors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.below) {
            (0, u8::MAX) => f.write_str("every version"),
            (from, u8::MAX) => write!(f, ">=1.{from}"),
            (0, below) => write!(f, "<1.{below}"),
            (from, below) => write!(f, ">=1.{from} <1.{below}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_printed() {
        for text in [">=1.25", "<1.35", ">=1.25 <1.35"] {
            assert_eq!(Minors::parse(text).map(|range| range.to_string()).as_deref(), Some(text));
        }
        for text in ["", "1.25", ">1.25", ">=1.35 <1.25", ">=2.0", ">=1.x", "<1.", ">=1.999"] {
            assert_eq!(Minors::parse(text), None, "{text}");
        }
        let range = Minors::parse(">=1.25 <1.35").unwrap();
        assert_eq!([24, 25, 34, 35].map(|minor| range.hold(minor)), [false, true, true, false]);
    }
}
