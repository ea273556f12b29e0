//! Rules of the network: what is denied by default, who is let in, which hosts are claimed.

use super::{At, Verdict, View, field, items, keys};
use crate::diagnostic::code;
use crate::integrity::fits;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::{Map, Node, Value};

/// The label that Kubernetes gives to every namespace.
const NAME: &str = "kubernetes.io/metadata.name";

/// Every namespace of a tenant denies what comes in, and nothing allows it all.
pub(super) fn default_deny_ingress(view: &View<'_>, verdict: &mut Verdict) {
    default_deny(view, verdict, "Ingress", "ingress", "from");
}

/// The same with what goes out; names are still found.
pub(super) fn default_deny_egress(view: &View<'_>, verdict: &mut Verdict) {
    default_deny(view, verdict, "Egress", "egress", "to");
    for space in view.namespaces() {
        let policies = || view.of_kind("NetworkPolicy", space);
        let names = policies().any(|(_, policy)| items(policy.node(), &["spec", "egress"]).iter().any(has_dns));
        if !names {
            verdict.broken(view.at_namespace(space), "egress to DNS, port 53, must be allowed explicitly");
        }
    }
}

fn default_deny(view: &View<'_>, verdict: &mut Verdict, way: &str, rules: &'static str, peers: &str) {
    for space in view.namespaces() {
        let policies = || view.of_kind("NetworkPolicy", space).filter(|(_, policy)| selects_all(policy));
        let denies =
            policies().any(|(_, policy)| is_about(policy, way) && items(policy.node(), &["spec", rules]).is_empty());
        // Policies add up: one that allows everybody undoes the one that denies.
        let allows = policies().find(|(_, policy)| {
            items(policy.node(), &["spec", rules])
                .iter()
                .any(|rule| items(rule, &[peers]).is_empty() && items(rule, &["ports"]).is_empty())
        });
        if let Some((index, _)) = allows {
            verdict.broken(keys(index, ["spec", rules]), format!("no policy may allow all {rules} of the namespace"));
            continue;
        }
        verdict.judge(
            denies,
            || view.at_namespace(space),
            || format!("a NetworkPolicy for all pods must deny {rules} by default"),
        );
    }
}

/// Whether a policy is about all pods of its namespace.
fn selects_all(policy: &Manifest) -> bool {
    policy.node().at(&["spec", "podSelector"]).is_none_or(is_empty)
}

fn is_empty(selector: &Node) -> bool {
    ["matchLabels", "matchExpressions"].iter().all(|key| match selector.at(&[key]).map(|node| &node.value) {
        None | Some(Value::Null) => true,
        Some(Value::Map(map)) => map.is_empty(),
        Some(Value::List(items)) => items.is_empty(),
        Some(_) => false,
    })
}

/// Whether a policy is about a direction. Without `policyTypes` it is about ingress, and about egress if it has rules of it.
fn is_about(policy: &Manifest, way: &str) -> bool {
    let types = items(policy.node(), &["spec", "policyTypes"]);
    if types.is_empty() {
        return way == "Ingress" || !items(policy.node(), &["spec", "egress"]).is_empty();
    }
    types.iter().any(|kind| kind.value.as_str() == Some(way))
}

fn has_dns(rule: &Node) -> bool {
    items(rule, &["ports"]).iter().any(|port| crate::integrity::number(port, &["port"]) == Some(53))
}

/// Each policy selects a pod, and each pod has a policy that allows it something.
pub(super) fn coverage(view: &View<'_>, verdict: &mut Verdict) {
    let policies = view.set.of_kind("NetworkPolicy").map(|(index, _)| index);
    verdict.judge_by(view, policies, &[code::SELECTOR]);
    for pod in view.set.pods.iter().filter(|pod| pod.spec.is_some()) {
        let allowing = |(_, policy): &(usize, &Manifest)| {
            let has = |rules| !items(policy.node(), &["spec", rules]).is_empty();
            has("ingress") || has("egress")
        };
        let selects = |(_, policy): (usize, &Manifest)| {
            policy.node().at(&["spec", "podSelector"]).is_none_or(|selector| fits(selector, &pod.labels))
        };
        let covered = view.of_kind("NetworkPolicy", pod.namespace).filter(allowing).any(selects);
        verdict.judge(
            covered,
            || field(pod.manifest, pod.path.clone()),
            || "pods must be selected by a NetworkPolicy that allows what they need".to_owned(),
        );
    }
}

