//! The paths of a configuration that texts of Jinja name, whether or not a rendering comes to read them.
//!
//! In go paths with unknown steps (the items of a list, `a[key]`), out comes whether a path is among them. A branch that
//! no tenant takes mentions what it names all the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::nearest;
use crate::path::{Path, Step};

/// A step of a mention.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hop {
    /// This key.
    Key(Arc<str>),
    /// Some key, or some item of a list.
    Any,
}

/// A set of mentioned paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    keys: BTreeMap<Arc<str>, Self>,
    any: Option<Box<Self>>,
    /// Whether everything below is mentioned too.
    whole: bool,
}

impl Mentions {
    /// Adds a path; `whole` is whether all that is below it is read with it.
    pub(crate) fn add(&mut self, hops: &[Hop], whole: bool) {
        let mut at = self;
        for hop in hops {
            at = match hop {
                Hop::Key(key) => at.keys.entry(Arc::clone(key)).or_default(),
                Hop::Any => at.any.get_or_insert_default(),
            };
        }
        at.whole |= whole;
    }

    /// Adds a key of the root and all that is below it.
    pub(crate) fn add_key(&mut self, key: &str) {
        self.add(&[Hop::Key(key.into())], true);
    }

    /// Adds all of another set.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.whole |= other.whole;
        for (key, below) in &other.keys {
            self.keys.entry(Arc::clone(key)).or_default().extend(below);
        }
        if let Some(below) = &other.any {
            self.any.get_or_insert_default().extend(below);
        }
    }

    /// Whether nothing is mentioned.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.any.is_none() && !self.whole
    }

    /// Whether a path is mentioned, or something above it as a whole, or something below it.
    pub(crate) fn covers(&self, path: &Path) -> bool {
        match self.reach(path.steps()) {
            Reach::Whole => true,
            Reach::At(states) => !states.is_empty(),
        }
    }

    /// The mentioned path that somebody may have meant by one that is not: another spelling of the last key, else the
    /// same key elsewhere below the same top.
    pub(crate) fn near(&self, path: &Path) -> Option<Path> {
        let (Step::Key(last), above) = path.steps().split_last()? else { return None };
        let Reach::At(states) = self.reach(above) else { return None };
        let siblings = states.iter().flat_map(|state| state.keys.keys()).map(AsRef::as_ref);
        if let Some(near) = nearest(last, siblings) {
            return Some(Path::from_steps(above.to_vec()).key(near));
        }
        let mut best: Option<(usize, Path)> = None;
        self.find(last, &mut Path::root(), &mut |found| {
            let same = found.steps().iter().zip(path.steps()).take_while(|(a, b)| a == b).count();
            if same > 0 && best.as_ref().is_none_or(|(most, _)| same > *most) {
                best = Some((same, found.clone()));
            }
        });
        best.map(|(_, path)| path)
    }

    fn reach(&self, steps: &[Step]) -> Reach<'_> {
        let mut states = vec![self];
        for step in steps {
            if states.iter().any(|state| state.whole) {
                return Reach::Whole;
            }
            let mut next = Vec::new();
            for state in states {
                if let Step::Key(key) = step {
                    next.extend(state.keys.get(key));
                }
                next.extend(state.any.as_deref());
            }
            states = next;
        }
        Reach::At(states)
    }

    /// Hands over each mentioned path that is made of known keys and ends with this one.
    fn find(&self, last: &str, path: &mut Path, each: &mut impl FnMut(&Path)) {
        for (key, below) in &self.keys {
            path.push(Step::Key(Arc::clone(key)));
            if key.as_ref() == last {
                each(path);
            }
            below.find(last, path, each);
            path.pop();
        }
    }
}

/// How far a path goes.
enum Reach<'a> {
    /// Something above it is mentioned as a whole.
    Whole,
    /// Here; nowhere if there is nothing.
    At(Vec<&'a Mentions>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(all: &[(&str, bool)]) -> Mentions {
        let mut mentions = Mentions::default();
        for (text, whole) in all {
            let hop = |part: &str| if part == "*" { Hop::Any } else { Hop::Key(part.into()) };
            mentions.add(&text.split('.').map(hop).collect::<Vec<_>>(), *whole);
        }
        mentions
    }

    #[test]
    fn a_path_is_covered_by_what_is_above_at_or_below_it() {
        let known = mentions(&[("a.b", true), ("a.c", false), ("list.*.name", true)]);
        for (path, covered) in [
            ("a", true),
            ("a.b", true),
            ("a.b.deep[0]", true),
            ("a.c", true),
            ("a.c.deep", false),
            ("a.d", false),
            ("b", false),
            ("list[3]", true),
            ("list[3].name", true),
            ("list.key.name", true),
            ("list[3].size", false),
        ] {
            assert_eq!(known.covers(&Path::parse(path).unwrap()), covered, "{path}");
        }
    }

    #[test]
    fn a_near_key_is_a_sibling_or_the_same_elsewhere() {
        let known = mentions(&[("network.ingress.class", true), ("network.host", true), ("class", true)]);
        let near = |path: &str| known.near(&Path::parse(path).unwrap()).map(|path| path.to_string());
        assert_eq!(near("network.hosst"), Some("network.host".to_owned()));
        assert_eq!(near("network.class"), Some("network.ingress.class".to_owned()));
        assert_eq!(near("database.class"), None);
        assert_eq!(near("database"), None);
    }
}
