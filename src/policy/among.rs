//! Rules over all targets of an environment.
//!
//! In goes a [`Share`] of each target, in target order: the little of it that these rules ask for, so that thousands can
//! wait for the last. Out comes what was found when all are in: how often each rule was kept, and each [`Breach`], with
//! the targets and what to look for in them. Where that is, is asked only of targets that have one.

mod breach;
mod cluster;
mod exception;
mod identifier;
mod reference;
mod room;
mod signature;
mod unique;
mod word;

use std::sync::Arc;

use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use super::engine::Facts;
use super::rule::{Rule, Scope};
use crate::compliance::waiver::Waiver;
use crate::manifest::Manifest;
use crate::tree::Node;

pub(crate) use breach::{Breach, Mark, Spot};
pub(crate) use cluster::Given;
pub(in crate::policy) use identifier::is_like;
pub(crate) use identifier::{Identifier, What};

/// What one target puts among all: what is its own, what it names, how much it may take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Share {
    tier: Arc<str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    identifiers: Vec<Identifier>,
    /// One a line, sorted.
    #[serde(skip_serializing_if = "String::is_empty")]
    words: String,
    /// What its quotas allow, by resource, as written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quotas: Vec<(Arc<str>, String)>,
    /// Whether its configuration asks for signed images, and an object of it sees to that.
    signed: bool,
    verifies: bool,
}

/// What rules over all targets may ask for beside the targets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grounds<'a> {
    pub(crate) environment: &'a str,
    /// `policy.params` of the environment.
    pub(crate) params: &'a Node,
    /// The day, as `2026-01-31`.
    pub(crate) today: &'a str,
    /// The ids of all tenants of the environment, also of those that are not here.
    pub(crate) roster: &'a IndexSet<Arc<str>>,
    /// Whether all targets of the environment are here.
    pub(crate) whole: bool,
    /// The files about the cluster itself.
    pub(crate) given: &'a [Given],
    /// Exceptions, of all environments.
    pub(crate) waivers: &'a [Waiver],
    /// All rules there are, which exceptions may be of.
    pub(crate) catalogue: &'a [Arc<Rule>],
}

/// The rules over all targets, and what the targets put among them.
#[derive(Debug, Default)]
pub(crate) struct Among {
    rules: Vec<Arc<Rule>>,
    parts: Vec<Part>,
    /// All words that any target uses.
    words: IndexSet<Box<str>, foldhash::fast::RandomState>,
}

/// A target and its share.
#[derive(Debug)]
struct Part {
    /// `None` for what an environment has once.
    tenant: Option<Arc<str>>,
    share: Share,
    /// Positions of its words.
    words: Vec<usize>,
}

/// What rules over all targets come to.
#[derive(Debug, Default)]
pub(crate) struct Settlement {
    /// How often each rule was kept: its position, whose subjects, and how many pass and are not applicable.
    pub(crate) tallies: Vec<Kept>,
    pub(crate) breaches: Vec<Breach>,
}

/// How often a rule was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Position of the rule.
    pub(crate) rule: usize,
    /// Position of the target; `None` for the environment as a whole.
    pub(crate) part: Option<usize>,
    pub(crate) pass: usize,
    pub(crate) not_applicable: usize,
}

/// What a rule looks at when all targets are in.
struct View<'a> {
    among: &'a Among,
    grounds: &'a Grounds<'a>,
    rule: &'a Rule,
}

/// What a rule comes to.
#[derive(Default)]
struct Verdict {
    /// For each target, or for the environment: how many subjects keep the rule.
    kept: Vec<(Option<usize>, usize)>,
    broken: Vec<Breach>,
}

type Check = fn(&View<'_>, &mut Verdict);

/// The rules, by id, sorted.
const RULES: &[(&str, Check)] = &[
    ("TC-CFG-924", cluster::check),
    ("TC-IMG-205", signature::check),
    ("TC-INT-953", exception::check),
    ("TC-NS-408", room::check),
    (REFERENCE, reference::check),
    (UNIQUE, unique::check),
];

/// The rule that no target names what is another's.
const REFERENCE: &str = "TC-TEN-801";
/// The rule that nothing is of two targets, which says what is a target's own.
const UNIQUE: &str = "TC-TEN-802";

/// The ids of the rules that there are.
pub(super) fn known() -> impl Iterator<Item = &'static str> + Clone {
    RULES.iter().map(|(id, _)| *id)
}

