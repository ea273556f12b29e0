//! A structural schema: what the API server holds an object of a kind against.
//!
//! One form for Kubernetes' own kinds and for those of CustomResourceDefinitions. [`reader`] makes it; an
//! [`inspection`](super::inspection) holds an object against it.

mod bounds;
mod cron;
mod format;
mod pattern;
pub(super) mod reader;
mod rule;

pub(super) use bounds::{Between, Bounds, Limit};
pub(super) use format::Format;
pub(super) use pattern::Pattern;
pub(super) use rule::Rule;

use std::sync::atomic::{AtomicU32, Ordering};

use indexmap::IndexMap;

use super::bundle::Name;
use crate::tree::Node;

/// The schema of a value and of what is in it.
#[derive(Debug, Default)]
pub(crate) struct Structural {
    /// Tells it from every other one.
    pub(super) number: Numbered,
    /// What the value must be.
    pub(super) kind: Kind,
    /// Whether it may be null. Where it may not, null in a mapping stands for nothing.
    pub(super) nullable: bool,
    /// The definition that says everything: its position in the [`Bundle`](super::bundle::Bundle).
    pub(super) reference: Option<usize>,
    /// The members of a mapping that are known by name.
    pub(super) properties: IndexMap<Name, Self, foldhash::fast::RandomState>,
    /// Those that must be there.
    pub(super) required: Vec<Name>,
    /// All other members.
    pub(super) others: Others,
    /// The items of a list.
    pub(super) items: Option<Box<Self>>,
    /// What tells the items of a list apart.
    pub(super) list: List,
    /// Another key that no two items of the list may share.
    pub(super) unique: Option<Name>,
    /// Whether it is an object of its own, with `apiVersion`, `kind` and `metadata`.
    pub(super) embedded: bool,
    /// What stands for nothing.
    pub(super) default: Option<Node>,
    /// Limits of the value.
    pub(super) bounds: Option<Box<Bounds>>,
    /// Schemas that must hold beside this one.
    pub(super) logic: Option<Box<Logic>>,
    /// Rules of a custom resource about the value.
    pub(super) rules: Vec<Rule>,
}

/// A number that no other schema of the process has; not 0.
#[derive(Debug)]
pub(super) struct Numbered(pub(super) u32);

impl Default for Numbered {
    fn default() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// What a value must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Any,
    Object,
    List,
    String,
    Integer,
    Number,
    Boolean,
    /// A port or a percentage.
    IntOrString,
    /// An amount of a resource: a number, or a string such as `500m`.
    Quantity,
}

impl Kind {
    /// With its article, for sentences: "a string".
    pub(super) fn with_article(self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Object => "a mapping",
            Self::List => "a list",
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::IntOrString => "an integer or a string",
            Self::Quantity => "a quantity",
        }
    }
}

/// The members of a mapping that are not known by name.
#[derive(Debug, Default)]
pub(super) enum Others {
    /// There may be none.
    #[default]
    Forbidden,
    /// They may be anything.
    Free,
    /// Each has this schema.
    Like(Box<Structural>),
}

/// What tells the items of a list apart.
#[derive(Debug, Default)]
pub(super) enum List {
    /// Nothing but their position.
    #[default]
    Atomic,
    /// The items themselves: none may be there twice.
    Set,
    /// The values under these keys, together.
    Map(Vec<Name>),
}

/// Schemas that a value is held against as well. They forbid no member.
#[derive(Debug, Default)]
pub(super) struct Logic {
    /// All of them hold.
    pub(super) all: Vec<Structural>,
    /// One of them holds, or several.
    pub(super) any: Vec<Structural>,
    /// Exactly one of them holds.
    pub(super) one: Vec<Structural>,
    /// This one does not hold.
    pub(super) not: Option<Structural>,
}

impl Structural {
    /// Whether it allows anything at all.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.kind == Kind::Any && self.reference.is_none() && self.bounds.is_none() && self.logic.is_none()
    }
}
