//! What Kubernetes takes: objects are held against the schemas of a version, without a cluster and without a network.
//!
//! In goes an object, out come the `Problem`s that the API server would refuse it for, or warn of. `bundle` has the
//! schemas of Kubernetes' own kinds for every [`Version`], the `registry` those of the CustomResourceDefinitions in the
//! files of a workspace, which `crd` reads. Each becomes a `structural` schema when it is needed, and an
//! `inspection` holds the object against it. `retired` knows which versions of APIs are on their way out, and a
//! `stranger` is a kind that nobody knows.

mod bundle;
mod crd;
mod inspection;
mod problem;
mod registry;
mod retired;
mod stranger;
mod structural;
mod version;

pub(crate) use problem::Problem;
pub use version::Version;

use bundle::Bundle;
use registry::Registry;
use stranger::Stranger;

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed};
use crate::source::{FileId, Sources};
use crate::tree::Node;
use crate::world::World;

/// Whether a minor version of Kubernetes serves a kind of its own; `None` for kinds that others bring.
pub(crate) fn is_served(minor: u8, api_version: &str, kind: &str) -> Option<bool> {
    let version = Version::minor(minor);
    if let Some(retired) = retired::retired(api_version, kind) {
        return Some(retired.removed.is_none_or(|removed| removed > version));
    }
    let known = Version::parse(&version.to_string())?;
    if Bundle::of(known).kind(&[api_version, "/", kind].concat()).is_some() {
        return Some(true);
    }
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    crate::check::is_namespaced(group, kind).map(|_| false)
}

/// A version of Kubernetes, and the kinds it knows.
#[derive(Debug)]
pub struct Kubernetes {
    version: Version,
    bundle: &'static Bundle,
    registry: Registry,
    /// What is said of kinds that there is no schema of, by `apiVersion/kind`: every tenant has an object of them.
    strangers: RwLock<IndexMap<Box<str>, Problem>>,
}

/// What is found about an object.
#[derive(Debug, Default)]
pub(crate) struct Verdict<'k> {
    /// What is wrong with it.
    pub(crate) problems: Vec<Problem>,
    /// What is wrong with the file that defines its kind.
    pub(crate) flaws: &'k [Diagnostic],
}

impl Kubernetes {
    /// A version with its own kinds.
    pub fn new(version: Version) -> Self {
        let (registry, strangers) = (Registry::default(), RwLock::default());
        Self { version, bundle: Bundle::of(version), registry, strangers }
    }

    /// A version with its own kinds and those that a workspace brings in `crds/`.
    pub fn of_workspace(
        version: Version,
        world: &dyn World,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        Ok(Self { registry: Registry::load(world, sources, diagnostics)?, ..Self::new(version) })
    }

    /// The same kinds of CustomResourceDefinitions beside those of another version.
    #[must_use]
    pub fn with_version(self, version: Version) -> Self {
        Self { version, bundle: Bundle::of(version), registry: self.registry.unread(), strangers: RwLock::default() }
    }

    /// Takes in the definitions that a command line names: a file, or the files of a directory.
    pub fn add(
        &mut self,
        named: &str,
        world: &dyn World,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        self.registry.add_named(named, world, sources, diagnostics)
    }

    /// The same, with the kinds that files define among other objects; records what is wrong with the definitions.
    pub(crate) fn knowing(&self, files: &[FileId], sources: &Sources, diagnostics: &mut Diagnostics) -> Self {
        let registry = Registry::before(files.iter().copied(), &self.registry);
        for file in files {
            registry.read_one(*file, sources, self.bundle, diagnostics);
        }
        Self { registry, ..Self::new(self.version) }
    }

    /// The version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The files that bring kinds.
    pub(crate) fn files(&self) -> impl Iterator<Item = FileId> {
        self.registry.files()
    }

    /// Reads every file that brings kinds, also those that no object needs, and records what is wrong with them.
    pub fn read_all(&self, sources: &Sources, diagnostics: &mut Diagnostics) {
        self.registry.read_all(sources, self.bundle, diagnostics);
    }

    /// The versions that are served of each kind that files bring, by `group/Kind`.
    pub(crate) fn served(&self, sources: &Sources) -> BTreeMap<String, Vec<String>> {
        // What is wrong with the files is said where objects are held against them.
        self.registry.read_all(sources, self.bundle, &mut Diagnostics::new());
        self.registry.served()
    }

    /// Whether objects of a kind that a file brings live in a namespace; `None` if no file does.
    pub(crate) fn is_namespaced(&self, api_version: &str, kind: &str, sources: &Sources) -> Option<bool> {
        let brought = self.registry.find(&[api_version, "/", kind].concat(), sources, self.bundle)?;
        Some(brought.custom.namespaced)
    }

    /// What is found about an object that has an `apiVersion` and a `kind`.
    pub(crate) fn check(&self, object: &Node, sources: &Sources) -> Verdict<'_> {
        let text = |key| object.str_at(&[key]).unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let name = [api_version, "/", kind].concat();
        if let Some(found) = self.bundle.kind(&name) {
            let mut problems = inspection::inspect(found.schema, self.bundle, object);
            let retired = found.retired.as_ref().filter(|retired| retired.deprecated <= self.version);
            problems.extend(retired.map(|retired| stranger::deprecated(api_version, kind, retired, object)));
            return Verdict { problems, flaws: &[] };
        }
        let Some(brought) = self.registry.find(&name, sources, self.bundle).filter(|brought| brought.custom.served)
        else {
            return Verdict { problems: vec![self.stranger(&name, object, sources)], flaws: &[] };
        };
        let mut problems = inspection::inspect(&brought.custom.schema, self.bundle, object);
        if brought.custom.deprecated {
            problems.push(stranger::custom_deprecated(brought.custom, object));
        }
        Verdict { problems, flaws: brought.flaws }
    }

    /// There is no schema for a kind, called by `apiVersion/kind`.
    fn stranger(&self, name: &str, object: &Node, sources: &Sources) -> Problem {
        let known = self.strangers.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let problem = known.unwrap_or_else(|| {
            let (api_version, kind) = name.rsplit_once('/').unwrap_or(("", name));
            let group = api_version.split_once('/').map_or("", |(group, _)| group);
            let customs = self.registry.versions(group, kind, sources, self.bundle);
            let stranger = Stranger { version: self.version, bundle: self.bundle, customs, api_version, kind };
            let problem = stranger.problem(object);
            self.strangers.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), problem.clone());
            problem
        });
        problem.at_its_field(object)
    }
}
