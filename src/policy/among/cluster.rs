//! TC-CFG-924: files about the cluster itself, where there are any: what its audit log records, how it encrypts what it
//! stores, and with which flags its API server runs.

use std::sync::Arc;

use super::{Breach, Spot, Verdict, View};
use crate::integrity::quantity;
use crate::path::Path;
use crate::source::Place;
use crate::tree::Node;

/// A file about the cluster of some environments.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Its name, as seen from the workspace.
    pub(crate) name: Arc<str>,
    /// Whose cluster it is about; nothing: everybody's.
    pub(crate) environment: Option<Arc<str>>,
    pub(crate) document: Node,
}

/// Days that an audit log is kept on the node, at the least.
const AGE: &str = "30";

/// What is found in a file: the path, and what must be.
type Found = (Path, String);

pub(super) fn check(view: &View<'_>, verdict: &mut Verdict) {
    let here = |given: &&Given| given.environment.as_deref().is_none_or(|own| own == view.grounds.environment);
    for given in view.grounds.given.iter().filter(here) {
        let node = &given.document;
        let api_version = node.str_at(&["apiVersion"]).unwrap_or_default();
        let kind = node.str_at(&["kind"]).unwrap_or_default();
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let mut found = Vec::new();
        match (group, kind) {
            ("audit.k8s.io", "Policy") => audit(node, &mut found),
            ("apiserver.config.k8s.io", "EncryptionConfiguration") => encryption(node, &mut found),
            ("kubeadm.k8s.io", "ClusterConfiguration") => flags(view, node, &mut found),
            _ => continue,
        }
        if found.is_empty() {
            verdict.keep(None);
        }
        for (path, expected) in found {
            let (there, nearest, _) = node.reach(&path);
            // The place of the whole document is all of it.
            let place =
                if there.is_root() { Place { end: nearest.place.start, ..nearest.place } } else { nearest.place };
            let spot = Spot::File {
                reference: format!("{api_version}/{kind}/{}", given.name),
                tenant: None,
                path,
                place,
                // The keys themselves may stand in the same line.
                hidden: kind == "EncryptionConfiguration",
            };
            verdict.broken.push(Breach::new(spot, expected));
        }
    }
}

/// What must be recorded: what to call it, groups, resources and verbs.
const RECORDED: [(&str, &str, &[&str], &[&str]); 3] = [
    ("secrets", "", &["secrets"], &["get", "list", "watch", "create", "update", "patch", "delete"]),
    (
        "roles and their bindings",
        "rbac.authorization.k8s.io",
        &["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
        &["create", "update", "patch", "delete"],
    ),
    ("what is run in containers", "", &["pods/exec", "pods/attach"], &["get", "create"]),
];

fn audit(node: &Node, found: &mut Vec<Found>) {
    let rules = list(node, &["rules"]);
    for (what, group, resources, verbs) in RECORDED {
        for (resource, verb) in resources.iter().flat_map(|resource| verbs.iter().map(move |verb| (resource, verb))) {
            // The first rule that a request fits decides; one for some users or names decides only for them.
            let first = rules.iter().position(|rule| fits(rule, group, resource, verb));
            let level = first.and_then(|index| rules.get(index)?.str_at(&["level"])).unwrap_or("None");
            let at = first.map_or_else(
                || Path::from_keys(["rules"]),
                |index| Path::from_keys(["rules"]).index(index).key("level"),
            );
            if level == "None" {
                found.push((at, format!("the audit log must record {what}: {verb} of {resource}")));
                break;
            }
            if *resource == "secrets" && level != "Metadata" {
                let expected =
                    "requests for secrets must be recorded at level Metadata: more writes the secrets into the log";
                found.push((at, expected.to_owned()));
                break;
            }
        }
    }
}

/// Whether a rule of an audit policy is about every request of a verb for a resource.
fn fits(rule: &Node, group: &str, resource: &str, verb: &str) -> bool {
    let some = |key: &str| !list(rule, &[key]).is_empty();
    if some("users") || some("userGroups") || some("namespaces") {
        return false;
    }
    let has = |node: &Node, key: &str, wanted: &[&str]| {
        list(node, &[key]).iter().any(|item| item.value.as_str().is_some_and(|text| wanted.contains(&text)))
    };
    if some("verbs") && !has(rule, "verbs", &[verb, "*"]) {
        return false;
    }
    let resources = list(rule, &["resources"]);
    if resources.is_empty() {
        return !some("nonResourceURLs");
    }
    let below = resource.split_once('/').map(|(whole, part)| (format!("{whole}/*"), format!("*/{part}")));
    resources.iter().any(|entry| {
        let mut wanted = vec![resource, "*"];
        if let Some((whole, part)) = &below {
            wanted.extend([whole.as_str(), part.as_str()]);
        }
        entry.str_at(&["group"]).unwrap_or_default() == group
            && list(entry, &["resourceNames"]).is_empty()
            && (list(entry, &["resources"]).is_empty() || has(entry, "resources", &wanted))
    })
}

fn encryption(node: &Node, found: &mut Vec<Found>) {
    let mut secrets = false;
    for (index, entry) in list(node, &["resources"]).iter().enumerate() {
        let names = ["secrets", "*.", "*.*"];
        secrets |= list(entry, &["resources"])
            .iter()
            .any(|name| name.value.as_str().is_some_and(|name| names.contains(&name)));
        let first = list(entry, &["providers"]).first();
        // The first provider is the one that writes.
        if first.is_none_or(|provider| provider.at(&["identity"]).is_some()) {
            let path = Path::from_keys(["resources"]).index(index).key("providers").index(0);
            found.push((path, "the first provider must encrypt: identity does not".to_owned()));
        }
    }
    if !secrets {
        found.push((Path::from_keys(["resources"]), "secrets must be encrypted".to_owned()));
    }
}

fn flags(view: &View<'_>, node: &Node, found: &mut Vec<Found>) {
    let at = |flag: &str| Path::from_keys(["apiServer", "extraArgs"]).key(flag);
    let args = node.at(&["apiServer", "extraArgs"]);
    // A mapping up to v1beta3, a list of names and values since.
    let flag = |name: &str| {
        let args = args?;
        let named = |item: &&Node| item.str_at(&["name"]) == Some(name);
        args.value.as_list().map_or_else(|| args.at(&[name]), |items| items.iter().find(named)?.at(&["value"]))
    };
    let least = view.param(&["audit", "maxAge"]).and_then(quantity).or_else(|| crate::quantity::Quantity::parse(AGE));
    let age = flag("audit-log-maxage").and_then(quantity);
    if age.is_none() || age < least {
        let least = least.map(|least| least.to_string()).unwrap_or_default();
        found.push((at("audit-log-maxage"), format!("audit-log-maxage must be at least {least}")));
    }
    for name in ["audit-log-path", "audit-policy-file", "encryption-provider-config"] {
        if flag(name).and_then(|node| node.value.as_str()).is_none_or(str::is_empty) {
            found.push((at(name), format!("the API server must be given {name}")));
        }
    }
}

fn list<'n>(node: &'n Node, keys: &[&str]) -> &'n [Node] {
    node.at(keys).and_then(|list| list.value.as_list()).unwrap_or_default()
}
