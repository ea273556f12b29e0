//! The stage after the merge: a configuration that met its schemas and whose expressions have values.

mod layer;

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;

use crate::diagnostic::{Diagnostics, Failed};
use crate::expression::Expressions;
use crate::layers::Layers;
use crate::merge::Merged;
use crate::path::{Path, Step};
use crate::schema::{Schema, Subject};
use crate::source::{FileId, Place, Sources};
use crate::target::Target;
use crate::tree::{Kind, Node, Value as Data};

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
///     tenantctl::validate::Validated { root, layers: unimplemented!() }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Validated {
    root: Node,
    layers: Layers,
    /// The tree as it was merged, with what evaluated its expressions: to say later where a value came from.
    merged: Node,
    expressions: Expressions,
}

impl Merged {
    /// Evaluates the expressions and holds the result against the schemas; each layer against its own first.
    pub fn validate(
        self,
        schemas: &Schemas,
        expressions: &Expressions,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Validated, Failed> {
        let layers = self.layers().clone();
        let target = layers.target();
        let root = expressions.resolve(self.root(), target_value(target), sources, diagnostics)?;
        let name = |place: Place| layers.layer_of(place).map(|layer| Arc::clone(&layer.name));
        let mark = diagnostics.mark();
        let found = schemas.check_layers(&layers, diagnostics);
        let said: Vec<Place> = found.items().iter().filter_map(|item| Some(item.primary.as_ref()?.place)).collect();
        let own = schemas.environment.as_ref().filter(|_| target.tenant().is_none());
        if let Some(schema) = own.or(schemas.merged.as_ref()) {
            let subject = Subject { layer: &name, label: Some("the merged configuration"), partial: false };
            let mut merged = diagnostics.untargeted();
            schema.check(&root, &subject, &mut merged);
            // What a layer's own schema has said at a place is not said again.
            let news = |place: Option<Place>| place.is_none_or(|place| !said.contains(&place));
            let items = merged.items().iter();
            diagnostics.replay(
                &items.filter(|item| news(item.primary.as_ref().map(|label| label.place))).cloned().collect::<Vec<_>>(),
            );
        }
        diagnostics.replay(found.items());
        diagnostics.since(mark)?;
        Ok(Validated { root, layers, merged: self.into_root(), expressions: expressions.clone() })
    }
}

impl Validated {
    /// The configuration.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The same with another tree, as if it had been made of other values.
    #[cfg(test)]
    pub(crate) fn with_root(&self, root: Node) -> Self {
        Self { root, ..self.clone() }
    }

    /// The tree as it was merged, with its expressions as they are written.
    pub(crate) fn merged(&self) -> &Node {
        &self.merged
    }

    /// What the expression at a path of the merged tree reads itself, in order.
    pub(crate) fn reads(&self, path: &Path) -> Vec<Path> {
        self.expressions.reads(&self.merged, target_value(self.target()), path)
    }

    /// Whose configuration it is.
    pub fn target(&self) -> &Arc<Target> {
        self.layers.target()
    }

    /// The place that decides a value: its own, or, of an expression, that of the highest layer among what it reads.
    pub(crate) fn decisive(&self, place: Place) -> Place {
        // Expressions that need each other are at most so many.
        const DEEPEST: usize = 64;
        let mut place = place;
        for _ in 0..DEEPEST {
            let Some(path) = live_at(&self.merged, place, &mut Path::root()) else { break };
            let reads = self.expressions.reads(&self.merged, target_value(self.target()), &path);
            let nodes = reads.iter().filter(|read| **read != path).filter_map(|read| self.merged.get(read));
            let scalars = nodes.filter(|node| !matches!(node.value.kind(), Kind::Map | Kind::List));
            let rank = |node: &&Node| self.layers.layer_of(node.place).map(|layer| layer.rank);
            match scalars.max_by_key(rank) {
                Some(node) => place = node.place,
                None => break,
            }
        }
        place
    }

    /// The layers it was merged from.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }
}

/// The path of the expression that stands at a place.
fn live_at(node: &Node, place: Place, path: &mut Path) -> Option<Path> {
    if node.live {
        return (node.place == place).then(|| path.clone());
    }
    let mut below = |step: Step, node: &Node| {
        path.push(step);
        let found = live_at(node, place, path);
        path.pop();
        found
    };
    match &node.value {
        Data::Map(map) => map.iter().find_map(|(key, entry)| below(Step::Key(Arc::clone(key)), &entry.node)),
        Data::List(items) => items.iter().enumerate().find_map(|(index, item)| below(Step::Index(index), item)),
        _ => None,
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
