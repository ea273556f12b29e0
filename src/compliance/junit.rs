//! The form for test reports: JUnit's XML.
//!
//! A suite for each tenant, and one for what the environment has itself. A case for each place that breaks a rule, and
//! one for all subjects of a tenant that keep it. A report that assessed nothing is an error, not an empty success.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Property, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::model::{Counts, Finding, Rule};
use super::{Report, Status};
use crate::diagnostic::{count, printable};

/// The report as one document.
pub fn render(report: &Report) -> String {
    let mut suites: BTreeMap<&str, Vec<TestCase>> = BTreeMap::new();
    for rule in &report.rules {
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in report.findings.iter().filter(|finding| finding.rule == rule.id) {
            findings.entry(finding.subject.tenant.as_deref().unwrap_or_default()).or_default().push(finding);
        }
        for (tenant, counts) in &rule.tenants {
            let cases = suites.entry(tenant).or_default();
            let found = findings.remove(tenant.as_str()).unwrap_or_default();
            cases.extend(found.into_iter().map(|finding| broken(report, rule, finding)));
            cases.extend(kept(rule, *counts));
        }
        if rule.tenants.is_empty() {
            let why = rule.why.as_deref().unwrap_or_default();
            suites.entry("").or_default().push(skipped(rule, rule.status.phrase(), why));
        }
    }
    let mut document = Document::new(report.title.as_str());
    for (tenant, cases) in suites {
        let environment = &report.scope.environment;
        let name = if tenant.is_empty() { environment.clone() } else { format!("{environment}/{tenant}") };
        let mut suite = TestSuite::new(text(&name));
        properties(report, &mut suite);
        suite.add_test_cases(cases);
        document.add_test_suite(suite);
    }
    let mut manual = TestSuite::new("manual evidence");
    for control in report.controls.iter().filter(|control| control.status == Status::Manual) {
        let mut status = TestCaseStatus::skipped();
        status.set_message("manual").set_description(text(&control.manual.join("; ")));
        let mut case = TestCase::new(text(&format!("{} {}", control.id, control.label)), status);
        case.set_classname(text(&control.framework));
        manual.add_test_case(case);
    }
    document.add_test_suite(manual);
    if !report.assessed() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("nothing-assessed").set_message("nothing was assessed");
        let mut suite = TestSuite::new("assessed");
        suite.add_test_case(TestCase::new("at least one subject is assessed", status));
        document.add_test_suite(suite);
    }
    // Text only, and into memory: there is nothing that could fail.
    document.to_string().unwrap_or_default()
}

fn properties(report: &Report, suite: &mut TestSuite) {
    for (name, value) in [
        ("disclaimer", report.disclaimer.as_str()),
        ("as-of", &report.run.as_of),
        ("inputs-digest", &report.inputs_digest),
        ("catalogue", &report.catalogue.sha256),
        ("report-digest", &report.integrity.report_digest),
    ] {
        suite.add_property(Property::new(name, text(value)));
    }
}

/// A place that breaks a rule.
fn broken(report: &Report, rule: &Rule, finding: &Finding) -> TestCase {
    let message = format!("{}: {}", rule.title, finding.expected);
    let mut status = match finding.status {
        Status::Waived => {
            let waiver = report.waivers.iter().find(|waiver| Some(&waiver.id) == finding.waiver.as_ref());
            let terms = waiver.map(|waiver| format!(", owner {}, until {}", waiver.owner, waiver.expires));
            let id = finding.waiver.as_deref().unwrap_or_default();
            let mut status = TestCaseStatus::skipped();
            status.set_message(text(&format!("waived {id}{}", terms.unwrap_or_default())));
            status
        }
        other => {
            let kind = if other == Status::Error { NonSuccessKind::Error } else { NonSuccessKind::Failure };
            let mut status = TestCaseStatus::non_success(kind);
            status.set_type(rule.severity.word()).set_message(text(&message));
            status
        }
    };
    let found = finding.actual.as_ref().map(|actual| format!("found: {actual}"));
    let places = finding.provenance.iter().map(|at| format!("{}:{}:{}", at.file, at.line, at.col));
    let lines = found.into_iter().chain(places).chain([format!("to correct: {}", rule.remediation)]);
    status.set_description(printable_lines(&lines.collect::<Vec<_>>()));
    let name = if finding.path.is_empty() {
        finding.subject.reference.clone()
    } else {
        format!("{} {}", finding.subject.reference, finding.path)
    };
    let mut case = TestCase::new(text(&name), status);
    case.set_classname(text(&rule.id));
    if let Some(at) = finding.provenance.first() {
        case.extra.insert("file".into(), text(&at.file).into());
        case.extra.insert("line".into(), at.line.to_string().into());
    }
    case
}

/// The subjects that keep a rule, and those that it does not apply to.
fn kept(rule: &Rule, counts: Counts) -> Vec<TestCase> {
    let mut cases = Vec::new();
    if counts.pass > 0 {
        let name = format!("{}: {} pass", rule.title, subjects(counts.pass));
        let mut case = TestCase::new(text(&name), TestCaseStatus::success());
        case.set_classname(text(&rule.id));
        cases.push(case);
    }
    if counts.not_applicable > 0 {
        let why = rule.why.as_deref().unwrap_or("a condition of the rule says so");
        cases.push(skipped(rule, &format!("does not apply to {}", subjects(counts.not_applicable)), why));
    }
    cases
}

fn subjects(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "subject")
}

fn skipped(rule: &Rule, what: &str, why: &str) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(text(&format!("{what}: {why}")));
    let mut case = TestCase::new(text(&format!("{}: {what}", rule.title)), status);
    case.set_classname(text(&rule.id));
    case
}

fn text(text: &str) -> String {
    printable::line(text).into_owned()
}

fn printable_lines(lines: &[String]) -> String {
    lines.iter().map(|line| text(line)).collect::<Vec<_>>().join("\n")
}
