//! A schema for one file of many: what the file may say so that the whole can still meet its schema.
//!
//! In go the schema of the merged configuration and the file's own, out comes one JSON Schema that stands alone, in
//! draft-07, which every editor reads. Of the whole's schema it keeps what a part of a valid whole cannot break: it
//! asks for no key, and of a condition only what holds whatever the other files say. Of the file's own schema it
//! keeps all. What people are told, and what they may not set, comes from a [`Guide`].
//!
//! The law: if all that a file writes reaches a configuration that meets the schema of the whole, and the file meets
//! its own, then it meets this one. It holds for a file as an editor sees it, where a value with a tag is a text.

mod certain;
mod condition;
mod constraint;
mod dialect;
#[cfg(test)]
mod laws;
mod members;
mod part;
mod portable;
mod types;
mod writer;

use serde_json::{Map, Value};

use super::Schema;
use part::Reader;
use writer::{Scene, Writer};

/// What is known about a file beside its schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Whether a text with `{{` is an expression, which may give anything.
    pub(crate) expressions: bool,
    /// Whether other files may replace each value of it, so that `null` may keep its place.
    pub(crate) beaten: bool,
}

/// What the schemas tell people about a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Told {
    /// The description, or else the title.
    pub(crate) description: Option<String>,
    /// The default; never that of a secret.
    pub(crate) default: Option<Value>,
    /// Whether the value, or something above it, is marked `x-secret` or `writeOnly`.
    pub(crate) secret: bool,
}

/// What is told beside the schemas, place by place. `At` is a place in the data.
pub(crate) trait Guide {
    /// A place in the data.
    type At: Clone;

    /// The place of a key.
    fn key(&self, at: &Self::At, key: &str) -> Self::At;

    /// Of any key that nothing names.
    fn other(&self, at: &Self::At) -> Self::At;

    /// Of any item.
    fn item(&self, at: &Self::At) -> Self::At;

    /// Keys that something is known about, beside those of the schemas.
    fn keys(&self, at: &Self::At) -> Vec<String>;

    /// Why nothing may be set here.
    fn closed(&self, at: &Self::At) -> Option<String>;

    /// Whether the name of an item may stand for it in the list here, whose items merge by name.
    fn takes_names(&self, at: &Self::At) -> bool;

    /// Whether items that the list here repeats are taken once.
    fn takes_repeated(&self, at: &Self::At) -> bool;

    /// Whether the value is known to be a secret.
    fn is_secret(&self, at: &Self::At) -> bool;

    /// Adds what is known about the value to its schema, which has nothing for people yet.
    fn annotate(&self, at: &Self::At, told: &Told, schema: &mut Map<String, Value>);

    /// What tells the place from others of which as much is known; `None` if it is like no other.
    fn likeness(&self, at: &Self::At) -> Option<Vec<usize>>;
}

/// The schema of a file whose root is at `at`. `reserved` are keys at its top, with their schemas, that are not among its
/// data.
pub(crate) fn write<G: Guide>(
    own: Option<&Schema>,
    merged: Option<&Schema>,
    terms: Terms,
    reserved: &Map<String, Value>,
    guide: &G,
    at: G::At,
) -> Map<String, Value> {
    let reader = Reader::new(own, merged);
    let roots = reader.roots();
    let mut writer = Writer::new(reader, guide, terms, reserved);
    let root = writer.node(&roots, &Scene::root(at));
    let mut schema = match root {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    let definitions = writer.into_definitions();
    if !definitions.is_empty() {
        schema.insert("definitions".to_owned(), Value::Object(definitions));
    }
    schema
}
