//! What a schema finds, as it is told.

mod compiling;

use std::fmt::Write;

use serde_json::json;

use super::*;
use crate::path::Path;
use crate::tree::{Map, Value as TreeValue};
use crate::world::Memory;
use crate::yaml::{self, Limits, Written};

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
        let sources = &self.sources;
        let layer = |place: Place| sources.get(place.file).name().strip_suffix(".yml").map(Arc::from);
        let subject = Subject { layer: &layer, label: Some("the merged configuration"), partial: false };
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

/// The tree of a document, in which strings with braces are live.
fn node(written: &Written) -> Node {
    let mut root = Node::from(written);
    enliven(&mut root);
    root
}

fn enliven(node: &mut Node) {
    node.live = node.value.as_str().is_some_and(|text| text.contains("{{"));
    match &mut node.value {
        TreeValue::List(items) => Arc::make_mut(items).iter_mut().for_each(enliven),
        TreeValue::Map(map) => {
            let map = Arc::make_mut(map);
            let keys: Vec<_> = map.keys().cloned().collect();
            for key in keys {
                enliven(&mut map.entry_mut(&key).unwrap().node);
            }
        }
        _ => {}
    }
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
TC302 resources.zone is not a known key
  tenant.yml:5:3 <zone> unknown key, set by layer tenant
  note: required by schemas/config.schema.json:40 at /properties/resources/additionalProperties
  help: keys that are known here: replicas, cpu_limit, window
TC302 the key labels.Bad_Key must be lower-case letters, digits and `-`, at most 63, beginning and ending with a letter or digit
  tenant.yml:6:10 <Bad_Key> not a valid key here, set by layer tenant
  note: required by schemas/config.schema.json:68 at /properties/labels/propertyNames
  help: write lower-case letters, digits and `-`, at most 63, beginning and ending with a letter or digit, such as `acme-corp`
TC302 replicas is not a known key
  tenant.yml:2:1 <replicas> unknown key, set by layer tenant
  note: required by schemas/config.schema.json:8 at /additionalProperties
  help: `replicas` is known as `resources.replicas`: move it there
"
    );
}

#[test]
fn missing_keys_are_told_at_the_key_of_their_mapping() {
    let said = judge(&config(), "tenant: {tier: basic}\n") + &judge(&config(), "resources: {}\n");
    assert_eq!(
        said,
        "TC303 tenant.name is required, but missing
  tenant.yml:1:1 <tenant> `name` is missing here
  note: required by schemas/config.schema.json:12 at /properties/tenant/required
  help: write it below `tenant`, such as `name: \"Acme Corp\"` (Name shown to people)
TC303 tenant is required, but missing
  tenant.yml:1:1 <> `tenant` is missing here
  note: required by schemas/config.schema.json:5 at /required
  help: write it at the top, such as `tenant: {name: ...}`
"
    );
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
    assert_eq!(
        said,
        "TC305 tenant.name must have at most 5 characters, but has 9
  tenant.yml:1:16 <Acme Corp> a string, set by layer tenant
  note: required by schemas/config.schema.json:23 at /properties/tenant/properties/name/maxLength
  help: write a value such as `name: \"Acme Corp\"` (Name shown to people)
TC304 tenant.tier must be one of `basic`, `premium`, `enterprise`, but it is `premum`
  tenant.yml:1:33 <premum> a string, set by layer tenant
  note: required by schemas/config.schema.json:26 at /properties/tenant/properties/tier/enum
  help: did you mean `premium`?
TC306 tenant.contact must be an email address
  tenant.yml:1:50 <nobody> a string, set by layer tenant
  note: required by schemas/config.schema.json:34 at /properties/tenant/properties/contact/format
  help: write an email address, such as `team@example.com`
TC305 resources.replicas must be at most 50
  tenant.yml:2:23 <99> an integer, set by layer tenant
  note: required by schemas/config.schema.json:88 at /$defs/count/maximum
  help: write a value that fits (Number of pods)
TC306 resources.cpu_limit must be a Kubernetes quantity
  tenant.yml:2:38 <2 cores> a string, set by layer tenant
  note: required by schemas/config.schema.json:47 at /properties/resources/properties/cpu_limit/format
  help: write a Kubernetes quantity, such as `500m`
TC301 resources.window must be a string, but it is an integer
  tenant.yml:2:55 <5> an integer, set by layer tenant
  note: required by schemas/config.schema.json:50 at /properties/resources/properties/window/type
  help: write a text, in quotes if it looks like something else, such as `window: \"30m\"`
TC304 password must be one of `a`, `b`
  tenant.yml:3:11 <hunter2> a string, set by layer tenant
  note: required by schemas/config.schema.json:60 at /properties/password/enum
TC307 hosts[1] is the same as hosts[0], but no item may be there twice
  tenant.yml:4:14 <a.b> there already, set by layer tenant
  tenant.yml:4:9 <a.b> first written here
  note: required by schemas/config.schema.json:77 at /properties/hosts/uniqueItems
  help: remove one of them from hosts
TC306 hosts[2] must match the pattern `^[a-z.]+$`
  tenant.yml:4:19 <A> a string, set by layer tenant
  note: required by schemas/config.schema.json:80 at /properties/hosts/items/pattern
  help: write a text that the pattern matches
TC301 labels must be a mapping, but is null
  tenant.yml:5:1 <labels> null, set by layer tenant
  note: required by schemas/config.schema.json:67 at /properties/labels/type
  help: write a mapping, such as `labels: {name: ...}`
"
    );
}

