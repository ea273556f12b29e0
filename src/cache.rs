//! What earlier runs made: a batch of targets made from the same files by the same program is not compiled again.
//!
//! In goes a [`Key`], the digest of everything a batch is made from, which a `Recipe` knows; out comes what was
//! kept under it: texts, claims and findings. Files are read and claims are settled in every run; only the way from
//! layers to approved objects is saved. What is damaged, from another program or not ours is a miss, never an error.
//!
//! Entries are on this machine, in a [`Folder`], and perhaps in a [`Remote`] that machines share, which is asked for what
//! is not here.

mod address;
mod entry;
mod finding;
mod folder;
mod key;
#[cfg(feature = "redis")]
mod redis;
mod remote;
#[cfg(feature = "s3")]
mod s3;
mod seal;
#[cfg(feature = "redis")]
mod socket;
mod store;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "redis", feature = "s3"))]
mod tls;
mod writer;

pub(crate) use entry::{Kept, decode, encode};
pub use folder::Folder;
pub use key::Key;
pub(crate) use key::Recipe;
pub use remote::Remote;
pub use store::Store;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use seal::Seal;

/// Which program keeps: its version, and the digest of what it was built from.
pub(crate) const PROGRAM: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("TENANTCTL_BUILD"));

/// Keeps what runs make and finds it again.
#[derive(Debug)]
pub struct Cache {
    local: Option<Box<dyn Store>>,
    remote: Option<Remote>,
    /// Whether some of what is found is made anew and compared.
    verify: bool,
    found: AtomicUsize,
    shared: AtomicUsize,
    missed: AtomicUsize,
    verified: AtomicUsize,
    /// Whether the local store takes nothing: on a disk that is full or must not be written to.
    refused: AtomicBool,
}

/// How often something was looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Batches found.
    pub found: usize,
    /// Batches of these that were found in the store that machines share.
    pub shared: usize,
    /// Batches compiled.
    pub missed: usize,
    /// Batches found that were compiled all the same, to compare.
    pub verified: usize,
}

impl Cache {
    /// One that keeps in a store on this machine, and in one that machines share.
    pub fn new(local: Option<Box<dyn Store>>, remote: Option<Remote>) -> Self {
        Self {
            local,
            remote,
            verify: false,
            found: AtomicUsize::new(0),
            shared: AtomicUsize::new(0),
            missed: AtomicUsize::new(0),
            verified: AtomicUsize::new(0),
            refused: AtomicBool::new(false),
        }
    }

    /// The same, and a sample of what is found is made anew and compared.
    #[must_use]
    pub fn verified(mut self) -> Self {
        self.verify = true;
        self
    }

    /// Whether finding something may mean waiting for the network.
    pub(crate) fn waits(&self) -> bool {
        self.remote.is_some()
    }

    /// Ends: waits a moment for what is still on its way to the store that machines share. One sentence, if that store
    /// was given up.
    pub fn close(self) -> Option<String> {
        self.remote.and_then(Remote::close)
    }

    /// What was kept under a key; what cannot be read is not there.
    pub(crate) fn find(&self, key: &Key) -> Option<Vec<u8>> {
        let local = || self.local.as_ref()?.get(key).ok().flatten().and_then(|sealed| Seal::Digest.open(key, sealed));
        let shared = || {
            let entry = self.remote.as_ref()?.find(key)?;
            self.shared.fetch_add(1, Ordering::Relaxed);
            self.keep_here(key, &entry);
            Some(entry)
        };
        let found = local().or_else(shared);
        let count = if found.is_some() { &self.found } else { &self.missed };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Keeps something under a key. That it cannot be kept is no reason to fail.
    pub(crate) fn keep(&self, key: &Key, entry: &[u8]) {
        self.keep_here(key, entry);
        if let Some(remote) = &self.remote {
            remote.keep(key, entry);
        }
    }

    fn keep_here(&self, key: &Key, entry: &[u8]) {
        if let Some(local) = &self.local
            && !self.refused.load(Ordering::Relaxed)
            && local.put(key, &Seal::Digest.close(key, entry)).is_err()
        {
            self.refused.store(true, Ordering::Relaxed);
        }
    }

    /// Whether what was found under a key is to be made anew and compared: always the first batch of a run, and one of
    /// eight others.
    pub(crate) fn is_sample(&self, key: &Key, first: bool) -> bool {
        let sample = self.verify && (first || key.as_bytes()[0].is_multiple_of(8));
        self.verified.fetch_add(usize::from(sample), Ordering::Relaxed);
        sample
    }

    /// How often something was looked for so far.
    pub fn count(&self) -> Count {
        Count {
            found: self.found.load(Ordering::Relaxed),
            shared: self.shared.load(Ordering::Relaxed),
            missed: self.missed.load(Ordering::Relaxed),
            verified: self.verified.load(Ordering::Relaxed),
        }
    }
}
