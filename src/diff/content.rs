//! What may be shown of a value that differs.

use std::sync::Arc;

use crate::tree::{Entry, Map, Node, Value};

/// Stands for a secret inside of a value that is shown.
const MASK: &str = "***";

/// One side of a difference.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The value. It holds no secret.
    Value(Value),
    /// A secret: what it is on this side is not to be known.
    Masked,
    /// A whole object, which is told by its identity.
    Whole,
}

impl Content {
    /// What may be shown of a value; `masked` where all of it is secret.
    pub(super) fn of(node: &Node, masked: bool) -> Self {
        match &node.value {
            Value::Secret(_) => Self::Masked,
            _ if masked => Self::Masked,
            value if value.holds_secret() => Self::Value(without_secrets(value)),
            value => Self::Value(value.clone()),
        }
    }

    /// The value, if it may be shown.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Masked | Self::Whole => None,
        }
    }

    /// The same content with other texts in it.
    pub(super) fn with(&self, text: &impl Fn(&Arc<str>) -> Arc<str>) -> Self {
        match self {
            Self::Value(value) => Self::Value(mapped(value, text)),
            other => other.clone(),
        }
    }
}

fn without_secrets(value: &Value) -> Value {
    rebuilt(value, &|value| matches!(value, Value::Secret(_)).then(|| Value::String(MASK.into())), &Arc::clone)
}

fn mapped(value: &Value, text: &impl Fn(&Arc<str>) -> Arc<str>) -> Value {
    rebuilt(
        value,
        &|value| match value {
            Value::String(found) => Some(Value::String(text(found))),
            _ => None,
        },
        text,
    )
}

/// A copy with the values that `scalar` changes and the keys that `key` makes.
fn rebuilt(value: &Value, scalar: &impl Fn(&Value) -> Option<Value>, key: &impl Fn(&Arc<str>) -> Arc<str>) -> Value {
    let node = |node: &Node| Node::new(rebuilt(&node.value, scalar, key), node.place);
    match value {
        Value::List(items) => Value::List(Arc::new(items.iter().map(node).collect())),
        Value::Map(map) => {
            let entry = |entry: &Entry| Entry { key: entry.key, node: node(&entry.node) };
            Value::Map(Arc::new(map.iter().map(|(name, found)| (key(name), entry(found))).collect::<Map>()))
        }
        other => scalar(other).unwrap_or_else(|| other.clone()),
    }
}
