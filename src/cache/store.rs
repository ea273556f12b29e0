//! Where entries are kept.

use std::fmt::Debug;
use std::io;

use super::Key;

/// A place that keeps bytes under keys. It need not be trusted to give back what it was given, nor to keep it.
pub trait Store: Debug + Send + Sync {
    /// What is kept under a key.
    fn get(&self, key: &Key) -> io::Result<Option<Vec<u8>>>;

    /// Keeps bytes under a key: whole or not at all.
    fn put(&self, key: &Key, bytes: &[u8]) -> io::Result<()>;
}
