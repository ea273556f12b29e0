//! What only shows among all targets: one object rendered twice, one host or one namespace claimed by two tenants.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::{Claim, Claims, Site, What};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Failed, code};
use crate::policy::{Among, Rule};
use crate::target::Target;

/// The claims of all targets of a run, taken in one after the other.
#[derive(Debug, Default)]
pub struct Fleet {
    /// The ids of all tenants of the environment, also of those that are left out of a run.
    roster: IndexSet<Arc<str>>,
    claimed: IndexMap<Claim, Arc<Target>, foldhash::fast::RandomState>,
    /// Rules over all targets, and what these put among them.
    among: Among,
    /// In the order in which they came.
    admitted: Vec<Arc<Target>>,
}

/// Who makes a claim.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) target: Arc<Target>,
    pub(crate) claim: Claim,
    /// Which of the target's fields that make it, from 0; `None` if it is not compiled in this run.
    pub(crate) nth: Option<usize>,
}

/// Two parties that claim the same.
#[derive(Debug)]
pub(crate) struct Conflict {
    first: Party,
    second: Party,
}

/// Proof that all targets were taken in and nothing stands against any: what holds output back is released for it.
#[derive(Debug)]
pub struct Settled(());

impl Fleet {
    /// The claims of targets of an environment that has these tenants.
    pub(crate) fn new(roster: impl IntoIterator<Item = Arc<str>>) -> Self {
        Self { roster: roster.into_iter().collect(), ..Self::default() }
    }

    /// The same with rules over all targets.
    pub(crate) fn under(self, rules: Vec<Arc<Rule>>) -> Self {
        Self { among: Among::new(rules), ..self }
    }

    /// The ids of all tenants of the environment.
    pub(crate) fn roster(&self) -> &IndexSet<Arc<str>> {
        &self.roster
    }

    /// Rules over all targets, and what these put among them.
    pub(crate) fn among(&self) -> &Among {
        &self.among
    }

    /// The targets that were taken in.
    pub(crate) fn admitted(&self) -> &[Arc<Target>] {
        &self.admitted
    }

    /// Whether these are all targets of the environment; `own` is whether it has templates of its own.
    pub(crate) fn is_whole(&self, own: bool) -> bool {
        let tenants = self.admitted.iter().filter(|target| target.tenant().is_some()).count();
        tenants == self.roster.len() && (!own || tenants < self.admitted.len())
    }

    /// Takes in the claims of a target; gives those that another one made before.
    pub(crate) fn admit(&mut self, claims: Claims) -> Vec<Conflict> {
        let Claims { target, list: claims, share } = claims;
        self.among.admit(target.tenant(), share);
        self.admitted.push(Arc::clone(&target));
        let mut conflicts = Vec::new();
        for (index, claim) in claims.iter().enumerate() {
            let again = || claims.iter().take(index).filter(|earlier| *earlier == claim).count();
            if let Some(first) = self.claim(&target, claim) {
                let nth = if first.target == target { again() } else { 0 };
                let second = Party { target: Arc::clone(&target), claim: claim.clone(), nth: Some(nth) };
                conflicts.push(Conflict { first, second });
            }
        }
        conflicts
    }

    /// Takes in a claim; gives who made the same one before.
    fn claim(&mut self, target: &Arc<Target>, claim: &Claim) -> Option<Party> {
        let Some(first) = self.claimed.get(claim) else {
            let overlap = match claim.what {
                What::Host => self.overlapping(&claim.name, target),
                What::Namespace => self.reserved(claim, target),
                What::Object => None,
            };
            self.claimed.insert(claim.clone(), Arc::clone(target));
            return overlap;
        };
        // A tenant may route one host in several objects.
        (claim.what == What::Object || first != target).then(|| Party::of(first, claim))
    }

    /// A host of another tenant that has an address in common with this one: one of the two is a wildcard.
    fn overlapping(&self, host: &str, target: &Target) -> Option<Party> {
        let foreign =
            |other: &Arc<Target>| other.as_ref() != target && other.tenant().is_some() && target.tenant().is_some();
        let found = if let Some(domain) = host.strip_prefix("*.") {
            let below = |name: &str| name.strip_suffix(domain).is_some_and(|label| label.ends_with('.'));
            self.claimed.iter().find(|(claim, other)| claim.what == What::Host && below(&claim.name) && foreign(other))
        } else {
            let (_, domain) = host.split_once('.')?;
            let wildcard = Claim { what: What::Host, name: Arc::from(format!("*.{domain}")) };
            self.claimed.get_key_value(&wildcard).filter(|(_, other)| foreign(other))
        };
        found.map(|(claim, other)| Party::of(other, claim))
    }

