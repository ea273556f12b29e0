//! `tenantctl secrets list`: the names of secrets, without a key.

use anyhow::Context;
use clap::ValueEnum;

use super::Owner;
use crate::cli::Global;
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::table::{Form, Table};
use crate::secrets::{Listed, Vault, variables};

/// List the names of secrets; no key is needed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets list
  tenantctl secrets list prod --tenant acme-corp --format name
  tenantctl secrets list --format env > .env.example

SET is the day on which a value was set, or on which its file was last changed if the file does
not say. AGE counts days.")]
pub(super) struct Args {
    /// Environment or alias [default: all]
    env: Option<String>,
    /// What this tenant sees: its own secrets and those of the environment
    #[arg(long, value_name = "ID", requires = "env")]
    tenant: Option<String>,
    /// Form of the list
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: NameForm,
}

/// The form of a list of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum NameForm {
    /// Columns
    #[default]
    Table,
    /// A list of objects
    Json,
    /// The names alone, each once
    Name,
    /// Variables without values, for .env.example
    Env,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        session.with_workspace(|workspace, diagnostics| {
            let vault = Vault::of_workspace(workspace, diagnostics)?;
            let mut listed: Vec<Listed> = Vec::new();
            match &self.env {
                Some(env) => {
                    let owner = Owner { env: env.clone(), tenant: self.tenant.clone() };
                    let environment = owner.environment(&vault, diagnostics)?;
                    listed.extend(vault.list(&environment, self.tenant.as_deref(), diagnostics)?);
                }
                None => {
                    for environment in workspace.environments() {
                        listed.extend(vault.list(environment, None, diagnostics)?);
                    }
                }
            }
            let mut names: Vec<&str> = listed.iter().map(|listed| listed.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            let text = match self.format {
                NameForm::Name => names.iter().map(|name| format!("{name}\n")).collect(),
                NameForm::Env => variables(&names),
                NameForm::Table | NameForm::Json => {
                    let mut table = Table::new(&["name", "file", "set", "age", "rotate"]);
                    for Listed { name, file, set, age, rotate } in &listed {
                        let age = age.map_or_else(String::new, |days| days.to_string());
                        let rotate = rotate.as_ref().map_or_else(String::new, ToString::to_string);
                        table.push([name.clone(), file.clone(), set.clone(), age, rotate]);
                    }
                    let form = if self.format == NameForm::Json { Form::Json } else { Form::Table };
                    table.text(form)
                }
            };
            Ok(print(&text).context("cannot write to standard output"))
        })
    }
}
