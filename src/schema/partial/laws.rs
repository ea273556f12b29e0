//! The law, for schemas and values made at random: what is part of a valid whole, and a file that meets its own schema,
//! meets the schema that is written for it.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value as Plain, json};

use super::{Guide, Terms, Told, write};
use crate::diagnostic::Diagnostics;
use crate::file::Reason;
use crate::schema::{Schema, Subject};
use crate::source::{Place, Sources};
use crate::tree::{Entry, Key, Node, Value};
use crate::world::Memory;

/// Knows nothing of any place.
pub(super) struct Silent;

impl Guide for Silent {
    type At = ();

    fn key(&self, (): &(), _: &str) {}
    fn other(&self, (): &()) {}
    fn item(&self, (): &()) {}
    fn keys(&self, (): &()) -> Vec<String> {
        Vec::new()
    }
    fn closed(&self, (): &()) -> Option<String> {
        None
    }
    fn takes_names(&self, (): &()) -> bool {
        false
    }
    fn takes_repeated(&self, (): &()) -> bool {
        false
    }
    fn is_secret(&self, (): &()) -> bool {
        false
    }
    fn annotate(&self, (): &(), _: &Told, _: &mut Map<String, Plain>) {}
    fn likeness(&self, (): &()) -> Option<Vec<usize>> {
        Some(Vec::new())
    }
}

/// Decisions, one after the other; the last is repeated.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn of(&mut self, many: u8) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first % many
    }
}

fn compiled(schema: &Plain) -> Option<(Sources, Schema)> {
    let sources = Sources::default();
    let world = Memory::new().file("s.json", schema.to_string());
    let reason = Reason { place: None, what: "a schema".to_owned() };
    let schema = Schema::compile(&world, &sources, "s.json", &reason, &mut Diagnostics::new()).ok()?;
    Some((sources, schema))
}

fn accepts(schema: &Schema, node: &Node) -> bool {
    let mut found = Diagnostics::new();
    let subject = Subject { layer: &|_| None, label: None, partial: false };
    schema.check(node, &subject, &mut found);
    found.items().is_empty()
}

fn place() -> Place {
    Place::top(crate::source::FileId::NONE)
}

fn node(value: Value) -> Node {
    Node::new(value, place())
}

fn tree(value: &Plain) -> Node {
    crate::schema::json::tree(value, place())
}

/// What is left of a whole value in one file of it.
fn part(value: &Plain, terms: Terms, choices: &mut Choices<'_>) -> Plain {
    if terms.beaten && choices.of(12) == 1 {
        return Plain::Null;
    }
    if terms.expressions && choices.of(12) == 1 {
        return json!("{{ x }}");
    }
    match value {
        Plain::Object(members) => {
            let kept = members.iter().filter(|_| choices.of(4) != 1).map(|(key, value)| (key.clone(), value.clone()));
            let kept: Vec<_> = kept.collect();
            kept.iter().map(|(key, value)| (key.clone(), part(value, terms, choices))).collect::<Map<_, _>>().into()
        }
        Plain::Array(items) => {
            let kept: Vec<_> = items.iter().filter(|_| choices.of(4) != 1).collect();
            kept.into_iter().map(|item| part(item, terms, choices)).collect::<Vec<_>>().into()
        }
        scalar => tagged(scalar, choices),
    }
}

/// A scalar as an editor sees it, perhaps behind a tag.
fn tagged(scalar: &Plain, choices: &mut Choices<'_>) -> Plain {
    match scalar {
        Plain::Number(_) | Plain::Bool(_) | Plain::Null if choices.of(5) == 1 => Plain::from(scalar.to_string()),
        other => other.clone(),
    }
}

/// A file: as the compiler reads it, as it were if it unset nothing, and as an editor sees it.
struct File {
    data: Node,
    full: Node,
    seen: Plain,
}

