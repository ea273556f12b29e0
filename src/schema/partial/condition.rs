//! Alternatives, conditions and exclusions: what is left of them for a part of a valid whole.
//!
//! `possible` of a schema is what every part of a value that meets it meets; `certain`, what only parts of such values
//! meet. A condition of the whole asks something of the part where it certainly holds, and excludes what is certain.

use serde_json::{Value, json};

use super::Guide;
use super::part::Part;
use super::writer::{Page, Scene, Writer, is_any};
use crate::schema::keys;

impl<'a, G: Guide> Writer<'a, '_, G> {
    pub(super) fn conditions(&mut self, part: &Part<'a>, scene: &Scene<G::At>, page: &mut Page) {
        let bare = scene.bare();
        for keyword in ["anyOf", "oneOf"] {
            let alternatives = self.reader.each(part, keyword);
            let possible: Vec<Value> = alternatives.into_iter().map(|(_, part)| self.node(&[part], &bare)).collect();
            if !possible.is_empty() && !possible.iter().any(is_any) {
                page.also(json!({ "anyOf": possible }));
            }
        }
        if let Some(excluded) = self.reader.one(part, "not")
            && let Some(certain) = self.certain(&excluded, &bare)
        {
            // With an expression or a secret inside, the compiler says nothing of what a mapping must not be, unless it
            // is about its keys.
            let plain = json!({ "not": { "type": ["object", "array"] } });
            let known = if keys::are_all_it_looks_at(excluded.spot.value) { json!({}) } else { plain };
            let mut all = Page::default();
            all.also(known);
            all.also(self.undisguised());
            all.also(certain);
            page.also(json!({ "not": all.into_keywords() }));
        }
        if let Some(condition) = self.reader.one(part, "if") {
            self.conditional(part, &condition, &bare, page);
        }
        self.dependencies(part, &bare, page);
    }

    fn conditional(&mut self, part: &Part<'a>, condition: &Part<'a>, bare: &Scene<G::At>, page: &mut Page) {
        if let Some(then) = self.reader.one(part, "then")
            && let Some(certain) = self.certain(condition, bare)
        {
            let then = self.node(&[then], bare);
            if !is_any(&then) {
                page.also(json!({ "if": certain, "then": then }));
            }
        }
        if let Some(other) = self.reader.one(part, "else") {
            let possible = self.node(std::slice::from_ref(condition), bare);
            let other = self.node(&[other], bare);
            if !is_any(&possible) && !is_any(&other) {
                page.also(json!({ "if": possible, "else": other }));
            }
        }
    }

    /// What is asked where a key is there.
    fn dependencies(&mut self, part: &Part<'a>, bare: &Scene<G::At>, page: &mut Page) {
        for keyword in ["dependentSchemas", "dependencies"] {
            for (key, asked) in self.reader.each(part, keyword) {
                let asked = self.node(&[asked], bare);
                if let Some(there) = self.there(&key, bare).filter(|_| !is_any(&asked)) {
                    page.also(json!({ "if": there, "then": asked }));
                }
            }
        }
        if !self.reader.is_whole(part) {
            return;
        }
        for keyword in ["dependentRequired", "dependencies"] {
            let members = self.reader.keyword(part, keyword).and_then(Value::as_object);
            for (key, names) in members.into_iter().flatten().filter(|(_, names)| names.is_array()) {
                if let Some(there) = self.there(key, bare) {
                    page.also(json!({ "if": there, "then": { "required": names } }));
                }
            }
        }
    }

    /// Whether a key is there for certain: not to be unset. `None` for a reserved key, which is no data.
    pub(super) fn there(&self, key: &str, scene: &Scene<G::At>) -> Option<Value> {
        let reserved = scene.is_root() && self.reserved.contains_key(key);
        let there = json!({"type": "object", "required": [key], "properties": { key: { "not": { "const": "" } } }});
        (!reserved).then_some(there)
    }
}
