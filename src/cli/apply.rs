//! `tenantctl apply`: the manifests of an environment, applied to its cluster by kubectl.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use clap::ValueEnum;

use super::console::print;
use super::scope::{self, Scope};
use super::session::Session;
use super::{Global, timing};
use crate::check::{Document, Form};
use crate::cluster::{Group, Kubectl, Plan, Trouble};
use crate::delivery::{Courier, Delivery, left_out};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::pipeline::{Compiler, Wanted, Watch};
use crate::release::Ledger;
use crate::target::ENVIRONMENT;
use crate::workspace::Workspace;

/// Apply the manifests of an environment to its cluster, with kubectl
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl apply prod --dry-run=server
  tenantctl apply prod
  tenantctl apply prod --tenant acme-corp --timeout 10m

Nothing is sent to the cluster unless everything is right, and unless the current context of kubectl is the one that
tenantctl.yaml names: `environments: {prod: {context: prod-eu}}`. Namespaces and definitions of kinds
come first, then the environment's own objects, then those of each tenant. Objects are applied on the
server's side. Each namespace of a tenant is an ApplySet: what is no longer rendered for the tenant is removed, namespaces never.
Then Deployments, StatefulSets and DaemonSets are waited for.")]
pub(super) struct Args {
    /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`]
    env: Option<String>,
    #[command(flatten)]
    scope: Scope,
    /// Change nothing, and say what would be done
    #[arg(long, value_enum, value_name = "WHERE", help_heading = "Cluster")]
    dry_run: Option<DryRun>,
    /// Apply the contents of secrets as well, where tenantctl.yaml has them delivered `inline`
    #[arg(long, help_heading = "Cluster")]
    reveal_secrets: bool,
    /// How long each workload is waited for
    #[arg(long, default_value = "5m", value_name = "TIME", help_heading = "Cluster")]
    timeout: String,
    /// Do not wait for workloads
    #[arg(long, help_heading = "Cluster")]
    no_wait: bool,
}

/// Who says what would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DryRun {
    /// The API server, which admits and defaults everything
    Server,
    /// This program: the calls of kubectl in their order
    Client,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let progress = session.progress(timing::begin());
        session.with_workspace(|workspace, diagnostics| {
            let environment = scope::environment(workspace, self.env.as_deref(), diagnostics)?;
            let watch = progress.as_ref().map(|progress| progress as &dyn Watch);
            let kubectl = match self.dry_run {
                // Nobody is asked, so no cluster need be there.
                Some(DryRun::Client) => None,
                _ => Some(cluster(workspace, &environment, global.quiet, diagnostics)?),
            };
            let plan = self.plan(workspace, &environment, watch, &session, diagnostics)?;
            match kubectl {
                Some(kubectl) => {
                    self.carry_out(&plan, &kubectl, workspace, &environment, &session, diagnostics).map(Ok)
                }
                None => Ok(print(&plan.text()).context("cannot write to standard output")),
            }
        })
    }

    /// Compiles the environment; what comes of it is settled.
    fn plan(
        &self,
        workspace: &Workspace<'_>,
        environment: &str,
        watch: Option<&dyn Watch>,
        session: &Session,
        diagnostics: &mut Diagnostics,
    ) -> Result<Plan, Failed> {
        let top = workspace.top(&self.scope.top.files, &self.scope.top.sets, diagnostics)?;
        let targets = workspace.targets(&self.scope.selection(environment), diagnostics)?;
        let templates = workspace.templates(diagnostics)?;
        let courier = Courier::new(workspace).revealing(self.reveal_secrets);
        let delivery = courier.delivery(environment);
        // What is applied on one day and left out on the next must not be removed for that.
        let may_be_there = *delivery == Delivery::Inline && !self.reveal_secrets;
        let partial = Mutex::new(BTreeSet::new());
        let present = |document: Document, diagnostics: &mut Diagnostics| {
            if may_be_there && !document.sealed().is_empty() {
                partial.lock().unwrap_or_else(PoisonError::into_inner).insert(Arc::clone(document.target()));
            }
            match delivery {
                // The API server cannot decrypt; who applies encrypted Secrets can.
                Delivery::Sops => courier.leave_out(document, Form::Json),
                _ => courier.deliver(document, Form::Json, diagnostics),
            }
        };
        let compiler = Compiler::new(workspace, top).watched(watch).presented(Some(&present));
        let mut groups = Vec::with_capacity(targets.len());
        let each = |document: Document| {
            let name = document.target().tenant().map_or(ENVIRONMENT, AsRef::as_ref).to_owned();
            // What was written as JSON is read as such.
            let objects = serde_json::from_str(&format!("[{}]", document.text())).unwrap_or_default();
            let partial = partial.lock().unwrap_or_else(PoisonError::into_inner).contains(document.target());
            groups.push(Group { name, objects, partial });
        };
        compiler.run(&templates, &Wanted::all(Form::Json), &targets, each, diagnostics)?;
        let said = match delivery {
            Delivery::Sops => "who decrypts them applies them",
            delivery => delivery.why(),
        };
        if let Some(said) = left_out(courier.left_out(), said) {
            session.console.remark(&said);
        }
        Ok(Plan::of(groups, (self.dry_run == Some(DryRun::Server)).then_some("server"), &self.timeout))
    }

    /// Calls kubectl, step by step; the first that fails is the last.
    fn carry_out(
        &self,
        plan: &Plan,
        kubectl: &Kubectl,
        workspace: &Workspace<'_>,
        environment: &str,
        session: &Session,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        for step in &plan.steps {
            session.console.remark(&step.what);
            let done = kubectl.run(&step.what, &step.arguments, step.input.as_deref());
            done.map_err(|trouble| diagnostics.fail(trouble.diagnostic()))?;
        }
        if self.no_wait {
            return Ok(());
        }
        let mark = diagnostics.mark();
        let mut back = None;
        for wait in &plan.waits {
            match kubectl.run(&wait.what, &wait.arguments, None) {
                Ok(()) => {}
                Err(Trouble::Failed { .. }) => {
                    // The ledger is read only where there is something to go back from.
                    let back = back.get_or_insert_with(|| way_back(workspace, environment));
                    diagnostics.record(late(&wait.what, &self.timeout, back.as_deref()));
                }
                Err(trouble) => return Err(diagnostics.fail(trouble.diagnostic())),
            }
        }
        diagnostics.since(mark)
    }
}

/// kubectl with the context of an environment, if that is the current one.
pub(super) fn cluster(
    workspace: &Workspace<'_>,
    environment: &str,
    quiet: bool,
    diagnostics: &mut Diagnostics,
) -> Result<Kubectl, Failed> {
    let Some(context) = workspace.context(environment) else {
        let message = format!("tenantctl.yaml does not name the context of kubectl for {environment}");
        let help = format!(
            "write `environments: {{{environment}: {{context: NAME}}}}`; `kubectl config get-contexts` lists the names"
        );
        return Err(diagnostics.fail(Diagnostic::new(code::CONTEXT, message).help(help)));
    };
    let current = Kubectl::current_context().map_err(|trouble| diagnostics.fail(trouble.diagnostic()))?;
    if current.as_deref() == Some(context) {
        return Ok(Kubectl::for_context(context, quiet));
    }
    let is = current.map_or_else(|| "none is current".to_owned(), |current| format!("`{current}` is current"));
    let message = format!("{environment} is in the context `{context}` of kubectl, but {is}");
    let help = format!("to work on {environment}, run `kubectl config use-context {context}`");
    Err(diagnostics.fail(Diagnostic::new(code::CONTEXT, message).help(help)))
}

fn late(what: &str, timeout: &str, back: Option<&str>) -> Diagnostic {
    Diagnostic::new(code::ROLLOUT, format!("{what} did not become ready in {timeout}"))
        .help(format!("see why: `kubectl describe {}`, `kubectl logs`", what.replace(" in ", " -n ")))
        .maybe_help(back.map(str::to_owned))
}

/// How to go back to what was released last, if anything was.
fn way_back(workspace: &Workspace<'_>, environment: &str) -> Option<String> {
    // A ledger that is not sound is no way back.
    let mut ignored = Diagnostics::new();
    let ledger = Ledger::read(workspace.world(), environment, &mut ignored).ok()?;
    let release = ledger.called(ledger.newest(&mut ignored).ok()??);
    let context = workspace.context(environment)?;
    Some(format!(
        "go back to what was released last: `tenantctl release rollback {environment} --to-version {release} | kubectl --context {context} apply --server-side --force-conflicts -f -`"
    ))
}
