//! Reads a schema: from the bundle, or from the file of a CustomResourceDefinition.
//!
//! In goes what is written, out come a [`Structural`] and the [`Flaw`]s that the API server would refuse it for. A flaw
//! leaves out what it is about; the rest is read.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{Between, Bounds, Format, Kind, Limit, List, Logic, Others, Pattern, Rule, Structural};
use crate::diagnostic::did_you_mean;
use crate::source::{FileId, Place};
use crate::tree::{Kind as Type, Number, Value};
use crate::yaml::{Content, Members, Written};

/// Deepest nesting of schemas.
const DEEPEST: usize = 64;
/// Most flaws that are noted of one schema.
const MOST_FLAWS: usize = 20;

/// Something that the API server would refuse a schema for.
#[derive(Debug)]
pub(in crate::kubernetes) struct Flaw {
    pub(in crate::kubernetes) place: Place,
    /// Lower case, without a full stop.
    pub(in crate::kubernetes) message: String,
    pub(in crate::kubernetes) help: Option<String>,
}

/// Finds the position of a definition by its name.
pub(in crate::kubernetes) type References<'a> = dyn Fn(&str) -> Option<usize> + 'a;

/// Reads a definition of the bundle.
pub(in crate::kubernetes) fn built_in(json: &Json, references: &References<'_>) -> Structural {
    let mut reader = Reader { references: Some(references), flaws: Vec::new(), depth: 0 };
    reader.schema(&Written::from(json), Role::Whole)
}

/// Reads the schema of a custom resource; `metadata` is the position of the definition of every object's metadata.
pub(in crate::kubernetes) fn custom(root: &Written, metadata: Option<usize>) -> (Structural, Vec<Flaw>) {
    let mut reader = Reader { references: None, flaws: Vec::new(), depth: 0 };
    let mut schema = reader.schema(root, Role::Whole);
    if schema.kind != Kind::Object && reader.flaws.is_empty() {
        reader.flaw(root.place, "the schema of an object must have the type object".to_owned(), None);
    }
    schema.kind = Kind::Object;
    for key in ["apiVersion", "kind"] {
        schema.properties.insert(key.into(), Structural { kind: Kind::String, ..Structural::default() });
    }
    // What the file says of metadata holds beside what every object has.
    let said =
        schema.properties.shift_remove("metadata").map(|said| Logic { all: vec![opened(said)], ..Logic::default() });
    let every = Structural { reference: metadata, logic: said.map(Box::new), ..Structural::default() };
    schema.properties.insert("metadata".into(), every);
    (schema, reader.flaws)
}

/// The same schema, forbidding no member.
fn opened(mut schema: Structural) -> Structural {
    if matches!(schema.others, Others::Forbidden) {
        schema.others = Others::Free;
    }
    schema.properties =
        std::mem::take(&mut schema.properties).into_iter().map(|(key, below)| (key, opened(below))).collect();
    schema.items = schema.items.map(|items| Box::new(opened(*items)));
    schema
}

/// What a schema is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It says all there is to know of a value.
    Whole,
    /// It says something beside the one that does.
    Beside,
}

/// The keywords of a CustomResourceDefinition.
const KEYWORDS: [&str; 38] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "description",
    "enum",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
    "uniqueItems",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];

struct Reader<'a> {
    /// Of the bundle; a custom resource's schema refers to nothing.
    references: Option<&'a References<'a>>,
    flaws: Vec<Flaw>,
    depth: usize,
}

