//! The one model of a report. Its JSON is the full form, every other form a view of it.
//!
//! The fields are a promise: within `tenantctl.report/v1` fields may be added, none is renamed, removed or given another
//! meaning. Numbers are whole. Lists have the order of stable keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::comparison::Comparison;
use super::standing::{Assurance, Severity, Status};

/// The name of the form.
pub const SCHEMA: &str = "tenantctl.report/v1";
/// The title of every report.
pub const TITLE: &str = "Configuration evidence report";
/// The first paragraph of every report.
pub const DISCLAIMER: &str = "This report states the result of automated static checks on the configuration and the \
     manifests identified below by digest. It is not an audit opinion, an attestation or a certification, and it does \
     not show that the deployed system equals these manifests.";

/// A report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// [`SCHEMA`]
    pub schema: String,
    /// A UUID made from the inputs, the rules, the scope and the time.
    pub id: String,
    /// [`TITLE`]
    pub title: String,
    /// [`DISCLAIMER`]
    pub disclaimer: String,
    /// What made it.
    pub tool: Tool,
    /// When, by whom, how.
    pub run: Run,
    /// What the revision control says.
    pub source: Option<Revision>,
    /// What was read, by path.
    pub inputs: Vec<File>,
    /// The digest of paths and digests of the inputs, one a line.
    pub inputs_digest: String,
    /// What was compiled, by path.
    pub outputs: Vec<Object>,
    /// What the report is about.
    pub scope: Scope,
    /// By which rules.
    pub catalogue: Catalogue,
    /// How much was looked at.
    pub population: Population,
    /// What breaks a rule, the worst first.
    pub findings: Vec<Finding>,
    /// Every rule, by id.
    pub rules: Vec<Rule>,
    /// Every control of the chosen frameworks, in their order.
    pub controls: Vec<Control>,
    /// Exceptions, by id.
    pub waivers: Vec<Exception>,
    /// Sums.
    pub summary: Summary,
    /// What changed since another report.
    pub diff: Option<Comparison>,
    /// By which a change of this report is seen.
    pub integrity: Integrity,
}

/// What made a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// `tenantctl`
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its digest, if that is known.
    pub binary_digest: Option<String>,
}

/// When, by whom and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// RFC 3339, in UTC.
    pub as_of: String,
    /// Who ran it.
    pub actor: Option<String>,
    /// The words of the command.
    pub command: Vec<String>,
}

/// What the revision control says of the inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Revision {
    /// `git`
    pub vcs: String,
    /// The address of the repository, without credentials.
    pub repository: Option<String>,
    /// The commit.
    pub commit: String,
    /// Whether files differ from it.
    pub dirty: Option<bool>,
    /// Whether it carries a signature.
    pub signed: Option<bool>,
    /// The branch.
    pub branch: Option<String>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// As seen from the workspace.
    pub path: String,
    /// The layer, where it is one.
    pub layer: Option<String>,
    /// In hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// An object that was compiled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// The file of the output.
    pub path: String,
    /// `apps/v1/Deployment`
    pub kind: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// The environment.
    pub environment: String,
    /// By id.
    pub tenants: Vec<String>,
    /// What was left out.
    pub excluded: Vec<Excluded>,
    /// `1.34`
    pub kubernetes: String,
    /// The frameworks, as chosen.
    pub frameworks: Vec<Chosen>,
}

/// What was left out, why, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Excluded {
    /// `tenant legacy`
    pub what: String,
    /// The reason.
    pub why: String,
    /// A person or a role.
    pub by: String,
}

/// A framework that was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chosen {
    /// `cis-k8s`
    pub id: String,
    /// `1.12`
    pub version: String,
    /// For people.
    pub title: String,
    /// For people.
    pub edition: String,
    /// A person or a role; a report does not infer what applies.
    pub selected_by: String,
    /// The most that a control can get.
    pub best: String,
    /// What a reader must know.
    pub note: String,
    /// What the index of controls leaves out.
    pub beyond: Option<String>,
    /// Where the publisher has it.
    pub publisher: String,
    /// What is wholly for people, beside the controls.
    pub areas: Vec<Area>,
}

/// A part of a framework that is wholly for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Area {
    /// Which.
    pub title: String,
    /// What a person must show.
    pub show: String,
}

/// By which rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Catalogue {
    /// `2026.11`
    pub version: String,
    /// In hexadecimal digits.
    pub sha256: String,
    /// How many.
    pub rules: u64,
    /// Files with rules of the workspace.
    pub custom: Vec<File>,
    /// Controls that rules name and no chosen framework has: `TC-NS-401 pss namespace level`.
    pub unmapped: Vec<String>,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Population {
    /// Tenants.
    pub tenants: u64,
    /// Objects.
    pub objects: u64,
    /// Pods and templates of pods.
    pub pod_specs: u64,
    /// Containers of these, all three lists.
    pub containers: u64,
    /// Scalars of the configuration.
    pub config_leaves: u64,
}

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
    /// Whether the cluster has a counterpart of it, which was emitted.
    pub at_admission: bool,
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

/// Sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// Of all rules.
    pub rules: Tallied,
    /// Of all rules and subjects.
    pub checks: Counts,
    /// Rules and subjects by severity, the worst first.
    pub severities: Vec<BySeverity>,
    /// Rules and subjects by tenant; first those of the environment itself.
    pub tenants: Vec<ByTenant>,
    /// Of all rules.
    pub index: Index,
    /// The sums in a sentence.
    pub statement: String,
    /// By framework, as chosen.
    pub frameworks: Vec<ByFramework>,
}

/// Checks of a severity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BySeverity {
    /// Which.
    pub severity: Severity,
    /// How many rules.
    pub rules: u64,
    /// Rules and subjects.
    #[serde(flatten)]
    pub checks: Counts,
}

/// Checks of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ByTenant {
    /// Which; nobody: the environment itself.
    pub tenant: Option<String>,
    /// Rules and subjects.
    #[serde(flatten)]
    pub checks: Counts,
}

/// The sums of a framework.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ByFramework {
    /// `cis-k8s@1.12`
    pub framework: String,
    /// For people.
    pub title: String,
    /// What controls are called.
    pub noun: String,
    /// How many controls the index has.
    pub controls: u64,
    /// How many of these have some automated evidence.
    pub automated: u64,
    /// How many came to what.
    pub result: Tallied,
    /// Its rules and their subjects.
    pub checks: Counts,
    /// Of these.
    pub index: Index,
    /// The sums in a sentence, with what is not assessed.
    pub statement: String,
}

/// The weighted part of checks that pass, of 100, rounded down; absent without any check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Index {
    /// With what is waived as failing.
    pub raw: Option<u64>,
    /// Without what is waived.
    pub net: Option<u64>,
    /// Whether a critical rule that fails holds it at 59.
    pub capped: bool,
}

/// By which a change of a report is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Integrity {
    /// `sha256:..` of the canonical JSON (RFC 8785) of the report without this field.
    pub report_digest: String,
    /// That of the report before.
    pub previous_report: Option<String>,
}
