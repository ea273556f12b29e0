//! Equal changes of several targets become one.

use std::sync::Arc;

use blake3::{Hash, Hasher};
use indexmap::IndexMap;

use super::change::{Change, Subject, What};
use super::content::Content;
use super::report::{Group, Origin, Section, sections};
use super::risk::Risk;
use crate::manifest::rank as rank_of_kind;
use crate::source::{FileId, Place, Sources};
use crate::tree::Node;
use crate::yaml::emit;

/// The changes so far.
pub(super) struct Groups<'s> {
    before: &'s Sources,
    after: &'s Sources,
    /// By digest: thousands of tenants may have each a long value of their own.
    known: IndexMap<Hash, (Group, Option<Place>, Option<Place>)>,
}

/// A change as the target that has it was compared, ready to be put to those of others.
pub(super) struct Found {
    key: Hash,
    change: Change,
    risk: Risk,
}

impl Found {
    /// A change of a tenant, or of the environment itself.
    pub(super) fn new(change: &Change, risk: Risk, tenant: Option<&Arc<str>>) -> Self {
        let change = tenant.map_or_else(|| change.clone(), |tenant| change.general(tenant));
        Self { key: key(&change, risk, tenant.is_none()), change, risk }
    }
}

impl<'s> Groups<'s> {
    /// None yet. The sources are those of the older and of the newer side.
    pub(super) fn new(before: &'s Sources, after: &'s Sources) -> Self {
        Self { before, after, known: IndexMap::new() }
    }

    /// Takes in a change of a target, by its position. Targets come in ascending order.
    pub(super) fn admit(&mut self, Found { key, change, risk }: Found, target: usize) {
        let (before, after) = (change.field.before, change.field.after);
        if let Some((group, first_before, first_after)) = self.known.get_mut(&key) {
            group.one_place &= (*first_before, *first_after) == (before, after);
            // A template may write one object twice.
            if group.targets.last() != Some(&target) {
                group.targets.push(target);
            }
            return;
        }
        let group = Group {
            targets: vec![target],
            before: before.and_then(|place| origin(place, self.before)),
            after: after.and_then(|place| origin(place, self.after)),
            one_place: true,
            variants: 1,
            risk,
            cause: None,
            general: change.clone(),
            change,
        };
        self.known.insert(key, (group, before, after));
    }

    /// The groups by who has them.
    pub(super) fn sections(self, targets: &[Arc<str>]) -> Vec<Section> {
        let groups = self.known.into_values().map(|(group, ..)| {
            let one = match group.targets.as_slice() {
                [one] => targets.get(*one).map(AsRef::as_ref),
                _ => None,
            };
            Group { change: group.change.special(one), ..group }
        });
        sections(groups.collect())
    }
}

pub(crate) fn origin(place: Place, sources: &Sources) -> Option<Origin> {
    if place.file == FileId::NONE {
        return None;
    }
    let source = sources.get(place.file);
    Some(Origin { file: source.path(), line: source.line_column(place.start).line })
}

/// Where an object stands: the rank of its kind, its kind, its namespace and its name.
type Rank = (usize, Arc<str>, Option<Arc<str>>, Arc<str>);

/// The order in a section: the configuration, then objects in install order, then files that are none. Of one object the order of its fields stays.
pub(super) fn rank(change: &Change) -> Option<Rank> {
    match &change.subject {
        Subject::Configuration => None,
        Subject::Artifact(path) => Some((usize::MAX, "".into(), None, Arc::clone(path))),
        Subject::Object(object) => Some((
            rank_of_kind(&object.kind),
            Arc::clone(&object.kind),
            object.namespace.clone(),
            Arc::clone(&object.name),
        )),
    }
}

/// What tells a field from all others, whatever its values.
pub(crate) fn field(change: &Change) -> Hash {
    hashed(change).finalize()
}

/// What tells a change from all others.
fn key(change: &Change, risk: Risk, own: bool) -> Hash {
    let mut hasher = hashed(change);
    hasher.update(&[u8::from(own)]);
    put(&mut hasher, risk.name());
    let mut content = |content: &Content| match content {
        Content::Value(value) => put(&mut hasher, &emit::json(&Node::new(value.clone(), NOWHERE), false)),
        Content::Masked => put(&mut hasher, "masked"),
        Content::Whole => put(&mut hasher, "whole"),
    };
    match &change.field.what {
        What::Added(only) | What::Removed(only) => content(only),
        What::Changed(before, after) | What::ApiVersion(before, after) => [before, after].into_iter().for_each(content),
        What::Reordered(before, after) => {
            for names in [before, after] {
                put(&mut hasher, &names.len().to_string());
                for name in names {
                    put(&mut hasher, name);
                }
            }
        }
    }
    hasher.finalize()
}

/// For values that only become text.
const NOWHERE: Place = Place { file: FileId::NONE, start: 0, end: 0 };

fn hashed(change: &Change) -> Hasher {
    let mut hasher = Hasher::new();
    match &change.subject {
        Subject::Configuration => put(&mut hasher, "configuration"),
        Subject::Artifact(path) => ["file", path].iter().for_each(|text| put(&mut hasher, text)),
        Subject::Object(object) => {
            let namespace = object.namespace.as_deref().unwrap_or("\0");
            for text in [&object.group, &object.kind, namespace, &object.name] {
                put(&mut hasher, text);
            }
        }
    }
    put(&mut hasher, &change.field.way.to_string());
    let what = match &change.field.what {
        What::Added(_) => "added",
        What::Removed(_) => "removed",
        What::Changed(..) => "changed",
        What::ApiVersion(..) => "api version",
        What::Reordered(..) => "reordered",
    };
    put(&mut hasher, what);
    hasher
}

/// With its length before it, so that what follows cannot pass as a part of it.
fn put(hasher: &mut Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
}
