//! The stage after validation: the Kubernetes objects of one target, and its files that are none.

use std::sync::Arc;

use crate::artifact::Artifact;
use crate::diagnostic::{Diagnostics, Failed};
use crate::manifest::{Field, Manifest};
use crate::source::{Place, Sources};
use crate::target::Target;
use crate::template::{Reads, Scope, Subject, Templates, named_in, path_of};
use crate::tree::{Node, Value};
use crate::validate::{Validated, target_value};

/// The objects of a target, not yet checked. Made only by [`Validated::render`].
///
/// ```compile_fail
/// // An unchecked manifest cannot be written: only `Approved` has text.
/// fn write(rendered: tenantctl::render::Rendered) -> String {
///     rendered.yaml()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Rendered {
    configuration: Validated,
    manifests: Vec<Manifest>,
    artifacts: Vec<Artifact>,
}

impl Validated {
    /// Renders the templates of the target's scope, or only the one named.
    pub fn render(
        self,
        templates: &Templates,
        only: Option<&str>,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Rendered, Failed> {
        let mark = diagnostics.mark();
        let scope = Scope::of(self.target());
        let subject = Subject::new(self.root().clone(), target_value(self.target()));
        let wanted = |name: &&Arc<str>| only.is_none_or(|only| only == name.as_ref());
        let mut manifests = Vec::new();
        for name in templates.names(scope).filter(wanted) {
            // Each failure is recorded; the other templates are still rendered.
            let Ok(documents) = templates.render(name, &subject, sources, diagnostics) else { continue };
            for document in documents {
                let identifying = secret_in_identity(&document);
                match Manifest::new(document, name) {
                    Ok(manifest) => manifests.push(manifest),
                    Err(diagnostic) => diagnostics.record(match identifying {
                        Some(secret) => named_in(*diagnostic, &secret, self.root()),
                        None => *diagnostic,
                    }),
                }
            }
        }
        let mut artifacts = Vec::new();
        for name in templates.artifacts(scope).filter(wanted) {
            let Ok(Some(text)) = templates.artifact(name, &subject, sources, diagnostics) else { continue };
            artifacts.extend(path_of(name).map(|(_, path)| Artifact::new(path, text)));
        }
        diagnostics.since(mark)?;
        manifests.sort_by_cached_key(Manifest::install_order);
        Ok(Rendered { configuration: self, manifests, artifacts })
    }
}

/// The name of the first secret in what an object is known by.
fn secret_in_identity(document: &Node) -> Option<String> {
    let fields: [&[&str]; 4] = [&["apiVersion"], &["kind"], &["metadata", "name"], &["metadata", "namespace"]];
    fields.into_iter().find_map(|keys| match document.at(keys).map(|node| &node.value) {
        Some(Value::Secret(secret)) => Some(secret.name().to_owned()),
        _ => None,
    })
}

impl Validated {
    /// The documents of all templates of the target's scope, each with its template and what its fields were filled from.
    pub(crate) fn traced(
        &self,
        templates: &Templates,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<(Arc<str>, Node, Reads)>, Failed> {
        let scope = Scope::of(self.target());
        let subject = Subject::new(self.root().clone(), target_value(self.target()));
        let mut traced = Vec::new();
        for name in templates.names(scope) {
            let documents = templates.trace(name, &subject, sources, diagnostics)?;
            traced.extend(documents.into_iter().map(|(node, reads)| (Arc::clone(name), node, reads)));
        }
        Ok(traced)
    }

    /// The objects of one template with what their fields were filled from: renders it once more, traced.
    pub(crate) fn traced_template(
        &self,
        templates: &Templates,
        name: &Arc<str>,
        sources: &Sources,
    ) -> Vec<(Manifest, Reads)> {
        // What is wrong with the template was said when it was rendered first.
        let mut ignored = Diagnostics::new();
        let subject = Subject::new(self.root().clone(), target_value(self.target()));
        let documents = templates.trace(name, &subject, sources, &mut ignored).unwrap_or_default();
        let object = |(document, reads)| Some((Manifest::new(document, name).ok()?, reads));
        documents.into_iter().filter_map(object).collect()
    }

    /// The place in the layers that the field of an object was filled from: renders its template once more, traced.
    /// `None` if the template has it literally.
    pub(crate) fn origin(&self, templates: &Templates, field: &Field, sources: &Sources) -> Option<Place> {
        let objects = self.traced_template(templates, &field.template, sources);
        let (manifest, _) = objects.into_iter().find(|(manifest, _)| *manifest.identity() == field.object)?;
        Some(self.resolved().decisive(manifest.node().get(&field.path)?.under.as_ref()?.place))
    }
}

impl Rendered {
    /// Whose objects they are.
    pub fn target(&self) -> &Arc<Target> {
        self.configuration.target()
    }

    /// The configuration they were rendered from.
    pub fn configuration(&self) -> &Validated {
        &self.configuration
    }

    /// The objects in install order.
    pub fn manifests(&self) -> &[Manifest] {
        &self.manifests
    }

    /// The files that are no manifests, sorted by path.
    pub fn artifacts(&self) -> &[Artifact] {
        &self.artifacts
    }

    pub(crate) fn into_parts(self) -> (Vec<Manifest>, Vec<Artifact>) {
        (self.manifests, self.artifacts)
    }
}