/// No peer is a namespace of another tenant: each selector is held against a namespace that is like the tenant's own, but
/// for everything that carries its id.
pub(super) fn other_tenants(view: &View<'_>, verdict: &mut Verdict) {
    let Some(tenant) = view.facts.tenant else { return };
    let own = view.set.of_kind("Namespace").next();
    let labels =
        own.and_then(|(_, own)| own.node().at(&["metadata", "labels"])).and_then(|labels| labels.value.as_map());
    // No tenant's id has such a sign in it.
    let other = |text: &str| text.replace(tenant, "_");
    let mut strange: Vec<(&str, String)> = vec![(NAME, "_".to_owned())];
    let own = labels.into_iter().flat_map(Map::iter).filter(|(key, _)| key.as_ref() != NAME);
    strange.extend(own.filter_map(|(key, entry)| Some((key.as_ref(), other(entry.node.value.as_str()?)))));
    for (index, policy) in view.set.of_kind("NetworkPolicy") {
        let mut admits = None;
        for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
            for (nth, rule) in items(policy.node(), &["spec", rules]).iter().enumerate() {
                for (at, peer) in items(rule, &[peers]).iter().enumerate() {
                    let Some(selector) = peer.at(&["namespaceSelector"]) else { continue };
                    if admits_other(selector, &strange) {
                        let path = Path::from_keys(["spec", rules]).index(nth).key(peers).index(at);
                        admits.get_or_insert(path.key("namespaceSelector"));
                    }
                }
            }
        }
        verdict.judge(
            admits.is_none(),
            || field(index, admits.clone().unwrap_or_default()),
            || "a peer must not be a namespace of another tenant".to_owned(),
        );
    }
}

/// Whether a selector fits a namespace of another tenant.
fn admits_other(selector: &Node, strange: &[(&str, String)]) -> bool {
    let value = |key: &str| strange.iter().find(|(own, _)| *own == key).map(|(_, value)| value.as_str());
    let equal = selector.at(&["matchLabels"]).and_then(|labels| labels.value.as_map());
    let equal = equal.into_iter().flat_map(Map::iter).all(|(key, entry)| value(key) == entry.node.value.as_str());
    equal
        && items(selector, &["matchExpressions"]).iter().all(|wanted| {
            let key = wanted.str_at(&["key"]).unwrap_or_default();
            let among = |found: &str| items(wanted, &["values"]).iter().any(|item| item.value.as_str() == Some(found));
            match wanted.str_at(&["operator"]) {
                Some("In") => value(key).is_some_and(among),
                Some("NotIn") => value(key).is_none_or(|found| !among(found)),
                Some("Exists") => value(key).is_some(),
                Some("DoesNotExist") => value(key).is_none(),
                _ => true,
            }
        })
}

/// Hosts are named, and are those of the tenant.
pub(super) fn hosts(view: &View<'_>, verdict: &mut Verdict) {
    if view.facts.tenant.is_none() {
        return;
    }
    let text = |name| view.value(name).and_then(|node| node.value.as_str()).filter(|text| !text.is_empty());
    let (host, custom, domain) = (text("host"), text("custom"), text("domain"));
    let allowed = view.listed(&["network", "domains"]);
    let is_own = |claimed: &str| {
        let below =
            |domain: &str| claimed == domain || claimed.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        [host, custom].contains(&Some(claimed)) || domain.into_iter().chain(allowed.iter().copied()).any(below)
    };
    let mut claims: Vec<(At, Option<&str>)> = Vec::new();
    for (index, manifest) in view.set.manifests.iter().enumerate() {
        let (list, key) = match manifest.identity().kind().as_ref() {
            "Ingress" => ("rules", "host"),
            "Gateway" | "ListenerSet" => ("listeners", "hostname"),
            "HTTPRoute" | "GRPCRoute" | "TLSRoute" => {
                let named = items(manifest.node(), &["spec", "hostnames"]);
                let at = Path::from_keys(["spec", "hostnames"]);
                let each = named.iter().enumerate();
                claims.extend(each.map(|(nth, name)| (field(index, at.index(nth)), name.value.as_str())));
                continue;
            }
            _ => continue,
        };
        for (nth, item) in items(manifest.node(), &["spec", list]).iter().enumerate() {
            // The listeners of a mesh have no names.
            if item.str_at(&["protocol"]) != Some("HBONE") {
                let at = Path::from_keys(["spec", list]).index(nth).key(key);
                claims.push((field(index, at), item.str_at(&[key])));
            }
        }
    }
    for (at, claimed) in claims {
        match claimed.filter(|host| !host.is_empty() && *host != "*") {
            None => verdict.broken(at, "a host must be named, not be everything"),
            Some(host) if is_own(host) => verdict.keep(),
            Some(_) => verdict.broken(at, "a host must be under the domain of the tenant"),
        }
    }
}

