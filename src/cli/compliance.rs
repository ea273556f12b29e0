//! `tenantctl compliance`: what reports of compliance evidence say, and whether one can be trusted.

mod diff;
mod verify;
mod waivers;

use clap::Subcommand;

use super::Global;
use super::session::Session;
use crate::compliance::{Report, verify as reading};
use crate::diagnostic::{Diagnostics, Failed};
use crate::file;

/// Most bytes of a report: of twelve thousand objects it has some tens of millions.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Compare reports of compliance evidence, verify them, and hold waivers against them
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Diff(diff::Args),
    Verify(verify::Args),
    Waivers(waivers::Args),
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        match self.command {
            Command::Diff(args) => args.run(global),
            Command::Verify(args) => args.run(global),
            Command::Waivers(args) => args.run(global),
        }
    }
}

/// Reads a report that is named on the command line.
fn report(session: &Session, name: &str, diagnostics: &mut Diagnostics) -> Result<Report, Failed> {
    let file = file::load_argument_up_to(LARGEST, session.world(), &session.sources, name, diagnostics)?;
    reading::read(&session.sources, file, diagnostics)
}
