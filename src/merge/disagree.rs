//! Overrides that contradict each other: TC208.
//!
//! In goes the stack, out come findings. The order of two overrides decides only where one says, in `about.after`,
//! that it comes after the other; else setting one path to two values is an error. What both may do in any order
//! (raise a floor, add items) is no contradiction.

use std::cmp::Ordering;
use std::sync::Arc;

use indexmap::IndexMap;

use super::compare;
use super::list::key_of;
use super::strategy::At;
use super::trail::Trail;
use super::{Rules, Strategy};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::layers::Layer;
use crate::source::Place;
use crate::tree::Value;
use crate::yaml::{Content, Tag, Written};

/// What an override says as a whole: its own file over those it extends.
enum Claim<'a> {
    Value(&'a Written),
    Map(Place, IndexMap<&'a Arc<str>, Claim<'a>>),
}

/// An active override.
struct Active<'a> {
    name: &'a Arc<str>,
    after: Vec<&'a Arc<str>>,
    claim: Claim<'a>,
}

/// Records where two active overrides contradict each other.
pub(super) fn check(stack: &[Layer], rules: &Rules, diagnostics: &mut Diagnostics) {
    let mut active: Vec<Active<'_>> = Vec::new();
    for layer in stack {
        let Some(name) = &layer.over else { continue };
        let document = &layer.document;
        let after = document.about.iter().flat_map(|about| &about.after).map(|(name, _)| name);
        match active.iter_mut().find(|known| known.name == name) {
            Some(known) => {
                known.after.extend(after);
                known.claim.lay(&document.root);
            }
            None => active.push(Active { name, after: after.collect(), claim: Claim::of(&document.root) }),
        }
    }
    for (index, upper) in active.iter().enumerate() {
        for lower in active.iter().take(index) {
            if !upper.after.contains(&lower.name) {
                let reversed = lower.after.contains(&upper.name);
                let mut pair = Pair { lower: lower.name, upper: upper.name, reversed, diagnostics };
                pair.compare(&lower.claim, &upper.claim, rules.strategies.root(), &Trail::Root);
            }
        }
    }
}

impl<'a> Claim<'a> {
    fn of(written: &'a Written) -> Self {
        match (&written.content, written.tag) {
            (Content::Map(members), None) => {
                let claims = members.iter().map(|(key, member)| (key, Self::of(&member.value))).collect();
                Self::Map(written.place, claims)
            }
            _ => Self::Value(written),
        }
    }

    /// The override's next file over this one.
    fn lay(&mut self, written: &'a Written) {
        match (self, &written.content, written.tag) {
            (Self::Map(_, claims), Content::Map(members), None) => {
                for (key, member) in members {
                    match claims.get_mut(key) {
                        Some(claim) => claim.lay(&member.value),
                        None => drop(claims.insert(key, Self::of(&member.value))),
                    }
                }
            }
            (claim, ..) => *claim = Self::of(written),
        }
    }

    fn place(&self) -> Place {
        match self {
            Self::Value(written) => written.place,
            Self::Map(place, _) => *place,
        }
    }
}

/// Two overrides, in the order they are applied.
struct Pair<'a> {
    lower: &'a Arc<str>,
    upper: &'a Arc<str>,
    /// Whether the lower one says that it comes after the upper one.
    reversed: bool,
    diagnostics: &'a mut Diagnostics,
}

impl Pair<'_> {
    fn compare(&mut self, lower: &Claim<'_>, upper: &Claim<'_>, rule: At<'_>, trail: &Trail<'_>) {
        match (lower, upper) {
            (Claim::Map(_, lower), Claim::Map(_, upper)) => {
                for (key, claim) in upper {
                    if let Some(other) = lower.get(*key) {
                        self.compare(other, claim, rule.key(key), &Trail::Key(trail, key));
                    }
                }
            }
            (Claim::Value(a), Claim::Value(b)) if agree(a, b, rule) => {}
            (Claim::Value(a), Claim::Value(b)) if self.compare_items(a, b, rule, trail) => {}
            _ => self.report(lower.place(), upper.place(), trail),
        }
    }

    /// Lists whose items merge by one key contradict each other in items of one name only. False for other values.
    fn compare_items(&mut self, lower: &Written, upper: &Written, rule: At<'_>, trail: &Trail<'_>) -> bool {
        let (Content::List(below), Content::List(above)) = (&lower.content, &upper.content) else { return false };
        let Some(key) = key_of(lower, rule).filter(|key| key_of(upper, rule).as_ref() == Some(key)) else {
            return false;
        };
        for item in above {
            let Some(name) = item.at(&[&key]) else { continue };
            let same = |(_, other): &(usize, &Written)| other.at(&[&key]).is_some_and(|other| other.says_same(name));
            if let Some((index, other)) = below.iter().enumerate().find(same) {
                self.compare(&Claim::of(other), &Claim::of(item), rule.item(), &Trail::Index(trail, index));
            }
        }
        true
    }

    fn report(&mut self, lower: Place, upper: Place, trail: &Trail<'_>) {
        let path = trail.path();
        let (first, second) = (self.lower, self.upper);
        let (but, help) = if self.reversed {
            (
                format!("{first}, which says that it comes after {second}, is given before it"),
                format!("write `--override {second} --override {first}`"),
            )
        } else {
            (
                "neither names the other in `after`".to_owned(),
                format!("if {second} is to win, write `after: [{first}]` under its `about`"),
            )
        };
        let message = format!("overrides {first} and {second} set {path} to different values, but {but}");
        self.diagnostics.record(
            Diagnostic::new(code::OVERRIDES_DISAGREE, message)
                .at(upper, format!("set by override {second}"))
                .also(lower, format!("set by override {first}"))
                .about(path)
                .help(help)
                .help("or leave one of the overrides out"),
        );
    }
}

/// Whether two settings of one path come to the same in any order.
fn agree(a: &Written, b: &Written, rule: At<'_>) -> bool {
    match (a.tag(), b.tag()) {
        (Some(a), Some(b)) if a == b && matches!(a, Tag::AtLeast | Tag::AtMost | Tag::Remove) => true,
        (Some(bound @ (Tag::AtLeast | Tag::AtMost)), None) => satisfies(b, a, bound),
        (None, Some(bound @ (Tag::AtLeast | Tag::AtMost))) => satisfies(a, b, bound),
        _ if adds(a, rule) && adds(b, rule) => true,
        // `!replace` says the same with or without being said twice.
        (x, y) => plain(x) == plain(y) && a.says_same(b),
    }
}

fn plain(tag: Option<Tag>) -> Option<Tag> {
    tag.filter(|tag| *tag != Tag::Replace)
}

/// Whether a list only adds to what is inherited.
fn adds(written: &Written, rule: At<'_>) -> bool {
    matches!(written.content, Content::List(_))
        && match written.tag() {
            Some(tag) => matches!(tag, Tag::Append | Tag::Prepend),
            None => matches!(rule.strategy(), Some(Strategy::Append | Strategy::Prepend | Strategy::Unique)),
        }
}

fn satisfies(value: &Written, bound: &Written, tag: Tag) -> bool {
    let against = if tag == Tag::AtLeast { Ordering::Less } else { Ordering::Greater };
    let order = amount(value).zip(amount(bound)).and_then(|(value, bound)| compare(&value, &bound));
    order.is_some_and(|order| order != against)
}

fn amount(written: &Written) -> Option<Value> {
    match &written.content {
        Content::Number(number) => Some(Value::Number(*number)),
        Content::String { text, .. } => Some(Value::String(Arc::clone(text))),
        _ => None,
    }
}
