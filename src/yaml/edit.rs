//! Setting one value in the text of a file, which keeps its comments and its layout.
//!
//! In go a text and what it says, out comes the text with one scalar set: in its place, or as a new key at the end of the
//! mapping that lacks it. The result is read again: it says the same but for this value, or there is none.

use super::{Content, Limits, Written, read_document};
use crate::diagnostic::Diagnostics;
use crate::source::FileId;

/// Spaces that a mapping stands further in than the one it is in.
const INDENT: usize = 2;

/// The text with the plain scalar `value` at a chain of keys. `None` where the layout does not allow it, such as in what
/// an alias repeats, or where a tag or a value of another kind stands.
pub(crate) fn set(text: &str, keys: &[&str], value: &str) -> Option<String> {
    let read = |text: &str| read_document(FileId::NONE, text, &Limits::default(), &mut Diagnostics::new()).ok();
    let before = read(text)?;
    let edited = edit(text, &before, keys, value)?;
    let after = read(&edited)?;
    differs(Some(&before), &after, keys, value).then_some(edited)
}

fn edit(text: &str, root: &Written, keys: &[&str], value: &str) -> Option<String> {
    let mut here = root;
    for (depth, key) in keys.iter().enumerate() {
        let missing = keys.get(depth..)?;
        match &here.content {
            Content::Null if depth == 0 => return append(text, missing, value),
            Content::Map(members) => match members.get(*key) {
                Some(member) => here = &member.value,
                None => return insert(text, here, missing, value),
            },
            _ => return None,
        }
    }
    let is_scalar = !matches!(here.content, Content::Map(_) | Content::List(_) | Content::Null | Content::Secret(_));
    (is_scalar && here.tag.is_none()).then(|| replaced(text, start(here), end(here), value))?
}

fn start(written: &Written) -> usize {
    written.place.start as usize
}

fn end(written: &Written) -> usize {
    written.place.end as usize
}

fn replaced(text: &str, start: usize, end: usize, with: &str) -> Option<String> {
    Some(format!("{}{with}{}", text.get(..start)?, text.get(end..)?))
}

/// A file that says nothing yet, but may have comments.
fn append(text: &str, keys: &[&str], value: &str) -> Option<String> {
    lines(text, text.len(), 0, keys, value)
}

