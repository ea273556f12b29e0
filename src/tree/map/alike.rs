//! Mappings made one after the other whose keys are mostly the same.

use std::sync::Arc;

use super::{Entry, Keys, Map};

/// A mapping that is being made. As long as its keys are those of another, in their order, it has no keys of its own.
pub(crate) struct Alike<'a> {
    other: &'a Arc<Keys>,
    entries: Vec<Entry>,
    /// The mapping, once a key differed.
    own: Option<Map>,
}

impl<'a> Alike<'a> {
    /// An empty mapping that may get the keys of another.
    pub(crate) fn to(other: &'a Arc<Keys>) -> Self {
        Self { other, entries: Vec::with_capacity(other.len()), own: None }
    }

    /// Puts a value, as [`Map::insert`] does.
    pub(crate) fn insert(&mut self, key: &str, entry: Entry) -> Option<Entry> {
        if self.own.is_none() {
            if self.other.get_index(self.entries.len()).is_some_and(|next| next.as_ref() == key) {
                self.entries.push(entry);
                return None;
            }
            self.own = Some(self.so_far());
        }
        self.own.as_mut()?.insert(key.into(), entry)
    }

    /// The mapping.
    pub(crate) fn finish(mut self) -> Map {
        match self.own {
            Some(map) => map,
            None if self.entries.len() == self.other.len() => {
                Map { keys: Arc::clone(self.other), entries: self.entries }
            }
            None => self.so_far(),
        }
    }

    fn so_far(&mut self) -> Map {
        self.other.iter().cloned().zip(self.entries.drain(..)).collect()
    }
}
