//! `tenantctl status`: where an environment stands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use clap::ValueEnum;

use super::apply::cluster;
use super::console::print;
use super::release::root;
use super::scope;
use super::session::Session;
use super::{Global, WRONG, timing};
use crate::check::{Document, Form};
use crate::delivery::Courier;
use crate::diagnostic::{Diagnostics, Failed};
use crate::pipeline::{Compiler, Wanted, Watch};
use crate::release::{Draft, Ledger, Sealed};
use crate::status::{Due, Status};
use crate::workspace::{Selection, Workspace};

/// Tell what is released, what has changed since, and what falls due
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl status prod
  tenantctl status prod acme-corp
  tenantctl status prod --live
  tenantctl status prod --exit-code || tenantctl release create prod

The environment is compiled with the overrides of its newest release and held against that. With
--live kubectl compares the cluster to what is compiled, in the context that tenantctl.yaml names.")]
pub(super) struct Args {
    /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`]
    env: Option<String>,
    /// Only this tenant
    tenant: Option<String>,
    /// Say also how the cluster differs from what is compiled now, by `kubectl diff`
    #[arg(long)]
    live: bool,
    /// Days ahead that waivers and overrides are looked at
    #[arg(long, default_value_t = 14, value_name = "DAYS")]
    due_within: u16,
    /// Exit with 1 if the output, or with --live the cluster, is not what is released
    #[arg(long)]
    exit_code: bool,
    /// Form of the status
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Shape,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// For people
    #[default]
    Text,
    /// One document
    Json,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        root(&session)?;
        let progress = session.progress(timing::begin());
        let mut differs = false;
        let code = session.with_workspace(|workspace, diagnostics| {
            let watch = progress.as_ref().map(|progress| progress as &dyn Watch);
            let environment = scope::environment(workspace, self.env.as_deref(), diagnostics)?;
            let kubectl = self.live.then(|| cluster(workspace, &environment, global.quiet, diagnostics)).transpose()?;
            let (status, stream) = self.status(workspace, &environment, watch, diagnostics)?;
            let status = match kubectl {
                Some(kubectl) => {
                    let difference = kubectl.difference(&stream);
                    status.with_cluster(difference.map_err(|trouble| diagnostics.fail(trouble.diagnostic()))?)
                }
                None => status,
            };
            differs = status.has_changed();
            let text = match self.format {
                Shape::Text => status.text(),
                Shape::Json => status.json(),
            };
            Ok(print(&text).context("cannot write to standard output"))
        })?;
        Ok(if self.exit_code && differs { code.max(WRONG) } else { code })
    }

    /// The status, and with `--live` the objects as one stream.
    fn status(
        &self,
        workspace: &Workspace<'_>,
        environment: &str,
        watch: Option<&dyn Watch>,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Status, String), Failed> {
        let ledger = Ledger::read(workspace.world(), environment, diagnostics)?;
        let overrides = ledger.newest(diagnostics)?.and_then(Sealed::release);
        let overrides = overrides.map(|release| release.overrides.clone()).unwrap_or_default();
        let selection = Selection {
            environment: environment.to_owned(),
            tenants: self.tenant.iter().cloned().collect(),
            overrides: overrides.clone(),
            ..Selection::default()
        };
        let top = workspace.top(&[], &[], diagnostics)?;
        let targets = workspace.targets(&selection, diagnostics)?;
        let templates = workspace.templates(diagnostics)?;
        let (draft, courier) = (Draft::default(), Courier::new(workspace));
        let texts = Mutex::new(BTreeMap::new());
        let present = |document: Document, diagnostics: &mut Diagnostics| {
            if self.live {
                let mut texts = texts.lock().unwrap_or_else(PoisonError::into_inner);
                texts.insert(Arc::clone(document.target()), document.text().to_owned());
            }
            draft.take(document, &courier, diagnostics)
        };
        let settled = Compiler::new(workspace, top).watched(watch).presented(Some(&present)).run(
            &templates,
            &Wanted::all(Form::Yaml),
            &targets,
            |_| {},
            diagnostics,
        )?;
        let stream = texts.lock().unwrap_or_else(PoisonError::into_inner).values().map(String::as_str).collect();
        let drafted = draft.finish(settled, workspace, environment, overrides, None, diagnostics)?;
        let due = Due::of(workspace, environment, self.tenant.as_deref(), i64::from(self.due_within), diagnostics)?;
        Ok((Status::of(&ledger, self.tenant.as_deref(), &drafted, due, diagnostics)?, stream))
    }
}
