//! What a value in a template may be, as far as its text tells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::template::mentions::Hop;

/// What a value may be: all at once where it may be one or the other. Empty for what has nothing of the configuration
/// in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meaning {
    /// Values of the configuration.
    pub(super) places: BTreeSet<Vec<Hop>>,
    /// A list made by the template, of such items; or a mapping of which some keys are not known.
    pub(super) items: Option<Box<Meaning>>,
    /// A mapping made by the template, a module, or a list by position.
    pub(super) members: BTreeMap<Arc<str>, Meaning>,
    /// Macros, by number.
    pub(super) macros: BTreeSet<usize>,
}

impl Meaning {
    /// The value of the configuration at a key of the root.
    pub(super) fn root(key: &str) -> Self {
        Self { places: BTreeSet::from([vec![Hop::Key(key.into())]]), ..Self::default() }
    }

    /// A macro.
    pub(super) fn of_macro(number: usize) -> Self {
        Self { macros: BTreeSet::from([number]), ..Self::default() }
    }

    /// A list of such items.
    pub(super) fn list(items: Self) -> Self {
        Self { items: Some(Box::new(items)), ..Self::default() }
    }

    /// A list with these at its positions.
    pub(super) fn positions(items: impl IntoIterator<Item = Self>) -> Self {
        let members = items.into_iter().enumerate().map(|(position, item)| (position.to_string().into(), item));
        Self { members: members.collect(), ..Self::default() }
    }

    /// One or the other.
    pub(super) fn or(mut self, other: Self) -> Self {
        self.join(other);
        self
    }

    /// Or another one.
    pub(super) fn join(&mut self, other: Self) {
        self.places.extend(other.places);
        self.macros.extend(other.macros);
        if let Some(items) = other.items {
            self.items.get_or_insert_default().join(*items);
        }
        for (key, member) in other.members {
            self.members.entry(key).or_default().join(member);
        }
    }

    /// The value below a key.
    pub(super) fn member(&self, key: &str) -> Self {
        let mut member = self.below(&Hop::Key(key.into()));
        if let Some(known) = self.members.get(key) {
            member.join(known.clone());
        }
        if let Some(items) = &self.items {
            member.join(Self::clone(items));
        }
        member
    }

    /// Any value in it.
    pub(super) fn any(&self) -> Self {
        let mut any = self.below(&Hop::Any);
        for member in self.members.values() {
            any.join(member.clone());
        }
        if let Some(items) = &self.items {
            any.join(Self::clone(items));
        }
        any
    }

    fn below(&self, hop: &Hop) -> Self {
        let longer = |place: &Vec<Hop>| place.iter().chain([hop]).cloned().collect();
        Self { places: self.places.iter().map(longer).collect(), ..Self::default() }
    }

    /// How much there is of it, up to `most`.
    pub(super) fn size(&self, most: usize) -> usize {
        let own = self.places.iter().map(Vec::len).sum::<usize>() + self.macros.len() + 1;
        let below = self.members.values().chain(self.items.as_deref());
        below.fold(own, |size, meaning| if size >= most { most } else { size + meaning.size(most - size) }).min(most)
    }
}