/// A new key in a mapping.
fn insert(text: &str, map: &Written, keys: &[&str], value: &str) -> Option<String> {
    let members = map.members()?;
    if is_flow(text, map) {
        let inside = text.get(start(map) + 1..end(map).checked_sub(1)?)?;
        let comma = if members.is_empty() || inside.trim_end().ends_with(',') { "" } else { ", " };
        let at = start(map) + 1 + inside.trim_end().len();
        return replaced(text, at, at, &format!("{comma}{}", flow(keys, value)));
    }
    let (_, first) = members.first()?;
    let (_, last) = members.last()?;
    let begin = text.get(..first.key.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let indent = text.get(begin..first.key.start as usize)?;
    if !indent.chars().all(|character| character == ' ') {
        return None;
    }
    let until = extent(text, &last.value).max(last.key.end as usize);
    let rest = text.get(until..)?;
    let ended = text.get(..until)?.ends_with('\n');
    let at = if ended { until } else { until + rest.find('\n').map_or(rest.len(), |at| at + 1) };
    lines(text, at, indent.len(), keys, value)
}

/// Adds lines at the begin of a line, or at the end of a text whose last line has no end.
fn lines(text: &str, at: usize, indent: usize, keys: &[&str], value: &str) -> Option<String> {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = text.get(..at)?;
    let mut added = if before.is_empty() || before.ends_with('\n') { String::new() } else { newline.to_owned() };
    for (depth, key) in keys.iter().enumerate() {
        let last = if depth + 1 == keys.len() { format!(" {value}") } else { String::new() };
        let pad = " ".repeat(indent + depth * INDENT);
        added.push_str(&format!("{pad}{}:{last}{newline}", super::emit::scalar_text(key)));
    }
    replaced(text, at, at, &added)
}

fn flow(keys: &[&str], value: &str) -> String {
    let Some((key, rest)) = keys.split_first() else { return value.to_owned() };
    let key = super::emit::scalar_text(key);
    let below = flow(rest, value);
    if rest.is_empty() { format!("{key}: {below}") } else { format!("{key}: {{{below}}}") }
}

fn is_flow(text: &str, written: &Written) -> bool {
    text.get(start(written)..).is_some_and(|rest| rest.starts_with(['{', '[']))
}

/// One past the last byte of a value.
fn extent(text: &str, written: &Written) -> usize {
    let below = match &written.content {
        _ if is_flow(text, written) => None,
        Content::Map(members) => members.last().map(|(_, last)| extent(text, &last.value).max(last.key.end as usize)),
        Content::List(items) => items.last().map(|last| extent(text, last)),
        _ => None,
    };
    below.unwrap_or_else(|| end(written))
}

/// Whether `after` says what `before` does, and the value at the keys.
fn differs(before: Option<&Written>, after: &Written, keys: &[&str], value: &str) -> bool {
    let Some((key, rest)) = keys.split_first() else { return after.as_str() == Some(value) && after.tag.is_none() };
    let Some(news) = after.members() else { return false };
    let olds = before.and_then(Written::members);
    let old = |key: &str| olds.and_then(|olds| Some(&olds.get(key)?.value));
    let others = news.iter().filter(|(name, _)| name.as_ref() != *key);
    before.is_none_or(|before| before.tag() == after.tag())
        && news.len() == olds.map_or(0, indexmap::IndexMap::len) + usize::from(old(key).is_none())
        && others.clone().all(|(name, new)| old(name).is_some_and(|old| same(old, &new.value)))
        && news.get(*key).is_some_and(|new| differs(old(key), &new.value, rest, value))
}

fn same(one: &Written, other: &Written) -> bool {
    one.tag() == other.tag()
        && match (&one.content, &other.content) {
            (Content::Map(one), Content::Map(other)) => {
                let both = one.iter().zip(other);
                one.len() == other.len()
                    && both.into_iter().all(|((a, one), (b, other))| a == b && same(&one.value, &other.value))
            }
            (Content::List(one), Content::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
            }
            _ => one.to_node().value == other.to_node().value,
        }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Option<String> {
        set(text, &["a", "b"], "450m")
    }

    #[test]
    fn a_value_is_set_in_its_place() {
        assert_eq!(at("a:\n  b: 2 # two\n  c: 3\n").as_deref(), Some("a:\n  b: 450m # two\n  c: 3\n"));
        assert_eq!(at("a: {b: '2', c: 3}").as_deref(), Some("a: {b: 450m, c: 3}"));
        assert_eq!(at("\u{feff}a:\r\n  b: x\r\n").as_deref(), Some("\u{feff}a:\r\n  b: 450m\r\n"));
    }

    #[test]
    fn a_key_that_is_missing_is_added() {
        assert_eq!(at("").as_deref(), Some("a:\n  b: 450m\n"));
        assert_eq!(at("# ours\n").as_deref(), Some("# ours\na:\n  b: 450m\n"));
        assert_eq!(at("x: 1").as_deref(), Some("x: 1\na:\n  b: 450m\n"));
        assert_eq!(
            at("a:\n    c:\n      - 1 # one\n# end\nx: 1\n").as_deref(),
            Some("a:\n    c:\n      - 1 # one\n    b: 450m\n# end\nx: 1\n")
        );
        assert_eq!(at("a: {c: 1}\n").as_deref(), Some("a: {c: 1, b: 450m}\n"));
        assert_eq!(at("a: {}\n").as_deref(), Some("a: {b: 450m}\n"));
        assert_eq!(at("{x: [1]}\n").as_deref(), Some("{x: [1], a: {b: 450m}}\n"));
        assert_eq!(at("x: 1\r\n").as_deref(), Some("x: 1\r\na:\r\n  b: 450m\r\n"));
        assert_eq!(at("x: |\n  text\n\n# end\n").as_deref().map(|text| text.contains("text")), Some(true));
    }

    #[test]
    fn what_another_value_would_follow_is_left() {
        for text in
            ["a: 1", "a: [1]", "a:\n  b: {c: 1}", "a:\n  b: !at_least 1", "a:\n  b: &x 1\nc: *x", "a:", "[", "a: b: c"]
        {
            assert_eq!(at(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_rest_says_the_same(
            text in "((a|x|y):( \\{(c: 1)?(, d: \\[1\\])?\\}| [0-9]| \\|\n  text|\n  (b|c|d): ([0-9]|'t'|\\[\\])( # c)?(\n  e:\n    f: 1)?|)(\r?\n|\n# c\n|\n\n)){0,4}",
            keys in prop::sample::select(vec![vec!["a", "b"], vec!["x"], vec!["y", "c", "q"], vec!["a", "e", "f"], vec!["a", "e", "g"]]),
        ) {
            let read = |text: &str| read_document(FileId::NONE, text, &Limits::default(), &mut Diagnostics::new()).ok();
            if let Some(edited) = set(&text, &keys, "64Mi") {
                let (before, after) = (read(&text).expect("it was read"), read(&edited).expect("it can be read"));
                prop_assert!(differs(Some(&before), &after, &keys, "64Mi"));
                prop_assert_eq!(text.matches('#').count(), edited.matches('#').count());
                // Once more changes nothing.
                prop_assert_eq!(set(&edited, &keys, "64Mi"), Some(edited));
            }
        }

        #[test]
        fn any_text_is_edited_or_left(text in any::<String>()) {
            let _ = at(&text);
        }
    }
}
