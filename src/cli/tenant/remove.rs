//! `tenantctl tenant remove`: removes a tenant's files, after asking.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{FAILED, Global};
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::output::single;

/// Remove the file of a tenant
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  tenantctl tenant remove northwind --env dev

The next `render -o` removes its manifests; nothing is deleted in a cluster.")]
pub(super) struct Args {
    /// The tenant
    id: String,
    /// Only from this environment [default: from all]
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let Some(root) = session.root() else {
            anyhow::bail!("there is no workspace here to remove a tenant from");
        };
        let mut files = Vec::new();
        let code = session.with_workspace(|workspace, diagnostics| {
            let environments = match &self.env {
                Some(name) => vec![workspace.environment(name, diagnostics)?.to_string()],
                None => workspace.environments().map(ToString::to_string).collect(),
            };
            let mut known = Vec::new();
            for environment in &environments {
                let tenants = workspace.tenants(environment, diagnostics)?;
                if tenants.iter().any(|tenant| tenant.as_ref() == self.id) {
                    files.extend(workspace.tenant_file(environment, &self.id));
                }
                known.extend(tenants);
            }
            if files.is_empty() {
                let places = environments.join(", ");
                return Err(diagnostics.fail(
                    Diagnostic::new(code::UNKNOWN_TENANT, format!("there is no tenant `{}` in {places}", self.id))
                        .maybe_help(did_you_mean(&self.id, known.iter().map(AsRef::as_ref))),
                ));
            }
            Ok(Ok(()))
        })?;
        if code != 0 {
            return Ok(code);
        }
        if !self.yes && !confirmed(&files)? {
            writeln!(io::stderr(), "nothing was removed")?;
            return Ok(FAILED);
        }
        for file in &files {
            single::remove(&root.join(file))?;
            print(&format!("removed {file}\n"))?;
        }
        Ok(code)
    }
}

/// Asks on the terminal.
fn confirmed(files: &[String]) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        anyhow::bail!(
            "removing {} needs an answer, and there is no terminal to ask on; add --yes",
            files.join(" and ")
        );
    }
    write!(io::stderr(), "remove {}? [y/N] ", files.join(" and "))?;
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
