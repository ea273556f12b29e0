//! The form for tools of governance: OSCAL 1.2.1, as NIST has it.
//!
//! [`results`] is a document of assessment results: an observation for each rule and for each place that breaks one, a
//! finding for each control that was evaluated, and a risk for each waiver that holds. OSCAL knows satisfied and not
//! satisfied only; controls that need a person, or have no subject, are no reviewed controls: they are listed in the back
//! matter. [`definition`] says which rule is evidence for which control, once for a catalogue.

mod component;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub use component::definition;

use super::digest::uuid;
use super::model::{Chosen, Control, Exception, Finding, Rule, Subject};
use super::{Report, Status};
use crate::diagnostic::{printable, sarif};

/// The version of OSCAL.
const VERSION: &str = "1.2.1";
/// Whose the names of properties are.
const NAMESPACE: &str = "https://tenantctl.dev/ns/oscal";

/// The report as assessment results.
pub fn results(report: &Report) -> String {
    let names = Names { report };
    let evaluated: Vec<&Control> = report.controls.iter().filter(|control| is_evaluated(control)).collect();
    let document = json!({"assessment-results": {
        "uuid": report.id,
        "metadata": metadata(report),
        "import-ap": {"href": format!("#{}", names.of("plan", ""))},
        "results": [result(&names, &evaluated)],
        "back-matter": {"resources": resources(&names)},
    }});
    printable::json(&document.to_string()) + "\n"
}

/// Whether a rule says anything of a control.
fn is_evaluated(control: &Control) -> bool {
    matches!(control.status, Status::Pass | Status::Fail | Status::Waived | Status::Error)
}

/// The names of the parts of a document, made from what they are about.
struct Names<'a> {
    report: &'a Report,
}

impl Names<'_> {
    fn of(&self, what: &str, which: &str) -> String {
        uuid(&[&self.report.id, what, which])
    }

    fn subject(&self, subject: &Subject) -> String {
        uuid(&[&self.report.id, "subject", subject.tenant.as_deref().unwrap_or_default(), &subject.reference])
    }
}

fn metadata(report: &Report) -> Value {
    let actor = report.run.actor.as_deref().map_or_else(|| "nobody is named".to_owned(), text);
    json!({
        "title": text(&format!("{}: {}", report.title, report.scope.environment)),
        "last-modified": report.run.as_of,
        "version": text(&report.tool.version),
        "oscal-version": VERSION,
        "props": [
            prop("inputs-digest", &report.inputs_digest),
            prop("report-digest", &report.integrity.report_digest),
            prop("catalogue-version", &report.catalogue.version),
        ],
        "roles": [{"id": "assessor", "title": "Automated assessor (not an auditor)"}],
        "parties": [{"uuid": uuid(&[&report.id, "party"]), "type": "organization", "name": actor}],
        "remarks": report.disclaimer,
    })
}

fn result(names: &Names<'_>, evaluated: &[&Control]) -> Value {
    let report = names.report;
    let broken: BTreeMap<&str, Vec<&Finding>> = report.findings.iter().fold(BTreeMap::new(), |mut all, finding| {
        all.entry(finding.rule.as_str()).or_insert_with(Vec::new).push(finding);
        all
    });
    let rules: BTreeMap<&str, &Rule> = report.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let mut observations: Vec<Value> =
        report.rules.iter().filter(|rule| rule.counts.evaluated > 0).map(|rule| of_rule(names, rule)).collect();
    observations.extend(report.findings.iter().map(|finding| of_finding(names, finding, &rules)));
    let risks: Vec<Value> = report.waivers.iter().filter_map(|waiver| risk(names, waiver)).collect();
    let told = report.summary.frameworks.iter().flat_map(|of| {
        let name = token(&of.framework);
        [
            prop(&format!("coverage-automated-{name}"), &format!("{} of {}", of.automated, of.controls)),
            prop(&format!("manual-{name}"), &format!("{} of {}", of.result.manual, of.controls)),
        ]
    });
    let mut result = json!({
        "uuid": names.of("result", ""),
        "title": text(&format!("{}, {} tenants", report.scope.environment, report.scope.tenants.len())),
        "description": text(&report.summary.statement),
        "start": report.run.as_of,
        "end": report.run.as_of,
        "props": told.chain([prop("kubernetes", &report.scope.kubernetes)]).collect::<Vec<_>>(),
        "links": [{"href": format!("#{}", names.of("plan", "")), "rel": "reference"}],
        "local-definitions": local(names),
        "reviewed-controls": reviewed(report, evaluated),
    });
    let findings: Vec<Value> = evaluated.iter().map(|control| finding(names, control, &broken, &rules)).collect();
    for (name, list) in [("observations", observations), ("risks", risks), ("findings", findings)] {
        // OSCAL has no empty lists.
        if !list.is_empty() {
            result[name] = list.into();
        }
    }
    result
}

