//! `tenantctl list`: what a workspace has.

use anyhow::Context;
use clap::ValueEnum;

use super::Global;
use super::console::print;
use super::session::Session;
use super::table::{Form, Table};
use crate::diagnostic::{Diagnostics, Failed};
use crate::template::Scope;
use crate::workspace::Workspace;

/// List what the workspace has: environments, tenants, overrides, layers or templates
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl list
  tenantctl list overrides prod
  tenantctl list tenants --format name")]
pub(super) struct Args {
    /// What to list
    #[arg(value_enum, default_value_t)]
    what: What,
    /// Only of this environment
    env: Option<String>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum What {
    /// Environments, with their aliases, tenants and overrides
    #[default]
    Environments,
    /// Tenants
    Tenants,
    /// Overrides, with what they say of themselves
    Overrides,
    /// The layers, lowest first, and their files
    Layers,
    /// Templates
    Templates,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        session.with_workspace(|workspace, diagnostics| {
            let environments = match &self.env {
                Some(name) => vec![workspace.environment(name, diagnostics)?.to_string()],
                None => workspace.environments().map(ToString::to_string).collect(),
            };
            let table = match self.what {
                What::Environments => environments_table(workspace, &environments, diagnostics)?,
                What::Tenants => super::tenant::table(workspace, &environments, diagnostics)?,
                What::Overrides => overrides_table(workspace, &environments, diagnostics)?,
                What::Layers => layers_table(workspace),
                What::Templates => templates_table(workspace, diagnostics)?,
            };
            Ok(print(&table.text(self.format)).context("cannot write to standard output"))
        })
    }
}

fn environments_table(
    workspace: &Workspace<'_>,
    environments: &[String],
    diagnostics: &mut Diagnostics,
) -> Result<Table, Failed> {
    let mut table = Table::new(&["environment", "aliases", "tenants", "overrides"]);
    for environment in environments {
        let join = |names: &[std::sync::Arc<str>]| names.join(", ");
        let tenants = workspace.tenants(environment, diagnostics)?.len().to_string();
        let overrides = join(&workspace.overrides(environment, diagnostics)?);
        table.push([environment.clone(), join(workspace.aliases(environment)), tenants, overrides]);
    }
    Ok(table)
}

fn overrides_table(
    workspace: &Workspace<'_>,
    environments: &[String],
    diagnostics: &mut Diagnostics,
) -> Result<Table, Failed> {
    let mut table = Table::new(&["override", "environment", "owner", "expires", "description"]);
    for environment in environments {
        for name in workspace.overrides(environment, diagnostics)? {
            let about = workspace.about(environment, &name, diagnostics)?.unwrap_or_default();
            let text = |text: Option<std::sync::Arc<str>>| text.map(|text| text.to_string()).unwrap_or_default();
            let expires = about.expires.map(|(date, _)| date.to_string()).unwrap_or_default();
            table.push([name.to_string(), environment.clone(), text(about.owner), expires, text(about.description)]);
        }
    }
    Ok(table)
}

fn layers_table(workspace: &Workspace<'_>) -> Table {
    let mut table = Table::new(&["layer", "file", "notes"]);
    for (name, file, notes) in workspace.hierarchy() {
        table.push([name.to_string(), file, notes]);
    }
    table
}

fn templates_table(workspace: &Workspace<'_>, diagnostics: &mut Diagnostics) -> Result<Table, Failed> {
    let templates = workspace.templates(diagnostics)?;
    let mut table = Table::new(&["template", "rendered"]);
    for (scope, rendered) in [(Scope::Tenant, "once per tenant"), (Scope::Environment, "once per environment")] {
        for name in templates.names(scope).chain(templates.artifacts(scope)) {
            table.push([name.to_string(), rendered.to_owned()]);
        }
    }
    Ok(table)
}
