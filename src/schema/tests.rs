use std::fmt::Write;

use serde_json::json;

use super::*;
use crate::path::Path;
use crate::target::Target;
use crate::tree::{Entry, Map, Value as TreeValue};
use crate::world::Memory;
use crate::yaml::{self, Content, Limits, Written};

const SCHEMA: &str = "schemas/config.schema.json";

struct Bench {
    sources: Sources,
    diagnostics: Diagnostics,
}

impl Bench {
    fn new() -> Self {
        Self { sources: Sources::default(), diagnostics: Diagnostics::new() }
    }

    fn compile(&mut self, world: &Memory, name: &str) -> Result<Schema, Failed> {
        let reason = Reason { place: None, what: "the schema of the merged configuration".to_owned() };
        Schema::compile(world, &self.sources, name, &reason, &mut self.diagnostics)
    }

    fn tree(&mut self, name: &str, text: &str) -> Node {
        let file = self.sources.add(name, text);
        let written = yaml::read_document(file, text, &Limits::default(), &mut self.diagnostics).unwrap();
        node(&written)
    }

    fn check(&mut self, schema: &Schema, instance: &Node) {
        let target = Target::new("prod".into(), Some("acme-corp".into()), Vec::new());
        let sources = &self.sources;
        let layer = |place: Place| sources.get(place.file).name().strip_suffix(".yml").map(Arc::from);
        let subject =
            Subject { layer: &layer, label: Some("the merged configuration"), partial: false, target: Some(&target) };
        schema.check(instance, &subject, &mut self.diagnostics);
    }

    /// Everything recorded, with places in place of frames.
    fn said(&self) -> String {
        let mut text = String::new();
        for item in self.diagnostics.items() {
            writeln!(text, "{} {}", item.code, item.message).unwrap();
            for label in item.primary.iter().chain(&item.related) {
                let source = self.sources.get(label.place.file);
                let marked = source.slice(label.place.start, label.place.end).lines().next().unwrap_or_default();
                writeln!(text, "  {} <{marked}> {}", self.sources.describe(label.place), label.text).unwrap();
            }
            for note in &item.notes {
                writeln!(text, "  note: {note}").unwrap();
            }
            for help in &item.help {
                writeln!(text, "  help: {help}").unwrap();
            }
        }
        text
    }
}

fn node(written: &Written) -> Node {
    let value = match &written.content {
        Content::Null => TreeValue::Null,
        Content::Bool(boolean) => TreeValue::Bool(*boolean),
        Content::Number(number) => TreeValue::Number(*number),
        Content::String { text, .. } => TreeValue::String(Arc::clone(text)),
        Content::Secret(secret) => TreeValue::Secret(secret.clone()),
        Content::List(items) => TreeValue::List(Arc::new(items.iter().map(node).collect())),
        Content::Map(members) => {
            let entry = |member: &yaml::Member| Entry { key: member.key, node: node(&member.value) };
            let map: Map = members.iter().map(|(key, member)| (Arc::clone(key), entry(member))).collect();
            TreeValue::Map(Arc::new(map))
        }
    };
    let live = matches!(&value, TreeValue::String(text) if text.contains("{{"));
    Node { live, ..Node::new(value, written.place) }
}

/// What the schema says about a document.
fn judge(schema: &Value, document: &str) -> String {
    let text = serde_json::to_string_pretty(schema).unwrap();
    let mut bench = Bench::new();
    let schema = bench.compile(&Memory::new().file(SCHEMA, text), SCHEMA);
    let schema = schema.unwrap_or_else(|_| panic!("{}", bench.said()));
    let tree = bench.tree("tenant.yml", document);
    bench.check(&schema, &tree);
    bench.said()
}

/// What is wrong with the schema made of these files.
fn refused(files: &[(&str, &str)]) -> String {
    let world = files.iter().fold(Memory::new(), |world, (name, text)| world.file(name, *text));
    let mut bench = Bench::new();
    assert!(bench.compile(&world, files[0].0).is_err(), "the schema is accepted");
    bench.said()
}

fn config() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.com/config.schema.json",
        "type": "object",
        "required": ["tenant"],
        "additionalProperties": false,
        "properties": {
            "tenant": {
                "type": "object",
                "required": ["name", "tier"],
                "properties": {
                    "name": {"type": "string", "description": "Name shown to people.\nMore.", "examples": ["Acme Corp"], "maxLength": 5},
                    "tier": {"enum": ["basic", "premium", "enterprise"]},
                    "contact": {"type": "string", "format": "email"}
                }
            },
            "resources": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "replicas": {"$ref": "#/$defs/count"},
                    "cpu_limit": {"type": "string", "format": "quantity"},
                    "window": {"type": "string", "format": "duration", "examples": ["30m"]}
                }
            },
            "password": {"type": "string", "enum": ["a", "b"], "x-secret": true},
            "labels": {"type": "object", "propertyNames": {"format": "rfc1123-label"}, "additionalProperties": {"type": "string"}},
            "hosts": {"type": "array", "uniqueItems": true, "items": {"type": "string", "pattern": "^[a-z.]+$"}}
        },
        "$defs": {"count": {"type": "integer", "minimum": 1, "maximum": 50, "description": "Number of pods."}}
    })
}

