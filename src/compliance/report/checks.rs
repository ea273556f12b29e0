//! Checks: a rule and a subject, and what came of the two. Sums are made of these.

use std::collections::BTreeMap;

use crate::compliance::Status;
use crate::compliance::evidence::{Evidence, Outcome};
use crate::compliance::framework::Framework;
use crate::compliance::model::{Counts, Exception, Finding, Rule, Subject};

use super::Choice;

/// What came of every rule.
pub(super) struct Checks<'a> {
    by_rule: BTreeMap<&'a str, OfRule<'a>>,
}

/// What came of a rule.
#[derive(Default)]
pub(super) struct OfRule<'a> {
    /// By tenant, without the subjects below.
    kept: BTreeMap<&'a str, Counts>,
    /// Subjects that verdicts name, each with what came of it, and the frameworks that an exception is for.
    named: BTreeMap<&'a Subject, Named<'a>>,
    /// Why it applies to nothing.
    why: Option<&'a str>,
}

/// What came of a subject that a verdict names.
struct Named<'a> {
    status: Status,
    /// For each of its waived places the frameworks that the exception is for.
    excepted: Vec<&'a [String]>,
}

impl<'a> Checks<'a> {
    pub(super) fn of(evidence: &'a Evidence, findings: &'a [Finding], waivers: &'a [Exception]) -> Self {
        let mut by_rule: BTreeMap<&str, OfRule<'_>> =
            evidence.rules.iter().map(|rule| (rule.id.as_str(), OfRule::default())).collect();
        for tally in &evidence.tallies {
            let Some(of) = by_rule.get_mut(tally.rule.as_str()) else { continue };
            let counts = of.kept.entry(tally.tenant.as_deref().unwrap_or_default()).or_default();
            counts.pass += tally.pass;
            counts.not_applicable += tally.not_applicable;
            // The least of several, so that their order does not count.
            of.why = [of.why, tally.why.as_deref()].into_iter().flatten().min();
        }
        for verdict in &evidence.verdicts {
            let status = match verdict.outcome {
                Outcome::Pass => Status::Pass,
                Outcome::NotApplicable => Status::NotApplicable,
                Outcome::Fail | Outcome::Error => continue,
            };
            if let Some(of) = by_rule.get_mut(verdict.rule.as_str()) {
                of.note(&verdict.subject, status, None);
            }
        }
        let exceptions: BTreeMap<&str, &Exception> =
            waivers.iter().map(|waiver| (waiver.id.as_str(), waiver)).collect();
        for finding in findings {
            let frameworks = finding.waiver.as_deref().and_then(|id| exceptions.get(id));
            if let Some(of) = by_rule.get_mut(finding.rule.as_str()) {
                of.note(&finding.subject, finding.status, frameworks.map(|waiver| waiver.frameworks.as_slice()));
            }
        }
        Self { by_rule }
    }

    pub(super) fn get(&self, rule: &str) -> Option<&OfRule<'a>> {
        self.by_rule.get(rule)
    }
}

impl<'a> OfRule<'a> {
    fn note(&mut self, subject: &'a Subject, status: Status, excepted: Option<&'a [String]>) {
        let named = self.named.entry(subject).or_insert(Named { status, excepted: Vec::new() });
        named.status = named.status.max(status);
        named.excepted.extend(excepted);
    }

    /// Its subjects by tenant, as a framework sees them: an exception may be for others only.
    pub(super) fn tenants(&self, framework: Option<&Framework>) -> BTreeMap<String, Counts> {
        let mut tenants: BTreeMap<String, Counts> =
            self.kept.iter().map(|(tenant, counts)| ((*tenant).to_owned(), *counts)).collect();
        for (subject, named) in &self.named {
            let counts = tenants.entry(subject.tenant.clone().unwrap_or_default()).or_default();
            match named.seen_by(framework) {
                Status::Pass => counts.pass += 1,
                Status::Waived => counts.waived += 1,
                Status::Error => counts.error += 1,
                Status::NotApplicable => counts.not_applicable += 1,
                Status::Fail | Status::Manual | Status::NotAssessed => counts.fail += 1,
            }
        }
        for counts in tenants.values_mut() {
            counts.evaluated = counts.pass + counts.fail + counts.waived + counts.error;
        }
        tenants.retain(|_, counts| *counts != Counts::default());
        tenants
    }

    /// Its subjects, as a framework sees them.
    pub(super) fn counts(&self, framework: Option<&Framework>) -> Counts {
        self.tenants(framework).into_values().fold(Counts::default(), Counts::plus)
    }

    /// What came of it: the worst of its subjects. Without a subject it does not pass.
    pub(super) fn status(&self, framework: Option<&Framework>) -> Status {
        let counts = self.counts(framework);
        let found = [
            (counts.error, Status::Error),
            (counts.fail, Status::Fail),
            (counts.waived, Status::Waived),
            (counts.pass, Status::Pass),
        ];
        let worst = found.into_iter().find(|(count, _)| *count > 0).map(|(_, status)| status);
        let none =
            if self.why.is_some() || counts.not_applicable > 0 { Status::NotApplicable } else { Status::NotAssessed };
        worst.unwrap_or(none)
    }

    /// Why it says nothing, if it does not.
    pub(super) fn why(&self) -> Option<String> {
        match self.status(None) {
            Status::NotApplicable => Some(self.why.unwrap_or("it applies to none of its subjects").to_owned()),
            Status::NotAssessed => Some("there is no subject that it is about".to_owned()),
            _ => None,
        }
    }
}

impl Named<'_> {
    fn seen_by(&self, framework: Option<&Framework>) -> Status {
        let is_for =
            |list: &&[String]| framework.is_none_or(|framework| list.is_empty() || list.contains(&framework.id));
        if self.status == Status::Waived && !self.excepted.iter().all(is_for) { Status::Fail } else { self.status }
    }
}

impl Counts {
    /// The sum of two.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            evaluated: self.evaluated + other.evaluated,
            pass: self.pass + other.pass,
            fail: self.fail + other.fail,
            waived: self.waived + other.waived,
            error: self.error + other.error,
            not_applicable: self.not_applicable + other.not_applicable,
        }
    }
}

/// Every rule with its sums.
pub(super) fn rules(evidence: &Evidence, checks: &Checks<'_>, frameworks: &[Choice]) -> Vec<Rule> {
    let mut rules = Vec::with_capacity(evidence.rules.len());
    for definition in &evidence.rules {
        let Some(of) = checks.get(&definition.id) else { continue };
        rules.push(Rule {
            id: definition.id.clone(),
            version: definition.version,
            title: definition.title.clone(),
            severity: definition.severity,
            assurance: definition.assurance,
            claim: definition.assurance.claim_of(definition.component.as_deref()),
            remediation: definition.remediation.clone(),
            at_admission: definition.at_admission.clone(),
            exempt: definition.exempt.clone(),
            status: of.status(None),
            why: of.why(),
            counts: of.counts(None),
            tenants: of.tenants(None),
            maps: super::maps(definition, frameworks),
        });
    }
    rules
}
