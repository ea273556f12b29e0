//! The objects in which two sides of a target differ.

use std::sync::Arc;

use indexmap::IndexMap;

use super::change::{Change, Object, Subject, What};
use super::content::Content;
use super::field::{Field, fields};
use super::way::{Step, Way};
use crate::manifest::{Identity, Manifest};

/// The changes between the objects of two sides, matched by group, kind, namespace and name. In the order of the older
/// side; objects that are new come last.
pub fn objects(before: &[Manifest], after: &[Manifest]) -> Vec<Change> {
    let older: IndexMap<_, _> = before.iter().map(|manifest| (key(manifest.identity()), manifest)).collect();
    let newer: IndexMap<_, _> = after.iter().map(|manifest| (key(manifest.identity()), manifest)).collect();
    let mut changes = Vec::new();
    for (key, old) in &older {
        match newer.get(key) {
            Some(new) => changes.extend(object(old, new)),
            None => changes.push(whole(old, false)),
        }
    }
    changes.extend(newer.iter().filter(|(key, _)| !older.contains_key(*key)).map(|(_, new)| whole(new, true)));
    changes
}

/// What makes an object the same one in another version of its API.
fn key(identity: &Identity) -> (&str, &Arc<str>, Option<&Arc<str>>, &Arc<str>) {
    (identity.group(), identity.kind(), identity.namespace(), identity.name())
}

fn object(before: &Manifest, after: &Manifest) -> Vec<Change> {
    let secret = is_secret(after.identity());
    let mut found = fields(before.node(), after.node(), |key| secret && matches!(key, "data" | "stringData"));
    if let [Field { way, what, .. }] = found.as_mut_slice()
        && matches!(way.steps(), [Step::Key(key)] if key.as_ref() == "apiVersion")
        && let What::Changed(old, new) = what
    {
        *what = What::ApiVersion(old.clone(), new.clone());
    }
    let subject = Subject::Object(Object::of(after));
    found.into_iter().map(|field| Change { subject: subject.clone(), field }).collect()
}

/// Whether `data` and `stringData` of the object are secret.
fn is_secret(identity: &Identity) -> bool {
    identity.group().is_empty() && identity.kind().as_ref() == "Secret"
}

/// An object that only one side has.
fn whole(manifest: &Manifest, added: bool) -> Change {
    let place = Some(manifest.node().place);
    let (what, before, after) =
        if added { (What::Added(Content::Whole), None, place) } else { (What::Removed(Content::Whole), place, None) };
    Change { subject: Subject::Object(Object::of(manifest)), field: Field { way: Way::default(), what, before, after } }
}
