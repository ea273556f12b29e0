//! What is being checked, as the messages need it.

use std::fmt;
use std::sync::Arc;

use crate::source::Place;

/// What is being checked, for the messages.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Names the layer a place belongs to, such as `tenant`.
    pub layer: &'a dyn Fn(Place) -> Option<Arc<str>>,
    /// What is checked as a whole, such as `the merged configuration`.
    pub label: Option<&'a str>,
    /// Whether this is one layer, which need not hold what others do. Says where a key is missing.
    pub partial: bool,
}

impl Subject<'_> {
    /// The label, or a general word.
    pub(super) fn whole(&self) -> &str {
        self.label.unwrap_or("the configuration")
    }

    /// `{what}, set by layer tenant`, or only what.
    pub(super) fn set_by(&self, what: &str, place: Place) -> String {
        match (self.layer)(place) {
            Some(layer) => format!("{what}, set by layer {layer}"),
            None => what.to_owned(),
        }
    }
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("label", &self.label).field("partial", &self.partial).finish_non_exhaustive()
    }
}
