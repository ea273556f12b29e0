//! File names with facts in them: `environments/{environment}/tenants/{tenant}.yml`.

use std::fmt;
use std::sync::Arc;

/// Most bytes of a fact's value.
const LONGEST_VALUE: usize = 63;

/// A file name of the hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilePattern {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Fact(Arc<str>),
}

impl FilePattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.starts_with('/') || text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err("a layer's file is relative to the workspace, without `.` or `..`".to_owned());
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((fact, after)) = after.split_once('}') else {
                return Err("a brace is not closed; a fact is written {name}".to_owned());
            };
            if fact.is_empty() || !fact.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
                return Err(format!("`{fact}` is not the name of a fact"));
            }
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Fact(fact.into()));
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self { pieces })
    }

    /// The facts it needs.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &Arc<str>> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Fact(fact) => Some(fact),
            Piece::Text(_) => None,
        })
    }

    /// Whether it needs a fact.
    pub(crate) fn needs(&self, fact: &str) -> bool {
        self.facts().any(|known| known.as_ref() == fact)
    }

    /// The file name, with each fact's value; the name of the first fact that has none otherwise.
    pub(crate) fn file<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> Result<String, &Arc<str>> {
        let mut file = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => file.push_str(text),
                Piece::Fact(fact) => file.push_str(value(fact).ok_or(fact)?),
            }
        }
        Ok(file)
    }

    /// The pattern with a fact's value in its place.
    pub(crate) fn with(&self, fact: &str, value: &str) -> Self {
        let filled = self.pieces.iter().map(|piece| match piece {
            Piece::Fact(known) if known.as_ref() == fact => Piece::Text(value.to_owned()),
            other => other.clone(),
        });
        Self { pieces: filled.collect() }
    }

    /// What stands before and after the one fact left open, the others having values.
    pub(crate) fn around<'a>(&self, open: &str, value: impl Fn(&str) -> Option<&'a str>) -> Option<(String, String)> {
        let mut sides = (String::new(), String::new());
        let mut met = false;
        for piece in &self.pieces {
            let side = if met { &mut sides.1 } else { &mut sides.0 };
            match piece {
                Piece::Text(text) => side.push_str(text),
                Piece::Fact(fact) if fact.as_ref() == open && !met => met = true,
                Piece::Fact(fact) => side.push_str(value(fact)?),
            }
        }
        met.then_some(sides)
    }

    /// The folder that its files of an environment are in or below.
    pub(crate) fn folder(&self, environment: &str) -> String {
        let known = self.pieces.iter().map_while(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Fact(fact) => (fact.as_ref() == "environment").then_some(environment),
        });
        let name: String = known.collect();
        name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
    }

    /// The facts with which this is the name of a file, all of them valid; each has one value.
    pub(crate) fn read(&self, file: &str, valid: &impl Fn(&str, &str) -> bool) -> Option<Vec<(Arc<str>, String)>> {
        fn fits(
            pieces: &[Piece],
            rest: &str,
            valid: &impl Fn(&str, &str) -> bool,
            known: &mut Vec<(Arc<str>, String)>,
        ) -> bool {
            let Some((piece, pieces)) = pieces.split_first() else { return rest.is_empty() };
            let fact = match piece {
                Piece::Text(text) => {
                    return rest.strip_prefix(text.as_str()).is_some_and(|rest| fits(pieces, rest, valid, known));
                }
                Piece::Fact(fact) => fact,
            };
            if let Some((_, value)) = known.iter().find(|(name, _)| name == fact) {
                let value = value.clone();
                return rest.strip_prefix(value.as_str()).is_some_and(|rest| fits(pieces, rest, valid, known));
            }
            // A value is a part of one name, which are short.
            let longest = rest.find('/').unwrap_or(rest.len()).min(LONGEST_VALUE);
            (1..=longest).rev().filter(|end| rest.is_char_boundary(*end)).any(|end| {
                let (value, after) = rest.split_at(end);
                if !valid(fact, value) {
                    return false;
                }
                known.push((Arc::clone(fact), value.to_owned()));
                let found = fits(pieces, after, valid, known);
                if !found {
                    known.pop();
                }
                found
            })
        }
        let mut known = Vec::new();
        fits(&self.pieces, file, valid, &mut known).then_some(known)
    }
}

impl fmt::Display for FilePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Fact(fact) => write!(f, "{{{fact}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_filled_in() {
        let pattern = FilePattern::parse("e/{environment}/tenants/{tenant}.yml").unwrap();
        let value = |fact: &str| (fact == "environment").then_some("prod");
        assert_eq!(pattern.file(value).map_err(AsRef::as_ref), Err("tenant"));
        assert_eq!(pattern.around("tenant", value), Some(("e/prod/tenants/".to_owned(), ".yml".to_owned())));
        assert!(pattern.needs("tenant") && !pattern.needs("tier"));
    }

    #[test]
    fn a_file_says_its_facts() {
        let valid = |fact: &str, value: &str| fact != "environment" || value == "prod";
        let read = |pattern: &str, file: &str| {
            let facts = FilePattern::parse(pattern).unwrap().read(file, &valid)?;
            Some(facts.into_iter().map(|(fact, value)| format!("{fact}={value}")).collect::<Vec<_>>().join(" "))
        };
        let found = |text: &str| Some(text.to_owned());
        assert_eq!(read("e/{environment}/{environment}.yml", "e/prod/prod.yml"), found("environment=prod"));
        assert_eq!(read("e/{environment}/{environment}.yml", "e/prod/dev.yml"), None);
        assert_eq!(read("e/{environment}/t/{tenant}.yml", "e/dev/t/acme.yml"), None);
        assert_eq!(read("t/{tier}-{region}.yml", "t/a-b-c.yml"), found("tier=a-b region=c"));
        assert_eq!(read("t/{tier}.yml", "t/a/b.yml"), None);
        assert_eq!(read("base.yml", "base.yml"), found(""));
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        for text in ["", "/etc/x", "../x.yml", "a//b", "a/{", "a/{}"] {
            assert!(FilePattern::parse(text).is_err(), "{text}");
        }
    }
}
