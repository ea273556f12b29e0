//! `tenantctl secrets unset`: removes a secret.

use super::{Owner, change};
use crate::cli::session::Session;
use crate::cli::{FINE, Global};

/// Remove a secret from its file
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  tenantctl secrets unset prod database.password

What is in the history of version control stays there, encrypted.")]
pub(super) struct Args {
    #[command(flatten)]
    owner: Owner,
    /// The name
    name: String,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let mut file = String::new();
        let (code, _) = change(
            &session,
            |vault, diagnostics| {
                let chosen = self.owner.file(vault, diagnostics)?;
                if !vault.workspace().world().has(&chosen.file) {
                    return Err(diagnostics.fail(crate::secrets::unknown(&self.name, &chosen.file, &[])));
                }
                Ok(vec![chosen])
            },
            |_, change, diagnostics| {
                change.held_to_terms(diagnostics)?;
                change.file().clone_into(&mut file);
                change.unset(&self.name, diagnostics).map(Ok)
            },
        )?;
        if code == FINE {
            session.console.remark(&format!("removed {} from {file}", self.name));
        }
        Ok(code)
    }
}
