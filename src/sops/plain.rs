//! A value that may be secret.

use std::fmt;

use zeroize::Zeroizing;

/// What a value was before it was encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Str,
    /// A whole number.
    Int,
    /// A decimal number.
    Float,
    /// `true` or `false`.
    Bool,
    /// Bytes, which must be UTF-8 here.
    Bytes,
    /// A time of YAML 1.1, in the form of RFC 3339.
    Time,
    /// The text of a comment, without its `#`.
    Comment,
}

impl Kind {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Str, "str"),
        (Self::Int, "int"),
        (Self::Float, "float"),
        (Self::Bool, "bool"),
        (Self::Bytes, "bytes"),
        (Self::Time, "time"),
        (Self::Comment, "comment"),
    ];

    /// The name in a file.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("str", |(_, name)| name)
    }

    /// The kind of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// A value that may be secret. It is wiped from memory when it is dropped, has no `Display` and no `Clone`, and shows as
/// `***` where it is debugged: [`Plain::reveal`] is the only way to its text.
pub struct Plain {
    kind: Kind,
    text: Zeroizing<String>,
}

impl Plain {
    /// A string.
    pub fn text(text: impl Into<Zeroizing<String>>) -> Self {
        Self { kind: Kind::Str, text: text.into() }
    }

    /// A value of a kind, whose text has the form of that kind.
    pub(super) fn of(kind: Kind, text: impl Into<Zeroizing<String>>) -> Self {
        Self { kind, text: text.into() }
    }

    /// What was encrypted as a kind, if it has the form of that kind.
    pub(super) fn decrypted(kind: Kind, bytes: &Zeroizing<Vec<u8>>) -> Option<Self> {
        let text = Zeroizing::new(std::str::from_utf8(bytes).ok()?.to_owned());
        let text = match kind {
            Kind::Bool if text.eq_ignore_ascii_case("true") => Zeroizing::new("true".to_owned()),
            Kind::Bool if text.eq_ignore_ascii_case("false") => Zeroizing::new("false".to_owned()),
            Kind::Bool => return None,
            Kind::Int if text.parse::<i64>().is_err() => return None,
            Kind::Float if !text.parse::<f64>().is_ok_and(f64::is_finite) => return None,
            _ => text,
        };
        Some(Self { kind, text })
    }

    /// The content. Numbers and `true` and `false` are as YAML writes them.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether there is nothing in it: such a string is never encrypted.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.kind == Kind::Str
    }

    /// The bytes that are encrypted and that the code over the file is made from.
    pub(super) fn bytes(&self) -> &[u8] {
        match (self.kind, self.text.as_str()) {
            (Kind::Bool, "true") => b"True",
            (Kind::Bool, _) => b"False",
            (_, text) => text.as_bytes(),
        }
    }

    /// Whether it is written as another is: times and bytes become strings when they are shown.
    pub(super) fn is_shown_as(&self, other: &Self) -> bool {
        let string = matches!(self.kind, Kind::Time | Kind::Bytes) && other.kind == Kind::Str;
        self.text == other.text && (self.kind == other.kind || string)
    }

    /// The same once more, where it must be in two places of one file.
    pub(crate) fn copy(&self) -> Self {
        Self { kind: self.kind, text: self.text.clone() }
    }
}

impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.text == other.text
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_debugged_is_not_shown() {
        assert_eq!(format!("{:?}", Plain::text("hunter2".to_owned())), "***");
    }

    #[test]
    fn a_value_has_the_form_of_its_kind() {
        let read = |kind, text: &str| Plain::decrypted(kind, &Zeroizing::new(text.as_bytes().to_vec()));
        for (kind, text) in [(Kind::Int, "x"), (Kind::Int, "1.0"), (Kind::Float, "inf"), (Kind::Bool, "yes")] {
            assert_eq!(read(kind, text), None, "{text}");
        }
        assert_eq!(
            read(Kind::Bool, "True").map(|plain| (plain.reveal().to_owned(), plain.bytes().to_vec())),
            Some(("true".to_owned(), b"True".to_vec()))
        );
        assert_eq!(Plain::decrypted(Kind::Str, &Zeroizing::new(vec![0xFF])), None);
    }
}
