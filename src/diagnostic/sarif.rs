//! The form for code scanning: SARIF 2.1.0, one run.
//!
//! In go findings and sources, out comes one document as the OASIS standard has it: a rule for each code that occurs,
//! with its page, and a result for each finding. Files are named as seen from where the program runs. A result is
//! the same one in the next run if code, file, message and path are: line numbers do not count.

use std::sync::Arc;

use indexmap::IndexSet;
use serde_json::{Value, json};

use super::{Code, Diagnostic, Diagnostics, Label, Severity, printable};
use crate::source::{LineColumn, Sources};

pub(crate) const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// All findings as one document.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let groups = diagnostics.grouped();
    let codes: IndexSet<Code> = groups.iter().map(|(item, _)| item.code).collect();
    let rules: Vec<Value> = codes.iter().copied().map(rule).collect();
    let results: Vec<Value> = groups
        .iter()
        .map(|(item, targets)| result(item, codes.get_index_of(&item.code).unwrap_or_default(), targets, sources))
        .collect();
    let report = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    printable::json(&report.to_string()) + "\n"
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.to_string(),
        "shortDescription": {"text": code.title()},
        "help": {"text": code.page(), "markdown": code.page()},
        "defaultConfiguration": {"level": level(code.severity())},
    })
}

fn result(item: &Diagnostic, rule: usize, targets: &[Arc<str>], sources: &Sources) -> Value {
    let lines = |prefix: &'static str, lines: &[String]| {
        lines.iter().map(|line| format!("\n{prefix}: {line}")).collect::<String>()
    };
    let text = format!("{}{}{}", item.message, lines("note", &item.notes), lines("help", &item.help));
    let mut result = json!({
        "ruleId": item.code.to_string(),
        "ruleIndex": rule,
        "level": level(item.severity),
        "message": {"text": text},
        "partialFingerprints": {"tenantctl/v1": fingerprint(item, sources)},
        "properties": {"targets": targets.iter().map(AsRef::as_ref).collect::<Vec<&str>>()},
    });
    if let Some(path) = &item.path {
        result["properties"]["path"] = path.to_string().into();
    }
    if let Some(label) = &item.primary {
        result["locations"] = json!([location(label, None, sources)]);
    }
    if !item.related.is_empty() {
        let related = item.related.iter().enumerate();
        result["relatedLocations"] = related.map(|(id, label)| location(label, Some(id), sources)).collect();
    }
    result
}

fn level(severity: Severity) -> &'static str {
    // SARIF knows the same words.
    severity.word()
}

fn location(label: &Label, id: Option<usize>, sources: &Sources) -> Value {
    let source = sources.get(label.place.file);
    let LineColumn { line, column } = source.line_column(label.place.start);
    let end = source.line_column(label.place.end.max(label.place.start));
    let mut location = json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&source.path())},
        "region": {"startLine": line, "startColumn": column, "endLine": end.line, "endColumn": end.column},
    }});
    if !label.text.is_empty() {
        location["message"] = json!({"text": label.text});
    }
    if let Some(id) = id {
        location["id"] = id.into();
    }
    location
}

/// A relative path as a URI reference (RFC 3986): what is not unreserved is percent-encoded.
pub(crate) fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// What makes a finding the same one in another run, whatever moved above it in its file.
pub(super) fn fingerprint(item: &Diagnostic, sources: &Sources) -> String {
    let mut hasher = blake3::Hasher::new();
    let file = item.primary.as_ref().map(|label| sources.get(label.place.file).path()).unwrap_or_default();
    let path = item.path.as_ref().map(ToString::to_string).unwrap_or_default();
    for part in [item.code.to_string(), file, item.message.clone(), path] {
        hasher.update(part.as_bytes()).update(b"\0");
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}
