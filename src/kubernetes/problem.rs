//! Something in an object that its schema does not allow.

use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::path::Path;
use crate::source::Place;
use crate::tree::{Node, Value};

/// Longest text that is quoted.
const LONGEST: usize = 40;

/// What is wrong with a value, in words that never quote it.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    /// The value, or the one that is missing.
    pub(crate) path: Path,
    /// Where the object has it: the key of a block, else the value.
    pub(crate) place: Place,
    /// What comes after the path in a sentence, such as `must be an integer, but it is a string`; or all of it.
    message: String,
    whole: bool,
    /// What is to be said at the place.
    pub(crate) label: String,
    /// Other places of the object.
    pub(crate) also: Vec<(Place, String)>,
    /// What one should know.
    pub(crate) notes: Vec<String>,
    /// What one can do.
    pub(crate) help: Vec<String>,
    /// The strings there are; the value is none of them.
    pub(crate) allowed: Vec<String>,
}

impl Problem {
    pub(crate) fn new(code: Code, path: Path, place: Place, message: impl Into<String>, label: &str) -> Self {
        Self {
            code,
            path,
            place,
            message: message.into(),
            whole: false,
            label: label.to_owned(),
            also: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            allowed: Vec::new(),
        }
    }

    /// The same; its message is a sentence by itself.
    pub(crate) fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// The same with a line of help, if there is one.
    pub(crate) fn helped(mut self, help: Option<String>) -> Self {
        self.help.extend(help);
        self
    }

    /// The same with a note.
    pub(crate) fn noted(mut self, note: String) -> Self {
        self.notes.push(note);
        self
    }

    /// The same about another object, at the field of the same path.
    pub(super) fn at_its_field(self, object: &Node) -> Self {
        Self { place: object.get(&self.path).map_or(object.place, |node| node.place), ..self }
    }

    /// What comes after the path.
    pub(super) fn predicate(&self) -> &str {
        &self.message
    }

    /// The finding about an object of a kind, at a place.
    pub(crate) fn diagnostic(&self, kind: &str, place: Place) -> Diagnostic {
        let message = if self.whole {
            self.message.clone()
        } else if self.path.is_root() {
            format!("{kind} {}", self.message)
        } else {
            format!("{kind} {} {}", self.path, self.message)
        };
        let diagnostic = Diagnostic::new(self.code, message).at(place, self.label.as_str()).about(self.path.clone());
        let diagnostic = self.notes.iter().fold(diagnostic, Diagnostic::note);
        self.help.iter().fold(diagnostic, Diagnostic::help)
    }

    /// The same with the value quoted, where it is a word that was perhaps mistyped. Nothing secret may come here.
    pub(crate) fn quoting(mut self, node: &Node) -> Self {
        let Value::String(text) = &node.value else { return self };
        if self.allowed.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
            return self;
        }
        self.message.push_str(&format!(", but it is `{text}`"));
        self.help.splice(0..0, did_you_mean(text, self.allowed.iter().map(String::as_str)));
        self
    }
}
