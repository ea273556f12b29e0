//! Locks, mode by mode.

use serde_json::{Value as Json, json};

use super::Mode;
use crate::diagnostic::Diagnostics;
use crate::merge::fixture::Stack;

/// Base, environment (the owner) and a tenant's layer.
fn three(owned: Json, tenant: Json) -> Stack {
    Stack::of([("base", json!({"other": 1})), ("environment", owned), ("tenant", tenant)])
}

fn breaches(path: &str, mode: Mode, owned: Json, tenant: Json) -> Vec<String> {
    three(owned, tenant).lock(path, "environment", mode, &[]).findings()
}

fn security() -> Json {
    json!({"security": {"tls": true, "ciphers": ["a"], "audit": {"days": 30}}})
}

#[test]
fn a_fixed_value_is_for_its_owner_and_those_below() {
    let below = Stack::of([("base", security()), ("environment", json!({"security": {"tls": false}}))]);
    assert_eq!(below.lock("security.**", "environment", Mode::Fixed, &[]).findings(), Vec::<String>::new());
    for (tenant, path, deed) in [
        (json!({"security": {"tls": false}}), "security.tls", "sets it"),
        (json!({"security": {"tls": true}}), "security.tls", "sets it"),
        (json!({"security": {"new": 1}}), "security.new", "sets it"),
        (json!({"security": {"tls": {"!unset": null}}}), "security.tls", "removes it"),
        (json!({"security": {"audit": {"days": 1}}}), "security.audit.days", "sets it"),
        (json!({"security": {"ciphers": {"!append": ["b"]}}}), "security.ciphers", "sets it"),
        (json!({"security": {"!unset": null}}), "security", "removes it"),
        (json!({"security": null}), "security", "sets it"),
        (json!({"security": {"!replace": {}}}), "security.tls", "removes it"),
    ] {
        for (layer, by) in [("tenant", "layer tenant"), ("command line", "the command line")] {
            let stack = Stack::of([("environment", security()), (layer, tenant.clone())]);
            let found = stack.lock("security.**", "environment", Mode::Fixed, &[]).findings();
            assert_eq!(found, [format!("TC310: {path} is locked by layer environment, but {by} {deed}")]);
        }
    }
}

#[test]
fn what_is_left_alone_is_no_breach() {
    for tenant in [json!({}), json!({"security": {}}), json!({"security": {"audit": {}}}), json!({"other": 2})] {
        assert_eq!(breaches("security.**", Mode::Fixed, security(), tenant), Vec::<String>::new());
    }
    let kept = json!({"security": {"audit": {"days": {"!at_least": 7}}}});
    assert_eq!(breaches("security.**", Mode::Fixed, security(), kept), Vec::<String>::new());
}

#[test]
fn replacing_what_is_above_a_fixed_value_is_a_breach() {
    for tenant in [
        json!({"security": {"!unset": null}}),
        json!({"security": null}),
        json!({"security": {"!replace": {"tls": true}}}),
        json!({"security": {"!replace": 1}}),
        json!({"security": {"!replace": [1]}}),
    ] {
        let found = breaches("security.tls", Mode::Fixed, security(), tenant.clone());
        assert!(matches!(found.as_slice(), [one] if one.starts_with("TC310: security.tls ")), "{tenant} {found:?}");
    }
    let root = Stack::of([("environment", security()), ("tenant", json!({"!replace": {}}))]);
    assert_eq!(root.lock("security.tls", "environment", Mode::Fixed, &[]).findings().len(), 1);
}

#[test]
fn a_fixed_path_cannot_be_set_where_the_owner_left_it_out() {
    let found = breaches("security.tls", Mode::Fixed, json!({}), json!({"security": {"tls": true}}));
    assert_eq!(found, ["TC310: security.tls is locked by layer environment, but layer tenant sets it"]);
}

#[test]
fn a_file_that_the_owner_uses_too_may_not_set_it_again() {
    let mut stack = Stack::of([("environment", security()), ("tenant", json!({}))]);
    // As when a tenant's file extends one that the environment's extends.
    let document = std::sync::Arc::clone(&stack.layers[0].document);
    stack.layers[1].document = document;
    assert_eq!(stack.lock("security.tls", "environment", Mode::Fixed, &[]).findings().len(), 1);
}

#[test]
fn stars_find_one_key_or_any_number() {
    let owned = || json!({"a": {"x": {"cpu": 1}}, "b": {"cpu": 1}, "rows": [{"cpu": 1, "v": 1}]});
    let found = |path: &str, tenant: Json| breaches(path, Mode::Fixed, owned(), tenant).len();
    assert_eq!(found("*.cpu", json!({"b": {"cpu": 2}})), 1);
    assert_eq!(found("*.cpu", json!({"a": {"x": {"cpu": 2}}})), 0);
    assert_eq!(found("**.cpu", json!({"a": {"x": {"cpu": 2}}, "b": {"cpu": 2}})), 2);
    assert_eq!(found("**.cpu", json!({"cpu": 2})), 1);
    assert_eq!(found("**.cpu", json!({"rows": [{"cpu": 1, "v": 2}]})), 0);
    assert_eq!(found("rows.*.cpu", json!({"rows": [{"cpu": 2}]})), 1);
    assert_eq!(found("rows.*.cpu", json!({"rows": {"!unset": null}})), 1);
    assert_eq!(found("rows.**", json!({"rows": [{"cpu": 1, "v": 1}]})), 1);
    assert_eq!(found("**", json!({"new": 1})), 1);
}

