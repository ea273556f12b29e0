//! What is inside a pod: names of its containers, ports and volumes, and that what is mounted is there.

use std::collections::BTreeSet;

use super::Finding;
use super::name::Form;
use super::pod::{Container, Pod};
use super::set::{Set, site};
use crate::diagnostic::{code, did_you_mean};
use crate::tree::Node;

/// Most characters of the name of a port.
const MOST_PORT: usize = 15;

pub(super) fn check(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for pod in &set.pods {
        let claims = claims(set, pod);
        for container in pod.containers() {
            names(pod, &container, findings);
            mounts(pod, &container, &claims, findings);
        }
        for (index, volume) in list(pod.spec, "volumes").iter().enumerate() {
            let Some(name) = volume.str_at(&["name"]).filter(|name| !Form::Label.fits(name)) else { continue };
            let at = site(pod.manifest, &pod.field("volumes").index(index).key("name"));
            let message = format!("`{name}` cannot be the name of a volume");
            findings.push(Finding::new(code::BAD_NAME, at, message, "").help(format!("write {}", Form::Label.says())));
        }
    }
}

fn names(pod: &Pod<'_>, container: &Container<'_>, findings: &mut Vec<Finding>) {
    if let Some(name) = container.node.str_at(&["name"]).filter(|name| !Form::Label.fits(name)) {
        let at = site(pod.manifest, &container.path.key("name"));
        let message = format!("`{name}` cannot be the name of a container");
        findings.push(Finding::new(code::BAD_NAME, at, message, "").help(format!("write {}", Form::Label.says())));
    }
    for (index, port) in list(Some(container.node), "ports").iter().enumerate() {
        let Some(name) = port.str_at(&["name"]).filter(|name| !is_port_name(name)) else { continue };
        let at = site(pod.manifest, &container.path.key("ports").index(index).key("name"));
        let message = format!("`{name}` cannot be the name of a port");
        findings.push(Finding::new(code::BAD_NAME, at, message, "").help(format!(
            "write at most {MOST_PORT} lower-case letters, digits and `-`, a letter among them, no `-` at an end or twice"
        )));
    }
}

/// RFC 6335, in lower case.
fn is_port_name(name: &str) -> bool {
    name.len() <= MOST_PORT
        && Form::Label.fits(name)
        && !name.contains("--")
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn mounts(pod: &Pod<'_>, container: &Container<'_>, claims: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    let volumes: Vec<&str> = list(pod.spec, "volumes")
        .iter()
        .filter_map(|volume| volume.str_at(&["name"]))
        .chain(claims.iter().copied())
        .collect();
    for (index, mount) in list(Some(container.node), "volumeMounts").iter().enumerate() {
        let Some(name) = mount.str_at(&["name"]).filter(|name| !volumes.contains(name)) else { continue };
        let at = site(pod.manifest, &container.path.key("volumeMounts").index(index).key("name"));
        let message = format!("{}/{} mounts a volume `{name}` that its pods do not have", pod.kind, pod.name);
        let mut finding = Finding::new(code::REFERENCE, at, message, "no volume of the pod is called so");
        finding.help.extend(did_you_mean(name, volumes.iter().copied()));
        findings.push(finding.help("add it under `volumes`, or remove the mount"));
    }
}

/// The volumes that a StatefulSet claims for each of its pods.
fn claims<'a>(set: &Set<'a>, pod: &Pod<'a>) -> BTreeSet<&'a str> {
    let manifest = set.manifests.get(pod.manifest).filter(|_| pod.kind == "StatefulSet");
    let spec = manifest.and_then(|manifest| manifest.node().at(&["spec"]));
    list(spec, "volumeClaimTemplates").iter().filter_map(|claim| claim.str_at(&["metadata", "name"])).collect()
}

/// The items of a list below a node; none without one.
pub(super) fn list<'a>(node: Option<&'a Node>, key: &str) -> &'a [Node] {
    node.and_then(|node| node.at(&[key])).and_then(|list| list.value.as_list()).unwrap_or_default()
}
