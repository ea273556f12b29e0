//! `tenantctl lint`: what a workspace says without effect.

use std::sync::Arc;

use super::caching::{self, Caching};
use super::session::Session;
use super::{FINE, Global, WRONG, scope, timing};
use crate::diagnostic::{Diagnostics, Failed, count};
use crate::duration::Duration;
use crate::lint::{Answer, Question};
use crate::output::single::{self, Rewrite};
use crate::pipeline::{Compiler, Wanted};
use crate::template::Templates;
use crate::workspace::{Selection, Top, Workspace};

/// Find what has no effect: keys nobody reads, values that change nothing, files nobody names
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl lint
  tenantctl lint prod --within 14d
  tenantctl lint --fix
  tenantctl lint --message-format sarif

All environments are compiled, whichever are named: a value of a shared file has no effect only if it
has none anywhere. The names choose whose findings are told; without one, also what concerns files,
templates and locks. `severity` in tenantctl.yaml makes a code an error, `lint` there allows what is
meant so.

Exit code 0 means that nothing was found, 1 that something was, or that the workspace is not valid:
then that is told, and nothing is linted.")]
pub(super) struct Args {
    /// Environments or aliases [default: `TENANTCTL_ENV`, else `ENVIRONMENT`, else all]
    env: Vec<String>,
    /// Remove values that only restate what they override, once it is known that nothing changes
    #[arg(long)]
    fix: bool,
    /// Tell of overrides and exceptions whose last day is within so long [default: 30d]
    #[arg(long, value_name = "DURATION", value_parser = within)]
    within: Option<Duration>,
    #[command(flatten)]
    caching: Caching,
}

fn within(text: &str) -> Result<Duration, String> {
    let read = Duration::parse(text).filter(|within| within.nanoseconds() >= 0);
    read.ok_or_else(|| "write a length of time, such as 30d or 2w".to_owned())
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        if self.fix {
            let (code, fixed) = self.pass(global, true)?;
            // What is left is told of the files as they are now.
            if !fixed {
                return Ok(code);
            }
        }
        self.pass(global, false).map(|(code, _)| code)
    }

    /// Looks once; if it is to fix and can, does that and tells of nothing else. Gives the exit code, and whether files
    /// were written.
    fn pass(&self, global: &Global, fix: bool) -> anyhow::Result<(u8, bool)> {
        let session = Session::open(global)?;
        if fix && session.root().is_none() {
            anyhow::bail!("there is no workspace here to fix; make one with `tenantctl init DIR`");
        }
        let cache = self.caching.open(&session)?;
        let (mut found, mut fixed) = (false, false);
        let code = session.with_workspace(|workspace, diagnostics| {
            let progress = session.progress(timing::begin());
            let environments = self.environments(workspace, diagnostics)?;
            let templates = workspace.templates(diagnostics)?;
            let compiler = Compiler::new(workspace, Top::default())
                .with_cache(cache.as_ref())
                .watched(progress.as_ref().map(|progress| progress as _));
            valid(workspace, &compiler, &templates, diagnostics)?;
            let question =
                Question { workspace, templates: &templates, environments: &environments, within: self.within };
            let answer = question.answer(diagnostics)?;
            if fix {
                match write(&session, &answer) {
                    Ok(false) => {}
                    written => return Ok(written.map(|written| fixed = written)),
                }
            }
            for finding in answer.findings() {
                found = true;
                diagnostics.record(finding.clone());
            }
            if !found {
                let (files, targets) = (count(answer.files(), "file"), count(answer.targets(), "target"));
                session.console.remark(&format!("clean: {files} in {targets}"));
            }
            Ok(Ok(()))
        });
        caching::close(&session, cache);
        let code = code?;
        Ok((if code == FINE && found { WRONG } else { code }, fixed))
    }

    /// The names of the environments asked for; none for all.
    fn environments(&self, workspace: &Workspace<'_>, diagnostics: &mut Diagnostics) -> Result<Vec<Arc<str>>, Failed> {
        let mark = diagnostics.mark();
        let mut environments = Vec::new();
        if self.env.is_empty() {
            environments.extend(scope::named(workspace, None, diagnostics)?.map(Into::into));
        }
        for name in &self.env {
            environments.extend(workspace.environment(name, diagnostics).cloned());
        }
        diagnostics.since(mark)?;
        Ok(environments)
    }
}

/// Compiles everything; what is valid but doubtful is `validate`'s to tell.
fn valid(
    workspace: &Workspace<'_>,
    compiler: &Compiler<'_>,
    templates: &Templates,
    diagnostics: &mut Diagnostics,
) -> Result<(), Failed> {
    let mut own = diagnostics.untargeted();
    for environment in workspace.environments() {
        let selection = Selection { environment: environment.to_string(), ..Selection::default() };
        // What is wrong with one environment does not hide what is wrong with the next.
        let _ = workspace
            .targets(&selection, &mut own)
            .and_then(|targets| compiler.run(templates, &Wanted::default(), &targets, drop, &mut own));
    }
    let outcome = own.all_clear();
    if outcome.is_err() {
        diagnostics.extend(own);
    }
    outcome
}

/// Takes out what can be taken out, and says so; gives whether there was anything.
fn write(session: &Session, answer: &Answer<'_>) -> anyhow::Result<bool> {
    let Some(root) = session.root() else { return Ok(false) };
    let fix = answer.fix(&|name| single::is_own(root, name)).map_err(anyhow::Error::msg)?;
    let rewrites = fix.files.iter().map(|(name, (before, after))| Rewrite {
        path: root.join(name.as_ref()),
        before: before.as_bytes(),
        after: after.as_bytes(),
    });
    single::rewrite(&rewrites.collect::<Vec<_>>())?;
    for removed in &fix.removed {
        session.console.remark(&format!("removed {} at {}", removed.path, removed.place));
    }
    for file in &fix.left {
        session.console.remark(&format!("left {file} as it is: there is a symbolic link on the way to it"));
    }
    Ok(!fix.removed.is_empty())
}
