//! The laws of the merge, for any layers.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::fixture::{Stack, json};
use super::{Prefixes, compare};
use crate::diagnostic::{Diagnostics, code};
use crate::lock::Mode;
use crate::tree::{Node, Number, Value};

const NAMES: [&str; 6] = ["base", "environment", "tier", "tenant", "override x", "command line"];

fn key() -> impl Strategy<Value = String> {
    "[abc]"
}

/// Few values and keys, so that layers meet.
fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-2_i64..3).prop_map(Json::from),
        Just(json!(0.5)),
        "[xy]?".prop_map(Json::from),
        Just(json!({"!secret": "s"})),
    ]
}

fn value() -> impl Strategy<Value = Json> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from), mapping(inner),]
    })
}

fn mapping(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    prop::collection::vec((key(), value), 0..4).prop_map(|members| Json::Object(members.into_iter().collect()))
}

fn layer() -> impl Strategy<Value = Json> {
    mapping(value())
}

/// A layer with tags, most of them where they belong.
fn tagged() -> impl Strategy<Value = Json> {
    let list = || prop::collection::vec(prop_oneof![scalar(), mapping(scalar())], 0..3).prop_map(Json::from);
    let leaf = prop_oneof![
        3 => value(),
        1 => Just(json!({"!unset": null})),
        1 => value().prop_map(|value| json!({"!replace": value})),
        1 => list().prop_map(|items| json!({"!append": items})),
        1 => list().prop_map(|items| json!({"!remove": items})),
        1 => list().prop_map(|items| json!({"!merge": items})),
        1 => (-2_i64..3).prop_map(|bound| json!({"!at_least": bound})),
        1 => Just(json!({"!at_most": "1"})),
        1 => Just(json!("{{ x }}")),
    ];
    mapping(leaf.prop_recursive(2, 8, 3, mapping))
}

fn stack(layers: impl IntoIterator<Item = Json>) -> Stack {
    Stack::of(NAMES.into_iter().zip(layers))
}

fn tree(layers: impl IntoIterator<Item = Json>) -> Node {
    stack(layers).tree().0
}

fn data(layers: impl IntoIterator<Item = Json>) -> Json {
    json(&tree(layers))
}

fn object(key: &str, value: Json) -> Json {
    Json::Object(Map::from_iter([(key.to_owned(), value)]))
}

/// A mapping, and not a secret, which is written as one here.
fn members(json: &Json) -> Option<&Map<String, Json>> {
    json.as_object().filter(|members| !members.contains_key("!secret"))
}

/// Keys of `lower` first, then the new ones of `upper`, at every level.
fn in_order(lower: &Json, upper: &Json, merged: &Json) -> bool {
    let (Some(lower), Some(upper), Some(merged)) = (members(lower), members(upper), members(merged)) else {
        return true;
    };
    let new = upper.keys().filter(|key| !lower.contains_key(*key));
    lower.keys().chain(new).eq(merged.keys())
        && lower.iter().all(|(key, value)| match upper.get(key) {
            Some(over) => in_order(value, over, &merged[key]),
            None => value == &merged[key],
        })
}

/// Every place is in a layer's file, and what lies under a value is from a lower layer.
fn well_placed(node: &Node, stack: &Stack) -> bool {
    let rank = |node: &Node| stack.layers.iter().position(|layer| layer.document.file == node.place.file);
    let mut chain = std::iter::once(node).chain(node.beaten()).map(rank);
    let Some(Some(mut above)) = chain.next() else { return false };
    chain.all(|next| next.is_some_and(|next| std::mem::replace(&mut above, next) > next))
        && match &node.value {
            Value::Map(map) => map.iter().all(|(_, entry)| well_placed(&entry.node, stack)),
            Value::List(items) => items.iter().all(|item| well_placed(item, stack)),
            _ => true,
        }
}

