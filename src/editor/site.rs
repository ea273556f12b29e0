//! Places in the files of one audience: what locks say about each, and what is inherited there.

use std::rc::Rc;

use indexmap::IndexSet;
use serde_json::{Map, Value as Json};

use super::audience::Audience;
use super::hover::{self, Guard};
use super::inherited::Inherited;
use crate::lock::{Lock, Mode, Reach};
use crate::merge::{At, Strategy};
use crate::schema::partial::{Guide, Told};
use crate::tree::{Map as Members, Node, Value};
use crate::workspace::{Beneath, Workspace};

/// What is known of the places in the files of an audience.
pub(super) struct Sites<'a> {
    workspace: &'a Workspace<'a>,
    audience: &'a Audience,
    beneath: &'a Beneath,
}

/// A place.
#[derive(Clone)]
pub(super) struct Site<'a> {
    /// How far each lock has got.
    reach: Rc<[Reach]>,
    /// What is inherited, in each variant.
    inherited: Rc<[Option<&'a Node>]>,
    strategy: At<'a>,
}

impl<'a> Sites<'a> {
    pub(super) fn new(workspace: &'a Workspace<'a>, audience: &'a Audience, beneath: &'a Beneath) -> Self {
        Self { workspace, audience, beneath }
    }

    /// The top of a file.
    pub(super) fn root(&self) -> Site<'a> {
        Site {
            reach: self.locks().iter().map(|lock| lock.pattern.begin()).collect(),
            inherited: self.beneath.variants.iter().map(|variant| Some(&variant.root)).collect(),
            strategy: self.workspace.rules().strategies.root(),
        }
    }

    fn locks(&self) -> &'a [Lock] {
        &self.workspace.rules().locks
    }

    /// The locks that cover a place.
    fn guards(&self, at: &Site<'a>) -> Vec<Guard<'a>> {
        let covering = self.locks().iter().zip(at.reach.iter()).filter(|(_, reach)| **reach == Reach::Covered);
        let guard = |lock: &'a Lock| Guard {
            lock,
            binds: lock.owner_rank < self.audience.rank(),
            exception: self
                .audience
                .over()
                .and_then(|over| lock.except.iter().find(|exception| exception.name == *over)),
        };
        covering.map(|(lock, _)| guard(lock)).collect()
    }

    /// The lock that forbids to set a place.
    fn forbids(lock: &Guard<'a>) -> bool {
        lock.lock.mode == Mode::Fixed && lock.binds && lock.exception.is_none()
    }

    fn step(&self, at: &Site<'a>, key: Option<&str>) -> Site<'a> {
        let down = |node: Option<&'a Node>| node?.value.as_map()?.get(key?);
        Site {
            reach: self
                .locks()
                .iter()
                .zip(at.reach.iter())
                .map(|(lock, reach)| lock.pattern.after(reach, key))
                .collect(),
            inherited: at.inherited.iter().map(|node| down(*node)).collect(),
            strategy: key.map_or_else(At::nowhere, |key| at.strategy.key(key)),
        }
    }
}

impl<'a> Guide for Sites<'a> {
    type At = Site<'a>;

    fn key(&self, at: &Site<'a>, key: &str) -> Site<'a> {
        self.step(at, Some(key))
    }

    fn other(&self, at: &Site<'a>) -> Site<'a> {
        self.step(at, None)
    }

    /// A lock that looks into a list judges the list as a whole.
    fn item(&self, at: &Site<'a>) -> Site<'a> {
        let within = |reach: &Reach| match reach {
            Reach::Covered => Reach::Covered,
            Reach::On(_) => Reach::On(Vec::new()),
        };
        Site {
            reach: at.reach.iter().map(within).collect(),
            inherited: at.inherited.iter().map(|_| None).collect(),
            strategy: at.strategy.item(),
        }
    }

    fn keys(&self, at: &Site<'a>) -> Vec<String> {
        let inherited = at.inherited.iter().flatten().filter_map(|node| node.value.as_map()).flat_map(Members::keys);
        let mut keys: IndexSet<&str> = inherited.map(AsRef::as_ref).collect();
        for (lock, reach) in self.locks().iter().zip(at.reach.iter()) {
            if lock.mode == Mode::Fixed && lock.owner_rank < self.audience.rank() {
                keys.extend(lock.pattern.next_keys(reach).map(AsRef::as_ref));
            }
        }
        keys.into_iter().map(str::to_owned).collect()
    }

    fn closed(&self, at: &Site<'a>) -> Option<String> {
        let guard = self.guards(at).into_iter().find(Self::forbids)?;
        Some(format!("locked by layer {}: {}", guard.lock.owner, guard.lock.reason))
    }

    fn takes_names(&self, at: &Site<'a>) -> bool {
        matches!(at.strategy.strategy(), Some(Strategy::By(_)))
    }

    fn takes_repeated(&self, at: &Site<'a>) -> bool {
        at.strategy.strategy() == Some(&Strategy::Unique)
    }

    fn is_secret(&self, at: &Site<'a>) -> bool {
        let secret = |node: &&Node| matches!(node.value, Value::Secret(_));
        at.inherited.iter().flatten().any(secret)
    }

    fn annotate(&self, at: &Site<'a>, told: &Told, schema: &mut Map<String, Json>) {
        let closed = self.closed(at);
        let (secret, is_closed) = (told.secret, closed.is_some());
        let inherited = Inherited { beneath: self.beneath, nodes: &at.inherited, secret, closed: is_closed };
        let guards = self.guards(at);
        hover::annotate(told, closed.as_deref(), &guards, &inherited, schema);
    }

    fn likeness(&self, at: &Site<'a>) -> Option<Vec<usize>> {
        if at.inherited.iter().any(Option::is_some) {
            return None;
        }
        let mut likeness = vec![usize::from(self.takes_names(at)), usize::from(self.takes_repeated(at))];
        for reach in at.reach.iter() {
            match reach {
                Reach::Covered => likeness.push(usize::MAX),
                Reach::On(positions) => likeness.extend(positions.iter().copied().chain([usize::MAX - 1])),
            }
        }
        Some(likeness)
    }
}
