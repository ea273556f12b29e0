//! Findings, and the exceptions laid over them.
//!
//! A waiver that holds marks what it covers as waived and changes no count of what fails. One that expired, covers
//! nothing or is wrong is a finding of its own, under the rule about waivers.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{Choice, maps};
use crate::compliance::Status;
use crate::compliance::digest::{canonical, sha256};
use crate::compliance::evidence::{Definition, Evidence, Outcome, Verdict};
use crate::compliance::model::{Exception, Finding, Subject};
use crate::compliance::waiver::{self, VALID, Waiver};

/// The findings, the worst first, and the waivers, by id. What is found about waivers goes into the evidence.
pub(super) fn findings(evidence: &mut Evidence, frameworks: &[Choice]) -> (Vec<Finding>, Vec<Exception>) {
    let mut waivers = std::mem::take(&mut evidence.waivers);
    let concerns = |waiver: &Waiver| {
        let selected = |tenant: &String| !evidence.partial || evidence.tenants.contains(tenant);
        waiver.environment == evidence.environment && waiver.tenant.as_ref().is_none_or(selected)
    };
    waivers.retain(concerns);
    waivers.sort_by(|one, other| (&one.id, &one.origin).cmp(&(&other.id, &other.origin)));
    let mut found = failing(evidence, frameworks);
    let today = evidence.as_of.to_zoned(TimeZone::UTC).date();
    let rules: Vec<Definition> = evidence.rules.clone();
    let severities = waiver::severities(&rules);
    let mut exceptions = Vec::with_capacity(waivers.len());
    for waiver in &waivers {
        let told = waiver::judged(waiver, &severities, today);
        let holds = told.holds();
        let mut exception = exception(waiver, told);
        for finding in &mut found {
            if !waiver.covers(&evidence.environment, finding) {
                continue;
            }
            exception.findings += 1;
            // What could not be evaluated is not known to be what was accepted.
            if holds && finding.status == Status::Fail {
                finding.status = Status::Waived;
                finding.waiver = Some(waiver.id.clone());
            }
        }
        if holds && exception.findings == 0 {
            "stale".clone_into(&mut exception.state);
            exception.problems.push("it covers no finding".to_owned());
        }
        evidence.verdicts.push(validity(waiver, &exception));
        exceptions.push(exception);
    }
    let about_waivers = failing_of(evidence, frameworks, |verdict| {
        verdict.rule == VALID && verdict.subject.reference.starts_with(REFERENCE)
    });
    let known: Vec<String> = found.iter().map(|finding| finding.fingerprint.clone()).collect();
    found.extend(about_waivers.into_iter().filter(|finding| !known.contains(&finding.fingerprint)));
    found.sort_by(|one, other| key(one).cmp(&key(other)));
    (found, exceptions)
}

/// How references to waivers begin.
const REFERENCE: &str = "tenantctl.dev/v1/Waiver/";

/// The worst first, then by rule, tenant, subject and path.
fn key(finding: &Finding) -> impl Ord + '_ {
    let Finding { severity, rule, subject, path, .. } = finding;
    (std::cmp::Reverse(*severity), rule, &subject.tenant, &subject.reference, path)
}

/// Everything that breaks a rule or could not be evaluated, each place once.
fn failing(evidence: &Evidence, frameworks: &[Choice]) -> Vec<Finding> {
    failing_of(evidence, frameworks, |_| true)
}

fn failing_of(evidence: &Evidence, frameworks: &[Choice], wanted: impl Fn(&Verdict) -> bool) -> Vec<Finding> {
    let rules: BTreeMap<&str, &Definition> = evidence.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let mut verdicts: Vec<&Verdict> = evidence
        .verdicts
        .iter()
        .filter(|verdict| matches!(verdict.outcome, Outcome::Fail | Outcome::Error) && wanted(verdict))
        .collect();
    verdicts.sort_by(|one, other| order(one).cmp(&order(other)));
    let mut found: Vec<Finding> = Vec::with_capacity(verdicts.len());
    for verdict in verdicts {
        let Some(rule) = rules.get(verdict.rule.as_str()) else { continue };
        let status = if verdict.outcome == Outcome::Error { Status::Error } else { Status::Fail };
        let fingerprint = fingerprint(&verdict.rule, &verdict.subject, &verdict.path);
        if let Some(same) = found.last_mut().filter(|same| same.fingerprint == fingerprint) {
            same.status = same.status.max(status);
            if !same.expected.split("; ").any(|part| part == verdict.expected) {
                same.expected = format!("{}; {}", same.expected, verdict.expected);
            }
            continue;
        }
        found.push(Finding {
            fingerprint,
            rule: verdict.rule.clone(),
            severity: rule.severity,
            assurance: rule.assurance,
            status,
            subject: verdict.subject.clone(),
            path: verdict.path.clone(),
            expected: verdict.expected.clone(),
            actual: verdict.actual.clone(),
            provenance: verdict.provenance.clone(),
            remediation: rule.remediation.clone(),
            waiver: None,
            maps: maps(rule, frameworks),
        });
    }
    found
}

/// By rule, subject and path; of one place, by what is said of it.
fn order(verdict: &Verdict) -> impl Ord + '_ {
    let Verdict { rule, subject, path, expected, actual, provenance, .. } = verdict;
    (rule, subject, path, expected, actual, provenance)
}

/// What makes a finding the same one in the next report.
fn fingerprint(rule: &str, subject: &Subject, path: &str) -> String {
    let tenant = subject.tenant.as_deref().unwrap_or_default();
    sha256(&canonical(&serde_json::Value::from(vec![rule, tenant, &subject.reference, path])))
}

fn exception(waiver: &Waiver, told: waiver::Verdict) -> Exception {
    let parts = [
        ("env", Some(&waiver.environment)),
        ("tenant", waiver.tenant.as_ref()),
        ("object", waiver.object.as_ref()),
        ("path", waiver.path.as_ref()),
    ];
    Exception {
        id: waiver.id.clone(),
        rule: waiver.rule.clone(),
        scope: parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?.clone()))).collect(),
        reason: waiver.reason.clone(),
        compensating_controls: waiver.compensating_controls.clone(),
        risk: waiver.risk.clone(),
        owner: waiver.owner.clone(),
        approved_by: waiver.approved_by.clone(),
        ticket: waiver.ticket.clone(),
        created: waiver.created.to_string(),
        expires: waiver.expires.to_string(),
        frameworks: waiver.frameworks.clone(),
        place: Some(waiver.origin.clone()),
        state: told.state.to_owned(),
        problems: told.problems.into_iter().map(|(problem, _)| problem).collect(),
        findings: 0,
    }
}

/// What the rule about waivers says of one.
fn validity(waiver: &Waiver, exception: &Exception) -> Verdict {
    let valid = exception.problems.is_empty();
    let path = match exception.state.as_str() {
        "stale" => "/spec/scope",
        "expired" => "/spec/expires",
        _ => "",
    };
    Verdict {
        rule: VALID.to_owned(),
        subject: Subject { reference: format!("{REFERENCE}{}", waiver.id), tenant: waiver.tenant.clone() },
        path: if valid { String::new() } else { path.to_owned() },
        outcome: if valid { Outcome::Pass } else { Outcome::Fail },
        expected: "a waiver that is in force, within the days of its severity, and covers a finding".to_owned(),
        actual: (!valid).then(|| exception.problems.join("; ")),
        provenance: vec![waiver.origin.clone()],
    }
}
