//! `tenantctl compliance verify`: whether a report is as it was made.

use anyhow::Context;

use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{Global, WRONG};
use crate::diagnostic::Diagnostics;

/// Hold the digest in a report against its content
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl compliance verify report.json
  tenantctl compliance verify report.html

The digest shows that a report was changed by accident or by hand. It is no signature: whoever changes a report can
write a new digest. Sign what you keep.")]
pub(in crate::cli) struct Args {
    /// A report as JSON or HTML; `-` is standard input
    report: String,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let mut diagnostics = Diagnostics::new();
        let found = super::report(&session, &self.report, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(report) = found else { return Ok(code.max(WRONG)) };
        let text = format!("unchanged: {} of {}\n", report.integrity.report_digest, report.run.as_of);
        print(&text).context("cannot write to standard output")?;
        Ok(code)
    }
}
