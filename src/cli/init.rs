//! `tenantctl init`: writes the workspace that is inside the binary.

use std::path::PathBuf;

use super::FINE;
use super::console::print;
use crate::output::single;
use crate::shipped;

/// Write a working example workspace into a directory
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl init platform
  cd platform && tenantctl render dev --tenant acme-corp")]
pub(super) struct Args {
    /// The directory; made if it is not there. Nothing in it is overwritten
    directory: PathBuf,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let files = shipped::files();
        let taken = files.iter().map(|(name, _)| self.directory.join(name)).find(|path| path.exists());
        if let Some(path) = taken {
            anyhow::bail!("{} is there already, so nothing was written; name an empty directory", path.display());
        }
        for (name, bytes) in &files {
            single::create(&self.directory.join(name), bytes)?;
        }
        let directory = self.directory.display();
        print(&format!(
            "wrote {} files to {directory}\n\nnext:\n  cd {directory}\n  tenantctl list\n  tenantctl render dev --tenant acme-corp\n  tenantctl schema install    (for editors)\n",
            files.len()
        ))?;
        Ok(FINE)
    }
}
