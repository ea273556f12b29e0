//! Writes the schema of one value from the parts that speak about it, then of those below it.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::part::{InPlace, Name, Part, Reader};
use super::types::Types;
use super::{Guide, Terms, Told};

/// Most values that are described; what is below the last may be anything.
const MOST: usize = 20_000;

/// Deepest nesting of values and of conditions about them; what is below may be anything.
const DEEPEST: usize = 100;

/// Most keywords of a schema that is written again where it is needed again, not referred to.
const SHORT: usize = 4;

/// Where a value is, and what is wanted of its schema.
pub(super) struct Scene<At> {
    pub(super) at: At,
    /// Whether nothing is told to people: inside of a condition.
    pub(super) bare: bool,
    /// Whether it is secret.
    pub(super) secret: bool,
    /// Whether an item's name may stand for it.
    pub(super) named: bool,
    /// How many keys and items lead to it.
    pub(super) level: usize,
}

impl<At> Scene<At> {
    pub(super) fn root(at: At) -> Self {
        Self { at, bare: false, secret: false, named: false, level: 0 }
    }

    /// Whether it is the top of the file.
    pub(super) fn is_root(&self) -> bool {
        self.level == 0
    }

    /// Of a value below.
    pub(super) fn below(&self, at: At) -> Self {
        Self { at, bare: self.bare, secret: self.secret, named: false, level: self.level + 1 }
    }
}

impl<At: Clone> Scene<At> {
    /// Of the same value, inside of a condition.
    pub(super) fn bare(&self) -> Self {
        Self { at: self.at.clone(), bare: true, ..*self }
    }
}

/// A schema being written: keywords, and what has no place among them.
#[derive(Default)]
pub(super) struct Page {
    keywords: Map<String, Value>,
    all: Vec<Value>,
}

impl Page {
    /// Adds keywords that must hold as well.
    pub(super) fn put(&mut self, keywords: Map<String, Value>) {
        if keywords.is_empty() || keywords.iter().all(|(keyword, value)| self.keywords.get(keyword) == Some(value)) {
            return;
        }
        if keywords.keys().any(|keyword| self.keywords.contains_key(keyword)) {
            self.also(Value::Object(keywords));
        } else {
            self.keywords.extend(keywords);
        }
    }

    /// Whether a keyword is there.
    pub(super) fn has(&self, keyword: &str) -> bool {
        self.keywords.contains_key(keyword)
    }

    /// Adds that one of two schemas must hold as well.
    pub(super) fn also_or(&mut self, schema: &Value, other: &Value) {
        let either = json!({ "anyOf": [schema, other] });
        if self.keywords.contains_key("anyOf") { self.also(either) } else { self.put(keywords(either)) }
    }

    /// Adds a schema that must hold as well.
    pub(super) fn also(&mut self, schema: Value) {
        if !is_any(&schema) && !self.all.contains(&schema) {
            self.all.push(schema);
        }
    }

    pub(super) fn into_keywords(self) -> Map<String, Value> {
        let mut keywords = self.keywords;
        if !self.all.is_empty() {
            keywords.insert("allOf".to_owned(), Value::Array(self.all));
        }
        keywords
    }
}

/// Whether a schema takes everything.
pub(super) fn is_any(schema: &Value) -> bool {
    schema.as_object().is_some_and(Map::is_empty)
}

/// What makes two values have one schema.
type Key = (Vec<Name>, [bool; 4], Vec<usize>);

/// The schema of values that are alike.
enum Known {
    Open(Open),
    Written(Value),
    /// Among the definitions, by this name.
    Defined(String),
}

/// A schema being written.
struct Open {
    /// The level of the value it is written for.
    level: usize,
    /// The name that it was referred to by meanwhile.
    name: Option<String>,
}