/// A file that says all of a value.
fn file(value: &Plain, terms: Terms, choices: &mut Choices<'_>) -> File {
    let both = |data: Node, seen: Plain| File { full: data.clone(), data, seen };
    if terms.expressions && choices.of(12) == 1 {
        return both(Node { live: true, ..node(Value::String("{{ x }}".into())) }, json!("{{ x }}"));
    }
    let map = |members: Vec<(Key, Entry)>| node(Value::Map(Arc::new(members.into_iter().collect())));
    match value {
        Plain::Object(members) => {
            let (mut data, mut full, mut seen) = (Vec::new(), Vec::new(), Map::new());
            for (key, value) in members {
                let below = file(value, terms, choices);
                let unset = choices.of(8) == 1;
                let entry = |node| (Key::from(key.as_str()), Entry { key: place(), node });
                full.push(entry(below.full));
                data.extend((!unset).then(|| entry(below.data)));
                seen.insert(key.clone(), if unset { json!("") } else { below.seen });
            }
            File { data: map(data), full: map(full), seen: seen.into() }
        }
        Plain::Array(items) => {
            let (mut data, mut full, mut seen) = (Vec::new(), Vec::new(), Vec::new());
            for item in items {
                let below = file(item, terms, choices);
                data.push(below.data);
                full.push(below.full);
                seen.push(below.seen);
            }
            let list = |items| node(Value::List(Arc::new(items)));
            File { data: list(data), full: list(full), seen: seen.into() }
        }
        scalar => both(tree(scalar), tagged(scalar, choices)),
    }
}

fn scalars() -> impl Strategy<Value = Plain> + Clone {
    prop_oneof![
        Just(Plain::Null),
        any::<bool>().prop_map(Plain::from),
        (-2i64..8).prop_map(Plain::from),
        Just(json!(2.5)),
        prop::sample::select(vec!["", "a", "b", "ab", "abc", "3", "true", "null", "500m"]).prop_map(Plain::from),
    ]
}

fn key() -> impl Strategy<Value = String> + Clone {
    prop::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned)
}

fn values() -> impl Strategy<Value = Plain> + Clone {
    scalars().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Plain::from),
            3 => members(inner),
        ]
    })
}

fn members(inner: impl Strategy<Value = Plain>) -> impl Strategy<Value = Plain> {
    prop::collection::vec((key(), inner), 0..5).prop_map(|members| Plain::Object(members.into_iter().collect()))
}

/// Schemas of which each keyword is asked with some probability, so that many values meet them.
fn schemas() -> impl Strategy<Value = Plain> {
    let types =
        prop::sample::subsequence(vec!["null", "boolean", "integer", "number", "string", "array", "object"], 1..6);
    let leaf = prop_oneof![
        4 => Just(json!({})),
        1 => any::<bool>().prop_map(Plain::from),
        3 => types.prop_map(|types| json!({ "type": types })),
        2 => prop::collection::vec(scalars(), 1..4).prop_map(|mut values| { values.dedup(); json!({ "enum": values }) }),
        1 => values().prop_map(|value| json!({ "const": value })),
        1 => (-2i64..6).prop_map(|least| json!({ "minimum": least })),
        1 => (0u8..3).prop_map(|least| json!({ "minLength": least })),
        1 => (0u8..3).prop_map(|most| json!({ "maxLength": most })),
        1 => prop::sample::select(vec!["^a", "b$", "^[0-9]+$", ".", "(?i)A"]).prop_map(|pattern| json!({ "pattern": pattern })),
        1 => prop::sample::select(vec!["quantity", "hostname", "email"]).prop_map(|format| json!({ "format": format })),
        1 => Just(json!({ "$ref": "#/$defs/t" })),
        1 => (1u8..4).prop_map(|most| json!({ "maxItems": most, "maxProperties": most })),
        1 => (0u8..3).prop_map(|least| json!({ "minItems": least, "minProperties": least })),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let map = prop::collection::vec((key(), inner.clone()), 1..4)
            .prop_map(|members| Plain::Object(members.into_iter().collect()));
        let list = prop::collection::vec(inner.clone(), 1..3).prop_map(Plain::from);
        let keys = prop::sample::subsequence(vec!["a", "b", "c"], 1..3);
        let one = prop_oneof![
            4 => map.clone().prop_map(|map| json!({ "properties": map })),
            1 => map.prop_map(|map| json!({ "dependentSchemas": map })),
            1 => inner.clone().prop_map(|schema| json!({ "patternProperties": { "^[ab]": schema } })),
            1 => inner.clone().prop_map(|schema| json!({ "additionalProperties": schema })),
            1 => inner.clone().prop_map(|schema| json!({ "unevaluatedProperties": schema })),
            1 => inner.clone().prop_map(|schema| json!({ "propertyNames": schema })),
            2 => inner.clone().prop_map(|schema| json!({ "items": schema })),
            1 => list.clone().prop_map(|list| json!({ "prefixItems": list })),
            1 => inner.clone().prop_map(|schema| json!({ "contains": schema })),
            1 => Just(json!({ "uniqueItems": true })),
            1 => list.clone().prop_map(|list| json!({ "anyOf": list })),
            1 => list.clone().prop_map(|list| json!({ "oneOf": list })),
            1 => list.prop_map(|list| json!({ "allOf": list })),
            2 => inner.clone().prop_map(|schema| json!({ "not": schema })),
            2 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(condition, then, other)| json!({ "if": condition, "then": then, "else": other })),
            1 => keys.clone().prop_map(|keys| json!({ "required": keys })),
            1 => keys.prop_map(|keys| json!({ "dependentRequired": { "a": keys } })),
            1 => inner,
        ];
        // Several keywords in one schema.
        prop::collection::vec(one, 1..4).prop_map(|all| {
            let keywords = all.into_iter().filter_map(|schema| schema.as_object().cloned()).flatten();
            Plain::Object(keywords.collect())
        })
    })
}

