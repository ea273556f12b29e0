//! The form for programs: one JSON document, on one line, with a line end.
//!
//! The fields below are a promise: within version 1 fields may be added, none is renamed, removed or given another
//! meaning. What is absent is `null` or an empty list, never a missing field. Nothing is left out for length, and
//! nothing of a secret is in it.

use std::sync::Arc;

use serde::Serialize;

use super::change::{Object, Subject, What};
use super::content::Content;
use super::report::{Group, Origin, Report, Section};
use crate::diagnostic::printable;
use crate::output::ARTIFACTS;
use crate::source::{FileId, Place};
use crate::tree::Node;
use crate::yaml::emit;

/// The document.
#[derive(Serialize)]
struct Document<'a> {
    /// 1
    version: u8,
    /// What the older side is called, or the one named first.
    before: &'a str,
    /// What the newer side is called.
    after: &'a str,
    /// Tenants that only one side has, sorted.
    only_before: &'a [Arc<str>],
    only_after: &'a [Arc<str>],
    /// Changes by who has them, those with most targets first.
    groups: Vec<Changes<'a>>,
    summary: Summary,
}

/// The changes that the same targets have.
#[derive(Serialize)]
struct Changes<'a> {
    /// Ids of tenants, sorted; `_environment` first, if the environment's own objects are among them.
    targets: Vec<&'a str>,
    changes: Vec<Entry<'a>>,
}

/// One change. Where several targets have it and their ids occur in its texts, `{tenant}` stands for the id.
#[derive(Serialize)]
pub(crate) struct Entry<'a> {
    /// `added`, `removed`, `changed`, `reordered`, or `api_version` where nothing else of an object differs.
    change: &'static str,
    /// The object, or `null` for the configuration and for a file.
    object: Option<Thing<'a>>,
    /// The file that is no manifest, below the folder of its target; else `null`. Its values are its whole text.
    file: Option<String>,
    /// The field, such as `spec.containers[web].image`; empty for an object as a whole. Items of lists are told by
    /// name where they have one, else by their position on the newer side, if they are there.
    path: String,
    /// The values; inside of them `***` stands for a secret. `null` on the side that has none, for objects as a whole and for what is masked. Of `reordered` the
    /// names in their order.
    before: serde_json::Value,
    after: serde_json::Value,
    /// Whether it is a secret: the values are not said.
    masked: bool,
    /// Where the first of the targets has the values; `null` where that is not known.
    before_place: Option<Location<'a>>,
    after_place: Option<Location<'a>>,
}

#[derive(Serialize)]
struct Thing<'a> {
    /// Group of the API; empty for the core group.
    group: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
    /// The template, or the file, that the object comes from.
    template: &'a str,
}

#[derive(Serialize)]
struct Location<'a> {
    /// As seen from where the program runs; a file of a revision has `REV:` before it.
    file: &'a str,
    /// From 1.
    line: usize,
}

#[derive(Serialize)]
struct Summary {
    /// Different changes.
    changes: usize,
    /// Targets that both sides have, and those of them that differ.
    targets: usize,
    differing: usize,
}

/// The differences as one document.
pub fn render(report: &Report) -> String {
    let document = Document {
        version: 1,
        before: &report.before,
        after: &report.after,
        only_before: &report.only_before,
        only_after: &report.only_after,
        groups: report.sections.iter().map(|section| changes(report, section)).collect(),
        summary: Summary { changes: report.changes(), targets: report.targets.len(), differing: report.differing() },
    };
    // Strings, numbers and what was JSON before: there is nothing serde could refuse.
    printable::json(&serde_json::to_string(&document).unwrap_or_default()) + "\n"
}

fn changes<'a>(report: &'a Report, section: &'a Section) -> Changes<'a> {
    Changes {
        targets: section.targets.iter().filter_map(|at| report.targets.get(*at)).map(AsRef::as_ref).collect(),
        changes: section.groups.iter().map(entry).collect(),
    }
}

pub(crate) fn entry(group: &Group) -> Entry<'_> {
    let field = &group.change.field;
    let masked = |content: &Content| matches!(content, Content::Masked);
    let none = serde_json::Value::Null;
    let (change, before, after, is_masked) = match &field.what {
        What::Added(content) => ("added", none, value(content), masked(content)),
        What::Removed(content) => ("removed", value(content), none, masked(content)),
        What::Changed(old, new) => ("changed", value(old), value(new), masked(old) || masked(new)),
        What::ApiVersion(old, new) => ("api_version", value(old), value(new), false),
        What::Reordered(old, new) => ("reordered", names(old), names(new), false),
    };
    let (object, file) = match &group.change.subject {
        Subject::Configuration => (None, None),
        Subject::Object(object) => (Some(thing(object)), None),
        Subject::Artifact(path) => (None, Some(format!("{ARTIFACTS}/{path}"))),
    };
    Entry {
        change,
        object,
        file,
        path: field.way.to_string(),
        before,
        after,
        masked: is_masked,
        before_place: group.before.as_ref().map(location),
        after_place: group.after.as_ref().map(location),
    }
}

fn thing(object: &Object) -> Thing<'_> {
    Thing {
        group: &object.group,
        kind: &object.kind,
        namespace: object.namespace.as_deref(),
        name: &object.name,
        template: &object.template,
    }
}

fn location(origin: &Origin) -> Location<'_> {
    Location { file: &origin.file, line: origin.line }
}

fn names(names: &[Arc<str>]) -> serde_json::Value {
    names.iter().map(|name| serde_json::Value::from(name.as_ref())).collect()
}

fn value(content: &Content) -> serde_json::Value {
    let node = content.value().map(|value| Node::new(value.clone(), Place::top(FileId::NONE)));
    // What the emitter writes is JSON.
    node.and_then(|node| serde_json::from_str(&emit::json(&node, false)).ok()).unwrap_or_default()
}
