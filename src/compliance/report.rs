//! Makes the report: one constructor, from evidence.
//!
//! In goes what an engine found, out comes the model. Nothing is looked up, nothing depends on the order of what comes
//! in, and there is no clock.

mod checks;
mod controls;
mod exceptions;
mod index;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::checks::Checks;
use super::comparison::Comparison;
use super::digest::{canonical, sha256, uuid};
use super::evidence::{Definition, Evidence, Selected};
use super::framework::Framework;
use super::gather::definition;
use super::model::{
    Area, Catalogue, Chosen, DISCLAIMER, File, Integrity, Report, Run, SCHEMA, Scope, Summary, TITLE, Tool,
};
use super::waiver::VALID;
use crate::policy;

impl Report {
    /// The report on some evidence. What evidence says of rules that it does not define is left out.
    pub fn new(mut evidence: Evidence) -> Self {
        if !evidence.waivers.is_empty() && evidence.rules.iter().all(|rule| rule.id != VALID) {
            // Whatever rules there are: exceptions are held to this one.
            evidence.rules.extend(policy::Catalogue::shipped().find(VALID).map(|rule| definition(rule)));
        }
        evidence.rules.sort_by(|one, other| one.id.cmp(&other.id));
        evidence.rules.dedup_by(|one, other| one.id == other.id);
        evidence.inputs.sort();
        evidence.outputs.sort();
        evidence.excluded.sort();
        evidence.tenants.sort();
        evidence.tenants.dedup();
        let frameworks = chosen(&evidence);
        let (findings, waivers) = exceptions::findings(&mut evidence, &frameworks);
        let checks = Checks::of(&evidence, &findings, &waivers);
        let rules = checks::rules(&evidence, &checks, &frameworks);
        let controls = controls::controls(&evidence, &checks, &frameworks);
        let summary = Summary {
            frameworks: index::frameworks(&evidence, &checks, &frameworks, &controls),
            ..index::summary(&evidence, &checks, &rules)
        };
        let inputs_digest = inputs_digest(&evidence.inputs);
        let scope = Scope {
            environment: evidence.environment,
            tenants: evidence.tenants,
            excluded: evidence.excluded,
            kubernetes: evidence.kubernetes,
            frameworks: frameworks.iter().map(|(framework, by)| entry(framework, by)).collect(),
        };
        let catalogue = Catalogue {
            rules: rules.len() as u64,
            unmapped: unmapped(&evidence.rules, &frameworks),
            ..evidence.catalogue
        };
        let as_of = instant(evidence.as_of);
        let about = canonical(&serde_json::to_value(&scope).unwrap_or_default());
        let mut report = Self {
            schema: SCHEMA.to_owned(),
            id: uuid(&[&inputs_digest, &catalogue.sha256, &about, &as_of]),
            title: TITLE.to_owned(),
            disclaimer: DISCLAIMER.to_owned(),
            tool: Tool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: evidence.tool_version,
                binary_digest: evidence.tool_digest,
            },
            run: Run { as_of, actor: evidence.actor, command: evidence.command, exit: evidence.exit },
            source: evidence.source,
            inputs: evidence.inputs,
            inputs_digest,
            outputs: evidence.outputs,
            scope,
            catalogue,
            population: evidence.population,
            findings,
            rules,
            controls,
            waivers,
            summary,
            diff: None,
            integrity: Integrity { report_digest: String::new(), previous_report: evidence.previous },
        };
        report.seal();
        report
    }

    /// Says what changed since an earlier report, which is the one before this one.
    pub fn compare(&mut self, before: &Self) {
        self.diff = Some(Comparison::of(before, self));
        self.integrity.previous_report = Some(before.integrity.report_digest.clone());
        self.seal();
    }

    /// Says with which exit code the run ends.
    pub fn conclude(&mut self, exit: u8) {
        self.run.exit = Some(exit);
        self.seal();
    }

    /// Writes the digest of everything else into the report. Whoever changes a report, such as by a comparison, seals it.
    pub fn seal(&mut self) {
        self.integrity.report_digest.clear();
        self.integrity.report_digest = digest(self.to_value());
    }

    /// The report as JSON data.
    pub fn to_value(&self) -> Value {
        // Strings, numbers and lists: there is nothing serde could refuse.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The chosen framework of a key such as `cis-k8s@1.12`.
    pub fn framework(&self, key: &str) -> Option<&Chosen> {
        self.scope.frameworks.iter().find(|chosen| chosen.key() == key)
    }

    /// Whether any rule met any subject. A run that assessed nothing is no success: its exit code is 3.
    pub fn assessed(&self) -> bool {
        self.summary.checks.evaluated > 0
    }
}

