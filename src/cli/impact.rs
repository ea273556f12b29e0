//! `tenantctl impact`: what a change of the workspace does to all tenants.

use std::io;

use anyhow::Context;
use clap::ValueEnum;

use super::console::print;
use super::diff::Form;
use super::session::Session;
use super::{FAILED, FINE, Global, WRONG, timing};
use crate::diagnostic::{Diagnostics, Failed};
use crate::diff::{self, Risk};
use crate::impact::{Impact, Question, json, markdown, text};
use crate::pipeline::Watch;
use crate::source::Sources;
use crate::workspace::Workspace;

/// Show what a change since a revision does to all tenants, the riskiest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl impact origin/main
  tenantctl impact v1.4 v1.5 --env prod
  tenantctl impact origin/main --format md --fail-on immutable

Equal changes of several tenants are shown once, each with the line that made it where that can be
told. Classes of risk, the worst first: deleted, immutable (the API server refuses it), selector
(or a volume claim), rbac (widened), moved (namespace or host), quota (below what pods request),
restart (pods are replaced), none.

Exit code 0 means that it was found out, 1 that there is a risk that --fail-on names or a worse one,
2 that it could not be found out.")]
pub(super) struct Args {
    /// The older revision
    rev: String,
    /// The newer revision [default: the work tree]
    newer: Option<String>,
    /// Only this environment (repeatable) [default: all]
    #[arg(long, value_name = "ENV", help_heading = "Selection")]
    env: Vec<String>,
    /// Exit with 1 at a risk of this class or a worse one
    #[arg(long, value_name = "RISK", value_enum, help_heading = "Output")]
    fail_on: Option<Class>,
    /// Form of the result; md is cut to the 65,536 bytes of a comment
    #[arg(long, value_enum, default_value_t, value_name = "FORM", help_heading = "Output")]
    format: Form,
}

/// A class of risk.
#[derive(Clone, Copy, Debug)]
struct Class(Risk);

impl ValueEnum for Class {
    fn value_variants<'a>() -> &'a [Self] {
        const CLASSES: [Class; 8] = [
            Class(Risk::Deleted),
            Class(Risk::Immutable),
            Class(Risk::Selector),
            Class(Risk::Rbac),
            Class(Risk::Moved),
            Class(Risk::Quota),
            Class(Risk::Restart),
            Class(Risk::None),
        ];
        &CLASSES
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.name()).help(self.0.title()))
    }
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let progress = session.progress(timing::begin());
        let watch = progress.as_ref().map(|progress| progress as &dyn Watch);
        let mut worst = None;
        let code = session.with_workspace(|workspace, diagnostics| {
            let impact = match &self.newer {
                None => self.since(&session, workspace, watch, diagnostics)?,
                Some(newer) => {
                    let world = diff::revision(session.root(), newer, session.world(), diagnostics)?;
                    let sources = Sources::within(&format!("{newer}:{}", world.prefix()));
                    let mut found = Diagnostics::new();
                    let impact = Workspace::find(&world, &sources, &mut found)
                        .and_then(|workspace| self.since(&session, &workspace, watch, &mut found));
                    diff::adopt(&found, &sources, diagnostics, &session.sources);
                    impact?
                }
            };
            worst = impact.worst();
            let out = io::stdout();
            let shown = match self.format {
                Form::Text => text::render(&impact, session.console.colours(&out)),
                Form::Json => json::render(&impact),
                Form::Md => markdown::render(&impact),
            };
            Ok(print(&shown).context("cannot write to standard output"))
        })?;
        let failed = matches!((worst, self.fail_on), (Some(worst), Some(Class(limit))) if worst >= limit);
        Ok(match (code, failed) {
            (FINE, false) => FINE,
            (FINE, true) => WRONG,
            _ => FAILED,
        })
    }

    /// What differs from the older revision.
    fn since(
        &self,
        session: &Session,
        newer: &Workspace<'_>,
        watch: Option<&dyn Watch>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Impact, Failed> {
        let world = diff::revision(session.root(), &self.rev, session.world(), diagnostics)?;
        let sources = Sources::within(&format!("{}:{}", self.rev, world.prefix()));
        let mut found = Diagnostics::new();
        let impact = Workspace::find(&world, &sources, &mut found).and_then(|older| {
            found = Diagnostics::with_levels(older.levels());
            let names = [self.rev.as_str(), self.newer.as_deref().unwrap_or("the work tree")];
            Question { older: &older, newer, environments: &self.env, watch }.answer(names, &mut found, diagnostics)
        });
        diff::adopt(&found, &sources, diagnostics, newer.sources());
        impact
    }
}
