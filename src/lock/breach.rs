//! Whether a layer broke a lock: the tree below it and the tree with it, compared along the lock's pattern.
//!
//! A value that a layer did not touch is the very same node in both trees, so only what changed is looked into, and
//! replacing or removing a value from above is seen as well as setting it.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::pattern::Part;
use super::{Lock, Mode};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::layers::Layer;
use crate::merge::{Trail, called, compare};
use crate::path::{Path, Step};
use crate::source::Place;
use crate::tree::{Kind, Map, Node, Value};

impl Lock {
    /// Records each breach by the last layer of `stack`, which made `after` out of `before`.
    pub(crate) fn watch(&self, before: Option<&Node>, after: &Node, stack: &[Layer], diagnostics: &mut Diagnostics) {
        let Some(layer) = stack.last() else { return };
        let exception = layer.over.as_ref().and_then(|name| self.exception(name));
        if layer.rank <= self.owner_rank || exception.is_some_and(|exception| !exception.ended) {
            return;
        }
        let mut watch = Watch { lock: self, layer, stack, told: BTreeSet::new(), diagnostics };
        watch.walk(before, Some(after), self.pattern.parts(), &Trail::Root);
    }
}

/// What a layer did against a lock.
#[derive(Clone, Copy)]
enum Deed {
    Sets,
    Removes,
    Raises,
    Lowers,
    Blurs,
    TakesAway,
}

/// A lock, and a layer above its owner.
struct Watch<'a> {
    lock: &'a Lock,
    layer: &'a Layer,
    stack: &'a [Layer],
    /// Offending places: one line that removes many locked values is one breach.
    told: BTreeSet<Place>,
    diagnostics: &'a mut Diagnostics,
}

impl Watch<'_> {
    /// Looks for values the pattern finds, in either tree.
    fn walk(&mut self, before: Option<&Node>, after: Option<&Node>, parts: &[Part], trail: &Trail<'_>) {
        let Some((part, rest)) = parts.split_first() else { return self.judge(before, after, trail) };
        if untouched(before, after) {
            return;
        }
        if let Part::Key(key) = part {
            return self.walk(down(before, key), down(after, key), rest, &Trail::Key(trail, key));
        }
        if *part == Part::Deep && rest.is_empty() {
            return self.judge(before, after, trail);
        }
        if is_list(before) || is_list(after) {
            return self.judge_list(before, after, parts, trail);
        }
        if *part == Part::Deep {
            self.walk(before, after, rest, trail);
        }
        let below = if *part == Part::Deep { parts } else { rest };
        for key in keys(before, after) {
            self.walk(down(before, key), down(after, key), below, &Trail::Key(trail, key));
        }
    }

    /// A locked value, in both trees.
    fn judge(&mut self, before: Option<&Node>, after: Option<&Node>, trail: &Trail<'_>) {
        if untouched(before, after) {
            return;
        }
        if is_map(before) && is_map(after) {
            for key in keys(before, after) {
                self.judge(down(before, key), down(after, key), &Trail::Key(trail, key));
            }
            return;
        }
        let deed = match (self.lock.mode, before, after) {
            (Mode::Fixed, _, Some(_)) => Some(Deed::Sets),
            // Where nothing is inherited there is nothing to tighten or to keep.
            (_, None, _) => None,
            (_, Some(_), None) => Some(Deed::Removes),
            (Mode::AtMost | Mode::AtLeast, Some(before), Some(after)) => against_bound(self.lock.mode, before, after),
            (Mode::Append, Some(before), Some(after)) => (!only_adds(before, after)).then_some(Deed::TakesAway),
        };
        if let Some(deed) = deed {
            self.report(deed, before, trail);
        }
    }

    /// Items have no names, so a list is judged by what the pattern finds in it, as data and in order.
    fn judge_list(&mut self, before: Option<&Node>, after: Option<&Node>, parts: &[Part], trail: &Trail<'_>) {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        find(before, parts, &mut old);
        find(after, parts, &mut new);
        let fine = match self.lock.mode {
            Mode::Fixed => old == new,
            Mode::AtMost | Mode::AtLeast => old.is_empty() || old == new,
            Mode::Append => is_subsequence(&old, &new),
        };
        if !fine {
            let deed = if after.is_none() { Deed::Removes } else { Deed::Sets };
            self.report(deed, before, trail);
        }
    }

    fn report(&mut self, deed: Deed, before: Option<&Node>, trail: &Trail<'_>) {
        let path = trail.path();
        let place = offender(self.layer, &path);
        if !self.told.insert(place) {
            return;
        }
        let (lock, by) = (self.lock, called(self.layer));
        let (allowed, what) = match deed {
            Deed::Sets => ("", "sets it"),
            Deed::Removes => ("", "removes it"),
            Deed::Raises => (" against larger values", "raises it"),
            Deed::Lowers => (" against smaller values", "lowers it"),
            Deed::Blurs => (" within a bound", "sets it to what cannot be compared"),
            Deed::TakesAway => (" to grow only", "takes some away"),
        };
        let message = format!("{path} is locked by layer {}{allowed}, but {by} {what}", lock.owner);
        let mut diagnostic = Diagnostic::new(code::LOCKED, message).at(place, format!("{by} {what}")).about(path);
        if let Some(owned) = before.and_then(|node| self.owned(node)) {
            diagnostic = diagnostic.also(owned.place, "the owner's value");
        } else if let Some(before) = before {
            diagnostic = diagnostic.also(before.place, "the inherited value");
        }
        diagnostic = diagnostic.also(lock.place, format!("locked here: {}", lock.reason)).help(match lock.mode {
            Mode::Fixed => format!("remove it here; only layer {} and those below it may set it", lock.owner),
            Mode::AtMost => "keep it, or set it to the inherited value or less".to_owned(),
            Mode::AtLeast => "keep it, or set it to the inherited value or more".to_owned(),
            Mode::Append => "keep what is inherited; `!append` before a list adds to it".to_owned(),
        });
        let exception = self.layer.over.as_ref().and_then(|name| lock.exception(name));
        if let Some(name) = &self.layer.over {
            diagnostic = match exception.and_then(|exception| exception.expires) {
                Some((date, place)) => diagnostic
                    .also(place, format!("this exception ended on {date}"))
                    .help("if the override is still meant to do this, set a later date"),
                None => diagnostic
                    .help(format!("if the override is meant to do this, write `except: [{name}]` into the lock")),
            };
        }
        self.diagnostics.record(diagnostic);
    }

    /// The value of the owner, or of a layer below it, that is or lies under a node.
    fn owned<'n>(&self, node: &'n Node) -> Option<&'n Node> {
        let by_owner = |node: &&Node| {
            let layer = self.stack.iter().find(|layer| layer.document.file == node.place.file);
            layer.is_some_and(|layer| layer.rank <= self.lock.owner_rank)
        };
        std::iter::once(node).chain(node.beaten()).find(by_owner)
    }
}

