//! How values are shown to people: on one line where they fit, else on several.

use similar::{ChangeTag, TextDiff};

use super::content::Content;
use super::layout::Sign;
use crate::diagnostic::count;
use crate::source::{FileId, Place};
use crate::tree::{Node, Value};
use crate::yaml::emit;

/// Mappings and lists that take no more characters stand on the line of their field.
pub(crate) const SHORT: usize = 60;
/// Characters of a string that are shown.
const LONGEST: usize = 120;
/// Lines of one field that are shown.
const MOST_LINES: usize = 60;
/// Texts of more lines than this, multiplied, are not compared line by line: that takes time in proportion.
const MOST_COMPARED: usize = 4_000_000;
/// Lines around those that differ.
const AROUND: usize = 2;

/// The lines in which two texts differ, and a few around them.
pub(crate) fn texts(old: &str, new: &str, push: &mut impl FnMut(Sign, usize, &str, &str)) {
    let count = |text: &str| text.lines().count();
    if count(old).saturating_mul(count(new)) > MOST_COMPARED {
        clipped(&old.lines().map(str::to_owned).collect::<Vec<_>>(), Sign::Removed, push);
        return clipped(&new.lines().map(str::to_owned).collect::<Vec<_>>(), Sign::Added, push);
    }
    let ends = old.ends_with('\n') == new.ends_with('\n');
    let diff = TextDiff::from_lines(old, new);
    let mut shown = 0;
    for (nth, hunk) in diff.grouped_ops(AROUND).iter().enumerate() {
        if nth > 0 {
            push(Sign::Same, 2, "...", "");
        }
        for change in hunk.iter().flat_map(|op| diff.iter_changes(op)) {
            shown += 1;
            if shown > MOST_LINES {
                return push(Sign::Same, 2, "...", "there is more; --format json has all");
            }
            let sign = match change.tag() {
                ChangeTag::Delete => Sign::Removed,
                ChangeTag::Insert => Sign::Added,
                ChangeTag::Equal => Sign::Same,
            };
            let line: &str = change.value();
            let open = if ends || line.ends_with('\n') { "" } else { "no newline at the end" };
            push(sign, 2, line.trim_end_matches('\n'), open);
        }
    }
}

/// Lines of one sign, not too many.
pub(crate) fn clipped(lines: &[String], sign: Sign, push: &mut impl FnMut(Sign, usize, &str, &str)) {
    let more = lines.len().saturating_sub(MOST_LINES);
    for line in lines.iter().take(MOST_LINES) {
        let cut: String = line.chars().take(2 * LONGEST).collect();
        push(sign, 2, &cut, "");
    }
    if more > 0 {
        push(sign, 2, "...", &format!("{} more; --format json has all", count(more, "line")));
    }
}

/// How many characters two strings have in common at their begin.
pub(crate) fn shared(before: &Content, after: &Content) -> usize {
    match (before.value(), after.value()) {
        (Some(Value::String(old)), Some(Value::String(new))) => {
            old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count()
        }
        _ => 0,
    }
}

/// A value on one line, if it fits there. Of a long string only what is around character `from`.
pub(crate) fn inline(content: &Content, from: usize) -> Option<String> {
    let value = match content {
        Content::Masked => return Some("(a secret)".to_owned()),
        Content::Whole => return None,
        Content::Value(value) => value,
    };
    let length = |text: &str| text.chars().count();
    match value {
        Value::String(text) if text.trim_end_matches('\n').contains('\n') => None,
        Value::String(text) if length(text) > LONGEST => {
            let begin = from.saturating_sub(LONGEST / 4);
            let part: String = text.chars().skip(begin).take(LONGEST).collect();
            let (before, after) = (begin > 0, begin + LONGEST < length(text));
            let dots = |there: bool| if there { "..." } else { "" };
            Some(format!("{}{part}{}", dots(before), dots(after)))
        }
        Value::String(text) => Some(emit::scalar_text(text).into_owned()),
        Value::List(_) | Value::Map(_) => Some(emit::json(&node(value), false)).filter(|text| length(text) <= SHORT),
        scalar => Some(emit::json(&node(scalar), false)),
    }
}

/// A value on several lines.
pub(crate) fn block(content: &Content) -> Vec<String> {
    let mut text = String::new();
    match content.value() {
        Some(Value::String(string)) => text.push_str(string),
        Some(value) => emit::document(&node(value), &mut text),
        None => {}
    }
    text.lines().map(str::to_owned).collect()
}

fn node(value: &Value) -> Node {
    Node::new(value.clone(), Place::top(FileId::NONE))
}
