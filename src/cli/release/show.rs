//! `tenantctl release show`: what a release was made from, and what it made.

use anyhow::Context;
use clap::ValueEnum;

use super::{environment, root, warn};
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{Global, WRONG};
use crate::diagnostic::{Diagnostics, Failed};
use crate::release::{Ledger, Number, page};

/// Show a release: who made it, when, from what and of what
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl release show prod
  tenantctl release show prod 7
  tenantctl release show prod 7 --format json | jq .entry.release.inputs
  tenantctl release show prod 7 --format yaml > prod-7.yaml")]
pub(in crate::cli) struct Args {
    /// Environment or alias
    env: String,
    /// The release, such as 7 [default: the newest]
    number: Option<Number>,
    /// Form of what is shown
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Text,
    /// The entry as it stands in the ledger
    Json,
    /// The stored objects
    Yaml,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        root(&session)?;
        let mut diagnostics = Diagnostics::new();
        let text = self.text(&session, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(text) = text else { return Ok(code.max(WRONG)) };
        print(&text).context("cannot write to standard output")?;
        Ok(code)
    }

    fn text(&self, session: &Session, diagnostics: &mut Diagnostics) -> Result<String, Failed> {
        let environment = environment(session, Some(&self.env), diagnostics)?;
        let ledger = Ledger::read(session.world(), &environment, diagnostics)?;
        let sealed = match &self.number {
            Some(number) => {
                warn(&ledger, diagnostics);
                ledger.find(number, diagnostics)?
            }
            None => ledger.known_newest(diagnostics)?,
        };
        match self.format {
            Form::Text => Ok(page::text(&ledger, sealed)),
            Form::Json => Ok(page::json(sealed)),
            Form::Yaml => page::stream(session.world(), &ledger, sealed, diagnostics),
        }
    }
}