fn whole_schemas() -> impl Strategy<Value = Plain> {
    let dialect = prop::sample::select(vec![
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-07/schema#",
    ]);
    (schemas(), schemas(), dialect).prop_map(|(schema, definition, dialect)| {
        let mut schema = schema.as_object().cloned().unwrap_or_default();
        schema.insert("$schema".to_owned(), dialect.into());
        schema.insert("$defs".to_owned(), json!({ "t": definition }));
        schema.into()
    })
}

fn terms() -> impl Strategy<Value = Terms> {
    (any::<bool>(), any::<bool>()).prop_map(|(expressions, beaten)| Terms { expressions, beaten })
}

/// The schema that was written, as a validator of draft-07 has it.
fn validator(written: &Map<String, Plain>) -> jsonschema::Validator {
    let mut written = written.clone();
    written.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    let written = Plain::from(written);
    let valid = jsonschema::draft7::meta::validate(&written).map_err(|error| error.to_string());
    assert_eq!(valid, Ok(()), "{written}");
    jsonschema::draft7::new(&written).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 65536, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_part_of_a_valid_whole_is_taken(
        schema in whole_schemas(),
        wholes in prop::collection::vec(members(values()), 12),
        choices in prop::collection::vec(any::<u8>(), 0..64),
        terms in terms(),
    ) {
        let Some((_sources, merged)) = compiled(&schema) else { return Err(TestCaseError::reject("no schema")) };
        let written = write(None, Some(&merged), terms, &Map::new(), &Silent, ());
        let taken = validator(&written);
        let mut choices = Choices(&choices);
        for whole in wholes.iter().filter(|whole| accepts(&merged, &tree(whole))) {
            let seen = match part(whole, terms, &mut choices) {
                seen @ Plain::Object(_) => seen,
                _ => json!({}),
            };
            prop_assert!(taken.is_valid(&seen), "{seen} of {whole} by {schema}: {}", Plain::from(written));
        }
    }

    #[test]
    fn a_file_that_meets_its_own_schema_is_taken(
        schema in whole_schemas(),
        values in prop::collection::vec(members(values()), 12),
        choices in prop::collection::vec(any::<u8>(), 0..64),
        terms in terms(),
    ) {
        let Some((_sources, own)) = compiled(&schema) else { return Err(TestCaseError::reject("no schema")) };
        let written = write(Some(&own), None, terms, &Map::new(), &Silent, ());
        let taken = validator(&written);
        let mut choices = Choices(&choices);
        for value in &values {
            let File { data, full, seen } = file(value, terms, &mut choices);
            if data.live || !accepts(&own, &data) || !accepts(&own, &full) {
                continue;
            }
            prop_assert!(taken.is_valid(&seen), "{seen} of {value} by {schema}: {}", Plain::from(written));
        }
    }
}
