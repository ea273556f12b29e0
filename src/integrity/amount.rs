//! Amounts of a container: requests within limits, both within the LimitRange of the namespace.

use super::container::list;
use super::pod::{Container, Pod};
use super::set::{self, Set, namespace, site};
use super::{Finding, Site};
use crate::diagnostic::code;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::quantity::Quantity;
use crate::tree::{Map, Node, Number, Value};

pub(super) fn check(set: &Set<'_>, findings: &mut Vec<Finding>) {
    let ranges: Vec<(usize, &Manifest)> = set.of_kind("LimitRange").collect();
    for pod in &set.pods {
        for container in pod.containers() {
            requests(pod, &container, findings);
            for (index, range) in ranges.iter().filter(|(_, range)| namespace(range) == pod.namespace) {
                within(pod, &container, *index, range, findings);
            }
        }
    }
    for (index, range) in ranges {
        for (at, claim) in claims(set, namespace(range)) {
            volume(&at, claim, index, range, findings);
        }
    }
}

/// An amount that is a quantity or a number.
pub(crate) fn quantity(node: &Node) -> Option<Quantity> {
    match &node.value {
        Value::String(text) => Quantity::parse(text),
        Value::Number(Number::Int(number)) => Quantity::parse(&number.to_string()),
        Value::Number(Number::Float(number)) => Quantity::parse(&number.to_string()),
        _ => None,
    }
}

/// The amounts of a mapping such as `resources.limits`.
pub(super) fn amounts<'a>(node: &'a Node, keys: &[&str]) -> Vec<(&'a str, Quantity)> {
    let map = node.at(keys).and_then(|node| node.value.as_map());
    let pairs = map.into_iter().flat_map(Map::iter);
    pairs.filter_map(|(key, entry)| Some((key.as_ref(), quantity(&entry.node)?))).collect()
}

fn requests(pod: &Pod<'_>, container: &Container<'_>, findings: &mut Vec<Finding>) {
    for (resource, request) in amounts(container.node, &["resources", "requests"]) {
        let limit = container.node.at(&["resources", "limits", resource]).and_then(quantity);
        let Some(limit) = limit.filter(|limit| request > *limit) else { continue };
        let at = |part: &str| site(pod.manifest, &container.path.key("resources").key(part).key(resource));
        let message = format!(
            "container {} of {}/{} requests {request} of {resource}, above its limit of {limit}",
            called(container),
            pod.kind,
            pod.name
        );
        findings.push(
            Finding::new(code::BOUNDS, at("requests"), message, "more than the limit")
                .also(at("limits"), "the limit")
                .help("lower the request or raise the limit"),
        );
    }
}

fn called<'a>(container: &Container<'a>) -> &'a str {
    container.node.str_at(&["name"]).unwrap_or("without a name")
}

/// What a container gets stays within the bounds of the namespace. A limit that is not written is the default one.
fn within(pod: &Pod<'_>, container: &Container<'_>, index: usize, range: &Manifest, findings: &mut Vec<Finding>) {
    for (nth, item) in list(range.node().at(&["spec"]), "limits").iter().enumerate() {
        if item.str_at(&["type"]) != Some("Container") {
            continue;
        }
        let written = |part: &str, resource: &str| container.node.at(&["resources", part, resource]).and_then(quantity);
        let default = |key: &str, resource: &str| item.at(&[key, resource]).and_then(quantity);
        for (bound, part, above) in [("max", "limits", true), ("min", "requests", false)] {
            for (resource, amount) in amounts(item, &[bound]) {
                let limit = written("limits", resource).or_else(|| default("default", resource));
                let request = written("requests", resource).or_else(|| default("defaultRequest", resource)).or(limit);
                let Some(value) = (if above { limit } else { request }) else { continue };
                if (above && value <= amount) || (!above && value >= amount) {
                    continue;
                }
                let word = if above { "above the most" } else { "below the least" };
                let at = site(pod.manifest, &container.path.key("resources").key(part).key(resource));
                let bound = Path::from_keys(["spec", "limits"]).index(nth).key(bound).key(resource);
                let message = format!(
                    "container {} of {}/{} has {part} of {value} of {resource}, {word} that {} allows: {amount}",
                    called(container),
                    pod.kind,
                    pod.name,
                    set::called(range),
                );
                findings.push(
                    Finding::new(code::BOUNDS, at, message, word)
                        .also(site(index, &bound), "the bound of the namespace")
                        .help("the API server refuses such a pod: change the container, or the LimitRange"),
                );
            }
        }
    }
}

/// The claims of volumes in a namespace: those that are objects, and those of StatefulSets.
pub(super) fn claims<'a>(set: &Set<'a>, space: &str) -> Vec<(Site, &'a Node)> {
    let mut claims = Vec::new();
    for (index, manifest) in set.manifests.iter().enumerate().filter(|(_, manifest)| namespace(manifest) == space) {
        match manifest.identity().kind().as_ref() {
            "PersistentVolumeClaim" => claims.push((site(index, &Path::root()), manifest.node())),
            "StatefulSet" => {
                let path = Path::from_keys(["spec", "volumeClaimTemplates"]);
                let items = list(manifest.node().at(&["spec"]), "volumeClaimTemplates").iter().enumerate();
                claims.extend(items.map(|(nth, claim)| (site(index, &path.index(nth)), claim)));
            }
            _ => {}
        }
    }
    claims
}

fn volume(at: &Site, claim: &Node, index: usize, range: &Manifest, findings: &mut Vec<Finding>) {
    const WAY: [&str; 4] = ["spec", "resources", "requests", "storage"];
    let Some(size) = claim.at(&WAY).and_then(quantity) else { return };
    for (nth, item) in list(range.node().at(&["spec"]), "limits").iter().enumerate() {
        if item.str_at(&["type"]) != Some("PersistentVolumeClaim") {
            continue;
        }
        for (bound, above) in [("max", true), ("min", false)] {
            let Some(amount) = item.at(&[bound, "storage"]).and_then(quantity) else { continue };
            if (above && size <= amount) || (!above && size >= amount) {
                continue;
            }
            let word = if above { "above the most" } else { "below the least" };
            let field = WAY.iter().fold(at.path.clone(), |path, key| path.key(key));
            let bound = Path::from_keys(["spec", "limits"]).index(nth).key(bound).key("storage");
            let message = format!("a volume claim of {size} is {word} that {} allows: {amount}", set::called(range));
            findings.push(
                Finding::new(code::BOUNDS, site(at.manifest, &field), message, word)
                    .also(site(index, &bound), "the bound of the namespace")
                    .help("the API server refuses such a claim: change its size, or the LimitRange"),
            );
        }
    }
}
