//! The law for whole workspaces: what the compiler finds nothing wrong with, no editor marks.
//!
//! It holds where all that a file writes reaches the configuration: of a value that a higher layer always beats, the
//! compiler says nothing, whatever it is.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Audience, schema};
use crate::diagnostic::Diagnostics;
use crate::layers::Document;
use crate::pipeline::Compiler;
use crate::shipped;
use crate::source::{Place, Sources};
use crate::tree::{Node, Value};
use crate::workspace::{Selection, Top, Workspace};
use crate::world::{Memory, World};
use crate::yaml::{Content, Limits, Tag, Written, read_document};

const SETTINGS: &str = r#"
apiVersion: tenantctl.dev/v1
kind: Workspace
environments: {dev: {}}
layers:
  - {name: base, file: base.yml}
  - {name: environment, file: "{environment}/{environment}.yml"}
  - {name: tier, file: "tiers/{tier}.yml"}
  - {name: tenant, file: "{environment}/tenants/{tenant}.yml", trust: data}
  - {name: override, file: "{environment}/overrides/{override}.yml"}
schemas: {merged: s/config.yml, layers: {tenant: s/tenant.yml}}
locks:
  - {path: "guard.**", owner: environment, mode: fixed, reason: "ours", except: [free]}
  - {path: size.cpu, owner: tier, mode: at_most, reason: "paid for"}
  - {path: channels, owner: environment, mode: append, reason: "never fewer"}
"#;

const CONFIG: &str = r#"
type: object
properties:
  tenant:
    type: object
    properties: {name: {type: string, minLength: 2}, tier: {enum: [gold, silver]}}
    required: [name, tier]
    additionalProperties: false
  size:
    type: object
    properties:
      cpu: {$ref: "defs.yml#/$defs/cpu"}
      replicas: {type: integer, minimum: 1, maximum: 9}
      ratio: {type: [number, "null"], exclusiveMinimum: 0}
    required: [cpu, replicas]
    additionalProperties: false
  mode: {type: string, enum: [fast, slow], description: How.}
  flag: {const: true}
  hosts: {type: array, items: {type: string, format: hostname}, uniqueItems: true, minItems: 1, x-merge: unique}
  channels: {type: array, items: {type: string, pattern: "^[a-z.]+$"}, uniqueItems: true, maxItems: 4}
  variables:
    type: array
    items:
      type: object
      properties: {name: {type: string}, value: {type: string, maxLength: 6}}
      required: [name, value]
      unevaluatedProperties: false
    x-merge: {by: name}
  labels:
    propertyNames: {pattern: "^[a-z]+$", not: {const: system}}
    additionalProperties: {type: string, minLength: 1}
    minProperties: 1
    type: object
  guard: {type: object, properties: {a: {type: integer}, b: {type: object, properties: {c: {type: boolean}}}}}
  password: {type: string, x-secret: true, pattern: "^[A-Z]{12}$"}
  port: {anyOf: [{type: integer, minimum: 1024}, {type: string, pattern: "^[a-z]+$"}]}
required: [tenant, size, mode]
additionalProperties: false
if: {properties: {mode: {const: fast}}, required: [size]}
then: {properties: {size: {properties: {replicas: {minimum: 2}}, required: [replicas]}}}
not: {required: [flag, port]}
dependentRequired: {flag: [hosts]}
"#;

const DEFS: &str = r#"$defs: {cpu: {type: string, format: quantity, not: {const: "0"}}}"#;

const TENANT: &str = r#"
type: object
properties:
  tenant: {type: object, required: [name, tier]}
  size: {properties: {cpu: {$ref: "defs.yml#/$defs/cpu"}, replicas: true}, additionalProperties: false}
  mode: {enum: [fast, slow]}
  hosts: {maxItems: 3}
  channels: {contains: {const: mail}}
  variables: true
  labels: true
  password: true
  guard: true
required: [tenant]
additionalProperties: false
if: {properties: {tenant: {properties: {tier: {const: silver}}}}}
then: {properties: {size: {properties: {replicas: {maximum: 4}}}}}
"#;

