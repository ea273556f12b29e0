//! The form for code scanning: SARIF 2.1.0, one run.
//!
//! A rule for each that has a result, frameworks as taxonomies, and a result for each place: what fails, what is waived
//! as suppressed. Limits are those of GitHub: so many tags and results. A rule that could not be evaluated is an open
//! result, and a notification of the run.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{Chosen, Finding, Object, Origin, Rule};
use super::{Report, Severity, Status};
use crate::diagnostic::{printable, sarif};

/// Most tags of a rule.
const TAGS: usize = 20;
/// Most results of a run.
const RESULTS: usize = 25_000;

/// The report as one document.
pub fn render(report: &Report) -> String {
    let with_results = |rule: &&Rule| report.findings.iter().any(|finding| finding.rule == rule.id);
    let rules: Vec<&Rule> = report.rules.iter().filter(with_results).collect();
    let positions: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(position, rule)| (rule.id.as_str(), position)).collect();
    let outputs: BTreeMap<String, &Object> = report.outputs.iter().map(|object| (reference(object), object)).collect();
    let findings = report.findings.iter().take(RESULTS);
    let results: Vec<Value> = findings
        .filter_map(|finding| {
            let position = *positions.get(finding.rule.as_str())?;
            let compiled = outputs.get(&finding.subject.reference).map(|object| object.path.as_str());
            Some(result(report, finding, (position, rules.get(position)?), compiled))
        })
        .collect();
    let mut run = json!({
        "tool": {"driver": {
            "name": report.tool.name,
            "version": report.tool.version,
            "semanticVersion": report.tool.version,
            "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
        }},
        "automationDetails": {"id": automation(report), "guid": report.id},
        "columnKind": "unicodeCodePoints",
        "taxonomies": report.scope.frameworks.iter().map(|chosen| taxonomy(report, chosen)).collect::<Vec<_>>(),
        "artifacts": artifacts(report),
        "invocations": [invocation(report)],
        "results": results,
        "properties": {
            "disclaimer": report.disclaimer,
            "statement": report.summary.statement,
            "inputsDigest": report.inputs_digest,
            "reportDigest": report.integrity.report_digest,
            "leftOut": report.findings.len().saturating_sub(RESULTS),
        },
    });
    if let Some(source) = &report.source
        && let Some(repository) = &source.repository
    {
        let mut of = json!({"repositoryUri": repository, "revisionId": source.commit});
        if let Some(branch) = &source.branch {
            of["branch"] = branch.as_str().into();
        }
        run["versionControlProvenance"] = json!([of]);
    }
    let document = json!({"$schema": sarif::SCHEMA, "version": "2.1.0", "runs": [run]});
    printable::json(&document.to_string()) + "\n"
}

fn descriptor(rule: &Rule) -> Value {
    let help = format!("{}\n\nA pass is: {}.", rule.remediation, rule.claim);
    let controls = rule.maps.iter().flat_map(|(framework, ids)| ids.iter().map(move |id| format!("{framework}/{id}")));
    let tags = ["security", "kubernetes"].map(str::to_owned).into_iter().chain(controls).take(TAGS);
    let relationships: Vec<Value> = rule
        .maps
        .iter()
        .flat_map(|(framework, ids)| ids.iter().map(move |id| (framework, id)))
        .map(|(framework, id)| {
            json!({"target": {"id": id, "toolComponent": {"name": framework}}, "kinds": ["relevant"]})
        })
        .collect();
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": help, "markdown": crate::diff::markdown::html(&help.replace('\n', " "))},
        "defaultConfiguration": {"level": level(rule.severity)},
        "relationships": relationships,
        "properties": {
            "tags": tags.collect::<Vec<_>>(),
            "security-severity": score(rule.severity),
            "precision": "very-high",
            "assurance": rule.assurance,
        },
    })
}

/// What runs are told apart by: the environment, and the tenant if it is one.
fn automation(report: &Report) -> String {
    let tenant = match report.scope.tenants.as_slice() {
        [only] => format!("{only}/"),
        _ => String::new(),
    };
    format!("{}/{}/{tenant}", report.tool.name, report.scope.environment)
}

