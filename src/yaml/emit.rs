//! Writes trees as YAML and JSON.
//!
//! The YAML is the form kubectl and kubebuilder write: block style, two spaces, list items in the column of their key.
//! A string is quoted wherever a YAML 1.1 reader (`PyYAML`, go-yaml v2 and v3) or a 1.2 reader could take it for
//! anything but that string. One tree always gives the same bytes. A secret is written as `***`.

mod json;

pub use json::json;

use std::borrow::Cow;
use std::fmt::Write as _;

use super::scalar::{self, Reading};
use crate::tree::{Map, Node, Value};

/// What stands for a secret.
const MASK: &str = "\"***\"";

/// Readers look for the colon of a key only this many characters ahead (YAML 1.2, section 7.4.2, says 1024).
const LONGEST_KEY: usize = 1000;

/// The longest word of YAML that is no text: `false`.
const LONGEST_WORD: usize = 5;

/// The letters with which nothing begins that `scalar::read` takes for anything but text.
const WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut letter = b'A';
    while letter <= b'Z' {
        let other = !matches!(letter, b'F' | b'N' | b'O' | b'T' | b'Y');
        word[letter as usize] = other;
        word[letter.to_ascii_lowercase() as usize] = other;
        letter += 1;
    }
    word
};

/// Indentation is taken from this.
const SPACES: &str = "                                ";

/// The bytes that can stand anywhere but first in a plain scalar, whatever is beside them.
const FREE: [bool; 256] = {
    let mut free = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        free[byte as usize] = byte != b'#';
        byte += 1;
    }
    free
};

/// Appends a document, without `---`. Ends with a line feed.
pub fn document(node: &Node, out: &mut String) {
    match &node.value {
        Value::Map(map) if !map.is_empty() => mapping(map, 0, out),
        Value::List(items) if !items.is_empty() => list(items, 0, out),
        value => {
            flat(value, 0, out);
            out.push('\n');
        }
    }
}

/// A string as a scalar of one line: as it is where that is safe, else in double quotes.
pub fn scalar_text(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quote(text, &mut quoted);
    Cow::Owned(quoted)
}

/// A string as a scalar of one line.
fn scalar(text: &str, out: &mut String) {
    if is_plain(text) { out.push_str(text) } else { quote(text, out) }
}

/// Members, the first at the current position, the others in column `indent`.
fn mapping(map: &Map, indent: usize, out: &mut String) {
    for (position, (key, entry)) in map.iter().enumerate() {
        if position > 0 {
            pad(indent, out);
        }
        let begin = out.len();
        scalar(key, out);
        if out.len() - begin > LONGEST_KEY {
            out.insert_str(begin, "? ");
            out.push('\n');
            pad(indent, out);
        }
        out.push(':');
        match &entry.node.value {
            Value::Map(map) if !map.is_empty() => {
                out.push('\n');
                pad(indent + 2, out);
                mapping(map, indent + 2, out);
            }
            Value::List(items) if !items.is_empty() => {
                out.push('\n');
                pad(indent, out);
                list(items, indent, out);
            }
            value => {
                out.push(' ');
                flat(value, indent, out);
                out.push('\n');
            }
        }
    }
}

/// Items, the first dash at the current position, the others in column `indent`.
fn list(items: &[Node], indent: usize, out: &mut String) {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            pad(indent, out);
        }
        out.push_str("- ");
        match &item.value {
            Value::Map(map) if !map.is_empty() => mapping(map, indent + 2, out),
            Value::List(items) if !items.is_empty() => list(items, indent + 2, out),
            value => {
                flat(value, indent, out);
                out.push('\n');
            }
        }
    }
}

/// A value without members: on the current line, or as a text block below it.
fn flat(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => {
            let _ = write!(out, "{number}");
        }
        // No plain scalar has several lines, so what is nearly always true is asked first.
        Value::String(text) if is_plain(text) => out.push_str(text),
        Value::String(text) if is_block(text) => block(text, indent + 2, out),
        Value::String(text) => quote(text, out),
        Value::Secret(_) => out.push_str(MASK),
        Value::List(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
    }
}

