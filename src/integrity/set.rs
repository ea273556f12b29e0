//! Objects that belong together, and what can be asked of them.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};

use super::pod::{self, Pod};
use super::{External, Site, made};
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::Node;

/// An object by kind, namespace and name. The group does not count: references name a kind, and few kinds share a name.
type Name<'a> = (&'a str, &'a str, &'a str);

/// The objects.
pub(crate) struct Set<'a> {
    pub(crate) manifests: &'a [Manifest],
    /// The pods that they run, in their order.
    pub(crate) pods: Vec<Pod<'a>>,
    external: &'a [External],
    configuration: Option<&'a Node>,
    rendered: IndexMap<Name<'a>, usize, foldhash::fast::RandomState>,
    pub(crate) namespaces: BTreeSet<&'a str>,
    /// What controllers make of the objects: kind, namespace and name.
    made: IndexSet<(&'static str, &'a str, String), foldhash::fast::RandomState>,
}

impl<'a> Set<'a> {
    pub(crate) fn new(manifests: &'a [Manifest], external: &'a [External], configuration: Option<&'a Node>) -> Self {
        let mut set = Self {
            manifests,
            pods: Vec::new(),
            external,
            configuration,
            rendered: IndexMap::default(),
            namespaces: BTreeSet::new(),
            made: IndexSet::default(),
        };
        for (index, manifest) in manifests.iter().enumerate() {
            let identity = manifest.identity();
            let namespace = identity.namespace().map_or("", AsRef::as_ref);
            set.rendered.entry((identity.kind(), namespace, identity.name())).or_insert(index);
            set.namespaces.insert(namespace);
            pod::of(index, manifest, &mut set.pods);
            made::of(manifest, &mut |kind, name| {
                set.made.insert((kind, namespace, name));
            });
        }
        set
    }

    /// The object of a name.
    pub(crate) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<(usize, &'a Manifest)> {
        let index = *self.rendered.get(&(kind, namespace, name))?;
        Some((index, self.manifests.get(index)?))
    }

    /// Whether there is an object of a name: rendered, made on the cluster, or declared.
    pub(crate) fn has(&self, kind: &str, namespace: &str, name: &str) -> bool {
        self.rendered.contains_key(&(kind, namespace, name))
            || self.made.iter().any(|(made, space, called)| *made == kind && *space == namespace && called == name)
            || self.external.iter().any(|external| external.is(kind, namespace, name, self.configuration))
            || matches!((kind, name), ("ConfigMap", "kube-root-ca.crt") | ("ServiceAccount", "default"))
    }

    /// Whether a namespace is the set's own, so that what is not in the set is not there.
    pub(crate) fn owns(&self, namespace: &str) -> bool {
        self.namespaces.contains(namespace)
    }

    /// The names of a kind in a namespace.
    pub(crate) fn names(&self, kind: &str, namespace: &str) -> Vec<&str> {
        let rendered = self.rendered.keys().filter(|key| key.0 == kind && key.1 == namespace).map(|key| key.2);
        let made = self.made.iter().filter(|made| made.0 == kind && made.1 == namespace).map(|made| made.2.as_str());
        rendered.chain(made).collect()
    }

    /// The objects of a kind, with their index.
    pub(crate) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = (usize, &'a Manifest)> {
        self.manifests.iter().enumerate().filter(move |(_, manifest)| manifest.identity().kind().as_ref() == kind)
    }

    /// The pods in a namespace.
    pub(crate) fn pods_in(&self, namespace: &str) -> impl Iterator<Item = &Pod<'a>> {
        self.pods.iter().filter(move |pod| pod.namespace == namespace)
    }
}

/// The namespace of an object; empty without one.
pub(crate) fn namespace(manifest: &Manifest) -> &str {
    manifest.identity().namespace().map_or("", AsRef::as_ref)
}

/// An object in messages: of many tenants they are alike, so its namespace is left to the place.
pub(crate) fn called(manifest: &Manifest) -> String {
    format!("{}/{}", manifest.identity().kind(), manifest.identity().name())
}

/// A field of an object.
pub(crate) fn site(manifest: usize, path: &Path) -> Site {
    Site { manifest, path: path.clone() }
}
