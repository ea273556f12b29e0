//! The kinds that the files of a workspace bring.
//!
//! Every file is taken in as text, since what is compiled depends on it; it is read when an object is of a group and a
//! kind that both stand in it. A workspace may hold the definitions of all its controllers, which are megabytes, and
//! a run needs few of them.

use std::collections::BTreeMap;
use std::sync::{OnceLock, PoisonError, RwLock};

use indexmap::IndexMap;
use rayon::prelude::*;

use super::bundle::Bundle;
use super::crd::{self, Custom};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::file::{self, Reason};
use crate::source::{FileId, Sources};
use crate::world::World;

/// The folder of definitions in a workspace.
pub(super) const FOLDER: &str = "crds";
/// Most bytes of a file: controllers publish all of their definitions as one.
const LARGEST: u64 = 32 * 1024 * 1024;

/// The files with definitions.
#[derive(Debug, Default)]
pub(super) struct Registry {
    files: Vec<File>,
    /// What was looked for, by `apiVersion/kind`.
    known: RwLock<IndexMap<Box<str>, Option<Spot>, foldhash::fast::RandomState>>,
}

/// A file, and its definitions once they were read.
#[derive(Debug)]
struct File {
    id: FileId,
    read: OnceLock<(Vec<Custom>, Vec<Diagnostic>)>,
}

/// Where a definition is: the file, and its position there.
type Spot = (usize, usize);

/// A kind that a file brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brought<'r> {
    pub(super) custom: &'r Custom,
    /// What is wrong with its file.
    pub(super) flaws: &'r [Diagnostic],
}

/// Whether a file by this name may hold definitions.
pub(super) fn is_definition(name: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending))
}

impl Registry {
    /// Takes in the files of a workspace's folder.
    pub(super) fn load(world: &dyn World, sources: &Sources, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let mut registry = Self::default();
        let names = world.list(FOLDER).map_err(|why| {
            let reason = Reason { place: None, what: "the folder of CustomResourceDefinitions".to_owned() };
            diagnostics.fail(file::unreadable(FOLDER, &why, &reason))
        })?;
        let mark = diagnostics.mark();
        for name in names.iter().filter(|name| is_definition(name)) {
            let reason = Reason { place: None, what: "CustomResourceDefinitions".to_owned() };
            if let Ok(id) = file::load_up_to(LARGEST, world, sources, name, &reason, diagnostics) {
                registry.add(id);
            }
        }
        diagnostics.since(mark)?;
        Ok(registry)
    }

    /// Takes in what a command line names: a file, or the files of a directory.
    pub(super) fn add_named(
        &mut self,
        named: &str,
        world: &dyn World,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let files = match world.list_argument(named) {
            Ok(found) => found.into_iter().filter(|file| is_definition(file)).collect(),
            // It says why, if it is no file either.
            Err(_) => vec![named.to_owned()],
        };
        if files.is_empty() {
            let message = format!("{named} has no file that ends with .yaml, .yml or .json");
            let diagnostic = Diagnostic::new(code::UNREADABLE, message);
            return Err(diagnostics.fail(diagnostic.help("name a file, or a directory with CustomResourceDefinitions")));
        }
        for name in files {
            let id = file::load_argument_up_to(LARGEST, world, sources, &name, diagnostics)?;
            self.add(id);
        }
        Ok(())
    }

    fn add(&mut self, id: FileId) {
        self.files.push(File { id, read: OnceLock::new() });
        self.known.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// These files before those of another one, all to be read again.
    pub(super) fn before(files: impl Iterator<Item = FileId>, others: &Self) -> Self {
        let mut registry = Self::default();
        files.chain(others.files()).for_each(|file| registry.add(file));
        registry
    }

    /// Reads a file, and records what is wrong with it.
    pub(super) fn read_one(
        &self,
        file: FileId,
        sources: &Sources,
        bundle: &'static Bundle,
        diagnostics: &mut Diagnostics,
    ) {
        for file in self.files.iter().filter(|known| known.id == file) {
            let (_, flaws) = file.read(sources, bundle);
            for flaw in flaws {
                diagnostics.record(flaw.clone());
            }
        }
    }

    /// The same files, to be read again: their schemas speak of definitions of another version.
    pub(super) fn unread(self) -> Self {
        let mut registry = Self::default();
        self.files.iter().for_each(|file| registry.add(file.id));
        registry
    }

    /// The files.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.files.iter().map(|file| file.id)
    }