/// Where the configuration promises mutual TLS, every namespace of the tenant asks for it, and no port is excepted but those
/// of `policy.params.mesh.plainPorts`.
pub(super) fn mesh(view: &View<'_>, verdict: &mut Verdict) {
    let promised = view.value("mtls").is_some_and(|mode| mode.value.as_str() == Some("strict"));
    let is_on = view.value("enabled").is_none_or(|enabled| matches!(enabled.value, Value::Bool(true)));
    if !promised || !is_on {
        return;
    }
    let plain: Vec<i64> = view
        .param(&["mesh", "plainPorts"])
        .and_then(|ports| ports.value.as_list())
        .map_or_else(Vec::new, |ports| ports.iter().filter_map(|port| crate::integrity::number(port, &[])).collect());
    for space in view.namespaces() {
        let all = || view.of_kind("PeerAuthentication", space);
        let strict = |(_, peer): (usize, &Manifest)| {
            peer.node().at(&["spec", "selector"]).is_none()
                && peer.node().str_at(&["spec", "mtls", "mode"]) == Some("STRICT")
        };
        verdict.judge(
            all().any(strict),
            || view.at_namespace(space),
            || "a PeerAuthentication for the whole namespace must be STRICT".to_owned(),
        );
        for (index, peer) in all() {
            let mode = peer.node().str_at(&["spec", "mtls", "mode"]).unwrap_or("UNSET");
            if matches!(mode, "PERMISSIVE" | "DISABLE") {
                verdict.broken(keys(index, ["spec", "mtls", "mode"]), "no PeerAuthentication may loosen mutual TLS");
            }
            let ports = peer.node().at(&["spec", "portLevelMtls"]).and_then(|ports| ports.value.as_map());
            for (port, entry) in ports.into_iter().flat_map(Map::iter) {
                let is_plain = port.parse().is_ok_and(|port: i64| plain.contains(&port));
                if entry.node.str_at(&["mode"]) != Some("STRICT") && !is_plain {
                    verdict.broken(
                        keys(index, ["spec", "portLevelMtls", port]),
                        "no port may be excepted from mutual TLS",
                    );
                }
            }
        }
    }
}

/// What the world can reach has a firewall before it, and a limit of requests.
pub(super) fn entry(view: &View<'_>, verdict: &mut Verdict) {
    let kinds = ["Ingress", "HTTPRoute", "VirtualService"];
    let is_entry = |manifest: &Manifest| kinds.contains(&manifest.identity().kind().as_ref());
    if view.facts.tenant.is_none() || !view.set.manifests.iter().any(is_entry) {
        return;
    }
    let firewall = match view.value("waf").map(|waf| &waf.value) {
        Some(Value::Bool(on)) => *on,
        Some(Value::String(mode)) => !matches!(mode.as_ref(), "" | "none" | "off"),
        _ => false,
    };
    verdict.judge(firewall, || view.at_value("waf"), || "a public host must have a firewall".to_owned());
    let limited = view.value("rate").and_then(|rate| crate::integrity::number(rate, &[])).is_some_and(|rate| rate > 0);
    verdict.judge(limited, || view.at_value("rate"), || "a public host must have a limit of requests".to_owned());
}
