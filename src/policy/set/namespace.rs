//! Rules of namespaces: whose objects are in them, and how much these may take.

use super::{Verdict, View, items, keys};
use crate::check::is_namespaced;
use crate::diagnostic::code;
use crate::tree::{Map, Node};

/// What a quota has to bound, with the other name that it may have.
const BOUNDED: [(&str, &str); 5] = [
    ("requests.cpu", "cpu"),
    ("requests.memory", "memory"),
    ("limits.memory", "limits.memory"),
    ("pods", "count/pods"),
    ("requests.storage", "requests.storage"),
];

/// What a LimitRange sets for containers.
const DEFAULTS: [&str; 3] = ["default", "defaultRequest", "max"];

/// Every object of a tenant says its namespace, which is the tenant's: one that it renders, or that is called like it.
pub(super) fn own(view: &View<'_>, verdict: &mut Verdict) {
    let Some(tenant) = view.facts.tenant else { return };
    let rendered: Vec<&str> =
        view.set.of_kind("Namespace").map(|(_, namespace)| namespace.identity().name().as_ref()).collect();
    for (index, manifest) in view.set.manifests.iter().enumerate() {
        let identity = manifest.identity();
        match identity.namespace() {
            Some(namespace) => {
                let holds = namespace.as_ref() == tenant || rendered.contains(&namespace.as_ref());
                let at = || keys(index, ["metadata", "namespace"]);
                verdict.judge(holds, at, || "an object must be in the namespace of its tenant".to_owned());
            }
            None if is_namespaced(identity.group(), identity.kind()) == Some(true) => {
                verdict.broken(keys(index, ["metadata"]), "an object must say its namespace");
            }
            None => {}
        }
    }
}

/// Quotas of each namespace bound everything that is scarce.
pub(super) fn quota(view: &View<'_>, verdict: &mut Verdict) {
    for space in view.namespaces() {
        let quotas: Vec<(usize, &Map)> = view
            .of_kind("ResourceQuota", space)
            .filter_map(|(index, quota)| Some((index, quota.node().at(&["spec", "hard"])?.value.as_map()?)))
            .collect();
        let bounds = |name: &str| quotas.iter().any(|(_, hard)| hard.get(name).is_some());
        let missing: Vec<&str> =
            BOUNDED.iter().filter(|(name, other)| !bounds(name) && !bounds(other)).map(|(name, _)| *name).collect();
        let at = || match quotas.first() {
            Some((index, _)) => keys(*index, ["spec", "hard"]),
            None => view.at_namespace(space),
        };
        verdict.judge(missing.is_empty(), at, || format!("a quota must bound {}", missing.join(", ")));
    }
}

/// Each namespace gives containers defaults and a most.
pub(super) fn limit_range(view: &View<'_>, verdict: &mut Verdict) {
    for space in view.namespaces() {
        let limits: Vec<(usize, &Node)> = view
            .of_kind("LimitRange", space)
            .flat_map(|(index, range)| items(range.node(), &["spec", "limits"]).iter().map(move |limit| (index, limit)))
            .filter(|(_, limit)| limit.str_at(&["type"]) == Some("Container"))
            .collect();
        let missing: Vec<&str> =
            DEFAULTS.into_iter().filter(|key| !limits.iter().any(|(_, limit)| limit.at(&[key]).is_some())).collect();
        let at = || match limits.first() {
            Some((index, _)) => keys(*index, ["spec", "limits"]),
            None => view.at_namespace(space),
        };
        verdict.judge(missing.is_empty(), at, || format!("a LimitRange must set {} of containers", missing.join(", ")));
    }
}

/// Quotas cover what the objects may ask for.
pub(super) fn quota_covers(view: &View<'_>, verdict: &mut Verdict) {
    verdict.judge_by(view, view.set.of_kind("ResourceQuota").map(|(index, _)| index), &[code::QUOTA]);
}
