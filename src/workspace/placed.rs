//! The layer files that are there, and the level that each belongs to.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Workspace;
use crate::diagnostic::{Diagnostics, Failed};
use crate::file::{self, Reason};

/// A layer file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Its name in the workspace.
    pub(crate) file: Arc<str>,
    /// The level: its index in the hierarchy.
    pub(crate) rank: usize,
    /// The environment, if the level has files for each.
    pub(crate) environment: Option<Arc<str>>,
    /// The override that it is.
    pub(crate) over: Option<Arc<str>>,
}

impl Workspace<'_> {
    /// The files of all levels and those they extend, each once: by level, then by environment, then by name. A file
    /// that several levels or environments extend is nobody's alone and is left out.
    pub(crate) fn placed(&self, diagnostics: &mut Diagnostics) -> Result<Vec<Placed>, Failed> {
        let mark = diagnostics.mark();
        let mut found: IndexMap<Arc<str>, Placed> = IndexMap::new();
        for (rank, level) in self.levels_of_files().iter().enumerate() {
            let environments: Vec<Option<&Arc<str>>> =
                if level.file.needs("environment") { self.environments().map(Some).collect() } else { vec![None] };
            for environment in environments {
                let pattern = match environment {
                    Some(name) => level.file.with("environment", name),
                    None => level.file.clone(),
                };
                let folder = pattern.folder("");
                let files = match pattern.facts().next() {
                    None => Some(pattern.to_string()).filter(|file| self.has(file)).into_iter().collect(),
                    // What picks a file at the top of the workspace cannot be listed.
                    Some(_) if folder.is_empty() => Vec::new(),
                    Some(_) => self.world().list(&folder).unwrap_or_else(|why| {
                        let reason =
                            Reason { place: Some(level.place), what: format!("the folder of layer {}", level.name) };
                        diagnostics.record(file::unreadable(&folder, &why, &reason));
                        Vec::new()
                    }),
                };
                for file in files {
                    let valid = |fact: &str, value: &str| self.is_value(fact, value);
                    let Some(facts) = pattern.read(&file, &valid) else { continue };
                    let over = facts.iter().find(|(fact, _)| fact.as_ref() == "override");
                    let over = over.map(|(_, value)| Arc::from(value.as_str()));
                    let file: Arc<str> = file.into();
                    let placed = Placed { file: Arc::clone(&file), rank, environment: environment.cloned(), over };
                    found.entry(file).or_insert(placed);
                }
            }
        }
        diagnostics.since(mark)?;
        let extended = self.extended(&found);
        Ok(found.into_values().chain(extended).collect())
    }

    /// The files that those of the levels extend, if all that extend one are alike.
    fn extended(&self, placed: &IndexMap<Arc<str>, Placed>) -> Vec<Placed> {
        let mut found: IndexMap<Arc<str>, Option<Placed>> = IndexMap::new();
        for by in placed.values() {
            let reason = Reason { place: None, what: String::new() };
            let mut names = Vec::new();
            // What is wrong with a file is said when it is compiled.
            let _ = self.open(&by.file, &reason, &mut Vec::new(), &mut Diagnostics::new(), &mut |document| {
                names.push(Arc::clone(&document.name));
            });
            for name in names.into_iter().filter(|name| !placed.contains_key(name)) {
                let own = Placed { file: Arc::clone(&name), ..by.clone() };
                let known = found.entry(name).or_insert_with(|| Some(own.clone()));
                if known.as_ref() != Some(&own) {
                    *known = None;
                }
            }
        }
        found.into_values().flatten().collect()
    }
}
