//! `tenantctl release list`: the releases there are.

use anyhow::Context;

use super::{environment, root, warn};
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::table::{Form, Table};
use crate::cli::{Global, WRONG};
use crate::diagnostic::{Diagnostics, Failed};
use crate::release::{Ledger, page};

/// List releases, the newest last
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl release list
  tenantctl release list prod --format json

After the commit stands `+` where files of the workspace differed from it.")]
pub(in crate::cli) struct Args {
    /// Only of this environment
    env: Option<String>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        root(&session)?;
        let mut diagnostics = Diagnostics::new();
        let table = self.table(&session, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(table) = table else { return Ok(code.max(WRONG)) };
        print(&table.text(self.format)).context("cannot write to standard output")?;
        Ok(code)
    }

    fn table(&self, session: &Session, diagnostics: &mut Diagnostics) -> Result<Table, Failed> {
        let environments = match &self.env {
            Some(name) => vec![environment(session, Some(name), diagnostics)?],
            None => Ledger::environments(session.world()),
        };
        let mut table = Table::new(&page::COLUMNS);
        for environment in environments {
            let ledger = Ledger::read(session.world(), &environment, diagnostics)?;
            warn(&ledger, diagnostics);
            ledger.entries().iter().for_each(|sealed| table.push(page::row(&ledger, sealed)));
        }
        Ok(table)
    }
}
