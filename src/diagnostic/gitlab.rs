//! The form for GitLab: a Code Quality report, which a merge request shows as a widget and in the diff.
//!
//! In go findings and sources, out comes one JSON list. GitLab wants a file and a line of each; what has no place is
//! said of the workspace's settings. Equal findings have equal fingerprints from run to run, so that GitLab can tell what
//! is new; those that would be equal in one run are numbered.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;

use super::{Diagnostic, Diagnostics, Severity, printable, sarif, tally};
use crate::source::Sources;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    /// `major` is an error, `minor` a warning.
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    /// Relative to the repository, if the program runs there.
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    /// From 1.
    begin: usize,
}

/// All findings as one list.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut seen: IndexMap<String, usize> = IndexMap::new();
    let issues: Vec<Issue> = diagnostics
        .grouped()
        .iter()
        .map(|(item, targets)| {
            let fingerprint = sarif::fingerprint(item, sources);
            let number = seen.entry(fingerprint.clone()).and_modify(|number| *number += 1).or_insert(1);
            let fingerprint = if *number == 1 { fingerprint } else { format!("{fingerprint}-{number}") };
            issue(item, targets, fingerprint, sources)
        })
        .collect();
    // Strings and numbers only: there is nothing serde could refuse.
    printable::json(&serde_json::to_string(&issues).unwrap_or_default()) + "\n"
}

fn issue(item: &Diagnostic, targets: &[Arc<str>], fingerprint: String, sources: &Sources) -> Issue {
    let found = tally::where_short(targets).map(|found| format!(" ({found})")).unwrap_or_default();
    let (path, begin) = item.primary.as_ref().map_or_else(
        || (sources.in_workspace("tenantctl.yaml"), 1),
        |label| {
            let source = sources.get(label.place.file);
            (source.path(), source.line_column(label.place.start).line)
        },
    );
    Issue {
        description: format!("{}{found}", item.message),
        check_name: item.code.to_string(),
        fingerprint,
        severity: if item.severity == Severity::Error { "major" } else { "minor" },
        location: Location { path, lines: Lines { begin } },
    }
}
