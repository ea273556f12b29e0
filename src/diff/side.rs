//! One side of a comparison: a workspace as compiled, or output as rendered.

use std::sync::Arc;

use super::artifact::Artifact;
use super::rendered::Rendered;
use crate::artifact;
use crate::check::Approved;
use crate::diagnostic::{Diagnostics, Failed};
use crate::layers::Layers;
use crate::manifest::Manifest;
use crate::pipeline::Compiler;
use crate::source::{FileId, Sources};
use crate::target::Target;
use crate::template::Templates;
use crate::tree::Node;
use crate::validate::Validated;
use crate::workspace::Workspace;

/// One side of a comparison.
pub enum Side<'a> {
    /// Targets of a workspace, as they are compiled.
    Compiled {
        /// The workspace.
        workspace: &'a Workspace<'a>,
        /// Its compiler.
        compiler: &'a Compiler<'a>,
        /// Its templates.
        templates: &'a Templates,
        /// The targets, the environment itself first.
        targets: Vec<Target>,
    },
    /// What was rendered into a directory, or stored.
    Rendered(&'a Rendered),
}

/// What a side has of a target.
#[derive(Default)]
pub(super) struct Held {
    /// `None` where only objects are known, and for the environment itself, whose configuration is the tenants'.
    pub(super) configuration: Option<Node>,
    pub(super) objects: Vec<Manifest>,
    /// The files that are no manifests.
    pub(super) artifacts: Vec<Artifact>,
}

impl Side<'_> {
    /// The texts that places on this side are in.
    pub(crate) fn sources(&self) -> &Sources {
        match self {
            Self::Compiled { workspace, .. } => workspace.sources(),
            Self::Rendered(rendered) => rendered.sources(),
        }
    }

    /// The tenants, and `None` for the environment itself.
    pub(super) fn tenants(&self) -> Vec<Option<Arc<str>>> {
        match self {
            Self::Compiled { targets, .. } => targets.iter().map(|target| target.tenant().cloned()).collect(),
            Self::Rendered(rendered) => rendered.tenants().to_vec(),
        }
    }

    /// Whether there may be objects of the environment itself.
    pub(super) fn has_own(&self) -> bool {
        match self {
            Self::Compiled { templates, .. } => templates.has_own(),
            Self::Rendered(rendered) => rendered.has_own(),
        }
    }

    fn target(&self, tenant: Option<&Arc<str>>) -> Option<&Target> {
        match self {
            // The environment first, then tenants by id.
            Self::Compiled { targets, .. } => {
                targets.binary_search_by(|target| target.tenant().cmp(&tenant)).ok().and_then(|at| targets.get(at))
            }
            Self::Rendered(_) => None,
        }
    }

    /// The layers of a target, read; `None` on a side that has none.
    pub(super) fn layers(
        &self,
        tenant: Option<&Arc<str>>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<Layers>, Failed> {
        let (Self::Compiled { compiler, .. }, Some(target)) = (self, self.target(tenant)) else { return Ok(None) };
        let mut found = diagnostics.for_target(&target.to_string());
        let layers = compiler.layers(target, &mut found);
        diagnostics.extend(found);
        layers.map(Some)
    }

    /// The configuration and the objects of a target, once more; what is wrong with it was said.
    pub(crate) fn again(&self, tenant: Option<&Arc<str>>) -> Option<(Validated, Approved)> {
        let (Self::Compiled { compiler, templates, .. }, Some(target)) = (self, self.target(tenant)) else {
            return None;
        };
        let mut ignored = Diagnostics::new();
        let layers = compiler.layers(target, &mut ignored).ok()?;
        compiler.compiled(templates, &layers, &mut ignored).ok()
    }

    /// What there is of a target.
    pub(super) fn held(
        &self,
        tenant: Option<&Arc<str>>,
        layers: Option<&Layers>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Held, Failed> {
        match (self, layers) {
            (Self::Rendered(rendered), _) => {
                let objects = rendered.objects(tenant, diagnostics)?;
                Ok(Held { configuration: None, objects, artifacts: rendered.artifacts(tenant, diagnostics)? })
            }
            (Self::Compiled { compiler, templates, .. }, Some(layers)) => {
                // Nothing of the environment itself is rendered.
                if tenant.is_none() && !self.has_own() {
                    return Ok(Held::default());
                }
                let mut found = diagnostics.for_target(&layers.target().to_string());
                let compiled = compiler.compiled(templates, layers, &mut found);
                diagnostics.extend(found);
                let (configuration, approved) = compiled?;
                let configuration = tenant.map(|_| configuration.root().clone());
                let artifact = |artifact: &artifact::Artifact| (Arc::clone(artifact.path()), artifact.text().into());
                let artifacts = approved.artifacts().iter().map(artifact).collect();
                Ok(Held { configuration, objects: approved.manifests().to_vec(), artifacts })
            }
            (Self::Compiled { .. }, None) => Ok(Held::default()),
        }
    }

    /// Lets go of what only this target is made of.
    pub(super) fn release(&self, tenant: Option<&Arc<str>>) {
        if let (Self::Compiled { workspace, .. }, Some(target)) = (self, self.target(tenant)) {
            workspace.release(target);
        }
    }

    /// Names and digests of the files that all targets are made from; `None` where that is not known.
    pub(super) fn common(&self) -> Option<Vec<(Arc<str>, blake3::Hash)>> {
        match self {
            Self::Compiled { workspace, templates, .. } => {
                Some(digests(self.sources(), workspace.files().chain(templates.sources())))
            }
            Self::Rendered(_) => None,
        }
    }

    /// Names and digests of the files that a target alone is made from.
    pub(super) fn own(&self, layers: &Layers) -> Vec<(Arc<str>, blake3::Hash)> {
        digests(self.sources(), layers.stack().iter().map(|layer| layer.document.file))
    }
}

fn digests(sources: &Sources, files: impl Iterator<Item = FileId>) -> Vec<(Arc<str>, blake3::Hash)> {
    let digest = |file| {
        let source = sources.get(file);
        (Arc::clone(source.name()), *source.digest())
    };
    files.map(digest).collect()
}
