//! Arguments that say what objects are held against.

use clap::Args;

use super::session::Session;
use crate::diagnostic::{Diagnostics, Failed};
use crate::kubernetes::{Kubernetes, Version};
use crate::workspace::Workspace;

/// What objects are held against.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Against {
    /// Hold objects against this version of Kubernetes, 1.31 to 1.36 [default: that of the workspace]
    #[arg(long, value_name = "VERSION", value_parser = version, help_heading = "Checks")]
    pub(super) kubernetes: Option<Version>,
    /// Know the kinds of CustomResourceDefinitions in a file or a directory, beside those in crds/ (repeatable)
    #[arg(long = "crd", value_name = "FILE|DIR", help_heading = "Checks")]
    pub(super) crds: Vec<String>,
}

impl Against {
    /// A workspace whose objects are held against this.
    pub(super) fn apply<'w>(
        &self,
        workspace: Workspace<'w>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Workspace<'w>, Failed> {
        workspace.against(self.kubernetes, &self.crds, diagnostics)
    }

    /// The Kubernetes that this says, outside of a workspace.
    pub(super) fn kubernetes(&self, session: &Session, diagnostics: &mut Diagnostics) -> Result<Kubernetes, Failed> {
        let mut kubernetes = Kubernetes::new(self.kubernetes.unwrap_or_default());
        for named in &self.crds {
            kubernetes.add(named, session.world(), &session.sources, diagnostics)?;
        }
        Ok(kubernetes)
    }
}

fn version(text: &str) -> Result<Version, String> {
    let known = || format!("versions are {} to {}", Version::OLDEST, Version::NEWEST);
    Version::parse(text).ok_or_else(known)
}
