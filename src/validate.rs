//! The stage after the merge: a configuration that met its schemas and whose expressions have values.

mod layer;
mod resolved;

pub use resolved::Resolved;

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;

use crate::diagnostic::{Diagnostics, Failed};
use crate::expression::Expressions;
use crate::layers::Layers;
use crate::merge::Merged;
use crate::schema::{Schema, Subject};
use crate::source::{FileId, Place, Sources};
use crate::target::Target;
use crate::tree::Node;

/// The schemas of a workspace.
#[derive(Debug, Default)]
pub struct Schemas {
    /// Of the merged configuration.
    pub(crate) merged: Option<Schema>,
    /// Of the configuration that an environment's own templates see, which has no tenant's layers; else `merged`.
    pub(crate) environment: Option<Schema>,
    /// Of single layers, by layer.
    pub(crate) layers: IndexMap<Arc<str>, Schema>,
    known: layer::Known,
}

impl Schemas {
    /// The files they were read from.
    pub(crate) fn files(&self) -> impl Iterator<Item = FileId> {
        let whole = self.merged.iter().chain(&self.environment);
        whole.chain(self.layers.values()).flat_map(Schema::files)
    }

    /// The schema of a single layer's files.
    pub(crate) fn of_layer(&self, layer: &str) -> Option<&Schema> {
        self.layers.get(layer)
    }

    /// The schema of the merged configuration.
    pub fn merged(&self) -> Option<&Schema> {
        self.merged.as_ref()
    }
}

/// A configuration that met its schemas and locks, without expressions. Made only by [`Merged::validate`].
///
/// ```compile_fail
/// // An unvalidated configuration cannot be rendered: `Merged` has no such method,
/// fn render(merged: tenantctl::merge::Merged) {
///     merged.render();
/// }
/// ```
/// ```compile_fail
/// // and nobody else can make a `Validated`.
/// fn forge(root: tenantctl::tree::Node) -> tenantctl::validate::Validated {
///     tenantctl::validate::Validated(root)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Validated(Resolved);

impl Merged {
    /// Evaluates the expressions and holds the result against the schemas; each layer against its own first.
    pub fn validate(
        self,
        schemas: &Schemas,
        expressions: &Expressions,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Validated, Failed> {
        let resolved = self.resolve(expressions, sources, diagnostics)?;
        let Resolved { root, layers, .. } = &resolved;
        let name = |place: Place| layers.layer_of(place).map(|layer| Arc::clone(&layer.name));
        let mark = diagnostics.mark();
        let found = schemas.check_layers(layers, diagnostics);
        let said: Vec<Place> = found.items().iter().filter_map(|item| Some(item.primary.as_ref()?.place)).collect();
        let own = schemas.environment.as_ref().filter(|_| layers.target().tenant().is_none());
        if let Some(schema) = own.or(schemas.merged.as_ref()) {
            let subject = Subject { layer: &name, label: Some("the merged configuration"), partial: false };
            let mut merged = diagnostics.untargeted();
            schema.check(root, &subject, &mut merged);
            // What a layer's own schema has said at a place is not said again.
            let news = |place: Option<Place>| place.is_none_or(|place| !said.contains(&place));
            let items = merged.items().iter();
            diagnostics.replay(
                &items.filter(|item| news(item.primary.as_ref().map(|label| label.place))).cloned().collect::<Vec<_>>(),
            );
        }
        diagnostics.replay(found.items());
        diagnostics.since(mark)?;
        Ok(Validated(resolved))
    }
}

impl Validated {
    /// The configuration.
    pub fn root(&self) -> &Node {
        &self.0.root
    }

    /// The same, for those who explain values and do not care whether they are right.
    pub fn resolved(&self) -> &Resolved {
        &self.0
    }

    /// The same with another tree, as if it had been made of other values.
    #[cfg(test)]
    pub(crate) fn with_root(&self, root: Node) -> Self {
        let mut resolved = self.0.clone();
        resolved.root = root;
        Self(resolved)
    }

    /// Whose configuration it is.
    pub fn target(&self) -> &Arc<Target> {
        self.0.target()
    }

    /// The layers it was merged from.
    pub fn layers(&self) -> &Layers {
        &self.0.layers
    }
}

/// What templates and expressions know as `target`.
pub(crate) fn target_value(target: &Target) -> Value {
    let overrides: Vec<Value> = target.overrides().iter().map(|name| Value::from(Arc::clone(name))).collect();
    let mut pairs = vec![
        ("environment", Value::from(Arc::clone(target.environment()))),
        ("name", Value::from(target.to_string())),
        ("overrides", Value::from(overrides)),
    ];
    if let Some(tenant) = target.tenant() {
        pairs.push(("tenant", Value::from(Arc::clone(tenant))));
    }
    Value::from_pairs(pairs)
}
