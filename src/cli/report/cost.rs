//! `tenantctl report cost`: what an environment costs, and which limits are far from what is used.

use anyhow::Context;

use crate::cli::FINE;
use crate::cli::Global;
use crate::cli::console::print;
use crate::cli::diff::Form;
use crate::cli::scope::{self, Scope};
use crate::cli::session::Session;
use crate::cli::timing;
use crate::cost::{Question, Usage, json, markdown, patches, text};
use crate::output::single;
use crate::pipeline::{Compiler, Watch};

/// Add up what tenants ask for and what that costs a month, at the least and at the most scale
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl report cost prod
  tenantctl report cost prod -l tier=premium --format md
  tenantctl report cost prod --usage peaks.yml
  tenantctl report cost prod --usage peaks.yml --write

Prices are `cost` of the configuration: of a core, a GiB of memory and a GiB of storage, as requested,
of a GPU and of a load balancer. What the environment has once is a line of its own.

A file of usage holds the peak of one pod by tenant and container, in YAML or JSON, such as
`acme-corp: {ai-agent: {cpu: 310m, memory: 900Mi}}`. With it, limits that are far from it are found.")]
pub(super) struct Args {
    /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`]
    env: Option<String>,
    #[command(flatten)]
    scope: Scope,
    /// What containers use at their peak; `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "Advice")]
    usage: Option<String>,
    /// Write what is recommended into the files of tenants, where they may set it; all or nothing
    #[arg(
        long,
        requires = "usage",
        conflicts_with_all = ["overrides", "files", "sets"],
        help_heading = "Advice"
    )]
    write: bool,
    /// Form of the report
    #[arg(long, value_enum, default_value_t, value_name = "FORM", help_heading = "Output")]
    format: Form,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        if self.usage.as_deref() == Some("-") && self.scope.top.files.iter().any(|file| file == "-") {
            anyhow::bail!("standard input is there once: `-f -` does not go with `--usage -`");
        }
        let session = Session::open(global)?;
        let root = session.root();
        if self.write && root.is_none() {
            anyhow::bail!("there is no workspace here to write to; make one with `tenantctl init DIR`");
        }
        let progress = session.progress(timing::begin());
        let mut written = Vec::new();
        let code = session.with_workspace(|workspace, diagnostics| {
            let environment = scope::environment(workspace, self.env.as_deref(), diagnostics)?;
            let top = workspace.top(&self.scope.top.files, &self.scope.top.sets, diagnostics)?;
            let read = |file: &String| Usage::read(workspace.world(), &session.sources, file, diagnostics);
            let usage = self.usage.as_ref().map(read).transpose()?;
            let targets = workspace.targets(&self.scope.selection(&environment), diagnostics)?;
            let templates = workspace.templates(diagnostics)?;
            let compiler = Compiler::new(workspace, top);
            let watch = progress.as_ref().map(|progress| progress as &dyn Watch);
            let usage = usage.as_ref();
            let question = Question { workspace, compiler: &compiler, templates: &templates, usage, watch };
            let report = question.answer(&targets, diagnostics)?;
            if self.write {
                written = patches(workspace, &report.environment, &report.advice, diagnostics)?;
            }
            let shown = match self.format {
                Form::Text => text::render(&report),
                Form::Json => json::render(&report),
                Form::Md => markdown::render(&report),
            };
            Ok(print(&shown).context("cannot write to standard output"))
        })?;
        if let Some(root) = root.filter(|_| code == FINE) {
            single::replace_all(written.iter().map(|patch| (root.join(patch.file.as_ref()), patch.text.as_bytes())))?;
            for patch in &written {
                let values = patch.values.iter().map(|(path, value)| format!("{path} {value}"));
                session.console.remark(&format!("wrote {}: {}", patch.file, values.collect::<Vec<_>>().join(", ")));
            }
        }
        Ok(code)
    }
}
