//! `lint` in the settings: how far ahead it looks, and what it leaves alone and why.

use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, code};
use crate::duration::Duration;
use crate::fields::{Fields, Text};
use crate::lock::Pattern;
use crate::path::Path;
use crate::source::Place;
use crate::yaml::Written;

/// What the settings say about lint.
#[derive(Clone, Debug, Default)]
pub(crate) struct LintSettings {
    /// What ends within so long is said to end soon.
    pub(crate) within: Option<Duration>,
    /// What is left alone.
    pub(crate) allow: Vec<Allowance>,
}

/// Findings that are left alone: of some codes, at some paths or in some files.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    codes: Vec<Code>,
    /// `None`: at any path.
    path: Option<Pattern>,
    /// `None`: in any file.
    file: Option<GlobMatcher>,
}

impl Allowance {
    /// Whether findings of a code about a path, or about no value, in a file are left alone.
    pub(crate) fn covers(&self, code: Code, file: &str, path: Option<&Path>) -> bool {
        let fits_path = self.path.as_ref().is_none_or(|pattern| path.is_some_and(|path| pattern.covers(path)));
        self.codes.contains(&code) && fits_path && self.file.as_ref().is_none_or(|glob| glob.is_match(file))
    }

    fn read(written: &Written, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(written, code::SETTINGS, "what lint allows", diagnostics)?;
        let mark = diagnostics.mark();
        let named = fields.texts("codes", diagnostics);
        let path = fields.text("path", diagnostics);
        let file = fields.text("file", diagnostics);
        let _: Option<Arc<str>> = fields.required("reason", "\"why\"", diagnostics).map(|reason| reason.text);
        fields.finish(diagnostics);
        if diagnostics.since(mark).is_err() {
            return None;
        }
        if named.is_empty() {
            let known: Vec<String> = code::allowed().map(|code| code.to_string()).collect();
            diagnostics.record(wrong(written.place, "what lint allows must have `codes`").help(format!(
                "write `codes: [{}]`; there are {}",
                code::UNREAD_KEY,
                known.join(", ")
            )));
        }
        if path.is_none() && file.is_none() {
            diagnostics.record(
                wrong(written.place, "what lint allows is a path, or the paths of a file").help(
                    "write `path: \"security.**\"`, or `file: environments/base.yml`; `path: \"**\"` is everything",
                ),
            );
        }
        let codes = named.iter().filter_map(|text| lint_code(text, diagnostics)).collect();
        let path = path.and_then(|text| pattern(&text, "what lint allows", diagnostics));
        let file = file.and_then(|text| glob(&text, diagnostics));
        diagnostics.since(mark).is_ok().then_some(Self { codes, path, file })
    }
}

impl LintSettings {
    pub(super) fn read(written: &Written, diagnostics: &mut Diagnostics) -> Self {
        let mut settings = Self::default();
        let Some(mut fields) = Fields::of(written, code::SETTINGS, "`lint`", diagnostics) else { return settings };
        if let Some(text) = fields.text("within", diagnostics) {
            settings.within = Duration::parse(&text.text).filter(|within| within.nanoseconds() >= 0);
            if settings.within.is_none() {
                diagnostics.record(
                    wrong(text.place, "`within` is not a length of time").help("write it as 30d, 2w or 0d, for days"),
                );
            }
        }
        for item in fields.items("allow", diagnostics) {
            settings.allow.extend(Allowance::read(item, diagnostics));
        }
        fields.finish(diagnostics);
        settings
    }
}

/// The pattern that a text of the settings is; what it is not is said.
pub(super) fn pattern(text: &Text, of: &str, diagnostics: &mut Diagnostics) -> Option<Pattern> {
    match Pattern::parse(&text.text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let message = format!("`{}` is no path of {of}: {}", text.text, error.message);
            diagnostics.record(
                Diagnostic::new(code::BAD_PATH, message)
                    .at(text.place, format!("at character {}", error.at + 1))
                    .help("write keys between dots; `*` is any one key, `**` any number of them"),
            );
            None
        }
    }
}

fn lint_code(text: &Text, diagnostics: &mut Diagnostics) -> Option<Code> {
    let found = Code::parse(&text.text).filter(|found| code::allowed().any(|code| code == *found));
    if found.is_none() {
        let known: Vec<String> = code::allowed().map(|code| code.to_string()).collect();
        diagnostics.record(
            wrong(text.place, format!("`{}` is no code of lint", text.text))
                .note(format!("those of lint are {}", known.join(", "))),
        );
    }
    found
}

fn glob(text: &Text, diagnostics: &mut Diagnostics) -> Option<GlobMatcher> {
    match GlobBuilder::new(&text.text).literal_separator(true).build() {
        Ok(glob) => Some(glob.compile_matcher()),
        Err(error) => {
            diagnostics.record(
                wrong(text.place, format!("`{}` is no pattern of files: {}", text.text, error.kind()))
                    .help("`*` stands for any name, `**` for any number of folders"),
            );
            None
        }
    }
}

fn wrong(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::SETTINGS, message).at(place, "")
}
