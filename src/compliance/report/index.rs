//! Sums: by severity, by framework, and the index of each.
//!
//! There is no single score. A framework has its coverage, its counts, and an index: what passes of what was checked,
//! weighted by severity, per rule and subject.

use std::collections::BTreeMap;

use super::Choice;
use super::checks::Checks;
use crate::compliance::Severity;
use crate::compliance::evidence::{Definition, Evidence};
use crate::compliance::framework::Framework;
use crate::compliance::model::{ByFramework, BySeverity, ByTenant, Control, Counts, Index, Rule, Summary, Tallied};
use crate::compliance::words::named;

/// The most that an index is while a critical rule fails.
const CAP: u64 = 59;

/// The sums of all rules.
pub(super) fn summary(evidence: &Evidence, checks: &Checks<'_>, rules: &[Rule]) -> Summary {
    let mut told = Tallied::default();
    for rule in rules {
        told.count(rule.status);
    }
    let all: Vec<&Definition> = evidence.rules.iter().collect();
    let (sum, index) = sums(&all, checks, None);
    let severities = Severity::ALL.map(|severity| {
        let of = |rule: &&Rule| rule.severity == severity;
        BySeverity {
            severity,
            rules: rules.iter().filter(of).count() as u64,
            checks: rules.iter().filter(of).fold(Counts::default(), |sum, rule| sum.plus(rule.counts)),
        }
    });
    let silent = told.not_assessed + told.not_applicable;
    Summary {
        rules: told,
        checks: sum,
        severities: severities.into(),
        tenants: tenants(rules),
        index,
        statement: format!(
            "{} of {} automated checks pass{}; {silent} of {} rules had no subject to assess",
            sum.pass,
            sum.evaluated,
            besides(sum),
            rules.len(),
        ),
        frameworks: Vec::new(),
    }
}

/// The checks of each tenant.
fn tenants(rules: &[Rule]) -> Vec<ByTenant> {
    let mut sums: BTreeMap<&str, Counts> = BTreeMap::new();
    for (tenant, counts) in rules.iter().flat_map(|rule| &rule.tenants) {
        let sum = sums.entry(tenant).or_default();
        *sum = sum.plus(*counts);
    }
    let named = |tenant: &str| Some(tenant.to_owned()).filter(|tenant| !tenant.is_empty());
    sums.into_iter().map(|(tenant, checks)| ByTenant { tenant: named(tenant), checks }).collect()
}

/// The sums of each framework.
pub(super) fn frameworks(
    evidence: &Evidence,
    checks: &Checks<'_>,
    frameworks: &[Choice],
    controls: &[Control],
) -> Vec<ByFramework> {
    let mut all = Vec::with_capacity(frameworks.len());
    for (framework, _) in frameworks {
        let key = framework.key();
        let mut result = Tallied::default();
        let mut automated = 0;
        for control in controls.iter().filter(|control| control.framework == key) {
            result.count(control.status);
            automated += u64::from(result_of_rules(control) > 0);
        }
        let rules: Vec<&Definition> =
            evidence.rules.iter().filter(|rule| super::mapped(rule, framework).next().is_some()).collect();
        let (checks, index) = sums(&rules, checks, Some(framework));
        let count = framework.controls.len() as u64;
        all.push(ByFramework {
            framework: key,
            title: framework.title.clone(),
            noun: framework.noun.clone(),
            controls: count,
            automated,
            result,
            checks,
            index,
            statement: statement(framework, checks, result, count),
        });
    }
    all
}

/// How many of a control's rules say anything of a subject here.
fn result_of_rules(control: &Control) -> u64 {
    let Tallied { pass, fail, waived, error, .. } = control.result;
    let told = pass + fail + waived + error;
    if matches!(control.status, crate::compliance::Status::NotApplicable | crate::compliance::Status::NotAssessed) {
        0
    } else {
        told
    }
}

/// The sentence of a framework: what passes, of how much, and how much is not assessed.
fn statement(framework: &Framework, checks: Counts, result: Tallied, count: u64) -> String {
    let noun = &framework.noun;
    let rest = match result.not_assessed + result.not_applicable {
        0 => String::new(),
        rest => format!(", {rest} more have no subject or do not apply here"),
    };
    let beyond = framework.beyond.as_ref().map(|beyond| format!(". {}", beyond.trim_end_matches('.')));
    format!(
        "{} of {} automated checks pass{}; {} of {count} {noun} are not assessable from configuration{rest}{}",
        checks.pass,
        checks.evaluated,
        besides(checks),
        result.manual,
        beyond.unwrap_or_default(),
    )
}

/// What else came of checks, such as ` (2 failing, 1 waived)`.
fn besides(checks: Counts) -> String {
    named(&[(checks.fail, "failing"), (checks.waived, "waived"), (checks.error, "in error")])
}

/// The checks of rules and the index of these.
fn sums(rules: &[&Definition], checks: &Checks<'_>, framework: Option<&Framework>) -> (Counts, Index) {
    let (mut sum, mut pass, mut raw, mut net, mut capped) = (Counts::default(), 0, 0, 0, false);
    for rule in rules {
        let Some(of) = checks.get(&rule.id) else { continue };
        let counts = of.counts(framework);
        let weight = rule.severity.weight();
        pass += weight * counts.pass;
        raw += weight * counts.evaluated;
        net += weight * (counts.evaluated - counts.waived);
        capped |= rule.severity == Severity::Critical && counts.fail + counts.error > 0;
        sum = sum.plus(counts);
    }
    let index = |of: u64| {
        let part = (100 * pass).checked_div(of)?;
        Some(if capped { part.min(CAP) } else { part })
    };
    (sum, Index { raw: index(raw), net: index(net), capped })
}
