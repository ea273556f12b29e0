//! `tenantctl compliance diff`: what changed from one report to the next.

use std::fmt::Write as _;

use anyhow::Context;

use super::{Least, verify};
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{FINE, Global, WRONG};
use crate::compliance::comparison::{Class, Comparison};
use crate::compliance::verify::read;

/// Compare two reports: what is new, fixed, waived, and what only other rules or another scope brought
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl compliance diff last.json report.json
  tenantctl compliance diff last.json report.json --fail-on high

Findings are matched by rule, subject and field, not by line. Exit code 1 with --fail-on says that
somebody brought in a finding as bad as that, or that a waiver ended.")]
pub(super) struct Args {
    /// The earlier report, JSON or HTML
    before: String,
    /// The later report
    after: String,
    /// Fail if a new finding is at least so severe
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<Least>,
    /// As data
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::find(global)?;
        let mut brought = 0;
        let code = session.with_levels(std::sync::Arc::default(), |diagnostics| {
            let before = verify::load(&session, &self.before, diagnostics)
                .and_then(|file| read(&session.sources, file, diagnostics));
            let after = verify::load(&session, &self.after, diagnostics)
                .and_then(|file| read(&session.sources, file, diagnostics));
            let comparison = Comparison::of(&before?, &after?);
            brought = self.fail_on.map_or(0, |least| comparison.brought_in(least.severity()));
            let shown = if self.json {
                serde_json::to_string_pretty(&comparison).map(|text| text + "\n").context("cannot write JSON")
            } else {
                Ok(text(&comparison))
            };
            Ok(shown.and_then(|shown| print(&shown).context("cannot write to standard output")))
        })?;
        Ok(if code == FINE && brought > 0 { WRONG } else { code })
    }
}

fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for class in Class::ALL {
        let count = comparison.counts.get(&class).copied().unwrap_or_default();
        let _ = writeln!(text, "{:<17} {count}", class.word());
        for change in comparison.changes.iter().filter(|change| change.class == class) {
            let _ = writeln!(
                text,
                "  {} {} {}{}",
                change.severity.word(),
                change.rule,
                change.subject.reference,
                change.path
            );
        }
    }
    for why in &comparison.incomparable {
        let _ = writeln!(text, "not compared: {why}");
    }
    text
}