impl Reader<'_> {
    fn flaw(&mut self, place: Place, message: String, help: Option<String>) {
        if self.flaws.len() < MOST_FLAWS {
            self.flaws.push(Flaw { place, message, help });
        }
    }

    fn schema(&mut self, written: &Written, role: Role) -> Structural {
        let Some(members) = written.members() else {
            self.flaw(
                written.place,
                format!("a schema must be a mapping, but it is {}", written.kind().with_article()),
                None,
            );
            return Structural { others: Others::Free, ..Structural::default() };
        };
        if self.depth >= DEEPEST {
            self.flaw(written.place, format!("schemas may be nested {DEEPEST} deep, but these are deeper"), None);
            return Structural { others: Others::Free, ..Structural::default() };
        }
        self.depth += 1;
        let schema = self.read(members, written.place, role);
        self.depth -= 1;
        schema
    }

    fn read(&mut self, members: &Members, place: Place, role: Role) -> Structural {
        let mut schema = Structural::default();
        self.keywords(members);
        if let Some(member) = members.get("$ref") {
            let name = member.value.as_str().unwrap_or_default();
            schema.reference = self.references.and_then(|references| references(name));
            if schema.reference.is_none() {
                let help = "write out what it refers to: a CustomResourceDefinition holds all of its schema";
                self.flaw(member.key, "`$ref` is not allowed here".to_owned(), Some(help.to_owned()));
                schema.others = Others::Free;
            }
            return schema;
        }
        let preserves = self.flag(members, "x-kubernetes-preserve-unknown-fields");
        schema.kind = self.kind(members, place, role, preserves);
        schema.nullable = self.flag(members, "nullable");
        schema.embedded = self.flag(members, "x-kubernetes-embedded-resource");
        self.members(members, &mut schema, role);
        if let Some(member) = members.get("items") {
            schema.items = Some(Box::new(self.schema(&member.value, role)));
        } else if schema.kind == Kind::List && role == Role::Whole {
            self.flaw(place, "a list needs `items`".to_owned(), None);
        }
        self.list(members, &mut schema);
        schema.default = members.get("default").map(|member| member.value.to_node());
        let bounds = self.bounds(members);
        schema.bounds = (!bounds.is_empty()).then(|| Box::new(bounds));
        schema.logic = self.logic(members).map(Box::new);
        schema.rules = self.rules(members);
        let open = preserves || role == Role::Beside || self.flag(members, "open");
        let anything = schema.kind == Kind::Any && schema.properties.is_empty();
        if matches!(schema.others, Others::Forbidden) && (open || anything) {
            schema.others = Others::Free;
        }
        schema
    }

    /// Keywords that there are not.
    fn keywords(&mut self, members: &Members) {
        for (key, member) in members {
            let own = self.references.is_some() && matches!(key.as_ref(), "open" | "unique");
            if !own && !KEYWORDS.contains(&key.as_ref()) {
                let message = format!("`{key}` is no keyword of a CustomResourceDefinition's schema");
                self.flaw(member.key, message, did_you_mean(key, KEYWORDS));
            }
        }
    }

    fn kind(&mut self, members: &Members, place: Place, role: Role, preserves: bool) -> Kind {
        if self.flag(members, "x-kubernetes-int-or-string") {
            return Kind::IntOrString;
        }
        let Some(member) = members.get("type") else {
            if role == Role::Whole && !preserves && self.references.is_none() {
                let help = "write `type: object` or another, `x-kubernetes-int-or-string: true`, or \
                            `x-kubernetes-preserve-unknown-fields: true`";
                self.flaw(place, "a schema must have a type".to_owned(), Some(help.to_owned()));
            }
            return Kind::Any;
        };
        match member.value.as_str().unwrap_or_default() {
            "object" => Kind::Object,
            "array" => Kind::List,
            "string" => Kind::String,
            "integer" => Kind::Integer,
            "number" => Kind::Number,
            "boolean" => Kind::Boolean,
            "quantity" if self.references.is_some() => Kind::Quantity,
            "int-or-string" if self.references.is_some() => Kind::IntOrString,
            other => {
                let types = ["object", "array", "string", "integer", "number", "boolean"];
                let help = did_you_mean(other, types);
                let help = help.unwrap_or_else(|| format!("write one of {}", types.join(", ")));
                self.flaw(member.value.place, "there is no such type".to_owned(), Some(help));
                Kind::Any
            }
        }
    }

    fn members(&mut self, members: &Members, schema: &mut Structural, role: Role) {
        if let Some(properties) = self.mapping(members, "properties") {
            for (key, member) in properties {
                let below = self.schema(&member.value, role);
                schema.properties.insert(Arc::clone(key), below);
            }
        }
        schema.required = self.texts(members, "required");
        match members.get("additionalProperties").map(|member| (&member.value.content, member)) {
            None | Some((Content::Bool(false), _)) => {}
            Some((Content::Bool(true), _)) => schema.others = Others::Free,
            Some((_, member)) => {
                if !schema.properties.is_empty() && role == Role::Whole {
                    let message = "`properties` and `additionalProperties` cannot stand together".to_owned();
                    self.flaw(member.key, message, Some("keep one of them".to_owned()));
                }
                schema.others = Others::Like(Box::new(self.schema(&member.value, role)));
            }
        }
    }

    fn list(&mut self, members: &Members, schema: &mut Structural) {
        schema.unique = members.get("unique").and_then(|member| member.value.as_str()).map(Arc::from);
        let keys = self.texts(members, "x-kubernetes-list-map-keys");
        let Some(member) = members.get("x-kubernetes-list-type") else { return };
        schema.list = match member.value.as_str() {
            Some("atomic") => List::Atomic,
            Some("set") => List::Set,
            Some("map") if !keys.is_empty() => List::Map(keys),
            Some("map") => {
                let help = Some("name the keys that tell items apart".to_owned());
                self.flaw(member.key, "a list of type map needs `x-kubernetes-list-map-keys`".to_owned(), help);
                List::Atomic
            }
            _ => {
                self.flaw(member.value.place, "a list has the type atomic, set or map".to_owned(), None);
                List::Atomic
            }
        };
    }

    fn logic(&mut self, members: &Members) -> Option<Logic> {
        let mut schemas = |key| {
            let items = members.get(key).map(|member| &member.value);
            match items.map(|written| &written.content) {
                Some(Content::List(items)) => items.iter().map(|item| self.schema(item, Role::Beside)).collect(),
                Some(_) => {
                    let place = items.map_or(Place::top(FileId::NONE), |written| written.place);
                    self.flaw(place, format!("`{key}` must be a list of schemas"), None);
                    Vec::new()
                }
                None => Vec::new(),
            }
        };
        let (all, any, one) = (schemas("allOf"), schemas("anyOf"), schemas("oneOf"));
        let not = members.get("not").map(|member| self.schema(&member.value, Role::Beside));
        let some = !(all.is_empty() && any.is_empty() && one.is_empty() && not.is_none());
        some.then_some(Logic { all, any, one, not })
    }

    fn rules(&mut self, members: &Members) -> Vec<Rule> {
        let Some(member) = members.get("x-kubernetes-validations") else { return Vec::new() };
        let Content::List(items) = &member.value.content else {
            self.wrong("x-kubernetes-validations", "a list of rules", &member.value);
            return Vec::new();
        };
        let mut rules = Vec::with_capacity(items.len());
        for item in items {
            match Rule::read(item) {
                Ok(rule) => rules.extend(rule),
                Err((written, message, help)) => self.flaw(written.place, message, help),
            }
        }
        rules
    }

    fn bounds(&mut self, members: &Members) -> Bounds {
        let pattern = members.get("pattern").and_then(|member| {
            let source = self.text("pattern", &member.value)?;
            match Pattern::new(&source) {
                Ok(pattern) => Some(pattern),
                Err(why) => {
                    self.flaw(member.value.place, format!("the pattern cannot be used: {why}"), None);
                    None
                }
            }
        });
        let allowed = match members.get("enum").map(|member| (&member.value.content, member.value.place)) {
            None => Vec::new(),
            Some((Content::List(items), _)) => items.iter().map(|item| item.to_node().value).collect(),
            Some((_, place)) => {
                self.flaw(place, "`enum` must be a list of values".to_owned(), None);
                Vec::new()
            }
        };
        let format = members.get("format").and_then(|member| self.text("format", &member.value));
        let mut limit = |key, exclusive| {
            let number = self.number(members, key)?;
            Some(Limit { number, exclusive: self.flag(members, exclusive) })
        };
        let (minimum, maximum) = (limit("minimum", "exclusiveMinimum"), limit("maximum", "exclusiveMaximum"));
        let multiple_of = self.number(members, "multipleOf").filter(|number| number.as_f64() > 0.0);
        let mut between = |least, most| Between { least: self.count(members, least), most: self.count(members, most) };
        let length = between("minLength", "maxLength");
        let items = between("minItems", "maxItems");
        let members = between("minProperties", "maxProperties");
        let format = format.and_then(|name| Format::find(&name));
        Bounds { allowed, pattern, format, minimum, maximum, multiple_of, length, items, members }
    }

    fn flag(&mut self, members: &Members, key: &str) -> bool {
        match members.get(key).map(|member| &member.value) {
            Some(Written { content: Content::Bool(flag), .. }) => *flag,
            Some(other) => {
                self.wrong(key, "true or false", other);
                false
            }
            None => false,
        }
    }

    fn number(&mut self, members: &Members, key: &str) -> Option<Number> {
        match members.get(key).map(|member| &member.value)? {
            Written { content: Content::Number(number), .. } => Some(*number),
            other => {
                self.wrong(key, "a number", other);
                None
            }
        }
    }

    fn count(&mut self, members: &Members, key: &str) -> Option<usize> {
        let written = &members.get(key)?.value;
        let count = match &written.content {
            Content::Number(number) => number.as_i64().and_then(|count| usize::try_from(count).ok()),
            _ => None,
        };
        if count.is_none() {
            self.wrong(key, "a whole number from 0", written);
        }
        count
    }

    fn text(&mut self, key: &str, written: &Written) -> Option<Arc<str>> {
        if let Content::String { text, .. } = &written.content {
            return Some(Arc::clone(text));
        }
        self.wrong(key, "a string", written);
        None
    }

    fn texts(&mut self, members: &Members, key: &str) -> Vec<Arc<str>> {
        match members.get(key).map(|member| &member.value) {
            None => Vec::new(),
            Some(Written { content: Content::List(items), .. }) => {
                items.iter().filter_map(|item| self.text(key, item)).collect()
            }
            Some(other) => {
                self.wrong(key, "a list of strings", other);
                Vec::new()
            }
        }
    }

    fn mapping<'w>(&mut self, members: &'w Members, key: &str) -> Option<&'w Members> {
        let written = &members.get(key)?.value;
        if written.members().is_none() && written.kind() != Type::Null {
            self.wrong(key, "a mapping", written);
        }
        written.members()
    }

    fn wrong(&mut self, key: &str, wanted: &str, found: &Written) {
        self.flaw(found.place, format!("`{key}` must be {wanted}, but it is {}", found.kind().with_article()), None);
    }
}

/// Whether a value of a schema is one of data: numbers are equal if they are as much.
pub(in crate::kubernetes) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        #[expect(clippy::float_cmp, reason = "exactly the same number in another spelling")]
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}
