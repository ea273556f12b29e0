//! `tenantctl tenant show`: every environment a tenant is in.

use anyhow::Context;

use crate::cli::Global;
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::pipeline::Compiler;
use crate::workspace::{Selection, Top};

/// Show a tenant in every environment it is in
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  tenantctl tenant show acme-corp")]
pub(super) struct Args {
    /// The tenant
    id: String,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        session.with_workspace(|workspace, diagnostics| {
            let mut text = String::new();
            let mut known = Vec::new();
            let compiler = Compiler::new(workspace, Top::default());
            for environment in workspace.environments() {
                let tenants = workspace.tenants(environment, diagnostics)?;
                if tenants.iter().any(|tenant| tenant.as_ref() == self.id) {
                    let selection = Selection {
                        environment: environment.to_string(),
                        tenants: vec![self.id.clone()],
                        ..Selection::default()
                    };
                    for target in workspace.targets(&selection, diagnostics)? {
                        let validated = compiler.validated(&target, diagnostics)?;
                        text.push_str(&described(workspace, environment, &self.id, &validated));
                    }
                }
                known.extend(tenants);
            }
            if text.is_empty() {
                return Err(diagnostics.fail(
                    Diagnostic::new(
                        code::UNKNOWN_TENANT,
                        format!("there is no tenant `{}` in any environment", self.id),
                    )
                    .maybe_help(did_you_mean(&self.id, known.iter().map(AsRef::as_ref)))
                    .help("`tenantctl tenant list` lists them"),
                ));
            }
            Ok(print(&text).context("cannot write to standard output"))
        })
    }
}

/// A tenant in one environment: where its values come from.
fn described(
    workspace: &crate::workspace::Workspace<'_>,
    environment: &str,
    id: &str,
    validated: &crate::validate::Validated,
) -> String {
    let fact = |fact: &str| workspace.tenant_fact(environment, id, fact).unwrap_or_default();
    let mut text = format!("{id}@{environment}\n");
    for (label, value) in [("name", fact("name")), ("tier", fact("tier")), ("region", fact("region"))] {
        if !value.is_empty() {
            text.push_str(&format!("  {label:<8}{value}\n"));
        }
    }
    text.push_str("  layers, lowest first:\n");
    text + &super::new::contributions(validated, "    ")
}
