//! What is said about the input: data first, text later.
//!
//! A stage records [`Diagnostic`]s into [`Diagnostics`]; one renderer file per format turns them into text, and the
//! exit code comes from the data. Nothing here prints.

pub mod code;
mod collection;
pub mod concise;
mod excerpt;
pub mod full;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
mod origin;
pub(crate) mod printable;
pub mod sarif;
mod suggest;
pub mod summary;
mod tally;

pub use code::Code;
pub use collection::{Diagnostics, Failed, Levels, Mark};
pub use suggest::did_you_mean;
pub(crate) use suggest::{listed, nearest};
pub(crate) use tally::count;

use std::sync::Arc;

use crate::path::Path;
use crate::source::Place;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The result may be what was meant; nothing stops.
    Warning,
    /// The input is wrong; nothing is written.
    Error,
}

impl Severity {
    /// The word printed before a message.
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place and what is to be said at it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What, lower case; may be empty.
    pub text: String,
}

/// One finding about the input.
///
/// Messages are lower case, name what is and what must be, and never quote a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// Which rule.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// One line.
    pub message: String,
    /// The path into the data, where the finding is about a value.
    pub path: Option<Path>,
    /// The one place to look at first.
    pub primary: Option<Label>,
    /// Other places that matter, in the order to read them.
    pub related: Vec<Label>,
    /// What one should know.
    pub notes: Vec<String>,
    /// What one can do.
    pub help: Vec<String>,
    /// The target it was found in, such as `acme-corp@prod`; `None` when it concerns no single one.
    pub target: Option<Arc<str>>,
}

impl Diagnostic {
    /// A finding of `code` at the code's own severity.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            path: None,
            primary: None,
            related: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            target: None,
        }
    }

    /// The place to look at first, and what is to be said there.
    #[must_use]
    pub fn at(mut self, place: Place, text: impl Into<String>) -> Self {
        self.primary = Some(Label { place, text: text.into() });
        self
    }

    /// Another place that matters.
    #[must_use]
    pub fn also(mut self, place: Place, text: impl Into<String>) -> Self {
        self.related.push(Label { place, text: text.into() });
        self
    }

    /// The same without anything that the input says: for what is wrong with a text that may hold secrets.
    #[must_use]
    pub(crate) fn unquoted(self) -> Self {
        let mut told = Self::new(self.code, self.code.title());
        told.severity = self.severity;
        told.primary = self.primary.map(|label| Label { text: String::new(), ..label });
        told.target = self.target;
        told
    }

    /// The value it is about.
    #[must_use]
    pub fn about(mut self, path: Path) -> Self {
        self.path = Some(path);
        self
    }

    /// What one should know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// What one can do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// A help line if there is one, as "did you mean" gives it.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help.extend(help);
        self
    }
}
