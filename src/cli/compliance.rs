//! `tenantctl compliance`: the report of configuration evidence.

mod diff;
mod verify;
mod waivers;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;

use super::console::print;
use super::scope::{self, Scope};
use super::session::Session;
use super::{FINE, Global, WRONG, timing};
use crate::compliance::framework::Framework;
use crate::compliance::waiver::hold_against;
use crate::compliance::{Evidence, Question, Report, Severity, Status, evidence::Selected};
use crate::compliance::{admission, html, json, junit, markdown, oscal, sarif, verify as reading};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, nearest};
use crate::file;
use crate::foreign::Foreign;
use crate::output::single;
use crate::pipeline::{Compiler, Watch};
use crate::workspace::Workspace;
use crate::world;

/// Exit code of a report that has no subject: it says nothing, which is no pass.
const NOTHING: u8 = 3;

/// Most bytes of a report: of twelve thousand objects it has some tens of millions.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Report what the rules found, and which controls of frameworks it is evidence for
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  tenantctl compliance prod --format html -o reports
  tenantctl compliance prod --framework gdpr,soc2 --format md
  tenantctl compliance prod --fail-on high --format sarif > findings.sarif
  tenantctl compliance prod --previous reports/report.json -o reports
  kubectl get validatingadmissionpolicies,validatingadmissionpolicybindings -o yaml |
    tenantctl compliance prod --admission -
  tenantctl compliance diff last.json reports/report.json
  tenantctl compliance verify reports/report.html

