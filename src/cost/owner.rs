//! Who may set a value to what is recommended.

use std::sync::Arc;

use crate::layers::Layer;
use crate::lock::{Lock, Mode};
use crate::merge::called;
use crate::path::Path;
use crate::quantity::Quantity;
use crate::source::Place;
use crate::tree::Node;
use crate::validate::Validated;
use crate::workspace::Workspace;

use crate::integrity::quantity;

/// Who may set a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The tenant, in this file.
    Tenant(Arc<str>),
    /// A layer, such as `layer contract`, and why it is not the tenant.
    Layer {
        /// What it is called.
        layer: String,
        /// Why, in a few words.
        why: String,
    },
    /// Whoever writes the template: no value of the configuration fills the field as it is.
    Template,
}

/// Who may set the value at a path of a tenant's configuration to `recommended`, and the place that decides it now.
pub(super) fn owner(
    workspace: &Workspace<'_>,
    validated: &Validated,
    path: &Path,
    recommended: Quantity,
) -> (Owner, Option<Place>) {
    let configuration = validated.resolved();
    let (_, node, _) = configuration.merged().reach(path);
    let stack = validated.layers().stack();
    let place = configuration.decisive(node.place);
    let setter = validated.layers().layer_of(place);
    let target = validated.target();
    let file = target.tenant().and_then(|tenant| workspace.tenant_file(target.environment(), tenant));
    let own = stack.iter().find(|layer| file.as_deref() == Some(layer.document.name.as_ref()));
    let because = |layer: Option<&Layer>, why: &str| {
        let layer = layer.map_or_else(|| "another layer".to_owned(), called);
        Owner::Layer { layer, why: why.to_owned() }
    };
    let found = match (own, setter) {
        (None, _) => because(setter, "the tenant has no file"),
        (Some(own), Some(setter)) if setter.rank > own.rank => {
            because(Some(setter), "it stands above the tenant's file")
        }
        (Some(own), _) => {
            let inherited = below(node, validated, own.rank);
            let locks = workspace.rules().locks.iter();
            let mut locks = locks.filter(|lock| lock.owner_rank < own.rank && lock.pattern.covers(path));
            let forbidden = locks.find(|lock| !allows(lock, inherited, recommended));
            let schema = workspace.schemas().layers.get(&own.name);
            match forbidden {
                Some(lock) => Owner::Layer { layer: format!("layer {}", lock.owner), why: lock.reason.to_string() },
                None if schema.is_some_and(|schema| schema.describe(path).is_none()) => {
                    because(setter, "the schema of tenants' files does not have it")
                }
                None => Owner::Tenant(Arc::clone(&own.document.name)),
            }
        }
    };
    (found, Some(place))
}

/// What the layers below a rank say.
fn below(node: &Node, validated: &Validated, rank: usize) -> Option<Quantity> {
    let is_below = |node: &&Node| validated.layers().layer_of(node.place).is_some_and(|layer| layer.rank < rank);
    std::iter::once(node).chain(node.beaten()).find(is_below).and_then(quantity)
}

fn allows(lock: &Lock, inherited: Option<Quantity>, recommended: Quantity) -> bool {
    match (lock.mode, inherited) {
        (Mode::Fixed, _) => false,
        // Where nothing is inherited there is nothing to tighten.
        (Mode::Append, _) | (_, None) => true,
        (Mode::AtMost, Some(inherited)) => recommended <= inherited,
        (Mode::AtLeast, Some(inherited)) => recommended >= inherited,
    }
}
