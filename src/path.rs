//! Paths into data: `resources.limits[0].name`.
//!
//! A path is steps, not text: a key may hold dots, brackets or quotes and still prints as something that
//! [`Path::parse`] reads back.

use std::fmt;
use std::sync::Arc;

/// One step down: into a mapping or into a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A key of a mapping.
    Key(Arc<str>),
    /// An item of a list, from 0.
    Index(usize),
}

/// A way from the root of a tree to one of its values. Empty is the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    steps: Vec<Step>,
}

/// Why a text is no path: what is wrong, and the byte at which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// What is wrong, lower case, without a full stop.
    pub message: &'static str,
    /// Byte offset in the text.
    pub at: usize,
}

/// A key as a segment of a JSON pointer.
pub(crate) fn pointer_segment(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Path {
    /// The root.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of these steps.
    pub fn from_steps(steps: Vec<Step>) -> Self {
        Self { steps }
    }

    /// A path of keys only.
    pub fn from_keys<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        Self { steps: keys.into_iter().map(|key| Step::Key(key.into())).collect() }
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The keys from the root, without the items of lists.
    pub(crate) fn keys(&self) -> Vec<&str> {
        let mut keys = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            if let Step::Key(key) = step {
                keys.push(key.as_ref());
            }
        }
        keys
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// One step further down, for the time of a walk.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Back up one step.
    pub fn pop(&mut self) -> Option<Step> {
        self.steps.pop()
    }

    /// This path and a key.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let mut path = self.clone();
        path.push(Step::Key(key.into()));
        path
    }

    /// This path and an index.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut path = self.clone();
        path.push(Step::Index(index));
        path
    }

    /// The path as a JSON pointer (RFC 6901).
    pub(crate) fn pointer(&self) -> String {
        let step = |step: &Step| match step {
            Step::Key(key) => format!("/{}", pointer_segment(key)),
            Step::Index(index) => format!("/{index}"),
        };
        self.steps.iter().map(step).collect()
    }

    /// Reads `a.b[0]."x.y"`. Keys with dots, brackets, quotes or spaces stand in double quotes with `\"` and `\\`.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut steps = Vec::new();
        let bytes = text.as_bytes();
        let mut at = 0;
        let error = |message, at| Err(PathError { message, at });
        if text.is_empty() {
            return Ok(Self::root());
        }
        loop {
            match bytes.get(at) {
                Some(b'"') => {
                    let (key, end) = quoted(text, at)?;
                    steps.push(Step::Key(key.into()));
                    at = end;
                }
                Some(b'[') if at == 0 => {}
                _ => {
                    let end = text[at..].find(['.', '[', ']', '"']).map_or(text.len(), |found| at + found);
                    if end == at {
                        return error("a key is missing here", at);
                    }
                    steps.push(Step::Key(text[at..end].into()));
                    at = end;
                }
            }
            while bytes.get(at) == Some(&b'[') {
                let Some(length) = text[at..].find(']') else {
                    return error("this bracket is not closed", at);
                };
                let Ok(index) = text[at + 1..at + length].parse() else {
                    return error("an index is a whole number, such as [0]", at + 1);
                };
                steps.push(Step::Index(index));
                at += length + 1;
            }
            match bytes.get(at) {
                None => return Ok(Self { steps }),
                Some(b'.') => at += 1,
                Some(_) => return error("a dot or a bracket is expected here", at),
            }
        }
    }
}

/// Reads the quoted key that begins at byte `start`; returns it and the byte after it.
fn quoted(text: &str, start: usize) -> Result<(String, usize), PathError> {
    let mut key = String::new();
    let mut characters = text[start + 1..].char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((key, start + 1 + at + 1)),
            '\\' => match characters.next() {
                Some((_, escaped @ ('"' | '\\'))) => key.push(escaped),
                _ => return Err(PathError { message: r#"only \" and \\ are escapes"#, at: start + 1 + at }),
            },
            _ => key.push(character),
        }
    }
    Err(PathError { message: "this quote is not closed", at: start })
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    let plain =
                        |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '.' | '[' | ']' | '"' | '\\');
                    if !key.is_empty() && key.chars().all(plain) {
                        f.write_str(key)?;
                    } else {
                        write!(f, "\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_print_as_they_are_read() {
        for text in ["a", "a.b", "a[0].b", "a[0][1]", "\"x.y\".z", "a.\"q\\\"uote\"", "app-1.b_c/d"] {
            assert_eq!(Path::parse(text).map(|path| path.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Path::parse("").map(|path| path.is_root()), Ok(true));
    }

    #[test]
    fn what_is_no_path_says_where() {
        for (text, at) in
            [("a.", 2), (".a", 0), ("a..b", 2), ("a[", 1), ("a[x]", 2), ("a]", 1), ("\"a", 0), ("a[0]b", 4)]
        {
            assert_eq!(Path::parse(text).map_err(|error| error.at), Err(at), "{text}");
        }
    }
}