/// A literal block whose lines stand in a column, without the line feed that ends its last line.
pub(crate) fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.strip_suffix('\n');
    out.push_str(match body {
        None => "|-",
        Some(body) if body.ends_with('\n') => "|+",
        Some(_) => "|",
    });
    for line in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(indent, out);
            out.push_str(line);
        }
    }
}

/// Whether a text has several lines and every reader reads it back from a literal block. A first line that is blank
/// or indented would hide the indentation of the block.
pub(crate) fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && text.split('\n').all(|line| !line.ends_with([' ', '\t']))
        && text.chars().all(|c| matches!(c, '\n' | '\t') || shows(c))
}

/// Whether every reader reads this text back from a plain scalar, as a value and as a key.
fn is_plain(text: &str) -> bool {
    // No number and no other word of YAML begins with one of these, and most texts do.
    let word = |first: u8| WORD[usize::from(first)] || text.len() > LONGEST_WORD && first.is_ascii_alphabetic();
    if text.bytes().next().is_some_and(word) {
        return flows(text);
    }
    let Some(first) = text.chars().next() else { return false };
    let indicator = match first {
        '-' => text.starts_with("---") || !text[1..].starts_with(|c: char| !c.is_whitespace()),
        '.' => text.starts_with("..."),
        _ => "?:,[]{}#&*!|>'\"%@`=<~ ".contains(first),
    };
    !indicator && flows(text) && scalar::read(text) == Reading::String && !is_sign_with_underscores(text)
}

/// Whether a text shows and neither ends a plain scalar nor begins a comment or a value in it.
fn flows(text: &str) -> bool {
    if text.bytes().all(|byte| FREE[usize::from(byte)]) {
        return !text.ends_with(':');
    }
    let mut before = b' ';
    for byte in text.bytes() {
        match byte {
            free if FREE[usize::from(free)] => {}
            b' ' if before == b':' => return false,
            b'#' if before == b' ' => return false,
            b' ' | b'#' => {}
            control if control.is_ascii() => return false,
            _ => {
                let ends = text.ends_with([' ', ':']) || text.contains(": ") || text.contains(" #");
                return !ends && text.chars().all(shows);
            }
        }
        before = byte;
    }
    !matches!(before, b' ' | b':')
}

/// `+_`, which a reader of YAML 1.2 is known to take for a number.
fn is_sign_with_underscores(text: &str) -> bool {
    text.strip_prefix(['+', '-']).is_some_and(|rest| rest.bytes().all(|byte| byte == b'_' || byte.is_ascii_digit()))
}

/// Whether a character can stand as it is: one that can be seen, that no reader takes for a line break, and that does
/// not turn the direction of the text around it.
fn shows(character: char) -> bool {
    match character {
        ' '..='~' => true,
        '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{FFFE}'
        | '\u{FFFF}' => false,
        other => !other.is_control() && !other.is_whitespace(),
    }
}

fn quote(text: &str, out: &mut String) {
    quoted(text, out, |other, out| {
        let number = u32::from(other);
        let _ = match number {
            0..=0xFF => write!(out, "\\x{number:02X}"),
            0x100..=0xFFFF => write!(out, "\\u{number:04X}"),
            _ => write!(out, "\\U{number:08X}"),
        };
    });
}

/// A text between double quotes, with the escapes that YAML and JSON share; `escape` writes every other character that
/// does not show.
fn quoted(text: &str, out: &mut String, escape: impl Fn(char, &mut String)) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            shown if shows(shown) => out.push(shown),
            other => escape(other, out),
        }
    }
    out.push('"');
}

