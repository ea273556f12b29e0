use proptest::prelude::*;

use super::*;
use crate::diagnostic::Diagnostics;
use crate::source::Sources;
use crate::workspace::Workspace;
use crate::world::Memory;

/// What is said about settings.
fn read(settings: &Value) -> Diagnostics {
    // JSON is YAML.
    let world = Memory::new().file(crate::workspace::FILE, settings.to_string()).file("s.json", "{}");
    let mut diagnostics = Diagnostics::new();
    let _ = Workspace::find(&world, &Sources::default(), &mut diagnostics);
    diagnostics
}

fn sample() -> Value {
    json!({
        "apiVersion": "tenantctl.dev/v1",
        "kind": "Workspace",
        "merge": 1,
        "kubernetes": "1.34",
        "environments": {"dev": {"aliases": ["d"], "context": "kind-dev"}, "prod": null},
        "layers": [
            {"name": "base", "file": "base.yml"},
            {"name": "tenant", "file": "{environment}/{tenant}.yml", "optional": true, "trust": "data"},
        ],
        "schemas": {"merged": "s.json", "environment": "s.json", "layers": {"tenant": "s.json"}},
        "locks": [{
            "path": "a.**", "owner": "base", "mode": "fixed", "reason": "why",
            "except": ["x", {"name": "y", "expires": "2027-01-31", "reason": "z"}],
        }],
        "severity": {"TC107": "warning"},
        "external": [{"kind": "Secret", "name": "a-*", "namespace": "b", "reason": "c"}],
        "lint": {"within": "30d", "allow": [{"codes": ["TC450"], "path": "a.**", "file": "b.yml", "reason": "c"}]},
        "compliance": {"frameworks": [{
            "id": "pci-dss", "version": "4.0.1", "selectedBy": "a",
            "declares": [{"what": "appendixA1", "applicable": true, "reason": "b"}],
        }]},
        "secrets": {
            "files": ["s/{environment}.yml"],
            "values": {"a.b": {"generate": {"password": {"length": 8, "alphabet": "digits"}}, "rotate": "90d"}, "c": {"generate": {"hex": {"bytes": 4}}}, "d": {"generate": {"ed25519": {"form": "pkcs8"}}}, "f": {"generate": {"rsa": {"bits": 4096}}}, "e": {"generate": {"certificate": {"names": ["a"], "days": 3}}}},
            "prod": {"recipients": ["age1d3m84ppfqp7cu759kw54z5xzzw57spxx5mp0vlhcmakvzqrmpeqq7yt9lf"], "delivery": "external", "store": {"kind": "SecretStore", "name": "a", "key": "{tenant}/{path}", "property": "{label}", "refresh": "5m"}},
        },
        "policy": {"params": {"a": 1}, "prod": {"deny": ["critical"], "warn": "low", "params": {"a": 2}, "except": [{"rules": ["TC-POD-101"], "reason": "b"}]}},
        "releases": {
            "sign": true,
            "allowed": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c ci"],
            "origin": "git.example.com/platform",
        },
    })
}

/// Pointers to all values inside.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

#[test]
fn every_mapping_has_the_keys_that_its_reader_asks_for() {
    let schema = schema();
    for (at, described) in [
        ("", ""),
        ("/environments/dev", "/properties/environments/additionalProperties"),
        ("/layers/0", "/properties/layers/items"),
        ("/schemas", "/properties/schemas"),
        ("/locks/0", "/properties/locks/items"),
        ("/locks/0/except/1", "/properties/locks/items/properties/except/items"),
        ("/external/0", "/properties/external/items"),
        ("/lint", "/properties/lint"),
        ("/compliance", "/properties/compliance"),
        ("/compliance/frameworks/0", "/properties/compliance/properties/frameworks/items"),
        ("/policy/prod", "/properties/policy/additionalProperties"),
        ("/policy/prod/except/0", "/properties/policy/additionalProperties/properties/except/items"),
        ("/secrets/values/a.b", "/properties/secrets/properties/values/additionalProperties"),
        (
            "/secrets/values/a.b/generate",
            "/properties/secrets/properties/values/additionalProperties/properties/generate",
        ),
        (
            "/secrets/values/e/generate/certificate",
            "/properties/secrets/properties/values/additionalProperties/properties/generate/properties/certificate",
        ),
        ("/secrets/prod", "/properties/secrets/additionalProperties"),
        ("/releases", "/properties/releases"),
        ("/lint/allow/0", "/properties/lint/properties/allow/items"),
    ] {
        let mut settings = sample();
        settings.pointer_mut(at).unwrap().as_object_mut().unwrap().insert("none_of_them".to_owned(), json!(1));
        let known: Vec<String> = read(&settings).items().iter().flat_map(|item| item.notes.clone()).collect();
        let properties = schema.pointer(described).unwrap()["properties"].as_object().unwrap();
        let keys: Vec<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(known, [format!("known: {}", keys.join(", "))], "{at}");
    }
}

#[test]
fn what_a_reader_needs_is_required() {
    let validator = jsonschema::draft7::new(&schema()).unwrap();
    let mut all = Vec::new();
    pointers(&sample(), "", &mut all);
    for pointer in all.iter().filter(|pointer| !pointer.is_empty()) {
        let mut settings = sample();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        if let Some(members) = settings.pointer_mut(parent).unwrap().as_object_mut() {
            members.shift_remove(key);
            let fine = read(&settings).items().is_empty();
            // What nothing else names may go; what the policy names may not, which a schema cannot say.
            let other = pointer == "/environments/dev"
                || pointer == "/environments/prod"
                || pointer == "/severity/TC107"
                || pointer.starts_with("/schemas/");
            assert!(fine == validator.is_valid(&settings) || other, "{pointer}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn what_the_reader_takes_is_taken(at in any::<prop::sample::Index>(), value in prop_oneof![
        Just(Value::Null), any::<bool>().prop_map(Value::from), (0..3).prop_map(Value::from),
        prop::sample::select(vec!["", "a", "base", "tenant", "s.json", "1.35", "v1.36.2", "30d", "TC451", "at_most", "error", "code", "prod-1", "A"]).prop_map(Value::from),
        Just(json!([])), Just(json!({})), Just(json!(["a"])), Just(json!({"a": "b"})), Just(json!({"tc302": "error", "303": "warning", "515": "ignore"})),
    ]) {
        let mut settings = sample();
        let mut all = Vec::new();
        pointers(&settings, "", &mut all);
        let pointer: &String = at.get(&all);
        *settings.pointer_mut(pointer).unwrap() = value;
        if read(&settings).items().is_empty() {
            let validator = jsonschema::draft7::new(&schema()).unwrap();
            let errors: Vec<String> = validator.iter_errors(&settings).map(|error| error.to_string()).collect();
            prop_assert!(errors.is_empty(), "{settings}: {errors:?}");
        }
    }
}
