//! `tenantctl release checkpoint`: one hash over a whole ledger, to be kept elsewhere.

use std::path::PathBuf;

use anyhow::Context;

use super::signing::{self, Signer};
use super::{environment, root};
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{Global, WRONG};
use crate::diagnostic::{Diagnostics, Failed};
use crate::output::single;
use crate::release::{Checkpoint, Ledger};

/// Print one hash over a whole ledger, to be kept elsewhere
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl release checkpoint prod -o prod.checkpoint
  tenantctl release verify prod --checkpoint prod.checkpoint

A ledger that is kept in one place can be cut by who may write there: the newest entries are missing,
and nothing shows it. A checkpoint that somebody else keeps shows it, also when the ledger has grown
since. The form is C2SP tlog-checkpoint.")]
pub(in crate::cli) struct Args {
    /// Environment or alias
    env: String,
    /// Write it to a file instead of printing it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    signer: Signer,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        root(&session)?;
        let mut diagnostics = Diagnostics::new();
        let text = self.text(&session, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(text) = text else { return Ok(code.max(WRONG)) };
        match &self.output {
            Some(file) => single::replace(file, text.as_bytes())?,
            None => print(&text).context("cannot write to standard output")?,
        }
        Ok(code)
    }

    fn text(&self, session: &Session, diagnostics: &mut Diagnostics) -> Result<String, Failed> {
        let environment = environment(session, Some(&self.env), diagnostics)?;
        let ledger = Ledger::read(session.world(), &environment, diagnostics)?;
        ledger.newest(diagnostics)?;
        let signing = signing::of_workspace(session);
        let key = self.signer.key(session, &signing, diagnostics)?;
        let checkpoint = Checkpoint::of(&ledger, ledger.entries().last(), &signing.origin(&environment));
        Ok(checkpoint.text(key.as_ref()))
    }
}
