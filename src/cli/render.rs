//! `tenantctl render`: the manifests of an environment, as one stream or as files.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::ValueEnum;

use super::Global;
use super::against::Against;
use super::caching::{self, Caching};
use super::scope::{self, Scope};
use super::session::Session;
use super::timing::{self, TimingsForm};
use crate::check::{Document, Form, Settled};
use crate::delivery::{Courier, Delivery, left_out};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::explain::{SourceMap, document};
use crate::output::directory::{self, Before};
use crate::output::{Held, Tree, is_in_work_tree, single};
use crate::pipeline::{Compiler, Stage, Wanted};
use crate::target::Target;
use crate::template;
use crate::workspace::Workspace;

/// Print the manifests of an environment, or write them to files
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl render prod --override high_availability
  tenantctl render prod --tenant acme-corp | kubectl apply -f -
  tenantctl render prod -o out
  tenantctl render dev --template deployment --set resources.replicas=5
  tenantctl render prod --shard $JOB_COMPLETION_INDEX/8 -o out

Nothing is printed and nothing is written unless everything is right.

Shards 0/N to N-1/N are blocks of neighbours whose sizes differ by one target at most. Their YAML
streams, one after the other, are byte for byte the stream of the whole, and their files are its
files; JSON is one list for each shard. What the environment has once is of shard 0; a shard without targets succeeds and makes
nothing. With -o a shard removes nothing, and shards that share DIR write one after the other. A
shard does not see what others claim: hosts, namespaces and objects claimed twice are found by
`tenantctl validate ENV`, which sees all.")]
pub(super) struct Args {
    /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`]
    env: Option<String>,
    #[command(flatten)]
    scope: Scope,
    /// Render one template only, by its name; also one of a file that is no manifest: files/tenant/..
    #[arg(long, value_name = "NAME", help_heading = "Selection", conflicts_with = "output")]
    template: Option<String>,
    /// Only objects of this kind (repeatable)
    #[arg(long, value_name = "KIND", help_heading = "Selection", conflicts_with = "output")]
    kind: Vec<String>,
    /// Write DIR/<environment>/<tenant>/manifest.yaml, and what is no manifest to files/ beside it; only files that
    /// change are touched
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    output: Option<PathBuf>,
    /// With -o: remove the files of any number of tenants that are gone
    #[arg(long, help_heading = "Output", requires = "output")]
    prune_all: bool,
    /// Write the contents of secrets, where tenantctl.yaml has them delivered `inline`: to a pipe, or with -o to files that
    /// only their owner can read, outside of git
    #[arg(long, help_heading = "Output")]
    reveal_secrets: bool,
    /// Form of the objects on standard output
    #[arg(long, value_enum, default_value_t, value_name = "FORM", help_heading = "Output", conflicts_with = "output")]
    format: ObjectFormat,
    /// Write where every field comes from to a file, as JSON
    #[arg(long, value_name = "FILE", help_heading = "Output", conflicts_with_all = ["template", "kind"])]
    source_map: Option<PathBuf>,
    #[command(flatten)]
    against: Against,
    #[command(flatten)]
    caching: Caching,
    /// Say on standard error how long the stages took, and how much memory
    #[arg(long, value_enum, value_name = "FORM", num_args = 0..=1, default_missing_value = "text", require_equals = true, help_heading = "Output")]
    timings: Option<TimingsForm>,
}

/// The form of objects on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ObjectFormat {
    /// YAML documents
    #[default]
    Yaml,
    /// One list as JSON
    Json,
    /// One line each, as arguments for kubectl
    Name,
}

impl ObjectFormat {
    fn form(self) -> Form {
        match self {
            Self::Yaml => Form::Yaml,
            Self::Json => Form::Json,
            Self::Name => Form::Name,
        }
    }
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let begin = timing::begin();
        let session = Session::open(global)?;
        let progress = session.progress(begin);
        let cache = self.caching.open(&session)?;
        let code = session.with_workspace_against(&self.against, |workspace, diagnostics| {
            let environment = scope::environment(workspace, self.env.as_deref(), diagnostics)?;
            if self.reveal_secrets {
                self.may_reveal(workspace, &environment, diagnostics)?;
            }
            let top = workspace.top(&self.scope.top.files, &self.scope.top.sets, diagnostics)?;
            let mut targets = workspace.targets(&self.scope.selection(&environment), diagnostics)?;
            let templates = workspace.templates(diagnostics)?;
            let only = match &self.template {
                None => None,
                Some(wanted) => {
                    let (name, scope) = templates.find(wanted).map_err(|missing| diagnostics.fail(*missing))?;
                    targets.retain(|target| template::Scope::of(target) == scope);
                    if template::is_artifact(name)
                        && let Err(usage) = self.one_file(name, targets.len())
                    {
                        return Ok(Err(usage));
                    }
                    Some(Arc::clone(name))
                }
            };
            // Shards share a directory, and compile while others write.
            let before = match (&self.output, targets.first()) {
                (Some(output), Some(target)) if self.scope.shard.is_none() => {
                    Before::open(output, target, self.reveal_secrets, diagnostics)?
                }
                _ => None,
            };
            let courier = Courier::new(workspace).revealing(self.reveal_secrets);
            let form = self.format.form();
            let present = |document: Document, diagnostics: &mut Diagnostics| {
                let document = courier.deliver(document, form, diagnostics);
                match &before {
                    Some(before) => before.look(document),
                    None => document,
                }
            };
            let compiler = Compiler::new(workspace, top)
                .with_cache(cache.as_ref())
                .watched(progress.as_ref().map(|progress| progress as _))
                .presented(Some(&present));
            let wanted = Wanted { template: only, kinds: self.kind.clone(), form: Some(self.format.form()) };
            let job =
                Job { compiler: &compiler, templates: &templates, wanted, targets: &targets, before: before.as_ref() };
            let bytes = match &self.output {
                Some(_) => self.files(&session, workspace, &environment, &job, diagnostics)?,
                None => self.stream(&session, workspace, &environment, &job, diagnostics)?,
            };
            if let Some(said) = left_out(courier.left_out(), courier.delivery(&environment).why()) {
                session.console.remark(&said);
            }
            Ok(bytes.map(|bytes| {
                if let Some(form) = self.timings {
                    timing::print(form, &begin, &compiler, bytes);
                }
            }))
        });
        caching::close(&session, cache);
        code
    }

    /// Contents of secrets go where nobody reads over a shoulder and nothing keeps them for good.
    fn may_reveal(
        &self,
        workspace: &Workspace<'_>,
        environment: &str,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let (message, help) = match &self.output {
            _ if *workspace.secrets().delivery(environment) != Delivery::Inline => (
                format!("{environment} does not have its secrets delivered `inline`"),
                format!("write `secrets: {{{environment}: {{delivery: inline}}}}`, or leave --reveal-secrets out"),
            ),
            None if io::stdout().is_terminal() => (
                "contents of secrets are not shown on a terminal".to_owned(),
                "hand them to who needs them: `| kubectl apply -f -`".to_owned(),
            ),
            Some(output) if is_in_work_tree(output) => (
                format!("{} is in a work tree of git, where contents of secrets would be committed", output.display()),
                "name a directory outside of it".to_owned(),
            ),
            _ => return Ok(()),
        };
        Err(diagnostics.fail(Diagnostic::new(code::REVEAL, message).help(help)))
    }

    /// A file that is no manifest has a form of its own, and two of them do not make a stream.
    fn one_file(&self, name: &str, targets: usize) -> anyhow::Result<()> {
        if self.format != ObjectFormat::Yaml {
            anyhow::bail!("--format is a form of objects, and {name} makes a file that is none");
        }
        if targets > 1 {
            anyhow::bail!("{name} makes a file for each of {targets} tenants: name one with --tenant, or use -o DIR");
        }
        Ok(())
    }

    /// Prints the objects once all of them are known to be right.
    fn stream(
        &self,
        session: &Session,
        workspace: &Workspace<'_>,
        environment: &str,
        job: &Job<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<anyhow::Result<u64>, Failed> {
        let form = self.format.form();
        let mut held = if self.reveal_secrets { Held::secret() } else { Held::new() };
        // A stream that could not be held says so when it is released.
        let _ = held.push_str(form.begin());
        let mut between = "";
        let each = |document: Document| {
            if !document.text().is_empty() {
                let _ = held.push_str(between).and_then(|()| held.push_str(document.text()));
                between = form.between();
            }
        };
        let settled = job.run(each, diagnostics)?;
        if let Err(error) = self.map(workspace, job, diagnostics)? {
            return Ok(Err(error));
        }
        if held.len() == form.begin().len() as u64 {
            let of = if self.kind.is_empty() { String::new() } else { format!(" of kind {}", self.kind.join(" or ")) };
            remark_nothing(session, &of, environment);
        }
        let _ = held.push_str(form.end());
        let bytes = held.len();
        let release = || held.release(settled, &mut io::stdout().lock());
        let released = job.compiler.timings().time(Stage::Write, release);
        Ok(released.map(|_| bytes).context("cannot write to standard output"))
    }

    /// Writes the source map, if it is wanted: before the objects, which count only once everything is done.
    fn map(
        &self,
        workspace: &Workspace<'_>,
        job: &Job<'_>,
        diagnostics: &Diagnostics,
    ) -> Result<anyhow::Result<()>, Failed> {
        let Some(file) = &self.source_map else { return Ok(Ok(())) };
        let mut targets = Vec::with_capacity(job.targets.len());
        // What is wrong was said when they were rendered first.
        let mut ignored = diagnostics.untargeted();
        // An environment without templates of its own is not compiled, and need not be complete.
        let own = job.templates.has_own();
        for target in job.targets.iter().filter(|target| own || target.tenant().is_some()) {
            let validated = job.compiler.validated(target, &mut ignored)?;
            let map = SourceMap::of(&validated, job.templates, workspace.sources(), &mut ignored)?;
            targets.push(document::Target::new(&map, &validated, workspace.sources()));
        }
        Ok(single::replace(file, document::Document::new(targets).json().as_bytes()))
    }

    /// Writes the files once all of them are known to be right.
    fn files(
        &self,
        session: &Session,
        workspace: &Workspace<'_>,
        environment: &str,
        job: &Job<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<anyhow::Result<u64>, Failed> {
        let Some(output) = &self.output else { return Ok(Ok(0)) };
        let mut documents = Vec::new();
        let settled = job.run(|document| documents.push(document), diagnostics)?;
        if let Err(error) = self.map(workspace, job, diagnostics)? {
            return Ok(Err(error));
        }
        let bytes = documents.iter().map(|document| document.bytes() as u64).sum();
        let Some(target) = job.targets.first() else {
            remark_nothing(session, "", environment);
            return Ok(Ok(0));
        };
        let complete = self.scope.selection("").is_complete();
        let tree = Tree::new(settled, documents, complete, workspace.sources().digest(), target);
        let options = directory::Options {
            prune_all: self.prune_all,
            private: self.reveal_secrets,
            wait: self.scope.shard.is_some(),
        };
        let receipt = job
            .compiler
            .timings()
            .time(Stage::Write, || directory::write(output, job.before, &tree, &options, diagnostics))?;
        session.console.remark(&receipt.line(&output.join(tree.directory()).display().to_string()));
        Ok(Ok(bytes))
    }
}

/// Says that there is no output, which may be a surprise.
fn remark_nothing(session: &Session, of: &str, environment: &str) {
    session.console.remark(&format!("note: nothing{of} was rendered for {environment}"));
}

/// What is to be compiled.
struct Job<'a> {
    compiler: &'a Compiler<'a>,
    templates: &'a template::Templates,
    wanted: Wanted,
    targets: &'a [Target],
    /// The directory to write to, if an earlier run did.
    before: Option<&'a Before>,
}

impl Job<'_> {
    fn run(&self, each: impl FnMut(Document), diagnostics: &mut Diagnostics) -> Result<Settled, Failed> {
        self.compiler.run(self.templates, &self.wanted, self.targets, each, diagnostics)
    }
}