fn local(names: &Names<'_>) -> Value {
    let report = names.report;
    let tool = names.of("tool", "");
    let mut components = vec![json!({
        "uuid": names.of("system", ""),
        "type": "system",
        "title": text(&report.scope.environment),
        "description": "The manifests of the environment, as compiled",
        "status": {"state": "under-development"},
    })];
    components.extend(report.scope.tenants.iter().map(|tenant| {
        json!({
            "uuid": names.of("tenant", tenant),
            "type": "software",
            "title": text(tenant),
            "description": "A tenant of the environment, as compiled",
            "status": {"state": "under-development"},
        })
    }));
    let subjects: BTreeSet<&Subject> = report.findings.iter().map(|finding| &finding.subject).collect();
    let items: Vec<Value> = subjects
        .into_iter()
        .map(|subject| {
            let mut props = vec![json!({"name": "asset-id", "value": text(&subject.reference)})];
            props.extend(subject.tenant.as_ref().map(|tenant| prop("tenant", tenant)));
            json!({"uuid": names.subject(subject), "description": text(&subject.reference), "props": props})
        })
        .collect();
    let mut local = json!({
        "components": components,
        "assessment-assets": {
            "components": [{
                "uuid": tool,
                "type": "validation",
                "title": report.tool.name,
                "description": text(&format!("{} {}, rule catalogue {}", report.tool.name, report.tool.version, report.catalogue.version)),
                "props": [{"name": "version", "value": text(&report.tool.version)}],
                "status": {"state": "operational"},
            }],
            "assessment-platforms": [{
                "uuid": names.of("platform", ""),
                "title": "Where the program ran",
                "uses-components": [{"component-uuid": tool}],
            }],
        },
    });
    if !items.is_empty() {
        local["inventory-items"] = items.into();
    }
    local
}

/// The controls that were evaluated, by framework.
fn reviewed(report: &Report, evaluated: &[&Control]) -> Value {
    let mut selections = Vec::new();
    for chosen in &report.scope.frameworks {
        let key = chosen.key();
        let of = evaluated.iter().filter(|control| control.framework == key);
        let ids: Vec<Value> = of.map(|control| json!({"control-id": control_id(control)})).collect();
        if !ids.is_empty() {
            let description = format!("{}, {}: selected by {}", chosen.title, chosen.edition, chosen.selected_by);
            selections.push(json!({"description": text(&description), "include-controls": ids}));
        }
    }
    if selections.is_empty() {
        selections.push(json!({"description": "No control was evaluated"}));
    }
    json!({"control-selections": selections})
}

fn origins(names: &Names<'_>) -> Value {
    json!([{"actors": [{"type": "tool", "actor-uuid": names.of("tool", "")}]}])
}

/// What a rule says of all its subjects.
fn of_rule(names: &Names<'_>, rule: &Rule) -> Value {
    json!({
        "uuid": names.of("rule", &rule.id),
        "title": text(&format!("{} {}", rule.id, rule.title)),
        "description": text(&super::words::counts(rule.counts)),
        "props": [
            prop("rule", &rule.id),
            prop("severity", rule.severity.word()),
            prop("assurance", &rule.claim),
            prop("evaluated", &rule.counts.evaluated.to_string()),
        ],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "origins": origins(names),
        "subjects": [{"subject-uuid": names.of("system", ""), "type": "component"}],
        "collected": names.report.run.as_of,
    })
}

/// A place that breaks a rule.
fn of_finding(names: &Names<'_>, finding: &Finding, rules: &BTreeMap<&str, &Rule>) -> Value {
    let title = rules.get(finding.rule.as_str()).map(|rule| rule.title.as_str()).unwrap_or_default();
    let found = finding.actual.as_ref().map(|actual| format!("; found {actual}")).unwrap_or_default();
    let evidence: Vec<Value> = finding
        .provenance
        .iter()
        .map(|at| {
            let mut props = vec![prop("line", &at.line.to_string())];
            props.extend(at.layer.as_ref().map(|layer| prop("layer", layer)));
            props.extend(at.config_path.as_ref().map(|path| prop("path", path)));
            let what = if at.overridden { "a value that was overridden" } else { "the value is set here" };
            json!({"href": sarif::uri(&at.file), "description": what, "props": props})
        })
        .collect();
    let mut observation = json!({
        "uuid": names.of("finding", &finding.fingerprint),
        "title": text(&format!("{} on {}", finding.rule, finding.subject.reference)),
        "description": text(&format!("{title}: {}: expected {}{found}", finding.path, finding.expected)),
        "props": [
            prop("rule", &finding.rule),
            prop("severity", finding.severity.word()),
            prop("status", finding.status.word()),
            prop("fingerprint", &finding.fingerprint),
        ],
        "methods": ["TEST"],
        "types": ["finding"],
        "origins": origins(names),
        "subjects": [{"subject-uuid": names.subject(&finding.subject), "type": "inventory-item"}],
        "collected": names.report.run.as_of,
    });
    if !evidence.is_empty() {
        observation["relevant-evidence"] = evidence.into();
    }
    observation
}

