//! Rules over all objects of a target, which no expression about one of them could say: written here, given their
//! parameters by rule documents.
//!
//! Each is a function from a [`View`] to a [`Verdict`], which counts the subjects that keep the rule and notes those that
//! do not. What `integrity` decides already is taken from there.

mod data;
mod gate;
mod namespace;
mod network;
mod plaintext;
mod pod;
mod processor;
mod rbac;
mod schedule;
mod secret;
mod trace;
mod workload;

use super::engine::{Facts, path_of};
use super::finding::{At, Finding, Report};
use super::rule::Rule;
use crate::diagnostic::Code;
use crate::integrity::{self, Set, Site};
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::Node;

/// What a rule looks at.
pub(super) struct View<'a> {
    pub(super) set: &'a Set<'a>,
    /// What is wrong among the objects.
    pub(super) among: &'a [integrity::Finding],
    pub(super) facts: &'a Facts<'a>,
    pub(super) rule: &'a Rule,
    /// What the rule's `values` are in the configuration.
    pub(super) values: Option<&'a Node>,
}

/// What a rule comes to, subject by subject. Without any, it is not applicable.
#[derive(Default)]
pub(super) struct Verdict {
    kept: usize,
    broken: Vec<Broken>,
}

/// A subject that breaks a rule.
struct Broken {
    at: At,
    expected: String,
    also: Vec<(At, String)>,
    /// Whether what is there is not to be shown.
    hidden: bool,
}

type Check = fn(&View<'_>, &mut Verdict);

/// The rules, by id, sorted.
const RULES: &[(&str, Check)] = &[
    ("TC-CFG-910", data::residency),
    ("TC-CFG-912", processor::listed),
    ("TC-CFG-915", data::backup_schedule),
    ("TC-CFG-918", data::recovery),
    ("TC-CFG-922", network::entry),
    ("TC-CFG-923", data::alerts),
    ("TC-IMG-206", gate::served),
    ("TC-INT-951", trace::provenance),
    ("TC-INT-952", trace::again),
    ("TC-NET-501", network::default_deny_ingress),
    ("TC-NET-502", network::default_deny_egress),
    ("TC-NET-503", network::coverage),
    ("TC-NET-505", network::other_tenants),
    ("TC-NET-511", network::hosts),
    ("TC-NET-513", network::mesh),
    ("TC-NS-404", namespace::own),
    ("TC-NS-405", namespace::quota),
    ("TC-NS-406", namespace::limit_range),
    ("TC-NS-407", namespace::quota_covers),
    ("TC-POD-124", pod::token),
    ("TC-RBAC-602", rbac::cluster_admin),
    ("TC-RBAC-608", rbac::inside),
    ("TC-SEC-701", plaintext::check),
    ("TC-SEC-702", secret::inline),
    ("TC-SEC-704", secret::store_path),
    ("TC-TEN-803", gate::locked),
    ("TC-TEN-804", gate::apart),
    ("TC-TEN-805", data::dedicated),
    ("TC-WRK-303", workload::ratio),
    ("TC-WRK-305", workload::readiness),
    ("TC-WRK-307", workload::replicas),
    ("TC-WRK-308", workload::budget),
    ("TC-WRK-309", workload::evictions),
    ("TC-WRK-311", workload::autoscaler),
    ("TC-WRK-313", workload::references),
];

/// The ids of the rules that there are.
pub(super) fn known() -> impl Iterator<Item = &'static str> + Clone {
    RULES.iter().map(|(id, _)| *id)
}

/// Evaluates the rule of a view, which is at a position of the catalogue.
pub(super) fn check(view: &View<'_>, position: usize, report: &mut Report) {
    let Some((_, check)) = RULES.iter().find(|(id, _)| *id == view.rule.id.as_ref()) else { return };
    let mut verdict = Verdict::default();
    check(view, &mut verdict);
    let tally = &mut report.tallies[position];
    tally.pass += verdict.kept;
    tally.fail += verdict.broken.len();
    tally.not_applicable += usize::from(verdict.kept + verdict.broken.len() == 0);
    report.findings.extend(verdict.broken.into_iter().map(|broken| Finding {
        rule: position,
        validation: None,
        at: broken.at,
        also: broken.also,
        expected: broken.expected,
        actual: None,
        error: false,
        hidden: broken.hidden,
    }));
}

