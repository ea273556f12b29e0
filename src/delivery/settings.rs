//! `delivery` in the settings of an environment's secrets.

use std::sync::Arc;

use super::{Delivery, Store};
use crate::diagnostic::{Diagnostic, Diagnostics, code, did_you_mean};
use crate::fields::{Fields, Text};
use crate::source::Place;

/// The ways, in the settings.
pub(crate) const WORDS: [&str; 3] = ["external", "sops", "inline"];

/// Kinds of stores.
pub(crate) const STORES: [&str; 2] = ["ClusterSecretStore", "SecretStore"];

/// What stands in braces in the key of a store.
const FACTS: [&str; 5] = ["environment", "tenant", "name", "path", "label"];

/// Reads `delivery` and `store`; without them nothing is said.
pub(crate) fn read(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Delivery {
    let word = fields.text("delivery", diagnostics);
    let store = fields.get("store").and_then(|member| {
        let mut fields = Fields::of(&member.value, code::SETTINGS, "a store of secrets", diagnostics)?;
        let store = store(&mut fields, diagnostics);
        fields.finish(diagnostics);
        Some((store, member.key))
    });
    let Some(word) = word else {
        if let Some((_, place)) = store {
            diagnostics.record(
                wrong(place, "a `store` is for secrets that are delivered as `external`")
                    .help("write `delivery: external`"),
            );
        }
        return Delivery::LeftOut;
    };
    match (word.text.as_ref(), store) {
        ("external", Some((Some(store), _))) => return Delivery::External(store),
        ("external", None) => diagnostics.record(
            wrong(word.place, "secrets that are delivered as `external` come from a `store`, and none is named")
                .help("write `store: {kind: ClusterSecretStore, name: vault}`"),
        ),
        ("external", Some((None, _))) => {}
        ("sops", None) => return Delivery::Sops,
        ("inline", None) => return Delivery::Inline,
        ("sops" | "inline", Some((_, place))) => diagnostics
            .record(wrong(place, format!("a `store` is for `delivery: external`, and this is `{}`", word.text))),
        _ => diagnostics.record(
            wrong(word.place, format!("there is no delivery `{}`", word.text))
                .maybe_help(did_you_mean(&word.text, WORDS))
                .note(format!("known: {}", WORDS.join(", "))),
        ),
    }
    Delivery::LeftOut
}

fn store(fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Store> {
    let kind = fields.text("kind", diagnostics);
    let name = fields.required("name", "vault", diagnostics);
    let key = fields.text("key", diagnostics);
    let property = fields.text("property", diagnostics);
    let refresh = fields.text("refresh", diagnostics);
    if let Some(kind) = kind.as_ref().filter(|kind| !STORES.contains(&kind.text.as_ref())) {
        diagnostics.record(
            wrong(kind.place, format!("there is no kind of store `{}`", kind.text))
                .maybe_help(did_you_mean(&kind.text, STORES))
                .note(format!("known: {}", STORES.join(", "))),
        );
    }
    for pattern in key.iter().chain(&property) {
        facts(pattern, diagnostics);
    }
    let text = |text: Option<Text>, usual: &str| text.map_or_else(|| usual.into(), |text| text.text);
    Some(Store {
        kind: text(kind, STORES[0]),
        name: name?.text,
        key: text(key, "{tenant}/{name}"),
        property: property.map(|property| property.text),
        refresh: text(refresh, "1h"),
    })
}

/// Records what stands in braces and means nothing.
fn facts(pattern: &Text, diagnostics: &mut Diagnostics) {
    for part in pattern.text.split('{').skip(1) {
        let fact: Arc<str> = part.split('}').next().unwrap_or_default().into();
        if !FACTS.contains(&fact.as_ref()) {
            diagnostics.record(
                wrong(pattern.place, format!("`{{{fact}}}` means nothing in the key of a store"))
                    .maybe_help(did_you_mean(&fact, FACTS))
                    .note(format!("known: {}", FACTS.map(|fact| format!("{{{fact}}}")).join(", "))),
            );
        }
    }
}

fn wrong(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::SETTINGS, message).at(place, "")
}
