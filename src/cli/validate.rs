//! `tenantctl validate`: everything but the output.

use super::Global;
use super::against::Against;
use super::caching::{self, Caching};
use super::manifests::{Manifests, Named};
use super::scope::{self, Scope};
use super::session::Session;
use super::timing::{self, TimingsForm};
use crate::diagnostic::{Diagnostics, Failed, count};
use crate::pipeline::{Compiler, Wanted};
use crate::template::Templates;
use crate::workspace::Workspace;

/// Check environments, or manifests from elsewhere, and print nothing but findings
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl validate
  tenantctl validate prod --override high_availability
  tenantctl validate --message-format github
  tenantctl validate deploy/*.yaml rendered/
  helm template CHART | tenantctl validate - --kubernetes 1.33

Exit code 0 means that `render` will succeed, 1 that the input is wrong. What tenants claim of each
other is seen among those that are checked: all of them, unless they are chosen or --shard is given.

An argument is a file if it is `-`, has a `/` in it or ends in .yaml, .yml or .json, or if there is one
by its name and no environment is called so. Files hold manifests that tenantctl did not make; they are
read as kubectl reads them, `kind: List` and JSON too, and of a directory those that end so. Each object
is held against its schema: that of `--kubernetes`, else of the workspace one is in, with its crds/,
`external` and `severity`. They are held against each other too, but something that is merely not among
them, such as a ConfigMap, is a warning unless --complete says that they are all there is.")]
pub(super) struct Args {
    /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`, else all]; or files and directories with
    /// manifests, `-` for standard input
    #[arg(value_name = "ENV|FILE")]
    named: Vec<String>,
    #[command(flatten)]
    manifests: Manifests,
    #[command(flatten)]
    scope: Scope,
    #[command(flatten)]
    against: Against,
    #[command(flatten)]
    caching: Caching,
    /// Say on standard error how long the stages took, and how much memory
    #[arg(long, value_enum, value_name = "FORM", num_args = 0..=1, default_missing_value = "text", require_equals = true)]
    timings: Option<TimingsForm>,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let env = match self.manifests.named(&self.named, &self.scope, global)? {
            Named::Environment(env) => env,
            Named::Files(session) => return self.manifests.run(&session, &self.named, &self.against),
        };
        let begin = timing::begin();
        let session = Session::open(global)?;
        let progress = session.progress(begin);
        let cache = self.caching.open(&session)?;
        let code = session.with_workspace_against(&self.against, |workspace, diagnostics| {
            let top = workspace.top(&self.scope.top.files, &self.scope.top.sets, diagnostics)?;
            let templates = workspace.templates(diagnostics)?;
            let environments: Vec<String> = match scope::named(workspace, env.as_deref(), diagnostics)? {
                Some(one) => vec![one],
                None => workspace.environments().map(ToString::to_string).collect(),
            };
            // Also those that no object needs today.
            let mark = diagnostics.mark();
            workspace.kubernetes().read_all(workspace.sources(), diagnostics);
            let definitions = diagnostics.since(mark);
            let compiler = Compiler::new(workspace, top)
                .with_cache(cache.as_ref())
                .watched(progress.as_ref().map(|progress| progress as _));
            let mut failed = definitions.err();
            for environment in &environments {
                // What is wrong with one environment does not hide what is wrong with the next.
                failed = self.environment(workspace, &compiler, &templates, environment, diagnostics).err().or(failed);
            }
            if let Some(failure) = failed {
                return Err(failure);
            }
            let timings = compiler.timings();
            session.console.remark(&format!(
                "valid: {} ({}, {})",
                environments.join(", "),
                count(timings.targets(), "target"),
                count(timings.objects(), "object"),
            ));
            if let Some(form) = self.timings {
                timing::print(form, &begin, &compiler, 0);
            }
            Ok(Ok(()))
        });
        caching::close(&session, cache);
        code
    }

    /// Checks one environment.
    fn environment(
        &self,
        workspace: &Workspace<'_>,
        compiler: &Compiler<'_>,
        templates: &Templates,
        environment: &str,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let mut own = diagnostics.untargeted();
        let outcome = workspace
            .targets(&self.scope.selection(environment), &mut own)
            .and_then(|targets| compiler.run(templates, &Wanted::default(), &targets, drop, &mut own));
        diagnostics.extend(own);
        outcome.map(|_| ())
    }
}
