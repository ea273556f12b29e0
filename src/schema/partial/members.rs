//! What a schema asks of what is inside a value: the members of a mapping, the items of a list.

use serde_json::{Map, Value, json};

use super::Guide;
use super::part::{InPlace, Member, Part, Seen};
use super::portable;
use super::types::Types;
use super::writer::{Page, Scene, Writer, is_any};

/// What one part asks of the members that no part names.
struct Others {
    patterns: Map<String, Value>,
    /// Of those that match no pattern; `None` if anything.
    rest: Option<Value>,
}

impl<'a, G: Guide> Writer<'a, '_, G> {
    /// The parts that speak about the member `key`.
    pub(super) fn named(&self, parts: &[Part<'a>], key: &str) -> Vec<Part<'a>> {
        let said = |part: &Part<'a>| match self.reader.member(part, None, key) {
            Member::Parts(parts) => parts,
            Member::Denied => Vec::new(),
        };
        parts.iter().flat_map(said).collect()
    }

    pub(super) fn members(&mut self, found: &InPlace<'a>, scene: &Scene<G::At>, page: &mut Page) {
        let looks =
            |part: &Part<'a>| self.reader.keyword(part, "unevaluatedProperties").map(|_| self.reader.seen(part));
        let seen: Vec<Option<Seen>> = found.parts.iter().map(looks).collect();
        let mut names = self.reader.names(&found.parts);
        names.extend(seen.iter().flatten().flat_map(|seen| seen.names.iter().cloned()));
        let reserved = if scene.is_root() { self.reserved } else { &Map::new() };
        names.retain(|name| !reserved.contains_key(name));
        let known = if scene.bare { Vec::new() } else { self.guide.keys(&scene.at) };
        names.extend(known.into_iter().filter(|name| !reserved.contains_key(name)));
        let mut properties = Map::new();
        for name in &names {
            let mut parts = Vec::new();
            let said = found.parts.iter().zip(&seen).map(|(part, seen)| self.reader.member(part, seen.as_ref(), name));
            let mut denied = false;
            for member in said {
                match member {
                    Member::Parts(more) => parts.extend(more),
                    Member::Denied => denied = true,
                }
            }
            if !denied {
                let at = self.guide.key(&scene.at, name);
                properties.insert(name.clone(), self.node(&parts, &scene.below(at)));
            }
        }
        if scene.bare {
            // They are described where nothing depends on a condition.
            properties.extend(reserved.keys().map(|name| (name.clone(), json!({}))));
        } else {
            properties.extend(reserved.clone());
        }
        let others: Vec<Others> =
            found.parts.iter().zip(&seen).filter_map(|(part, seen)| self.others(part, seen.as_ref(), scene)).collect();
        put_others(&properties, others, page);
        self.property_names(found, scene, page);
        for part in found.parts.iter().filter(|part| self.reader.is_whole(part)) {
            let required = self.reader.keyword(part, "required").filter(|required| required.is_array());
            page.put(required.map(|names| ("required".to_owned(), names.clone())).into_iter().collect());
            let least = self.reader.keyword(part, "minProperties").filter(|least| least.is_number());
            page.put(least.map(|least| ("minProperties".to_owned(), least.clone())).into_iter().collect());
        }
    }

    /// What a part asks of members that are not named; `None` if nothing.
    fn others(&mut self, part: &Part<'a>, seen: Option<&Seen>, scene: &Scene<G::At>) -> Option<Others> {
        let at = self.guide.other(&scene.at);
        let mut patterns = Map::new();
        let mut readable = true;
        for (pattern, below) in self.reader.each(part, "patternProperties") {
            match portable::portable(&pattern) {
                Some(pattern) => {
                    let schema = self.node(&[below], &scene.below(at.clone()));
                    patterns.insert(pattern, schema);
                }
                None => readable = false,
            }
        }
        let mut rest = self.reader.one(part, "additionalProperties");
        if let Some(seen) = seen.filter(|_| rest.is_none()) {
            rest = self.reader.one(part, "unevaluatedProperties").filter(|_| !seen.open);
            for pattern in &seen.patterns {
                match portable::portable(pattern) {
                    Some(pattern) => drop(patterns.entry(pattern).or_insert_with(|| json!({}))),
                    None => readable = false,
                }
            }
        }
        // Which members a pattern leaves over is only known where the pattern is read alike.
        let rest = rest.filter(|_| readable).map(|rest| match rest.spot.value {
            Value::Bool(false) => json!(false),
            _ => self.node(&[rest], &scene.below(at)),
        });
        let rest = rest.filter(|rest| !is_any(rest));
        let asks = rest.is_some() || patterns.values().any(|schema| !is_any(schema));
        asks.then_some(Others { patterns, rest })
    }

    /// Keys are plain texts, and known.
    fn property_names(&mut self, found: &InPlace<'a>, scene: &Scene<G::At>, page: &mut Page) {
        for part in &found.parts {
            let Some(asked) = self.reader.one(part, "propertyNames") else { continue };
            let below = scene.bare().below(scene.at.clone());
            let schema = self.node(&[asked], &below);
            if is_any(&schema) {
                continue;
            }
            let names: Vec<&String> = self.reserved.keys().filter(|_| scene.is_root()).collect();
            let schema = if names.is_empty() { schema } else { json!({ "anyOf": [{ "enum": names }, schema] }) };
            page.put(Map::from_iter([("propertyNames".to_owned(), schema)]));
        }
    }

    pub(super) fn items(&mut self, found: &InPlace<'a>, scene: &Scene<G::At>, page: &mut Page) {
        let at = self.guide.item(&scene.at);
        let below = Scene { named: self.guide.takes_names(&scene.at), ..scene.below(at) };
        // The parts about the same items of all lists, to be described together.
        let mut each = Vec::new();
        for part in &found.parts {
            let whole = self.reader.is_whole(part);
            let listed = match self.reader.keyword(part, "items") {
                Some(Value::Array(_)) => Some("items"),
                _ => self.reader.keyword(part, "prefixItems").map(|_| "prefixItems"),
            };
            let first: Vec<Part<'a>> =
                listed.into_iter().flat_map(|keyword| self.reader.each(part, keyword)).map(|(_, part)| part).collect();
            let rest = self.reader.one(part, if listed == Some("items") { "additionalItems" } else { "items" });
            match (first.is_empty(), whole) {
                (true, _) => each.extend(rest),
                (false, true) => {
                    let first: Vec<Value> = first.into_iter().map(|part| self.node(&[part], &below)).collect();
                    let mut asked = Map::from_iter([("items".to_owned(), Value::Array(first))]);
                    if let Some(rest) = rest {
                        asked.insert("additionalItems".to_owned(), self.node(&[rest], &below));
                    }
                    page.put(asked);
                }
                // In a list that is added to, nobody knows which of them an item is.
                (false, false) => {
                    if let Some(rest) = rest {
                        let all = first.into_iter().chain([rest]);
                        let all: Vec<Value> =
                            all.map(|part| self.node(&[part], &Scene { named: below.named, ..below.bare() })).collect();
                        if !all.iter().any(is_any) {
                            page.put(Map::from_iter([("items".to_owned(), json!({ "anyOf": all }))]));
                        }
                    }
                }
            }
            self.count(part, scene, &below, page);
        }
        if !each.is_empty() {
            let schema = self.node(&each, &below);
            if !is_any(&schema) {
                page.put(Map::from_iter([("items".to_owned(), schema)]));
            }
        }
    }

    /// What a part asks of a list as such. A list that is added to has more items in the end.
    fn count(&self, part: &Part<'a>, scene: &Scene<G::At>, below: &Scene<G::At>, page: &mut Page) {
        let whole = self.reader.is_whole(part);
        let mut put = |keyword: &str, value: Value| page.put(Map::from_iter([(keyword.to_owned(), value)]));
        for keyword in ["maxItems", "minItems"] {
            let asked = self.reader.keyword(part, keyword).filter(|value| value.is_number());
            if let Some(value) = asked.filter(|_| whole || keyword == "maxItems") {
                put(keyword, value.clone());
            }
        }
        // Parts of mappings may be the same where the whole ones differ, and so may an expression be that is written
        // twice, or a text and the number that a tag stands before.
        let comparable = || {
            let items = self.reader.one(part, "items").map(|items| self.reader.in_place(&[items]));
            let types = items.map_or(Types::ALL, |items| self.types(&items, below));
            types == Types::STRING || !types.meets(Types::STRING.with(Types::OBJECT).with(Types::ARRAY))
        };
        let unique = self.reader.keyword(part, "uniqueItems") == Some(&Value::Bool(true));
        let once = !(below.named || self.guide.takes_repeated(&scene.at) || whole && self.terms.expressions);
        if unique && once && comparable() {
            put("uniqueItems", json!(true));
        }
    }
}

/// Asks for the members that are named, and for the others as each part wants them.
fn put_others(properties: &Map<String, Value>, mut others: Vec<Others>, page: &mut Page) {
    let mut keywords = Map::new();
    let strict = |others: &Others| others.patterns.is_empty() && others.rest == Some(json!(false));
    if others.iter().any(strict) {
        others = vec![Others { patterns: Map::new(), rest: Some(json!(false)) }];
    }
    let one = others.len() == 1;
    if !properties.is_empty() {
        keywords.insert("properties".to_owned(), Value::Object(properties.clone()));
    }
    for Others { patterns, rest } in others {
        let mut asked = Map::new();
        if !one {
            let named = properties.keys().map(|name| (name.clone(), json!({})));
            asked.insert("properties".to_owned(), Value::Object(named.collect()));
        }
        if !patterns.is_empty() {
            asked.insert("patternProperties".to_owned(), Value::Object(patterns));
        }
        asked.extend(rest.map(|rest| ("additionalProperties".to_owned(), rest)));
        if one { keywords.extend(asked) } else { page.also(Value::Object(asked)) }
    }
    page.put(keywords);
}