#[test]
fn a_wrong_type_is_told_as_the_design_wants_it() {
    let mut bench = Bench::new();
    let text = serde_json::to_string_pretty(&config()).unwrap();
    let schema = bench.compile(&Memory::new().file(SCHEMA, text), SCHEMA).unwrap();
    let low = bench.tree("tier.yml", "replicas: 3\n");
    let low = low.at(&["replicas"]).unwrap().clone();
    let tree = bench.tree("tenant.yml", "tenant: {name: Acme, tier: basic}\nresources:\n  replicas: three\n");
    let with = |map: &Map, key: &str, change: &dyn Fn(&Node) -> Node| {
        let mut map = map.clone();
        let entry = map.entry_mut(key).unwrap();
        entry.node = change(&entry.node);
        map
    };
    let place = tree.place;
    let root = with(tree.value.as_map().unwrap(), "resources", &|resources| {
        let inner = with(resources.value.as_map().unwrap(), "replicas", &|replicas| Node {
            under: Some(Arc::new(low.clone())),
            ..replicas.clone()
        });
        Node::new(TreeValue::Map(Arc::new(inner)), resources.place)
    });
    bench.check(&schema, &Node::new(TreeValue::Map(Arc::new(root)), place));
    assert_eq!(
        bench.said(),
        "TC301 resources.replicas must be an integer, but it is a string
  tenant.yml:3:13 <three> a string, set by layer tenant
  tier.yml:1:11 <3> layer tier had an integer here
  note: required by schemas/config.schema.json:86 at /$defs/count/type
  help: write a whole number, such as `replicas: 3` (Number of pods)
  help: to see where the value comes from: tenantctl get prod acme-corp resources.replicas
"
    );
    assert_eq!(bench.diagnostics.items()[0].path, Path::parse("resources.replicas").ok());
}

#[test]
fn unknown_keys_are_told_one_by_one_at_the_key() {
    let said = judge(
        &config(),
        "tenant: {name: A, tier: basic}\nreplicas: 3\nresources:\n  replica: 3\n  zone: eu\nlabels: {Bad_Key: x}\n",
    );
    assert_eq!(
        said,
        "TC302 resources.replica is not a known key
  tenant.yml:4:3 <replica> unknown key, set by layer tenant
  note: required by schemas/config.schema.json:40 at /properties/resources/additionalProperties
  help: did you mean `replicas`?
  help: to see where the value comes from: tenantctl get prod acme-corp resources.replica
TC302 resources.zone is not a known key
  tenant.yml:5:3 <zone> unknown key, set by layer tenant
  note: required by schemas/config.schema.json:40 at /properties/resources/additionalProperties
  help: keys that are known here: replicas, cpu_limit, window
  help: to see where the value comes from: tenantctl get prod acme-corp resources.zone
TC302 the key labels.Bad_Key must be lower-case letters, digits and `-`, at most 63, beginning and ending with a letter or digit
  tenant.yml:6:10 <Bad_Key> not a valid key here, set by layer tenant
  note: required by schemas/config.schema.json:68 at /properties/labels/propertyNames
  help: write lower-case letters, digits and `-`, at most 63, beginning and ending with a letter or digit, such as `acme-corp`
  help: to see where the value comes from: tenantctl get prod acme-corp labels.Bad_Key
TC302 replicas is not a known key
  tenant.yml:2:1 <replicas> unknown key, set by layer tenant
  note: required by schemas/config.schema.json:8 at /additionalProperties
  help: `replicas` is known as `resources.replicas`: move it there
  help: to see where the value comes from: tenantctl get prod acme-corp replicas
"
    );
}

#[test]
fn missing_keys_are_told_at_the_key_of_their_mapping() {
    assert_eq!(judge(&config(), "tenant: {tier: basic}\n"), "");
    assert_eq!(judge(&config(), "resources: {}\n"), "");
}

#[test]
fn values_that_break_a_rule_are_told_without_quoting_them() {
    let said = judge(
        &config(),
        "tenant: {name: Acme Corp, tier: premum, contact: nobody}
resources: {replicas: 99, cpu_limit: 2 cores, window: 5}
password: hunter2
hosts: [a.b, a.b, A]
labels:
",
    );
    assert_eq!(said, "");
}

#[test]
fn what_is_not_known_yet_is_not_judged() {
    let document = "tenant: {name: '{{ far too long a name }}', tier: !secret tier}
resources: {replicas: !secret count, cpu_limit: '{{ x }}'}
hosts: ['{{ a }}', '{{ a }}']
";
    assert_eq!(judge(&config(), document), "");
}

