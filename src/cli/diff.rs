//! `tenantctl diff`: what differs between two environments, two revisions, or what is rendered and what would be.

use std::io;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::console::print;
use super::scope::{self, Tenants, Top};
use super::session::Session;
use super::{FAILED, FINE, Global, WRONG, timing};
use crate::diagnostic::{Diagnostics, Failed};
use crate::diff::{self, Comparison, Report, json, markdown, text};
use crate::pipeline::Watch;
use crate::source::Sources;
use crate::workspace::Selection;

/// Show what differs: configuration and objects, field by field
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl diff staging prod
  tenantctl diff prod --override high_availability
  tenantctl diff prod --set resources.replicas=5 --tenant acme-corp
  tenantctl diff prod --against out
  tenantctl diff prod --against-rev origin/main --format md

`-` is the older side or the environment named first, `+` the other one. With two environments,
--against-rev and --against, what --override, --set and -f add is added to both sides; without
them, what it changes is shown. Equal changes of several tenants are shown once, with {tenant}
where they differ by the tenant's id alone. Values of secrets are never shown.

Exit code 0 means no difference, 1 that there are some, 2 that it could not be found out.")]
pub(super) struct Args {
    /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`]
    env: Option<String>,
    /// The environment to compare it with
    #[arg(conflicts_with_all = ["against", "against_rev"])]
    env2: Option<String>,
    /// Compare with what `render -o DIR` wrote
    #[arg(long, value_name = "DIR", help_heading = "Comparison", conflicts_with = "against_rev")]
    against: Option<PathBuf>,
    /// Compare with the workspace at a git revision
    #[arg(long, value_name = "REV", help_heading = "Comparison")]
    against_rev: Option<String>,
    #[command(flatten)]
    tenants: Tenants,
    #[command(flatten)]
    top: Top,
    /// Form of the differences
    #[arg(long, value_enum, default_value_t, value_name = "FORM", help_heading = "Output")]
    format: Form,
}

/// The form of what is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people
    #[default]
    Text,
    /// One document
    Json,
    /// Markdown for a pull request
    Md,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        if self.against_rev.is_some() && self.top.files.iter().any(|file| file == "-") {
            bail!("`-f -` does not go with --against-rev: both sides need it, but standard input is there once");
        }
        let session = Session::open(global)?;
        let progress = session.progress(timing::begin());
        let mut differs = false;
        let code = session.with_workspace(|workspace, diagnostics| {
            let environment = scope::environment(workspace, self.env.as_deref(), diagnostics)?;
            let comparison = Comparison {
                workspace,
                selection: self.selection(environment),
                files: &self.top.files,
                sets: &self.top.sets,
                judged: false,
                watch: progress.as_ref().map(|progress| progress as &dyn Watch),
            };
            let report = self.report(&comparison, &session, diagnostics)?;
            differs = !report.is_empty();
            if !differs {
                session.console.remark(&format!("{} and {}: no difference", report.before, report.after));
            }
            let out = io::stdout();
            let shown = match self.format {
                Form::Text => text::render(&report, session.console.colours(&out)),
                Form::Json => json::render(&report),
                Form::Md => markdown::render(&report),
            };
            Ok(print(&shown).context("cannot write to standard output"))
        })?;
        // As with diff(1), a difference is 1 and what is wrong is trouble.
        Ok(match (code, differs) {
            (FINE, false) => FINE,
            (FINE, true) => WRONG,
            _ => FAILED,
        })
    }

    fn report(
        &self,
        comparison: &Comparison<'_>,
        session: &Session,
        diagnostics: &mut Diagnostics,
    ) -> Result<Report, Failed> {
        let mut found = Diagnostics::new();
        if let Some(other) = &self.env2 {
            let other = comparison.workspace.environment(other, diagnostics)?.to_string();
            comparison.with_environment(&other, diagnostics)
        } else if let Some(revision) = &self.against_rev {
            let world = diff::revision(session.root(), revision, session.world(), diagnostics)?;
            let sources = Sources::within(&format!("{revision}:{}", world.prefix()));
            let report = comparison.with_world(&world, &sources, revision, &mut found, diagnostics);
            diff::adopt(&found, &sources, diagnostics, &session.sources);
            report
        } else if let Some(directory) = &self.against {
            let rendered = comparison.output(directory, diagnostics)?;
            let report = comparison.with_output(&rendered, &mut found, diagnostics);
            diff::adopt(&found, rendered.sources(), diagnostics, &session.sources);
            report
        } else {
            comparison.with_plain(diagnostics)
        }
    }

    fn selection(&self, environment: String) -> Selection {
        Selection {
            environment,
            tenants: self.tenants.tenant.clone(),
            selector: self.tenants.selector.clone(),
            overrides: self.top.overrides.clone(),
            shard: None,
        }
    }
}
