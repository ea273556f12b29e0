//! JSON: the same trees, keys in their order.

use std::fmt::Write as _;

use super::{flat, pad, quoted};
use crate::tree::{Node, Value};

/// The tree as JSON, keys in their order: on one line, or with two spaces for each level. No line feed at the end.
pub fn json(node: &Node, pretty: bool) -> String {
    let mut out = String::new();
    json_value(&node.value, pretty.then_some(0), &mut out);
    out
}

/// A value as JSON; `indent` is the column of this level, `None` for all on one line.
fn json_value(value: &Value, indent: Option<usize>, out: &mut String) {
    let inner = indent.map(|indent| indent + 2);
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                separate(position, inner, out);
                json_value(&item.value, inner, out);
            }
            break_line(indent, out);
            out.push(']');
        }
        Value::Map(map) if !map.is_empty() => {
            out.push('{');
            for (position, (key, entry)) in map.iter().enumerate() {
                separate(position, inner, out);
                json_string(key, out);
                out.push_str(if inner.is_some() { ": " } else { ":" });
                json_value(&entry.node.value, inner, out);
            }
            break_line(indent, out);
            out.push('}');
        }
        Value::String(text) => json_string(text, out),
        other => flat(other, 0, out),
    }
}

fn separate(position: usize, indent: Option<usize>, out: &mut String) {
    if position > 0 {
        out.push(',');
    }
    break_line(indent, out);
}

fn break_line(indent: Option<usize>, out: &mut String) {
    if let Some(indent) = indent {
        out.push('\n');
        pad(indent, out);
    }
}

/// JSON's escapes (RFC 8259, section 7), also for what YAML readers or terminals would not leave alone.
fn json_string(text: &str, out: &mut String) {
    quoted(text, out, |other, out| {
        for unit in other.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    });
}
