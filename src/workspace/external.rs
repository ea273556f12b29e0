//! `external:` of the settings: what exists on the clusters without being rendered.

use globset::{GlobBuilder, GlobMatcher};

use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::fields::{Fields, Text};
use crate::integrity::{Called, External};

/// Reads the list; records everything that is wrong with it.
pub(super) fn read(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<External> {
    let mut all = Vec::new();
    for item in fields.items("external", diagnostics) {
        let Some(mut fields) = Fields::of(item, code::SETTINGS, "an external object", diagnostics) else { continue };
        let kind = fields.required("kind", "Secret", diagnostics);
        let name = fields.text("name", diagnostics);
        let value = fields.text("value", diagnostics);
        let namespace = fields.text("namespace", diagnostics);
        // For people.
        fields.text("reason", diagnostics);
        fields.finish(diagnostics);
        let called = match (name, value) {
            (Some(name), None) => pattern(&name, diagnostics).map(Called::Like),
            (None, Some(value)) => Some(Called::Value(value.text)),
            _ => {
                diagnostics.record(
                    Diagnostic::new(code::SETTINGS, "an external object has either a `name` or a `value`")
                        .at(item.place, "")
                        .help("write `name: database-*`, or `value: database.secret` for the name that the configuration has there"),
                );
                None
            }
        };
        let namespace = namespace.map(|namespace| pattern(&namespace, diagnostics));
        if let (Some(kind), Some(called), false) = (kind, called, matches!(namespace, Some(None))) {
            all.push(External { kind: kind.text, called, namespace: namespace.flatten() });
        }
    }
    all
}

fn pattern(text: &Text, diagnostics: &mut Diagnostics) -> Option<GlobMatcher> {
    match GlobBuilder::new(&text.text).build() {
        Ok(glob) => Some(glob.compile_matcher()),
        Err(error) => {
            diagnostics.record(
                Diagnostic::new(code::SETTINGS, format!("`{}` is no pattern: {}", text.text, error.kind()))
                    .at(text.place, "")
                    .help("write a name; `*` stands for any part of it"),
            );
            None
        }
    }
}
