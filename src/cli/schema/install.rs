//! `tenantctl schema install`: writes the schemas, and the lines that name them.

use crate::cli::Global;
use crate::cli::session::Session;
use crate::diagnostic::count;
use crate::editor::custom_tags;
use crate::editor::install::{Change, Plan};
use crate::output::single::{self, Rewrite};

/// Write the schemas of all layers, and the line at the top of each layer file that names its own
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl schema install
  tenantctl schema install --check      (in CI: exit code 1 if something would change)")]
pub(super) struct Args {
    /// Write nothing; exit with 1 if something would change
    #[arg(long)]
    check: bool,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let Some(root) = session.root() else {
            anyhow::bail!("there is no workspace here to install schemas in; make one with `tenantctl init DIR`");
        };
        session.with_workspace(|workspace, diagnostics| {
            let plan = Plan::of(workspace, diagnostics)?;
            if self.check {
                plan.check(diagnostics)?;
            }
            for (file, other) in &plan.kept {
                session.console.remark(&format!("kept {file}, which names another schema: {other}"));
            }
            for (file, change) in &plan.changes {
                let path = root.join(file);
                let done = match change {
                    Change::Schema(bytes) => single::replace(&path, bytes).map(|()| "wrote"),
                    Change::Line { before, after } => {
                        single::rewrite(&[Rewrite { path, before, after }]).map(|()| "named the schema in")
                    }
                    Change::Remove => single::remove(&path).map(|()| "removed"),
                };
                match done {
                    Ok(done) => session.console.remark(&format!("{done} {file}")),
                    Err(error) => return Ok(Err(error)),
                }
            }
            session.console.remark(&format!(
                "{} for {}, {} changed",
                count(plan.schemas, "schema"),
                count(plan.files, "file"),
                plan.changes.len()
            ));
            if !plan.changes.is_empty() {
                session.console.remark(&format!(
                    "VS Code needs to know the tags: its setting \"yaml.customTags\" must be {}",
                    custom_tags()
                ));
            }
            Ok(Ok(()))
        })
    }
}
