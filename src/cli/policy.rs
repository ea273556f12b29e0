//! `tenantctl policy`: the rules there are, one of them, and whether their examples come out as they say.

mod page;

use anyhow::Context;
use clap::Subcommand;

use super::Global;
use super::against::Against;
use super::console::print;
use super::scope;
use super::session::Session;
use super::table::{Form, Table};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, count, nearest};
use crate::policy::{self, Admission, Catalogue};
use crate::workspace::Workspace;
use crate::yaml::{Written, emit};

/// The rules of security, isolation and compliance
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl policy list
  tenantctl policy explain TC-POD-118
  tenantctl policy test
  tenantctl policy test policies/acme.yaml
  tenantctl policy emit prod | kubectl apply -f -")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List all rules, those of the workspace too
    List {
        /// Form of the list
        #[arg(long, value_enum, default_value_t, value_name = "FORM")]
        format: Form,
    },
    /// Explain a rule: why it is one, what keeping it proves, what it says and which controls it is evidence for
    Explain {
        /// Id of the rule, such as TC-POD-118
        rule: String,
    },
    /// Print the rules of one object as policies of the API server, which then enforces them
    #[command(after_help = "Examples:
  tenantctl policy emit prod | kubectl apply -f -
  tenantctl policy emit prod --deny --kubernetes 1.34 > policies.yaml

A policy holds in namespaces with the label tenantctl.dev/tenant. It warns and writes into the audit log;
--deny makes it refuse. Rules about the configuration or several objects stay with `render` and `validate`.")]
    Emit {
        /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`]
        env: Option<String>,
        /// Refuse what breaks a rule, instead of a warning
        #[arg(long)]
        deny: bool,
        #[command(flatten)]
        against: Against,
    },
    /// Try rules on their own examples
    Test {
        /// Files of rules [default: all rules, those of the workspace too]
        files: Vec<String>,
    },
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let held = match &self.command {
            Command::Emit { against, .. } => against.clone(),
            _ => Against::default(),
        };
        session.with_workspace_against(&held, |workspace, diagnostics| {
            let text = match &self.command {
                Command::Emit { env, deny, .. } => emitted(workspace, env.as_deref(), *deny, &session, diagnostics)?,
                Command::List { format } => table(workspace.catalogue()).text(*format),
                Command::Explain { rule } => explained(workspace.catalogue(), rule, diagnostics)?,
                Command::Test { files } => tested(workspace, files, diagnostics)?,
            };
            Ok(print(&text).context("cannot write to standard output"))
        })
    }
}

fn table(catalogue: &Catalogue) -> Table {
    let mut table = Table::new(&["rule", "severity", "assurance", "scope", "title"]);
    for rule in catalogue.rules() {
        let words = [rule.severity.word(), rule.assurance.word(), rule.scope.word(), &rule.title];
        table.push([rule.id.to_string()].into_iter().chain(words.map(str::to_owned)));
    }
    table
}

fn explained(catalogue: &Catalogue, id: &str, diagnostics: &mut Diagnostics) -> Result<String, Failed> {
    if let Some(rule) = catalogue.find(id) {
        return Ok(page::text(rule));
    }
    let known = || catalogue.rules().iter().map(|rule| rule.id.as_ref());
    let near = nearest(&id.to_uppercase(), known()).map(|near| format!("did you mean `{near}`?"));
    let diagnostic = Diagnostic::new(code::UNKNOWN_RULE, format!("there is no rule `{id}`")).maybe_help(near);
    Err(diagnostics.fail(diagnostic.help("`tenantctl policy list` shows all rules")))
}

/// The policies of an environment, as a stream of documents.
fn emitted(
    workspace: &Workspace<'_>,
    env: Option<&str>,
    deny: bool,
    session: &Session,
    diagnostics: &mut Diagnostics,
) -> Result<String, Failed> {
    let environment = scope::environment(workspace, env, diagnostics)?;
    let admission = Admission {
        environment: &environment,
        params: workspace.policy().gates.params(&environment),
        minor: workspace.kubernetes().version().number(),
        deny,
    };
    let admitted = policy::admit(workspace.catalogue().rules(), &admission);
    let mut text = String::new();
    for object in &admitted.objects {
        text.push_str("---\n");
        emit::document(&Written::from(object).to_node(), &mut text);
    }
    let policies = admitted.objects.len() / 2;
    let policies = if policies == 1 { "1 policy".to_owned() } else { format!("{policies} policies") };
    let (rules, others) = (count(admitted.held.len(), "rule"), admitted.left_out.len());
    let others =
        if others > 0 { format!("; {others} more hold in `render` and `validate` alone") } else { String::new() };
    session.console.remark(&format!("{rules} in {policies}{others}"));
    for (id, why) in &admitted.left_out {
        if workspace.catalogue().find(id).is_some_and(|rule| rule.emit) {
            session.console.remark(&format!("{id} cannot be enforced by the API server: {why}"));
        }
    }
    Ok(text)
}

fn tested(workspace: &Workspace<'_>, files: &[String], diagnostics: &mut Diagnostics) -> Result<String, Failed> {
    let mark = diagnostics.mark();
    let (world, sources) = (workspace.world(), workspace.sources());
    let catalogue = if files.is_empty() {
        // Anew, so that what is wrong can be shown in its file.
        Catalogue::read_shipped(sources, diagnostics).with(workspace.policies())
    } else {
        Catalogue::of_files(files, world, sources, diagnostics)?
    };
    let examples = policy::try_examples(catalogue.rules(), diagnostics);
    diagnostics.since(mark)?;
    let (rules, examples) = (count(catalogue.rules().len(), "rule"), count(examples, "example"));
    Ok(format!("{rules}, {examples}: all come out as they say\n"))
}
