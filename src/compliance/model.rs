//! The one model of a report. Its JSON is the full form, every other form a view of it.
//!
//! The fields are a promise: within `tenantctl.report/v1` fields may be added, none is renamed, removed or given another
//! meaning. Numbers are whole. Lists have the order of stable keys.

mod result;
mod sums;

use serde::{Deserialize, Serialize};

use super::comparison::Comparison;

pub use result::{AtAdmission, Control, Counts, Exception, Finding, Origin, Risk, Rule, Subject, Tallied};
pub use sums::{ByFramework, BySeverity, ByTenant, Index, Summary};

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
    /// The exit code that the run called for.
    pub exit: Option<u8>,
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
    #[serde(rename = "env")]
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

/// By which a change of a report is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Integrity {
    /// `sha256:..` of the canonical JSON (RFC 8785) of the report without this field.
    pub report_digest: String,
    /// That of the report before.
    pub previous_report: Option<String>,
}
