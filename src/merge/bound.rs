//! Which of two amounts is larger, and `!at_least` and `!at_most` with it.
//!
//! An amount is a number, a Kubernetes quantity (`500m`, `2Gi`; a number is one too) or a duration (`500ms`, `30d`).

use std::cmp::Ordering;

use super::fold::{Fold, Laid, called};
use super::trail::Trail;
use crate::diagnostic::{Diagnostic, code};
use crate::duration::Duration;
use crate::quantity::Quantity;
use crate::tree::{Kind, Node, Number, Value};
use crate::yaml::{Tag, Written};

/// How `a` compares to `b`; `None` when they are no amounts of one sort. Equal values of any kind are equal.
///
/// Two texts that both are quantities compare as quantities, else as durations. `m` is the one unit of both
/// (milli, minutes), and a positive factor in both, so texts that can be read both ways compare alike. For that one
/// unit this is no order of all texts: `5m` is less than `1` and more than `30s`.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => numbers(*a, *b),
        (Value::Number(number), Value::String(text)) => {
            Some(Quantity::parse(&number.to_string())?.cmp(&Quantity::parse(text)?))
        }
        (Value::String(_), Value::Number(_)) => compare(b, a).map(Ordering::reverse),
        (Value::String(a), Value::String(b)) => texts(a, b),
        _ => (a == b).then_some(Ordering::Equal),
    }
}

fn texts(a: &str, b: &str) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (Quantity::parse(a), Quantity::parse(b)) {
        return Some(a.cmp(&b));
    }
    if let (Some(a), Some(b)) = (Duration::parse(a), Duration::parse(b)) {
        return Some(a.cmp(&b));
    }
    (a == b).then_some(Ordering::Equal)
}

/// Exact also where a whole number has more digits than a float.
fn numbers(a: Number, b: Number) -> Option<Ordering> {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
        (Number::Int(a), Number::Float(b)) => Some(whole_and_float(a, b)),
        (Number::Float(a), Number::Int(b)) => Some(whole_and_float(b, a).reverse()),
    }
}

fn whole_and_float(a: i64, b: f64) -> Ordering {
    let floor = b.floor();
    #[expect(clippy::cast_possible_truncation, reason = "what is beyond 128 bits is taken as their end, far beyond 64")]
    let order = i128::from(a).cmp(&(floor as i128));
    order.then(if b > floor { Ordering::Less } else { Ordering::Equal })
}

impl Fold<'_> {
    /// `!at_least` and `!at_most`: the inherited value if it satisfies the bound, else the bound.
    pub(super) fn bound(&mut self, under: Option<&Node>, over: &Written, tag: Tag, trail: &Trail<'_>) -> Laid {
        let bound = self.scalar(over, trail);
        if bound.live || !matches!(bound.value, Value::Number(_) | Value::String(_)) {
            let what = if bound.live { "an expression" } else { bound.value.kind().with_article() };
            let message = format!("{tag} takes a number, a quantity or a duration, but this is {what}");
            let help = format!("write a plain bound, such as `{tag} 3`, `{tag} 500m` or `{tag} 30d`");
            self.misplaced(over, trail, &message, help);
            return Laid::Kept;
        }
        let Some(under) = under else { return Laid::Put(bound) };
        if under.value.kind() == Kind::Null {
            return Laid::Put(Self::above(Some(under), bound));
        }
        let order = if under.live { None } else { compare(&under.value, &bound.value) };
        match (order, tag) {
            (Some(Ordering::Less), Tag::AtLeast) | (Some(Ordering::Greater), Tag::AtMost) => {
                Laid::Put(Self::above(Some(under), bound))
            }
            (Some(_), _) => Laid::Kept,
            (None, _) => {
                self.incomparable(under, &bound, tag, trail);
                Laid::Kept
            }
        }
    }

    fn incomparable(&mut self, under: &Node, bound: &Node, tag: Tag, trail: &Trail<'_>) {
        let path = trail.path();
        let below = self.name_of(under.place);
        let (what, help) = if under.live {
            ("an expression", "write the bound into the expression, or replace the expression by a value")
        } else if matches!(under.value, Value::String(_) | Value::Number(_)) {
            (
                "not of the same sort",
                "write both as numbers, both as quantities (`500m`, `2Gi`) or both as durations (`30d`)",
            )
        } else {
            (under.value.kind().with_article(), "write a plain value instead of a bound")
        };
        let diagnostic = Diagnostic::new(
            code::BOUND,
            format!("{tag} at {path} cannot be compared with what {below} sets: it is {what}"),
        )
        .at(bound.place, format!("a bound, set by {}", called(self.layer)))
        .also(under.place, format!("{below} sets this"))
        .about(path)
        .help(help);
        self.diagnostics.record(diagnostic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::String(text.into())
    }

    #[test]
    fn texts_compare_as_quantities_or_durations() {
        for (less, more) in [
            ("30m", "1h"),
            ("500m", "2"),
            ("5m", "10m"),
            ("30s", "5m"),
            ("500ms", "1s"),
            ("512Mi", "1Gi"),
            ("999k", "1Mi"),
            ("30d", "31d"),
        ] {
            assert_eq!(compare(&text(less), &text(more)), Some(Ordering::Less), "{less} {more}");
            assert_eq!(compare(&text(more), &text(less)), Some(Ordering::Greater), "{less} {more}");
        }
        assert_eq!(compare(&text("1000m"), &text("1")), Some(Ordering::Equal));
        assert_eq!(compare(&text("60m"), &text("1h")), Some(Ordering::Equal));
        for (a, b) in [("30d", "2Gi"), ("x", "y"), ("1", "true"), ("1Gi", "1h")] {
            assert_eq!(compare(&text(a), &text(b)), None, "{a} {b}");
        }
    }

    #[test]
    fn only_m_is_a_unit_of_quantities_and_of_durations() {
        let suffixes = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3"];
        let both: Vec<_> = suffixes
            .into_iter()
            .filter(|suffix| Quantity::parse(&format!("1{suffix}")).is_some())
            .filter(|suffix| Duration::parse(&format!("1{suffix}")).is_some())
            .collect();
        assert_eq!(both, ["m"]);
    }

    #[test]
    fn numbers_compare_exactly_and_with_quantities() {
        let (int, float) = (|number| Value::Number(Number::Int(number)), |number| Value::Number(Number::Float(number)));
        assert_eq!(compare(&int(i64::MAX), &float(9_223_372_036_854_775_808.0)), Some(Ordering::Less));
        assert_eq!(compare(&int(i64::MIN), &float(-9_223_372_036_854_775_808.0)), Some(Ordering::Equal));
        assert_eq!(compare(&int(-1), &float(-1.5)), Some(Ordering::Greater));
        assert_eq!(compare(&int(1), &float(f64::MAX)), Some(Ordering::Less));
        assert_eq!(compare(&int(1), &text("500m")), Some(Ordering::Greater));
        assert_eq!(compare(&text("2"), &float(2.0)), Some(Ordering::Equal));
        assert_eq!(compare(&int(1), &text("1h")), None);
    }
}
