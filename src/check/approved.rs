//! Objects no error stands against, and their text.

use std::sync::Arc;

use super::Form;
use crate::manifest::Manifest;
use crate::target::Target;
use crate::yaml::emit;

/// Objects no error stands against. Made only by [`Checked::approve`](super::Checked::approve); what is
/// written is made of these alone.
///
/// ```compile_fail
/// // Nobody else can make one.
/// fn forge(manifests: Vec<tenantctl::manifest::Manifest>) -> tenantctl::check::Approved {
///     tenantctl::check::Approved { target: unimplemented!(), manifests }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Approved {
    pub(super) target: Arc<Target>,
    pub(super) manifests: Vec<Manifest>,
}

impl Approved {
    /// Whose objects they are.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The objects in install order.
    pub fn manifests(&self) -> &[Manifest] {
        &self.manifests
    }

    /// The text of the objects in a form; without one, only how many there are.
    pub fn document(self, form: Option<Form>) -> Document {
        let text = form.map(|form| self.text(form)).unwrap_or_default();
        Document::kept(self.target, self.manifests.len(), text)
    }

    /// The objects in a form for one stream.
    pub fn text(&self, form: Form) -> String {
        // Most objects take about this many bytes; it is only room.
        let mut text = String::with_capacity(self.manifests.len() * 1280);
        for (index, manifest) in self.manifests.iter().enumerate() {
            match form {
                Form::Yaml => {
                    text.push_str("---\n");
                    emit::document(manifest.node(), &mut text);
                }
                Form::Json => {
                    if index > 0 {
                        text.push_str(form.between());
                    }
                    text.push_str(&emit::json(manifest.node(), false));
                }
                Form::Name => text.push_str(&manifest.identity().arguments()),
            }
        }
        text
    }

    /// Keeps the objects of the kinds named, in any case.
    #[must_use]
    pub fn of_kinds(mut self, kinds: &[String]) -> Self {
        if !kinds.is_empty() {
            self.manifests
                .retain(|manifest| kinds.iter().any(|kind| kind.eq_ignore_ascii_case(manifest.identity().kind())));
        }
        self
    }
}

/// The objects of a target as text. Made by [`Approved::document`], or kept from an earlier run that made it so.
#[derive(Clone, Debug)]
pub struct Document {
    target: Arc<Target>,
    objects: usize,
    bytes: usize,
    text: String,
    there: Option<String>,
    digest: Option<blake3::Hash>,
}

impl Document {
    /// One that an earlier run made of approved objects, from the same files.
    pub(crate) fn kept(target: Arc<Target>, objects: usize, text: String) -> Self {
        Self { target, objects, bytes: text.len(), text, there: None, digest: None }
    }

    /// Whose objects they are.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// Number of objects.
    pub fn objects(&self) -> usize {
        self.objects
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Bytes of the text.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The same, with the digest of its text, which was kept with it.
    pub(crate) fn with_digest(self, digest: blake3::Hash) -> Self {
        Self { digest: Some(digest), ..self }
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