const BASE: &str = "\
size: {cpu: 500m, replicas: 2}
mode: slow
hosts: [a.example, b.example]
channels: [mail]
variables: [{name: a, value: one}]
labels: {team: x}
guard: {a: 1, b: {c: true}}
password: !secret db.password
";

/// The files of a workspace that is valid, with one of them another.
fn world(file: &str, text: &str) -> Memory {
    let files = [
        ("tenantctl.yaml", SETTINGS),
        ("s/config.yml", CONFIG),
        ("s/defs.yml", DEFS),
        ("s/tenant.yml", TENANT),
        ("base.yml", BASE),
        ("dev/dev.yml", "{}"),
        ("tiers/gold.yml", "size: {replicas: !at_least 3}"),
        ("tiers/silver.yml", "{}"),
        ("dev/tenants/acme.yml", "tenant: {name: Acme, tier: gold}"),
        ("dev/overrides/free.yml", "{}"),
        ("dev/overrides/bound.yml", "{}"),
    ];
    let world = files.iter().fold(Memory::new(), |world, (name, text)| world.file(name, *text));
    world.file(file, text)
}

/// A file as an editor sees it: what stands behind a tag is a text.
fn seen(written: &Written, sources: &Sources) -> Json {
    match (&written.content, written.tag()) {
        (_, Some(Tag::Unset)) => json!(""),
        (Content::List(items), _) => items.iter().map(|item| seen(item, sources)).collect::<Vec<_>>().into(),
        (Content::Map(members), _) => {
            let member = |(key, member): (&std::sync::Arc<str>, &crate::yaml::Member)| {
                (key.to_string(), seen(&member.value, sources))
            };
            members.iter().map(member).collect::<serde_json::Map<_, _>>().into()
        }
        (Content::String { text, .. }, _) => json!(text.as_ref()),
        (Content::Secret(secret), _) => json!(secret.name()),
        (_, Some(_)) => {
            let Place { file, start, end } = written.place;
            json!(sources.get(file).slice(start, end))
        }
        _ => serde_json::from_str(&crate::yaml::emit::json(&written.to_node(), false)).unwrap(),
    }
}

/// The places of all values in a tree.
fn places(node: &Node, found: &mut BTreeSet<Place>) {
    found.insert(node.place);
    match &node.value {
        Value::Map(map) => map.iter().for_each(|(_, entry)| places(&entry.node, found)),
        Value::List(items) => items.iter().for_each(|item| places(item, found)),
        _ => {}
    }
}

/// Whether every plain value that is written is in the tree.
fn reaches(written: &Written, found: &BTreeSet<Place>) -> bool {
    match &written.content {
        Content::Map(members) => members.values().all(|member| reaches(&member.value, found)),
        Content::List(items) => items.iter().all(|item| reaches(item, found)),
        _ => written.tag() == Some(Tag::Unset) || found.contains(&written.place),
    }
}

/// What is wrong with a file, by the schema of its audience.
fn marked(workspace: &Workspace<'_>, file: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::new();
    let placed = workspace.placed(&mut diagnostics).unwrap();
    let placed = placed.iter().find(|placed| placed.file.as_ref() == file).unwrap();
    let schema = schema(workspace, &Audience::of(workspace, placed));
    let valid = jsonschema::draft7::meta::validate(&schema).map_err(|error| error.to_string());
    assert_eq!(valid, Ok(()), "{file}");
    let bytes = workspace.world().read(file, 1 << 20).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let source = workspace.sources().add_file(file, &text);
    let written = read_document(source, &text, &Limits::default(), &mut diagnostics).unwrap();
    let seen = seen(&written, workspace.sources());
    let validator = jsonschema::draft7::new(&schema).unwrap();
    validator.iter_errors(&seen).map(|error| format!("{} at {}: {seen}", error, error.instance_path())).collect()
}

