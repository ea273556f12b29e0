//! The files that are no manifests in which two sides of a target differ.

use std::sync::Arc;

use indexmap::IndexMap;

use super::change::{Change, Subject, What};
use super::content::Content;
use super::field::Field;
use super::way::Way;
use crate::tree::Value;

/// Path and text of a file that is no manifest.
pub(super) type Artifact = (Arc<str>, Arc<str>);

/// The changes between the files of two sides, by path. What they say is compared as text, whatever their language.
pub(super) fn artifacts(before: &[Artifact], after: &[Artifact]) -> Vec<Change> {
    let older: IndexMap<_, _> = before.iter().map(|(path, text)| (path, text)).collect();
    let newer: IndexMap<_, _> = after.iter().map(|(path, text)| (path, text)).collect();
    let content = |text: &Arc<str>| Content::Value(Value::String(Arc::clone(text)));
    let of_older = older.iter().filter_map(|(path, old)| match newer.get(path) {
        None => Some((path, What::Removed(Content::Whole))),
        Some(new) => (old != new).then(|| (path, What::Changed(content(old), content(new)))),
    });
    let of_newer = newer.keys().filter(|path| !older.contains_key(*path));
    let changes = of_older.chain(of_newer.map(|path| (path, What::Added(Content::Whole))));
    changes.map(|(path, what)| change(path, what)).collect()
}

fn change(path: &Arc<str>, what: What) -> Change {
    let field = Field { way: Way::default(), what, before: None, after: None };
    Change { subject: Subject::Artifact(Arc::clone(path)), field }
}
