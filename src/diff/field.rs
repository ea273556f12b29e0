//! The fields in which two trees differ.

use std::sync::Arc;

use super::change::What;
use super::content::Content;
use super::list::{self, Matched};
use super::way::{Step, Way};
use crate::source::Place;
use crate::tree::{Node, Value};

/// A field that differs, and where it is written on the sides that have it.
#[derive(Clone, Debug)]
pub struct Field {
    /// Where it is in the trees.
    pub way: Way,
    /// How it differs.
    pub what: What,
    /// Where the older value is written.
    pub before: Option<Place>,
    /// Where the newer value is written.
    pub after: Option<Place>,
}

/// The fields in which two trees differ, in the order of the older tree, what is new after it. Trees equal as data
/// have none; of lists the order counts, of mappings not. Below the keys of the root that `secret` holds for, values
/// are masked.
pub fn fields(before: &Node, after: &Node, secret: impl Fn(&str) -> bool) -> Vec<Field> {
    let mut walk = Walk { way: Way::default(), masked: false, found: Vec::new() };
    match (&before.value, &after.value) {
        (Value::Map(older), Value::Map(newer)) => walk.maps(older, newer, &secret),
        _ => walk.nodes(before, after),
    }
    walk.found
}

struct Walk {
    way: Way,
    /// Whether everything here is secret.
    masked: bool,
    found: Vec<Field>,
}

impl Walk {
    fn nodes(&mut self, before: &Node, after: &Node) {
        match (&before.value, &after.value) {
            (Value::Map(older), Value::Map(newer)) => {
                if !Arc::ptr_eq(older, newer) {
                    self.maps(older, newer, &|_| false);
                }
            }
            // Names of items may be a part of the secret.
            (Value::List(older), Value::List(newer)) if !self.masked => {
                if !Arc::ptr_eq(older, newer) {
                    self.lists(older, newer, before.place, after.place);
                }
            }
            (older, newer) if older == newer => {}
            _ => {
                let what = What::Changed(Content::of(before, self.masked), Content::of(after, self.masked));
                self.record(what, Some(before.place), Some(after.place));
            }
        }
    }

    fn maps(&mut self, before: &crate::tree::Map, after: &crate::tree::Map, secret: &dyn Fn(&str) -> bool) {
        let outer = self.masked;
        for (key, entry) in before {
            self.masked = outer || secret(key);
            match after.get(key) {
                Some(node) => self.below(Step::Key(Arc::clone(key)), |walk| walk.nodes(&entry.node, node)),
                None => self.below(Step::Key(Arc::clone(key)), |walk| walk.removed(&entry.node)),
            }
        }
        for (key, entry) in after.iter().filter(|(key, _)| before.get(key).is_none()) {
            self.masked = outer || secret(key);
            self.below(Step::Key(Arc::clone(key)), |walk| walk.added(&entry.node));
        }
        self.masked = outer;
    }

    fn lists(&mut self, before: &[Node], after: &[Node], older: Place, newer: Place) {
        if before.len() == after.len() && before.iter().zip(after).all(|(a, b)| a.value == b.value) {
            return;
        }
        match list::matched(before, after) {
            Matched::Named { key, pairs, order } => {
                for (name, old, new) in pairs {
                    let index = new.or(old).unwrap_or_default();
                    self.item(Step::Item { key, name, index }, old, new, before, after);
                }
                if let Some((from, to)) = order {
                    self.record(What::Reordered(from, to), Some(older), Some(newer));
                }
            }
            Matched::Ordered(pairs) => {
                for (old, new) in pairs {
                    self.item(Step::Index { before: old, after: new }, old, new, before, after);
                }
            }
        }
    }

    fn item(&mut self, step: Step, old: Option<usize>, new: Option<usize>, before: &[Node], after: &[Node]) {
        let old = old.and_then(|index| before.get(index));
        let new = new.and_then(|index| after.get(index));
        self.below(step, |walk| match (old, new) {
            (Some(old), Some(new)) => walk.nodes(old, new),
            (Some(old), None) => walk.removed(old),
            (None, Some(new)) => walk.added(new),
            (None, None) => {}
        });
    }

    fn below(&mut self, step: Step, look: impl FnOnce(&mut Self)) {
        self.way.push(step);
        look(self);
        self.way.pop();
    }

    fn added(&mut self, node: &Node) {
        self.record(What::Added(Content::of(node, self.masked)), None, Some(node.place));
    }

    fn removed(&mut self, node: &Node) {
        self.record(What::Removed(Content::of(node, self.masked)), Some(node.place), None);
    }

    fn record(&mut self, what: What, before: Option<Place>, after: Option<Place>) {
        self.found.push(Field { way: self.way.clone(), what, before, after });
    }
}
