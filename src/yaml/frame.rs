//! A mapping or list that is still open while its events come in.

use std::sync::Arc;

use super::{Content, Member, Members, Tagged, Written};
use crate::path::Step;
use crate::source::Place;

/// A complete value and what it weighs.
pub(super) struct Weighed {
    /// The value.
    pub written: Written,
    /// Values in it, itself included.
    pub nodes: usize,
    /// Mappings and lists from it down to its deepest value.
    pub height: usize,
}

/// An open mapping or list.
pub(super) struct Frame {
    /// What came so far.
    pub open: Open,
    /// The tag before it.
    pub tag: Option<Tagged>,
    /// The parser's number of the anchor before it, 0 for none.
    pub anchor: usize,
    /// The first byte.
    pub start: usize,
    /// Whether it stands in brackets, which then mark its end.
    pub bracket: bool,
    /// Whether it stands where a key must be.
    pub is_key: bool,
    /// Values in it so far, itself included.
    pub nodes: usize,
    /// Mappings and lists from it down to its deepest value so far.
    pub height: usize,
}

/// The content of an open collection.
pub(super) enum Open {
    /// A list and its items.
    List(Vec<Written>),
    /// A mapping.
    Map(OpenMap),
}

/// An open mapping.
#[derive(Default)]
pub(super) struct OpenMap {
    /// The members so far.
    pub members: Members,
    /// What must come next.
    pub awaited: Awaited,
    /// The mappings that `<<` brings in, first to last.
    pub merged: Vec<Written>,
    /// Where `<<` stands.
    pub merge_key: Option<Place>,
}

/// What must come next in a mapping.
#[derive(Default)]
pub(super) enum Awaited {
    /// A key.
    #[default]
    Key,
    /// The value of this key.
    Value(Arc<str>, Place),
    /// The value of `<<`.
    Merge(Place),
    /// The value of a key that was refused.
    Refused(Place),
}

impl Frame {
    /// A collection that begins at byte `start`.
    pub(super) fn new(open: Open, start: usize) -> Self {
        Self { open, tag: None, anchor: 0, start, bracket: false, is_key: false, nodes: 1, height: 1 }
    }

    /// Whether a key must come next.
    pub(super) fn awaits_key(&self) -> bool {
        matches!(&self.open, Open::Map(map) if matches!(map.awaited, Awaited::Key))
    }

    /// Where the key stands whose value must come next.
    pub(super) fn key_place(&self) -> Option<Place> {
        match &self.open {
            Open::Map(OpenMap {
                awaited: Awaited::Value(_, place) | Awaited::Merge(place) | Awaited::Refused(place),
                ..
            }) => Some(*place),
            _ => None,
        }
    }

    /// The step from this collection to the value that must come next.
    pub(super) fn step(&self) -> Option<Step> {
        match &self.open {
            Open::List(items) => Some(Step::Index(items.len())),
            Open::Map(map) => match &map.awaited {
                Awaited::Value(key, _) => Some(Step::Key(Arc::clone(key))),
                _ => None,
            },
        }
    }

    /// Takes in an item or a member's value. Gives the value of `<<` back, with the place of the key.
    pub(super) fn put(&mut self, value: Weighed) -> Option<(Place, Written)> {
        self.nodes = self.nodes.saturating_add(value.nodes);
        self.height = self.height.max(value.height.saturating_add(1));
        match &mut self.open {
            Open::List(items) => items.push(value.written),
            Open::Map(map) => match std::mem::take(&mut map.awaited) {
                Awaited::Value(name, key) => {
                    map.members.insert(name, Member { key, value: value.written });
                }
                Awaited::Merge(key) => return Some((key, value.written)),
                Awaited::Key | Awaited::Refused(_) => {}
            },
        }
        None
    }

    /// The complete collection. What `<<` brought in comes after the members that were written, without those keys
    /// that are there already.
    pub(super) fn close(self, place: Place) -> Weighed {
        let content = match self.open {
            Open::List(items) => Content::List(items),
            Open::Map(mut map) => {
                for merged in map.merged {
                    if let Content::Map(members) = merged.content {
                        for (key, member) in members {
                            map.members.entry(key).or_insert(member);
                        }
                    }
                }
                Content::Map(map.members)
            }
        };
        let written = Written { content, place, tag: self.tag };
        Weighed { written, nodes: self.nodes, height: self.height }
    }
}
