//! What is to be written so that editors know the files of a workspace: the schemas, and the line at the top of each
//! file that names one.
//!
//! In goes a workspace, out comes a [`Plan`]: each file that would change, with its new bytes. Planning again after the
//! plan was carried out finds nothing to do.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::modeline::{Modeline, with_modeline};
use super::{Audience, COMMENT, FOLDER, settings, text};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, count, listed};
use crate::file::{self, Reason};
use crate::workspace::{FILE, Workspace};

/// What changes, and what is left as somebody wanted it.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// By file, in the order in which they are written.
    pub(crate) changes: IndexMap<String, Change>,
    /// Files with a line that names another schema, and that schema.
    pub(crate) kept: Vec<(String, String)>,
    /// How many schemas there are.
    pub(crate) schemas: usize,
    /// How many files name one of them.
    pub(crate) files: usize,
}

/// What happens to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A schema is written.
    Schema(Vec<u8>),
    /// A file that people write gets its line.
    Line {
        /// What it holds now.
        before: Vec<u8>,
        /// What it is to hold.
        after: Vec<u8>,
    },
    /// A schema that no file has any more is removed.
    Remove,
}

impl Plan {
    /// What is to be done in a workspace.
    pub(crate) fn of(workspace: &Workspace<'_>, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let mark = diagnostics.mark();
        let placed = workspace.placed(diagnostics)?;
        let mut plan = Self::default();
        let mut audiences: IndexSet<Audience> = Audience::all(workspace).into_iter().collect();
        let mut lines: Vec<(Arc<str>, String)> = vec![(FILE.into(), settings_file())];
        for placed in &placed {
            let audience = Audience::of(workspace, placed);
            lines.push((Arc::clone(&placed.file), audience.file(workspace)));
            audiences.insert(audience);
        }
        let mut schemas: IndexMap<String, String> = IndexMap::new();
        for audience in &audiences {
            schemas.insert(audience.file(workspace), text(&super::schema(workspace, audience)));
        }
        if let Some(merged) = workspace.schemas().merged() {
            schemas.insert(merged_file(), text(&merged.alone()));
        }
        schemas.insert(settings_file(), text(&settings::schema()));
        plan.schemas = schemas.len();
        plan.stale(workspace, &schemas);
        for (file, text) in schemas {
            let known = workspace.world().read(&file, file::LARGEST);
            if known.ok().as_deref() != Some(text.as_bytes()) {
                plan.changes.insert(file, Change::Schema(text.into_bytes()));
            }
        }
        for (file, schema) in lines {
            plan.line(workspace, &file, &schema, diagnostics);
        }
        diagnostics.since(mark)?;
        Ok(plan)
    }

    /// Schemas of ours that nothing needs any more. What somebody else has put there stays.
    fn stale(&mut self, workspace: &Workspace<'_>, schemas: &IndexMap<String, String>) {
        for file in workspace.world().list(FOLDER).unwrap_or_default() {
            let ours = || {
                let bytes = workspace.world().read(&file, file::LARGEST).unwrap_or_default();
                file == merged_file() || String::from_utf8_lossy(&bytes).contains(COMMENT)
            };
            if file.ends_with(".schema.json") && !schemas.contains_key(&file) && ours() {
                self.changes.insert(file, Change::Remove);
            }
        }
    }

    fn line(&mut self, workspace: &Workspace<'_>, name: &str, schema: &str, diagnostics: &mut Diagnostics) {
        let reason = Reason { place: None, what: "a layer file".to_owned() };
        let Ok(file) = file::load(workspace.world(), workspace.sources(), name, &reason, diagnostics) else { return };
        self.files += 1;
        let source = workspace.sources().get(file);
        let before = source.text();
        match with_modeline(name, before, schema) {
            Modeline::There => {}
            Modeline::Put(text) => {
                let change = Change::Line { before: before.as_bytes().to_vec(), after: text.into_bytes() };
                self.changes.insert(name.to_owned(), change);
            }
            Modeline::Kept(other) => self.kept.push((name.to_owned(), other)),
        }
    }

    /// The finding that something is to be done, if it is.
    pub(crate) fn check(&self, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let files: Vec<&str> = self.changes.keys().map(String::as_str).collect();
        let message = format!("{} would change: {}", count(files.len(), "file"), listed(files.iter().copied()));
        Err(diagnostics.fail(
            Diagnostic::new(code::SCHEMAS_STALE, message)
                .help("run `tenantctl schema install` and commit what it writes"),
        ))
    }
}

/// The schema of the merged configuration. No layer's schema is called so.
fn merged_file() -> String {
    format!("{FOLDER}/_merged.schema.json")
}

/// The schema of `tenantctl.yaml`.
fn settings_file() -> String {
    format!("{FOLDER}/_workspace.schema.json")
}
