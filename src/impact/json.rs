//! The form for programs: one JSON document, on one line, with a line end.
//!
//! The fields below are a promise: within version 1 fields may be added, none is renamed, removed or given another
//! meaning. What is absent is `null` or an empty list, never a missing field.

use std::sync::Arc;

use serde::Serialize;

use super::{Affected, Effect, Impact};
use crate::diagnostic::printable;
use crate::diff::json::{Entry, entry};
use crate::diff::{Cause, Risk};

/// The document.
#[derive(Serialize)]
struct Document<'a> {
    /// 1
    version: u8,
    /// The older revision.
    before: &'a str,
    /// The newer revision, or the work tree.
    after: &'a str,
    /// The worst class of risk, or `null` without any change.
    risk: Option<&'static str>,
    environments: Vec<Fleet<'a>>,
}

#[derive(Serialize)]
struct Fleet<'a> {
    environment: &'a str,
    /// The worst class of risk, or `null` without any change.
    risk: Option<&'static str>,
    /// Tenants that only one revision has, sorted.
    only_before: &'a [Arc<str>],
    only_after: &'a [Arc<str>],
    /// Targets that both have, and those of them that differ.
    targets: usize,
    differing: usize,
    /// The worst first.
    groups: Vec<Group<'a>>,
}

/// Changes of one class that the same targets have.
#[derive(Serialize)]
struct Group<'a> {
    /// `deleted`, `immutable`, `selector`, `rbac`, `moved`, `quota`, `restart` or `none`.
    risk: &'static str,
    /// Whether more targets have other changes of the same fields.
    outliers: bool,
    /// Ids of tenants; `_environment` for the environment itself.
    targets: Vec<&'a str>,
    changes: Vec<Caused<'a>>,
}

#[derive(Serialize)]
struct Caused<'a> {
    /// As `diff --format json` has it.
    #[serde(flatten)]
    entry: Entry<'a>,
    /// The line that made it, or `null`.
    cause: Option<Because<'a>>,
}

#[derive(Serialize)]
struct Because<'a> {
    file: &'a str,
    /// From 1.
    line: usize,
    /// The path in the configuration, or `null` for a line of a template.
    path: Option<&'a str>,
}

/// The impact as one document.
pub fn render(impact: &Impact) -> String {
    let document = Document {
        version: 1,
        before: &impact.before,
        after: &impact.after,
        risk: impact.worst().map(Risk::name),
        environments: impact.environments.iter().map(environment).collect(),
    };
    let effects: Vec<Vec<Effect>> = impact.environments.iter().map(|affected| affected.effects(false)).collect();
    let mut document = document;
    for ((environment, affected), effects) in document.environments.iter_mut().zip(&impact.environments).zip(&effects) {
        environment.groups = effects.iter().map(|effect| changes(affected, effect)).collect();
    }
    // Strings, numbers and what was JSON before: there is nothing serde could refuse.
    printable::json(&serde_json::to_string(&document).unwrap_or_default()) + "\n"
}

fn environment(affected: &Affected) -> Fleet<'_> {
    Fleet {
        environment: &affected.environment,
        risk: affected.worst().map(Risk::name),
        only_before: &affected.report.only_before,
        only_after: &affected.report.only_after,
        targets: affected.report.targets.len(),
        differing: affected.report.differing(),
        groups: Vec::new(),
    }
}

fn changes<'a>(affected: &'a Affected, effect: &'a Effect) -> Group<'a> {
    let name = |at: &usize| affected.report.targets.get(*at).map(AsRef::as_ref);
    let because =
        |cause: &'a Cause| Because { file: &cause.origin.file, line: cause.origin.line, path: cause.path.as_deref() };
    Group {
        risk: effect.risk.name(),
        outliers: effect.outliers,
        targets: effect.section.targets.iter().filter_map(name).collect(),
        changes: effect
            .section
            .groups
            .iter()
            .map(|group| Caused { entry: entry(group), cause: group.cause.as_ref().map(because) })
            .collect(),
    }
}
