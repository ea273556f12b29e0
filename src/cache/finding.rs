//! A finding as an entry holds it: places are files by their position in the recipe, since numbers of files differ
//! from run to run.

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Code, Diagnostic, Label, Severity};
use crate::path::Path;
use crate::source::{FileId, Place};

/// A finding about one target, which is not named.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Finding {
    code: String,
    error: bool,
    message: String,
    path: Option<String>,
    primary: Option<At>,
    related: Vec<At>,
    notes: Vec<String>,
    help: Vec<String>,
}

/// A label.
#[derive(Debug, Serialize, Deserialize)]
struct At {
    file: usize,
    start: u32,
    end: u32,
    text: String,
}

impl Finding {
    /// `None` if it speaks of a file that the target is not made from.
    pub(super) fn new(diagnostic: &Diagnostic, files: &[FileId]) -> Option<Self> {
        let at = |label: &Label| At::new(label, files);
        Some(Self {
            code: diagnostic.code.to_string(),
            error: diagnostic.severity == Severity::Error,
            message: diagnostic.message.clone(),
            path: diagnostic.path.as_ref().map(ToString::to_string),
            primary: match &diagnostic.primary {
                Some(label) => Some(at(label)?),
                None => None,
            },
            related: diagnostic.related.iter().map(at).collect::<Option<_>>()?,
            notes: diagnostic.notes.clone(),
            help: diagnostic.help.clone(),
        })
    }

    /// `None` if it does not fit the files.
    pub(super) fn diagnostic(self, files: &[FileId]) -> Option<Diagnostic> {
        Some(Diagnostic {
            code: Code::parse(&self.code)?,
            severity: if self.error { Severity::Error } else { Severity::Warning },
            message: self.message,
            path: match self.path {
                Some(path) => Some(Path::parse(&path).ok()?),
                None => None,
            },
            primary: match self.primary {
                Some(at) => Some(at.label(files)?),
                None => None,
            },
            related: self.related.into_iter().map(|at| at.label(files)).collect::<Option<_>>()?,
            notes: self.notes,
            help: self.help,
            target: None,
        })
    }
}

impl At {
    fn new(label: &Label, files: &[FileId]) -> Option<Self> {
        let Place { file, start, end } = label.place;
        let file = files.iter().position(|known| *known == file)?;
        Some(Self { file, start, end, text: label.text.clone() })
    }

    fn label(self, files: &[FileId]) -> Option<Label> {
        let place = Place { file: *files.get(self.file)?, start: self.start, end: self.end };
        Some(Label { place, text: self.text })
    }
}
