//! `tenantctl secrets init`: the file of an environment's or a tenant's secrets, with values that can be drawn.

use super::{Owner, change, told};
use crate::cli::Global;
use crate::cli::session::Session;
use crate::diagnostic::count;
use crate::sops::System;

/// Make the file of secrets, and draw the declared values that are not in it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets init prod
  tenantctl secrets init prod --tenant acme-corp

Values are declared below `secrets: {values: ..}` in tenantctl.yaml. What is there is left
alone, so that this can run again.")]
pub(super) struct Args {
    #[command(flatten)]
    owner: Owner,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let mut said = Vec::new();
        let (code, written) = change(
            &session,
            |vault, diagnostics| self.owner.file(vault, diagnostics).map(|file| vec![file]),
            |vault, change, diagnostics| {
                change.held_to_terms(diagnostics)?;
                let made = if change.is_new() { "made" } else { "kept" };
                let recipients = count(change.opened().recipients().len(), "recipient");
                said.push(format!("{made} {}, for {recipients}", change.file()));
                let there = change.names();
                for (name, known) in &vault.workspace().secrets().values {
                    match &known.generator {
                        Some(generator) if !change.has_drawn(name, generator) => {
                            change.draw(name, generator, &mut System, diagnostics)?;
                            said.push(format!("drew {name}: {}", generator.describe()));
                        }
                        None if there.iter().all(|there| **there != **name) => {
                            said.push(format!("left {name} to be set: nothing says how to draw it"));
                        }
                        _ => {}
                    }
                }
                Ok(Ok(()))
            },
        )?;
        if written == 0 {
            said.push("nothing to do".to_owned());
        }
        Ok(told(&session, code, &said))
    }
}
