//! Manifests that tenantctl did not make: what `helm template` prints, what a repository holds.
//!
//! In go the names of files and directories, out come findings: each object is held against the schema of its kind, and all
//! of them against each other. Texts are read as kubectl reads them, so that what is found is what the API server would
//! say. A set of files is rarely all there is, so what is merely not among them is a warning, unless they are said
//! to be [`complete`](Premises::complete). Nothing is written.

mod argument;
mod checking;
mod reading;
mod secrecy;

pub use argument::{is_file, is_spelled_like_file};

use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Failed};
use crate::integrity::External;
use crate::kubernetes::Kubernetes;
use crate::manifest::Manifest;
use crate::source::{FileId, Sources};
use crate::workspace::Workspace;
use crate::world::World;

/// Manifests that were read.
#[derive(Debug)]
pub struct Foreign {
    manifests: Vec<Manifest>,
    /// The files that define kinds for the others.
    definitions: Vec<FileId>,
    files: usize,
}

/// What manifests are held against.
#[derive(Clone, Debug)]
pub struct Premises<'a> {
    /// What the API server takes.
    pub kubernetes: &'a Kubernetes,
    external: &'a [External],
    /// Whether there is a workspace, which can say what others make.
    workspace: bool,
    /// Where objects live that name no namespace.
    pub namespace: Arc<str>,
    /// Whether the files are all there is, so that what is not among them is not there.
    pub complete: bool,
}

impl<'a> Premises<'a> {
    /// Those outside of a workspace.
    pub fn new(kubernetes: &'a Kubernetes) -> Self {
        Self { kubernetes, external: &[], workspace: false, namespace: "default".into(), complete: false }
    }

    /// Those of a workspace, which knows what others make.
    pub fn of(workspace: &'a Workspace<'_>) -> Self {
        Self { external: workspace.external(), workspace: true, ..Self::new(workspace.kubernetes()) }
    }
}

impl Foreign {
    /// Reads what the command line names: files, directories with files that end with .yaml, .yml or .json, and `-` for
    /// standard input. What cannot be read is recorded, and the rest is read.
    pub fn read(named: &[String], world: &dyn World, sources: &Sources, diagnostics: &mut Diagnostics) -> Self {
        let mut foreign = Self { manifests: Vec::new(), definitions: Vec::new(), files: 0 };
        for name in argument::files(named, world, diagnostics) {
            reading::file(&name, world, sources, &mut foreign, diagnostics);
        }
        foreign
    }

    /// The objects, as they were read: nothing is known of them.
    pub(crate) fn manifests(&self) -> &[Manifest] {
        &self.manifests
    }

    /// Records what is wrong with the objects.
    pub fn check(
        self,
        premises: &Premises<'_>,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        checking::check(self, premises, sources, diagnostics)
    }

    /// Number of objects.
    pub fn objects(&self) -> usize {
        self.manifests.len()
    }

    /// Number of files that were read.
    pub fn files(&self) -> usize {
        self.files
    }
}
