//! Mappings: string keys in the order they were written.

mod alike;
mod mark;

pub(crate) use alike::Alike;

use std::iter::Zip;
use std::slice;
use std::sync::Arc;

use indexmap::{IndexSet, set};

use self::mark::Mark;
use super::Node;
use crate::source::Place;

/// A key. Shared, so that layers, trees and templates hold one copy.
pub type Key = Arc<str>;

/// The hasher is seeded at random against hostile keys; the order is that of insertion.
pub(crate) type Keys = IndexSet<Key, foldhash::fast::RandomState>;

/// A mapping. Its keys are shared with those it was cloned from, until one is added or removed.
#[derive(Clone, Debug, Default)]
pub struct Map {
    keys: Arc<Keys>,
    /// One for each key.
    entries: Vec<Entry>,
    mark: Mark,
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
        let keys = Keys::with_capacity_and_hasher(entries, foldhash::fast::RandomState::default());
        Self { keys: Arc::new(keys), entries: Vec::with_capacity(entries), mark: Mark::default() }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The value of a key, with the key's place.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(self.keys.get_index_of(key)?)
    }

    /// The value of a key, with the key's place, and its position among the others.
    pub(crate) fn position(&self, key: &str) -> Option<(usize, &Entry)> {
        let index = self.keys.get_index_of(key)?;
        Some((index, self.entries.get(index)?))
    }

    /// The value of a key, to change it.
    pub fn entry_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.mark = Mark::default();
        self.entries.get_mut(self.keys.get_index_of(key)?)
    }

    /// The value of the key that is the `index`th, to change it.
    pub(crate) fn node_mut(&mut self, index: usize) -> Option<&mut Node> {
        self.mark = Mark::default();
        self.entries.get_mut(index).map(|entry| &mut entry.node)
    }

    /// Puts a value. A new key goes last, a known one stays where it is.
    pub fn insert(&mut self, key: Key, entry: Entry) -> Option<Entry> {
        self.mark = Mark::default();
        let shared = Arc::get_mut(&mut self.keys).is_none();
        let index = match shared.then(|| self.keys.get_index_of(&key)).flatten() {
            Some(known) => known,
            None => Arc::make_mut(&mut self.keys).insert_full(key).0,
        };
        if let Some(known) = self.entries.get_mut(index) {
            return Some(std::mem::replace(known, entry));
        }
        self.entries.push(entry);
        None
    }

    /// Takes a key out and keeps the order of the others.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        self.mark = Mark::default();
        let index = self.keys.get_index_of(key)?;
        Arc::make_mut(&mut self.keys).shift_remove_index(index);
        Some(self.entries.remove(index))
    }

    /// The keys, to make others [`Alike`].
    pub(crate) fn shared_keys(&self) -> &Arc<Keys> {
        &self.keys
    }

    /// Whether the check of this number, which is not 0, has found the mapping right as it is.
    pub(crate) fn is_right(&self, check: u32) -> bool {
        self.mark.is(check)
    }

    /// Notes that the check of this number found the mapping right, with all that is in it.
    pub(crate) fn note_right(&self, check: u32) {
        self.mark.set(check);
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
        self.keys.iter()
    }

    /// Keys and entries in order.
    pub fn iter(&self) -> Iter<'_> {
        self.keys.iter().zip(&self.entries)
    }
}

/// The keys and entries of a mapping, in order.
pub type Iter<'a> = Zip<set::Iter<'a, Key>, slice::Iter<'a, Entry>>;

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Key, &'a Entry);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<(Key, Entry)> for Map {
    fn from_iter<I: IntoIterator<Item = (Key, Entry)>>(members: I) -> Self {
        let members = members.into_iter();
        let mut map = Self::with_capacity(members.size_hint().0);
        for (key, entry) in members {
            map.insert(key, entry);
        }
        map
    }
}

/// Equal as data: the same keys with equal values, in any order.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(key, entry)| other.get(key).is_some_and(|node| node.value == entry.node.value))
    }
}
