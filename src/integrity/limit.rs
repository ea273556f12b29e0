//! What containers may use: their limits, and what they request within them.

use super::amount::amounts;
use super::set::Set;
use crate::path::Path;
use crate::quantity::Quantity;

/// What one container may use of a resource.
#[derive(Debug)]
pub(crate) struct Limit<'a> {
    /// Index of the object that runs it.
    pub(crate) manifest: usize,
    /// Where the container stands in the object.
    pub(crate) path: Path,
    /// Its name.
    pub(crate) container: &'a str,
    /// `cpu` or `memory`.
    pub(crate) resource: &'static str,
    /// The most it may use.
    pub(crate) most: Quantity,
    /// What it requests, where that is written.
    pub(crate) request: Option<Quantity>,
}

impl Limit<'_> {
    /// The field of the limit, or of the request with `requests`.
    pub(crate) fn field(&self, part: &str) -> Path {
        self.path.key("resources").key(part).key(self.resource)
    }
}

pub(super) fn of<'a>(set: &Set<'a>) -> Vec<Limit<'a>> {
    let mut limits = Vec::new();
    for pod in &set.pods {
        for container in pod.containers().into_iter().filter(|container| !container.initial) {
            let written = |part, resource| {
                let all = amounts(container.node, &["resources", part]);
                all.into_iter().find(|(name, _)| *name == resource).map(|(_, amount)| amount)
            };
            for resource in ["cpu", "memory"] {
                let Some(limit) = written("limits", resource) else { continue };
                limits.push(Limit {
                    manifest: pod.manifest,
                    path: container.path.clone(),
                    container: container.node.str_at(&["name"]).unwrap_or_default(),
                    resource,
                    most: limit,
                    request: written("requests", resource),
                });
            }
        }
    }
    limits
}
