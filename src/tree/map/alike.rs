//! Mappings made one after the other whose keys are mostly the same.

use std::sync::Arc;

use super::mark::Mark;
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
                Map { keys: Arc::clone(self.other), entries: self.entries, mark: Mark::default() }
            }
            None => self.so_far(),
        }
    }

    fn so_far(&mut self) -> Map {
        self.other.iter().cloned().zip(self.entries.drain(..)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Place};
    use crate::tree::{Node, Value};

    fn entry(value: bool) -> Entry {
        let place = Place::top(FileId::NONE);
        Entry { key: place, node: Node::new(Value::Bool(value), place) }
    }

    fn alike(other: &Map, keys: &[&str]) -> Map {
        let mut map = Alike::to(other.shared_keys());
        for key in keys {
            assert!(map.insert(key, entry(true)).is_none());
        }
        map.finish()
    }

    #[test]
    fn keys_are_shared_only_with_a_mapping_that_has_the_same() {
        let other: Map = ["a", "b", "c"].map(|key| (key.into(), entry(false))).into_iter().collect();
        for keys in [&["a", "b", "c"][..], &["a", "c", "b"], &["a", "b"], &["a", "b", "c", "d"], &["d"], &[]] {
            let map = alike(&other, keys);
            assert_eq!(map.keys().map(AsRef::as_ref).collect::<Vec<_>>(), keys);
            assert!(keys.iter().all(|key| map.get(key).is_some_and(|node| node.value == Value::Bool(true))));
            assert_eq!(Arc::ptr_eq(&map.keys, &other.keys), keys == ["a", "b", "c"]);
        }
    }

    #[test]
    fn a_key_that_was_put_before_gives_what_it_beat() {
        let other: Map = ["a", "b"].map(|key| (key.into(), entry(false))).into_iter().collect();
        let mut map = Alike::to(other.shared_keys());
        assert!(map.insert("a", entry(true)).is_none());
        assert!(map.insert("a", entry(false)).is_some_and(|beaten| beaten.node.value == Value::Bool(true)));
        assert_eq!(map.finish().len(), 1);
    }
}
