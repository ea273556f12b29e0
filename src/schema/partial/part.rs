//! The parts of schemas that speak about one value.
//!
//! In go the roots of one or two schemas, out come, step by step, the parts that all must hold for a value: through
//! `$ref` and `allOf`, also into other files, with the keywords of each file's version of JSON Schema.

use std::collections::VecDeque;

use indexmap::IndexSet;
use serde_json::Value;

use super::dialect::Dialect;
use crate::schema::Schema;
use crate::schema::bundle::Spot;
use crate::schema::positions;

/// A part of one of the schemas.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    /// Which schema: an index among the reader's.
    pub(super) origin: usize,
    pub(super) spot: Spot<'a>,
}

/// What tells one part from another.
pub(super) type Name = (usize, usize, String);

/// The parts that all speak about a value.
#[derive(Debug, Default)]
pub(super) struct InPlace<'a> {
    /// Each is a mapping of keywords.
    pub(super) parts: Vec<Part<'a>>,
    /// Those that only say something to people.
    pub(super) notes: Vec<Part<'a>>,
    /// Whether one of them is `false`: there must be no value.
    pub(super) never: bool,
    /// Whether a reference among them is only known while a value is checked.
    pub(super) unknown: bool,
}

/// What a part says about a member.
pub(super) enum Member<'a> {
    Parts(Vec<Part<'a>>),
    /// There must be no such member.
    Denied,
}

/// The keys whose values a part looks at.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) names: IndexSet<String>,
    pub(super) patterns: IndexSet<String>,
    /// Whether it may look at any other.
    pub(super) open: bool,
}

struct Origin<'a> {
    schema: &'a Schema,
    /// Whether a file must meet it alone; else the configuration merged of many files must.
    whole: bool,
    /// One for each document.
    dialects: Vec<Dialect>,
    /// Whether references by `$dynamicRef` or `$recursiveRef` lead where the schema that begins wants.
    dynamic: bool,
}

