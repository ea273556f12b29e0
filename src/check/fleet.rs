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

/// Who claims something, and where that is said.
type Claim = (Arc<Target>, Place);
type Claimed<K> = IndexMap<K, Claim, foldhash::fast::RandomState>;

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
                    if let Some((other, (first, at))) = self.overlapping(&host, target) {
                        let both = format!("{host} and {other}");
                        diagnostics.record(
                            shared(code::SHARED_HOST, "hosts", &both, target, place, first, *at)
                                .note("a wildcard takes what nobody routes more exactly, so one tenant gets what was meant for the other")
                                .help("give one of them another host; a host belongs to one tenant"),
                        );
                    }
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

    /// A host of another tenant that has an address in common with this one: one of the two is a wildcard.
    fn overlapping(&self, host: &str, target: &Target) -> Option<(&Arc<str>, &Claim)> {
        let foreign = |(_, (first, _)): &(&Arc<str>, &Claim)| {
            first.as_ref() != target && first.tenant().is_some() && target.tenant().is_some()
        };
        if let Some(domain) = host.strip_prefix("*.") {
            let below = |name: &str| name.strip_suffix(domain).is_some_and(|label| label.ends_with('.'));
            return self.hosts.iter().find(|claim| below(claim.0) && foreign(claim));
        }
        let (_, domain) = host.split_once('.')?;
        self.hosts.get_key_value(format!("*.{domain}").as_str()).filter(foreign)
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