Every rule of `tenantctl policy list` is evaluated, whatever the environment denies. Waivers are the
files in waivers/. Exit code 1 with --fail-on says that a finding is as bad as that, 3 that nothing was
there to look at.")]
pub(super) struct Args {
    /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`]
    env: Option<String>,
    #[command(flatten)]
    scope: Scope,
    /// Frameworks, such as gdpr or cis-k8s@1.11 [default: those of tenantctl.yaml, else cis-k8s, nsa and pss]
    #[arg(long = "framework", value_name = "NAME", value_delimiter = ',', help_heading = "Report")]
    frameworks: Vec<String>,
    /// The time that the report is about, such as 2026-01-31T12:00:00Z
    /// [default: `SOURCE_DATE_EPOCH`, else the begin of today in UTC]
    #[arg(long, value_name = "TIME", help_heading = "Report")]
    now: Option<Timestamp>,
    /// Fail if an unwaived finding is at least so severe
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Report")]
    fail_on: Option<Least>,
    /// The report before, as JSON or HTML: what changed since, and its digest, go into this one
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    previous: Option<String>,
    /// Policies of the API server, as `policy emit` wrote them or kubectl gives them; `-` is standard input (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    admission: Vec<String>,
    /// Forms of the report [default: md, and html, json and md with -o]
    #[arg(long = "format", value_enum, value_name = "FORM", value_delimiter = ',', help_heading = "Output")]
    forms: Vec<Form>,
    /// Write report.html, report.json and so on into a directory
    #[arg(long, short = 'o', value_name = "DIR", help_heading = "Output")]
    output: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Diff(diff::Args),
    Verify(verify::Args),
    Waivers(waivers::Args),
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A page that needs nothing else
    Html,
    /// For pull requests
    Md,
    /// All of it, as data
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// A JUnit report
    Junit,
    /// OSCAL 1.2.1: assessment results, and with -o the component definition of the rules
    Oscal,
}

/// How bad a finding is at the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    /// A tenant's border, or everybody's data
    Critical,
    /// A way in, or an outage
    High,
    /// A weakness beside others
    Medium,
    /// Good practice
    Low,
}

impl Form {
    fn text(self, report: &Report) -> String {
        match self {
            Self::Html => html::render(report),
            Self::Md => markdown::render(report),
            Self::Json => json::render(report),
            Self::Sarif => sarif::render(report),
            Self::Junit => junit::render(report),
            Self::Oscal => oscal::results(report),
        }
    }

    /// The files of this form.
    fn files(self, report: &Report) -> Vec<(&'static str, String)> {
        let name = match self {
            Self::Html => "report.html",
            Self::Md => "report.md",
            Self::Json => "report.json",
            Self::Sarif => "report.sarif",
            Self::Junit => "report.junit.xml",
            Self::Oscal => "report.oscal-ar.json",
        };
        let mut files = vec![(name, self.text(report))];
        if self == Self::Oscal {
            files.push(("report.oscal-cd.json", oscal::definition(report)));
        }
        files
    }
}

impl Least {
    fn severity(self) -> Severity {
        match self {
            Self::Critical => Severity::Critical,
            Self::High => Severity::High,
            Self::Medium => Severity::Medium,
            Self::Low => Severity::Low,
        }
    }
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        match self.command {
            Some(Command::Diff(args)) => return args.run(global),
            Some(Command::Verify(args)) => return args.run(global),
            Some(Command::Waivers(args)) => return args.run(global),
            None => {}
        }
        if self.output.is_none() && self.forms.len() > 1 {
            anyhow::bail!("several forms need a directory: add `-o DIR`");
        }
        let session = Session::open(global)?;
        let progress = session.progress(timing::begin());
        let mut failing = 0;
        let mut nothing = false;
        let code = session.with_workspace(|workspace, diagnostics| {
            let watch = progress.as_ref().map(|progress| progress as &dyn Watch);
            let evidence = self.evidence(&session, workspace, watch, diagnostics)?;
            nothing = evidence.population.objects == 0;
            if nothing {
                let message =
                    format!("there is nothing to report on in {}: no object was rendered", evidence.environment);
                return Err(diagnostics.fail(
                    Diagnostic::new(code::NO_SUBJECT, message)
                        .help("a report without a subject is no pass; name an environment that has tenants"),
                ));
            }
            let (waivers, as_of) = (evidence.waivers.clone(), evidence.as_of);
            let mut report = Report::new(evidence);
            let mark = diagnostics.mark();
            let today = as_of.to_zoned(jiff::tz::TimeZone::UTC).date();
            hold_against(&waivers, &report.severities(), today, diagnostics);
            report.idle_waivers(&waivers, diagnostics);
            diagnostics.since(mark)?;
            let least = self.fail_on.map(Least::severity);
            let counts = |status| matches!(status, Status::Fail | Status::Error);
            let bad = report.findings.iter().filter(|finding| counts(finding.status));
            failing = bad.filter(|finding| least.is_some_and(|least| finding.severity >= least)).count();
            if let Some(before) = &self.previous {
                report.compare(&self::report(&session, before, diagnostics)?);
            }
            report.conclude(if failing > 0 { WRONG } else { FINE });
            Ok(self.write(&report, &session))
        })?;
        Ok(match (code, nothing, failing) {
            (WRONG, true, _) => NOTHING,
            (FINE, _, 1..) => WRONG,
            (code, ..) => code,
        })
    }

    fn evidence(
        &self,
        session: &Session,
        workspace: &Workspace<'_>,
        watch: Option<&dyn Watch>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Evidence, Failed> {
        let environment = scope::environment(workspace, self.env.as_deref(), diagnostics)?;
        let top = workspace.top(&self.scope.top.files, &self.scope.top.sets, diagnostics)?;
        let frameworks = self.selected(workspace, diagnostics)?;
        let selection = self.scope.selection(&environment);
        let partial = !selection.tenants.is_empty() || self.scope.is_used(session.world());
        let targets = workspace.targets(&selection, diagnostics)?;
        let templates = workspace.templates(diagnostics)?;
        let compiler = Compiler::new(workspace, top);
        let question = Question {
            workspace,
            compiler: &compiler,
            templates: &templates,
            watch,
            environment: &environment,
            partial,
            as_of: self.as_of(session),
            actor: ["GITHUB_ACTOR", "GITLAB_USER_LOGIN"].iter().find_map(|name| session.world().variable(name)),
            command: self.words(&environment),
            source: session.root().and_then(head),
            frameworks,
            waivers: workspace.waivers().to_vec(),
            admission: self.admission(session, diagnostics)?,
        };
        question.answer(&targets, diagnostics)
    }

    /// The command that makes the same report again, but for where it goes.
    fn words(&self, environment: &str) -> Vec<String> {
        let mut words = vec!["tenantctl".to_owned(), "compliance".to_owned(), environment.to_owned()];
        let Scope { tenants, shard, top } = &self.scope;
        let shard: Vec<String> = shard.iter().map(ToString::to_string).collect();
        let now: Vec<String> = self.now.iter().map(ToString::to_string).collect();
        let least: Vec<String> = self.fail_on.iter().map(|least| least.severity().word().to_owned()).collect();
        let previous: Vec<String> = self.previous.iter().cloned().collect();
        // What is set on the command line may be a secret.
        let veiled = |set: &String| format!("{}=***", set.split_once('=').map_or(set.as_str(), |(path, _)| path));
        let sets: Vec<String> = top.sets.iter().map(veiled).collect();
        let given = [
            ("--tenant", &tenants.tenant),
            ("--selector", &tenants.selector),
            ("--shard", &shard),
            ("--override", &top.overrides),
            ("--file", &top.files),
            ("--set", &sets),
            ("--framework", &self.frameworks),
            ("--now", &now),
            ("--fail-on", &least),
            ("--previous", &previous),
            ("--admission", &self.admission),
        ];
        for (name, values) in given {
            words.extend(values.iter().flat_map(|value| [name.to_owned(), value.clone()]));
        }
        words
    }

    /// The policies of the API server that were given.
    fn admission(&self, session: &Session, diagnostics: &mut Diagnostics) -> Result<Vec<serde_json::Value>, Failed> {
        let mark = diagnostics.mark();
        let foreign = Foreign::read(&self.admission, session.world(), &session.sources, diagnostics);
        diagnostics.since(mark)?;
        Ok(foreign.manifests().iter().filter_map(admission).collect())
    }

    fn as_of(&self, session: &Session) -> Timestamp {
        let epoch = || session.world().variable("SOURCE_DATE_EPOCH")?.parse().ok();
        let epoch = || Timestamp::from_second(epoch()?).ok();
        let today = || session.world().today().to_zoned(jiff::tz::TimeZone::UTC).map(|begin| begin.timestamp());
        self.now.or_else(epoch).unwrap_or_else(|| today().unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// The frameworks of the command line, else those of the settings, else those that are about Kubernetes.
    fn selected(&self, workspace: &Workspace<'_>, diagnostics: &mut Diagnostics) -> Result<Vec<Selected>, Failed> {
        let by = |name: &str, by: &str| {
            let (id, version) = name.split_once('@').map_or((name, None), |(id, version)| (id, Some(version)));
            Selected {
                id: id.to_owned(),
                version: version.map(str::to_owned),
                selected_by: by.to_owned(),
                declared: std::collections::BTreeMap::default(),
            }
        };
        if !self.frameworks.is_empty() {
            let mark = diagnostics.mark();
            for name in &self.frameworks {
                let (id, version) =
                    name.split_once('@').map_or((name.as_str(), None), |(id, version)| (id, Some(version)));
                if Framework::find(id, version).is_none() {
                    diagnostics.record(unknown(name));
                }
            }
            diagnostics.since(mark)?;
            return Ok(self.frameworks.iter().map(|name| by(name, "the command line")).collect());
        }
        let chosen = workspace.frameworks();
        if chosen.is_empty() {
            return Ok(["cis-k8s", "nsa", "pss"].iter().map(|name| by(name, "nobody: tenantctl's default")).collect());
        }
        Ok(chosen.to_vec())
    }

    fn write(&self, report: &Report, session: &Session) -> anyhow::Result<()> {
        let Some(folder) = &self.output else {
            let form = self.forms.first().copied().unwrap_or(Form::Md);
            return print(&form.text(report)).context("cannot write to standard output");
        };
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let all = [Form::Html, Form::Json, Form::Md];
        let forms = if self.forms.is_empty() { all.as_slice() } else { self.forms.as_slice() };
        let files = forms.iter().flat_map(|form| form.files(report));
        let texts: Vec<(PathBuf, String)> = files.map(|(name, text)| (folder.join(name), text)).collect();
        single::replace_all(texts.iter().map(|(path, text)| (path.clone(), text.as_bytes())))?;
        for (path, _) in &texts {
            session.console.remark(&format!("wrote {}", path.display()));
        }
        Ok(())
    }
}

fn unknown(name: &str) -> Diagnostic {
    let names: Vec<String> = Framework::all().iter().map(Framework::key).collect();
    let ids = || Framework::all().iter().map(|framework| framework.id.as_str());
    let near = nearest(name, names.iter().map(String::as_str).chain(ids()));
    Diagnostic::new(code::UNKNOWN_FRAMEWORK, format!("there is no framework `{name}`"))
        .maybe_help(near.map(|near| format!("did you mean `{near}`?")))
        .note(format!("known are {}", names.join(", ")))
}

/// Reads a report that is named on the command line.
fn report(session: &Session, name: &str, diagnostics: &mut Diagnostics) -> Result<Report, Failed> {
    let file = file::load_argument_up_to(LARGEST, session.world(), &session.sources, name, diagnostics)?;
    reading::read(&session.sources, file, diagnostics)
}

/// What git says of a directory, if it is in a repository.
fn head(root: &Path) -> Option<crate::compliance::model::Revision> {
    let head = world::head(root)?;
    Some(crate::compliance::model::Revision {
        vcs: "git".to_owned(),
        commit: head.commit,
        dirty: Some(head.dirty),
        branch: head.branch,
        ..Default::default()
    })
}