/// How a value breaks `at_most` or `at_least`, if it does.
fn against_bound(mode: Mode, before: &Node, after: &Node) -> Option<Deed> {
    if before.value.kind() == Kind::Null {
        return None;
    }
    let order = if before.live || after.live {
        (before.value == after.value).then_some(Ordering::Equal)
    } else {
        compare(&after.value, &before.value)
    };
    match (order, mode) {
        (None, _) => Some(Deed::Blurs),
        (Some(Ordering::Greater), Mode::AtMost) => Some(Deed::Raises),
        (Some(Ordering::Less), Mode::AtLeast) => Some(Deed::Lowers),
        _ => None,
    }
}

/// Whether nothing of `before` is lost. Two mappings never come here.
fn only_adds(before: &Node, after: &Node) -> bool {
    match (&before.value, &after.value) {
        (Value::List(before), Value::List(after)) => {
            let values = |nodes: &'_ Arc<Vec<Node>>| nodes.iter().map(|node| node.value.clone()).collect::<Vec<_>>();
            let (before, after) = (values(before), values(after));
            is_subsequence(&before.iter().collect::<Vec<_>>(), &after.iter().collect::<Vec<_>>())
        }
        (Value::Null, _) => true,
        (before, after) => before == after,
    }
}

fn is_subsequence(all: &[&Value], within: &[&Value]) -> bool {
    let mut rest = within.iter();
    all.iter().all(|value| rest.any(|other| other == value))
}

/// The values a pattern finds in a tree.
fn find<'a>(node: Option<&'a Node>, parts: &[Part], found: &mut Vec<&'a Value>) {
    let Some(node) = node else { return };
    let Some((part, rest)) = parts.split_first() else { return found.push(&node.value) };
    let below = match part {
        Part::Key(key) => return find(down(Some(node), key), rest, found),
        Part::Any => rest,
        Part::Deep if rest.is_empty() => return found.push(&node.value),
        Part::Deep => {
            find(Some(node), rest, found);
            parts
        }
    };
    match &node.value {
        Value::Map(map) => map.iter().for_each(|(_, entry)| find(Some(&entry.node), below, found)),
        Value::List(items) => items.iter().for_each(|item| find(Some(item), below, found)),
        _ => {}
    }
}

/// Whether a layer left a value as it was. What it sets anew lies over something else, or over nothing.
fn untouched(before: Option<&Node>, after: Option<&Node>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return before.is_none() && after.is_none() };
    let content = match (&before.value, &after.value) {
        // A mapping that was merged with an empty one is another node with the same entries.
        (Value::Map(a), Value::Map(b)) => return Arc::ptr_eq(a, b),
        (Value::List(a), Value::List(b)) => Arc::ptr_eq(a, b),
        (a, b) => a == b,
    };
    let under = match (&before.under, &after.under) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    };
    content && under && before.place == after.place
}

/// Where a layer's file sets what is at `path`, or what is above it.
fn offender(layer: &Layer, path: &Path) -> Place {
    let mut written = &layer.document.root;
    let mut key = None;
    for step in path.steps() {
        let Step::Key(name) = step else { break };
        let Some(member) = written.members().and_then(|members| members.get(name)) else { break };
        key = Some(member.key);
        written = &member.value;
    }
    match (written.tag, key) {
        (Some(tagged), _) => tagged.place,
        (None, Some(key)) if written.kind() == Kind::Map => key,
        _ => written.place,
    }
}

fn down<'a>(node: Option<&'a Node>, key: &str) -> Option<&'a Node> {
    node?.value.as_map()?.get(key)
}

fn is_list(node: Option<&Node>) -> bool {
    node.is_some_and(|node| node.value.kind() == Kind::List)
}

fn is_map(node: Option<&Node>) -> bool {
    node.is_some_and(|node| node.value.kind() == Kind::Map)
}

/// The keys of both, those of `before` first.
fn keys<'a>(before: Option<&'a Node>, after: Option<&'a Node>) -> impl Iterator<Item = &'a Arc<str>> {
    let map = |node: Option<&'a Node>| node.and_then(|node| node.value.as_map());
    let (before, after) = (map(before), map(after));
    let new = move |key: &&Arc<str>| before.is_none_or(|before| before.get(key).is_none());
    before.into_iter().flat_map(Map::keys).chain(after.into_iter().flat_map(Map::keys).filter(new))
}
