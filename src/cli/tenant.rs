//! `tenantctl tenant`: make, list, show and remove the files of tenants.

mod new;
mod remove;
mod show;

use anyhow::Context;
use clap::Subcommand;

use super::Global;
use super::console::print;
use super::session::Session;
use super::table::{Form, Table};
use crate::diagnostic::{Diagnostics, Failed};
use crate::workspace::Workspace;

/// Make, list, show and remove tenants
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::Args),
    List(ListArgs),
    Show(show::Args),
    Remove(remove::Args),
}

/// List tenants
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  tenantctl tenant list --env prod")]
struct ListArgs {
    /// Only of this environment
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        match self.command {
            Command::New(args) => args.run(global),
            Command::List(args) => args.run(global),
            Command::Show(args) => args.run(global),
            Command::Remove(args) => args.run(global),
        }
    }
}

impl ListArgs {
    fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        session.with_workspace(|workspace, diagnostics| {
            let environments = match &self.env {
                Some(name) => vec![workspace.environment(name, diagnostics)?.to_string()],
                None => workspace.environments().map(ToString::to_string).collect(),
            };
            let table = table(workspace, &environments, diagnostics)?;
            Ok(print(&table.text(self.format)).context("cannot write to standard output"))
        })
    }
}

/// The tenants of environments.
pub(super) fn table(
    workspace: &Workspace<'_>,
    environments: &[String],
    diagnostics: &mut Diagnostics,
) -> Result<Table, Failed> {
    let mut table = Table::new(&["tenant", "environment", "tier", "region", "name"]);
    for environment in environments {
        for tenant in workspace.tenants(environment, diagnostics)? {
            let fact = |fact: &str| workspace.tenant_fact(environment, &tenant, fact).unwrap_or_default();
            let row = [tenant.to_string(), environment.clone(), fact("tier"), fact("region"), fact("name")];
            table.push(row);
        }
    }
    Ok(table)
}
