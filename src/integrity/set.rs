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

/// Most names that are offered instead of one that is not there.
const MOST_NAMES: usize = 200;

/// The objects.
pub(crate) struct Set<'a> {
    pub(crate) manifests: &'a [Manifest],
    /// The pods that they run, in their order.
    pub(crate) pods: Vec<Pod<'a>>,
    external: &'a [External],
    configuration: Option<&'a Node>,
    rendered: IndexMap<Name<'a>, usize, foldhash::fast::RandomState>,
    pub(crate) namespaces: BTreeSet<&'a str>,
    /// What controllers make of the objects: names, by kind and namespace.
    made: IndexMap<(&'static str, &'a str), IndexSet<String>, foldhash::fast::RandomState>,
    /// The names of the objects, by kind and namespace.
    names: IndexMap<(&'a str, &'a str), Vec<&'a str>, foldhash::fast::RandomState>,
    /// The positions of the pods, by namespace.
    pods_of: IndexMap<&'a str, Vec<usize>, foldhash::fast::RandomState>,
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
            made: IndexMap::default(),
            names: IndexMap::default(),
            pods_of: IndexMap::default(),
        };
        for (index, manifest) in manifests.iter().enumerate() {
            let identity = manifest.identity();
            let namespace = identity.namespace().map_or("", AsRef::as_ref);
            set.rendered.entry((identity.kind(), namespace, identity.name())).or_insert(index);
            set.names.entry((identity.kind(), namespace)).or_default().push(identity.name());
            set.namespaces.insert(namespace);
            pod::of(index, manifest, &mut set.pods);
            made::of(manifest, &mut |kind, name| {
                set.made.entry((kind, namespace)).or_default().insert(name);
            });
        }
        for (position, pod) in set.pods.iter().enumerate() {
            set.pods_of.entry(pod.namespace).or_default().push(position);
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
            || self.made_of(kind, namespace).is_some_and(|names| names.contains(name))
            || self.external.iter().any(|external| external.is(kind, namespace, name, self.configuration))
            || matches!((kind, name), ("ConfigMap", "kube-root-ca.crt") | ("ServiceAccount", "default"))
    }

    fn made_of(&self, kind: &str, namespace: &str) -> Option<&IndexSet<String>> {
        self.made.iter().find(|((made, space), _)| *made == kind && *space == namespace).map(|(_, names)| names)
    }

    /// Whether a namespace is the set's own, so that what is not in the set is not there.
    pub(crate) fn owns(&self, namespace: &str) -> bool {
        self.namespaces.contains(namespace)
    }

    /// The names of a kind in a namespace; of very many, the first.
    pub(crate) fn names(&self, kind: &str, namespace: &str) -> Vec<&str> {
        let rendered = self.names.get(&(kind, namespace)).into_iter().flatten().copied();
        let made = self.made_of(kind, namespace).into_iter().flatten().map(String::as_str);
        rendered.chain(made).take(MOST_NAMES).collect()
    }

    /// The objects of a kind, with their index.
    pub(crate) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = (usize, &'a Manifest)> {
        self.manifests.iter().enumerate().filter(move |(_, manifest)| manifest.identity().kind().as_ref() == kind)
    }

    /// The pods in a namespace.
    pub(crate) fn pods_in(&self, namespace: &str) -> impl Iterator<Item = &Pod<'a>> {
        self.pods_of.get(namespace).into_iter().flatten().filter_map(|position| self.pods.get(*position))
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