/// Whether the compiler finds nothing, and all that `file` writes reaches the configuration.
fn is_fine(workspace: &Workspace<'_>, file: &str, over: Option<&str>) -> bool {
    let mut diagnostics = Diagnostics::new();
    let selection = Selection {
        environment: "dev".to_owned(),
        tenants: vec!["acme".to_owned()],
        overrides: over.map(str::to_owned).into_iter().collect(),
        ..Selection::default()
    };
    let Ok(targets) = workspace.targets(&selection, &mut diagnostics) else { return false };
    let Some(target) = targets.first() else { return false };
    let Ok(validated) = Compiler::new(workspace, Top::default()).validated(target, &mut diagnostics) else {
        return false;
    };
    let mut found = BTreeSet::new();
    places(validated.resolved().merged(), &mut found);
    let document = |document: &Document| document.name.as_ref() == file && reaches(&document.root, &found);
    diagnostics.items().is_empty() && validated.layers().stack().iter().any(|layer| document(&layer.document))
}

/// The value of a key, as it may be written: more often right than wrong.
fn value(key: &'static str) -> BoxedStrategy<String> {
    let one = |values: &'static [&'static str]| prop::sample::select(values).prop_map(str::to_owned);
    let some = |values: BoxedStrategy<String>, most: usize| {
        let listed = prop::collection::vec(values, 0..most).prop_map(|items| format!("[{}]", items.join(", ")));
        let tags = prop::sample::select(vec!["", "", "!append ", "!prepend ", "!replace ", "!merge ", "!remove "]);
        (tags, listed).prop_map(|(tag, list)| format!("{tag}{list}")).boxed()
    };
    let map = |keys: &'static [&'static str]| {
        let member = prop::sample::select(keys).prop_flat_map(|key| value(key).prop_map(move |value| (key, value)));
        prop::collection::btree_map(member.clone().prop_map(|(key, _)| key), member, 0..3).prop_map(|members| {
            let members: std::collections::BTreeMap<_, _> = members.into_values().collect();
            let written: Vec<String> = members.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            format!("{{{}}}", written.join(", "))
        })
    };
    let any =
        one(&["!unset", "null", "\"{{ mode }}\"", "!raw \"{{ x\"", "1", "text", "true", "!replace 2", "!replace text"]);
    let usual = match key {
        "cpu" => one(&["250m", "\"1\"", "!at_most 400m", "!at_least 1", "!replace 1", "\"{{ '1' }}m\""]).boxed(),
        "replicas" => one(&["2", "3", "9", "!at_least 4", "!at_most 2", "\"{{ 3 }}\"", "!replace 5", "12"]).boxed(),
        "ratio" => one(&["0.5", "null", "!at_least 0.25", "1"]).boxed(),
        "mode" => one(&["fast", "slow", "\"{{ 'fast' }}\"", "!raw fast"]).boxed(),
        "flag" => one(&["true", "!replace true"]).boxed(),
        "host" => one(&["a.example", "c.example", "d.example", "\"{{ mode }}.example\""]).boxed(),
        "channel" => one(&["mail", "chat", "\"{{ mode }}\""]).boxed(),
        "hosts" => some(value("host"), 3),
        "channels" => some(value("channel"), 3),
        "variables" => some(prop_oneof![4 => map(&["name", "value"]), 1 => Just("a".to_owned())].boxed(), 3),
        "name" | "team" => one(&["a", "b", "ab"]).boxed(),
        "value" => one(&["one", "two", "\"\"", "\"{{ mode }}\""]).boxed(),
        "labels" => map(&["team", "name"]).boxed(),
        "size" => map(&["cpu", "replicas", "ratio"]).boxed(),
        "a" => one(&["1", "2"]).boxed(),
        "b" => one(&["{c: false}", "{}"]).boxed(),
        "guard" => map(&["a", "b"]).boxed(),
        "password" => one(&["!secret other.password", "ABCDEFGHIJKL"]).boxed(),
        "port" => one(&["8080", "http", "!at_least 2000", "80"]).boxed(),
        _ => one(&["{name: Acme, tier: gold}", "{name: Acme, tier: silver}", "{tier: gold}"]).boxed(),
    };
    prop_oneof![8 => usual, 1 => any].boxed()
}

