//! A pattern that a string must match, in the syntax of RE2.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

/// Most bytes that a pattern may take once it is compiled: they come from files.
const LARGEST: usize = 1 << 20;

/// A regular expression; it matches a string if it matches a part of it.
#[derive(Debug)]
pub(in crate::kubernetes) struct Pattern {
    source: Arc<str>,
    compiled: Regex,
}

impl Pattern {
    /// Compiles a pattern; an error is why it cannot be.
    pub(in crate::kubernetes) fn new(source: &str) -> Result<Self, &'static str> {
        let compiled = RegexBuilder::new(&ascii(source)).size_limit(LARGEST).build().map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large",
            _ => "it is no regular expression of RE2",
        })?;
        Ok(Self { source: source.into(), compiled })
    }

    /// Whether a string matches.
    pub(in crate::kubernetes) fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    /// As it is written.
    pub(in crate::kubernetes) fn source(&self) -> &str {
        &self.source
    }
}

/// The same pattern with classes of ASCII only, as RE2 has them: `\d` there is `[0-9]`, here any digit of Unicode.
fn ascii(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut characters = source.chars();
    let mut class = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let escaped = characters.next();
                let members = match escaped {
                    Some('d') => "0-9",
                    Some('w') => "0-9A-Za-z_",
                    Some('s') => "\\t\\n\\x0C\\r ",
                    _ => "",
                };
                match (members, class) {
                    ("", _) => {
                        out.push('\\');
                        out.extend(escaped);
                    }
                    (members, true) => out.push_str(members),
                    (members, false) => out.push_str(&format!("[{members}]")),
                }
            }
            '[' if class && characters.as_str().starts_with(':') => {
                let end = characters.as_str().find(":]").map_or(0, |end| end + 2);
                let (name, rest) = characters.as_str().split_at(end);
                out.push('[');
                out.push_str(name);
                characters = rest.chars();
            }
            // Here `[` opens a class inside a class, and `&&` and `~~` join classes; in RE2 they are themselves.
            '[' if class => out.push_str("\\["),
            '&' | '~' if class => {
                out.push('\\');
                out.push(character);
            }
            '[' => {
                class = true;
                out.push('[');
                let rest = characters.as_str();
                let negated = rest.starts_with('^');
                if negated {
                    out.push('^');
                    characters.next();
                }
                // A bracket that comes first stands for itself.
                if characters.as_str().starts_with(']') {
                    out.push_str("\\]");
                    characters.next();
                }
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_ascii() {
        let matches = |pattern, text| Pattern::new(pattern).expect("a pattern").matches(text);
        assert!(matches(r"^\d+$", "12") && !matches(r"^\d+$", "١٢"));
        assert!(matches(r"^[\w.-]+$", "a_b.c-9") && !matches(r"^[\w.-]+$", "é"));
        assert!(matches(r"^\D$", "x") && matches(r"^[^\s]$", "x"));
        assert!(matches(r"^[[a]$", "[") && matches(r"^[]a]$", "]") && matches(r"^[^]a]$", "b"));
        assert!(matches(r"^[[:alpha:]_]+$", "a_") && !matches(r"^[[:alpha:]_]+$", "1"));
        assert!(matches(r"^[a&&b]$", "&") && matches(r"^\[\\$", r"[\"));
    }

    #[test]
    fn what_cannot_be_compiled_says_why() {
        assert_eq!(Pattern::new("(").err(), Some("it is no regular expression of RE2"));
        assert_eq!(Pattern::new("(((((a{1000}){1000}){1000}){1000}){1000})").err(), Some("it is too large"));
    }
}
