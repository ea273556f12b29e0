//! Which paths a lock is about: `security.**`, `resources.*.cpu_limit`.

use std::fmt;
use std::sync::Arc;

use crate::path::{Path, Step};

/// A path with stars. It covers what is below the values it finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Part>,
}

/// A step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// This key.
    Key(Arc<str>),
    /// `*`: any one key, any item of a list.
    Any,
    /// `**`: any number of keys and items, none too.
    Deep,
}

/// Why a text is no pattern, and the byte at which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// What is wrong, lower case, without a full stop.
    pub message: &'static str,
    /// Byte offset in the text.
    pub at: usize,
}

/// How far a pattern has got on the way to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It finds the path, or something above it.
    Covered,
    /// The steps that may come next, by their positions; none if it finds nothing there.
    On(Vec<usize>),
}

impl Pattern {
    /// Reads keys between dots; `*` is any one key, `**` any number of them. A key that holds a dot, a star, a
    /// bracket or a quote stands in double quotes.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError { message: "a path is missing; `**` is everything", at: 0 });
        }
        let path = Path::parse(text).map_err(|error| PatternError { message: error.message, at: error.at })?;
        let mut parts = Vec::with_capacity(path.steps().len());
        // Where the next step is in `text`: a path prints as it is read, but for quotes that were not needed.
        let mut at = 0;
        for step in path.steps() {
            let Step::Key(key) = step else {
                return Err(PatternError { message: "items of a list have no number here, only `*`", at });
            };
            let quoted = text.as_bytes().get(at) == Some(&b'"');
            let part = match &**key {
                "*" if !quoted => Part::Any,
                "**" if !quoted => Part::Deep,
                _ if !quoted && key.contains('*') => {
                    return Err(PatternError { message: "a star stands alone between dots", at });
                }
                _ => Part::Key(Arc::clone(key)),
            };
            // `**.**` finds what `**` finds.
            if part != Part::Deep || parts.last() != Some(&Part::Deep) {
                parts.push(part);
            }
            let escaped = key.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
            at += if quoted { key.len() + escaped + 2 } else { key.len() };
            if text.as_bytes().get(at) == Some(&b'.') {
                at += 1;
            }
        }
        Ok(Self { parts })
    }

    /// Whether it finds a path, or something above it.
    pub fn covers(&self, path: &Path) -> bool {
        fn covers(parts: &[Part], steps: &[Step]) -> bool {
            match (parts, steps) {
                ([], _) => true,
                ([Part::Deep, rest @ ..], _) => {
                    covers(rest, steps) || steps.split_first().is_some_and(|(_, below)| covers(parts, below))
                }
                ([Part::Any, rest @ ..], [_, below @ ..]) => covers(rest, below),
                ([Part::Key(key), rest @ ..], [Step::Key(step), below @ ..]) => key == step && covers(rest, below),
                _ => false,
            }
        }
        covers(&self.parts, path.steps())
    }

    /// The steps that are left before any is taken.
    pub(crate) fn begin(&self) -> Reach {
        self.reach(vec![0])
    }

    /// The steps that are left after a key; `None` is a key that has no name yet.
    pub(crate) fn after(&self, reach: &Reach, key: Option<&str>) -> Reach {
        let Reach::On(positions) = reach else { return Reach::Covered };
        let step = |position: &usize| match self.parts.get(*position)? {
            Part::Key(own) => (Some(own.as_ref()) == key).then_some(position + 1),
            Part::Any => Some(position + 1),
            Part::Deep => Some(*position),
        };
        self.reach(positions.iter().filter_map(step).collect())
    }

    /// The keys that may come next by their names.
    pub(crate) fn next_keys<'a>(&'a self, reach: &'a Reach) -> impl Iterator<Item = &'a Arc<str>> {
        let positions = match reach {
            Reach::On(positions) => positions.as_slice(),
            Reach::Covered => &[],
        };
        positions.iter().filter_map(|position| match self.parts.get(*position)? {
            Part::Key(key) => Some(key),
            Part::Any | Part::Deep => None,
        })
    }

    fn reach(&self, mut positions: Vec<usize>) -> Reach {
        let mut at = 0;
        while let Some(position) = positions.get(at).copied() {
            // `**` may be no key at all.
            if self.parts.get(position) == Some(&Part::Deep) && !positions.contains(&(position + 1)) {
                positions.push(position + 1);
            }
            at += 1;
        }
        if positions.contains(&self.parts.len()) {
            return Reach::Covered;
        }
        positions.sort_unstable();
        Reach::On(positions)
    }

    /// The steps.
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, part) in self.parts.iter().enumerate() {
            if position > 0 {
                f.write_str(".")?;
            }
            match part {
                Part::Any => f.write_str("*")?,
                Part::Deep => f.write_str("**")?,
                Part::Key(key) if key.contains('*') => {
                    write!(f, "\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))?;
                }
                Part::Key(key) => write!(f, "{}", Path::from_keys([&**key]))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_print_as_they_are_read() {
        for text in ["**", "a", "a.*.b", "security.**", "**.x", "\"a.b\".*", "a.\"*\"", "\"q\\\"\\\\\".**.\"x*\""] {
            assert_eq!(Pattern::parse(text).map(|pattern| pattern.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Pattern::parse("a.**.**.b").map(|pattern| pattern.to_string()), Ok("a.**.b".to_owned()));
    }

    #[test]
    fn a_pattern_covers_what_it_finds_and_what_is_below() {
        for (pattern, path, covers) in [
            ("a.b", "a.b", true),
            ("a.b", "a.b.c[0]", true),
            ("a.b", "a", false),
            ("a.*.c", "a.x.c.d", true),
            ("a.*.c", "a.x.d", false),
            ("a.*", "a[3]", true),
            ("**.c", "a.b.c", true),
            ("**.c", "c.d", true),
            ("a.**", "a", true),
            ("a.**.c", "b.c", false),
        ] {
            let (found, path) = (Pattern::parse(pattern).unwrap(), Path::parse(path).unwrap());
            assert_eq!(found.covers(&path), covers, "{pattern} {path}");
            let reach = path.steps().iter().fold(found.begin(), |reach, step| match step {
                Step::Key(key) => found.after(&reach, Some(key)),
                Step::Index(_) => found.after(&reach, None),
            });
            assert_eq!(reach == Reach::Covered, covers, "{pattern} {path}, step by step");
        }
    }

    #[test]
    fn what_is_no_pattern_says_where() {
        for (text, at) in [("", 0), ("a.", 2), ("a..b", 2), ("a.b*", 2), ("\"x\".***", 4), ("ab[0]", 2)] {
            assert_eq!(Pattern::parse(text).map_err(|error| error.at), Err(at), "{text}");
        }
    }
}
