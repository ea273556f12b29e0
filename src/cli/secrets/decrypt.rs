//! `tenantctl secrets decrypt`: all that a file holds.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context;

use super::named;
use crate::cli::Global;
use crate::cli::session::Session;
use crate::output::single;
use crate::secrets::Vault;

/// Print all that an encrypted file holds, or write it to a private file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets decrypt environments/prod/secrets/_environment.yml | yq .database
  tenantctl secrets decrypt environments/prod/secrets/acme-corp.yml -o /run/user/1000/acme.yml")]
pub(super) struct Args {
    /// The file
    file: PathBuf,
    /// Write it to a file that nobody else may read
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print it also if standard output is a terminal
    #[arg(long, conflicts_with = "output")]
    reveal: bool,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        if self.output.is_none() && !self.reveal && io::stdout().is_terminal() {
            anyhow::bail!(
                "standard output is a terminal, where secrets stay in sight: use a pipe, -o FILE or --reveal"
            );
        }
        session.with_workspace(|workspace, diagnostics| {
            let vault = Vault::of_workspace(workspace, diagnostics)?;
            let chosen = named(&session, &vault, &self.file, diagnostics)?;
            let sealed = vault.read(&chosen.file, chosen.environment.as_deref(), diagnostics)?;
            let text = sealed.open(vault.identities(diagnostics)?, diagnostics)?.text();
            if let Some(output) = &self.output {
                return Ok(single::private(output, text.as_bytes()));
            }
            let mut out = io::stdout().lock();
            let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            Ok(written.context("cannot write to standard output"))
        })
    }
}
