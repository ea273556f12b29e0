//! Values in words, without what they are.

use super::super::structural::Kind;
use crate::source::Place;
use crate::tree::{Node, Number, Value};

/// What a value is, with its article.
pub(super) fn what(node: &Node) -> &'static str {
    match &node.value {
        Value::Number(Number::Float(number)) if number.fract() != 0.0 => "a decimal number",
        Value::Number(_) => "a number",
        other => other.kind().with_article(),
    }
}

/// Where to point: a block says little, its key says which one it is.
pub(super) fn place(node: &Node, head: Place) -> Place {
    if matches!(node.value, Value::Map(_) | Value::List(_)) { head } else { node.place }
}

/// How a value of another type is made one of this type.
pub(super) fn conversion(kind: Kind, node: &Node) -> Option<String> {
    Some(match (kind, &node.value) {
        (Kind::String, Value::Number(_) | Value::Bool(_)) => {
            "put it in quotes; in a template, `\"{{ .. }}\"`".to_owned()
        }
        (Kind::Integer | Kind::Number, Value::String(text)) if text.parse::<f64>().is_ok() => {
            "write the number without quotes; in a template, `{{ .. }}`".to_owned()
        }
        (Kind::Boolean, Value::String(text)) if matches!(text.as_ref(), "true" | "false") => {
            "write it without quotes; in a template, `{{ .. }}`".to_owned()
        }
        (Kind::Boolean, _) => "write true or false".to_owned(),
        (Kind::Integer, _) => "write a whole number".to_owned(),
        (Kind::List, Value::Map(_)) => "write `- ` before each item".to_owned(),
        (Kind::Object, Value::List(_)) => "write `key: value`, without `- `".to_owned(),
        (Kind::Quantity, _) => "write an amount, such as 500m or 2Gi".to_owned(),
        _ => return None,
    })
}