impl Chosen {
    /// `cis-k8s@1.12`
    pub fn key(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

/// The digest of a report's data without the digest in it.
pub(super) fn digest(mut report: Value) -> String {
    if let Some(integrity) = report.get_mut("integrity").and_then(Value::as_object_mut) {
        integrity.shift_remove("reportDigest");
    }
    format!("sha256:{}", sha256(&canonical(&report)))
}

/// The digest of paths and digests, in order.
pub(super) fn inputs_digest(inputs: &[File]) -> String {
    let pairs: Vec<Value> = inputs.iter().map(|file| json!([file.path, file.sha256])).collect();
    format!("sha256:{}", sha256(&canonical(&Value::from(pairs))))
}

/// A time in UTC, to the second.
fn instant(at: jiff::Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// A framework, and by whom and how it was chosen.
type Choice = (&'static Framework, Selected);

/// The frameworks that are known, each once, in the order of [`Framework::all`].
fn chosen(evidence: &Evidence) -> Vec<Choice> {
    let mut found: BTreeMap<String, Choice> = BTreeMap::new();
    for selected in &evidence.frameworks {
        if let Some(framework) = Framework::find(&selected.id, selected.version.as_deref()) {
            found.entry(framework.key()).or_insert((framework, selected.clone()));
        }
    }
    Framework::all().iter().filter_map(|framework| found.remove(&framework.key())).collect()
}

fn entry(framework: &Framework, selected: &Selected) -> Chosen {
    let area = |area: &super::framework::Area| Area { title: area.title.clone(), show: area.show.clone() };
    Chosen {
        id: framework.id.clone(),
        version: framework.version.clone(),
        title: framework.title.clone(),
        edition: framework.edition.clone(),
        selected_by: selected.selected_by.clone(),
        best: framework.best.clone(),
        note: framework.note.clone(),
        beyond: framework.beyond.clone(),
        publisher: framework.publisher.clone(),
        areas: framework.areas.iter().map(area).collect(),
    }
}

/// The controls of a framework that a rule is evidence for.
fn mapped<'a>(rule: &'a Definition, framework: &'a Framework) -> impl Iterator<Item = &'a str> {
    rule.maps
        .iter()
        .filter(|map| map.framework == framework.id)
        .filter(|map| map.version.as_deref().is_none_or(|version| framework.is(version)))
        .map(|map| map.control.as_str())
        .filter(|id| framework.control(id).is_some())
}

/// The controls of the chosen frameworks that a rule is evidence for.
fn maps(rule: &Definition, frameworks: &[Choice]) -> BTreeMap<String, Vec<String>> {
    let mut maps = BTreeMap::new();
    for (framework, _) in frameworks {
        let ids: Vec<String> = mapped(rule, framework).map(str::to_owned).collect();
        if !ids.is_empty() {
            maps.insert(framework.key(), ids);
        }
    }
    maps
}

/// What rules name and a chosen framework does not have.
fn unmapped(rules: &[Definition], frameworks: &[Choice]) -> Vec<String> {
    let mut unknown = BTreeSet::new();
    for rule in rules {
        for map in &rule.maps {
            let mut asked = frameworks.iter().filter(|(framework, _)| {
                framework.id == map.framework && map.version.as_deref().is_none_or(|version| framework.is(version))
            });
            if asked.any(|(framework, _)| framework.control(&map.control).is_none()) {
                unknown.insert(format!("{} {} {}", rule.id, map.framework, map.control));
            }
        }
    }
    unknown.into_iter().collect()
}
