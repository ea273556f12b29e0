//! `tenantctl release verify`: whether ledgers and all that they store are what they were.

use anyhow::Context;
use clap::ValueEnum;

use super::signing::Allowed;
use super::{environment, root};
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{Global, WRONG};
use crate::diagnostic::{Diagnostics, Failed};
use crate::file;
use crate::release::{Audit, Checkpoint, Ledger};

/// Tell whether the ledger and all it stores is what it was
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl release verify
  tenantctl release verify prod --checkpoint prod.checkpoint
  tenantctl release verify prod --allowed-keys keys.pub --format json

Every entry is held against the name of its file and the entry that comes after it, every stored file
against its digest. What was removed, moved or edited is named, and the exit code is 1. That the
newest entries were removed cannot be seen from the ledger alone: keep a checkpoint elsewhere.")]
pub(in crate::cli) struct Args {
    /// Only of this environment
    env: Option<String>,
    /// Form of what is said of a ledger that is right
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
    /// Hold the ledger against a checkpoint, also one of a time when it was smaller
    #[arg(long, value_name = "FILE", requires = "env")]
    checkpoint: Option<String>,
    #[command(flatten)]
    allowed: Allowed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Text,
    /// A list of ledgers
    Json,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        root(&session)?;
        let mut diagnostics = Diagnostics::new();
        let audits = self.audits(&session, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(audits) = audits else { return Ok(code.max(WRONG)) };
        if audits.is_empty() {
            session.console.remark("note: there is no ledger yet; `tenantctl release create ENV` begins one");
        }
        let text = match self.format {
            Form::Text => audits.iter().map(Audit::line).collect(),
            Form::Json => Audit::json(&audits),
        };
        print(&text).context("cannot write to standard output")?;
        Ok(code)
    }

    fn audits(&self, session: &Session, diagnostics: &mut Diagnostics) -> Result<Vec<Audit>, Failed> {
        let world = session.world();
        let environments = match &self.env {
            Some(name) => vec![environment(session, Some(name), diagnostics)?],
            None => Ledger::environments(world),
        };
        let signing = self.allowed.signing(session, diagnostics)?;
        let mark = diagnostics.mark();
        let mut audits = Vec::with_capacity(environments.len());
        for environment in environments {
            let Ok(ledger) = Ledger::read(world, &environment, diagnostics) else { continue };
            audits.extend(Audit::of(world, &ledger, &signing, diagnostics));
            if let Some(file) = &self.checkpoint {
                let id = file::load_argument(world, &session.sources, file, diagnostics)?;
                let _ = Checkpoint::check(session.sources.get(id).text(), &ledger, &signing, diagnostics);
            }
        }
        diagnostics.since(mark).map(|()| audits)
    }
}
