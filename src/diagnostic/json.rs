//! The form for programs: one JSON document.
//!
//! In go findings and sources, out comes `{"version":1,"diagnostics":[..],"summary":{..}}` on one line, with a line end.
//! The fields below are a promise: within version 1 fields may be added, none is renamed, removed or given another
//! meaning. What is absent is `null` or an empty list, never a missing field. Text is as recorded, except that what a
//! terminal would obey is escaped as JSON allows.

use std::sync::Arc;

use serde::Serialize;

use super::tally::Tally;
use super::{Diagnostic, Diagnostics, Label, printable};
use crate::source::{LineColumn, Sources};

/// The document.
#[derive(Serialize)]
struct Report<'a> {
    /// 1
    version: u8,
    /// In the order they were recorded; equal findings of several targets are one.
    diagnostics: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Finding<'a> {
    /// `TC301`
    code: String,
    /// `error` or `warning`
    severity: &'static str,
    /// One line.
    message: &'a str,
    /// The value it is about, such as `resources.limits[0]`, or `null`.
    path: Option<String>,
    /// `acme-corp@prod` and the like; empty when it concerns no single one.
    targets: Vec<&'a str>,
    /// The place to look at first, or `null`.
    primary: Option<Location<'a>>,
    /// Other places that matter.
    related: Vec<Location<'a>>,
    /// What one should know.
    notes: &'a [String],
    /// What one can do.
    help: &'a [String],
}

#[derive(Serialize)]
struct Location<'a> {
    /// Relative to the workspace, with `/`.
    file: String,
    /// Line and column count from 1, columns in characters; the end is the position after the last character.
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    /// Bytes from 0; the end is one past the last.
    start: u32,
    end: u32,
    /// What is to be said there; may be empty.
    text: &'a str,
}

#[derive(Serialize)]
struct Summary {
    /// Equal findings of several targets count once.
    errors: usize,
    warnings: usize,
    /// Targets with at least one finding.
    targets: usize,
}

/// All findings as one document.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let groups = diagnostics.grouped();
    let Tally { errors, warnings, targets } = Tally::of(&groups);
    let report = Report {
        version: 1,
        diagnostics: groups.iter().map(|(item, targets)| finding(item, targets, sources)).collect(),
        summary: Summary { errors, warnings, targets },
    };
    // Strings and numbers only: there is nothing serde could refuse.
    let mut out = printable::json(&serde_json::to_string(&report).unwrap_or_default());
    out.push('\n');
    out
}

fn finding<'a>(item: &'a Diagnostic, targets: &'a [Arc<str>], sources: &Sources) -> Finding<'a> {
    Finding {
        code: item.code.to_string(),
        severity: item.severity.word(),
        message: &item.message,
        path: item.path.as_ref().map(ToString::to_string),
        targets: targets.iter().map(AsRef::as_ref).collect(),
        primary: item.primary.as_ref().map(|label| location(label, sources)),
        related: item.related.iter().map(|label| location(label, sources)).collect(),
        notes: &item.notes,
        help: &item.help,
    }
}

fn location<'a>(label: &'a Label, sources: &Sources) -> Location<'a> {
    let place = label.place;
    let source = sources.get(place.file);
    let LineColumn { line, column } = source.line_column(place.start);
    let end = source.line_column(place.end.max(place.start));
    Location {
        file: source.name().to_string(),
        line,
        column,
        end_line: end.line,
        end_column: end.column,
        start: place.start,
        end: place.end,
        text: &label.text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;
    use crate::path::Path;
    use crate::source::Place;

    #[test]
    fn a_finding_has_every_field() {
        let sources = Sources::default();
        let tenant = sources.add("environments/prod/tenants/acme-corp.yml", "resources:\n  replicas: three\n");
        let tier = sources.add("environments/tiers/premium.yml", "é: 3\n");
        let mut diagnostics = Diagnostics::new();
        for target in ["acme-corp@prod", "beta@prod"] {
            let mut own = diagnostics.for_target(target);
            own.record(
                Diagnostic::new(code::TYPE, "resources.replicas must be an integer")
                    .about(Path::from_keys(["resources", "replicas"]))
                    .at(Place::new(tenant, 23, 28), "a string")
                    .also(Place::new(tier, 4, 5), "")
                    .note("note")
                    .help("help"),
            );
            diagnostics.extend(own);
        }
        diagnostics.record(Diagnostic::new(code::EDITED, "\u{1b}[2J \u{9b}2J \u{202e}"));
        let expected = concat!(
            r#"{"version":1,"diagnostics":[{"code":"TC301","severity":"error","#,
            r#""message":"resources.replicas must be an integer","path":"resources.replicas","#,
            r#""targets":["acme-corp@prod","beta@prod"],"#,
            r#""primary":{"file":"environments/prod/tenants/acme-corp.yml","line":2,"column":13,"end_line":2,"#,
            r#""end_column":18,"start":23,"end":28,"text":"a string"},"#,
            r#""related":[{"file":"environments/tiers/premium.yml","line":1,"column":4,"end_line":1,"#,
            r#""end_column":5,"start":4,"end":5,"text":""}],"notes":["note"],"help":["help"]},"#,
            r#"{"code":"TC702","severity":"warning","message":"\u001b[2J \u009b2J \u202e","path":null,"#,
            r#""targets":[],"primary":null,"related":[],"notes":[],"help":[]}],"#,
            r#""summary":{"errors":1,"warnings":1,"targets":2}}"#,
            "\n",
        );
        assert_eq!(render(&diagnostics, &sources), expected);
    }

    #[test]
    fn nothing_found_is_a_document_too() {
        assert_eq!(
            render(&Diagnostics::new(), &Sources::default()),
            "{\"version\":1,\"diagnostics\":[],\"summary\":{\"errors\":0,\"warnings\":0,\"targets\":0}}\n"
        );
    }
}
