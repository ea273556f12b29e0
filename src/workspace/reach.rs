//! Which files the hierarchy can name at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Workspace;
use super::settings::{is_label, is_name};

/// Why no level can name a file.
pub(crate) enum Misnamed {
    /// Its name ends otherwise; so it would be right.
    Ending(String),
    /// This fact cannot have this value.
    Fact(Arc<str>, String),
}

/// The facts in the name of a file, with their values.
type Facts = Vec<(Arc<str>, String)>;

impl Workspace<'_> {
    /// The folders that hold files of layers: of each level, what is above its first fact.
    pub(crate) fn layer_folders(&self) -> BTreeSet<String> {
        let mut folders = BTreeSet::new();
        for level in &self.settings.hierarchy {
            for environment in self.environments() {
                // The workspace itself has files of all sorts.
                folders.extend(Some(level.file.folder(environment)).filter(|folder| !folder.is_empty()));
            }
        }
        // One that is within another is looked through with it.
        let within = |folder: &String| folders.iter().any(|other| folder.starts_with(&format!("{other}/")));
        folders.iter().filter(|folder| !within(folder)).cloned().collect()
    }

    /// The level that a file would be of, with the facts that pick it. An environment is one of those there are.
    pub(crate) fn level_of(&self, file: &str) -> Option<(&Arc<str>, Facts)> {
        let valid = |fact: &str, value: &str| self.is_value(fact, value);
        self.settings.hierarchy.iter().find_map(|level| Some((&level.name, level.file.read(file, &valid)?)))
    }

    /// What is wrong with the name of a file that no level can name, if it is near to one.
    pub(crate) fn misnamed(&self, file: &str) -> Option<Misnamed> {
        let (stem, other) = match file.strip_suffix(".yaml") {
            Some(stem) => (stem, ".yml"),
            None => (file.strip_suffix(".yml")?, ".yaml"),
        };
        let meant = format!("{stem}{other}");
        if self.level_of(&meant).is_some() {
            return Some(Misnamed::Ending(meant));
        }
        let hierarchy = &self.settings.hierarchy;
        let facts = hierarchy.iter().find_map(|level| level.file.read(file, &|_, value| !value.is_empty()))?;
        let wrong = |(fact, value): &(Arc<str>, String)| !self.is_value(fact, value);
        facts.into_iter().find(wrong).map(|(fact, value)| Misnamed::Fact(fact, value))
    }

    /// Whether a fact may have a value.
    pub(super) fn is_value(&self, fact: &str, value: &str) -> bool {
        match fact {
            "environment" => self.settings.environments.contains_key(value),
            "tenant" => is_label(value),
            _ => is_name(value),
        }
    }

    /// Whether the files of a level, by its name, are each of one tenant.
    pub(crate) fn is_of_tenants(&self, level: &str) -> bool {
        self.settings.hierarchy.iter().any(|known| known.name.as_ref() == level && known.file.needs("tenant"))
    }

    /// Whether the value of `tenant.<name>` picks the file of a level.
    pub(crate) fn is_fact(&self, name: &str) -> bool {
        let given = matches!(name, "environment" | "tenant" | "override");
        !given && self.settings.hierarchy.iter().any(|level| level.file.needs(name))
    }
}
