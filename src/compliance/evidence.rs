//! What a report is made from, whoever found it out: rules, how often each was kept, and every place where one is not.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::model::{AtAdmission, Catalogue, Excluded, File, Object, Origin, Population, Revision, Subject};
use super::standing::{Assurance, Severity};
use super::waiver::Waiver;

/// All that goes into a report. Lists may come in any order.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Version of the program.
    pub tool_version: String,
    /// Digest of the program, as `sha256:..`, if it is known.
    pub tool_digest: Option<String>,
    /// The time that the report is about. It is given: a report has no clock.
    pub as_of: Timestamp,
    /// Who ran it.
    pub actor: Option<String>,
    /// The words of the command.
    pub command: Vec<String>,
    /// The exit code that the run calls for, if that is settled.
    pub exit: Option<u8>,
    /// What the revision control says.
    pub source: Option<Revision>,
    /// What was read.
    pub inputs: Vec<File>,
    /// What was compiled.
    pub outputs: Vec<Object>,
    /// The environment.
    pub environment: String,
    /// Its tenants, as selected.
    pub tenants: Vec<String>,
    /// Whether these are some of its tenants only: then waivers of others are not looked at.
    pub partial: bool,
    /// What was left out.
    pub excluded: Vec<Excluded>,
    /// The minor version of Kubernetes: `1.34`.
    pub kubernetes: String,
    /// The frameworks that somebody chose.
    pub frameworks: Vec<Selected>,
    /// The rules' own version, digest and additions. The count is made here.
    pub catalogue: Catalogue,
    /// What was looked at.
    pub population: Population,
    /// The rules.
    pub rules: Vec<Definition>,
    /// How often rules were kept, by tenant, where [`Evidence::verdicts`] do not say.
    pub tallies: Vec<Tally>,
    /// What breaks a rule or could not be evaluated; perhaps what keeps one, too.
    pub verdicts: Vec<Verdict>,
    /// Exceptions.
    pub waivers: Vec<Waiver>,
    /// `sha256:..` of the report before, which makes a chain.
    pub previous: Option<String>,
}

/// A framework, and who chose it.
#[derive(Clone, Debug)]
pub struct Selected {
    /// `cis-k8s`
    pub id: String,
    /// `1.12`; without it the last one that is known.
    pub version: Option<String>,
    /// A person or a role.
    pub selected_by: String,
    /// Declarations by name, such as `appendixA1`: whether it applies, and why.
    pub declared: BTreeMap<String, Declaration>,
}

/// Whether a part of a framework applies.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Whether it does.
    pub applicable: bool,
    /// Why.
    pub reason: String,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Definition {
    /// `TC-POD-101`
    pub id: String,
    /// Grows when what the rule says changes.
    pub version: u64,
    /// What must hold, in a few words.
    pub title: String,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What keeping it proves.
    pub assurance: Assurance,
    /// What a rule that depends on a component depends on.
    pub component: Option<String>,
    /// What to do.
    pub remediation: String,
    /// The counterpart of it that the cluster enforces.
    pub at_admission: Option<AtAdmission>,
    /// Why breaking it stops nothing here, if somebody said so.
    pub exempt: Option<String>,
    /// The controls that it is evidence for.
    pub maps: Vec<Mapping>,
}

/// A control that a rule is evidence for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// `cis-k8s`
    pub framework: String,
    /// `1.12`; without it every version has the control.
    pub version: Option<String>,
    /// `5.2.2`
    pub control: String,
}

/// How often a rule was kept, by subject.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The rule.
    pub rule: String,
    /// Whose subjects; nobody's are those of the environment.
    pub tenant: Option<String>,
    /// Subjects that keep it.
    pub pass: u64,
    /// Subjects that it does not apply to.
    pub not_applicable: u64,
    /// The condition of scope by which the rule applies to nothing here.
    pub why: Option<String>,
}

/// What came of a rule and a subject.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The rule.
    pub rule: String,
    /// The object, or the configuration of a tenant.
    pub subject: Subject,
    /// The field, as a JSON pointer (RFC 6901); the empty one is the subject.
    pub path: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What must be; of an error, why it could not be evaluated.
    pub expected: String,
    /// What is, where it may be shown. Never a secret.
    pub actual: Option<String>,
    /// Where it comes from, the deciding place first.
    pub provenance: Vec<Origin>,
}

/// What can come of a rule and a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept.
    Pass,
    /// It is broken.
    Fail,
    /// It could not be evaluated.
    Error,
    /// It does not apply.
    NotApplicable,
}
