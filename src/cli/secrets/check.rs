//! `tenantctl secrets check`: whether secrets are looked after.

use crate::cli::session::Session;
use crate::cli::{FINE, Global, WRONG};
use crate::diagnostic::count;
use crate::secrets::{Checkup, Vault};

/// Find secrets that are old, files that the wrong people can open, and what stands in plain text
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets check
  tenantctl secrets check prod --message-format sarif

Without an environment all are looked at, and all files of the workspace for what looks like a
secret in plain text. A key is only needed to see when certificates end; without one that is
left out.

Exit code 0 means that nothing was found, 1 that something was.")]
pub(super) struct Args {
    /// Environments or aliases [default: all, and all files]
    env: Vec<String>,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let mut found = false;
        let code = session.with_workspace(|workspace, diagnostics| {
            let vault = Vault::of_workspace(workspace, diagnostics)?;
            let mut environments: Vec<&str> = Vec::new();
            for name in &self.env {
                environments.push(workspace.environment(name, diagnostics)?);
            }
            let everything = self.env.is_empty();
            if everything {
                environments.extend(workspace.environments().map(AsRef::as_ref));
            }
            let Checkup { findings, files, secrets, closed, others } =
                vault.check(&environments, everything, diagnostics)?;
            found = !findings.is_empty();
            for finding in findings {
                diagnostics.record(finding);
            }
            if closed > 0 {
                session.console.remark(&format!(
                    "note: no key is there for {}: certificates in them were not looked at",
                    count(closed, "file")
                ));
            }
            if !found {
                let (secrets, files) = (count(secrets, "secret"), count(files, "file"));
                let others = if everything {
                    format!(", and {} without any", count(others, "other file"))
                } else {
                    String::new()
                };
                session.console.remark(&format!("clean: {secrets} in {files}{others}"));
            }
            Ok(Ok(()))
        })?;
        Ok(if code == FINE && found { WRONG } else { code })
    }
}
