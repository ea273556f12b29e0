//! `tenantctl compliance diff`: what changed between two reports.

use anyhow::Context;
use clap::ValueEnum;

use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{Global, WRONG};
use crate::compliance::Severity;
use crate::compliance::comparison::{Comparison, text};
use crate::diagnostic::Diagnostics;

/// Tell what changed between two reports of compliance evidence
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl compliance diff october.json november.json
  tenantctl compliance diff october.json november.json --fail-on new-high

Findings are the same by rule, subject and field, whatever line they are at. What came with other rules or other
tenants is told apart from what somebody did.")]
pub(in crate::cli) struct Args {
    /// The earlier report, as JSON or HTML
    before: String,
    /// The later report, as JSON or HTML
    after: String,
    /// Form of the comparison
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
    /// Exit with 1 if there are findings somebody brought in, of that severity or a worse one
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Text,
    /// One document
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    #[value(name = "new-low")]
    Low,
    #[value(name = "new-medium")]
    Medium,
    #[value(name = "new-high")]
    High,
    #[value(name = "new-critical")]
    Critical,
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let mut diagnostics = Diagnostics::new();
        let before = super::report(&session, &self.before, &mut diagnostics);
        let after = super::report(&session, &self.after, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let (Ok(before), Ok(after)) = (before, after) else { return Ok(code.max(WRONG)) };
        let comparison = Comparison::of(&before, &after);
        let shown = match self.format {
            Form::Text => text::render(&comparison),
            Form::Json => comparison.to_json(),
        };
        print(&shown).context("cannot write to standard output")?;
        let fails = self.fail_on.is_some_and(|fail_on| comparison.brought_in(fail_on.severity()) > 0);
        Ok(if fails { code.max(WRONG) } else { code })
    }
}