impl Verdict {
    /// A subject keeps the rule.
    fn keep(&mut self) {
        self.kept += 1;
    }

    /// A subject breaks the rule: `expected` is what must be.
    fn broken(&mut self, at: At, expected: impl Into<String>) {
        self.broken.push(Broken { at, expected: expected.into(), also: Vec::new(), hidden: false });
    }

    /// The same of a subject that is not to be shown.
    fn hidden(&mut self, at: At, expected: impl Into<String>) {
        self.broken.push(Broken { at, expected: expected.into(), also: Vec::new(), hidden: true });
    }

    /// One or the other.
    fn judge(&mut self, holds: bool, at: impl FnOnce() -> At, expected: impl FnOnce() -> String) {
        if holds { self.keep() } else { self.broken(at(), expected()) }
    }

    /// Judges each object of a kind by what `integrity` has found about it under some codes.
    fn judge_by(&mut self, view: &View<'_>, objects: impl Iterator<Item = usize>, codes: &[Code]) {
        for index in objects {
            let found = view.among.iter().filter(|found| found.at.manifest == index && codes.contains(&found.code));
            let before = self.broken.len();
            for found in found {
                let also = found.related.iter().map(|(site, text)| (At::Object(site.clone()), text.clone())).collect();
                let (at, expected) = (At::Object(found.at.clone()), found.message.clone());
                self.broken.push(Broken { at, expected, also, hidden: false });
            }
            if self.broken.len() == before {
                self.keep();
            }
        }
    }
}

impl<'a> View<'a> {
    /// A value that the settings give to rules: `policy.params` first, then the rule's own.
    fn param(&self, keys: &[&str]) -> Option<&'a Node> {
        self.facts.params.at(keys).or_else(|| self.rule.params.as_ref()?.at(keys))
    }

    /// The texts of a list that the settings give.
    fn listed(&self, keys: &[&str]) -> Vec<&'a str> {
        let items = self.param(keys).and_then(|list| list.value.as_list()).unwrap_or_default();
        items.iter().filter_map(|item| item.value.as_str()).collect()
    }

    /// A value of the configuration, by its name in the rule.
    fn value(&self, name: &str) -> Option<&'a Node> {
        self.values?.at(&[name])
    }

    /// Where a value of the configuration is or should be.
    fn at_value(&self, name: &str) -> At {
        At::Configuration(path_of(self.rule, self.facts, name).unwrap_or_default())
    }

    /// What the settings say of the tier.
    fn tier(&self, key: &str) -> Option<&'a Node> {
        self.param(&["tiers", self.facts.tier, key])
    }

    /// The namespaces of the tenant: those that its objects are in. None for what an environment has once.
    fn namespaces(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let own = self.facts.tenant.is_some();
        let all: Vec<&'a str> = self.set.namespaces.iter().copied().collect();
        all.into_iter().filter(move |namespace| own && !namespace.is_empty())
    }

    /// Where to say what a namespace lacks: at its own object, else at the first in it.
    fn at_namespace(&self, namespace: &str) -> At {
        let own = self.set.find("Namespace", "", namespace).map(|(index, _)| index);
        let first = || self.set.manifests.iter().position(|manifest| integrity::namespace(manifest) == namespace);
        let manifest = own.or_else(first).unwrap_or_default();
        At::Object(Site { manifest, path: Path::from_keys(["metadata", "name"]) })
    }

    /// The objects of a kind in a namespace, with their index.
    fn of_kind(&self, kind: &'static str, namespace: &'a str) -> impl Iterator<Item = (usize, &'a Manifest)> + use<'a> {
        self.set.of_kind(kind).filter(move |(_, manifest)| integrity::namespace(manifest) == namespace)
    }
}

/// A field of an object.
fn field(manifest: usize, path: Path) -> At {
    At::Object(Site { manifest, path })
}

/// A field of an object that is reached by keys alone.
fn keys<'k>(manifest: usize, keys: impl IntoIterator<Item = &'k str>) -> At {
    field(manifest, Path::from_keys(keys))
}

/// The items of a list at a chain of keys.
fn items<'n>(node: &'n Node, keys: &[&str]) -> &'n [Node] {
    node.at(keys).and_then(|list| list.value.as_list()).unwrap_or_default()
}
