//! A mark that a check leaves on a mapping which it found right, so that it need not look again.
//!
//! What templates have literally is one mapping for all tenants. A copy has no mark, nor has a mapping that is changed.

use std::sync::atomic::{AtomicU32, Ordering};

/// The number of the last check that found a mapping right; 0 for none. It is no part of the value.
#[derive(Debug, Default)]
pub(super) struct Mark(AtomicU32);

impl Mark {
    pub(super) fn is(&self, number: u32) -> bool {
        self.0.load(Ordering::Relaxed) == number
    }

    pub(super) fn set(&self, number: u32) {
        self.0.store(number, Ordering::Relaxed);
    }
}

/// A copy may be filled otherwise.
impl Clone for Mark {
    fn clone(&self) -> Self {
        Self::default()
    }
}
