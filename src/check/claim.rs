//! What a target takes for itself among all: objects, hosts, a namespace.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::manifest::{Field, Manifest};
use crate::path::Path;
use crate::policy::Share;
use crate::render::Rendered;
use crate::source::Place;
use crate::target::Target;
use crate::tree::Value;

/// What a target claims for itself among all others: a [`Fleet`](super::Fleet) takes it in.
#[derive(Clone, Debug)]
pub struct Claims {
    /// Who claims.
    pub(super) target: Arc<Target>,
    pub(super) list: Vec<Claim>,
    /// What rules over all targets ask for.
    pub(super) share: Share,
}

impl Claims {
    /// What an earlier run found a target to claim.
    pub(crate) fn kept(target: Arc<Target>, claims: Vec<Claim>, share: Share) -> Self {
        Self { target, list: claims, share }
    }

    /// What is claimed.
    pub(crate) fn list(&self) -> &[Claim] {
        &self.list
    }

    /// What rules over all targets ask for.
    pub(crate) fn share(&self) -> &Share {
        &self.share
    }
}

/// One thing that a target claims. It says no more than that: thousands of them are kept while a run lasts, and where
/// they are made is asked only of those that conflict.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Claim {
    pub(super) what: What,
    pub(super) name: Arc<str>,
}

/// The kinds of things that only one may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum What {
    /// An object, by group, kind, namespace and name.
    Object,
    /// A host name.
    Host,
    /// A namespace.
    Namespace,
}

/// Where a claim is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Site {
    /// Where the template writes it.
    pub(super) template: Option<Place>,
    /// Where the configuration says it.
    pub(super) configuration: Option<Place>,
}

impl Rendered {
    /// Everything the objects claim, and the tenant's namespace.
    pub(super) fn claims(&self) -> Vec<Claim> {
        let objects = self.manifests().iter().map(object);
        let hosts = self.manifests().iter().flat_map(hosts);
        let claims = objects.chain(hosts.map(|(name, _)| Claim { what: What::Host, name }));
        claims.chain(self.namespace().map(|(name, _)| Claim { what: What::Namespace, name })).collect()
    }

    /// The fields that make a claim, in the order of the objects.
    pub(super) fn fields(&self, claim: &Claim) -> Vec<Field> {
        let name = |manifest: &Manifest| manifest.field(Path::from_keys(["metadata", "name"]));
        let manifests = self.manifests().iter();
        match claim.what {
            What::Object => manifests.filter(|manifest| object(manifest) == *claim).filter_map(name).collect(),
            What::Host => manifests
                .flat_map(|manifest| {
                    let mine = hosts(manifest).into_iter().filter(|(host, _)| *host == claim.name);
                    mine.filter_map(|(_, path)| manifest.field(path)).collect::<Vec<_>>()
                })
                .collect(),
            What::Namespace => manifests
                .filter(|manifest| {
                    manifest.identity().kind().as_ref() == "Namespace" && *manifest.identity().name() == claim.name
                })
                .filter_map(name)
                .collect(),
        }
    }

    /// The tenant's namespace, `tenant.namespace` of its configuration, else its id; and where that is said.
    pub(super) fn namespace(&self) -> Option<(Arc<str>, Option<Place>)> {
        let tenant = self.target().tenant()?;
        let said = self.configuration().root().at(&["tenant", "namespace"]);
        let said = said.and_then(|node| match &node.value {
            Value::String(text) => Some((Arc::clone(text), Some(node.place))),
            _ => None,
        });
        Some(said.unwrap_or_else(|| (Arc::clone(tenant), None)))
    }
}

fn object(manifest: &Manifest) -> Claim {
    let identity = manifest.identity();
    let namespace = identity.namespace().map_or("", AsRef::as_ref);
    let name = [identity.group(), identity.kind(), namespace, identity.name()].join("/");
    Claim { what: What::Object, name: name.into() }
}

/// The host names an object routes: of an Ingress, and of the routes of the Gateway API.
pub(crate) fn hosts(manifest: &Manifest) -> Vec<(Arc<str>, Path)> {
    let list =
        |keys: [&str; 2]| (Path::from_keys(keys), manifest.node().at(&keys).and_then(|node| node.value.as_list()));
    let host = |path: Path| {
        // DNS knows neither case nor the dot at the end.
        let host = manifest.node().get(&path)?.value.as_str()?.trim_end_matches('.').to_lowercase();
        Some((host.into(), path))
    };
    let paths: Vec<Path> = match (manifest.identity().group(), manifest.identity().kind().as_ref()) {
        ("networking.k8s.io", "Ingress") => {
            let (path, rules) = list(["spec", "rules"]);
            (0..rules.map_or(0, <[_]>::len)).map(|index| path.index(index).key("host")).collect()
        }
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TLSRoute") => {
            let (path, names) = list(["spec", "hostnames"]);
            (0..names.map_or(0, <[_]>::len)).map(|index| path.index(index)).collect()
        }
        _ => Vec::new(),
    };
    paths.into_iter().filter_map(host).collect()
}
