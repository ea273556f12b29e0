//! Rules of the output as a whole: every value of it was written by somebody, and the same input makes it again.

use std::sync::Arc;

use super::{Verdict, View, field, keys};
use crate::path::{Path, Step};
use crate::source::{FileId, Place};
use crate::tree::{Node, Value};
use crate::yaml::emit;

/// Every value of each object stands in a template, or in a layer that it was filled from as it is.
pub(super) fn provenance(view: &View<'_>, verdict: &mut Verdict) {
    let files = view.facts.files;
    let is_known =
        |place: Place| place.file != FileId::NONE && (files.is_empty() || files.binary_search(&place.file).is_ok());
    for (index, manifest) in view.set.manifests.iter().enumerate() {
        let mut path = Path::root();
        let holds = is_written(manifest.node(), &is_known, &mut path);
        verdict.judge(
            holds,
            || field(index, path.clone()),
            || "a value must be led back to a line of a template or of a layer".to_owned(),
        );
    }
}

/// Whether every value below a node was written somewhere; else `path` is left at one that was not.
fn is_written(node: &Node, is_known: &impl Fn(Place) -> bool, path: &mut Path) -> bool {
    let mut down = |step: Step, below: &Node| {
        path.push(step);
        let holds = is_written(below, is_known, path);
        if holds {
            path.pop();
        }
        holds
    };
    match &node.value {
        Value::Map(map) => map.iter().all(|(key, entry)| down(Step::Key(Arc::clone(key)), &entry.node)),
        Value::List(items) => items.iter().enumerate().all(|(index, item)| down(Step::Index(index), item)),
        _ => is_known(node.place),
    }
}

/// Compiled again, the target has the same objects in the same bytes. Without a second compilation nothing is said.
pub(super) fn again(view: &View<'_>, verdict: &mut Verdict) {
    let Some(again) = view.facts.again else { return };
    let expected = || "compiling again must give the same bytes".to_owned();
    for (index, manifest) in view.set.manifests.iter().enumerate() {
        let same = again.get(index).is_some_and(|other| {
            other.identity() == manifest.identity()
                && emit::json(other.node(), false) == emit::json(manifest.node(), false)
        });
        verdict.judge(same, || keys(index, ["metadata", "name"]), expected);
    }
    if again.len() > view.set.manifests.len() {
        let last = view.set.manifests.len().saturating_sub(1);
        verdict.broken(keys(last, ["metadata", "name"]), "compiling again must give no more objects");
    }
}
