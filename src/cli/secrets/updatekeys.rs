//! `tenantctl secrets updatekeys`: files are encrypted to whom the root of the workspace names.

use super::{Owner, change, told};
use crate::cli::Global;
use crate::cli::session::Session;
use crate::sops::System;

/// Encrypt the files of an environment to those who should be able to open them
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  tenantctl secrets updatekeys prod

Who that is stands in tenantctl.yaml or .sops.yaml. Values keep their bytes when somebody is
only added; when somebody is removed, the files get a new key. That one can no longer open them,
but has seen the values: draw new ones with `tenantctl secrets rotate ENV --values`.")]
pub(super) struct Args {
    #[command(flatten)]
    owner: Owner,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let mut said = Vec::new();
        let (code, _) = change(
            &session,
            |vault, diagnostics| self.owner.files(vault, diagnostics),
            |_, change, diagnostics| {
                let (gone, new) = change.differing();
                if gone.is_empty() && new.is_empty() {
                    let done = if change.renew() { "brought up to date" } else { "unchanged" };
                    said.push(format!("{done}: {}", change.file()));
                    return Ok(Ok(()));
                }
                change.share(&mut System, diagnostics)?;
                let names = |word: &str, names: &[String]| match names {
                    [] => String::new(),
                    names => format!("\n  {word} {}", names.join(&format!("\n  {word} "))),
                };
                said.push(format!("updated {}{}{}", change.file(), names("removed", &gone), names("added", &new)));
                Ok(Ok(()))
            },
        )?;
        Ok(told(&session, code, &said))
    }
}
