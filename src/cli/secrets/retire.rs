//! `tenantctl secrets retire`: what secrets were before is forgotten.

use super::{Owner, change, told};
use crate::cli::Global;
use crate::cli::session::Session;

/// Forget what secrets were before they were last changed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets retire prod
  tenantctl secrets retire prod database.password

Do this once nothing uses the values from before any more.")]
pub(super) struct Args {
    #[command(flatten)]
    owner: Owner,
    /// Only of these
    names: Vec<String>,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let mut said = Vec::new();
        let (code, _) = change(
            &session,
            |vault, diagnostics| match self.names.as_slice() {
                [] => self.owner.files(vault, diagnostics),
                _ => self.owner.file(vault, diagnostics).map(|file| vec![file]),
            },
            |_, change, diagnostics| {
                change.held_to_terms(diagnostics)?;
                for name in change.retire(&self.names, diagnostics)? {
                    said.push(format!("forgot what {name} was in {}", change.file()));
                }
                Ok(Ok(()))
            },
        )?;
        if said.is_empty() {
            said.push("nothing is kept from before".to_owned());
        }
        Ok(told(&session, code, &said))
    }
}
