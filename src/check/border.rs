//! The borders of a tenant: its objects stay in its namespace, and what is cluster-scoped carries its id.

use super::Rules;
use super::scope::{Scope, scope_of};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::manifest::{Field, Manifest};
use crate::path::Path;
use crate::render::Rendered;
use crate::source::{Place, Sources};
use crate::template::Templates;

/// Checks the objects of a tenant.
pub(super) fn check(
    rendered: &Rendered,
    rules: &Rules<'_>,
    templates: &Templates,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let Some(tenant) = rendered.target().tenant() else { return };
    let Some((namespace, place)) = rendered.namespace() else { return };
    if !carries(&namespace, tenant) {
        let mut diagnostic = Diagnostic::new(
            code::FOREIGN_NAMESPACE,
            format!("the namespace {namespace} does not carry the id {tenant}"),
        )
        .help(format!("a tenant's namespace has its id in its name, such as {tenant} or tenant-{tenant}"));
        if let Some(place) = place {
            diagnostic = diagnostic.at(place, "the tenant's namespace");
        }
        diagnostics.record(diagnostic);
    }
    for manifest in rendered.manifests() {
        let identity = manifest.identity();
        let scope = scope_of(identity, rules.kubernetes, sources);
        match (identity.namespace(), scope) {
            (Some(found), Scope::Namespaced | Scope::Unknown) if *found != namespace => {
                let origin = |field: &Field| rendered.configuration().origin(templates, field, sources);
                diagnostics.record(outside(manifest, tenant, &namespace, origin));
            }
            (Some(_), Scope::Namespaced | Scope::Unknown) => {}
            (None, Scope::Namespaced) => diagnostics.record(
                Diagnostic::new(
                    code::FOREIGN_NAMESPACE,
                    format!("{}/{} of tenant {tenant} has no namespace", identity.kind(), identity.name()),
                )
                .at(metadata(manifest), "kubectl would put it into whatever namespace is current")
                .help(format!("write `namespace: {namespace}`, from the configuration, under metadata")),
            ),
            (_, Scope::Cluster) | (None, Scope::Unknown) => cluster_scoped(manifest, tenant, diagnostics),
        }
    }
}

/// An object in a namespace that is not its tenant's.
fn outside(manifest: &Manifest, tenant: &str, namespace: &str, origin: impl Fn(&Field) -> Option<Place>) -> Diagnostic {
    let identity = manifest.identity();
    let found = identity.namespace().map_or("", AsRef::as_ref);
    let message = format!("{}/{} of tenant {tenant} is in the namespace {found}", identity.kind(), identity.name());
    let mut diagnostic = Diagnostic::new(code::FOREIGN_NAMESPACE, message)
        .help("objects of a tenant stay in its namespace; what tenants share belongs in templates/environment");
    if let Some(field) = manifest.field(Path::from_keys(["metadata", "namespace"])) {
        diagnostic = diagnostic.at(field.place, format!("must be {namespace}"));
        if let Some(place) = origin(&field) {
            diagnostic = diagnostic.also(place, "filled from this value");
        }
    }
    diagnostic
}

/// A cluster-scoped object carries the id in its name and in a label.
fn cluster_scoped(manifest: &Manifest, tenant: &str, diagnostics: &mut Diagnostics) {
    let identity = manifest.identity();
    let named = carries(identity.name(), tenant);
    let labels = manifest.node().at(&["metadata", "labels"]).and_then(|labels| labels.value.as_map());
    let labelled =
        labels.is_some_and(|labels| labels.iter().any(|(_, entry)| entry.node.value.as_str() == Some(tenant)));
    if named && labelled {
        return;
    }
    let lacks = match (named, labelled) {
        (false, false) => "in its name or in a label",
        (false, true) => "in its name",
        _ => "in a label",
    };
    let at = if named { metadata(manifest) } else { name(manifest) };
    let name = format!("a name such as {tenant}-{}", identity.name());
    let label = format!("a label such as `tenantctl.dev/tenant: {tenant}`");
    let use_these = match (named, labelled) {
        (false, false) => format!("use {name} and {label}"),
        (false, true) => format!("use {name}"),
        _ => format!("add {label}"),
    };
    diagnostics.record(
        Diagnostic::new(
            code::FOREIGN_CLUSTER_OBJECT,
            format!(
                "{}/{} belongs to the whole cluster and does not carry the id {tenant} {lacks}",
                identity.kind(),
                identity.name()
            ),
        )
        .at(at, "another tenant could claim the same")
        .help(use_these)
        .help("what all tenants share belongs in templates/environment; what has a namespace names it"),
    );
}

/// Whether a name has the id as a whole part of it: `acme` is in `team-acme`, not in `acmecorp`.
fn carries(name: &str, id: &str) -> bool {
    let edge = |character: Option<char>| character.is_none_or(|character| !character.is_ascii_alphanumeric());
    name.match_indices(id)
        .any(|(at, _)| edge(name[..at].chars().next_back()) && edge(name[at + id.len()..].chars().next()))
}

fn metadata(manifest: &Manifest) -> Place {
    let node = manifest.node();
    node.value.as_map().and_then(|map| map.entry("metadata")).map_or(node.place, |entry| entry.key)
}

fn name(manifest: &Manifest) -> Place {
    manifest.node().at(&["metadata", "name"]).map_or_else(|| metadata(manifest), |name| name.place)
}

#[cfg(test)]
mod tests {
    use super::carries;

    #[test]
    fn an_id_is_carried_as_a_whole() {
        assert!(carries("acme", "acme") && carries("tenant-acme", "acme") && carries("acme-prod", "acme"));
        assert!(!carries("acmecorp", "acme") && !carries("kube-system", "acme"));
    }
}
