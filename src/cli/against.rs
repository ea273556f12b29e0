//! Arguments that say what objects are held against.

use clap::Args;

use crate::diagnostic::{Diagnostics, Failed};
use crate::kubernetes::Version;
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
}

fn version(text: &str) -> Result<Version, String> {
    let known = || format!("versions are {} to {}", Version::OLDEST, Version::NEWEST);
    Version::parse(text).ok_or_else(known)
}
