//! What only shows among all targets: one object rendered twice, one host or one namespace claimed by two tenants.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Claims;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::source::Place;
use crate::target::Target;

/// The claims of all targets of a run, taken in one after the other.
#[derive(Debug, Default)]
pub struct Fleet {
    objects: Claimed<String>,
    hosts: Claimed<Arc<str>>,
    namespaces: Claimed<Arc<str>>,
}

type Claimed<K> = IndexMap<K, (Arc<Target>, Place), foldhash::fast::RandomState>;

/// Proof that all targets were taken in and nothing stands against any: what holds output back is released for it.
#[derive(Debug)]
pub struct Settled(());

impl Fleet {
    /// Takes in the claims of a target; records those that another one made before.
    pub fn admit(&mut self, claims: Claims, diagnostics: &mut Diagnostics) {
        let target = &claims.target;
        for (object, place) in claims.objects {
            if let Some((first, at)) = self.objects.get(&object) {
                diagnostics.record(twice(&object, target, place, first, *at));
            } else {
                self.objects.insert(object, (Arc::clone(target), place));
            }
        }
        for (host, place) in claims.hosts {
            match self.hosts.get(&host) {
                // A tenant may route one host in several objects.
                Some((first, at)) if first != target => {
                    diagnostics.record(
                        shared(code::SHARED_HOST, "host", &host, target, place, first, *at)
                            .help("give one of them another host; a host belongs to one tenant"),
                    );
                }
                Some(_) => {}
                None => {
                    self.hosts.insert(host, (Arc::clone(target), place));
                }
            }
        }
        if let Some((namespace, place)) = claims.namespace {
            match self.namespaces.get(&namespace) {
                Some((first, at)) => diagnostics.record(
                    shared(code::SHARED_NAMESPACE, "namespace", &namespace, target, place, first, *at)
                        .help("give each tenant a namespace of its own"),
                ),
                None => {
                    self.namespaces.insert(namespace, (Arc::clone(target), place));
                }
            }
        }
    }

    /// The proof, if no error was recorded at all.
    pub fn settle(self, diagnostics: &Diagnostics) -> Result<Settled, Failed> {
        diagnostics.all_clear()?;
        Ok(Settled(()))
    }
}

fn twice(object: &str, target: &Target, place: Place, first: &Target, at: Place) -> Diagnostic {
    let mut parts = object.splitn(4, '/');
    let (group, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (namespace, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let group = if group.is_empty() { String::new() } else { format!(".{group}") };
    let namespace = if namespace.is_empty() { String::new() } else { format!(" in namespace {namespace}") };
    let owners = if target == first { format!("by {target}") } else { format!("by {first} and by {target}") };
    Diagnostic::new(code::DUPLICATE_OBJECT, format!("{kind}{group} {name}{namespace} is rendered twice, {owners}"))
        .at(place, "the second")
        .also(at, "the first")
        .help("rename one of them, or render it once")
}

fn shared(
    code: crate::diagnostic::Code,
    what: &str,
    name: &str,
    target: &Target,
    place: Place,
    first: &Target,
    at: Place,
) -> Diagnostic {
    let id = |target: &Target| target.tenant().map_or_else(|| target.to_string(), ToString::to_string);
    Diagnostic::new(code, format!("the tenants {} and {} claim the {what} {name}", id(first), id(target)))
        .at(place, format!("claimed for {}", id(target)))
        .also(at, format!("claimed for {}", id(first)))
}
