//! Generations of secrets: what tells one content of a secret from the next, without showing either.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::tree::{Secret, SecretName, SecretPart};

/// What is known of a target's secrets without a key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) secrets: BTreeMap<Arc<str>, Generations>,
    /// Those that the tenant alone has.
    pub(crate) own: BTreeSet<Arc<str>>,
    /// Whether a secret that is not among them does not exist; else others keep them.
    pub(crate) complete: bool,
}

/// A secret, now and before it was last set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Generations {
    /// A keyed digest of its content, or one of its ciphertext.
    pub(crate) now: Arc<str>,
    /// That of the content before, until it is retired.
    pub(crate) before: Option<Arc<str>>,
}

/// Why a secret cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is none of this name.
    Unknown,
    /// A tenant's file names it, and it is the platform's.
    Foreign,
}

impl Known {
    /// Whether any of the secrets had another content before.
    pub(crate) fn has_previous<'s>(&self, mut secrets: impl Iterator<Item = &'s Secret>) -> bool {
        secrets.any(|secret| secret.names().any(|name| self.before(&name.text).is_some()))
    }

    /// Why a secret cannot be used, if it cannot.
    pub(crate) fn refuses(&self, name: &SecretName) -> Option<Refusal> {
        if !self.complete {
            return None;
        }
        match self.secrets.contains_key(&name.text) {
            false => Some(Refusal::Unknown),
            true if name.own && !self.own.contains(&name.text) => Some(Refusal::Foreign),
            true => None,
        }
    }

    fn before(&self, name: &str) -> Option<&Arc<str>> {
        self.secrets.get(name)?.before.as_ref()
    }

    /// Puts what tells a secret from its other generations into a digest.
    pub(super) fn update(&self, secret: &Secret, hasher: &mut blake3::Hasher) {
        for part in secret.parts() {
            let (sort, text): (u8, &str) = match part {
                SecretPart::Text(text) => (0, text),
                SecretPart::Name(name) => {
                    let before = || self.before(&name.text).filter(|_| name.previous);
                    let now = || self.secrets.get(&name.text).map(|known| &known.now);
                    // A name that is not known was told as an error.
                    (1, before().or_else(now).map_or("", AsRef::as_ref))
                }
            };
            hasher.update(&[sort]);
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
    }
}
