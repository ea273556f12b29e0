//! The form for test reports: JUnit's XML, as Jenkins, GitLab, Azure and Buildkite read it.
//!
//! In go findings and sources, out comes one suite: a test case for each finding, failed if it is an error and passed
//! with the text as its output if it is a warning; without findings one case that passed.

use std::sync::Arc;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Diagnostic, Diagnostics, Severity, printable, tally};
use crate::source::Sources;

/// All findings as one report.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let groups = diagnostics.grouped();
    let mut suite = TestSuite::new("tenantctl");
    suite.add_test_cases(groups.iter().map(|(item, targets)| case(item, targets, sources)));
    if groups.is_empty() {
        suite.add_test_case(TestCase::new("nothing is wrong", TestCaseStatus::success()));
    }
    let mut report = Report::new("tenantctl");
    report.add_test_suite(suite);
    // Text only, and into memory: there is nothing that could fail.
    report.to_string().unwrap_or_default()
}

fn case(item: &Diagnostic, targets: &[Arc<str>], sources: &Sources) -> TestCase {
    let place = item.primary.as_ref().map(|label| sources.describe(label.place));
    let label = item.primary.iter().map(|label| label.text.clone()).filter(|text| !text.is_empty());
    let found = tally::where_named(targets);
    let notes = item.notes.iter().chain(&found).map(|note| format!("note: {note}"));
    let help = item.help.iter().map(|help| format!("help: {help}"));
    let lines: Vec<String> = place.iter().cloned().chain(label).chain(notes).chain(help).collect();
    let text = printable::lines(&lines.join("\n")).into_owned();
    let message = printable::line(&item.message).into_owned();
    let failed = item.severity == Severity::Error;
    let status = if failed {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(item.code.to_string()).set_message(message.as_str()).set_description(text.as_str());
        status
    } else {
        TestCaseStatus::success()
    };
    let mut case = TestCase::new(format!("{}: {message}", item.code), status);
    let file = item
        .primary
        .as_ref()
        .map_or_else(|| sources.in_workspace("tenantctl.yaml"), |label| sources.get(label.place.file).path());
    case.set_classname(file);
    if !failed {
        case.set_system_out(format!("warning: {message}\n{text}"));
    }
    case
}
