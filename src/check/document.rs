//! What a target is made into, as text: its objects, and its files that are no manifests.

use std::sync::Arc;

use super::{Form, Sealed, put_into};
use crate::target::Target;
use crate::tree::Node;

/// The text of a file, or what is known of it when the text is not needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    bytes: usize,
    text: String,
    there: Option<String>,
    digest: Option<blake3::Hash>,
}

impl Content {
    pub(crate) fn new(text: String) -> Self {
        Self { bytes: text.len(), text, ..Self::default() }
    }

    /// The same, with the digest of its text, which was kept with it.
    pub(crate) fn with_digest(self, digest: blake3::Hash) -> Self {
        Self { digest: Some(digest), ..self }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Bytes of the text.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The digest of the text.
    pub(crate) fn digest(&self) -> blake3::Hash {
        self.digest.unwrap_or_else(|| blake3::hash(self.text.as_bytes()))
    }

    /// Lets go of the text, which stands with this digest where it is to be written.
    pub(crate) fn there(self, digest: String) -> Self {
        Self { text: String::new(), there: Some(digest), ..self }
    }

    /// The text, or the digest of the one that is there.
    pub(crate) fn into_text(self) -> Result<String, String> {
        self.there.map_or(Ok(self.text), Err)
    }
}

/// What a target is made into, as text. Made by [`Approved::document`](super::Approved::document), or kept from an
/// earlier run that made it so.
#[derive(Clone, Debug)]
pub struct Document {
    target: Arc<Target>,
    objects: usize,
    manifest: Content,
    artifacts: Vec<(Arc<str>, Content)>,
    sealed: Vec<Sealed>,
}

impl Document {
    /// One that is made of approved objects, or was made so by an earlier run from the same files.
    pub(crate) fn kept(
        target: Arc<Target>,
        objects: usize,
        manifest: Content,
        artifacts: Vec<(Arc<str>, Content)>,
    ) -> Self {
        Self { target, objects, manifest, artifacts, sealed: Vec::new() }
    }

    /// The same with objects that hold secrets, which its text does not have.
    pub(crate) fn with_sealed(self, sealed: Vec<Sealed>) -> Self {
        Self { sealed, ..self }
    }

    /// The objects that hold secrets.
    pub(crate) fn sealed(&self) -> &[Sealed] {
        &self.sealed
    }

    /// The same with those objects in its text, as `text` writes them.
    pub(crate) fn unsealed(mut self, form: Form, text: impl FnMut(&Node) -> Option<String>) -> Self {
        let sealed = std::mem::take(&mut self.sealed);
        Self { manifest: Content::new(put_into(self.manifest.text(), form, &sealed, text)), ..self }
    }

    /// Whose it is.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// Number of objects.
    pub fn objects(&self) -> usize {
        self.objects
    }

    /// The text of the objects.
    pub fn text(&self) -> &str {
        self.manifest.text()
    }

    /// Bytes of all texts.
    pub fn bytes(&self) -> usize {
        self.manifest.bytes() + self.artifacts.iter().map(|(_, content)| content.bytes()).sum::<usize>()
    }

    /// Path and text of the files that are no manifests.
    pub fn artifacts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.artifacts.iter().map(|(path, content)| (path.as_ref(), content.text()))
    }

    /// The objects, and the files that are no manifests by path.
    pub(crate) fn contents(&self) -> (&Content, &[(Arc<str>, Content)]) {
        (&self.manifest, &self.artifacts)
    }

    /// The same in the hands of the caller.
    pub(crate) fn into_contents(self) -> (Content, Vec<(Arc<str>, Content)>) {
        (self.manifest, self.artifacts)
    }
}
