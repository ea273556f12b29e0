//! `tenantctl schema`: the schema of one layer's files, for editors.

mod install;

use anyhow::Context;
use clap::Subcommand;
use serde_json::Value;

use super::Global;
use super::console::print;
use super::session::Session;
use crate::diagnostic::{Diagnostics, Failed};
use crate::editor::{self, Audience, settings};
use crate::workspace::Workspace;

/// Print the JSON Schema of one layer's files, or install them all for editors
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  tenantctl schema --layer tenant prod
  tenantctl schema --layer override dev --override local
  tenantctl schema --layer merged > config.schema.json
  tenantctl schema install")]
pub(super) struct Args {
    /// The layer; `merged` is the whole configuration in one file
    #[arg(long, value_name = "NAME", required_unless_present = "workspace_file")]
    layer: Option<String>,
    /// Environment or alias whose inherited values are told [default: all of them]
    env: Option<String>,
    /// Of this override, which a lock may except
    #[arg(long = "override", value_name = "NAME")]
    over: Option<String>,
    /// Print the schema of tenantctl.yaml
    #[arg(long = "settings", conflicts_with_all = ["layer", "env", "over"])]
    workspace_file: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Install(install::Args),
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        if let Some(Command::Install(args)) = self.command {
            return args.run(global);
        }
        let session = Session::open(global)?;
        session.with_workspace(|workspace, diagnostics| {
            let schema = self.schema(&session, workspace, diagnostics)?;
            Ok(print(&editor::text(&schema)).context("cannot write to standard output"))
        })
    }

    fn schema(
        &self,
        session: &Session,
        workspace: &Workspace<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Value, Failed> {
        if self.workspace_file {
            return Ok(settings::schema());
        }
        let layer = self.layer.as_deref().unwrap_or_default();
        let (environment, over) = (self.env.as_deref(), self.over.as_deref());
        if editor::is_whole(workspace, layer) {
            return editor::whole(workspace, environment.or(over).is_some(), diagnostics);
        }
        let audience = Audience::named(workspace, layer, environment, over, diagnostics)?;
        if !audience.has_schema(workspace) {
            session
                .console
                .remark("note: no schema of the workspace speaks about this layer, so any key is allowed in it");
        }
        Ok(editor::schema(workspace, &audience))
    }
}
