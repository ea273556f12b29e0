//! Encrypted files in the format of SOPS: YAML whose keys can be read by all, and whose values only by some.
//!
//! In goes the text of a file, out comes [`Sealed`]: its names and recipients, still closed. With [`Identities`] it
//! becomes [`Opened`], whose values are [`Plain`]; sealing that gives text again, in which what did not change keeps its
//! bytes. Every byte that matters is authenticated: a value by its key path, the file by a code over all values and the
//! time of its last change. How much of a file must be encrypted is said by a [`Selection`] from outside, never by the
//! file alone.
//!
//! The room knows nothing of workspaces and reads no files. Recipients are age's (<https://age-encryption.org/v1>); the
//! format is that of <https://getsops.io>. Several documents in a file, groups of keys and rules about comments are
//! refused.

mod cell;
mod comment;
mod header;
mod identity;
mod key;
mod manifest;
mod opened;
mod plain;
mod reading;
mod recipient;
mod sealed;
mod selection;
#[cfg(test)]
mod tests;
mod tree;
mod writing;

pub use identity::{Identities, NoIdentity};
pub use key::{DataKey, NoRandomness, Randomness, System};
pub use manifest::{Unsealable, manifest};
pub use opened::{Opened, Unwrapped};
pub use plain::{Kind, Plain};
pub use recipient::{NoRecipient, Recipient};
pub use sealed::{Sealed, is_sealed};
pub use selection::{Rule, Selection};
pub use writing::moment;
