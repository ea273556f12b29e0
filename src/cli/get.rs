//! `tenantctl get`: a value of a tenant's merged and resolved configuration.

use anyhow::Context;
use clap::ValueEnum;

use super::Global;
use super::console::print;
use super::scope::Top;
use super::session::Session;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, listed, nearest};
use crate::path::{Path, Step};
use crate::pipeline::Compiler;
use crate::tree::{Node, Value};
use crate::workspace::Selection;
use crate::yaml::emit;

/// Print a value of a tenant's configuration, merged and resolved
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl get prod acme-corp
  tenantctl get prod acme-corp cache.redis.cluster.nodes
  tenantctl get prod acme-corp resources --format json")]
pub(super) struct Args {
    /// Environment or alias
    env: String,
    /// Tenant
    tenant: String,
    /// Path of the value, such as resources.replicas or hosts[0] [default: everything]
    path: Option<String>,
    #[command(flatten)]
    top: Top,
    /// Form of the value
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: ValueFormat,
}

/// The form of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ValueFormat {
    /// YAML
    #[default]
    Yaml,
    /// JSON
    Json,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        session.with_workspace(|workspace, diagnostics| {
            let text = self.path.as_deref().unwrap_or_default();
            let path = parsed(text, diagnostics)?;
            let top = workspace.top(&self.top.files, &self.top.sets, diagnostics)?;
            let selection = Selection {
                environment: self.env.clone(),
                tenants: vec![globset::escape(&self.tenant)],
                overrides: self.top.overrides.clone(),
                ..Selection::default()
            };
            let targets = workspace.targets(&selection, diagnostics)?;
            let compiler = Compiler::new(workspace, top);
            let mut said: Result<anyhow::Result<()>, Failed> = Ok(Ok(()));
            for target in &targets {
                let validated = compiler.validated(target, diagnostics)?;
                let node = find(validated.root(), &path).map_err(|missing| diagnostics.fail(*missing))?;
                let text = match self.format {
                    ValueFormat::Yaml => {
                        let mut text = String::new();
                        emit::document(node, &mut text);
                        text
                    }
                    ValueFormat::Json => emit::json(node, true) + "\n",
                };
                said = Ok(print(&text).context("cannot write to standard output"));
            }
            said
        })
    }
}

/// The path that a user wrote.
pub(super) fn parsed(text: &str, diagnostics: &mut Diagnostics) -> Result<Path, Failed> {
    Path::parse(text).map_err(|error| {
        diagnostics.fail(
            Diagnostic::new(
                code::BAD_PATH,
                format!("`{text}` is no path: {} (at character {})", error.message, error.at + 1),
            )
            .help("a path is keys between dots, such as resources.replicas or hosts[0]"),
        )
    })
}

/// The node at a path; what is missing is said with what is there instead.
pub(super) fn find<'a>(root: &'a Node, path: &Path) -> Result<&'a Node, Box<Diagnostic>> {
    let (known, here, missing) = root.reach(path);
    let Some(step) = missing else { return Ok(here) };
    let diagnostic = Diagnostic::new(code::UNKNOWN_PATH, format!("there is no value at `{path}`"));
    let shown = if known.is_root() { "the configuration".to_owned() } else { format!("`{known}`") };
    Err(Box::new(match (&here.value, step) {
        (Value::Map(map), Step::Key(key)) => {
            let keys = || map.keys().map(AsRef::as_ref);
            // All of the configuration is no place.
            let diagnostic =
                if known.is_root() { diagnostic } else { diagnostic.at(here.place, format!("{shown} is here")) };
            let near = nearest(key, keys()).map(|near| format!("did you mean `{}`?", known.key(near)));
            diagnostic.maybe_help(near).note(format!("{shown} has {}", listed(keys())))
        }
        (Value::List(items), _) => {
            let note = match items.len() {
                0 => format!("{shown} is an empty list"),
                1 => format!("{shown} has one item, [0]"),
                many => format!("{shown} has {many} items, [0] to [{}]", many - 1),
            };
            diagnostic.at(here.place, format!("{shown} is here")).note(note)
        }
        (other, _) => {
            diagnostic.at(here.place, format!("{shown} is {}, with nothing below it", other.kind().with_article()))
        }
    }))
}
