//! Sums over a report: by severity, tenant and framework.

use serde::{Deserialize, Serialize};

use super::{Counts, Tallied};
use crate::compliance::standing::Severity;

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
