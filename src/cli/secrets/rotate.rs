//! `tenantctl secrets rotate`: a new key for files, or new values for secrets.

use super::{Owner, change, told};
use crate::cli::Global;
use crate::cli::session::Session;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean, listed};
use crate::secrets::{Generator, Vault};
use crate::sops::System;

/// Encrypt files with a new key, or draw new values
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets rotate prod
  tenantctl secrets rotate prod --values
  tenantctl secrets rotate prod --tenant acme-corp --values database.password

Without --values every value stays what it is and is encrypted with a new key. With --values all
secrets that tenantctl.yaml says how to draw get new values, or those that are named; the ones
before are kept until `tenantctl secrets retire`, so that both can be accepted meanwhile.")]
pub(super) struct Args {
    #[command(flatten)]
    owner: Owner,
    /// Draw new values of these secrets, or of all that can be drawn
    #[arg(long, value_name = "NAME", num_args = 0..)]
    values: Option<Vec<String>>,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let mut said = Vec::new();
        let (code, _) = change(
            &session,
            |vault, diagnostics| {
                self.drawn(vault, diagnostics)?;
                self.owner.files(vault, diagnostics)
            },
            |vault, change, diagnostics| {
                change.held_to_terms(diagnostics)?;
                let Some(chosen) = &self.values else {
                    change.rekey(&mut System, diagnostics)?;
                    said.push(format!("encrypted {} with a new key", change.file()));
                    return Ok(Ok(()));
                };
                for (name, generator) in self.drawn(vault, diagnostics)? {
                    if change.has_drawn(name, generator)
                        && (chosen.is_empty() || chosen.iter().any(|chosen| chosen == name))
                    {
                        change.draw(name, generator, &mut System, diagnostics)?;
                        said.push(format!("drew {name} in {}: {}", change.file(), generator.describe()));
                    }
                }
                Ok(Ok(()))
            },
        )?;
        if said.is_empty() {
            said.push("nothing was drawn: no file has a secret that tenantctl.yaml says how to draw".to_owned());
        }
        Ok(told(&session, code, &said))
    }

    /// What the settings say how to draw; names that they do not are an error.
    fn drawn<'w>(
        &self,
        vault: &Vault<'w>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<(&'w str, &'w Generator)>, Failed> {
        let values = vault.workspace().secrets().values.iter();
        let drawn: Vec<(&str, &Generator)> =
            values.filter_map(|(name, known)| Some((name.as_ref(), known.generator.as_ref()?))).collect();
        let known = || drawn.iter().map(|(known, _)| *known);
        let unknown = self.values.iter().flatten().find(|name| !known().any(|known| known == name.as_str()));
        match unknown {
            None => Ok(drawn),
            Some(name) => Err(diagnostics.fail(
                Diagnostic::new(code::UNKNOWN_SECRET, format!("nothing says how to draw `{name}`"))
                    .maybe_help(did_you_mean(name, known()))
                    .note(format!("what can be drawn: {}", listed(known())))
                    .help("declare it in tenantctl.yaml: `secrets: {values: {NAME: {generate: {password: {length: 32}}}}}`"),
            )),
        }
    }
}
