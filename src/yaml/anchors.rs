//! Anchors of one document: values that aliases repeat, and what repeating them costs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Written;

/// A value with an anchor.
#[derive(Debug)]
pub(super) struct Anchored {
    /// The value.
    pub value: Written,
    /// Values in it, itself included.
    pub nodes: usize,
    /// Mappings and lists from it down to its deepest value.
    pub height: usize,
}

/// The anchors seen so far, by the parser's numbers.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    complete: BTreeMap<usize, Anchored>,
    names: Vec<Arc<str>>,
    kept: usize,
}

impl Anchors {
    /// Forgets everything: anchors do not reach into the next document.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Notes the name of an anchor, for "did you mean".
    pub(super) fn name(&mut self, name: &str) {
        self.names.push(name.into());
    }

    /// The names so far.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref)
    }

    /// Keeps a copy of a complete value. Returns whether all copies together still have at most `limit` values:
    /// anchors within anchors are copied once for each.
    pub(super) fn keep(&mut self, id: usize, value: &Written, nodes: usize, height: usize, limit: usize) -> bool {
        self.kept = self.kept.saturating_add(nodes);
        if self.kept > limit {
            return false;
        }
        self.complete.insert(id, Anchored { value: value.clone(), nodes, height });
        true
    }

    /// The value of an anchor; `None` while it is still being read, which is when it would contain itself.
    pub(super) fn get(&self, id: usize) -> Option<&Anchored> {
        self.complete.get(&id)
    }
}
