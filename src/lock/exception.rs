//! Overrides that a lock does not bind, for good or up to a day.

use std::sync::Arc;

use jiff::civil::Date;

use crate::source::Place;

/// An override that a lock does not bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The override.
    pub name: Arc<str>,
    /// Why, where that is said.
    pub reason: Option<Arc<str>>,
    /// The last day on which it holds, and where that is said. `None` for good.
    pub expires: Option<(Date, Place)>,
    /// Where the override is named.
    pub place: Place,
    /// Whether its last day was over when the settings were read.
    pub ended: bool,
}
