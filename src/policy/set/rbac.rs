//! Rules of roles and their bindings that need both.

use super::{Verdict, View, field, items, keys};
use crate::integrity::namespace;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::{Map, Node};

/// What a cluster role is added to others by.
const AGGREGATED: &str = "rbac.authorization.k8s.io/aggregate-to-";

/// The bindings, with their index.
fn bindings<'a>(view: &View<'a>) -> impl Iterator<Item = (usize, &'a Manifest)> {
    let all = view.set.manifests.iter().enumerate();
    all.filter(|(_, manifest)| {
        let identity = manifest.identity();
        identity.group() == "rbac.authorization.k8s.io" && identity.kind().ends_with("Binding")
    })
}

/// Nobody is bound to cluster-admin, to a role that grants as much, or to the group that may do everything.
pub(super) fn cluster_admin(view: &View<'_>, verdict: &mut Verdict) {
    for (index, binding) in bindings(view) {
        let node = binding.node();
        let (kind, name) = (node.str_at(&["roleRef", "kind"]), node.str_at(&["roleRef", "name"]).unwrap_or_default());
        let role = match kind {
            Some("Role") => view.set.find("Role", namespace(binding), name),
            _ => view.set.find("ClusterRole", "", name),
        };
        let masters =
            items(node, &["subjects"]).iter().position(|subject| subject.str_at(&["name"]) == Some("system:masters"));
        if kind == Some("ClusterRole") && name == "cluster-admin" {
            verdict.broken(keys(index, ["roleRef", "name"]), "nobody may be bound to cluster-admin");
        } else if role.is_some_and(|(_, role)| items(role.node(), &["rules"]).iter().any(grants_all)) {
            verdict.broken(keys(index, ["roleRef", "name"]), "nobody may be bound to a role that grants everything");
        } else if let Some(nth) = masters {
            let at = Path::from_keys(["subjects"]).index(nth).key("name");
            verdict.broken(field(index, at), "nothing may be bound to system:masters");
        } else {
            verdict.keep();
        }
    }
}

fn grants_all(rule: &Node) -> bool {
    let all = |key| items(rule, &[key]).iter().any(|item| item.value.as_str() == Some("*"));
    all("apiGroups") && all("resources") && all("verbs")
}

/// What a tenant grants stays inside it. `policy.params.rbac.platformNamespaces` has namespaces of the platform whose
/// accounts may be bound as well.
pub(super) fn inside(view: &View<'_>, verdict: &mut Verdict) {
    let Some(tenant) = view.facts.tenant else { return };
    let platform = view.listed(&["rbac", "platformNamespaces"]);
    let own: Vec<&str> = view.namespaces().chain([tenant]).chain(platform).collect();
    for (index, manifest) in view.set.manifests.iter().enumerate() {
        let identity = manifest.identity();
        if identity.group() != "rbac.authorization.k8s.io" {
            continue;
        }
        let before = verdict.broken.len();
        if identity.kind().starts_with("Cluster") {
            verdict.broken(keys(index, ["kind"]), "a tenant may have only Roles and RoleBindings");
        }
        let labels = manifest.node().at(&["metadata", "labels"]).and_then(|labels| labels.value.as_map());
        let mut labels = labels.into_iter().flat_map(Map::keys);
        if let Some(label) = labels.find(|label| label.starts_with(AGGREGATED)) {
            verdict.broken(keys(index, ["metadata", "labels", label]), "a tenant must not add to roles of the cluster");
        }
        for (nth, subject) in items(manifest.node(), &["subjects"]).iter().enumerate() {
            let of = subject.str_at(&["namespace"]).unwrap_or_default();
            if subject.str_at(&["kind"]) == Some("ServiceAccount") && !own.contains(&of) {
                let at = Path::from_keys(["subjects"]).index(nth).key("namespace");
                verdict.broken(field(index, at), "an account that is bound must be of the same tenant");
            }
        }
        if verdict.broken.len() == before {
            verdict.keep();
        }
    }
}
