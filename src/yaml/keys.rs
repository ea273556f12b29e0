//! What may be a key: strings only, since JSON knows nothing else, and readers disagree about the rest.

use super::scalar::{self, Reading};
use super::shown::Shown;
use super::{Content, Written};
use crate::diagnostic::{Diagnostic, code};
use crate::source::Place;

/// What is to be said about a key.
pub(super) enum Verdict {
    /// It is a string.
    Good,
    /// It can be taken as a string, but some readers see something else.
    Doubtful(Box<Diagnostic>),
    /// It is no string.
    Bad(Box<Diagnostic>),
}

/// Judges a scalar key; `None` is a key that is not written.
pub(super) fn check(text: Option<&str>, plain: bool, place: Place) -> Verdict {
    let Some(text) = text else {
        return Verdict::Bad(Box::new(
            Diagnostic::new(code::KEY_KIND, "a key is missing before this colon")
                .at(place, "")
                .help("write the key, or put the text in quotes if the colon belongs to it"),
        ));
    };
    // `<<` is a key of its own kind.
    if !plain || text == "<<" {
        return Verdict::Good;
    }
    let quote = || format!("put it in quotes: `\"{text}\":`");
    let what = match scalar::read(text) {
        Reading::String => return Verdict::Good,
        Reading::Ambiguous(doubt) => {
            let message = format!("the key {} is ambiguous: {}", Shown(text), doubt.why);
            return Verdict::Doubtful(Box::new(
                Diagnostic::new(code::AMBIGUOUS, message).at(place, doubt.why).help(quote()),
            ));
        }
        Reading::Null => "null",
        Reading::Bool(_) => "a boolean",
        Reading::Number(_) | Reading::OutOfRange(_) => "a number",
    };
    let message = format!("a key must be a string, but {} is {what}", Shown(text));
    Verdict::Bad(Box::new(Diagnostic::new(code::KEY_KIND, message).at(place, "").help(quote())))
}

/// Where an expression without quotes stands, if this key is the inner half of one: `{{ x }}` is, to YAML, a mapping
/// whose key is the mapping `{ x }`.
pub(super) fn expression(key: &Written, text: &str) -> Option<Place> {
    let Place { file, start, end } = key.place;
    let (start, end) = (start as usize, end as usize);
    let braced = matches!(key.content, Content::Map(_))
        && start > 0
        && text.get(start - 1..=start) == Some("{{")
        && text.get(end.saturating_sub(1)..=end) == Some("}}");
    braced.then(|| Place::new(file, start - 1, end + 1))
}

/// The finding about a mapping, a list or another value that stands where a key must be.
pub(super) fn collection(key: &Written, text: &str) -> Diagnostic {
    let Some(place) = expression(key, text) else {
        let what = key.kind().with_article();
        return Diagnostic::new(code::KEY_KIND, format!("a key must be a string, but this is {what}"))
            .at(key.place, "")
            .help("write a text, in quotes if it begins with a bracket");
    };
    let expression = text.get(place.start as usize..place.end as usize).unwrap_or_default();
    let help = if expression.contains(['"', '\\', '\n']) {
        "put the expression in single quotes, and double any single quote inside".to_owned()
    } else {
        format!("put the expression in quotes: `\"{expression}\"`")
    };
    let message = "an expression must stand in quotes, else it is a mapping with a mapping for its key";
    Diagnostic::new(code::KEY_KIND, message).at(place, "YAML reads these braces as mappings").help(help)
}
