//! What a schema asks of a value itself: its type, its size, its form.

use serde_json::{Map, Value, json};

use super::part::{InPlace, Part};
use super::types::{Types, is_disguise};
use super::writer::{Page, Scene, Writer, keywords};
use super::{Guide, portable};
use crate::schema::format;

/// Keywords about numbers. In draft-04 the exclusive ones are flags, which stay out.
const NUMBERS: [&str; 5] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

impl<'a, G: Guide> Writer<'a, '_, G> {
    /// The types that all parts allow.
    pub(super) fn types(&self, found: &InPlace<'a>, scene: &Scene<G::At>) -> Types {
        let mut types = Types::ALL;
        for part in &found.parts {
            let asked = |keyword: &str| self.reader.keyword(part, keyword);
            let mut own = asked("type").map_or(Types::ALL, Types::read);
            let listed = asked("enum").and_then(Value::as_array).filter(|_| !scene.secret);
            if let Some(listed) = listed {
                own = own.and(listed.iter().map(Types::of).fold(Types::NONE, Types::with));
            }
            if let Some(constant) = asked("const").filter(|_| !scene.secret) {
                own = own.and(Types::of(constant));
            }
            if self.terms.beaten && !self.reader.is_whole(part) {
                own = own.with(Types::NULL);
            }
            types = types.and(own);
        }
        if scene.named { types.with(Types::STRING) } else { types }
    }

    /// Asks for one of the types, or for a text that may stand for one.
    pub(super) fn typed(&self, types: Types, scene: &Scene<G::At>, page: &mut Page) {
        if types == Types::ALL {
            return;
        }
        // An empty file is an empty mapping.
        let taken = types.with(if scene.is_root() { Types::NULL } else { Types::STRING });
        // That null may keep the place of another value is nothing to begin with.
        let meant = if self.terms.beaten { types.without(Types::NULL) } else { types };
        let meant = if meant.is_empty() { types } else { meant };
        let mut asked = keywords(json!({"type": taken.write(), "errorMessage": format!("must be {}", meant.words())}));
        if !types.meets(Types::STRING) && !scene.is_root() {
            asked.insert("pattern".to_owned(), Value::from(types.disguised(self.terms)));
        }
        // Beside `properties` the message would take the place of those about keys.
        if page.has("properties") { page.also(Value::Object(asked)) } else { page.put(asked) }
    }

    /// What one part asks of numbers and texts.
    pub(super) fn constraints(&mut self, part: &Part<'a>, types: Types, scene: &Scene<G::At>, page: &mut Page) {
        let asked = |keyword: &str| self.reader.keyword(part, keyword);
        let number =
            |keyword: &str| Some((keyword.to_owned(), asked(keyword).filter(|value| value.is_number())?.clone()));
        page.put(NUMBERS.into_iter().filter_map(number).collect());
        // Of a secret the file holds a name that nobody knows the content of.
        if scene.secret || scene.named {
            return;
        }
        let mut texts = self.form(part);
        if let Some(listed) = asked("enum").and_then(Value::as_array) {
            texts.push(one_of(listed));
        }
        if let Some(constant) = asked("const") {
            texts.push(one_of(std::slice::from_ref(constant)));
        }
        let mut form = Page::default();
        for keywords in texts {
            form.put(keywords);
        }
        let wanted = form.into_keywords();
        if !wanted.is_empty() {
            let beaten = self.terms.beaten && !self.reader.is_whole(part);
            let disguise = self.disguise(types, beaten);
            page.also_or(&Value::Object(wanted), &disguise);
        }
    }

    /// What a part asks of the form of a text, as far as an editor reads it alike.
    fn form(&self, part: &Part<'a>) -> Vec<Map<String, Value>> {
        let asked = |keyword: &str| self.reader.keyword(part, keyword);
        let mut forms = Vec::new();
        for keyword in ["minLength", "maxLength"] {
            forms.extend(asked(keyword).map(|value| Map::from_iter([(keyword.to_owned(), value.clone())])));
        }
        let pattern = asked("pattern").and_then(Value::as_str).and_then(portable::portable);
        forms.extend(pattern.map(|pattern| keywords(json!({ "pattern": pattern }))));
        let known = asked("format").and_then(Value::as_str).and_then(format::find);
        if let Some(known) = known.filter(|known| !known.pattern.is_empty()) {
            let message = format!("must be {}, such as `{}`", known.words, known.example);
            forms.push(keywords(json!({"pattern": known.pattern, "patternErrorMessage": message})));
        }
        forms
    }

    /// A value that stands for one that is not known here: an expression, or one with a tag before it.
    fn disguise(&mut self, types: Types, beaten: bool) -> Value {
        let kind = if beaten { json!(["string", "null"]) } else { json!("string") };
        let pattern = types.disguised(self.terms);
        // With a title, editors do not take it for an alternative like the other.
        let title = if self.terms.expressions { "an expression, or a value with a tag" } else { "a value with a tag" };
        self.define("tagged", json!({"title": title, "type": kind, "pattern": pattern}))
    }
}

/// A schema that takes these values. Mappings and lists are not compared: parts of them may stand elsewhere.
fn one_of(values: &[Value]) -> Map<String, Value> {
    let scalars: Vec<&Value> = values.iter().filter(|value| !value.is_object() && !value.is_array()).collect();
    let taken = match scalars.as_slice() {
        [one] => json!({ "const": one }),
        _ => json!({ "enum": scalars }),
    };
    if scalars.len() == values.len() {
        return keywords(taken);
    }
    let others = values.iter().filter(|value| value.is_object() || value.is_array());
    let kinds = others.map(Types::of).fold(Types::NONE, Types::with);
    let others = json!({ "type": kinds.write() });
    keywords(if scalars.is_empty() { others } else { json!({ "anyOf": [taken, others] }) })
}

/// The scalars among values that no disguised value can equal, for what must hold for certain; `None` without any.
pub(super) fn surely_one_of(values: &[Value]) -> Option<Vec<&Value>> {
    let sure = |value: &&Value| match value {
        Value::Object(_) | Value::Array(_) => false,
        Value::String(text) => !is_disguise(text),
        _ => true,
    };
    let sure: Vec<&Value> = values.iter().filter(sure).collect();
    (!sure.is_empty()).then_some(sure)
}
