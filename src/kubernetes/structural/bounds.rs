//! Limits of one value: what it may be among all of its type.

use super::{Format, Pattern};
use crate::tree::{Number, Value};

/// Limits of a value. Each holds for the type of value that it speaks of and says nothing of others.
#[derive(Debug, Default)]
pub(in crate::kubernetes) struct Bounds {
    /// The values there are; all if it is empty.
    pub(in crate::kubernetes) allowed: Vec<Value>,
    pub(in crate::kubernetes) pattern: Option<Pattern>,
    pub(in crate::kubernetes) format: Option<&'static Format>,
    pub(in crate::kubernetes) minimum: Option<Limit>,
    pub(in crate::kubernetes) maximum: Option<Limit>,
    pub(in crate::kubernetes) multiple_of: Option<Number>,
    /// Characters of a string.
    pub(in crate::kubernetes) length: Between,
    /// Items of a list.
    pub(in crate::kubernetes) items: Between,
    /// Members of a mapping.
    pub(in crate::kubernetes) members: Between,
}

/// A number that a value may not pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::kubernetes) struct Limit {
    pub(in crate::kubernetes) number: Number,
    /// Whether the value may not be this number either.
    pub(in crate::kubernetes) exclusive: bool,
}

/// The least and the most of what can be counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::kubernetes) struct Between {
    pub(in crate::kubernetes) least: Option<usize>,
    pub(in crate::kubernetes) most: Option<usize>,
}

impl Bounds {
    /// Whether they bound nothing.
    pub(super) fn is_empty(&self) -> bool {
        let Self { allowed, pattern, format, minimum, maximum, multiple_of, length, items, members } = self;
        allowed.is_empty()
            && pattern.is_none()
            && format.is_none()
            && minimum.is_none()
            && maximum.is_none()
            && multiple_of.is_none()
            && [length, items, members].into_iter().all(|between| *between == Between::default())
    }
}
