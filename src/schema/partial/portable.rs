//! Patterns that the engine and editors read alike: Rust's regular expressions and ECMAScript's.

use serde_json::{Value, json};

use crate::schema::engine;

/// The pattern for an editor; `None` if editors might read it otherwise than the engine does.
pub(super) fn portable(pattern: &str) -> Option<String> {
    if !engine::is_ecmascript(pattern) {
        return None;
    }
    let mut text = String::with_capacity(pattern.len());
    let mut class = false;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let escaped = characters.next()?;
                // Words and their borders are Unicode's to one and ASCII's to the other; classes of Unicode need a flag.
                if matches!(escaped, 'b' | 'B' | 'p' | 'P' | 'k' | 'c') || escaped.is_ascii_digit() {
                    return None;
                }
                text.extend(['\\', escaped]);
                continue;
            }
            '[' => class = true,
            ']' => class = false,
            // Nothing but plain groups is in every version of ECMAScript.
            '(' if !class && characters.peek() == Some(&'?') => {
                characters.next();
                if characters.peek() != Some(&':') {
                    return None;
                }
                text.push_str("(?");
                continue;
            }
            // The line ends that it does not match differ.
            '.' if !class => {
                text.push_str("[^\\n]");
                continue;
            }
            _ => {}
        }
        text.push(character);
    }
    Some(text)
}

/// A schema that wants a pattern of every text; `None` if an editor cannot ask for it.
pub(super) fn asked(pattern: &str) -> Option<Value> {
    Some(json!({ "pattern": portable(pattern)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_read_alike_is_kept_and_the_dot_is_spelled_out() {
        for (pattern, kept) in [
            ("^[a-z0-9.-]+(:[0-9]+)?$", "^[a-z0-9.-]+(:[0-9]+)?$"),
            ("a.b", "a[^\\n]b"),
            ("\\.(?:x|y)[.]", "\\.(?:x|y)[.]"),
            ("^\\d{1,3}$", "^\\d{1,3}$"),
        ] {
            assert_eq!(portable(pattern).as_deref(), Some(kept), "{pattern}");
        }
        for pattern in
            ["(?i)a", "(?i:a)", "(?P<n>a)", "\\bword", "\\p{L}", "\\pL", "\\Aa\\z", "[[:alpha:]]", "a\\x{41}"]
        {
            assert_eq!(portable(pattern), None, "{pattern}");
        }
    }
}
