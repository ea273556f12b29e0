//! Objects no error stands against, the files beside them, and their text.

use std::sync::Arc;

use super::{Content, Document, Form, Sealed};
use crate::artifact::Artifact;
use crate::delivery::{Delivery, Known, is_sealed};
use crate::manifest::Manifest;
use crate::target::Target;

/// Objects no error stands against. Made only by [`Checked::approve`](super::Checked::approve); what is
/// written is made of these alone.
///
/// ```compile_fail
/// // Nobody else can make one.
/// fn forge(manifests: Vec<tenantctl::manifest::Manifest>) -> tenantctl::check::Approved {
///     tenantctl::check::Approved { target: unimplemented!(), manifests, artifacts: Vec::new() }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Approved {
    pub(super) target: Arc<Target>,
    pub(super) manifests: Vec<Manifest>,
    pub(super) artifacts: Vec<Artifact>,
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

    /// The files that are no manifests, sorted by path.
    pub fn artifacts(&self) -> &[Artifact] {
        &self.artifacts
    }

    /// The objects as their environment has secrets delivered.
    pub(crate) fn delivered(self, delivery: &Delivery, known: &Known) -> Self {
        let manifests = delivery.of(self.manifests, &self.target, known);
        Self { manifests, ..self }
    }

    /// The objects in a form, and the files that are no manifests; without a form, only how many objects there are.
    pub fn document(self, form: Option<Form>) -> Document {
        let (text, sealed) = form.map(|form| self.texts(form)).unwrap_or_default();
        let artifacts = if form.is_some() { self.artifacts } else { Vec::new() };
        let content = |artifact: Artifact| {
            let (path, text) = artifact.into_parts();
            (path, Content::new(text))
        };
        let artifacts = artifacts.into_iter().map(content).collect();
        Document::kept(self.target, self.manifests.len(), Content::new(text), artifacts).with_sealed(sealed)
    }

    /// The one file that is no manifest, where objects usually are.
    pub(crate) fn artifact_document(self) -> Document {
        let text = self.artifacts.into_iter().next().map(|artifact| artifact.into_parts().1).unwrap_or_default();
        Document::kept(self.target, 0, Content::new(text), Vec::new())
    }

    /// The objects in a form for one stream, but for those that hold secrets.
    pub fn text(&self, form: Form) -> String {
        self.texts(form).0
    }

    /// The same, and the objects that hold secrets.
    fn texts(&self, form: Form) -> (String, Vec<Sealed>) {
        // Most objects take about this many bytes; it is only room.
        let mut text = String::with_capacity(self.manifests.len() * 1280);
        let mut sealed = Vec::new();
        for manifest in &self.manifests {
            if is_sealed(manifest) {
                sealed.push(Sealed { at: text.len(), node: manifest.node().clone() });
                continue;
            }
            if !text.is_empty() {
                text.push_str(form.between());
            }
            match form {
                Form::Yaml | Form::Json => form.write(manifest.node(), &mut text),
                Form::Name => text.push_str(&manifest.identity().arguments()),
            }
        }
        (text, sealed)
    }

    /// Keeps the objects of the kinds named, in any case; no file is of a kind.
    #[must_use]
    pub fn of_kinds(mut self, kinds: &[String]) -> Self {
        if !kinds.is_empty() {
            self.artifacts.clear();
            self.manifests
                .retain(|manifest| kinds.iter().any(|kind| kind.eq_ignore_ascii_case(manifest.identity().kind())));
        }
        self
    }
}