proptest! {
    #[test]
    fn presence_decides(base in layer(), key in key(), value in value()) {
        let merged = data([base.clone(), object(&key, value.clone())]);
        // Mappings merge; any other value is there as it was written.
        if members(&value).is_none() || base.get(&key).and_then(members).is_none() {
            prop_assert_eq!(merged.get(&key), Some(&value));
        }
    }

    #[test]
    fn an_empty_layer_changes_nothing(base in tagged()) {
        let (alone, with) = (tree([base.clone()]), tree([base, json!({})]));
        prop_assert_eq!(alone.value, with.value);
    }

    #[test]
    fn a_layer_twice_is_a_layer_once(base in layer(), over in layer()) {
        prop_assert_eq!(data([base.clone(), over.clone(), over.clone()]), data([base, over]));
    }

    #[test]
    fn inherited_keys_come_first(base in layer(), over in layer()) {
        let merged = data([base.clone(), over.clone()]);
        prop_assert!(in_order(&base, &over, &merged), "{merged}");
    }

    #[test]
    fn what_is_unset_is_absent(base in layer(), key in key()) {
        let merged = data([base, object(&key, json!({"!unset": null}))]);
        prop_assert_eq!(merged.get(&key), None);
    }

    #[test]
    fn places_belong_to_layers_and_beaten_values_to_lower_ones(layers in prop::collection::vec(tagged(), 1..6)) {
        let stack = stack(layers);
        prop_assert!(well_placed(&stack.tree().0, &stack));
    }

    #[test]
    fn bounds_are_the_larger_and_the_smaller(a in -9_i64..9, bounds in prop::collection::vec(-9_i64..9, 1..5)) {
        let over = |tag: &'static str| bounds.iter().map(move |bound| json!({"n": {tag: bound}}));
        let bounded = |tag| data(std::iter::once(json!({"n": a})).chain(over(tag)));
        let all = || bounds.iter().copied().chain([a]);
        prop_assert_eq!(bounded("!at_least"), json!({"n": all().max()}));
        prop_assert_eq!(bounded("!at_most"), json!({"n": all().min()}));
    }

    #[test]
    fn comparing_is_antisymmetric_and_exact(a in any::<i64>(), b in any::<f64>().prop_filter("finite", |b| b.is_finite())) {
        let (a, b) = (Value::Number(Number::Int(a)), Value::Number(Number::Float(b)));
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).map(std::cmp::Ordering::reverse));
    }

    #[test]
    fn shared_prefixes_change_nothing(
        shared in prop::collection::vec(tagged(), 0..4),
        tenants in prop::collection::vec(prop::collection::vec(tagged(), 0..3), 1..4),
    ) {
        let mut template = Stack::of(NAMES.into_iter().zip(shared));
        template = template.lock("a.**", "base", Mode::Fixed, &[]);
        let prefixes = Prefixes::default();
        for tenant in tenants {
            let sources = std::mem::take(&mut template.sources);
            let mut stack = Stack { sources, layers: template.layers.clone(), rules: template.rules.clone() };
            for (name, json) in NAMES.into_iter().skip(3).zip(&tenant) {
                stack = stack.layer(name, json);
            }
            if !stack.layers.is_empty() {
                let (root, uncached) = stack.tree();
                let mut cached = Diagnostics::new();
                let merged = stack.layers().merge(&stack.rules, &prefixes, &mut cached);
                prop_assert_eq!(uncached.items(), cached.items());
                prop_assert_eq!(merged.is_ok(), uncached.errors() == 0);
                if let Ok(merged) = merged {
                    prop_assert_eq!(format!("{root:?}"), format!("{:?}", merged.root()));
                }
            }
            template.sources = stack.sources;
        }
    }

    #[test]
    fn a_fixed_value_never_changes_unseen(base in layer(), over in tagged()) {
        let stack = stack([base.clone(), over]).lock("a.**", "base", Mode::Fixed, &[]);
        let (root, diagnostics) = stack.tree();
        if !diagnostics.items().iter().any(|item| item.code == code::LOCKED) {
            prop_assert_eq!(root.at(&["a"]).map(json), base.get("a").cloned());
        }
    }

    #[test]
    fn a_locked_bound_holds(base in -3_i64..3, over in tagged()) {
        let stack = stack([json!({"a": base}), over]).lock("a", "base", Mode::AtLeast, &[]);
        let (root, diagnostics) = stack.tree();
        if !diagnostics.items().iter().any(|item| item.code == code::LOCKED) {
            let order = root.at(&["a"]).and_then(|after| compare(&after.value, &Value::Number(Number::Int(base))));
            prop_assert!(order.is_some_and(std::cmp::Ordering::is_ge));
        }
    }
}
