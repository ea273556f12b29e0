//! What the objects of a namespace ask for: pods at each scale, volumes, objects that are counted.

use indexmap::IndexMap;

use super::amount::{amounts, claims, quantity};
use super::pod::{Pod, number};
use super::scale::{Range, amount, range};
use super::set::{Set, called, namespace};
use crate::manifest::Manifest;
use crate::quantity::Quantity;
use crate::tree::Node;

/// The share of a Deployment's pods that is added while it rolls, where it does not say.
const SURGE: &str = "25%";

/// What one thing asks for, by the names of a quota.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// How it comes to that.
    pub(crate) who: String,
    /// How many there are, at the least and at the most; of what runs on every node, on one.
    pub(crate) count: Range,
    /// Whether there are so many on every node.
    pub(crate) per_node: bool,
    /// How many more there may be while they are replaced.
    pub(crate) surge: i64,
    /// What one of them asks for, such as `requests.cpu`.
    pub(crate) amounts: Vec<(String, Quantity)>,
    /// The storage class of volumes, where it is named.
    pub(crate) class: String,
}

/// What an annotation has Istio ask for its proxy in a pod, beside the containers.
const PROXY: [(&str, &str); 4] = [
    ("sidecar.istio.io/proxyCPU", "requests.cpu"),
    ("sidecar.istio.io/proxyMemory", "requests.memory"),
    ("sidecar.istio.io/proxyCPULimit", "limits.cpu"),
    ("sidecar.istio.io/proxyMemoryLimit", "limits.memory"),
];

/// What is asked for in a namespace.
pub(super) fn of(set: &Set<'_>, space: &str) -> Vec<Demand> {
    let mut asks: Vec<Demand> = set
        .pods_in(space)
        .filter_map(|pod| Some((pod, pod.spec?)))
        .map(|(pod, spec)| of_pods(set, pod, spec))
        .collect();
    for manifest in set.manifests.iter().filter(|manifest| namespace(manifest) == space) {
        asks.extend(operated(manifest));
    }
    for (at, claim) in claims(set, space) {
        let owner = set.manifests.get(at.manifest);
        let size = claim.at(&["spec", "resources", "requests", "storage"]).and_then(quantity);
        let pods = set.pods.iter().find(|pod| !at.path.is_root() && pod.manifest == at.manifest);
        let count = pods.map_or(Range { least: 1, most: 1 }, |pod| range(set, pod));
        let class = claim.str_at(&["spec", "storageClassName"]).unwrap_or_default();
        asks.push(volumes(&owner.map(called).unwrap_or_default(), count, size, class));
    }
    for (kind, name) in [("Service", "services"), ("ConfigMap", "configmaps"), ("Secret", "secrets")] {
        let count = set.of_kind(kind).filter(|(_, manifest)| namespace(manifest) == space).count();
        // Every namespace has one that Kubernetes makes.
        let count = i64::try_from(count).unwrap_or(i64::MAX) + i64::from(kind == "ConfigMap");
        asks.push(Demand {
            who: format!("{count} of kind {kind}"),
            count: Range { least: count, most: count },
            per_node: false,
            surge: 0,
            amounts: vec![(format!("count/{name}"), one())],
            class: String::new(),
        });
    }
    asks
}

fn one() -> Quantity {
    Quantity::parse("1").unwrap_or(Quantity::ZERO)
}

fn volumes(who: &str, count: Range, size: Option<Quantity>, class: &str) -> Demand {
    let mut amounts = vec![("count/persistentvolumeclaims".to_owned(), one())];
    amounts.extend(size.map(|size| ("requests.storage".to_owned(), size)));
    Demand {
        who: format!("{} volumes of {who}", count.most),
        count,
        per_node: false,
        surge: 0,
        amounts,
        class: class.to_owned(),
    }
}

/// What the pods of a template ask for at the largest scale, while they are replaced.
fn of_pods(set: &Set<'_>, pod: &Pod<'_>, spec: &Node) -> Demand {
    let count = range(set, pod);
    let most = count.most;
    let surge = set.manifests.get(pod.manifest).map_or(0, |manifest| surge(manifest, most));
    let extra = if surge > 0 { format!(" and {surge} while they are replaced") } else { String::new() };
    let who = format!("{most} pods of {}/{}{extra}", pod.kind, pod.name);
    let mut amounts = of_one(pod, spec);
    let template = set.manifests.get(pod.manifest).and_then(|manifest| manifest.node().get(&pod.path));
    for (annotation, name) in PROXY {
        let written = template.and_then(|template| template.at(&["metadata", "annotations", annotation]));
        let Some(more) = written.and_then(quantity) else { continue };
        match amounts.iter_mut().find(|(known, _)| known == name) {
            Some((_, sum)) => *sum = sum.plus(more).unwrap_or(*sum),
            None => amounts.push((name.to_owned(), more)),
        }
    }
    Demand { who, count, per_node: pod.kind == "DaemonSet", surge, amounts, class: String::new() }
}

