//! Selectors: a workload's fits its own pods, a Service's and a policy's fit some.

use super::pod::Labels;
use super::set::{Set, called, namespace, site};
use super::walk;
use super::{Finding, Site};
use crate::diagnostic::code;
use crate::path::Path;
use crate::tree::{Map, Node};

/// Kinds whose selector must fit the template of their own pods.
const OWNERS: [&str; 5] = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Rollout"];

/// Kinds that select pods of their namespace, and where. A selector without conditions takes all.
const SELECTORS: [(&str, &str); 3] =
    [("NetworkPolicy", "spec.podSelector"), ("PodDisruptionBudget", "spec.selector"), ("PodMonitor", "spec.selector")];

pub(super) fn check(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for kind in OWNERS {
        for (index, manifest) in set.of_kind(kind) {
            let Some(selector) = manifest.node().at(&["spec", "selector"]) else { continue };
            let path = Path::from_keys(["spec", "selector"]);
            let own = set.pods.iter().filter(|pod| pod.manifest == index);
            for pod in own.filter(|pod| !fits(selector, &pod.labels)) {
                let message = format!("the selector of {} does not fit its own pods", called(manifest));
                let related = site(index, &pod.path.key("metadata").key("labels"));
                findings.push(
                    Finding::new(code::SELECTOR, site(index, &path), message, "these labels are selected")
                        .also(related, "these labels the pods have")
                        .help("give the template of the pods every label that is selected"),
                );
            }
        }
    }
    for (index, manifest) in set.of_kind("Service") {
        let Some(selector) = manifest.node().at(&["spec", "selector"]) else { continue };
        let wanted: Vec<(&str, &str)> = equal(selector);
        let place = Path::from_keys(["spec", "selector"]);
        if manifest.node().str_at(&["spec", "type"]) != Some("ExternalName") && !wanted.is_empty() {
            let chosen = |labels: &Labels<'_>| has_all(&wanted, labels);
            some(set, namespace(manifest), site(index, &place), &called(manifest), chosen, findings);
        }
    }
    for (kind, way) in SELECTORS {
        for (index, manifest) in set.of_kind(kind) {
            walk::each(manifest.node(), way, &mut |selector, trail| {
                let who = called(manifest);
                if !is_empty(selector) {
                    let chosen = |labels: &Labels<'_>| fits(selector, labels);
                    some(set, namespace(manifest), site(index, &trail.path()), &who, chosen, findings);
                }
            });
        }
    }
    monitors(set, findings);
}

/// A ServiceMonitor selects Services.
fn monitors(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for (index, manifest) in set.of_kind("ServiceMonitor") {
        let spec = manifest.node().at(&["spec"]);
        let elsewhere = spec.is_some_and(|spec| spec.at(&["namespaceSelector"]).is_some());
        let Some(selector) = spec.and_then(|spec| spec.at(&["selector"])).filter(|_| !elsewhere) else { continue };
        let mut services = set.of_kind("Service").filter(|(_, service)| namespace(service) == namespace(manifest));
        if !services.any(|(_, service)| fits(selector, &Labels::Written(service.node().at(&["metadata", "labels"])))) {
            let message = format!("{} selects no Service", called(manifest));
            let at = site(index, &Path::from_keys(["spec", "selector"]));
            findings.push(
                Finding::new(code::SELECTOR, at, message, "no Service of the namespace has these labels")
                    .absent()
                    .help("select labels that the Service has under its own metadata, not those of its pods"),
            );
        }
    }
}

/// Records that a selector fits no pod of a namespace.
fn some(
    set: &Set<'_>,
    namespace: &str,
    at: Site,
    who: &str,
    chosen: impl Fn(&Labels<'_>) -> bool,
    findings: &mut Vec<Finding>,
) {
    if set.pods_in(namespace).any(|pod| chosen(&pod.labels)) {
        return;
    }
    let nearest = set.pods_in(namespace).next();
    let mut finding =
        Finding::new(code::SELECTOR, at, format!("{who} selects no pod"), "no pod of the namespace has these labels")
            .absent()
            .help("select labels that pods have, or remove the object");
    if let Some(pod) = nearest.filter(|pod| pod.spec.is_some()) {
        let site = site(pod.manifest, &pod.path.key("metadata").key("labels"));
        finding = finding.also(site, format!("the labels of the pods of {}/{}", pod.kind, pod.name));
    }
    findings.push(finding);
}

/// The equalities of a selector that is a plain mapping.
fn equal(selector: &Node) -> Vec<(&str, &str)> {
    let pairs = selector.value.as_map().into_iter().flat_map(Map::iter);
    pairs.filter_map(|(key, entry)| Some((key.as_ref(), entry.node.value.as_str()?))).collect()
}

fn has_all(wanted: &[(&str, &str)], labels: &Labels<'_>) -> bool {
    let known = || wanted.iter().any(|(key, _)| labels.get(key).is_some());
    (!labels.is_partly_known() || known())
        && wanted.iter().all(|(key, value)| has(labels, key, |found| found == *value))
}

/// Whether labels have a value; what a controller may set beside the known ones is taken to fit.
fn has(labels: &Labels<'_>, key: &str, is: impl Fn(&str) -> bool) -> bool {
    match labels.get(key) {
        Some(found) => is(found),
        None => labels.is_partly_known(),
    }
}

fn is_empty(selector: &Node) -> bool {
    ["matchLabels", "matchExpressions"].iter().all(|key| {
        selector.at(&[key]).is_none_or(|node| {
            node.value.as_map().is_some_and(Map::is_empty) || node.value.as_list().is_some_and(<[_]>::is_empty)
        })
    })
}

/// Whether a selector of `matchLabels` and `matchExpressions` fits labels.
pub(crate) fn fits(selector: &Node, labels: &Labels<'_>) -> bool {
    let equal = selector.at(&["matchLabels"]).map(equal).unwrap_or_default();
    let expressions = selector.at(&["matchExpressions"]).and_then(|list| list.value.as_list()).unwrap_or_default();
    if equal.is_empty() && labels.is_partly_known() {
        let keys = || expressions.iter().filter_map(|expression| expression.str_at(&["key"]));
        return keys().any(|key| labels.get(key).is_some())
            && expressions.iter().all(|expression| holds(expression, labels));
    }
    has_all(&equal, labels) && expressions.iter().all(|expression| holds(expression, labels))
}

fn holds(expression: &Node, labels: &Labels<'_>) -> bool {
    let key = expression.str_at(&["key"]).unwrap_or_default();
    let values = expression.at(&["values"]).and_then(|list| list.value.as_list()).unwrap_or_default();
    let among = |found: &str| values.iter().any(|value| value.value.as_str() == Some(found));
    match expression.str_at(&["operator"]) {
        Some("In") => has(labels, key, among),
        Some("NotIn") => labels.get(key).is_none_or(|found| !among(found)),
        Some("Exists") => has(labels, key, |_| true),
        Some("DoesNotExist") => labels.get(key).is_none(),
        // What an operator means that is none, the schema says.
        _ => true,
    }
}
