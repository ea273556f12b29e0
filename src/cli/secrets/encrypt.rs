//! `tenantctl secrets encrypt`: a file of the workspace, encrypted.

use std::path::PathBuf;

use anyhow::Context;

use super::{held, named};
use crate::cli::Global;
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::output::single::{self, Guard, Swap};
use crate::secrets::Vault;
use crate::sops::{self, System};

/// Encrypt a file of the workspace
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets encrypt --in-place environments/prod/secrets/_environment.yml
  tenantctl secrets encrypt values.yml > values.enc.yml

Who can open it stands in tenantctl.yaml or .sops.yaml. A file that was committed in plain text
is in the history of version control as it was: draw new values for what is in it.")]
pub(super) struct Args {
    /// The file, in plain text
    file: PathBuf,
    /// Write the file itself, not standard output
    #[arg(long, short)]
    in_place: bool,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        session.with_workspace(|workspace, diagnostics| {
            let vault = Vault::of_workspace(workspace, diagnostics)?;
            let chosen = named(&session, &vault, &self.file, diagnostics)?;
            let path = session.root().map(|root| root.join(&chosen.file)).unwrap_or_default();
            let _guard = match Guard::of([path.as_path()]) {
                Ok(Some(guard)) => guard,
                Ok(None) => return Err(diagnostics.fail(held())),
                Err(error) => return Ok(Err(error)),
            };
            let (environment, now) = (chosen.environment.as_deref(), sops::moment(workspace.world().now()));
            let (before, after) = vault.encrypt(&chosen.file, environment, &now, &mut System, diagnostics)?;
            if !self.in_place {
                return Ok(print(&after).context("cannot write to standard output"));
            }
            let swap = Swap { path, before: Some(before.as_bytes()), after: after.as_bytes() };
            Ok(single::swap(&[swap]).map(|()| session.console.remark(&format!("encrypted {}", chosen.file))))
        })
    }
}
