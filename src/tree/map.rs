//! Mappings: string keys in the order they were written.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Node;
use crate::source::Place;

/// A key. Shared, so that layers, trees and templates hold one copy.
pub type Key = Arc<str>;

/// A mapping. The hasher is seeded at random against hostile keys; the order is that of insertion.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: IndexMap<Key, Entry, foldhash::fast::RandomState>,
}

/// A value of a mapping and where its key was written.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Place of the key, in the highest layer that wrote it.
    pub key: Place,
    /// The value.
    pub node: Node,
}

impl Map {
    /// An empty mapping with room for `entries`.
    pub fn with_capacity(entries: usize) -> Self {
        Self { entries: IndexMap::with_capacity_and_hasher(entries, foldhash::fast::RandomState::default()) }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(key).map(|entry| &entry.node)
    }

    /// The value of a key, with the key's place.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The value of a key, to change it.
    pub fn entry_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.get_mut(key)
    }

    /// Puts a value. A new key goes last, a known one stays where it is.
    pub fn insert(&mut self, key: Key, entry: Entry) -> Option<Entry> {
        self.entries.insert(key, entry)
    }

    /// Takes a key out and keeps the order of the others.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        self.entries.shift_remove(key)
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.entries.keys()
    }

    /// Keys and entries in order.
    pub fn iter(&self) -> indexmap::map::Iter<'_, Key, Entry> {
        self.entries.iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Key, &'a Entry);
    type IntoIter = indexmap::map::Iter<'a, Key, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<(Key, Entry)> for Map {
    fn from_iter<I: IntoIterator<Item = (Key, Entry)>>(entries: I) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

/// Equal as data: the same keys with equal values, in any order.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(key, entry)| other.get(key).is_some_and(|node| node.value == entry.node.value))
    }
}
