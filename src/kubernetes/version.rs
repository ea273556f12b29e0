//! The versions of Kubernetes that objects are checked against.

use std::fmt;

/// The minor versions there are schemas of.
const MINORS: std::ops::RangeInclusive<u8> = 31..=36;

/// A minor version of Kubernetes, such as 1.34. Patch releases do not change what objects may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    minor: u8,
}

impl Version {
    /// The oldest one that is known.
    pub const OLDEST: Self = Self { minor: *MINORS.start() };
    /// The newest one that is known.
    pub const NEWEST: Self = Self { minor: *MINORS.end() };

    /// Reads `1.34`, `v1.34` and `1.34.2`; `None` if there are no schemas of it.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let rest = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.")?;
        let minor = match rest.split_once('.') {
            Some((minor, patch)) if digits(patch) => minor,
            None => rest,
            Some(_) => return None,
        };
        let minor = if digits(minor) { minor.parse().ok()? } else { return None };
        MINORS.contains(&minor).then_some(Self { minor })
    }

    /// One that a table names, known or not.
    pub(super) const fn minor(minor: u8) -> Self {
        Self { minor }
    }

    /// All that are known, the oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        MINORS.map(|minor| Self { minor })
    }

    /// The minor version as a number.
    pub(crate) fn number(self) -> u8 {
        self.minor
    }

    /// Its position among all, from 0.
    pub(super) fn position(self) -> usize {
        usize::from(self.minor.saturating_sub(*MINORS.start()))
    }
}

/// What a workspace that names none is made for.
impl Default for Version {
    fn default() -> Self {
        Self { minor: 34 }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_people_write_them() {
        let read = |text| Version::parse(text).map(|version| version.to_string());
        for text in ["1.34", "v1.34", "1.34.0", "v1.34.12"] {
            assert_eq!(read(text).as_deref(), Some("1.34"), "{text}");
        }
        for text in ["", "1", "1.", "1.30", "1.37", "2.34", "1.34.", "1.+34", "1.34.x", "1.034x", "34"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Version::all().count(), 6);
    }
}
