//! Values as text of another language that stays a value there.

use std::fmt::Write;

use crate::tree::{Node, Value};

/// A word of the shell: in single quotes.
pub(super) fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A part of a word of the shell that is in double quotes already (POSIX.1-2024, XCU 2.2.3).
pub(super) fn shell_double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if matches!(character, '$' | '`' | '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// An expression of HCL: strings are in quotes, without templates in them (HCL Native Syntax, Template Expressions).
/// `None` for what it cannot hold.
pub(super) fn hcl(node: &Node) -> Option<String> {
    let mut out = String::new();
    expression(node, &mut out)?;
    Some(out)
}

fn expression(node: &Node, out: &mut String) -> Option<()> {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => string(text, out),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                expression(item, out)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (key, entry)) in map.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                string(key, out);
                out.push_str(" = ");
                expression(&entry.node, out)?;
            }
            out.push('}');
        }
        Value::Secret(_) => return None,
    }
    Some(())
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // `$${` would do, but not behind another `$`.
            other if other.is_control() || matches!(other, '$' | '%') && rest.peek() == Some(&'{') => {
                // None of them is above U+FFFF, and writing into a string does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::source::Place;
    use crate::tree::Number;

    #[test]
    fn quotes_of_the_shell_hold_anything() {
        assert_eq!(shell_word("it's $(x)\n"), "'it'\\''s $(x)\n'");
        assert_eq!(shell_double("a\"`$x`\\"), "a\\\"\\`\\$x\\`\\\\");
    }

    #[test]
    fn strings_of_hcl_have_no_templates() {
        let node = |value| Node::new(value, Place::top(crate::source::FileId::NONE));
        let text = |text: &str| hcl(&node(Value::String(text.into()))).unwrap();
        assert_eq!(text("a ${b} %{c} $${d} $e \"\\\n\u{1b}"), r#""a \u0024{b} \u0025{c} $\u0024{d} $e \"\\\n\u001b""#);
        let list = Value::List(Arc::new(vec![node(Value::Null), node(Value::Number(Number::Int(3)))]));
        assert_eq!(hcl(&node(list)).unwrap(), "[null, 3]");
    }
}
