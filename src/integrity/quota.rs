//! A namespace's quota covers everything that its objects may ask for at the same time: at the largest scale, while a new
//! version is rolled out.

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::Finding;
use super::amount::{amounts, claims, quantity};
use super::pod::{Pod, number};
use super::scale::{amount, range};
use super::set::{Set, called, namespace, site};
use crate::diagnostic::code;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::quantity::Quantity;
use crate::tree::Node;

/// The share of a Deployment's pods that is added while it rolls, where it does not say.
const SURGE: &str = "25%";

/// What one thing asks for, by the names of a quota, and how it comes to that.
struct Ask {
    who: String,
    count: i64,
    amounts: Vec<(String, Quantity)>,
}

pub(super) fn check(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for (index, quota) in set.of_kind("ResourceQuota") {
        let spec = quota.node().at(&["spec"]);
        // One for a part of the pods: which, only the cluster knows.
        if spec.is_none_or(|spec| spec.at(&["scopes"]).is_some() || spec.at(&["scopeSelector"]).is_some()) {
            continue;
        }
        let asked = asks(set, quota);
        for (resource, hard) in amounts(quota.node(), &["spec", "hard"]) {
            let name = standard(resource);
            let asks: Vec<(&Ask, Quantity)> = asked
                .iter()
                .filter_map(|ask| {
                    let (_, each) = ask.amounts.iter().find(|(asked, _)| *asked == name)?;
                    Some((ask, each.times(Decimal::from(ask.count))?))
                })
                .filter(|(_, sum)| *sum > Quantity::ZERO)
                .collect();
            let sum = asks.iter().try_fold(Quantity::ZERO, |sum, (_, more)| sum.plus(*more));
            let Some(sum) = sum.filter(|sum| *sum > hard) else { continue };
            let at = site(index, &Path::from_keys(["spec", "hard", resource]));
            let message = format!("{} allows {hard} of {resource}, but {sum} may be asked for", called(quota));
            let mut finding = Finding::new(code::QUOTA, at, message, "less than its objects may ask for");
            for (ask, total) in asks {
                finding = finding.note(format!("{total}: {}", ask.who));
            }
            findings
                .push(finding.help("raise the quota, or lower the scale or the requests of what is in the namespace"));
        }
    }
}

/// One name for the several that a quota may use.
fn standard(resource: &str) -> String {
    match resource {
        "cpu" | "memory" | "ephemeral-storage" => format!("requests.{resource}"),
        "pods" => "count/pods".to_owned(),
        "services"
        | "configmaps"
        | "secrets"
        | "persistentvolumeclaims"
        | "resourcequotas"
        | "replicationcontrollers" => {
            format!("count/{resource}")
        }
        other => other.to_owned(),
    }
}

/// What is asked for in the namespace of a quota.
fn asks(set: &Set<'_>, quota: &Manifest) -> Vec<Ask> {
    let space = namespace(quota);
    let mut asks: Vec<Ask> = set
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
        let count = if at.path.is_root() {
            1
        } else {
            set.pods.iter().find(|pod| pod.manifest == at.manifest).map_or(1, |pod| range(set, pod).most)
        };
        asks.push(volumes(&owner.map(called).unwrap_or_default(), count, size));
    }
    for (kind, name) in [("Service", "services"), ("ConfigMap", "configmaps"), ("Secret", "secrets")] {
        let count = set.of_kind(kind).filter(|(_, manifest)| namespace(manifest) == space).count();
        // Every namespace has one that Kubernetes makes.
        let count = i64::try_from(count).unwrap_or(i64::MAX) + i64::from(kind == "ConfigMap");
        asks.push(Ask {
            who: format!("{count} of kind {kind}"),
            count,
            amounts: vec![(format!("count/{name}"), one())],
        });
    }
    asks
}

fn one() -> Quantity {
    Quantity::parse("1").unwrap_or(Quantity::ZERO)
}

fn volumes(who: &str, count: i64, size: Option<Quantity>) -> Ask {
    let mut amounts = vec![("count/persistentvolumeclaims".to_owned(), one())];
    amounts.extend(size.map(|size| ("requests.storage".to_owned(), size)));
    Ask { who: format!("{count} volumes of {who}"), count, amounts }
}

/// What the pods of a template ask for at the largest scale, while they are replaced.
fn of_pods(set: &Set<'_>, pod: &Pod<'_>, spec: &Node) -> Ask {
    let most = range(set, pod).most;
    let surge = set.manifests.get(pod.manifest).map_or(0, |manifest| surge(manifest, most));
    let count = most + surge;
    let extra = if surge > 0 { format!(" and {surge} while they are replaced") } else { String::new() };
    let who = format!("{most} pods of {}/{}{extra}", pod.kind, pod.name);
    Ask { who, count, amounts: of_one(pod, spec) }
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
fn operated(manifest: &Manifest) -> Vec<Ask> {
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
            let pods = Ask { who: format!("{count} pods of {who}"), count, amounts: resources(&["spec", "resources"]) };
            let mut asks = vec![pods, volumes(&who, count, size(&["spec", "storage", "size"]))];
            if let Some(wal) = size(&["spec", "walStorage", "size"]) {
                asks.push(volumes(&format!("{who} for its log"), count, Some(wal)));
            }
            asks
        }
        _ => Vec::new(),
    }
}
