//! Where results go: the only way to write files, as `world` is the only way to read them.
//!
//! In goes the finished text of a whole run, out comes a [`Receipt`]: [`Held`] for one stream on standard output,
//! [`directory::write`] for a tree of files. Nothing is written before the whole run is known to be good, and no file is
//! ever seen half-written. It renders nothing and does not ask whether what it writes is right.

pub mod directory;
mod folder;
mod inventory;
mod plan;
mod receipt;
mod stream;

pub use receipt::Receipt;
pub use stream::{Held, Released};

use std::sync::Arc;

/// Everything one run makes for one environment.
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    /// Name of the environment.
    pub environment: &'a str,
    /// Names of the active overrides, in order. They have a directory of their own.
    pub overrides: &'a [Arc<str>],
    /// Relative path, such as `prod/acme-corp/manifest.yaml`, and text. Every path begins with [`Tree::directory`].
    pub files: Vec<(String, String)>,
    /// Whether this is all there is; `false` for a run with a filter, which never removes anything.
    pub complete: bool,
    /// Number of tenants that were rendered.
    pub tenants: usize,
    /// Digest of everything that was read.
    pub inputs: String,
}

impl Tree<'_> {
    /// The first part of every path: `prod`, or `prod+high_availability`.
    pub fn directory(&self) -> String {
        self.overrides.iter().fold(self.environment.to_owned(), |name, over| name + "+" + over)
    }
}

/// The digest of a text as inventories and receipts have it: `blake3:` and 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    format!("blake3:{}", blake3::hash(bytes).to_hex())
}
