//! The value an error is about: its path, and the key it stands at.

use crate::path::{Path, Step};
use crate::schema::positions;
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

    /// The last key of the path, if it ends with one.
    pub(super) fn last_key(&self) -> Option<&str> {
        match self.path.steps().last() {
            Some(Step::Key(key)) => Some(key),
            _ => None,
        }
    }
}
