//! Ports by name and by number: what a Service, a route, a probe or a monitor names is there.

use super::Finding;
use super::container::list;
use super::pod::{Labels, Pod, number};
use super::set::{Set, called, namespace, site};
use super::walk;
use crate::diagnostic::{code, did_you_mean, listed};
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::{Node, Number, Value};

/// Kinds that send to a port of a Service: where the mapping is that names the Service, and the port in it.
const BACKENDS: &[(&str, &str, &[&str], &[&str])] = &[
    ("Ingress", "spec.defaultBackend.service", &["name"], &["port"]),
    ("Ingress", "spec.rules.*.http.paths.*.backend.service", &["name"], &["port"]),
    ("HTTPRoute", "spec.rules.*.backendRefs.*", &["name"], &["port"]),
    ("GRPCRoute", "spec.rules.*.backendRefs.*", &["name"], &["port"]),
];

/// Where a container names one of its own ports.
const PROBES: &[&str] = &[
    "startupProbe.httpGet.port",
    "startupProbe.tcpSocket.port",
    "livenessProbe.httpGet.port",
    "livenessProbe.tcpSocket.port",
    "readinessProbe.httpGet.port",
    "readinessProbe.tcpSocket.port",
    "lifecycle.preStop.httpGet.port",
    "lifecycle.postStart.httpGet.port",
];

/// Most workloads that are told of that lack one port of a Service.
const MOST_LACKING: usize = 10;

pub(super) fn check(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for (index, service) in set.of_kind("Service") {
        targets(set, index, service, findings);
    }
    for pod in &set.pods {
        probes(pod, findings);
    }
    for (index, manifest) in set.manifests.iter().enumerate() {
        let kind = manifest.identity().kind().as_ref();
        for (_, way, name, port) in BACKENDS.iter().filter(|(known, ..)| *known == kind) {
            walk::each(manifest.node(), way, &mut |node, trail| {
                let own = namespace(manifest);
                let service =
                    node.str_at(name).filter(|_| node.str_at(&["namespace"]).is_none_or(|other| other == own));
                let found = service.and_then(|name| set.find("Service", own, name));
                if let (Some((at, service)), Some(port)) = (found, node.at(port)) {
                    let path = || trail.path().key("port");
                    backend(index, manifest, path, port, at, service, findings);
                }
            });
        }
    }
    monitors(set, findings);
}

/// A named target is a port of every pod that is selected.
fn targets(set: &Set<'_>, index: usize, service: &Manifest, findings: &mut Vec<Finding>) {
    let Some(selector) = service.node().at(&["spec", "selector"]).and_then(|node| node.value.as_map()) else { return };
    let chosen = |pod: &&Pod<'_>| selector.iter().all(|(key, entry)| pod.labels.get(key) == entry.node.value.as_str());
    for (nth, port) in list(service.node().at(&["spec"]), "ports").iter().enumerate() {
        let Some(target) = port.str_at(&["targetPort"]) else { continue };
        let lacking = |pod: &&Pod<'_>| pod.spec.is_some() && !ports(pod).contains(&target);
        for pod in set.pods_in(namespace(service)).filter(chosen).filter(lacking).take(MOST_LACKING) {
            let names = ports(pod);
            let path = Path::from_keys(["spec", "ports"]).index(nth).key("targetPort");
            let message = format!(
                "{} sends to the port {target} of {}/{}, which has none of this name",
                called(service),
                pod.kind,
                pod.name
            );
            let mut finding = Finding::new(code::PORT, site(index, &path), message, "no container has this port")
                .also(site(pod.manifest, &pod.field("containers")), "the containers that are selected");
            finding.help.extend(did_you_mean(target, names.iter().copied()));
            findings.push(finding.help("name a port of the container, or write its number"));
        }
    }
}

fn ports<'a>(pod: &Pod<'a>) -> Vec<&'a str> {
    let names = |node: &'a Node| list(Some(node), "ports").iter().filter_map(|port| port.str_at(&["name"]));
    pod.containers().into_iter().flat_map(|container| names(container.node)).collect()
}

