//! What only shows among all targets: one object rendered twice, one host or one namespace claimed by two tenants.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::{Claim, Claims, What};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::manifest::Field;
use crate::source::Place;
use crate::target::Target;

/// The claims of all targets of a run, taken in one after the other.
#[derive(Debug, Default)]
pub struct Fleet {
    /// The ids of all tenants of the environment, also of those that are left out of a run.
    roster: IndexSet<Arc<str>>,
    claimed: IndexMap<(What, Arc<str>), Party, foldhash::fast::RandomState>,
}

/// Who claims, and the field that says so.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) target: Arc<Target>,
    pub(crate) field: Option<Field>,
    /// Where the configuration says so, if that is known.
    place: Option<Place>,
}

/// Two parties that claim the same.
#[derive(Debug)]
pub(crate) struct Conflict {
    what: What,
    name: Arc<str>,
    /// The name that the first claims, if it is another one that takes in some of the same.
    other: Option<Arc<str>>,
    pub(crate) first: Party,
    pub(crate) second: Party,
}

/// Proof that all targets were taken in and nothing stands against any: what holds output back is released for it.
#[derive(Debug)]
pub struct Settled(());

impl Fleet {
    /// The claims of targets of an environment that has these tenants.
    pub(crate) fn new(roster: impl IntoIterator<Item = Arc<str>>) -> Self {
        Self { roster: roster.into_iter().collect(), ..Self::default() }
    }

    /// Takes in the claims of a target; gives those that another one made before.
    pub(crate) fn admit(&mut self, claims: Claims) -> Vec<Conflict> {
        let Claims { target, claims } = claims;
        claims.into_iter().filter_map(|claim| self.claim(&target, claim)).collect()
    }

    fn claim(&mut self, target: &Arc<Target>, claim: Claim) -> Option<Conflict> {
        let Claim { what, name, field, place } = claim;
        let second = Party { target: Arc::clone(target), field, place };
        let Some(first) = self.claimed.get(&(what, Arc::clone(&name))) else {
            let overlap = match what {
                What::Host => self.overlapping(&name, target),
                What::Namespace => self.reserved(&name, target),
                What::Object => None,
            };
            self.claimed.insert((what, Arc::clone(&name)), second.clone());
            return overlap.map(|(other, first)| {
                let other = (other != name).then_some(other);
                Conflict { what, name, other, first, second }
            });
        };
        // A tenant may route one host in several objects.
        let same = first.target == second.target;
        (what == What::Object || !same).then(|| Conflict { what, name, other: None, first: first.clone(), second })
    }

    /// A host of another tenant that has an address in common with this one: one of the two is a wildcard.
    fn overlapping(&self, host: &str, target: &Target) -> Option<(Arc<str>, Party)> {
        let foreign = |party: &Party| {
            party.target.as_ref() != target && party.target.tenant().is_some() && target.tenant().is_some()
        };
        let found = if let Some(domain) = host.strip_prefix("*.") {
            let below = |name: &str| name.strip_suffix(domain).is_some_and(|label| label.ends_with('.'));
            self.claimed.iter().find(|((what, name), party)| *what == What::Host && below(name) && foreign(party))
        } else {
            let (_, domain) = host.split_once('.')?;
            let wildcard = (What::Host, Arc::from(format!("*.{domain}")));
            self.claimed.get_key_value(&wildcard).filter(|(_, party)| foreign(party))
        };
        found.map(|((_, name), party)| (Arc::clone(name), party.clone()))
    }

    /// The tenant whose id a namespace is, if it is not the one that claims it: a tenant's id is its own namespace, also
    /// while it is left out.
    fn reserved(&self, namespace: &Arc<str>, target: &Target) -> Option<(Arc<str>, Party)> {
        let owner = self.roster.get(namespace).filter(|owner| target.tenant() != Some(owner))?;
        let target = Target::new(Arc::clone(target.environment()), Some(Arc::clone(owner)), Vec::new());
        Some((Arc::clone(namespace), Party { target: Arc::new(target), field: None, place: None }))
    }

    /// The proof, if no error was recorded at all.
    pub fn settle(self, diagnostics: &Diagnostics) -> Result<Settled, Failed> {
        diagnostics.all_clear()?;
        Ok(Settled(()))
    }
}

impl Conflict {
    /// What is to be said; `origin` finds the place in the layers that a party's field was filled from.
    pub(crate) fn diagnostic(&self, origin: impl Fn(&Party) -> Option<Place>) -> Diagnostic {
        let mut diagnostic = match self.what {
            What::Object => self.rendered_twice(),
            What::Host => {
                self.shared(code::SHARED_HOST, "host", "give one of them another host; a host belongs to one tenant")
            }
            What::Namespace => {
                self.shared(code::SHARED_NAMESPACE, "namespace", "give each tenant a namespace of its own")
            }
        };
        let origins = [(&self.second, origin(&self.second)), (&self.first, origin(&self.first))];
        let template = |party: &Party| party.field.as_ref().map(|field| field.place);
        for (index, (party, found)) in origins.iter().enumerate() {
            let Some(place) = found.or(party.place).or_else(|| template(party)) else { continue };
            let text = if self.first.target == self.second.target {
                if index == 0 { "the second".to_owned() } else { "the first".to_owned() }
            } else {
                format!("claimed for {}", id(&party.target))
            };
            diagnostic = if index == 0 { diagnostic.at(place, text) } else { diagnostic.also(place, text) };
        }
        if origins.iter().any(|(_, found)| found.is_some())
            && let Some(place) = template(&self.second)
        {
            diagnostic = diagnostic.also(place, "written here by the template");
        }
        diagnostic
    }

    fn rendered_twice(&self) -> Diagnostic {
        let mut parts = self.name.splitn(4, '/');
        let mut part = || parts.next().unwrap_or_default();
        let (group, kind, namespace, name) = (part(), part(), part(), part());
        let group = if group.is_empty() { String::new() } else { format!(".{group}") };
        let namespace = if namespace.is_empty() { String::new() } else { format!(" in namespace {namespace}") };
        let (first, second) = (&self.first.target, &self.second.target);
        let owners = if first == second { format!("by {second}") } else { format!("by {first} and by {second}") };
        let message = format!("{kind}{group} {name}{namespace} is rendered twice, {owners}");
        Diagnostic::new(code::DUPLICATE_OBJECT, message).help("rename one of them, or render it once")
    }

    fn shared(&self, code: crate::diagnostic::Code, what: &str, help: &str) -> Diagnostic {
        let (first, second) = (id(&self.first.target), id(&self.second.target));
        let Some(other) = &self.other else {
            return Diagnostic::new(code, format!("{first} and {second} claim the {what} {}", self.name)).help(help);
        };
        Diagnostic::new(code, format!("{first} and {second} claim the {what}s {other} and {}", self.name))
            .note("a wildcard takes what nobody routes more exactly, so one tenant gets what was meant for the other")
            .help(help)
    }
}

/// A tenant by its id, what an environment has once by the target's name.
fn id(target: &Target) -> String {
    target.tenant().map_or_else(|| target.to_string(), ToString::to_string)
}
