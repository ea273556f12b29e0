//! `tenantctl release diff`: what differs between two releases.

use std::io;

use anyhow::Context;

use super::{environment, root};
use crate::cli::console::print;
use crate::cli::diff::Form;
use crate::cli::session::Session;
use crate::cli::{FAILED, FINE, Global, WRONG, timing};
use crate::diagnostic::{Diagnostics, Failed};
use crate::diff::{Report, json, markdown, text};
use crate::release::{Ledger, Number, comparison};

/// Show what differs between two releases, field by field
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl release diff prod 6 7
  tenantctl release diff prod 6
  tenantctl release diff prod 6 7 --format md

Stored files are compared; nothing is rendered. Exit code 0 means no difference, 1 that there are
some, 2 that it could not be found out.")]
pub(in crate::cli) struct Args {
    /// Environment or alias
    env: String,
    /// The release that is `-`, such as 6
    before: Number,
    /// The release that is `+` [default: the newest]
    after: Option<Number>,
    /// Form of the differences
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        root(&session)?;
        let mut diagnostics = Diagnostics::new();
        let report = self.report(&session, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(report) = report else { return Ok(FAILED) };
        if report.is_empty() {
            session.console.remark(&format!("{} and {}: no difference", report.before, report.after));
        }
        let out = io::stdout();
        let shown = match self.format {
            Form::Text => text::render(&report, session.console.colours(&out)),
            Form::Json => json::render(&report),
            Form::Md => markdown::render(&report),
        };
        print(&shown).context("cannot write to standard output")?;
        Ok(match (code, report.is_empty()) {
            (FINE, true) => FINE,
            (FINE, false) => WRONG,
            _ => FAILED,
        })
    }

    fn report(&self, session: &Session, diagnostics: &mut Diagnostics) -> Result<Report, Failed> {
        let progress = session.progress(timing::begin());
        let watch = progress.as_ref().map(|progress| progress as _);
        let environment = environment(session, Some(&self.env), diagnostics)?;
        let ledger = Ledger::read(session.world(), &environment, diagnostics)?;
        ledger.sound(diagnostics)?;
        let before = ledger.find(&self.before, diagnostics)?;
        let after = match &self.after {
            Some(number) => ledger.find(number, diagnostics)?,
            None => ledger.known_newest(diagnostics)?,
        };
        comparison(session.world(), &ledger, [before, after], watch, &session.sources, diagnostics)
    }
}