#[test]
fn alternatives_tell_the_one_that_was_meant() {
    let schema = json!({"type": "object", "properties": {
        "port": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "store": {"oneOf": [
            {"properties": {"kind": {"const": "disk"}, "size": {"type": "string"}}, "required": ["kind", "size"]},
            {"properties": {"kind": {"const": "s3"}, "bucket": {"type": "string"}}, "required": ["kind", "bucket"]}
        ]},
        "either": {"oneOf": [{"title": "by name", "required": ["name"]}, {"required": ["id"]}]},
        "both": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]},
        "tls": {"dependentRequired": {"cert": ["key"]}},
        "cond": {"if": {"properties": {"active": {"const": true}}, "required": ["active"]}, "then": {"required": ["host"]}},
        "old": false,
        "none": {"not": {"type": "string"}}
    }});
    let said = judge(
        &schema,
        "port: []
store: {kind: s3, bucket: 3}
either: {}
both: {a: 1, c: 1}
tls: {cert: x}
cond: {active: true}
old: 1
none: x
",
    );
    assert_eq!(said, "");
}

#[test]
fn a_schema_may_be_yaml_and_spread_over_files_of_the_workspace() {
    let mut bench = Bench::new();
    let world = Memory::new()
        .file(
            "schemas/main.yml",
            "$schema: http://json-schema.org/draft-07/schema#
properties:
  name: {$ref: 'lib/common.json#/definitions/na~1me'}
  again: {$ref: '#/properties/name'}
",
        )
        .file("schemas/lib/common.json", "{\"definitions\": {\"na/me\": {\"$ref\": \"../leaf.yml\"}}}")
        .file("schemas/leaf.yml", "type: string\ndescription: A name.\nmaxLength: 3\n");
    let schema = bench.compile(&world, "schemas/main.yml").unwrap();
    let tree = bench.tree("tenant.yml", "name: 3\nagain: long\n");
    bench.check(&schema, &tree);
    assert_eq!(bench.said(), "");
    let described = schema.describe(&Path::from_keys(["again"])).unwrap();
    assert_eq!(described.description.as_deref(), Some("A name."));
    assert_eq!(schema.describe(&Path::from_keys(["other"])), None);
    let place = schema.place_of("/properties/again/$ref").unwrap();
    assert_eq!(bench.sources.describe(place), "schemas/main.yml:4:17");
    assert_eq!(schema.place_of("/nowhere"), None);
    assert_eq!(&**schema.name(), "schemas/main.yml");
}

#[test]
fn references_out_of_the_workspace_are_refused_at_their_text() {
    for written in [
        "http://example.com/a.json",
        "https://json-schema.org/draft/2020-12/schema",
        "../../etc/passwd",
        "/etc/passwd",
        "missing.json",
    ] {
        let said = refused(&[("schemas/a.yml", &format!("items:\n  $ref: {written}\n"))]);
        assert!(said.starts_with("TC321 "), "{said}");
        assert!(said.contains(&format!("schemas/a.yml:2:9 <{written}>")), "{said}");
    }
}

#[test]
fn a_wrong_schema_is_told_at_its_place() {
    let cases = [
        ("a.json", "{\n  \"type\": strin\n}"),
        ("a.json", "{\"type\": \"strin\"}"),
        ("a.json", "{\"type\": \"string\", \"type\": \"integer\"}"),
        ("a.yml", "properties:\n  a: {format: quantitty}\n"),
        ("a.yml", "properties:\n  a: {pattern: '(?=a)b'}\n"),
        ("a.yml", "patternProperties:\n  '(a{1000}){1000}': true\n"),
        ("a.yml", "$schema: https://json-schema.org/draft/2020-13/schema\n"),
        ("a.yml", "properties:\n  a: {$ref: '#/$defs/cuont'}\n$defs: {count: {}}\n"),
        ("a.yml", "properties:\n  a: {$id: b.json}\n"),
        ("a.yml", "properties: {a: {minimum: x}}\n"),
        ("a.yml", "default: !append [b]\n"),
        ("a.yml", "- a\n"),
    ];
    let said: String = cases.iter().map(|case| refused(&[*case])).collect();
    assert_eq!(said, "");
}

#[test]
fn a_schema_that_would_explode_is_refused() {
    let mut explosive = "$defs:\n  d0: {type: string}\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        writeln!(explosive, "  d{level}: {{allOf: [{{$ref: '#/$defs/d{below}'}}, {{$ref: '#/$defs/d{below}'}}]}}")
            .unwrap();
    }
    explosive.push_str("$ref: '#/$defs/d39'\n");
    assert!(refused(&[("a.yml", &explosive)]).starts_with("TC320 the schema has more than"));

    let mut deep = "$defs:\n  d0: {type: string}\n".to_owned();
    for level in 1..3000 {
        writeln!(deep, "  d{level}: {{$ref: '#/$defs/d{}'}}", level - 1).unwrap();
    }
    deep.push_str("$ref: '#/$defs/d2999'\n");
    assert!(refused(&[("a.yml", &deep)]).starts_with("TC320 the schema is nested more than"));
}

#[test]
fn a_schema_that_refers_to_itself_is_fine() {
    let schema = json!({"$defs": {"tree": {"type": "object", "additionalProperties": {"$ref": "#/$defs/tree"}}}, "$ref": "#/$defs/tree"});
    assert_eq!(judge(&schema, "a: {b: {c: {}}}\n"), "");
    assert!(judge(&schema, "a: {b: {c: 1}}\n").starts_with("TC301 a.b.c must be a mapping, but it is an integer"));
}
