//! A value as an explanation shows it: on one line, and masked if it is secret.

use std::borrow::Cow;

use serde::Serialize;

use crate::diagnostic::listed;
use crate::tree::{Node, Value};
use crate::yaml::emit;

/// Most characters of a list or of a text that are shown.
const LONGEST: usize = 72;

/// A value on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Shown(String);

impl Shown {
    /// A value; `secret` is whether its schema says so.
    pub(crate) fn of(node: &Node, secret: bool) -> Self {
        Self(if secret { "(secret)".to_owned() } else { shown(node) })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn shown(node: &Node) -> String {
    match &node.value {
        Value::Secret(secret) => format!("(secret {})", secret.name()),
        Value::String(text) => cut(&emit::scalar_text(text)).into_owned(),
        Value::Map(map) if map.is_empty() => "{}".to_owned(),
        Value::Map(map) => format!("a mapping of {}", listed(map.keys().map(AsRef::as_ref))),
        Value::List(items) => {
            let json = if node.value.holds_secret() { None } else { Some(emit::json(node, false)) };
            match json.filter(|json| json.chars().count() <= LONGEST) {
                Some(json) => json,
                None => format!("a list of {}", crate::diagnostic::count(items.len(), "item")),
            }
        }
        _ => emit::json(node, false),
    }
}

fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{}..", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