fn probes(pod: &Pod<'_>, findings: &mut Vec<Finding>) {
    for container in pod.containers() {
        let names: Vec<&str> =
            list(Some(container.node), "ports").iter().filter_map(|port| port.str_at(&["name"])).collect();
        for way in PROBES {
            walk::each(container.node, way, &mut |node, _| {
                let Some(name) = node.value.as_str().filter(|name| !names.contains(name)) else { return };
                let at = site(pod.manifest, &walk::below(&container.path, way));
                let message = format!("a container of {}/{} has no port {name}", pod.kind, pod.name);
                let mut finding = Finding::new(code::PORT, at, message, "no port of the container is called so");
                finding.help.extend(did_you_mean(name, names.iter().copied()));
                findings.push(finding.help("name a port under `ports` of the same container, or write its number"));
            });
        }
    }
}

/// A port of a Service: a number, a name, or a mapping with one of them.
fn backend(
    index: usize,
    from: &Manifest,
    path: impl Fn() -> Path,
    port: &Node,
    at: usize,
    service: &Manifest,
    findings: &mut Vec<Finding>,
) {
    let ports = list(service.node().at(&["spec"]), "ports");
    let (found, shown, path) = match &port.value {
        Value::Map(_) => match (number(port, &["number"]), port.str_at(&["name"])) {
            (Some(wanted), _) => (has_number(ports, wanted), wanted.to_string(), path().key("number")),
            (None, Some(wanted)) => (has_name(ports, wanted), wanted.to_owned(), path().key("name")),
            (None, None) => return,
        },
        Value::Number(Number::Int(wanted)) => (has_number(ports, *wanted), wanted.to_string(), path()),
        _ => return,
    };
    if found {
        return;
    }
    let numbers = ports.iter().filter_map(|port| number(port, &["port"]));
    let names: Vec<String> = numbers
        .map(|number| number.to_string())
        .chain(ports.iter().filter_map(|port| port.str_at(&["name"]).map(str::to_owned)))
        .collect();
    let message = format!("{} sends to the port {shown} of {}, which does not have it", called(from), called(service));
    findings.push(
        Finding::new(code::PORT, site(index, &path), message, "no such port")
            .also(site(at, &Path::from_keys(["spec", "ports"])), "the ports of the Service")
            .help(format!("write one that it has: {}", listed(names.iter().map(String::as_str)))),
    );
}

fn has_number(ports: &[Node], wanted: i64) -> bool {
    ports.iter().any(|port| number(port, &["port"]) == Some(wanted))
}

fn has_name(ports: &[Node], wanted: &str) -> bool {
    ports.iter().any(|port| port.str_at(&["name"]) == Some(wanted))
}

/// A ServiceMonitor names a port of the Services that it selects.
fn monitors(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for (index, monitor) in set.of_kind("ServiceMonitor") {
        let Some(selector) = monitor.node().at(&["spec", "selector"]) else { continue };
        let chosen = |service: &Manifest| {
            let labels = Labels::Written(service.node().at(&["metadata", "labels"]));
            namespace(service) == namespace(monitor) && super::selector::fits(selector, &labels)
        };
        let services: Vec<&Manifest> =
            set.of_kind("Service").map(|(_, service)| service).filter(|service| chosen(service)).collect();
        for (nth, endpoint) in list(monitor.node().at(&["spec"]), "endpoints").iter().enumerate() {
            let Some(port) = endpoint.str_at(&["port"]) else { continue };
            let has = |service: &&Manifest| has_name(list(service.node().at(&["spec"]), "ports"), port);
            if services.is_empty() || services.iter().any(has) {
                continue;
            }
            let at = site(index, &Path::from_keys(["spec", "endpoints"]).index(nth).key("port"));
            let message = format!("{} scrapes the port {port}, which no Service that it selects has", called(monitor));
            findings.push(
                Finding::new(code::PORT, at, message, "no such port").help("name a port of the Service by its `name`"),
            );
        }
    }
}
