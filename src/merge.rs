//! The layers of a target become one tree: a strict left fold from the lowest.
//!
//! In go [`Layers`] and [`Rules`], out comes [`Merged`], where every value knows its place and what it beat. The rules
//! are those of version 1: mappings merge by key, scalars and lists replace, presence decides and never truthiness;
//! tags and the schema's `x-merge` ask for something else; a layer may not change the kind of a value. Locks are
//! watched after each layer. Expressions are marked, not evaluated.

mod bound;
mod disagree;
#[cfg(test)]
pub(crate) mod fixture;
mod fold;
#[cfg(test)]
mod laws;
mod list;
mod prefix;
mod seen;
mod strategy;
#[cfg(test)]
mod tests;
mod trail;

pub use bound::compare;
pub use prefix::Prefixes;
pub use strategy::{BadStrategy, Documents, Strategies, Strategy};

pub(crate) use fold::called;
pub(crate) use strategy::At;
pub(crate) use trail::Trail;

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::layers::{Layer, Layers, Trust};
use crate::lock::Lock;
use crate::target::Target;
use crate::tree::{Map, Node, Value};

use fold::{Fold, Laid};

/// What a workspace says about merging.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// How lists merge, from the schema of the merged configuration.
    pub strategies: Strategies,
    /// What later layers may not set.
    pub locks: Vec<Lock>,
}

impl Rules {
    /// The exceptions that the date has ended, each by its lock and its override: nothing else of the rules depends on
    /// the day.
    pub(crate) fn ended(&self) -> Vec<String> {
        let exceptions = self.locks.iter().enumerate().flat_map(|(lock, rule)| {
            rule.except.iter().filter(|exception| exception.ended).map(move |exception| (lock, &exception.name))
        });
        exceptions.map(|(lock, name)| format!("{lock} {name}")).collect()
    }
}

/// One tree; every value knows its place and the places it beat. Made by [`Layers::merge`] only.
#[derive(Clone, Debug)]
pub struct Merged {
    root: Node,
    layers: Layers,
}

impl Merged {
    /// The tree: a mapping.
    pub fn root(&self) -> &Node {
        &self.root
    }

    pub(crate) fn into_root(self) -> Node {
        self.root
    }

    /// What it was merged from.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// What it is the configuration of.
    pub fn target(&self) -> &Arc<Target> {
        self.layers.target()
    }
}

impl Layers {
    /// Folds the layers into one tree. `prefixes` keeps what the layers below the first tenant's make, for the next
    /// target; one `Prefixes` serves one `Rules`.
    ///
    /// Records every finding of the merge, the locks and overrides that disagree; fails if one is an error.
    pub fn merge(&self, rules: &Rules, prefixes: &Prefixes, diagnostics: &mut Diagnostics) -> Result<Merged, Failed> {
        let mark = diagnostics.mark();
        let Some(root) = self.fold(rules, prefixes, diagnostics) else {
            let message = format!("{} has no layer, but a configuration is made of at least one", self.target());
            let diagnostic = Diagnostic::new(code::MISSING_LAYER, message);
            return Err(diagnostics.fail(diagnostic.help("write the file of the lowest layer under `layers`")));
        };
        disagree::check(self.stack(), rules, diagnostics);
        diagnostics.since(mark)?;
        Ok(Merged { root, layers: self.clone() })
    }

    /// The tree, right or wrong: where a layer may not do what it does, what stands below it stays. `None` without a
    /// layer.
    pub(crate) fn fold(&self, rules: &Rules, prefixes: &Prefixes, diagnostics: &mut Diagnostics) -> Option<Node> {
        let stack = self.stack();
        let shared = stack.iter().take_while(|layer| layer.trust == Trust::Code).count();
        let mut root = prefixes.merged(stack.get(..shared).unwrap_or_default(), rules, diagnostics);
        for upto in shared + 1..=stack.len() {
            root = step(root.as_ref(), stack.get(..upto).unwrap_or_default(), rules, diagnostics);
        }
        root
    }

    /// The trees on the way: what the lowest layer makes, what it and the next make, and so on. The last is that of
    /// [`fold`](Self::fold).
    pub(crate) fn trees(&self, rules: &Rules, prefixes: &Prefixes, diagnostics: &mut Diagnostics) -> Vec<Node> {
        let stack = self.stack();
        let shared = stack.iter().take_while(|layer| layer.trust == Trust::Code).count();
        let mut trees: Vec<Node> = Vec::with_capacity(stack.len());
        for upto in 1..=stack.len() {
            let run = stack.get(..upto).unwrap_or_default();
            // A longer run says what the shorter ones have said.
            let mut found = diagnostics.untargeted();
            let tree = if upto <= shared {
                prefixes.merged(run, rules, &mut found)
            } else {
                step(trees.last(), run, rules, &mut found)
            };
            if upto >= shared {
                diagnostics.replay(found.items());
            }
            trees.extend(tree);
        }
        trees
    }
}

/// Lays the last layer of `stack` over the tree of those below it, and watches the locks.
fn step(below: Option<&Node>, stack: &[Layer], rules: &Rules, diagnostics: &mut Diagnostics) -> Option<Node> {
    let Some(layer) = stack.last() else { return below.cloned() };
    let over = &layer.document.root;
    let laid = Fold { stack, layer, diagnostics }.lay(below, over, rules.strategies.root(), &Trail::Root);
    let merged = match laid {
        Laid::Put(node) => node,
        Laid::Kept => below.cloned()?,
        // Every layer has a mapping at the top; without it nothing is left.
        Laid::Gone | Laid::Absent => Node::new(Value::Map(Arc::new(Map::default())), over.place),
    };
    for lock in &rules.locks {
        lock.watch(below, &merged, stack, diagnostics);
    }
    Some(merged)
}
