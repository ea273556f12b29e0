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
pub mod scratch;
pub mod single;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use folder::{Folder, Found, is_in_work_tree};
pub(crate) use plan::is_inside;
pub use receipt::Receipt;
pub use stream::{Held, Released};

use std::sync::Arc;

use crate::check::{Content, Document, Settled};
use crate::release::Restored;
use crate::target::{ENVIRONMENT, Target};

/// The folder of a target's files that are no manifests, in the folder of the target.
pub const ARTIFACTS: &str = "files";

/// Everything one run makes for one environment. Made only of approved objects, once the run is settled.
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    /// Name of the environment.
    environment: &'a str,
    /// Names of the active overrides, in order. They have a directory of their own.
    overrides: &'a [Arc<str>],
    /// Relative path, such as `prod/acme-corp/manifest.yaml` or `prod/acme-corp/files/ci.yml`, and text. Every path begins with [`Tree::directory`].
    files: Vec<(String, Text)>,
    /// Whether this is all there is; `false` for a run with a filter, which never removes anything.
    complete: bool,
    /// Number of tenants that were rendered.
    tenants: usize,
    /// Digest of everything that was read.
    inputs: String,
}

impl<'a> Tree<'a> {
    /// The files of a settled run: one for each target's objects. `complete` is whether no tenant was left out,
    /// `inputs` the digest of everything that was read.
    pub fn new(_proof: Settled, documents: Vec<Document>, complete: bool, inputs: String, target: &'a Target) -> Self {
        let mut tree = Self {
            environment: target.environment(),
            overrides: target.overrides(),
            files: Vec::with_capacity(documents.len()),
            complete,
            tenants: 0,
            inputs,
        };
        let directory = tree.directory();
        for document in documents {
            tree.tenants += usize::from(document.target().tenant().is_some());
            let folder = folder(&directory, document.target());
            let (manifest, artifacts) = document.into_contents();
            let mut put = |path: String, content: Content| {
                tree.files.push((path, content.into_text().map_or_else(Text::There, Text::New)));
            };
            // Nothing to apply is no file: an environment without templates of its own.
            if manifest.bytes() > 0 {
                put(manifest_path(&folder), manifest);
            }
            for (path, content) in artifacts {
                put(artifact_path(&folder, &path), content);
            }
        }
        tree
    }

    /// The files of a release that comes back: all there are of its environment.
    pub fn restored(restored: &'a Restored) -> Self {
        let directory = folder_of(restored.environment(), restored.overrides());
        let file = |(path, text): &(String, String)| (format!("{directory}/{path}"), Text::New(text.clone()));
        Self {
            environment: restored.environment(),
            overrides: restored.overrides(),
            files: restored.texts().iter().map(file).collect(),
            complete: true,
            tenants: restored.tenants(),
            inputs: restored.inputs(),
        }
    }

    /// The first part of every path: `prod`, or `prod+high_availability`.
    pub fn directory(&self) -> String {
        folder_of(self.environment, self.overrides)
    }
}

/// The text of a file.
#[derive(Clone, Debug)]
enum Text {
    /// To be written, unless it is there.
    New(String),
    /// There already, with this digest.
    There(String),
}

/// The folder of a target's files.
fn folder(directory: &str, target: &Target) -> String {
    format!("{directory}/{}", target.tenant().map_or(ENVIRONMENT, AsRef::as_ref))
}

/// The path of a target's objects.
fn manifest_path(folder: &str) -> String {
    format!("{folder}/manifest.yaml")
}

/// The path of a file that is no manifest: a folder below, where nobody takes it for one.
fn artifact_path(folder: &str, path: &str) -> String {
    format!("{folder}/{ARTIFACTS}/{path}")
}

/// The first part of the paths of an environment's files with overrides.
fn folder_of(environment: &str, overrides: &[Arc<str>]) -> String {
    overrides.iter().fold(environment.to_owned(), |name, over| name + "+" + over)
}

/// The digest of a text as inventories and receipts have it: `blake3:` and 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    shown(blake3::hash(bytes))
}

fn shown(digest: blake3::Hash) -> String {
    format!("blake3:{}", digest.to_hex())
}
