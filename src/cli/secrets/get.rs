//! `tenantctl secrets get`: one secret, into a pipe.

use std::io::{self, IsTerminal, Write};

use anyhow::Context;

use super::Owner;
use crate::cli::Global;
use crate::cli::session::Session;
use crate::secrets::{Vault, unknown};

/// Print one secret to a pipe or a file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets get prod database.password | pbcopy
  PGPASSWORD=$(tenantctl secrets get prod database.password --tenant acme-corp) psql ..
  tenantctl secrets get prod database.password --reveal

The value is printed as it is, without a line end. With --tenant it is what that tenant sees:
its own value, else that of the environment.")]
pub(super) struct Args {
    #[command(flatten)]
    owner: Owner,
    /// The name
    name: String,
    /// Print it also if standard output is a terminal
    #[arg(long)]
    reveal: bool,
    /// Print the value that was there before the last one
    #[arg(long)]
    previous: bool,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let terminal = io::stdout().is_terminal();
        if terminal && !self.reveal {
            anyhow::bail!("standard output is a terminal, where a secret stays in sight: use a pipe, or --reveal");
        }
        session.with_workspace(|workspace, diagnostics| {
            let vault = Vault::of_workspace(workspace, diagnostics)?;
            let environment = self.owner.environment(&vault, diagnostics)?;
            let tenant = self.owner.tenant.as_deref();
            let contents = vault.contents_of(&environment, tenant, diagnostics)?;
            let found = if self.previous { contents.previous(&self.name) } else { contents.get(&self.name) };
            let Some(content) = found else {
                let place = if self.previous {
                    "what is kept from before".to_owned()
                } else {
                    format!("the files of {environment}")
                };
                let names = if self.previous { Vec::new() } else { contents.names() };
                return Err(diagnostics.fail(unknown(&self.name, &place, &names)));
            };
            let mut out = io::stdout().lock();
            let end = if terminal { "\n" } else { "" };
            let written = out.write_all(content.plain.reveal().as_bytes()).and_then(|()| out.write_all(end.as_bytes()));
            Ok(written.and_then(|()| out.flush()).context("cannot write to standard output"))
        })
    }
}