/// The pods that a workload adds while it is replaced.
fn surge(manifest: &Manifest, most: i64) -> i64 {
    let node = manifest.node();
    let share = |keys: &[&str], default: &str| match node.at(keys) {
        Some(found) => amount(found, most).unwrap_or(0),
        None => default
            .strip_suffix('%')
            .and_then(|share| share.parse::<i64>().ok())
            .map_or(0, |share| most.saturating_mul(share).saturating_add(99) / 100),
    };
    match manifest.identity().kind().as_ref() {
        "Deployment" if node.str_at(&["spec", "strategy", "type"]) == Some("Recreate") => 0,
        "Deployment" => share(&["spec", "strategy", "rollingUpdate", "maxSurge"], SURGE),
        "Rollout" => match node.at(&["spec", "strategy", "blueGreen"]) {
            // The new version stands beside the old one.
            Some(strategy) => number(strategy, &["previewReplicaCount"]).unwrap_or(most).max(most),
            None => share(&["spec", "strategy", "canary", "maxSurge"], SURGE),
        },
        _ => 0,
    }
}

/// What one pod asks for: its containers together, or the largest of those that run before, if that is more.
fn of_one(pod: &Pod<'_>, spec: &Node) -> Vec<(String, Quantity)> {
    let mut sums: IndexMap<String, Quantity> = IndexMap::new();
    let mut before: IndexMap<String, Quantity> = IndexMap::new();
    for container in pod.containers() {
        for part in ["requests", "limits"] {
            let mut written = amounts(container.node, &["resources", part]);
            if part == "requests" {
                // A request that is not written is the limit.
                let limits = amounts(container.node, &["resources", "limits"]);
                let missing = limits.into_iter().filter(|(name, _)| !written.iter().any(|(known, _)| known == name));
                written.extend(missing.collect::<Vec<_>>());
            }
            for (resource, more) in written {
                let name = format!("{part}.{resource}");
                if container.initial {
                    let most = before.entry(name).or_insert(Quantity::ZERO);
                    *most = (*most).max(more);
                } else {
                    let sum = sums.entry(name).or_insert(Quantity::ZERO);
                    *sum = sum.plus(more).unwrap_or(*sum);
                }
            }
        }
    }
    for (name, most) in before {
        let sum = sums.entry(name).or_insert(Quantity::ZERO);
        *sum = (*sum).max(most);
    }
    for (resource, more) in amounts(spec, &["overhead"]) {
        for part in ["requests", "limits"] {
            let sum = sums.entry(format!("{part}.{resource}")).or_insert(Quantity::ZERO);
            *sum = sum.plus(more).unwrap_or(*sum);
        }
    }
    sums.insert("count/pods".to_owned(), one());
    sums.into_iter().collect()
}

/// What the pods ask for that an operator runs for an object, as far as the object says.
fn operated(manifest: &Manifest) -> Vec<Demand> {
    let (node, who) = (manifest.node(), called(manifest));
    let resources = |keys: &[&str]| {
        let at = |part: &'static str| [keys, &[part]].concat();
        let named = |part: &'static str| {
            amounts(node, &at(part)).into_iter().map(move |(name, amount)| (format!("{part}.{name}"), amount))
        };
        let mut all: Vec<(String, Quantity)> = named("requests").chain(named("limits")).collect();
        all.push(("count/pods".to_owned(), one()));
        all
    };
    let size = |keys: &[&str]| node.at(keys).and_then(quantity);
    match (manifest.identity().group(), manifest.identity().kind().as_ref()) {
        ("postgresql.cnpg.io", "Cluster") => {
            let count = number(node, &["spec", "instances"]).unwrap_or(1);
            let range = Range { least: count, most: count };
            let class = |part: &str| node.str_at(&["spec", part, "storageClass"]).unwrap_or_default();
            let pods = Demand {
                who: format!("{count} pods of {who}"),
                count: range,
                per_node: false,
                surge: 0,
                amounts: resources(&["spec", "resources"]),
                class: String::new(),
            };
            let mut asks = vec![pods, volumes(&who, range, size(&["spec", "storage", "size"]), class("storage"))];
            if let Some(wal) = size(&["spec", "walStorage", "size"]) {
                asks.push(volumes(&format!("{who} for its log"), range, Some(wal), class("walStorage")));
            }
            asks
        }
        _ => Vec::new(),
    }
}