fn pad(indent: usize, out: &mut String) {
    let mut left = indent;
    while let Some(beyond) = left.checked_sub(SPACES.len()) {
        out.push_str(SPACES);
        left = beyond;
    }
    out.push_str(&SPACES[..left]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::{Place, Sources};
    use crate::tree::{Entry, Number, Secret};
    use crate::yaml::{Limits, read_document};

    fn node(value: Value) -> Node {
        Node::new(value, Place::top(Sources::default().add("f", "")))
    }

    fn read(text: &str) -> Node {
        let mut diagnostics = Diagnostics::new();
        let file = Sources::default().add("f", "");
        let read = read_document(file, text, &Limits::RENDERED, &mut diagnostics).ok();
        read.unwrap_or_else(|| panic!("{text}\n{:#?}", diagnostics.items())).to_node()
    }

    fn written(node: &Node) -> String {
        let mut out = String::new();
        document(node, &mut out);
        out
    }

    fn string(text: &str) -> Node {
        node(Value::String(text.into()))
    }

    fn map(members: &[(&str, Node)]) -> Node {
        let entry = |node: &Node| Entry { key: node.place, node: node.clone() };
        node(Value::Map(members.iter().map(|(key, value)| ((*key).into(), entry(value))).collect::<Map>().into()))
    }

    fn list(items: &[Node]) -> Node {
        node(Value::List(items.to_vec().into()))
    }

    #[test]
    fn the_form_is_that_of_kubectl() {
        let text = "\
kind: Pod
ports:
- name: http
  port: 80
- name: \"on\"
  args:
  - --flag=x
  - \"8080\"
nested:
- - a
  - b
- - c: d
    e: f
empty: []
none: {}
nothing: null
script: |
  #!/bin/sh
    echo hi

  exit
last: |-
  a
  b
kept: |+
  a

end: 1.0e+16
";
        assert_eq!(written(&read(text)), text);
        assert_eq!(written(&node(Value::Secret(Secret::named("x")))), "\"***\"\n");
        assert_eq!(written(&string("a\nb")), "|-\n  a\n  b\n");
    }

    #[test]
    fn what_a_reader_could_mistake_is_quoted() {
        for text in [
            "",
            " ",
            "a ",
            " a",
            "y",
            "N",
            "yes",
            "No",
            "on",
            "OFF",
            "true",
            "null",
            "~",
            "1",
            "+1",
            ".5",
            "017",
            "0o17",
            "0x1F",
            "0b1",
            "1_000",
            "1e3",
            "1:30",
            "99999999999999999999:30",
            "2025-01-01",
            "=",
            "<<",
            "- x",
            "-",
            "? x",
            ": x",
            "a: b",
            "a:",
            "a #b",
            "é: b",
            "é #b",
            "é:",
            "a ",
            "#a",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "'a",
            "\"a",
            "%a",
            "@a",
            "`a",
            "[a",
            "{a",
            "---",
            "--- a",
            "...",
            "+_",
            "0x_",
            ".inf",
            ".NaN",
            "a\tb",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{FEFF}",
            "a\u{7F}",
            "\u{202E}a",
            "a\r\nb",
        ] {
            assert!(scalar_text(text).starts_with('"'), "{text:?}");
        }
        for text in
            ["a", "a-b", "--flag=x", "10.0.0.1", "a:b", "http://x/#y", "500m", "é", "🎵", "a, b", "a b", "v1.2", "x=y"]
        {
            assert_eq!(scalar_text(text), text);
        }
    }

    #[test]
    fn json_keeps_the_order_and_escapes() {
        let tree = read("b: [1, 1.5, x]\na: {c: \"\\x00\\u2028\\\"\", d: {}}\n");
        assert_eq!(json(&tree, false), r#"{"b":[1,1.5,"x"],"a":{"c":"\u0000\u2028\"","d":{}}}"#);
        assert_eq!(
            json(&read("a: [1, {b: ~}]"), true),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ]\n}"
        );
    }

    mod laws;
}
