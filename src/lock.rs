//! Locks: what a layer owns, and later layers may not set or only tighten.
//!
//! A lock is a line under `locks` in the workspace's settings. The merge watches every lock after each layer above
//! the owner; a breach is TC310 and shows the lock, the owner's value and the offender.

mod breach;
mod exception;
mod pattern;
#[cfg(test)]
mod tests;

pub use exception::Exception;
pub(crate) use pattern::Reach;
pub use pattern::{Pattern, PatternError};

use std::fmt;
use std::sync::Arc;

use crate::source::Place;

/// What later layers may do with what is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: only the owner and the layers below it may set it.
    Fixed,
    /// Set it to at most the inherited value.
    AtMost,
    /// Set it to at least the inherited value.
    AtLeast,
    /// Add items and keys.
    Append,
}

impl Mode {
    /// Every mode, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Fixed, Self::AtMost, Self::AtLeast, Self::Append];

    /// The mode as the settings spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::AtMost => "at_most",
            Self::AtLeast => "at_least",
            Self::Append => "append",
        }
    }

    /// Reads a mode.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == text)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One lock.
#[derive(Clone, Debug)]
pub struct Lock {
    /// The paths it is about.
    pub pattern: Pattern,
    /// The layer that owns them.
    pub owner: Arc<str>,
    /// The owner's rank in the hierarchy; the lock binds the layers of a higher one.
    pub owner_rank: usize,
    /// What those may do.
    pub mode: Mode,
    /// Why.
    pub reason: Arc<str>,
    /// Overrides that are not bound.
    pub except: Vec<Exception>,
    /// Where the settings say so.
    pub place: Place,
}

impl Lock {
    /// The exception of an override; one that ended only if none holds.
    pub(crate) fn exception(&self, name: &str) -> Option<&Exception> {
        let own = || self.except.iter().filter(|exception| exception.name.as_ref() == name);
        own().find(|exception| !exception.ended).or_else(|| own().next())
    }
}
