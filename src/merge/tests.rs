//! The rules of the merge, one by one.

use serde_json::{Value as Json, json};

use super::fixture::Stack;
use crate::diagnostic::Diagnostics;
use crate::path::Path;
use crate::tree::Node;

fn merged(lower: Json, upper: Json) -> Json {
    Stack::of([("base", lower), ("tenant", upper)]).data()
}

fn findings(lower: Json, upper: Json) -> Vec<String> {
    Stack::of([("base", lower), ("tenant", upper)]).findings()
}

fn at<'a>(root: &'a Node, path: &str) -> &'a Node {
    root.get(&Path::parse(path).unwrap()).unwrap()
}

#[test]
fn mappings_merge_and_new_keys_go_last() {
    let data = merged(json!({"b": {"y": 1, "x": 2}, "a": 1}), json!({"c": 3, "b": {"w": 0, "x": 5}}));
    assert_eq!(data.to_string(), r#"{"b":{"y":1,"x":5,"w":0},"a":1,"c":3}"#);
}

#[test]
fn null_is_a_value_and_unset_is_none() {
    assert_eq!(merged(json!({"a": {"x": 1}, "b": 1}), json!({"a": null})), json!({"a": null, "b": 1}));
    assert_eq!(merged(json!({"a": {"x": 1}, "b": 1}), json!({"a": {"!unset": null}})), json!({"b": 1}));
    assert_eq!(merged(json!({"a": null}), json!({"a": [1]})), json!({"a": [1]}));
}

#[test]
fn unsetting_nothing_is_a_warning_that_knows_the_neighbours() {
    let mut diagnostics = Diagnostics::new();
    let stack = Stack::of([("base", json!({"replicas": 1})), ("tenant", json!({"replica": {"!unset": null}}))]);
    assert!(stack.merge(&mut diagnostics).is_ok());
    let [item] = diagnostics.items() else { panic!("{diagnostics:?}") };
    assert_eq!(item.message, "replica is not there, so there is nothing to unset");
    assert_eq!(item.help.first().map(String::as_str), Some("did you mean `replicas`?"));
    assert_eq!(findings(json!({}), json!({"new": {"x": {"!unset": null}}})).len(), 1);
}

#[test]
fn a_kind_changes_only_with_replace() {
    let base = || json!({"s": "x", "n": 1, "b": true, "l": [1], "m": {"k": 1}, "z": {"!secret": "z"}, "e": "{{ x }}"});
    let changes = [
        ("s", json!(1)),
        ("n", json!("1")),
        ("b", json!(1)),
        ("l", json!({})),
        ("m", json!([])),
        ("m", json!(1)),
        ("l", json!("x")),
        ("z", json!("x")),
        ("n", json!({"!secret": "n"})),
        ("s", json!({"k": 1})),
    ];
    for (key, value) in changes {
        let found = findings(base(), json!({key: value.clone()}));
        assert!(matches!(found.as_slice(), [only] if only.starts_with("TC201")), "{key} {value} {found:?}");
        let tagged = Stack::of([("base", base()), ("tenant", json!({key: {"!replace": value.clone()}}))]);
        assert_eq!(tagged.data().get(key), Some(&value));
    }
    for (key, value) in [
        ("n", json!(1.5)),
        ("s", json!({"!secret": "s"})),
        ("z", json!({"!secret": "y"})),
        ("e", json!(3)),
        ("e", json!({"k": 1})),
        ("m", json!(null)),
    ] {
        assert_eq!(findings(base(), json!({key: value.clone()})), Vec::<String>::new(), "{key} {value}");
    }
    let found = findings(json!({"n": 1}), json!({"n": "three"}));
    assert_eq!(found, ["TC201: n must be a number, as layer base has it, but layer tenant makes it a string"]);
}

#[test]
fn lists_replace_unless_a_tag_asks_for_more() {
    let base = || json!({"l": [1, 2, 1]});
    for (value, result) in [
        (json!([3]), json!([3])),
        (json!({"!append": [3, 1]}), json!([1, 2, 1, 3, 1])),
        (json!({"!prepend": [3]}), json!([3, 1, 2, 1])),
        (json!({"!remove": [1]}), json!([2])),
        (json!({"!replace": []}), json!([])),
    ] {
        assert_eq!(merged(base(), json!({"l": value})), json!({"l": result}));
    }
    assert_eq!(merged(json!({}), json!({"l": {"!append": [1]}, "m": {"!prepend": [2]}})), json!({"l": [1], "m": [2]}));
    assert_eq!(
        findings(base(), json!({"l": {"!remove": [7]}})),
        ["TC202: l has no such item, so there is nothing to remove"]
    );
    assert_eq!(
        findings(base(), json!({"l": {"!append": 3}})),
        ["TC204: l: !append takes a list, but this is a number"]
    );
}

#[test]
fn lists_follow_the_schema_and_a_tag_beats_it() {
    let schema = json!({"properties": {
        "a": {"x-merge": "append"}, "p": {"x-merge": "prepend"}, "u": {"x-merge": "unique"},
        "k": {"x-merge": {"by": "id"}, "items": {"properties": {"tags": {"x-merge": "append"}}}},
    }});
    let base =
        json!({"a": [1], "p": [1], "u": [1, {"x": 1, "y": 2}], "k": [{"id": 1, "v": 1, "tags": [1]}, {"id": 2}]});
    let over = json!({
        "a": [1], "p": [2], "u": [2, {"y": 2, "x": 1}, 2], "k": [{"id": 3}, {"id": 1, "v": 5, "tags": [2]}],
    });
    let stack = Stack::of([("base", base.clone()), ("tenant", over)]).schema(&schema);
    assert_eq!(
        stack.data(),
        json!({
            "a": [1, 1], "p": [2, 1], "u": [1, {"x": 1, "y": 2}, 2],
            "k": [{"id": 1, "v": 5, "tags": [1, 2]}, {"id": 2}, {"id": 3}],
        })
    );
    let over = json!({"a": {"!replace": [9]}, "k": {"!remove": [2]}});
    let data = Stack::of([("base", base), ("tenant", over)]).schema(&schema).data();
    assert_eq!(data.get("a"), Some(&json!([9])));
    assert_eq!(data.get("k"), Some(&json!([{"id": 1, "v": 1, "tags": [1]}])));
}

#[test]
fn items_merge_by_name() {
    let base = json!({"l": [{"name": "web", "port": 1}, {"name": "db", "port": 2}]});
    let over = json!({"l": {"!merge": [{"name": "new"}, {"name": "web", "tls": true}]}});
    assert_eq!(
        merged(base.clone(), over),
        json!({"l": [{"name": "web", "port": 1, "tls": true}, {"name": "db", "port": 2}, {"name": "new"}]})
    );
    assert_eq!(
        findings(base.clone(), json!({"l": {"!merge": [{"port": 1}, "x"]}})),
        [
            "TC204: l[2]: the list is merged by `name`, but this item has no plain `name`",
            "TC204: l[2]: the list is merged by `name`, but this item has no plain `name`"
        ]
    );
    assert_eq!(
        findings(base, json!({"l": {"!merge": [{"name": "a"}, {"name": "a"}]}})),
        ["TC204: l is merged by `name`, but two items of layer tenant have the same"]
    );
}

#[test]
fn bounds_keep_what_satisfies_them() {
    for (inherited, tag, bound, result) in [
        (json!(3), "!at_least", json!(5), json!(5)),
        (json!(7), "!at_least", json!(5), json!(7)),
        (json!(7), "!at_most", json!(5), json!(5)),
        (json!(0.5), "!at_most", json!(1), json!(0.5)),
        (json!("500m"), "!at_least", json!("2"), json!("2")),
        (json!("500m"), "!at_least", json!(2), json!(2)),
        (json!("2Gi"), "!at_least", json!("512Mi"), json!("2Gi")),
        (json!("30m"), "!at_least", json!("1h"), json!("1h")),
        (json!("5m"), "!at_most", json!("30s"), json!("30s")),
        (json!(null), "!at_least", json!(1), json!(1)),
    ] {
        assert_eq!(merged(json!({"v": inherited}), json!({"v": {tag: bound}})), json!({"v": result}));
    }
    assert_eq!(merged(json!({}), json!({"n": {"v": {"!at_least": 3}}})), json!({"n": {"v": 3}}));
    let stack = Stack::of([("base", json!({"v": 7})), ("tenant", json!({"v": {"!at_least": 5}}))]);
    let merged = stack.fine();
    assert_eq!(at(merged.root(), "v").place.file, stack.layers[0].document.file);
    assert!(at(merged.root(), "v").under.is_none());
}

#[test]
fn bounds_that_cannot_be_compared_are_errors() {
    for (inherited, bound) in
        [(json!("x"), json!(5)), (json!("30d"), json!("2Gi")), (json!([1]), json!(1)), (json!("{{ x }}"), json!(1))]
    {
        let found = findings(json!({"v": inherited}), json!({"v": {"!at_least": bound}}));
        assert!(matches!(found.as_slice(), [only] if only.starts_with("TC203")), "{found:?}");
    }
    let found = findings(json!({"v": 1}), json!({"v": {"!at_least": true}}));
    assert_eq!(found, ["TC204: v: !at_least takes a number, a quantity or a duration, but this is a boolean"]);
}

#[test]
fn expressions_are_live_in_code_and_errors_in_data() {
    let stack = Stack::of([("base", json!({"e": "{{ x }}", "r": {"!raw": "{{ x }}"}, "t": "{ x }"}))]);
    let merged = stack.fine();
    assert!(at(merged.root(), "e").live);
    assert!(!at(merged.root(), "r").live && !at(merged.root(), "t").live);
    assert_eq!(
        findings(json!({}), json!({"a": {"b": ["{% x %}"]}, "r": {"!raw": "{{ x }}"}})),
        ["TC209: a.b[0] is an expression, but layer tenant holds data only"]
    );
    assert_eq!(findings(json!({}), json!({"{{ k }}": 1})).len(), 1);
    assert_eq!(
        Stack::of([("base", json!({"{{ k }}": 1}))]).findings(),
        ["TC210: the key \"{{ k }}\" holds an expression, but a key is plain text"]
    );
}

#[test]
fn a_value_knows_what_it_beat_and_what_is_untouched_is_shared() {
    let stack = Stack::of([
        ("base", json!({"a": {"x": 1}, "b": {"y": 1}})),
        ("environment", json!({"a": {"x": 2}})),
        ("tenant", json!({"a": {"x": 3}})),
    ]);
    let merged = stack.fine();
    let x = at(merged.root(), "a.x");
    let names: Vec<_> = std::iter::once(x)
        .chain(x.beaten())
        .map(|node| merged.layers().layer_of(node.place).unwrap().name.to_string())
        .collect();
    assert_eq!(names, ["tenant", "environment", "base"]);
    assert_eq!(at(merged.root(), "a").beaten().count(), 2);
    let key = merged.root().at(&["a"]).and_then(|a| a.value.as_map()?.entry("x")).unwrap().key;
    assert_eq!(key.file, stack.layers[2].document.file);
    let lowest = merged.root().beaten().last().unwrap();
    let (crate::tree::Value::Map(above), crate::tree::Value::Map(below)) =
        (&at(merged.root(), "b").value, &at(lowest, "b").value)
    else {
        panic!("mappings expected")
    };
    assert!(std::sync::Arc::ptr_eq(above, below));
}

#[test]
fn overrides_that_contradict_each_other_are_errors() {
    let two = |a: Json, b: Json| {
        Stack::of([("base", json!({"n": 1, "l": [], "m": {}})), ("override a", a), ("override b", b)])
    };
    let contradiction = two(json!({"n": 3, "m": {"x": 1}}), json!({"n": 4, "m": {"y": 1}}));
    assert_eq!(
        contradiction.findings(),
        ["TC208: overrides a and b set n to different values, but neither names the other in `after`"]
    );
    assert_eq!(two(json!({"n": 3}), json!({"n": 4})).after("a").findings(), Vec::<String>::new());
    assert_eq!(two(json!({"m": {"x": 1}}), json!({"m": {"!replace": {}}})).findings().len(), 1);
    for (a, b) in [
        (json!({"n": 3}), json!({"n": 3})),
        (json!({"n": {"!at_least": 3}}), json!({"n": {"!at_least": 4}})),
        (json!({"n": 5}), json!({"n": {"!at_least": 4}})),
        (json!({"l": {"!append": [1]}}), json!({"l": {"!append": [2]}})),
    ] {
        assert_eq!(two(a, b).findings(), Vec::<String>::new());
    }
    assert_eq!(two(json!({"n": 3}), json!({"n": {"!at_least": 4}})).findings().len(), 1);
    let items = |port: i64, other: &str| json!({"l": {"!merge": [{"name": "web", "port": port}, {"name": other}]}});
    assert_eq!(two(items(1, "a"), items(1, "b")).findings(), Vec::<String>::new());
    assert_eq!(
        two(items(1, "a"), items(2, "b")).findings(),
        ["TC208: overrides a and b set l[0].port to different values, but neither names the other in `after`"]
    );
}

#[test]
fn an_override_is_judged_with_what_it_extends() {
    let stack = |last: i64| {
        Stack::of([
            ("override a", json!({"n": 1, "m": {"x": 1}})),
            ("override a", json!({"n": 2})),
            ("override b", json!({"n": last, "m": {"y": 1}})),
        ])
    };
    assert_eq!(stack(2).findings(), Vec::<String>::new());
    assert_eq!(stack(1).findings().len(), 1);
}

#[test]
fn values_know_their_line_in_the_file() {
    let base = "security:\n  tls: true\nlimits:\n  cpu: 500m\n  list: [a]\n";
    let tenant = "limits:\n  cpu: !at_least 250m\n  list: !append\n    - b\nsecurity: {tls: false}\n";
    let stack = Stack::default().yaml("base", base).yaml("tenant", tenant);
    let merged = stack.fine();
    for (path, place) in [
        ("security.tls", "tenant:5:17"),
        ("limits.cpu", "base:4:8"),
        ("limits.list[0]", "base:5:10"),
        ("limits.list[1]", "tenant:4:7"),
    ] {
        assert_eq!(stack.sources.describe(at(merged.root(), path).place), place);
    }
    assert_eq!(stack.sources.describe(at(merged.root(), "security.tls").under.as_ref().unwrap().place), "base:2:8");
}
