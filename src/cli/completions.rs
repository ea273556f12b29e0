//! `tenantctl completions`: a script that completes commands and flags in a shell.

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use super::console::print;
use super::{Cli, FINE};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl completions bash > /etc/bash_completion.d/tenantctl
  tenantctl completions zsh > \"${fpath[1]}/_tenantctl\"
  tenantctl completions fish > ~/.config/fish/completions/tenantctl.fish")]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "tenantctl", &mut script);
        let script = String::from_utf8(script).context("the completion script is not text")?;
        print(&script).map(|()| FINE).context("cannot write to standard output")
    }
}