/// A waiver that holds and covers something.
fn risk(names: &Names<'_>, waiver: &Exception) -> Option<Value> {
    let covered: Vec<Value> = names
        .report
        .findings
        .iter()
        .filter(|finding| finding.waiver.as_ref() == Some(&waiver.id))
        .map(|finding| json!({"observation-uuid": names.of("finding", &finding.fingerprint)}))
        .collect();
    if covered.is_empty() {
        return None;
    }
    Some(json!({
        "uuid": names.of("waiver", &waiver.id),
        "title": text(&format!("Waived: {}", waiver.rule)),
        "description": text(&format!("Waiver {}", waiver.id)),
        "statement": text(&waiver.reason),
        "props": [
            prop("waiver-owner", &waiver.owner),
            prop("waiver-approver", &waiver.approved_by),
        ],
        "status": "deviation-approved",
        "deadline": format!("{}T23:59:59Z", waiver.expires),
        "related-observations": covered,
    }))
}

/// What rules together say of a control.
fn finding(
    names: &Names<'_>,
    control: &Control,
    broken: &BTreeMap<&str, Vec<&Finding>>,
    rules: &BTreeMap<&str, &Rule>,
) -> Value {
    let (state, reason) = match control.status {
        Status::Pass => ("satisfied", "pass"),
        Status::Error => ("not-satisfied", "other"),
        _ => ("not-satisfied", "fail"),
    };
    let evaluated = |id: &&String| rules.get(id.as_str()).is_some_and(|rule| rule.counts.evaluated > 0);
    let found: Vec<&Finding> =
        control.rules.iter().filter_map(|id| broken.get(id.as_str())).flatten().copied().collect();
    let observations: Vec<Value> = control
        .rules
        .iter()
        .filter(evaluated)
        .map(|id| names.of("rule", id))
        .chain(found.iter().map(|finding| names.of("finding", &finding.fingerprint)))
        .map(|id| json!({"observation-uuid": id}))
        .collect();
    let waivers: BTreeSet<&String> = found.iter().filter_map(|finding| finding.waiver.as_ref()).collect();
    let id = control_id(control);
    let mut finding = json!({
        "uuid": names.of("control", &format!("{} {}", control.framework, control.id)),
        "title": text(&format!("{} {}: {}", control.framework, control.id, control.status.phrase())),
        "description": text(&super::words::rules_of(&control.result)),
        "props": [prop("evidence", "partial")],
        "target": {
            "type": "objective-id",
            "target-id": format!("{id}_obj"),
            "status": {"state": state, "reason": reason},
        },
        "related-observations": observations,
    });
    if !waivers.is_empty() {
        let risks: Vec<Value> = waivers.iter().map(|id| json!({"risk-uuid": names.of("waiver", id)})).collect();
        finding["related-risks"] = risks.into();
    }
    if !control.manual.is_empty() {
        finding["remarks"] = text(&format!("A person must still show: {}", control.manual.join("; "))).into();
    }
    finding
}

/// What is not assessed: why there is no plan, and by framework which controls need a person.
fn resources(names: &Names<'_>) -> Vec<Value> {
    let mut resources = vec![json!({
        "uuid": names.of("plan", ""),
        "title": "No formal assessment plan",
        "description": "An automated run of static checks",
    })];
    for chosen in &names.report.scope.frameworks {
        resources.extend(not_assessed(names, chosen));
    }
    resources
}

fn not_assessed(names: &Names<'_>, chosen: &Chosen) -> Option<Value> {
    let key = chosen.key();
    let controls = names.report.controls.iter().filter(|control| control.framework == key && !is_evaluated(control));
    let props: Vec<Value> = controls.map(|control| prop(control.status.word(), &control.id)).collect();
    if props.is_empty() {
        return None;
    }
    Some(json!({
        "uuid": names.of("not-assessed", &key),
        "title": text(&format!("Controls of {} that were not assessed", chosen.title)),
        "description": text(&format!("{} controls of the index are not assessed here: each needs evidence from a person, or has no subject", props.len())),
        "props": props,
    }))
}

/// The id of a control as a token of OSCAL. Those of the CSF are as in NIST's own catalogue.
fn control_id(control: &Control) -> String {
    let (framework, _) = control.framework.split_once('@').unwrap_or((&control.framework, ""));
    if framework == "nist-csf" { token(&control.id) } else { format!("{framework}-{}", token(&control.id)) }
}

/// Letters, digits, `.`, `-` and `_`; what closes is left out.
fn token(text: &str) -> String {
    let character = |character: char| match character {
        ')' => None,
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => Some(character),
        _ => Some('.'),
    };
    text.chars().filter_map(character).collect()
}

fn prop(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": NAMESPACE, "value": text(value)})
}

/// A text on one line that is not empty and has no space around it.
fn text(text: &str) -> String {
    let line = printable::line(text);
    let line = line.trim();
    if line.is_empty() { "-".to_owned() } else { line.to_owned() }
}
