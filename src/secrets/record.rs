//! What a file of secrets keeps of its values: when each was set, what it was before, the key of names.
//!
//! Files made by the program `sops` have none of it, and files whose rule leaves the record in plain text get none:
//! previous values would stand there for all to read.

use jiff::civil::Date;

use super::name::{NAME_KEY, PREVIOUS, RECORD, SET};
use super::{generate, name};
use crate::path::Path;
use crate::sops::{NoRandomness, Opened, Plain, Randomness};

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
    let values = opened.values();
    let below = |path: &Path| {
        let keys = path.keys();
        (keys.first() == Some(&RECORD) && keys.get(1) == Some(&PREVIOUS))
            .then(|| keys.get(2..).unwrap_or_default().join("."))
    };
    values.iter().filter_map(|(path, _)| below(path)).filter(|name| name::is_name(name)).collect()
}
