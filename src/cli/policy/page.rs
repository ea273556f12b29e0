//! A rule as a page of text.

use std::fmt::Write as _;

use indexmap::IndexMap;

use crate::policy::{Expected, Message, Rule};

/// Everything that a rule says.
pub(super) fn text(rule: &Rule) -> String {
    let mut page = format!("{}: {}\n\n", rule.id, rule.title);
    if let Some(why) = &rule.why {
        let _ = writeln!(page, "{why}\n");
    }
    let _ = writeln!(page, "severity    {}", rule.severity.word());
    let _ = writeln!(
        page,
        "assurance   {} ({}): {}",
        rule.assurance.word(),
        rule.assurance.letter(),
        rule.assurance.claim()
    );
    if let Some(component) = &rule.component {
        let _ = writeln!(page, "depends on  {component}");
    }
    let _ = writeln!(page, "scope       {}{}", rule.scope.word(), kinds(rule));
    let _ = writeln!(page, "version     {}", rule.version);
    let emitted = if rule.emit { "may become a ValidatingAdmissionPolicy" } else { "holds here alone" };
    let _ = writeln!(page, "admission   {emitted}");
    said(rule, &mut page);
    let _ = writeln!(page, "\nWhat to do:\n  {}", rule.remediation);
    let mut frameworks: IndexMap<String, Vec<&str>> = IndexMap::new();
    for control in &rule.maps {
        let version = control.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        frameworks.entry(format!("{}{version}", control.framework)).or_default().push(&control.id);
    }
    if !frameworks.is_empty() {
        page.push_str("\nEvidence, in part, for:\n");
    }
    let width = frameworks.keys().map(String::len).max().unwrap_or(0);
    for (framework, ids) in &frameworks {
        let _ = writeln!(page, "  {framework:<width$}  {}", ids.join(", "));
    }
    page.push_str("\nExamples: ");
    let counts = Expected::ALL.iter().map(|(word, expected)| {
        let number = rule.examples.iter().filter(|example| example.expected == *expected).count();
        (number, *word)
    });
    let counts: Vec<String> =
        counts.filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    let _ = writeln!(page, "{}", counts.join(", "));
    for example in &rule.examples {
        let text = example.shown();
        let word =
            Expected::ALL.iter().find(|(_, expected)| *expected == example.expected).map_or("", |(word, _)| word);
        let _ = writeln!(page, "  {word}: {text}");
    }
    page
}

fn kinds(rule: &Rule) -> String {
    let kinds: Vec<String> = rule
        .kinds
        .iter()
        .map(|kind| kind.group.as_ref().map_or_else(|| kind.kind.to_string(), |group| format!("{group}/{}", kind.kind)))
        .collect();
    if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) }
}

/// What the expressions say.
fn said(rule: &Rule, page: &mut String) {
    if let Some(applies) = &rule.applies {
        let _ = writeln!(page, "\nWhere it applies:\n  {}", applies.text.trim_end());
    }
    if !rule.values.is_empty() {
        page.push_str("\nValues of the configuration:\n");
        for (name, path) in &rule.values {
            let _ = writeln!(page, "  {name}: {path}");
        }
    }
    for (index, (name, _)) in rule.variables.iter().enumerate() {
        if index == 0 {
            page.push_str("\nVariables:\n");
        }
        let text = rule.definitions.get(index).map_or("", |text| text.trim_end());
        let _ = writeln!(page, "  {name}: {text}");
    }
    for (index, validation) in rule.validations.iter().enumerate() {
        if index == 0 {
            page.push_str("\nWhat must hold:\n");
        }
        let own = if validation.each.is_empty() { &rule.each } else { &validation.each };
        let ways: Vec<String> = own.iter().map(ToString::to_string).collect();
        if !ways.is_empty() {
            let _ = writeln!(page, "  # for each item of {}", ways.join(" and "));
        }
        if validation.minors != crate::policy::Minors::ALL {
            let _ = writeln!(page, "  # Kubernetes {}", validation.minors);
        }
        let _ = writeln!(page, "  {}", validation.clause.text.trim_end().replace('\n', "\n  "));
        let message = match &validation.message {
            Message::Text(text) => text.to_string(),
            Message::Made(clause) => clause.text.to_string(),
        };
        let _ = writeln!(page, "    else: {message}");
    }
}