pub(super) struct Writer<'a, 'g, G: Guide> {
    pub(super) reader: Reader<'a>,
    pub(super) guide: &'g G,
    pub(super) terms: Terms,
    pub(super) reserved: &'g Map<String, Value>,
    known: IndexMap<Key, Known>,
    definitions: Map<String, Value>,
    names: usize,
    count: usize,
    depth: usize,
    /// The level of values whose schemas, as they are written now, hold a reference to one that is not written yet.
    tied: Option<usize>,
}

impl<'a, 'g, G: Guide> Writer<'a, 'g, G> {
    pub(super) fn new(reader: Reader<'a>, guide: &'g G, terms: Terms, reserved: &'g Map<String, Value>) -> Self {
        let (known, definitions) = (IndexMap::new(), Map::new());
        Self { reader, guide, terms, reserved, known, definitions, names: 0, count: 0, depth: 0, tied: None }
    }

    pub(super) fn into_definitions(self) -> Map<String, Value> {
        self.definitions
    }

    /// Goes one level down, unless there was enough of it.
    pub(super) fn descend<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.count >= MOST || self.depth >= DEEPEST {
            return None;
        }
        self.count += 1;
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        Some(done)
    }

    /// The schema of a value that these parts speak about.
    pub(super) fn node(&mut self, begin: &[Part<'a>], scene: &Scene<G::At>) -> Value {
        self.descend(|writer| writer.shared(begin, scene)).unwrap_or_else(|| json!({}))
    }

    /// The same, written once for all values that are alike.
    fn shared(&mut self, begin: &[Part<'a>], scene: &Scene<G::At>) -> Value {
        let found = self.reader.in_place(begin);
        let secret = scene.secret || self.guide.is_secret(&scene.at) || found.parts.iter().any(marks_secret);
        let scene = Scene { at: scene.at.clone(), secret, ..*scene };
        let Some(likeness) = self.guide.likeness(&scene.at) else {
            return Value::Object(self.written(&found, &scene));
        };
        let names = found.parts.iter().chain(&found.notes).map(Reader::name).collect();
        let key: Key = (names, [scene.is_root(), scene.bare, scene.secret, scene.named], likeness);
        if found.never {
            return Value::Object(self.written(&found, &scene));
        }
        if let Some(schema) = self.again(&key, &scene) {
            return schema;
        }
        let before = self.tied.take();
        self.known.insert(key.clone(), Known::Open(Open { level: scene.level, name: None }));
        let schema = Value::Object(self.written(&found, &scene));
        // If it asks of its value what a schema further out asks of another, it may not stand in that one again: it
        // could ask the same of the same value, without end.
        let shareable = self.tied != Some(scene.level);
        self.tied = before.into_iter().chain(self.tied).min();
        let Some(Known::Open(Open { name: Some(name), .. })) = self.known.shift_remove(&key) else {
            if shareable {
                self.known.insert(key, Known::Written(schema.clone()));
            }
            return schema;
        };
        let referred = reference(&name);
        self.definitions.insert(name.clone(), schema);
        if shareable {
            self.known.insert(key, Known::Defined(name));
        }
        referred
    }

    /// A reference to a schema that is needed in many places, kept once under the first free name of this kind.
    pub(super) fn define(&mut self, kind: &str, schema: Value) -> Value {
        let known = self.definitions.iter().find(|(name, known)| name.starts_with(kind) && **known == schema);
        if let Some((name, _)) = known {
            return reference(name);
        }
        let count = self.definitions.keys().filter(|name| name.starts_with(kind)).count();
        let name = format!("{kind}{}", count + 1);
        self.definitions.insert(name.clone(), schema);
        reference(&name)
    }

    /// The schema of a value that is like one before.
    fn again(&mut self, key: &Key, scene: &Scene<G::At>) -> Option<Value> {
        let new = format!("shared{}", self.names + 1);
        match self.known.get_mut(key)? {
            Known::Open(open) => {
                self.tied = Some(scene.level);
                if open.level == scene.level {
                    // It asks of a value what it asks already.
                    return Some(json!({}));
                }
                if open.name.is_none() {
                    self.names += 1;
                }
                Some(reference(open.name.get_or_insert(new)))
            }
            Known::Written(schema) if is_short(schema) => Some(schema.clone()),
            Known::Defined(name) => Some(reference(name)),
            known @ Known::Written(_) => {
                let referred = reference(&new);
                if let Known::Written(schema) = std::mem::replace(known, Known::Defined(new.clone())) {
                    self.definitions.insert(new, schema);
                }
                self.names += 1;
                Some(referred)
            }
        }
    }

    fn written(&mut self, found: &InPlace<'a>, scene: &Scene<G::At>) -> Map<String, Value> {
        let told = told(found, scene.secret);
        let mut schema = Map::new();
        if !scene.bare {
            self.guide.annotate(&scene.at, &told, &mut schema);
            if let Some(reason) = self.guide.closed(&scene.at) {
                schema.extend(self.closed(found, scene, &reason));
                return schema;
            }
        }
        if found.never {
            schema.extend(self.never());
            return schema;
        }
        let types = self.types(found, scene);
        if types.is_empty() {
            schema.extend(self.never());
            return schema;
        }
        let mut page = Page::default();
        for part in &found.parts {
            self.constraints(part, types, scene, &mut page);
        }
        self.members(found, scene, &mut page);
        self.items(found, scene, &mut page);
        self.typed(types, scene, &mut page);
        for part in &found.parts {
            self.conditions(part, scene, &mut page);
        }
        schema.extend(page.into_keywords());
        schema
    }

    /// A value that there must not be. Where others put one, `!unset` takes it away.
    fn never(&self) -> Map<String, Value> {
        let kind = if self.terms.beaten { json!(["string", "null"]) } else { json!("string") };
        let pattern = Types::NONE.disguised(self.terms);
        keywords(json!({"type": kind, "pattern": pattern, "errorMessage": "must not be set", "doNotSuggest": true}))
    }

    /// A value that the file may not set: nothing of it. An empty mapping sets nothing.
    fn closed(&mut self, found: &InPlace<'a>, scene: &Scene<G::At>, reason: &str) -> Map<String, Value> {
        let mut schema = keywords(json!({
            "type": if scene.is_root() { json!(["object", "null"]) } else { json!("object") },
            "errorMessage": reason,
            "doNotSuggest": true,
        }));
        let mut named = if scene.is_root() { self.reserved.clone() } else { Map::new() };
        for name in self.reader.names(&found.parts) {
            let below = self.named(&found.parts, &name);
            let at = self.guide.key(&scene.at, &name);
            let schema = self.node(&below, &scene.below(at));
            named.entry(name).or_insert(schema);
        }
        if !named.is_empty() {
            schema.insert("properties".to_owned(), Value::Object(named));
        }
        schema.insert("additionalProperties".to_owned(), json!(false));
        schema
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// Whether a schema is no longer than a reference to it, about.
fn is_short(schema: &Value) -> bool {
    let plain = |value: &Value| !value.is_object() && !value.is_array();
    schema.as_object().is_some_and(|keywords| keywords.len() <= SHORT && keywords.values().all(plain))
}

fn marks_secret(part: &Part<'_>) -> bool {
    ["x-secret", "writeOnly"].iter().any(|keyword| part.spot.value.get(*keyword) == Some(&Value::Bool(true)))
}

/// What the parts tell people, the most direct first.
fn told(found: &InPlace<'_>, secret: bool) -> Told {
    let all = || found.notes.iter().chain(&found.parts).map(|part| part.spot.value);
    let text = |keyword: &str| all().find_map(|value| value.get(keyword)?.as_str()).map(str::to_owned);
    let default = || all().find_map(|value| value.get("default")).cloned();
    Told {
        description: text("description").or_else(|| text("title")),
        default: if secret { None } else { default() },
        secret,
    }
}

/// The keywords of a schema written as JSON.
pub(super) fn keywords(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(keywords) => keywords,
        _ => Map::new(),
    }
}
