//! What came of rules: findings, counts, controls and exceptions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::compliance::standing::{Assurance, Severity, Status};

/// What a rule is held against.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// `apps/v1/Deployment/acme/api`
    #[serde(rename = "ref")]
    pub reference: String,
    /// The tenant, unless it is the environment's.
    pub tenant: Option<String>,
}

/// A place that made a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// As seen from the workspace.
    pub file: String,
    /// From 1.
    pub line: u64,
    /// From 1, in characters.
    pub col: u64,
    /// `template`, or the layer.
    pub layer: Option<String>,
    /// The path into the configuration.
    pub config_path: Option<String>,
    /// Whether another place beat it.
    #[serde(default)]
    pub overridden: bool,
}

/// A place where a rule is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The SHA-256 of rule, subject and path: the same in the next report, whatever moved in its file.
    pub fingerprint: String,
    /// The rule.
    pub rule: String,
    /// Of the rule.
    pub severity: Severity,
    /// Of the rule.
    pub assurance: Assurance,
    /// `fail`, `error` or `waived`
    pub status: Status,
    /// What breaks it.
    pub subject: Subject,
    /// The field, as a JSON pointer.
    pub path: String,
    /// What must be.
    pub expected: String,
    /// What is, where it may be shown.
    pub actual: Option<String>,
    /// Where it comes from, the deciding place first.
    pub provenance: Vec<Origin>,
    /// What to do.
    pub remediation: String,
    /// The exception.
    pub waiver: Option<String>,
    /// Controls, by framework.
    pub maps: BTreeMap<String, Vec<String>>,
}

/// A rule and what came of it, counted by subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// `TC-POD-101`
    pub id: String,
    /// Grows when what it says changes.
    pub version: u64,
    /// What must hold.
    pub title: String,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What keeping it proves.
    pub assurance: Assurance,
    /// The same in words.
    pub claim: String,
    /// What to do.
    pub remediation: String,
    /// The counterpart of it that the cluster enforces, if one was shown.
    pub at_admission: Option<AtAdmission>,
    /// Why breaking it stops nothing in this environment, where the settings leave it out of what does.
    pub exempt: Option<String>,
    /// The worst of its subjects.
    pub status: Status,
    /// Why, where no subject says it.
    pub why: Option<String>,
    /// Its subjects.
    #[serde(flatten)]
    pub counts: Counts,
    /// Its subjects by tenant; those of the environment have the empty name.
    pub tenants: BTreeMap<String, Counts>,
    /// Controls, by framework.
    pub maps: BTreeMap<String, Vec<String>>,
}

/// A policy of the API server that holds a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AtAdmission {
    /// The name of the `ValidatingAdmissionPolicy`.
    pub policy: String,
    /// What its binding does to a request that breaks it: `Deny`, `Warn`, `Audit`.
    pub actions: Vec<String>,
}

/// How many subjects came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// All but those that it does not apply to.
    pub evaluated: u64,
    /// That keep it.
    pub pass: u64,
    /// That break it.
    pub fail: u64,
    /// That break it by an accepted exception.
    pub waived: u64,
    /// That it could not be evaluated for.
    pub error: u64,
    /// That it does not apply to.
    pub not_applicable: u64,
}

/// A control and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Control {
    /// `cis-k8s@1.12`
    pub framework: String,
    /// `5.2.2`
    pub id: String,
    /// A few words.
    pub label: String,
    /// Its chapter.
    pub group: String,
    /// The worst of its rules that say anything.
    pub status: Status,
    /// Why, where no rule says it.
    pub why: Option<String>,
    /// What a reader must know beside the result.
    pub note: Option<String>,
    /// The rules that are evidence for it.
    pub rules: Vec<String>,
    /// How many of these came to what.
    pub result: Tallied,
    /// What a person must show, whatever the rules say.
    pub manual: Vec<String>,
}

/// How many rules or controls came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tallied {
    /// No failing check.
    pub pass: u64,
    /// A failing check.
    pub fail: u64,
    /// An accepted exception.
    pub waived: u64,
    /// Not evaluated.
    pub error: u64,
    /// Out of scope.
    pub not_applicable: u64,
    /// Without a subject.
    pub not_assessed: u64,
    /// For a person.
    pub manual: u64,
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// `W-2026-014`
    pub id: String,
    /// The rule.
    pub rule: String,
    /// What it is for, part by part.
    pub scope: BTreeMap<String, String>,
    /// Why.
    pub reason: String,
    /// What is done instead.
    pub compensating_controls: Vec<String>,
    /// As accepted.
    pub risk: Option<Risk>,
    /// Who is to remove it.
    pub owner: String,
    /// Who accepted it.
    pub approved_by: String,
    /// Where it is discussed.
    pub ticket: Option<String>,
    /// The day.
    pub created: String,
    /// The last day.
    pub expires: String,
    /// Where it may be shown as an accepted exception; nothing: everywhere.
    pub frameworks: Vec<String>,
    /// Where it is written.
    pub place: Option<Origin>,
    /// `active`, `expires-soon`, `expired`, `stale` or `invalid`
    pub state: String,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// How many findings it covers.
    pub findings: u64,
}

/// A risk, as accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Risk {
    /// `low`, `medium` or `high`
    pub likelihood: String,
    /// `low`, `medium` or `high`
    pub impact: String,
}
