//! `tenantctl release rollback`: brings an older release back.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::signing::{self, Allowed, Signer};
use super::{environment, root};
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{Global, WRONG};
use crate::diagnostic::{Diagnostics, Failed};
use crate::output::{Tree, directory};
use crate::release::{Book, Ledger, Number, Restored, Stamp};

/// Bring an older release back, from the files that were stored
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl release rollback prod --to-version 6 | kubectl apply -f -
  tenantctl release rollback prod --to-version 6 -o rendered

Nothing is rendered: what was released comes back, byte for byte, also where the workspace has moved
on. It is a new release, entered into the ledger; no entry is removed. The whole ledger and every file
of that release are verified first. Secrets are not rolled back. Objects that came later are not
removed by `kubectl apply`: `tenantctl release diff` names them.")]
pub(in crate::cli) struct Args {
    /// Environment or alias
    env: String,
    /// The release that comes back, such as 6
    #[arg(long, value_name = "N")]
    to_version: Number,
    /// Write the files to DIR, as `render -o` does, instead of printing the objects
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// With -o: remove the files of any number of tenants that are gone
    #[arg(long, requires = "output")]
    prune_all: bool,
    /// Go back to a lower version of Kubernetes, of definitions and of objects, which is refused otherwise
    #[arg(long)]
    allow_downgrade: bool,
    #[command(flatten)]
    signer: Signer,
    #[command(flatten)]
    allowed: Allowed,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let root = root(&session)?;
        let mut diagnostics = Diagnostics::new();
        let restored = self.restore(&session, root, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(restored) = restored else { return Ok(code.max(WRONG)) };
        session.console.remark(&restored.line());
        session.console.remark(&restored.caveat());
        if self.output.is_none() {
            print(&restored.stream()).context("cannot write to standard output")?;
        }
        Ok(code)
    }

    fn restore(&self, session: &Session, root: &Path, diagnostics: &mut Diagnostics) -> Result<Restored, Failed> {
        let environment = environment(session, Some(&self.env), diagnostics)?;
        let stamp = Stamp::new(session.world(), root, diagnostics)?;
        let signing = signing::of_workspace(session);
        let key = self.signer.key(session, &signing, diagnostics)?;
        let signing = self.allowed.signing(session, signing, diagnostics)?;
        let book = Book::open(root, key, &session.sources, diagnostics)?;
        let ledger = Ledger::read(session.world(), &environment, diagnostics)?;
        ledger.sound(diagnostics)?;
        signing.hold(&ledger, diagnostics)?;
        let downgrade = self.allow_downgrade;
        let restored = Restored::read(session.world(), &ledger, &self.to_version, &stamp, downgrade, diagnostics)?;
        if let Some(output) = &self.output {
            // It may be refused, so it is first: what is entered was done.
            let options = directory::Options { prune_all: self.prune_all, ..directory::Options::default() };
            let tree = Tree::restored(&restored);
            let receipt = directory::write(output, None, &tree, &options, diagnostics)?;
            session.console.remark(&receipt.line(&output.join(tree.directory()).display().to_string()));
        }
        book.restore(&restored, diagnostics)?;
        Ok(restored)
    }
}