/// Reads the schemas that a file's values must meet: its own, and that of the whole.
pub(super) struct Reader<'a> {
    origins: Vec<Origin<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(own: Option<&'a Schema>, merged: Option<&'a Schema>) -> Self {
        let named = own.map(|schema| (schema, true)).into_iter().chain(merged.map(|schema| (schema, false)));
        let origins = named.map(|(schema, whole)| {
            let documents = &schema.bundle.documents;
            let root = documents.first().and_then(|first| Dialect::named(&first.value)).unwrap_or(Dialect::Twenty);
            let dialects = documents.iter().map(|document| Dialect::named(&document.value).unwrap_or(root)).collect();
            let mut anchors = 0;
            for document in documents {
                document.each_schema(&mut |_, schema| {
                    let has = |keyword: &str| schema.get(keyword).is_some();
                    anchors += usize::from(has("$dynamicAnchor") || has("$recursiveAnchor"));
                });
            }
            Origin { schema, whole, dialects, dynamic: anchors > 0 }
        });
        Self { origins: origins.collect() }
    }

    /// The parts that speak about the file as such.
    pub(super) fn roots(&self) -> Vec<Part<'a>> {
        let root = |(origin, known): (usize, &Origin<'a>)| Part { origin, spot: known.schema.bundle.root() };
        self.origins.iter().enumerate().map(root).collect()
    }

    /// Whether a part is about the file alone.
    pub(super) fn is_whole(&self, part: &Part<'_>) -> bool {
        self.origins.get(part.origin).is_some_and(|origin| origin.whole)
    }

    pub(super) fn name(part: &Part<'_>) -> Name {
        (part.origin, part.spot.document, part.spot.pointer.clone())
    }

    fn dialect(&self, part: &Part<'_>) -> Dialect {
        let origin = self.origins.get(part.origin);
        origin.and_then(|origin| origin.dialects.get(part.spot.document)).copied().unwrap_or(Dialect::Twenty)
    }

    /// What stands at a keyword, if it counts.
    pub(super) fn keyword(&self, part: &Part<'a>, keyword: &str) -> Option<&'a Value> {
        let dialect = self.dialect(part);
        let alone = !dialect.reads_beside_references() && part.spot.value.get("$ref").is_some();
        if !dialect.knows(keyword) || (alone && keyword != "$ref") {
            return None;
        }
        part.spot.value.get(keyword)
    }

    /// The part at a pointer below another one.
    pub(super) fn below(&self, part: &Part<'a>, pointer: &str) -> Option<Part<'a>> {
        let bundle = &self.origins.get(part.origin)?.schema.bundle;
        let spot = bundle.spot(part.spot.document, &format!("{}{pointer}", part.spot.pointer))?;
        Some(Part { origin: part.origin, spot })
    }

    /// The parts in the list or the mapping at a keyword.
    pub(super) fn each(&self, part: &Part<'a>, keyword: &str) -> Vec<(String, Part<'a>)> {
        let pointer = |key: &str| format!("/{keyword}/{}", positions::escape(key));
        let names: Vec<String> = match self.keyword(part, keyword) {
            Some(Value::Array(items)) => (0..items.len()).map(|index| index.to_string()).collect(),
            Some(Value::Object(members)) => members.keys().cloned().collect(),
            _ => Vec::new(),
        };
        let found = names.into_iter().filter_map(|name| Some((name.clone(), self.below(part, &pointer(&name))?)));
        found.filter(|(_, part)| part.spot.value.is_object() || part.spot.value.is_boolean()).collect()
    }

    /// The one part at a keyword.
    pub(super) fn one(&self, part: &Part<'a>, keyword: &str) -> Option<Part<'a>> {
        let value = self.keyword(part, keyword)?;
        if value.is_object() || value.is_boolean() { self.below(part, &format!("/{keyword}")) } else { None }
    }

    /// Whether a key matches a pattern of `patternProperties`.
    fn matches(&self, part: &Part<'_>, pattern: &str, key: &str) -> bool {
        self.origins.get(part.origin).is_some_and(|origin| origin.schema.engine.matches(pattern, key))
    }

    /// The part that a reference leads to; `Err` where that is only known while a value is checked.
    fn references(&self, part: &Part<'a>) -> Vec<Result<Part<'a>, ()>> {
        let Some(origin) = self.origins.get(part.origin) else { return Vec::new() };
        let follow = |keyword: &str| {
            let written = self.keyword(part, keyword)?.as_str()?;
            if keyword != "$ref" && origin.dynamic {
                return Some(Err(()));
            }
            let spot = origin.schema.bundle.follow(part.spot.document, written);
            Some(spot.map(|spot| Part { origin: part.origin, spot }).ok_or(()))
        };
        ["$ref", "$dynamicRef", "$recursiveRef"].into_iter().filter_map(follow).collect()
    }

    /// These parts and all that speak about the same value, those about the file alone first. What both schemas refer
    /// to is taken once, as the stricter of them means it.
    pub(super) fn in_place(&self, begin: &[Part<'a>]) -> InPlace<'a> {
        let mut found = InPlace::default();
        let mut seen = IndexSet::new();
        for whole in [true, false] {
            let of_this = begin.iter().filter(|part| self.is_whole(part) == whole);
            let mut next: VecDeque<Part<'a>> = of_this.cloned().collect();
            while let Some(part) = next.pop_front() {
                let file = self.origins.get(part.origin).and_then(|origin| {
                    origin.schema.bundle.documents.get(part.spot.document).map(|document| &document.name)
                });
                if !seen.insert((file, part.spot.pointer.clone())) {
                    continue;
                }
                match part.spot.value {
                    Value::Bool(allowed) => found.never |= !allowed,
                    // A schema of another version inside this one.
                    value if value.get("$schema").is_some() && !part.spot.pointer.is_empty() => found.unknown = true,
                    Value::Object(_) => {
                        for target in self.references(&part) {
                            match target {
                                Ok(target) => next.push_back(target),
                                Err(()) => found.unknown = true,
                            }
                        }
                        next.extend(self.each(&part, "allOf").into_iter().map(|(_, part)| part));
                        let alone = !self.dialect(&part).reads_beside_references();
                        if alone && part.spot.value.get("$ref").is_some() {
                            found.notes.push(part);
                        } else {
                            found.parts.push(part);
                        }
                    }
                    _ => found.unknown = true,
                }
            }
        }
        found
    }

    /// What a part says about the member `key`. `seen` is what it looks at, if it has `unevaluatedProperties`.
    pub(super) fn member(&self, part: &Part<'a>, seen: Option<&Seen>, key: &str) -> Member<'a> {
        let named = self.keyword(part, "properties").filter(|named| named.get(key).is_some());
        let named = named.and_then(|_| self.below(part, &format!("/properties/{}", positions::escape(key))));
        let mut found: Vec<Part<'a>> = named.into_iter().collect();
        let patterns = self.each(part, "patternProperties");
        found
            .extend(patterns.into_iter().filter(|(pattern, _)| self.matches(part, pattern, key)).map(|(_, part)| part));
        if !found.is_empty() {
            return Member::Parts(found);
        }
        let unevaluated = || {
            let seen = seen?;
            let matched = || seen.patterns.iter().any(|pattern| self.matches(part, pattern, key));
            let looked_at = seen.open || seen.names.contains(key) || matched();
            self.one(part, "unevaluatedProperties").filter(|_| !looked_at)
        };
        match self.one(part, "additionalProperties").or_else(unevaluated) {
            Some(other) if other.spot.value == &Value::Bool(false) => Member::Denied,
            other => Member::Parts(other.into_iter().collect()),
        }
    }

    /// The keys that a part with `unevaluatedProperties` looks at, itself or through what it refers to, whatever holds
    /// of its conditions.
    pub(super) fn seen(&self, part: &Part<'a>) -> Seen {
        let mut seen = Seen::default();
        let mut met = IndexSet::new();
        let mut next = vec![part.clone()];
        while let Some(at) = next.pop() {
            if !met.insert(Self::name(&at)) {
                continue;
            }
            for target in self.references(&at) {
                match target {
                    Ok(target) => next.push(target),
                    Err(()) => seen.open = true,
                }
            }
            for keyword in ["allOf", "anyOf", "oneOf", "dependentSchemas", "dependencies"] {
                next.extend(self.each(&at, keyword).into_iter().map(|(_, part)| part));
            }
            next.extend(["if", "then", "else"].into_iter().filter_map(|keyword| self.one(&at, keyword)));
            seen.names.extend(self.each(&at, "properties").into_iter().map(|(name, _)| name));
            seen.patterns.extend(self.each(&at, "patternProperties").into_iter().map(|(pattern, _)| pattern));
            let others = self.one(&at, "additionalProperties");
            let nested = self.one(&at, "unevaluatedProperties").filter(|_| Self::name(&at) != Self::name(part));
            let looks = |other: &Part<'_>| other.spot.value != &Value::Bool(false);
            seen.open |= others.iter().chain(&nested).any(looks);
        }
        seen
    }

    /// The keys that a mapping's parts name in `properties`, in their order.
    pub(super) fn names(&self, parts: &[Part<'a>]) -> IndexSet<String> {
        parts.iter().flat_map(|part| self.each(part, "properties")).map(|(name, _)| name).collect()
    }
}
