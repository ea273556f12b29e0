//! `tenantctl release prune`: gives up the stored files of old releases.

use std::path::Path;

use super::signing::{self, Signer};
use super::{environment, root};
use crate::cli::session::Session;
use crate::cli::{Global, WRONG};
use crate::diagnostic::{Diagnostics, Failed};
use crate::release::{Book, Ledger, Prune, Stamp};

/// Give up the stored files of old releases; their entries stay
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  tenantctl release prune prod --keep 50

The chain of entries stays whole. A new entry says which releases cannot be shown, compared or brought
back any more. Files that a kept release of any environment has stay, and what interrupted runs left
behind is removed.")]
pub(in crate::cli) struct Args {
    /// Environment or alias
    env: String,
    /// How many of the newest releases keep their files
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: u32,
    /// Say what would be given up, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    signer: Signer,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let root = root(&session)?;
        let mut diagnostics = Diagnostics::new();
        let prune = self.prune(&session, root, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(prune) = prune else { return Ok(code.max(WRONG)) };
        session.console.remark(&prune.line());
        Ok(code)
    }

    fn prune(&self, session: &Session, root: &Path, diagnostics: &mut Diagnostics) -> Result<Prune, Failed> {
        let environment = environment(session, Some(&self.env), diagnostics)?;
        let stamp = Stamp::new(session.world(), root, diagnostics)?;
        let key = self.signer.key(session, &signing::of_workspace(session), diagnostics)?;
        let book = Book::open(root, key, &session.sources, diagnostics)?;
        let ledger = Ledger::read(session.world(), &environment, diagnostics)?;
        let keep = usize::try_from(self.keep).unwrap_or(usize::MAX);
        let prune = Prune::plan(session.world(), &ledger, keep, &stamp, diagnostics)?;
        if !self.dry_run {
            book.prune(&prune, diagnostics)?;
        }
        Ok(prune)
    }
}
