//! Output of an earlier run, read back: `DIR/<environment>[+override]/<tenant>/manifest.yaml`, and `files/` beside it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::artifact::Artifact;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::file::{self, Reason};
use crate::manifest::Manifest;
use crate::output::ARTIFACTS;
use crate::source::Sources;
use crate::target::ENVIRONMENT;
use crate::world::{Disk, Memory, Unreadable, World};
use crate::yaml::{self, Limits};

/// Most bytes of one file of the output, as much as a target may render.
const LARGEST: u64 = 64 << 20;

/// The file of each target.
const FILE: &str = "manifest.yaml";

/// The rendered objects of one environment.
pub struct Rendered {
    world: Box<dyn World>,
    sources: Sources,
    /// The part for this environment: `prod+high_availability`.
    folder: String,
    tenants: Vec<Option<Arc<str>>>,
    /// All files there are, sorted.
    files: Vec<String>,
}

impl Rendered {
    /// Opens a directory that `render -o` wrote. `folder` is the part for the environment and its overrides; tenants
    /// that `chosen` does not hold for are left out. `environments` are those there may be output of.
    pub fn open(
        directory: &Path,
        folder: &str,
        environments: &[&str],
        chosen: impl Fn(Option<&str>) -> bool,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let shown = directory.display().to_string();
        let world = Disk::new(directory).map_err(|why| {
            let diagnostic = Diagnostic::new(code::NO_OUTPUT, format!("there is no directory {shown}"));
            diagnostics.fail(match why {
                Unreadable::Missing => diagnostic.help("name the directory that `tenantctl render ENV -o DIR` wrote"),
                why => file::unreadable(&shown, &why, &reason()),
            })
        })?;
        Self::read(Box::new(world), &shown, folder, environments, chosen, diagnostics)
    }

    fn read(
        world: Box<dyn World>,
        shown: &str,
        folder: &str,
        environments: &[&str],
        chosen: impl Fn(Option<&str>) -> bool,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let mut files = world
            .list(folder)
            .map_err(|why| diagnostics.fail(file::unreadable(&format!("{shown}/{folder}"), &why, &reason())))?;
        let tenant = |file: &String| -> Option<Option<Arc<str>>> {
            let name = file.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(FILE)?.strip_suffix('/')?;
            if name == ENVIRONMENT { Some(None) } else { (!name.contains('/')).then(|| Some(name.into())) }
        };
        let mut tenants: BTreeSet<Option<Arc<str>>> = files.iter().filter_map(tenant).collect();
        if tenants.is_empty() {
            return Err(diagnostics.fail(none(shown, folder, environments, world.as_ref())));
        }
        // An environment without objects of its own has no file for them.
        tenants.insert(None);
        let tenants = tenants.into_iter().filter(|tenant| chosen(tenant.as_deref())).collect();
        let sources = Sources::within(&format!("{}/", shown.trim_end_matches('/')));
        files.sort();
        Ok(Self { world, sources, folder: folder.to_owned(), tenants, files })
    }

    /// Output that was stored: texts by path below the folder of the environment, for these targets. Those whose texts are not
    /// given have nothing. Places in them are told below `name`.
    pub(crate) fn stored(name: &str, folder: &str, targets: &[String], texts: Vec<(String, String)>) -> Self {
        let mut world = Memory::new();
        let mut files = Vec::with_capacity(texts.len());
        for (path, text) in texts {
            let file = format!("{folder}/{path}");
            world = world.file(&file, text);
            files.push(file);
        }
        files.sort();
        let tenant = |target: &String| (target != ENVIRONMENT).then(|| target.as_str().into());
        let mut tenants: BTreeSet<Option<Arc<str>>> = targets.iter().map(tenant).collect();
        tenants.insert(None);
        let sources = Sources::within(&format!("{name}: "));
        let tenants = tenants.into_iter().collect();
        Self { world: Box::new(world), sources, folder: folder.to_owned(), tenants, files }
    }

    /// What it is called: the directory, with the part for the environment.
    pub fn name(&self) -> String {
        self.sources.in_workspace(&self.folder)
    }

    /// The texts that were read.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(super) fn tenants(&self) -> &[Option<Arc<str>>] {
        &self.tenants
    }

    /// Whether there is anything of the environment itself.
    pub(super) fn has_own(&self) -> bool {
        self.below(&self.of(None, "")).next().is_some()
    }

    fn of(&self, tenant: Option<&Arc<str>>, path: &str) -> String {
        format!("{}/{}/{path}", self.folder, tenant.map_or(ENVIRONMENT, AsRef::as_ref))
    }

    /// The files whose names begin like this, each with the rest of its name.
    fn below(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        let from = self.files.partition_point(|file| file.as_str() < prefix);
        let rest = self.files.get(from..).unwrap_or_default();
        rest.iter().map_while(move |file| Some((file.as_str(), file.strip_prefix(prefix)?)))
    }

    /// The files of a target that are no manifests.
    pub(super) fn artifacts(
        &self,
        tenant: Option<&Arc<str>>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Artifact>, Failed> {
        let folder = self.of(tenant, ARTIFACTS) + "/";
        let read = |(file, path): (&str, &str)| {
            let id = file::load_up_to(LARGEST, self.world.as_ref(), &self.sources, file, &reason(), diagnostics)?;
            Ok((path.into(), Arc::clone(self.sources.get(id).text())))
        };
        self.below(&folder).map(read).collect()
    }

    /// The objects of a target.
    pub(super) fn objects(
        &self,
        tenant: Option<&Arc<str>>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Manifest>, Failed> {
        // An environment may have no objects of its own.
        let name = self.of(tenant, FILE);
        if self.files.binary_search(&name).is_err() {
            return Ok(Vec::new());
        }
        let id = file::load_up_to(LARGEST, self.world.as_ref(), &self.sources, &name, &reason(), diagnostics)?;
        let source = self.sources.get(id);
        let documents = yaml::read_stream(id, source.text(), &Limits::RENDERED, diagnostics)?;
        let mark = diagnostics.mark();
        let template: Arc<str> = source.path().into();
        let mut objects = Vec::with_capacity(documents.len());
        for document in documents {
            match Manifest::new(document.to_node(), &template) {
                Ok(manifest) => objects.push(manifest),
                Err(diagnostic) => diagnostics.record(*diagnostic),
            }
        }
        diagnostics.since(mark).map(|()| objects)
    }
}

fn reason() -> Reason {
    Reason { place: None, what: "output of an earlier run".to_owned() }
}

/// What there is instead of the output that was asked for.
fn none(shown: &str, folder: &str, environments: &[&str], world: &dyn World) -> Diagnostic {
    let there = |name: &&&str| world.list(name).is_ok_and(|files| !files.is_empty());
    let others: Vec<&str> = environments.iter().filter(there).copied().collect();
    let mut parts = folder.split('+');
    let environment = parts.next().unwrap_or_default();
    let overrides: String = parts.map(|name| format!(" --override {name}")).collect();
    let diagnostic = Diagnostic::new(code::NO_OUTPUT, format!("{shown} has no output of {folder}"))
        .help(format!("`tenantctl render {environment}{overrides} -o {shown}` writes it"));
    if others.is_empty() { diagnostic } else { diagnostic.note(format!("it has {}", others.join(", "))) }
}