#[test]
fn what_is_not_known_yet_is_not_judged() {
    let document = "tenant: {name: '{{ far too long a name }}', tier: !secret tier}
resources: {replicas: !secret count, cpu_limit: '{{ x }}'}
hosts: ['{{ a }}', '{{ a }}']
";
    assert_eq!(
        judge(&config(), document),
        "TC301 resources.replicas must be an integer, but it is a secret
  tenant.yml:2:31 <count> a secret, set by layer tenant
  note: required by schemas/config.schema.json:86 at /$defs/count/type
  help: write a whole number, such as `replicas: 3` (Number of pods)
"
    );
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
    assert_eq!(
        said,
        "TC301 port must be an integer or a string, but it is a list
  tenant.yml:1:1 <port> a list, set by layer tenant
  note: required by schemas/config.schema.json:5 at /properties/port/anyOf
  help: write a whole number, such as `port: 3`
TC301 store.bucket must be a string, but it is an integer
  tenant.yml:2:27 <3> an integer, set by layer tenant
  note: required by schemas/config.schema.json:36 at /properties/store/oneOf/1/properties/bucket/type
  note: this is alternative 2 of 2, the one that fits best
  help: write a text, in quotes if it looks like something else, such as `bucket: \"text\"`
TC307 either matches none of the 2 alternatives of its schema
  tenant.yml:3:1 <either> a mapping, set by layer tenant
  note: alternative 1 (by name): either.name is required, but missing
  note: alternative 2: either.id is required, but missing
  note: required by schemas/config.schema.json:47 at /properties/either/oneOf
  help: write it as one of the alternatives wants it
TC307 both must match exactly one of the 3 alternatives of its schema, but matches number 1 and 3
  tenant.yml:4:1 <both> a mapping, set by layer tenant
  note: required by schemas/config.schema.json:62 at /properties/both/oneOf
  help: leave out what makes it match the others
TC307 tls.key is required when tls.cert is set, but missing
  tenant.yml:5:1 <tls> `key` is missing here
  note: required by schemas/config.schema.json:81 at /properties/tls/dependentRequired/0
  help: write it below `tls`, such as `key: \"text\"`
TC303 cond.host is required, but missing
  tenant.yml:6:1 <cond> `host` is missing here
  note: required by schemas/config.schema.json:99 at /properties/cond/then/required
  note: that is asked because the condition schemas/config.schema.json:88 at /properties/cond/if holds
  help: write it below `cond`, such as `host: \"text\"`
TC307 old must not be set
  tenant.yml:7:6 <1> an integer, set by layer tenant
  note: required by schemas/config.schema.json:104 at /properties/old
  help: remove it
TC307 none must not be what its schema excludes
  tenant.yml:8:7 <x> a string, set by layer tenant
  note: required by schemas/config.schema.json:106 at /properties/none/not
  help: write a value that fits, or change the schema
"
    );
}

#[test]
fn a_layer_is_named_where_it_lacks_a_key() {
    let mut bench = Bench::new();
    let schema = bench.compile(&Memory::new().file("a.yml", "required: [name]\n"), "a.yml").unwrap();
    let tree = bench.tree("tenant.yml", "{}\n");
    let subject = Subject { layer: &|_| None, label: Some("layer tenant"), partial: true };
    schema.check(&tree, &subject, &mut bench.diagnostics);
    assert_eq!(bench.diagnostics.items()[0].message, "name is required in layer tenant, but missing");
}

#[test]
fn no_input_makes_a_check_say_more_than_can_be_read() {
    let keys = (0..5_000).fold(String::new(), |keys, index| keys + &format!("key{index}: x\n"));
    let schema = json!({
        "properties": {"list": {"items": {"type": "integer"}}, "a": {"properties": {"b": {}}}},
        "additionalProperties": false
    });
    let list = format!("list: [{}]\n", vec!["x"; 5_000].join(", "));
    let said = judge(&schema, &(keys + &list));
    assert_eq!(said.matches("TC301 ").count(), 50);
    assert_eq!(said.matches("TC302 ").count(), 50);
    assert_eq!(said.matches("no more than 50 findings of this code are told").count(), 2);
}
