//! What is in a Secret is not shown: neither quoted, nor in a line of the file.

use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;
use crate::source::{Place, Sources};

/// What a Secret has beside its content.
const OPEN: [&str; 5] = ["apiVersion", "immutable", "kind", "metadata", "type"];

/// Whether a text, which perhaps cannot be parsed, may hold a Secret.
pub(super) fn may_hold_secret(text: &str) -> bool {
    text.match_indices("kind").any(|(at, key)| {
        let rest = text.get(at + key.len()..).unwrap_or_default();
        let value = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ':'));
        value.strip_prefix("Secret").is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric()))
    })
}

/// A finding about an object, without places whose lines show the content of a Secret.
pub(super) fn veiled(diagnostic: Diagnostic, manifest: &Manifest, sources: &Sources) -> Diagnostic {
    let map = manifest.node().value.as_map().filter(|_| manifest.identity().kind().as_ref() == "Secret");
    let Some(map) = map else { return diagnostic };
    let lines = |place: Place| {
        let source = sources.get(place.file);
        (place.file, source.line_column(place.start).line, source.line_column(place.end).line)
    };
    let content = map.iter().filter(|(key, _)| !OPEN.contains(&key.as_ref()));
    let content: Vec<_> = content.map(|(_, entry)| lines(entry.node.place)).collect();
    let shows = |place: Place| {
        let (file, first, last) = lines(place);
        content.iter().any(|other| other.0 == file && first <= other.2 && other.1 <= last)
    };
    let labels = diagnostic.primary.iter().chain(&diagnostic.related);
    if labels.map(|label| label.place).any(shows) { without_places(diagnostic, sources) } else { diagnostic }
}

/// A finding whose places are told, but not shown.
pub(super) fn without_places(mut diagnostic: Diagnostic, sources: &Sources) -> Diagnostic {
    diagnostic.related.clear();
    match diagnostic.primary.take() {
        Some(label) => {
            let note = format!("at {}, which is not shown: a Secret is there", sources.describe(label.place));
            diagnostic.note(note)
        }
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_suspected_in_every_spelling() {
        for text in ["kind: Secret\n", "{\"kind\":\"Secret\"}", "kind:   'Secret'", "\"kind\" : \"Secret\","] {
            assert!(may_hold_secret(text), "{text}");
        }
        for text in ["kind: SecretStore", "kind: ConfigMap\nname: Secret", ""] {
            assert!(!may_hold_secret(text), "{text}");
        }
    }
}