    /// The tenant whose id a namespace is, if it is not the one that claims it: a tenant's id is its own namespace, also
    /// while it is left out.
    fn reserved(&self, claim: &Claim, target: &Target) -> Option<Party> {
        let owner = self.roster.get(&claim.name).filter(|owner| target.tenant() != Some(owner))?;
        let target = Target::new(Arc::clone(target.environment()), Some(Arc::clone(owner)), Vec::new());
        Some(Party { target: Arc::new(target), claim: claim.clone(), nth: None })
    }

    /// The proof, if no error was recorded at all.
    pub fn settle(self, diagnostics: &Diagnostics) -> Result<Settled, Failed> {
        diagnostics.all_clear()?;
        Ok(Settled(()))
    }
}

impl Party {
    fn of(target: &Arc<Target>, claim: &Claim) -> Self {
        Self { target: Arc::clone(target), claim: claim.clone(), nth: Some(0) }
    }
}

impl Conflict {
    /// Whether one object is rendered twice.
    pub(crate) fn is_object(&self) -> bool {
        self.second.claim.what == What::Object
    }

    /// What is to be said; `site` finds where a party makes its claim.
    pub(crate) fn diagnostic(&self, site: impl Fn(&Party) -> Site) -> Diagnostic {
        let mut diagnostic = match self.second.claim.what {
            What::Object => self.rendered_twice(),
            What::Host => {
                self.shared(code::SHARED_HOST, "host", "give one of them another host; a host belongs to one tenant")
            }
            What::Namespace => {
                self.shared(code::SHARED_NAMESPACE, "namespace", "give each tenant a namespace of its own")
            }
        };
        let sites = [(&self.second, site(&self.second)), (&self.first, site(&self.first))];
        for (index, (party, site)) in sites.iter().enumerate() {
            let Some(place) = site.configuration.or(site.template) else { continue };
            let text = if self.first.target == self.second.target {
                if index == 0 { "the second".to_owned() } else { "the first".to_owned() }
            } else {
                format!("claimed for {}", id(&party.target))
            };
            diagnostic = if index == 0 { diagnostic.at(place, text) } else { diagnostic.also(place, text) };
        }
        if sites.iter().any(|(_, site)| site.configuration.is_some())
            && let Some((_, Site { template: Some(place), .. })) = sites.first()
        {
            diagnostic = diagnostic.also(*place, "written here by the template");
        }
        diagnostic
    }

    fn rendered_twice(&self) -> Diagnostic {
        let mut parts = self.second.claim.name.splitn(4, '/');
        let mut part = || parts.next().unwrap_or_default();
        let (group, kind, namespace, name) = (part(), part(), part(), part());
        let group = if group.is_empty() { String::new() } else { format!(".{group}") };
        let namespace = if namespace.is_empty() { String::new() } else { format!(" in namespace {namespace}") };
        let (first, second) = (&self.first.target, &self.second.target);
        let owners = if first == second { format!("by {second}") } else { format!("by {first} and by {second}") };
        let message = format!("{kind}{group} {name}{namespace} is rendered twice, {owners}");
        Diagnostic::new(code::DUPLICATE_OBJECT, message).help("rename one of them, or render it once")
    }

    fn shared(&self, code: Code, what: &str, help: &str) -> Diagnostic {
        let (first, second) = (id(&self.first.target), id(&self.second.target));
        let (other, name) = (&self.first.claim.name, &self.second.claim.name);
        if other == name {
            return Diagnostic::new(code, format!("{first} and {second} claim the {what} {name}")).help(help);
        }
        Diagnostic::new(code, format!("{first} and {second} claim the {what}s {other} and {name}"))
            .note("a wildcard takes what nobody routes more exactly, so one tenant gets what was meant for the other")
            .help(help)
    }
}

/// A tenant by its id, what an environment has once by the target's name.
fn id(target: &Target) -> String {
    target.tenant().map_or_else(|| target.to_string(), ToString::to_string)
}
