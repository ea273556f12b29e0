//! One file of a target that is no manifest: a script, variables of another tool, a pipeline of another service.
//!
//! Nobody applies it to a cluster, so nothing of it is checked but that it could be rendered, and it is never in a stream
//! of objects.

use std::sync::Arc;

/// A rendered file that is no manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    path: Arc<str>,
    text: String,
}

impl Artifact {
    /// A file at a path below the folder of its target's files.
    pub(crate) fn new(path: &str, text: String) -> Self {
        Self { path: path.into(), text }
    }

    /// The path below the folder of its target's files: plain names, such as `scripts/deploy.sh`.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// All of its text; not empty.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Path and text.
    pub(crate) fn into_parts(self) -> (Arc<str>, String) {
        (self.path, self.text)
    }
}