/// The rules over all targets of a list.
pub(crate) fn rules(all: &[Arc<Rule>]) -> Vec<Arc<Rule>> {
    all.iter().filter(|rule| rule.scope == Scope::Environment).cloned().collect()
}

/// The rule that says what is a target's own.
fn identifying(rules: &[Arc<Rule>]) -> Option<&Arc<Rule>> {
    let called = |id| rules.iter().find(move |rule| rule.id.as_ref() == id);
    called(UNIQUE).or_else(|| called(REFERENCE))
}

impl Share {
    /// What rules over all targets ask for of one.
    pub(crate) fn of(rules: &[Arc<Rule>], facts: &Facts<'_>, manifests: &[Manifest]) -> Self {
        let called = |id: &str| rules.iter().find(|rule| rule.id.as_ref() == id);
        let mut share = Self { tier: facts.tier.into(), ..Self::default() };
        if facts.tenant.is_some() {
            if let Some(rule) = identifying(rules) {
                share.identifiers = identifier::of(rule, facts, manifests);
            }
            if called(REFERENCE).is_some() {
                share.words = word::of(facts.configuration, manifests);
            }
            if called("TC-NS-408").is_some() {
                share.quotas = room::quotas(manifests);
            }
        }
        if let Some(rule) = called("TC-IMG-205") {
            share.signed = signature::is_asked_for(rule, facts);
            share.verifies = manifests.iter().any(|manifest| signature::verifies(manifest, facts.params));
        }
        share
    }
}

impl Among {
    pub(crate) fn new(rules: Vec<Arc<Rule>>) -> Self {
        Self { rules, ..Self::default() }
    }

    /// The rules, in the order of positions.
    pub(crate) fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// Takes in the share of a target.
    pub(crate) fn admit(&mut self, tenant: Option<&Arc<str>>, mut share: Share) {
        let texts = std::mem::take(&mut share.words);
        let mut words = Vec::new();
        for word in texts.lines() {
            let known = self.words.get_index_of(word);
            words.push(known.unwrap_or_else(|| self.words.insert_full(word.into()).0));
        }
        self.parts.push(Part { tenant: tenant.cloned(), share, words });
    }

    /// The tenant of a target, by its position.
    pub(crate) fn tenant(&self, part: usize) -> Option<&Arc<str>> {
        self.parts.get(part)?.tenant.as_ref()
    }

    /// What the rules say of all targets that were taken in.
    pub(crate) fn settle(&self, grounds: &Grounds<'_>) -> Settlement {
        let mut settlement = Settlement::default();
        for (position, rule) in self.rules.iter().enumerate() {
            let Some((_, check)) = RULES.iter().find(|(id, _)| *id == rule.id.as_ref()) else { continue };
            let mut verdict = Verdict::default();
            check(&View { among: self, grounds, rule }, &mut verdict);
            if verdict.kept.is_empty() && verdict.broken.is_empty() {
                settlement.tallies.push(Kept { rule: position, part: None, pass: 0, not_applicable: 1 });
            }
            let kept = verdict.kept.into_iter();
            settlement.tallies.extend(kept.map(|(part, pass)| Kept { rule: position, part, pass, not_applicable: 0 }));
            settlement.breaches.extend(verdict.broken.into_iter().map(|breach| Breach { rule: position, ..breach }));
        }
        settlement
    }
}

impl<'a> View<'a> {
    /// A value that the settings give to rules: `policy.params` first, then the rule's own.
    fn param(&self, keys: &[&str]) -> Option<&'a Node> {
        self.grounds.params.at(keys).or_else(|| self.rule.params.as_ref()?.at(keys))
    }

    /// The tenants, with their positions.
    fn tenants(&self) -> impl Iterator<Item = (usize, &'a Arc<str>, &'a Part)> + use<'a> {
        let parts = self.among.parts.iter().enumerate();
        parts.filter_map(|(index, part)| Some((index, part.tenant.as_ref()?, part)))
    }

    /// Whether the environment is one of customers.
    fn is_production(&self) -> bool {
        let named = self.param(&["production"]).and_then(|list| list.value.as_list());
        named.map_or(self.grounds.environment == "prod", |names| {
            names.iter().any(|name| name.value.as_str() == Some(self.grounds.environment))
        })
    }
}

impl Verdict {
    /// A subject of a target, or of the environment, keeps the rule.
    fn keep(&mut self, part: Option<usize>) {
        self.kept.push((part, 1));
    }
}
