//! The reserved keys at the top of a layer file, `extends` and `about`, as a schema.

use serde_json::{Map, Value, json};

use crate::workspace::Level;

/// The schemas of the reserved keys in the files of a level.
pub(super) fn keys(level: &Level) -> Map<String, Value> {
    let is_override = level.file.needs("override");
    let extends = json!({
        "description": "A file, or a list of files, put under this one; the last is the highest. `./` and `../` begin at \
                        this file's folder, anything else at the workspace.",
        "type": ["string", "array"],
        "items": {"type": "string"},
    });
    let mut about = json!({
        "description": if is_override {
            "What the override says about itself."
        } else {
            "What an override says about itself; it means nothing in this layer."
        },
        "type": "object",
        "properties": about(),
        "additionalProperties": false,
    });
    if !is_override && let Some(about) = about.as_object_mut() {
        about.insert("doNotSuggest".to_owned(), json!(true));
    }
    Map::from_iter([("extends".to_owned(), extends), ("about".to_owned(), about)])
}

fn about() -> Value {
    let text = |told: &str| json!({ "description": told, "type": ["string", "null"] });
    let names =
        |told: &str| json!({"description": told, "type": ["array", "string", "null"], "items": {"type": "string"}});
    json!({
        "description": text("What it is for."),
        "owner": text("Whom to ask."),
        "ticket": text("Why it is there."),
        "expires": {
            "description": "The last day on which it may be used, such as \"2027-01-31\", in quotes.",
            "type": ["string", "null"],
            "pattern": "^[-+]?[0-9]",
        },
        "requires": names("Overrides that must be active too."),
        "conflicts": names("Overrides that must not be active."),
        "after": names("Overrides that this one may contradict: it is applied after them."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::layers::Document;
    use crate::source::Sources;
    use crate::yaml::{Limits, read_document};

    fn notes(text: &str) -> Vec<String> {
        let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
        let file = sources.add("x.yml", text);
        let written = read_document(file, text, &Limits::default(), &mut diagnostics).unwrap();
        let _ = Document::new(file, "x.yml".into(), written, &mut diagnostics);
        diagnostics.items().iter().flat_map(|item| item.notes.clone()).collect()
    }

    #[test]
    fn about_has_the_keys_that_its_reader_asks_for() {
        let keys: Vec<String> = about().as_object().unwrap().keys().cloned().collect();
        assert_eq!(notes("about: {none_of_them: 1}"), [format!("known: {}", keys.join(", "))]);
    }

    #[test]
    fn about_takes_what_its_reader_takes() {
        let schema = json!({ "properties": { "about": {
            "type": "object", "properties": about(), "additionalProperties": false,
        } } });
        let validator = jsonschema::draft7::new(&schema).unwrap();
        let values =
            ["null", "text", "\"2027-01-31\"", "\"20270131\"", "\"x\"", "3", "true", "[]", "[a, b]", "[1]", "{}"];
        for key in about().as_object().unwrap().keys() {
            for value in values {
                let text = format!("about: {{{key}: {value}}}");
                let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
                let file = sources.add("x.yml", &text);
                let written = read_document(file, &text, &Limits::default(), &mut diagnostics).unwrap();
                let plain = crate::yaml::emit::json(&written.to_node(), false);
                let accepted = Document::new(file, "x.yml".into(), written, &mut diagnostics).is_ok();
                let taken = validator.is_valid(&serde_json::from_str(&plain).unwrap());
                // What a date is, only its reader knows exactly.
                assert!(accepted == taken || (!accepted && key == "expires"), "{text}: {accepted} {taken}");
            }
        }
    }
}