/// A file of a few keys.
fn text() -> impl Strategy<Value = String> {
    let keys = prop::sample::subsequence(
        vec!["size", "mode", "flag", "hosts", "channels", "variables", "labels", "guard", "password", "port"],
        1..5,
    );
    keys.prop_flat_map(|keys| {
        keys.into_iter().map(|key| value(key).prop_map(move |value| format!("{key}: {value}\n"))).collect::<Vec<_>>()
    })
    .prop_map(|lines| lines.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_global_rejects: 65536, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_the_compiler_takes_is_not_marked(
        text in text(),
        (file, over) in prop::sample::select(vec![
            ("base.yml", None),
            ("dev/dev.yml", None),
            ("tiers/gold.yml", None),
            ("dev/tenants/acme.yml", None),
            ("dev/overrides/free.yml", Some("free")),
            ("dev/overrides/bound.yml", Some("bound")),
        ]),
    ) {
        let text = match file {
            "base.yml" => {
                let own = |line: &&str| !text.contains(&format!("{}:", line.split(':').next().unwrap_or_default()));
                BASE.lines().filter(|line| !line.is_empty()).filter(own).map(|line| format!("{line}\n")).collect::<String>() + &text
            }
            "dev/tenants/acme.yml" => format!("tenant: {{name: Acme, tier: gold}}\n{text}"),
            _ => text,
        };
        let world = world(file, &text);
        let sources = Sources::default();
        let workspace = Workspace::find(&world, &sources, &mut Diagnostics::new()).unwrap();
        prop_assume!(is_fine(&workspace, file, over));
        let marked = marked(&workspace, file);
        prop_assert!(marked.is_empty(), "{file}: {text} {marked:#?}");
    }
}

#[test]
fn no_file_of_the_shipped_workspace_is_marked() {
    let world = shipped::world();
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let workspace = Workspace::find(&world, &sources, &mut diagnostics).unwrap();
    let placed = workspace.placed(&mut diagnostics).unwrap();
    assert!(placed.len() > 30, "{}", placed.len());
    for placed in &placed {
        assert_eq!(marked(&workspace, &placed.file), [""; 0], "{}", placed.file);
    }
    let layers = world.list("environments").unwrap().len();
    assert_eq!(placed.len(), layers, "each file of the layers has its place");
}

#[test]
fn mistakes_are_marked() {
    for (file, text) in [
        ("base.yml", "sise: {}"),
        ("base.yml", "size: {cpus: 1}"),
        ("base.yml", "mode: quick"),
        ("dev/dev.yml", "size: {replicas: many}"),
        ("dev/dev.yml", "size: {replicas: 12}"),
        ("dev/dev.yml", "port: 80"),
        ("dev/dev.yml", "labels: {system: x}"),
        ("tiers/gold.yml", "guard: {a: 2}"),
        ("tiers/gold.yml", "guard: {b: {c: false}}"),
        ("tiers/gold.yml", "guard: !unset"),
        ("dev/tenants/acme.yml", "tenant: {tier: gold}"),
        ("dev/tenants/acme.yml", "tenant: {name: Acme, tier: silver}\nsize: {replicas: 5}"),
        ("dev/tenants/acme.yml", "tenant: {name: Acme, tier: gold}\nport: 8080"),
        ("dev/tenants/acme.yml", "tenant: {name: Acme, tier: gold}\nmode: \"{{ x }}\""),
        ("dev/tenants/acme.yml", "tenant: {name: Acme, tier: gold}\nsize: {replicas: null}"),
        ("dev/overrides/bound.yml", "guard: {a: 2}"),
        ("dev/overrides/bound.yml", "mode: fast\nsize: {replicas: 1}"),
        ("dev/overrides/bound.yml", "flag: true\nport: 8080"),
        ("dev/overrides/bound.yml", "size: {cpu: 500 m}"),
        ("dev/overrides/bound.yml", "variables: [{name: a, vale: b}]"),
        ("dev/overrides/bound.yml", "about: {owners: x}"),
    ] {
        let world = world(file, text);
        let sources = Sources::default();
        let workspace = Workspace::find(&world, &sources, &mut Diagnostics::new()).unwrap();
        assert_ne!(marked(&workspace, file), [""; 0], "{file}: {text}");
    }
}
