//! A configuration whose expressions have values, before anybody judged it; and the way back through its expressions.

use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Failed};
use crate::expression::Expressions;
use crate::layers::Layers;
use crate::merge::Merged;
use crate::path::{Path, Step};
use crate::source::{Place, Sources};
use crate::target::Target;
use crate::tree::{Kind, Node, Value as Data};

use super::target_value;

/// What a configuration says, whether it is right or not: enough to explain its values, not enough to render them.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub(super) root: Node,
    pub(super) layers: Layers,
    /// The tree as it was merged, with what evaluated its expressions: to say later where a value came from.
    merged: Node,
    expressions: Expressions,
}

impl Merged {
    /// Evaluates the expressions.
    pub(super) fn resolve(
        self,
        expressions: &Expressions,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Resolved, Failed> {
        let root = expressions.resolve(self.root(), target_value(self.target()), sources, diagnostics)?;
        let layers = self.layers().clone();
        Ok(Resolved { root, layers, merged: self.into_root(), expressions: expressions.clone() })
    }
}

impl Resolved {
    /// As much as can be said of a tree that may be wrong: where an expression has no value, all stay as written.
    pub(crate) fn of(merged: Node, layers: Layers, expressions: &Expressions, sources: &Sources) -> Self {
        let target = target_value(layers.target());
        let root = expressions.resolve(&merged, target, sources, &mut Diagnostics::new());
        Self { root: root.unwrap_or_else(|_| merged.clone()), layers, merged, expressions: expressions.clone() }
    }

    /// The configuration.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The layers it was merged from.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// Whose configuration it is.
    pub fn target(&self) -> &Arc<Target> {
        self.layers.target()
    }

    /// The tree as it was merged, with its expressions as they are written.
    pub(crate) fn merged(&self) -> &Node {
        &self.merged
    }

    /// What the expression at a path of the merged tree reads itself, in order.
    pub(crate) fn reads(&self, path: &Path) -> Vec<Path> {
        self.expressions.reads(&self.merged, target_value(self.target()), path)
    }

    /// The place that decides a value: its own, or, of an expression, that of the highest layer among what it reads.
    pub(crate) fn decisive(&self, place: Place) -> Place {
        // Expressions that need each other are at most so many.
        const DEEPEST: usize = 64;
        let mut place = place;
        for _ in 0..DEEPEST {
            let Some(path) = live_at(&self.merged, place, &mut Path::root()) else { break };
            let reads = self.reads(&path);
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
