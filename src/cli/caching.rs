//! Arguments that say whether results of earlier runs are used.

use clap::Args;

use super::session::Session;
use crate::cache::{Cache, Folder, Remote, Store};

/// Whether results of earlier runs are used.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Caching {
    /// Neither use nor keep results, in .tenantctl/cache or in a shared cache
    #[arg(long, help_heading = "Cache")]
    no_cache: bool,
    /// Compile a sample of what is found in the cache as well, and fail if it differs
    #[arg(long, help_heading = "Cache", conflicts_with = "no_cache")]
    verify_cache: bool,
}

impl Caching {
    /// The cache of a workspace; `None` if there is to be none. An error is a variable that is wrong.
    pub(super) fn open(self, session: &Session) -> anyhow::Result<Option<Cache>> {
        if self.no_cache {
            return Ok(None);
        }
        let local = session.root().map(|root| Box::new(Folder::of(root)) as Box<dyn Store>);
        let remote = Remote::open(session.world()).map_err(anyhow::Error::msg)?;
        let cache = (local.is_some() || remote.is_some()).then(|| Cache::new(local, remote));
        Ok(cache.map(|cache| if self.verify_cache { cache.verified() } else { cache }))
    }
}

/// Ends the use of a cache, and says that a shared one was given up.
pub(super) fn close(session: &Session, cache: Option<Cache>) {
    if let Some(trouble) = cache.and_then(Cache::close) {
        session.console.remark(&format!("note: {trouble}"));
    }
}
