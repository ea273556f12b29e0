//! Laws of differences, as properties: equal trees have none, and one side with its differences is the other.

use std::sync::Arc;

use proptest::prelude::*;

use super::way::Step;
use super::{Content, Field, What, fields};
use crate::source::{FileId, Place};
use crate::tree::{Entry, Map, Node, Number, Value};

fn node(value: Value) -> Node {
    Node::new(value, Place::top(FileId::NONE))
}

fn map(members: impl IntoIterator<Item = (Arc<str>, Node)>) -> Value {
    let entry = |node| Entry { key: Place::top(FileId::NONE), node };
    Value::Map(Arc::new(members.into_iter().map(|(key, node)| (key, entry(node))).collect::<Map>()))
}

/// The older tree with its differences laid over it.
fn applied(before: &Node, found: &[Field], depth: usize) -> Node {
    if let [Field { way, what: What::Changed(_, Content::Value(after)), .. }] = found
        && way.steps().len() == depth
    {
        return node(after.clone());
    }
    let below = |step: &Step| -> Vec<Field> {
        found.iter().filter(|field| field.way.steps().get(depth) == Some(step)).cloned().collect()
    };
    let added = |fields: &[Field]| match fields {
        [Field { way, what: What::Added(Content::Value(value)), .. }] if way.steps().len() == depth + 1 => {
            Some(node(value.clone()))
        }
        _ => None,
    };
    let removed = |fields: &[Field]| matches!(fields, [Field { way, what: What::Removed(_), .. }] if way.steps().len() == depth + 1);
    let mut steps: Vec<Step> = found.iter().filter_map(|field| field.way.steps().get(depth).cloned()).collect();
    steps.dedup();
    match &before.value {
        Value::Map(members) => {
            let mut made: Vec<(Arc<str>, Node)> = Vec::new();
            for (key, entry) in members.iter() {
                let fields = below(&Step::Key(Arc::clone(key)));
                if !removed(&fields) {
                    made.push((Arc::clone(key), applied(&entry.node, &fields, depth + 1)));
                }
            }
            for step in &steps {
                if let (Step::Key(key), Some(node)) = (step, added(&below(step))) {
                    made.push((Arc::clone(key), node));
                }
            }
            node(map(made))
        }
        Value::List(items) => {
            let mut slots: Vec<Option<Node>> = items.iter().cloned().map(Some).collect();
            let mut new: Vec<(usize, Node)> = Vec::new();
            let named = |item: &Node, key: &str, name: &str| {
                item.at(&[key]).is_some_and(|found| match &found.value {
                    Value::String(text) => text.as_ref() == name,
                    Value::Number(number) => number.to_string() == name,
                    _ => false,
                })
            };
            for step in &steps {
                let fields = below(step);
                let (old, at) = match step {
                    Step::Item { key, name, index } => (items.iter().position(|item| named(item, key, name)), *index),
                    Step::Index { before, after } => (*before, after.unwrap_or_default()),
                    Step::Key(_) => unreachable!("lists have no keys"),
                };
                if let Some(node) = added(&fields) {
                    new.push((at, node));
                } else if let Some(old) = old {
                    slots[old] = if removed(&fields) { None } else { Some(applied(&items[old], &fields, depth + 1)) };
                }
            }
            let mut made: Vec<Node> = slots.into_iter().flatten().collect();
            let order = found.iter().find_map(|field| match &field.what {
                What::Reordered(_, after) if field.way.steps().len() == depth => Some(after),
                _ => None,
            });
            if let Some(order) = order {
                let name_of = |item: &Node| {
                    order.iter().position(|name| ["name", "port"].iter().any(|key| named(item, key, name)))
                };
                made.sort_by_key(name_of);
            }
            new.sort_by_key(|(at, _)| *at);
            for (at, node) in new {
                made.insert(at, node);
            }
            node(Value::List(Arc::new(made)))
        }
        _ => before.clone(),
    }
}

fn tree() -> impl Strategy<Value = Node> {
    let text = |pattern: &'static str| pattern.prop_map(|text| Value::String(text.into()));
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (0..3i64).prop_map(|number| Value::Number(Number::Int(number))),
        text("[ab\n]{0,3}"),
    ];
    scalar.prop_map(node).prop_recursive(4, 40, 5, |inner| {
        let key = "[abc]".prop_map(Arc::<str>::from);
        let maps = prop::collection::vec((key, inner.clone()), 0..4).prop_map(map);
        let named = prop::collection::vec(("[abcd]", inner.clone()), 0..4).prop_map(|items| {
            let item = |(name, value): (String, Node)| {
                node(map([("name".into(), node(Value::String(name.into()))), ("value".into(), value)]))
            };
            Value::List(Arc::new(items.into_iter().map(item).collect()))
        });
        let lists = prop::collection::vec(inner, 0..5).prop_map(|items| Value::List(Arc::new(items)));
        prop_oneof![maps, named, lists].prop_map(node)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_does_not_differ_from_itself(tree in tree()) {
        prop_assert!(fields(&tree, &tree.clone(), |_| false).is_empty());
    }

    #[test]
    fn one_side_with_its_differences_is_the_other(before in tree(), after in tree()) {
        let found = fields(&before, &after, |_| false);
        prop_assert_eq!(found.is_empty(), before.value == after.value);
        prop_assert_eq!(applied(&before, &found, 0).value, after.value);
    }

    #[test]
    fn what_is_masked_is_never_shown(before in tree(), after in tree()) {
        let secret = |tree: &Node| node(map([("data".into(), tree.clone())]));
        for field in fields(&secret(&before), &secret(&after), |key| key == "data") {
            let shown = match &field.what {
                What::Added(one) | What::Removed(one) => one.value().is_some(),
                What::Changed(one, two) | What::ApiVersion(one, two) => one.value().or(two.value()).is_some(),
                What::Reordered(..) => true,
            };
            prop_assert!(!shown, "{:?}", field);
        }
    }
}
