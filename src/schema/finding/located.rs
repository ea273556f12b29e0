//! The value an error is about: its path, and the key it stands at.

use indexmap::IndexMap;

use crate::path::{Path, Step};
use crate::schema::{json, positions};
use crate::source::Place;
use crate::tree::{Entry, Node, Value};

/// A value of the tree that is checked.
pub(super) struct Located<'a> {
    pub(super) path: Path,
    pub(super) node: &'a Node,
    /// The place of its key; `None` for the root and for items of lists.
    key: Option<Place>,
}

impl<'a> Located<'a> {
    /// Follows a JSON pointer from the root.
    pub(super) fn find(root: &'a Node, pointer: &str) -> Option<Self> {
        let mut found = Self { path: Path::root(), node: root, key: None };
        for segment in positions::segments(pointer) {
            found = match &found.node.value {
                Value::Map(map) => {
                    let entry = map.entry(&segment)?;
                    Self { path: found.path.key(&segment), node: &entry.node, key: Some(entry.key) }
                }
                Value::List(items) => {
                    let index = segment.parse().ok()?;
                    Self { path: found.path.index(index), node: items.get(index)?, key: None }
                }
                _ => return None,
            };
        }
        Some(found)
    }

    /// A member of the mapping.
    pub(super) fn member(&self, key: &str) -> Option<&'a Entry> {
        self.node.value.as_map()?.entry(key)
    }

    /// Where the value begins: its key, or else the first byte of it.
    pub(super) fn head(&self) -> Place {
        let place = self.node.place;
        self.key.unwrap_or(Place { end: place.start, ..place })
    }

    /// The first item of the list that is there twice: where it is first and where again.
    pub(super) fn repeated(&self) -> Option<(Self, Self)> {
        let item = |index: usize, node| Self { path: self.path.index(index), node, key: None };
        let items = self.node.value.as_list()?;
        let mut seen: IndexMap<String, usize> = IndexMap::new();
        for (index, node) in items.iter().enumerate() {
            if let Some(first) = seen.insert(json::plain(node).to_string(), index) {
                return Some((item(first, items.get(first)?), item(index, node)));
            }
        }
        None
    }

    /// The last key of the path, if it ends with one.
    pub(super) fn last_key(&self) -> Option<&str> {
        match self.path.steps().last() {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        }
    }
}