#[test]
fn bounds_may_only_be_tightened() {
    let owned = || json!({"r": {"cpu": "2000m", "days": "30d", "n": 3, "z": null}});
    let found = |mode, tenant: Json| breaches("r.*", mode, owned(), tenant);
    let locked = "is locked by layer environment";
    for (mode, tenant, wrong) in [
        (Mode::AtMost, json!({"r": {"cpu": "1", "n": 3, "days": "1h", "new": 9, "z": 1}}), None),
        (Mode::AtLeast, json!({"r": {"cpu": "3", "n": 3.5, "days": "31d"}}), None),
        (
            Mode::AtMost,
            json!({"r": {"cpu": "4000m"}}),
            Some("r.cpu LOCKED against larger values, but layer tenant raises it"),
        ),
        (Mode::AtLeast, json!({"r": {"n": 2}}), Some("r.n LOCKED against smaller values, but layer tenant lowers it")),
        (Mode::AtMost, json!({"r": {"n": {"!unset": null}}}), Some("r.n LOCKED, but layer tenant removes it")),
        (
            Mode::AtMost,
            json!({"r": {"n": null}}),
            Some("r.n LOCKED within a bound, but layer tenant sets it to what cannot be compared"),
        ),
        (Mode::AtMost, json!({"r": {"!unset": null}}), Some("r.cpu LOCKED, but layer tenant removes it")),
    ] {
        let expected: Vec<_> = wrong.iter().map(|text| format!("TC310: {}", text.replace("LOCKED", locked))).collect();
        assert_eq!(found(mode, tenant), expected);
    }
    // An expression is a number only once it is evaluated.
    let live = Stack::of([("environment", owned()), ("override x", json!({"r": {"n": "{{ 9 }}"}}))]);
    assert_eq!(live.lock("r.n", "environment", Mode::AtMost, &[]).findings().len(), 1);
}

#[test]
fn appending_keeps_what_is_inherited() {
    let owned = || json!({"l": [1, 2], "m": {"k": [1]}});
    let found = |tenant: Json| breaches("**", Mode::Append, owned(), tenant).len();
    assert_eq!(found(json!({"l": {"!append": [3]}, "m": {"new": 1}})), 0);
    assert_eq!(found(json!({"l": [0, 1, 5, 2]})), 0);
    assert_eq!(found(json!({"l": [2, 1]})), 1);
    assert_eq!(found(json!({"l": {"!remove": [2]}})), 1);
    assert_eq!(found(json!({"m": {"!replace": {"new": 1}}})), 1);
    assert_eq!(
        breaches("l", Mode::Append, owned(), json!({"l": []})),
        ["TC310: l is locked by layer environment to grow only, but layer tenant takes some away"]
    );
}

#[test]
fn an_exempt_override_is_not_bound() {
    let stack = |name| {
        Stack::of([("environment", security()), (name, json!({"security": {"tls": false}}))]).lock(
            "security.**",
            "environment",
            Mode::Fixed,
            &["disaster_recovery"],
        )
    };
    assert_eq!(stack("override disaster_recovery").findings(), Vec::<String>::new());
    assert_eq!(
        stack("override other").findings(),
        ["TC310: security.tls is locked by layer environment, but override other sets it"]
    );
}

#[test]
fn a_breach_shows_the_offender_the_owners_value_and_the_lock() {
    let stack =
        three(security(), json!({"security": {"tls": false}})).lock("security.**", "environment", Mode::Fixed, &[]);
    let mut diagnostics = Diagnostics::new();
    assert!(stack.merge(&mut diagnostics).is_err());
    let [item] = diagnostics.items() else { panic!("{diagnostics:?}") };
    let files: Vec<_> = item.primary.iter().chain(&item.related).map(|label| label.place.file).collect();
    let file = |index: usize| stack.layers[index].document.file;
    assert_eq!(files, [file(2), file(1), stack.rules.locks[0].place.file]);
    let texts: Vec<_> = item.related.iter().map(|label| label.text.as_str()).collect();
    assert_eq!(texts, ["the owner's value", "locked here: because"]);
}

#[test]
fn an_exception_that_ended_is_none_unless_another_holds() {
    let found = |except: &[&str]| {
        let stack = Stack::of([("base", security()), ("override incident", json!({"security": {"tls": false}}))]);
        stack.lock("security.**", "base", Mode::Fixed, except).findings().len()
    };
    assert_eq!(found(&["incident"]), 0);
    assert_eq!(found(&["-incident"]), 1);
    assert_eq!(found(&["-incident", "incident"]), 0);
    assert_eq!(found(&["other"]), 1);
}