    /// Reads all files, and records what is wrong with them.
    pub(super) fn read_all(&self, sources: &Sources, bundle: &'static Bundle, diagnostics: &mut Diagnostics) {
        self.files.par_iter().for_each(|file| {
            file.read(sources, bundle);
        });
        for file in &self.files {
            let (customs, flaws) = file.read(sources, bundle);
            for flaw in flaws {
                diagnostics.record(flaw.clone());
            }
            if customs.is_empty() && flaws.is_empty() {
                let name = sources.get(file.id);
                diagnostics.record(
                    Diagnostic::new(code::BAD_CRD, format!("{} holds no CustomResourceDefinition", name.name()))
                        .at(crate::source::Place::top(file.id), "nothing here defines a kind")
                        .help("keep other objects elsewhere: nothing in this folder is rendered"),
                );
            }
        }
    }

    /// The versions that are served of each kind of the files that were read, by `group/Kind`.
    pub(super) fn served(&self) -> BTreeMap<String, Vec<String>> {
        let mut served: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (customs, _) in self.files.iter().filter_map(|file| file.read.get()) {
            for custom in customs.iter().filter(|custom| custom.served) {
                let versions = served.entry(format!("{}/{}", custom.group, custom.kind)).or_default();
                versions.push(custom.version.to_string());
            }
        }
        for versions in served.values_mut() {
            versions.sort();
            versions.dedup();
        }
        served
    }

    /// A kind in one version, by `apiVersion/kind`.
    pub(super) fn find(&self, name: &str, sources: &Sources, bundle: &'static Bundle) -> Option<Brought<'_>> {
        if self.files.is_empty() {
            return None;
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        let spot = known.unwrap_or_else(|| {
            let spot = self.search(name, sources, bundle);
            self.known.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), spot);
            spot
        })?;
        let (customs, flaws) = self.files.get(spot.0)?.read.get()?;
        Some(Brought { custom: customs.get(spot.1)?, flaws })
    }

    fn search(&self, name: &str, sources: &Sources, bundle: &'static Bundle) -> Option<Spot> {
        let (api_version, kind) = name.rsplit_once('/')?;
        let (group, version) = api_version.split_once('/')?;
        let all = self.of(group, kind, sources, bundle);
        all.into_iter().find(|(_, custom)| custom.version.as_ref() == version).map(|(spot, _)| spot)
    }

    /// All versions of a kind of a group, and where they are.
    fn of<'r>(
        &'r self,
        group: &str,
        kind: &str,
        sources: &Sources,
        bundle: &'static Bundle,
    ) -> Vec<(Spot, &'r Custom)> {
        let mut found = Vec::new();
        for (index, file) in self.files.iter().enumerate() {
            let source = sources.get(file.id);
            if source.text().contains(group) && source.text().contains(kind) {
                let customs = file.read(sources, bundle).0.iter().enumerate();
                let same = customs.filter(|(_, custom)| custom.group.as_ref() == group && custom.kind.as_ref() == kind);
                found.extend(same.map(|(at, custom)| ((index, at), custom)));
            }
        }
        found
    }

    /// The versions of a kind of a group, in the order of their definition.
    pub(super) fn versions<'r>(
        &'r self,
        group: &str,
        kind: &str,
        sources: &Sources,
        bundle: &'static Bundle,
    ) -> Vec<&'r Custom> {
        self.of(group, kind, sources, bundle).into_iter().map(|(_, custom)| custom).collect()
    }
}

impl File {
    fn read(&self, sources: &Sources, bundle: &'static Bundle) -> &(Vec<Custom>, Vec<Diagnostic>) {
        self.read.get_or_init(|| {
            let mut found = Diagnostics::new();
            // What is wrong with it is kept beside what could be read.
            let customs = crd::read(self.id, sources, bundle, &mut found).unwrap_or_default();
            (customs, found.items().to_vec())
        })
    }
}
