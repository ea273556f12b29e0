//! The values that a file sets, and what was seen of each in all targets.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;

use crate::layers::{Document, Layer, Trust, is_expression};
use crate::merge::Strategies;
use crate::path::{Path, Step};
use crate::source::Place;
use crate::template::mentioned;
use crate::tree::{Kind, Node};
use crate::yaml::{Content, Tag, Written};

/// A value that a file sets as a whole: a scalar, a list, an empty mapping, or one with a tag.
#[derive(Debug)]
pub(super) struct Setting {
    /// The kind that is written.
    pub(super) kind: Kind,
    /// The tag before it.
    pub(super) tag: Option<Tag>,
    /// Whether what it is laid over is a part of what comes of it: of a bound, of a list that adds to another, of an
    /// expression that names its own path.
    pub(super) draws: bool,
    /// Whether an expression in it names its own path.
    pub(super) names_itself: bool,
    /// Whether it changed something in a target.
    changes: AtomicBool,
    /// Whether something of it is in the configuration of a target.
    stays: AtomicBool,
}

/// A role in which a file is a layer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Role {
    pub(super) environment: Arc<str>,
    pub(super) layer: Arc<str>,
    /// The override that it is a part of.
    pub(super) over: Option<Arc<str>>,
}

/// The first target of some: one that is rendered before those that are not, then by its position among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct First {
    pub(super) unrendered: bool,
    pub(super) position: usize,
}

/// A file of a layer, in all targets that have it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) document: Arc<Document>,
    pub(super) trust: Trust,
    pub(super) settings: IndexMap<Path, Setting>,
    /// The settings whose value stands at a place; several where an alias repeats it.
    places: IndexMap<Place, Vec<usize>>,
    roles: Mutex<BTreeMap<Role, First>>,
    /// Targets that have it without an override.
    targets: AtomicUsize,
}

impl Setting {
    fn new(written: &Written, path: &Path, trust: Trust, strategies: &Strategies) -> Self {
        let tag = written.tag();
        let draws = match tag {
            Some(Tag::Replace | Tag::Unset) => false,
            Some(Tag::AtLeast | Tag::AtMost | Tag::Append | Tag::Prepend | Tag::Remove | Tag::Merge) => true,
            None | Some(Tag::Raw) => written.kind() == Kind::List && strategies.of(path).is_some(),
        };
        let names_itself = trust == Trust::Code && names_itself(written, path);
        Self {
            kind: written.kind(),
            tag,
            draws: draws || names_itself,
            names_itself,
            changes: AtomicBool::new(false),
            stays: AtomicBool::new(false),
        }
    }

    /// Whether it never changed anything.
    pub(super) fn is_idle(&self) -> bool {
        !self.changes.load(Ordering::Relaxed)
    }

    /// Whether nothing of it is left in any target.
    pub(super) fn is_lost(&self) -> bool {
        !self.stays.load(Ordering::Relaxed)
    }

    /// Whether it is a bound: what keeps a value from being less or more, whether or not one is at present.
    pub(super) fn is_bound(&self) -> bool {
        matches!(self.tag, Some(Tag::AtLeast | Tag::AtMost))
    }

    pub(super) fn changes(&self) {
        self.changes.store(true, Ordering::Relaxed);
    }
}

/// Whether an expression in a value names the path at which it stands: there it means what it beats.
fn names_itself(written: &Written, path: &Path) -> bool {
    match &written.content {
        Content::String { text, .. } => {
            written.tag() != Some(Tag::Raw) && is_expression(text) && mentioned(text).covers(path)
        }
        Content::List(items) => items.iter().any(|item| names_itself(item, path)),
        Content::Map(members) => members.values().any(|member| names_itself(&member.value, path)),
        _ => false,
    }
}

impl Seen {
    pub(super) fn new(layer: &Layer, strategies: &Strategies) -> Self {
        let document = Arc::clone(&layer.document);
        let (mut settings, mut places) = (IndexMap::new(), IndexMap::<Place, Vec<usize>>::new());
        each(&document.root, &mut Path::root(), &mut |path, written| {
            places.entry(written.place).or_default().push(settings.len());
            settings.insert(path.clone(), Setting::new(written, path, layer.trust, strategies));
        });
        Self { document, trust: layer.trust, settings, places, roles: Mutex::default(), targets: AtomicUsize::new(0) }
    }

    /// A target has it as this layer. `counts` is whether it is a tenant's without an override.
    pub(super) fn met(&self, first: First, role: Role, counts: bool) {
        self.targets.fetch_add(usize::from(counts), Ordering::Relaxed);
        let mut roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        let known = roles.entry(role).or_insert(first);
        *known = first.min(*known);
    }

    /// What stands at a place is in the configuration of a target; gives whether what it beat is as well.
    pub(super) fn stays(&self, place: Place) -> bool {
        let settings =
            self.places.get(&place).into_iter().flatten().filter_map(|index| self.settings.get_index(*index));
        settings.fold(false, |draws, (_, setting)| {
            setting.stays.store(true, Ordering::Relaxed);
            draws || setting.draws
        })
    }

    /// The roles in which it is a layer, and for each the first target.
    pub(super) fn roles(&self) -> BTreeMap<Role, First> {
        self.roles.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn targets(&self) -> usize {
        self.targets.load(Ordering::Relaxed)
    }
}

/// Hands over every value that is set as a whole, with its path.
fn each(written: &Written, path: &mut Path, found: &mut impl FnMut(&Path, &Written)) {
    for (key, member) in written.members().into_iter().flatten() {
        path.push(Step::Key(Arc::clone(key)));
        match member.value.members() {
            Some(members) if member.value.tag.is_none() && !members.is_empty() => each(&member.value, path, found),
            _ => found(path, &member.value),
        }
        path.pop();
    }
}

/// Whether two values of a tree are one as data and as expressions.
pub(super) fn same(a: &Node, b: &Node) -> bool {
    use crate::tree::Value;
    if a.live != b.live {
        return false;
    }
    match (&a.value, &b.value) {
        (Value::List(a), Value::List(b)) => {
            Arc::ptr_eq(a, b) || (a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b)))
        }
        (Value::Map(a), Value::Map(b)) => {
            let member = |key: &Arc<str>, entry: &Node| b.get(key).is_some_and(|other| same(entry, other));
            Arc::ptr_eq(a, b) || (a.len() == b.len() && a.iter().all(|(key, entry)| member(key, &entry.node)))
        }
        (a, b) => a == b,
    }
}
