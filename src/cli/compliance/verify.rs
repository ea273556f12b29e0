//! `tenantctl compliance verify`: whether a report is as it was made.

use crate::cli::Global;
use crate::cli::session::Session;
use crate::compliance::verify;
use crate::diagnostic::{Diagnostics, Failed};
use crate::file;
use crate::source::FileId;

/// Tell whether reports, JSON or HTML, were changed after they were made
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl compliance verify reports/report.json reports/report.html

A report holds its own digest. Who changes both is not found out so: keep the digest elsewhere, or sign.")]
pub(super) struct Args {
    /// Files of reports
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::find(global)?;
        session.with_levels(std::sync::Arc::default(), |diagnostics| {
            let mark = diagnostics.mark();
            for name in &self.files {
                let Ok(file) = load(&session, name, diagnostics) else { continue };
                if let Ok(report) = verify::read(&session.sources, file, diagnostics) {
                    session.console.remark(&format!(
                        "{name} is as it was made: {}, {}",
                        report.scope.environment, report.integrity.report_digest
                    ));
                }
            }
            diagnostics.since(mark)?;
            Ok(Ok(()))
        })
    }
}

/// Reads a file that the command line names.
pub(super) fn load(session: &Session, name: &str, diagnostics: &mut Diagnostics) -> Result<FileId, Failed> {
    file::load_argument(session.world(), &session.sources, name, diagnostics)
}
