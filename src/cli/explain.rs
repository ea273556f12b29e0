//! `tenantctl explain`: the page of a code, where a value comes from, or where a line of the output comes from.

mod output;
mod page;

use anyhow::Context;
use clap::ValueEnum;
use serde::Serialize;

use super::Global;
use super::console::print;
use super::get;
use super::scope::Top;
use super::session::Session;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, listed, nearest};
use crate::explain::{Explanation, Filled, SourceMap, setter, text};
use crate::manifest::Identity;
use crate::path::Path;
use crate::pipeline::Compiler;
use crate::target::Target;
use crate::template::Templates;
use crate::validate::Validated;
use crate::workspace::{Selection, Workspace};

/// Explain where a value or a line of the output comes from, or what a code means
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl explain prod acme-corp resources.replicas
  tenantctl explain prod acme-corp ConfigMap/ai-agent-config data.CACHE_REDIS_TLS
  tenantctl explain rendered/prod/acme-corp/manifest.yaml:42
  tenantctl explain TC301
  tenantctl explain           (lists all codes)")]
pub(super) struct Args {
    /// A code; `FILE:LINE` of rendered output; `ENV TENANT PATH`; or `ENV TENANT KIND/NAME FIELD`
    #[arg(value_name = "WHAT", num_args = 0..=4)]
    what: Vec<String>,
    #[command(flatten)]
    top: Top,
    /// Form of the explanation
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

/// The form of an explanation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// An explanation and whose it is.
#[derive(Serialize)]
struct Report<'a, T> {
    /// 1
    version: u8,
    target: &'a str,
    #[serde(flatten)]
    explanation: &'a T,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let words: Vec<&str> = self.what.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => page::all(),
            [file] if output::is_place(file) => output::explain(global, file, &self),
            [code] => page::one(global, code),
            [environment, tenant, path] => {
                self.about(global, environment, tenant, |subject, diagnostics| self.value(subject, path, diagnostics))
            }
            [environment, tenant, object, field] => self.about(global, environment, tenant, |subject, diagnostics| {
                let field = get::parsed(field, diagnostics)?;
                self.field(&subject.compiled(diagnostics)?, object, &field, diagnostics)
            }),
            _ => anyhow::bail!(
                "`explain` takes a code, FILE:LINE, ENV TENANT PATH, or ENV TENANT KIND/NAME FIELD; \
                 see `tenantctl explain --help`"
            ),
        }
    }

    /// Explains something of a tenant, or of the environment's own with `_environment`.
    fn about(
        &self,
        global: &Global,
        environment: &str,
        tenant: &str,
        explain: impl FnOnce(&Subject<'_>, &mut Diagnostics) -> Result<String, Failed>,
    ) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        session.with_workspace(|workspace, diagnostics| {
            let subject = self.subject(workspace, environment, tenant, diagnostics)?;
            let text = explain(&subject, diagnostics)?;
            Ok(print(&text).context("cannot write to standard output"))
        })
    }

    fn subject<'w>(
        &self,
        workspace: &'w Workspace<'w>,
        environment: &str,
        tenant: &str,
        diagnostics: &mut Diagnostics,
    ) -> Result<Subject<'w>, Failed> {
        let top = workspace.top(&self.top.files, &self.top.sets, diagnostics)?;
        let own = tenant == crate::target::ENVIRONMENT;
        let selection = Selection {
            environment: environment.to_owned(),
            tenants: if own { Vec::new() } else { vec![globset::escape(tenant)] },
            overrides: self.top.overrides.clone(),
            ..Selection::default()
        };
        let target = workspace.targets(&selection, diagnostics)?.swap_remove(0);
        Ok(Subject { workspace, compiler: Compiler::new(workspace, top), target })
    }

    /// Explains a value, also of a configuration that is not valid: then one wants to know most.
    fn value(&self, subject: &Subject<'_>, path: &str, diagnostics: &mut Diagnostics) -> Result<String, Failed> {
        let path = get::parsed(path, diagnostics)?;
        let Subject { workspace, compiler, target } = subject;
        let mut found = diagnostics.untargeted();
        let (configuration, map) = match subject.compiled(&mut found) {
            Ok(compiled) => {
                diagnostics.extend(found);
                (compiled.validated.resolved().clone(), Some(compiled.map))
            }
            Err(failed) => {
                let Some(resolved) = compiler.resolved(target, diagnostics)? else {
                    diagnostics.extend(found);
                    return Err(failed);
                };
                (resolved, None)
            }
        };
        if let Err(missing) = get::find(configuration.root(), &path) {
            let mut objects = map.iter().flat_map(SourceMap::objects);
            let missing = if objects.any(|identity| is_called(identity, &path.to_string())) {
                Box::new(
                    missing.help(format!("{path} is an object: name a field of it as well, such as metadata.name")),
                )
            } else {
                missing
            };
            let missing = match setter::unset(configuration.layers(), &path) {
                Some((layer, place)) => missing.also(place, format!("{layer} unsets it")),
                None => *missing,
            };
            return Err(diagnostics.fail(missing));
        }
        let explanation = Explanation::new(workspace, &configuration, map.as_ref(), &path);
        let Some(explanation) = explanation else { return Ok(String::new()) };
        Ok(self.text(&target.to_string(), &explanation, text::value))
    }

    /// Explains the field of an object, which is named `Kind/name`, perhaps with its namespace before it.
    fn field(
        &self,
        compiled: &Compiled<'_>,
        object: &str,
        field: &Path,
        diagnostics: &mut Diagnostics,
    ) -> Result<String, Failed> {
        let Compiled { subject: Subject { workspace, target, .. }, validated, map, .. } = compiled;
        let name = object.rsplit(' ').next().unwrap_or(object);
        let Some(identity) = map.objects().find(|identity| is_called(identity, name)) else {
            let names: Vec<String> =
                map.objects().map(|identity| format!("{}/{}", identity.kind(), identity.name())).collect();
            let names = || names.iter().map(String::as_str);
            let near = nearest(name, names()).map(|near| format!("did you mean `{near}`?"));
            return Err(diagnostics.fail(
                Diagnostic::new(code::UNKNOWN_PATH, format!("{target} has no object `{name}`"))
                    .maybe_help(near)
                    .note(format!("it has {}", listed(names().collect::<Vec<_>>().into_iter()))),
            ));
        };
        let fields = || map.fields().filter(|mapped| mapped.object == identity);
        // What begins a mapping or a list stands for the first field in it.
        let found = fields().find(|mapped| mapped.path.steps().starts_with(field.steps()));
        let Some(found) = found else {
            let paths: Vec<String> = fields().map(|mapped| mapped.path.to_string()).collect();
            let written = field.to_string();
            let near =
                nearest(&written, paths.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
            return Err(diagnostics.fail(
                Diagnostic::new(code::UNKNOWN_PATH, format!("{identity} has no field `{field}`"))
                    .maybe_help(near)
                    .note(format!("it has {}", listed(paths.iter().map(String::as_str)))),
            ));
        };
        Ok(self.text(&target.to_string(), &Filled::new(workspace, validated, &found), text::field))
    }

    fn text<T: Serialize>(&self, target: &str, explanation: &T, text: impl Fn(&str, &T) -> String) -> String {
        match self.format {
            Form::Text => text(target, explanation),
            Form::Json => {
                let report = Report { version: 1, target, explanation };
                serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
            }
        }
    }
}

/// What is explained.
struct Subject<'w> {
    workspace: &'w Workspace<'w>,
    compiler: Compiler<'w>,
    target: Target,
}

/// The same, compiled, and where its fields come from.
struct Compiled<'s> {
    subject: &'s Subject<'s>,
    templates: Templates,
    validated: Validated,
    map: SourceMap,
}

impl Subject<'_> {
    fn compiled(&self, diagnostics: &mut Diagnostics) -> Result<Compiled<'_>, Failed> {
        let templates = self.workspace.templates(diagnostics)?;
        let validated = self.compiler.validated(&self.target, diagnostics)?;
        let map = SourceMap::of(&validated, &templates, self.workspace.sources(), diagnostics)?;
        Ok(Compiled { subject: self, templates, validated, map })
    }
}

/// Whether an object is the one called `Kind/name`, in any case.
fn is_called(identity: &Identity, name: &str) -> bool {
    format!("{}/{}", identity.kind(), identity.name()).eq_ignore_ascii_case(name)
}
