//! Whether an entry is what was kept: a digest against damage, or a keyed one against forgery.

use super::Key;

/// What the bytes in a store begin with. Another form of entries has another number.
const MAGIC: &[u8; 8] = b"tenantc1";
const DIGEST: usize = blake3::OUT_LEN;

/// How an entry is sealed.
#[derive(Clone, Copy)]
pub(super) enum Seal<'k> {
    /// Against damage: for a store that only this user writes to.
    Digest,
    /// Against forgery: for a store that others write to.
    Keyed(&'k [u8; 32]),
}

impl Seal<'_> {
    /// The bytes to put into a store.
    pub(super) fn close(self, key: &Key, entry: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(MAGIC.len() + DIGEST + entry.len());
        sealed.extend_from_slice(MAGIC);
        sealed.extend_from_slice(self.digest(key, entry).as_bytes());
        sealed.extend_from_slice(entry);
        sealed
    }

    /// The entry in bytes from a store, if they are what was kept under this key.
    pub(super) fn open(self, key: &Key, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let rest = sealed.strip_prefix(MAGIC)?;
        let (digest, entry) = rest.split_first_chunk::<DIGEST>()?;
        // Compared in constant time.
        if self.digest(key, entry) != blake3::Hash::from_bytes(*digest) {
            return None;
        }
        sealed.drain(..MAGIC.len() + DIGEST);
        Some(sealed)
    }

    fn digest(self, key: &Key, entry: &[u8]) -> blake3::Hash {
        let mut hasher = match self {
            Self::Digest => blake3::Hasher::new(),
            Self::Keyed(secret) => blake3::Hasher::new_keyed(secret),
        };
        hasher.update(key.as_bytes()).update(entry).finalize()
    }
}
