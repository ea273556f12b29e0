//! Where in a schema other schemas stand, for every draft; what stands elsewhere is data and never looked at.

use serde_json::Value;

pub(super) use crate::path::pointer_segment as escape;

/// Keywords whose value is a schema.
const ONE: [&str; 12] = [
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "items",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "contentSchema",
];

/// Keywords whose value is a list of schemas. `items` was one before 2020-12.
const LIST: [&str; 5] = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];

/// Keywords whose value is a mapping of schemas. `dependencies` may hold lists of names as well.
const NAMED: [&str; 4] = ["properties", "patternProperties", "dependentSchemas", "dependencies"];

/// Keywords that only keep schemas for others to refer to.
const KEPT: [&str; 2] = ["$defs", "definitions"];

/// The schemas directly inside `schema` that take part in checking, with their pointers relative to it.
pub(super) fn acting(schema: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for keyword in ONE {
        if let Some(value @ (Value::Object(_) | Value::Bool(_))) = schema.get(keyword) {
            found.push((format!("/{keyword}"), value));
        }
    }
    for keyword in LIST {
        if let Some(Value::Array(items)) = schema.get(keyword) {
            found.extend(items.iter().enumerate().map(|(at, value)| (format!("/{keyword}/{at}"), value)));
        }
    }
    named(schema, &NAMED, &mut found);
    found
}

/// All schemas directly inside `schema`, those kept for others too.
pub(super) fn all(schema: &Value) -> Vec<(String, &Value)> {
    let mut found = acting(schema);
    named(schema, &KEPT, &mut found);
    found
}

fn named<'a>(schema: &'a Value, keywords: &[&str], found: &mut Vec<(String, &'a Value)>) {
    for keyword in keywords {
        if let Some(Value::Object(members)) = schema.get(*keyword) {
            let schemas = members.iter().filter(|(_, value)| value.is_object() || value.is_boolean());
            found.extend(schemas.map(|(name, value)| (format!("/{keyword}/{}", escape(name)), value)));
        }
    }
}

/// The segments of a JSON pointer.
pub(super) fn segments(pointer: &str) -> impl DoubleEndedIterator<Item = String> + '_ {
    // The empty pointer is the whole document and has none.
    pointer
        .strip_prefix('/')
        .map(|below| below.split('/'))
        .into_iter()
        .flatten()
        .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

/// The text behind percent signs, as in the fragment of a URI. What is no escape stays as it is.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
