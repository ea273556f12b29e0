//! What a target takes for itself among all: objects, hosts, a namespace.

use std::sync::Arc;

use crate::manifest::{Field, Manifest};
use crate::path::Path;
use crate::source::Place;
use crate::target::Target;

/// What a target claims for itself among all others: a [`Fleet`](super::Fleet) takes it in.
#[derive(Debug)]
pub struct Claims {
    /// Who claims.
    pub(super) target: Arc<Target>,
    pub(super) claims: Vec<Claim>,
}

/// One thing that a target claims.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) what: What,
    pub(super) name: Arc<str>,
    /// The field that says so; a namespace may be claimed without one.
    pub(super) field: Option<Field>,
    /// Where the configuration says so, if that is known.
    pub(super) place: Option<Place>,
}

/// The kinds of things that only one may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// An object, by group, kind, namespace and name.
    Object,
    /// A host name.
    Host,
    /// A namespace.
    Namespace,
}

pub(super) fn object(manifest: &Manifest) -> Claim {
    let identity = manifest.identity();
    let namespace = identity.namespace().map_or("", AsRef::as_ref);
    let name = [identity.group(), identity.kind(), namespace, identity.name()].join("/");
    Claim {
        what: What::Object,
        name: name.into(),
        field: manifest.field(Path::from_keys(["metadata", "name"])),
        place: None,
    }
}

/// The host names an object routes: of an Ingress, and of the routes of the Gateway API.
pub(super) fn hosts(manifest: &Manifest) -> Vec<Claim> {
    let list =
        |keys: [&str; 2]| (Path::from_keys(keys), manifest.node().at(&keys).and_then(|node| node.value.as_list()));
    let claim = |path: Path| {
        // DNS knows neither case nor the dot at the end.
        let host = manifest.node().get(&path)?.value.as_str()?.trim_end_matches('.').to_lowercase();
        Some(Claim { what: What::Host, name: host.into(), field: manifest.field(path), place: None })
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
    paths.into_iter().filter_map(claim).collect()
}
