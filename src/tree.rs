//! The tree every stage after the reader works on: values, each with its place and what it was laid over.
//!
//! Mappings and lists are shared (`Arc`), so cloning a tree costs nothing and a change copies only the path to it.

mod map;
mod number;
mod secret;

pub(crate) use map::{Alike, Keys};
pub use map::{Entry, Iter, Key, Map};
pub use number::Number;
pub use secret::{Name as SecretName, Part as SecretPart, Secret};

use std::sync::Arc;

use crate::path::{Path, Step};
use crate::source::Place;

/// A value, where it was written, and what it was laid over.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was written. A mapping merged from several layers has the place of the highest.
    pub place: Place,
    /// A string that is an expression still to be evaluated. Nothing is live once a tree is `Validated`.
    pub live: bool,
    /// What stood here in the layers below: the beaten value, or the mapping this one was merged into. In a manifest
    /// that was traced: the value of the configuration that a field was filled from.
    pub under: Option<Arc<Node>>,
}

/// What a value can be: JSON's kinds, and a secret.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number JSON can hold.
    Number(Number),
    /// A string.
    String(Arc<str>),
    /// A reference to a secret; never its content.
    Secret(Secret),
    /// A list.
    List(Arc<Vec<Node>>),
    /// A mapping; keys are strings and keep their order.
    Map(Arc<Map>),
}

/// The kinds a layer may not change without `!replace`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`, which may replace and be replaced by anything.
    Null,
    /// `true` or `false`
    Bool,
    /// A whole or decimal number.
    Number,
    /// A string.
    String,
    /// A `!secret`.
    Secret,
    /// A list.
    List,
    /// A mapping.
    Map,
}

impl Kind {
    /// With its article, for sentences: "a string".
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Secret => "a secret",
            Self::List => "a list",
            Self::Map => "a mapping",
        }
    }
}

impl Value {
    /// The kind of this value.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Number(_) => Kind::Number,
            Self::String(_) => Kind::String,
            Self::Secret(_) => Kind::Secret,
            Self::List(_) => Kind::List,
            Self::Map(_) => Kind::Map,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The mapping, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Whether this is a secret or holds one.
    pub fn holds_secret(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::List(items) => items.iter().any(|item| item.value.holds_secret()),
            Self::Map(map) => map.iter().any(|(_, entry)| entry.node.value.holds_secret()),
            _ => false,
        }
    }

    /// The items, if this is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }
}

/// Equal as data: places, history and the order of keys do not count. `1` and `1.0` are different spellings
/// of one JSON number but print differently, so they differ here.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Secret(a), Self::Secret(b)) => a == b,
            (Self::List(a), Self::List(b)) => {
                Arc::ptr_eq(a, b) || (a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.value == b.value))
            }
            (Self::Map(a), Self::Map(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Node {
    /// A value at a place, laid over nothing.
    pub fn new(value: Value, place: Place) -> Self {
        Self { value, place, live: false, under: None }
    }

    /// The node at `path` below this one.
    pub fn get(&self, path: &Path) -> Option<&Self> {
        path.steps().iter().try_fold(self, |node, step| node.step(step))
    }

    /// How far a path goes: the part of it that is there, the node at its end, and the step that is missing.
    pub fn reach<'a, 'p>(&'a self, path: &'p Path) -> (Path, &'a Self, Option<&'p Step>) {
        let mut known = Path::root();
        let mut here = self;
        for step in path.steps() {
            match here.step(step) {
                Some(next) => here = next,
                None => return (known, here, Some(step)),
            }
            known.push(step.clone());
        }
        (known, here, None)
    }

    /// One step down.
    pub fn step(&self, step: &Step) -> Option<&Self> {
        match (&self.value, step) {
            (Value::Map(map), Step::Key(key)) => map.get(key),
            (Value::List(items), Step::Index(index)) => items.get(*index),
            _ => None,
        }
    }

    /// The string at a dotted chain of keys.
    pub fn str_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys)?.value.as_str()
    }

    /// The node at a chain of keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.value.as_map()?.get(key))
    }

    /// Puts a value where there is one; what is not there stays so.
    pub(crate) fn set(&mut self, path: &Path, value: Value) {
        let mut here = self;
        for step in path.steps() {
            let below = match (&mut here.value, step) {
                (Value::Map(map), Step::Key(key)) => Arc::make_mut(map).entry_mut(key).map(|entry| &mut entry.node),
                (Value::List(items), Step::Index(index)) => Arc::make_mut(items).get_mut(*index),
                _ => None,
            };
            let Some(below) = below else { return };
            here = below;
        }
        here.value = value;
    }

    /// The secrets in this tree, each with its path and its node.
    pub fn secrets(&self) -> Vec<(Path, &Secret, &Self)> {
        let mut found = Vec::new();
        if self.value.holds_secret() {
            self.collect_secrets(&mut Path::root(), &mut found);
        }
        found
    }

    fn collect_secrets<'n>(&'n self, path: &mut Path, found: &mut Vec<(Path, &'n Secret, &'n Self)>) {
        let mut below = |step: Step, node: &'n Self, found: &mut _| {
            path.push(step);
            node.collect_secrets(path, found);
            path.pop();
        };
        match &self.value {
            Value::Secret(secret) => found.push((path.clone(), secret, self)),
            Value::List(items) => {
                items.iter().enumerate().for_each(|(index, item)| below(Step::Index(index), item, found));
            }
            Value::Map(map) => {
                map.iter().for_each(|(key, entry)| below(Step::Key(Arc::clone(key)), &entry.node, found));
            }
            _ => {}
        }
    }

    /// What this value beat, nearest first, down to the lowest layer.
    pub fn beaten(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(self.under.as_deref(), |node| node.under.as_deref())
    }
}