/// An object as findings refer to it.
fn reference(object: &Object) -> String {
    let parts = [Some(&object.kind), object.namespace.as_ref(), Some(&object.name)];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/")
}

/// A finding at the place in the configuration that decides it; `compiled` is the file with the object.
fn result(report: &Report, finding: &Finding, (position, rule): (usize, &Rule), compiled: Option<&str>) -> Value {
    let found = finding.actual.as_ref().map(|actual| format!(", found {actual}")).unwrap_or_default();
    let at = if finding.path.is_empty() { String::new() } else { format!(" at {}", finding.path) };
    let text = format!("{}: {}{at}: {}{found}", rule.title, finding.subject.reference, finding.expected);
    let error = finding.status == Status::Error;
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": position,
        // Whether an open result is a mistake is not known: the level of these is `none`, says the standard.
        "kind": if error { "open" } else { "fail" },
        "level": if error { "none" } else { level(finding.severity) },
        "message": {"text": text},
        "partialFingerprints": {"tenantctlFinding/v1": finding.fingerprint},
    });
    let logical = json!([{
        "fullyQualifiedName": format!("{}#{}", finding.subject.reference, finding.path),
        "kind": "object",
    }]);
    let mut places = finding.provenance.iter();
    let mut location = places.next().map_or_else(|| json!({}), place);
    location["logicalLocations"] = logical;
    result["locations"] = json!([location]);
    let compiled = compiled.map(|path| {
        json!({
            "physicalLocation": {"artifactLocation": {"uri": sarif::uri(path)}},
            "message": {"text": "the compiled manifest"},
        })
    });
    let related = places.map(|at| {
        let mut location = place(at);
        let what = at.layer.as_deref().unwrap_or("also here");
        location["message"] =
            json!({"text": if at.overridden { format!("{what}, overridden") } else { what.to_owned() }});
        location
    });
    let number = |(id, mut location): (usize, Value)| {
        location["id"] = id.into();
        location
    };
    let related: Vec<Value> = related.chain(compiled).enumerate().map(number).collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if finding.status == Status::Waived {
        let id = finding.waiver.as_deref().unwrap_or_default();
        let terms = report
            .waivers
            .iter()
            .find(|waiver| waiver.id == id)
            .map(|waiver| format!("{id} owner={} expires={}: {}", waiver.owner, waiver.expires, waiver.reason));
        let why = terms.unwrap_or_else(|| id.to_owned());
        result["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": why}]);
    }
    result
}

fn place(at: &Origin) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": sarif::uri(&at.file)},
        "region": {"startLine": at.line.max(1), "startColumn": at.col.max(1)},
    }})
}

fn taxonomy(report: &Report, chosen: &Chosen) -> Value {
    let key = chosen.key();
    let taxa: Vec<Value> = report
        .controls
        .iter()
        .filter(|control| control.framework == key && !control.rules.is_empty())
        .map(|control| json!({"id": control.id, "shortDescription": {"text": control.label}}))
        .collect();
    json!({
        "name": key,
        "version": chosen.version,
        "shortDescription": {"text": chosen.title},
        "informationUri": chosen.publisher,
        "taxa": taxa,
    })
}

fn artifacts(report: &Report) -> Vec<Value> {
    let files: BTreeMap<&String, &String> = report.inputs.iter().map(|file| (&file.path, &file.sha256)).collect();
    files
        .into_iter()
        .map(|(path, sha)| json!({"location": {"uri": sarif::uri(path)}, "hashes": {"sha-256": sha}}))
        .collect()
}

fn invocation(report: &Report) -> Value {
    let errors = report.findings.iter().filter(|finding| finding.status == Status::Error);
    let notifications: Vec<Value> = errors
        .map(|finding| {
            let text = format!(
                "{} could not be evaluated for {}: {}",
                finding.rule, finding.subject.reference, finding.expected
            );
            json!({"level": "error", "message": {"text": text}})
        })
        .collect();
    json!({
        "executionSuccessful": report.assessed() && notifications.is_empty(),
        "startTimeUtc": report.run.as_of,
        "commandLine": report.run.command.join(" "),
        "toolExecutionNotifications": notifications,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// As GitHub has it: 9 and more is critical, 7 high, 4 medium.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.0",
        Severity::Low => "2.0",
    }
}
