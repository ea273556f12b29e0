//! A value beside the limits of its schema.

use super::super::structural::reader::same;
use super::super::structural::{Between, Bounds, Limit};
use super::{Inspection, words};
use crate::diagnostic::{self, code};
use crate::quantity::Quantity;
use crate::source::Place;
use crate::tree::{Node, Number, Value};

/// Most allowed values that are listed.
const MOST_LISTED: usize = 10;

impl<'n> Inspection<'n> {
    pub(super) fn bounds(&mut self, bounds: &Bounds, node: &'n Node, head: Place) {
        if !bounds.allowed.is_empty() && !bounds.allowed.iter().any(|allowed| same(allowed, &node.value)) {
            self.not_allowed(&bounds.allowed, node, head);
        }
        match &node.value {
            Value::String(text) => self.text(bounds, text, node, head),
            Value::Number(number) => self.number(bounds, *number, node, head),
            Value::List(items) => self.count(bounds.items, items.len(), "item", node, head),
            Value::Map(map) => self.count(bounds.members, map.len(), "key", node, head),
            _ => {}
        }
    }

    fn not_allowed(&mut self, allowed: &[Value], node: &Node, head: Place) {
        let names: Vec<String> = allowed.iter().filter_map(shown).collect();
        let more = names.len().saturating_sub(MOST_LISTED);
        let mut message = match names.as_slice() {
            [one] => format!("must be {one}"),
            _ => format!("must be one of {}", names.get(..MOST_LISTED).unwrap_or(&names).join(", ")),
        };
        if more > 0 {
            message.push_str(&format!(" and {more} more"));
        }
        let mut problem =
            self.problem(code::FIELD_VALUE, words::place(node, head), message, "not one of those allowed");
        problem.allowed = names;
        self.note(problem);
    }

    fn text(&mut self, bounds: &Bounds, text: &str, node: &Node, head: Place) {
        if let Some(pattern) = bounds.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            self.broken(format!("must match the pattern `{}`", pattern.source()), "does not match", node, head);
        }
        if let Some(format) = bounds.format.filter(|format| !format.fits_text(text)) {
            let such =
                if format.example.is_empty() { String::new() } else { format!(", such as `{}`", format.example) };
            let label =
                if format.words.len() > 40 { "not of this form".to_owned() } else { format!("not {}", format.words) };
            self.broken(format!("must be {}{such}", format.words), &label, node, head);
        }
        self.count(bounds.length, text.chars().count(), "character", node, head);
    }

    fn number(&mut self, bounds: &Bounds, number: Number, node: &Node, head: Place) {
        let value = number.as_f64();
        let low = |limit: &Limit| value < limit.number.as_f64() || (limit.exclusive && value <= limit.number.as_f64());
        let high = |limit: &Limit| value > limit.number.as_f64() || (limit.exclusive && value >= limit.number.as_f64());
        if let Some(limit) = bounds.minimum.filter(low) {
            let than = if limit.exclusive { "more than" } else { "at least" };
            self.broken(format!("must be {than} {}", limit.number), "too small", node, head);
        }
        if let Some(limit) = bounds.maximum.filter(high) {
            let than = if limit.exclusive { "less than" } else { "at most" };
            self.broken(format!("must be {than} {}", limit.number), "too large", node, head);
        }
        if let Some(step) = bounds.multiple_of.filter(|step| !is_multiple(value, step.as_f64())) {
            self.broken(format!("must be a multiple of {step}"), "no multiple", node, head);
        }
        if let Some(format) = bounds.format
            && number.as_i64().is_some_and(|whole| !format.fits_whole(whole))
        {
            self.broken(format!("must be {}", format.words), "too large for it", node, head);
        }
    }

    fn count(&mut self, between: Between, count: usize, noun: &str, node: &Node, head: Place) {
        let (bound, limit) = match (between.least, between.most) {
            (Some(least), _) if count < least => ("at least", least),
            (_, Some(most)) if count > most => ("at most", most),
            _ => return,
        };
        let message = format!("must have {bound} {}, but has {count}", diagnostic::count(limit, noun));
        let label = if bound == "at least" { "too few" } else { "too many" };
        self.broken(message, label, node, head);
    }

    /// Every number is a quantity, and some strings are; none of Kubernetes' own fields takes less than nothing.
    pub(super) fn quantity(&mut self, node: &Node, head: Place) {
        let negative = match &node.value {
            Value::String(text) if is_plain(text) => return,
            Value::String(text) => {
                let Some(quantity) = Quantity::parse(text) else {
                    self.broken("must be a quantity, such as `500m` or `2Gi`".to_owned(), "no quantity", node, head);
                    return;
                };
                quantity < Quantity::ZERO
            }
            Value::Number(number) => number.as_f64() < 0.0,
            _ => false,
        };
        if negative {
            self.broken("must be at least 0".to_owned(), "less than nothing", node, head);
        }
    }

    fn broken(&mut self, message: String, label: &str, node: &Node, head: Place) {
        let problem = self.problem(code::FIELD_VALUE, words::place(node, head), message, label);
        self.note(problem);
    }
}

/// Whether a string is a quantity of the usual form, which needs no arithmetic to tell.
fn is_plain(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=15).contains(&digits)
        && matches!(text.get(digits..), Some("" | "m" | "k" | "M" | "G" | "Ki" | "Mi" | "Gi" | "Ti"))
}

/// Whether one number is a whole multiple of another, as far as floats can tell.
fn is_multiple(value: f64, step: f64) -> bool {
    let times = value / step;
    (times - times.round()).abs() < 1e-9
}

/// A value of a schema; nothing for the empty string, which stands for nothing.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => Some("null".to_owned()),
        _ => Some("another list or mapping".to_owned()),
    }
}
