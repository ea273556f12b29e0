//! What a file of secrets keeps of its values: when each was set, what it was before, the key of names.
//!
//! Files made by the program `sops` have none of it, and files whose rule leaves the record in plain text get none:
//! previous values would stand there for all to read.

use std::collections::BTreeMap;

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::name::{BEFORE, DIGEST, NAME_KEY, PREVIOUS, RECORD, SET};
use super::{generate, name};
use crate::path::Path;
use crate::sops::{NoRandomness, Opened, Plain, Randomness};

/// What digests of values are for.
const PURPOSE: &str = "tenantctl 2026 names of generations of secrets";

/// Hexadecimal digits of such a digest.
const DIGITS: usize = 16;

/// Bytes of the key of names.
const KEY: usize = 32;

/// The record in a file.
pub(crate) struct Record<'a>(&'a mut Opened);

impl<'a> Record<'a> {
    /// The record of a file; `None` if it cannot be kept there.
    pub(crate) fn of(opened: &'a mut Opened) -> Option<Self> {
        let hidden = opened.selection().encrypts(&[RECORD, PREVIOUS]);
        let plain = !opened.selection().encrypts(&SET);
        (hidden && plain).then_some(Self(opened))
    }

    /// Sees to it that there is a key of names.
    pub(crate) fn begin(&mut self, randomness: &mut dyn Randomness) -> Result<(), NoRandomness> {
        if !self.0.has(&Path::from_keys([RECORD, NAME_KEY])) {
            let key = generate::hex(KEY, randomness)?;
            let _ = self.0.set(&[RECORD, NAME_KEY], key);
        }
        Ok(())
    }

    /// Whether there is a key of names.
    pub(crate) fn is_begun(&self) -> bool {
        self.0.has(&Path::from_keys([RECORD, NAME_KEY]))
    }

    /// Brings the digests of values up to what they are.
    pub(crate) fn renew(&mut self) {
        let Some(key) = NamesKey::of(self.0) else { return };
        let mut wanted: BTreeMap<(Folder, String), String> = BTreeMap::new();
        for (path, plain) in self.0.values() {
            if let Some(name) = name::of(&path) {
                wanted.insert((DIGEST, name.clone()), key.digest(&name, plain));
            } else if let Some(name) = name_before(&path) {
                wanted.insert((BEFORE, name.clone()), key.digest(&name, plain));
            }
        }
        for folder in [DIGEST, BEFORE] {
            for name in self.0.keys_below(&folder) {
                if !wanted.contains_key(&(folder, name.clone())) {
                    self.0.remove(&[folder[0], folder[1], &name]);
                }
            }
        }
        for (([top, folder], name), digest) in wanted {
            let _ = self.0.set(&[top, folder, &name], Plain::text(digest));
        }
    }

    /// Keeps a value that is about to be replaced.
    pub(crate) fn keep(&mut self, keys: &[&str]) {
        if let Some(plain) = self.0.get(&Path::from_keys(keys.iter().copied())).map(Plain::copy) {
            self.keep_as(&keys.join("."), &plain);
        }
    }

    /// Keeps a value that was replaced.
    pub(crate) fn keep_as(&mut self, name: &str, plain: &Plain) {
        let to: Vec<&str> = [RECORD, PREVIOUS].into_iter().chain(name.split('.')).collect();
        self.0.remove(&to);
        let _ = self.0.set(&to, plain.copy());
    }

    /// Notes that a value was set on a day.
    pub(crate) fn note(&mut self, name: &str, day: Date) {
        let [top, set] = SET;
        let _ = self.0.set(&[top, set, name], Plain::text(day.to_string()));
    }

    /// Forgets when a value was set, and what it was before.
    pub(crate) fn forget(&mut self, name: &str) {
        let [top, set] = SET;
        self.0.remove(&[top, set, name]);
        self.retire(name);
    }

    /// Forgets what a value was before. Says whether it was anything.
    pub(crate) fn retire(&mut self, name: &str) -> bool {
        let keys: Vec<&str> = [RECORD, PREVIOUS].into_iter().chain(name.split('.')).collect();
        self.0.remove(&keys)
    }
}

/// The names of values that a file keeps from before.
pub(crate) fn previous(opened: &Opened) -> Vec<String> {
    opened.values().iter().filter_map(|(path, _)| name_before(path)).collect()
}

/// The name of the value that a path keeps from before.
fn name_before(path: &Path) -> Option<String> {
    let keys = path.keys();
    let name = keys.strip_prefix(&[RECORD, PREVIOUS])?.join(".");
    name::is_name(&name).then_some(name)
}

/// Two keys on the way to something in the record.
type Folder = [&'static str; 2];

/// The key that digests of values are made with: nobody can try values without it.
pub(super) struct NamesKey(Zeroizing<[u8; 32]>);

impl NamesKey {
    /// That of a file; `None` if the file has none.
    pub(super) fn of(opened: &Opened) -> Option<Self> {
        let own = opened.get(&Path::from_keys([RECORD, NAME_KEY]))?;
        Some(Self(Zeroizing::new(blake3::derive_key(PURPOSE, own.reveal().as_bytes()))))
    }

    /// What tells the content of a secret from others, in so many hexadecimal digits.
    pub(super) fn digest(&self, name: &str, plain: &Plain) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(plain.reveal().as_bytes());
        hasher.finalize().to_hex()[..DIGITS].to_owned()
    }
}
