//! Which items of two lists belong together.

use std::sync::Arc;

use indexmap::IndexMap;
use similar::{Algorithm, DiffOp};

use crate::tree::{Node, Value};
use crate::yaml::emit;

/// The keys that tell items of a list apart, the first that all items have and none shares: those by which Kubernetes
/// merges lists (`patchMergeKey`), then those that configurations use.
const KEYS: [&str; 9] = ["mountPath", "name", "containerPort", "port", "ip", "host", "topologyKey", "key", "id"];

/// Two lists of more items than this, multiplied, are not searched for what was inserted: that takes time in proportion.
const MOST: usize = 4_000_000;

/// Positions in the older and in the newer list.
type Pair = (Option<usize>, Option<usize>);

/// Names in their older and in their newer order.
type Order = (Vec<Arc<str>>, Vec<Arc<str>>);

/// The items of two lists, matched.
pub(super) enum Matched {
    /// By the value of a key.
    Named {
        key: &'static str,
        pairs: Vec<(Arc<str>, Option<usize>, Option<usize>)>,
        /// The names of the newer list in both orders, if those on both sides changed theirs.
        order: Option<Order>,
    },
    /// By position, with what was inserted and taken out. Pairs of equal items are left out.
    Ordered(Vec<Pair>),
}

/// Matches the items of two lists.
pub(super) fn matched(before: &[Node], after: &[Node]) -> Matched {
    for key in KEYS {
        if let (Some(older), Some(newer)) = (named(before, key), named(after, key)) {
            return by_name(key, &older, &newer);
        }
    }
    Matched::Ordered(by_position(before, after))
}

/// The items by their name, if each has one of its own.
fn named(items: &[Node], key: &str) -> Option<IndexMap<Arc<str>, usize>> {
    let mut names = IndexMap::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let name: Arc<str> = match &item.value.as_map()?.get(key)?.value {
            Value::String(text) => Arc::clone(text),
            Value::Number(number) => number.to_string().into(),
            _ => return None,
        };
        if names.insert(name, index).is_some() {
            return None;
        }
    }
    Some(names)
}

fn by_name(key: &'static str, older: &IndexMap<Arc<str>, usize>, newer: &IndexMap<Arc<str>, usize>) -> Matched {
    let mut pairs: Vec<_> =
        older.iter().map(|(name, old)| (Arc::clone(name), Some(*old), newer.get(name).copied())).collect();
    let added = newer.iter().filter(|(name, _)| !older.contains_key(*name));
    pairs.extend(added.map(|(name, new)| (Arc::clone(name), None, Some(*new))));
    let stayed = |names: &IndexMap<Arc<str>, usize>, others: &IndexMap<Arc<str>, usize>| -> Vec<Arc<str>> {
        names.keys().filter(|name| others.contains_key(*name)).cloned().collect()
    };
    let (from, to) = (stayed(older, newer), stayed(newer, older));
    let moved = from != to;
    Matched::Named { key, pairs, order: moved.then_some((from, to)) }
}

fn by_position(before: &[Node], after: &[Node]) -> Vec<Pair> {
    let same = |(old, new): &(&Node, &Node)| old.value == new.value;
    let first = before.iter().zip(after).take_while(same).count();
    let rest = before.len().min(after.len()) - first;
    let last = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(same).count();
    let (older, newer) = (&before[first..before.len() - last], &after[first..after.len() - last]);
    let mut pairs = Vec::new();
    let mut replaced = |old: usize, olds: usize, new: usize, news: usize| {
        let at = |begin: usize, count: usize, nth: usize| (nth < count).then_some(first + begin + nth);
        pairs.extend((0..olds.max(news)).map(|nth| (at(old, olds, nth), at(new, news, nth))));
    };
    if older.len().saturating_mul(newer.len()) > MOST {
        replaced(0, older.len(), 0, newer.len());
        return pairs;
    }
    let texts = |items: &[Node]| -> Vec<String> { items.iter().map(|item| emit::json(item, false)).collect() };
    for op in similar::capture_diff_slices(Algorithm::Myers, &texts(older), &texts(newer)) {
        match op {
            // Equal texts may be secrets that are not equal.
            DiffOp::Equal { old_index, new_index, len } => {
                let differ = (0..len).filter(|nth| older[old_index + nth].value != newer[new_index + nth].value);
                differ.for_each(|nth| replaced(old_index + nth, 1, new_index + nth, 1));
            }
            DiffOp::Delete { old_index, old_len, new_index } => replaced(old_index, old_len, new_index, 0),
            DiffOp::Insert { old_index, new_index, new_len } => replaced(old_index, 0, new_index, new_len),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                replaced(old_index, old_len, new_index, new_len);
            }
        }
    }
    pairs
}
