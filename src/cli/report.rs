//! `tenantctl report`: what is to be known about an environment as a whole.

mod cost;

use clap::Subcommand;

use super::Global;

/// Report on an environment as a whole: what it costs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Cost(cost::Args),
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        match self.command {
            Command::Cost(args) => args.run(global),
        }
    }
}
