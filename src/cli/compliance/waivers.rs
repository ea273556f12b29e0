//! `tenantctl compliance waivers`: whether waivers are right, and cover what a report found.

use anyhow::Context;

use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{Global, WRONG};
use crate::compliance::waiver::{Waiver, hold_against};
use crate::diagnostic::{Diagnostics, Failed};
use crate::file;

/// Hold files of waivers against a report: their form, their days, and whether each covers a finding
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl compliance waivers policies/waivers.yaml --report report.json

A waiver of a critical rule must end within 30 days, of a high one within 90, of others within 180. Another than its
owner approves it.")]
pub(in crate::cli) struct Args {
    /// Files of waivers
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// The report, as JSON or HTML
    #[arg(long, value_name = "REPORT")]
    report: String,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let mut diagnostics = Diagnostics::new();
        let found = self.hold(&session, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(count) = found else { return Ok(code.max(WRONG)) };
        if code == 0 {
            print(&format!("{count} in force\n")).context("cannot write to standard output")?;
        }
        Ok(code)
    }

    fn hold(&self, session: &Session, diagnostics: &mut Diagnostics) -> Result<String, Failed> {
        let report = super::report(session, &self.report, diagnostics)?;
        let mark = diagnostics.mark();
        let mut waivers = Vec::new();
        for name in &self.files {
            let read = file::load_argument(session.world(), &session.sources, name, diagnostics)
                .and_then(|file| Waiver::read(&session.sources, file, diagnostics));
            waivers.extend(read.into_iter().flatten());
        }
        let today = session.world().today();
        hold_against(&waivers, &report.severities(), today, diagnostics);
        report.idle_waivers(&waivers, diagnostics);
        diagnostics.since(mark)?;
        let in_force = waivers.iter().filter(|waiver| waiver.expires >= today).count();
        Ok(crate::diagnostic::count(in_force, "waiver"))
    }
}
