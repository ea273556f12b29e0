//! What only parts of values that meet a schema meet.

use indexmap::IndexSet;
use serde_json::{Map, Value, json};

use super::Guide;
use super::constraint::surely_one_of;
use super::part::{Name, Part, Reader};
use super::portable;
use super::types::Types;
use super::writer::{Page, Scene, Writer, is_any, keywords};

/// Keywords that only tell something, or only keep schemas.
const TELLING: [&str; 18] = [
    "$schema",
    "$id",
    "id",
    "$anchor",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$ref",
    "allOf",
    "then",
    "else",
];

/// Keywords that ask nothing of anything but numbers and texts.
const SCALAR: [&str; 8] =
    ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"];

impl<'a, G: Guide> Writer<'a, '_, G> {
    /// A schema that a value's part only meets if the value meets the one of `part`; `None` if there is none to write.
    pub(super) fn certain(&mut self, part: &Part<'a>, scene: &Scene<G::At>) -> Option<Value> {
        self.surely(part, scene, &mut IndexSet::new())
    }

    fn surely(&mut self, part: &Part<'a>, scene: &Scene<G::At>, open: &mut IndexSet<Name>) -> Option<Value> {
        self.descend(|writer| writer.surely_all(part, scene, open)).flatten()
    }

    fn surely_all(&mut self, part: &Part<'a>, scene: &Scene<G::At>, open: &mut IndexSet<Name>) -> Option<Value> {
        let name = Reader::name(part);
        if !open.insert(name.clone()) {
            return None;
        }
        let found = self.reader.in_place(std::slice::from_ref(part));
        let mut page = Page::default();
        let fine = !found.never
            && !found.unknown
            && !scene.secret
            && found.parts.iter().all(|part| self.surely_one(part, scene, open, &mut page).is_some());
        open.shift_remove(&name);
        fine.then(|| Value::Object(page.into_keywords()))
    }

    /// Adds what one part asks; `None` if that cannot be certain.
    fn surely_one(
        &mut self,
        part: &Part<'a>,
        scene: &Scene<G::At>,
        open: &mut IndexSet<Name>,
        page: &mut Page,
    ) -> Option<()> {
        let whole = self.reader.is_whole(part);
        for (keyword, value) in part.spot.value.as_object()? {
            if TELLING.contains(&keyword.as_str())
                || keyword.starts_with("x-")
                || self.reader.keyword(part, keyword).is_none()
            {
                continue;
            }
            let asked = match (keyword.as_str(), value) {
                ("type", _) => json!({ "type": Types::read(value).write() }),
                ("enum", Value::Array(values)) => json!({ "enum": surely_one_of(values)? }),
                ("const", _) => json!({ "enum": surely_one_of(std::slice::from_ref(value))? }),
                ("pattern", Value::String(pattern)) => portable::asked(pattern)?,
                (known, Value::Number(_)) if SCALAR.contains(&known) => json!({ known: value }),
                ("not", _) => {
                    let below = self.reader.one(part, "not")?;
                    let possible = self.node(&[below], scene);
                    json!({ "not": possible })
                }
                ("anyOf", _) => {
                    let alternatives = self.reader.each(part, "anyOf");
                    let certain: Vec<Value> =
                        alternatives.iter().filter_map(|(_, part)| self.surely(part, scene, open)).collect();
                    if certain.is_empty() {
                        return None;
                    }
                    json!({ "anyOf": certain })
                }
                ("required", Value::Array(names)) => {
                    for name in names.iter().filter_map(Value::as_str) {
                        page.also(self.there(name, scene)?);
                    }
                    continue;
                }
                ("properties", _) => {
                    for (name, below) in self.reader.each(part, "properties") {
                        self.surely_member(&name, &below, whole, scene, open, page)?;
                    }
                    continue;
                }
                ("if", _) if self.reader.one(part, "then").is_none() && self.reader.one(part, "else").is_none() => {
                    continue;
                }
                _ => return None,
            };
            page.put(keywords(asked));
            let undisguised = self.undisguised();
            page.also(undisguised);
        }
        Some(())
    }

    fn surely_member(
        &mut self,
        name: &str,
        part: &Part<'a>,
        whole: bool,
        scene: &Scene<G::At>,
        open: &mut IndexSet<Name>,
        page: &mut Page,
    ) -> Option<()> {
        if scene.is_root() && self.reserved.contains_key(name) {
            return None;
        }
        let at = self.guide.key(&scene.at, name);
        let certain = self.surely(part, &scene.below(at), open);
        if certain.as_ref().is_some_and(is_any) {
            return Some(());
        }
        let member = certain.map(|certain| Map::from_iter([(name.to_owned(), certain)]));
        match (member, whole) {
            (Some(member), true) => page.also(json!({ "properties": member })),
            // What the file lacks, others may have.
            (Some(member), false) => page.also(json!({ "type": "object", "required": [name], "properties": member })),
            (None, true) => page.also(json!({ "type": "object", "not": { "required": [name] } })),
            (None, false) => return None,
        }
        Some(())
    }

    /// A value that is what it looks like.
    pub(super) fn undisguised(&mut self) -> Value {
        let kind = if self.terms.beaten { json!(["string", "null"]) } else { json!("string") };
        let pattern = Types::ALL.disguised(self.terms);
        json!({ "not": self.define("doubtful", json!({ "type": kind, "pattern": pattern })) })
    }
}
