//! By whose rules a text is read: ours, which refuse what readers disagree about, or kubectl's.

use std::ops::Range;

use super::scalar::{self, Reading, kubectl};

/// Whose rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Ours: YAML 1.2, and an error where YAML 1.1 differs; the tags are those of the merge.
    House,
    /// kubectl's: YAML 1.1 as go-yaml reads it, or a stream of JSON; the tags are those of YAML. Keys become strings.
    Kubectl,
}

impl Dialect {
    /// What a plain scalar is.
    pub(super) fn reading(self, text: &str) -> Reading {
        match self {
            Self::House => scalar::read(text),
            Self::Kubectl => kubectl::read(text),
        }
    }

    /// The key that a plain scalar stands for where it is no string: JSON has no other keys.
    pub(super) fn key(self, text: &str) -> Option<String> {
        match (self, kubectl::read(text)) {
            (Self::Kubectl, Reading::Bool(flag)) => Some(flag.to_string()),
            (Self::Kubectl, Reading::Number(number)) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The parts of a text that are read one after the other: values of JSON need nothing between them.
    pub(super) fn parts(self, text: &str) -> Vec<Range<usize>> {
        let whole = std::iter::once(0..text.len()).collect();
        let start = text.len() - text.trim_start_matches('\u{FEFF}').trim_start().len();
        let json = text.get(start..).filter(|rest| self == Self::Kubectl && rest.starts_with('{'));
        let Some(json) = json else { return whole };
        let mut values = serde_json::Deserializer::from_str(json).into_iter::<serde::de::IgnoredAny>();
        let mut parts = Vec::new();
        let mut begin = 0;
        while let Some(value) = values.next() {
            if value.is_err() {
                // It is no JSON: what it is instead, the reader says.
                return whole;
            }
            let end = values.byte_offset();
            parts.push(start + begin..start + end);
            begin = end;
        }
        parts
    }
}
