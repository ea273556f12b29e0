//! `tenantctl release`: make releases, show them, and tell whether they are what they were.

mod checkpoint;
mod create;
mod diff;
mod list;
mod prune;
mod rollback;
mod show;
mod signing;
mod verify;

use std::path::Path;

use anyhow::Context;
use clap::Subcommand;

use super::Global;
use super::scope;
use super::session::Session;
use crate::diagnostic::{Diagnostics, Failed, Severity};
use crate::release::Ledger;
use crate::workspace::Workspace;

/// Keep what was released, and show that nobody changed it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::Args),
    List(list::Args),
    Show(show::Args),
    Diff(diff::Args),
    Verify(verify::Args),
    Checkpoint(checkpoint::Args),
    Rollback(rollback::Args),
    Prune(prune::Args),
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        match self.command {
            Command::Create(args) => args.run(global),
            Command::List(args) => args.run(global),
            Command::Show(args) => args.run(global),
            Command::Diff(args) => args.run(global),
            Command::Verify(args) => args.run(global),
            Command::Checkpoint(args) => args.run(global),
            Command::Rollback(args) => args.run(global),
            Command::Prune(args) => args.run(global),
        }
    }
}

/// The directory of the workspace, which ledgers are kept in.
pub(super) fn root(session: &Session) -> anyhow::Result<&Path> {
    session.root().context("a ledger is kept in a workspace: run it in one, or name one with `-C DIR`")
}

/// The environment that is meant: one that has a ledger, also where the workspace cannot be read, else one of the workspace.
fn environment(session: &Session, named: Option<&str>, diagnostics: &mut Diagnostics) -> Result<String, Failed> {
    if let Some(name) = named.filter(|name| Ledger::is_of(session.world(), name)) {
        return Ok(name.to_owned());
    }
    let workspace = Workspace::find(session.world(), &session.sources, diagnostics)?;
    scope::environment(&workspace, named, diagnostics)
}

/// Says what is wrong with a ledger that is only looked at.
fn warn(ledger: &Ledger, diagnostics: &mut Diagnostics) {
    let mut found = Diagnostics::new();
    let _ = ledger.sound(&mut found);
    let _ = ledger.unforked(&mut found);
    for finding in found.items() {
        let mut finding = finding.clone();
        finding.severity = Severity::Warning;
        diagnostics.record(finding);
    }
}
