//! Arguments that say whether results of earlier runs are used.

use clap::Args;

use super::session::Session;
use crate::cache::{Cache, Folder};

/// Whether results of earlier runs are used.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Caching {
    /// Neither use nor keep results in .tenantctl/cache
    #[arg(long, help_heading = "Cache")]
    no_cache: bool,
    /// Compile a sample of what is found in the cache as well, and fail if it differs
    #[arg(long, help_heading = "Cache", conflicts_with = "no_cache")]
    verify_cache: bool,
}

impl Caching {
    /// The cache of a workspace on disk; `None` if there is to be none.
    pub(super) fn open(self, session: &Session) -> Option<Cache> {
        let root = session.root().filter(|_| !self.no_cache)?;
        let cache = Cache::new(Box::new(Folder::of(root)));
        Some(if self.verify_cache { cache.verified() } else { cache })
    }
}
