//! What a report makes of how bad a rule is and of what keeping it proves, and what came of it.

use serde::{Deserialize, Serialize};

pub use crate::policy::{Assurance, Severity};

/// What came of a check, a rule or a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// No configuration shows it: a person must.
    Manual,
    /// A condition of scope says that it does not apply.
    NotApplicable,
    /// There was no subject to look at.
    NotAssessed,
    /// At least one subject was looked at, and none breaks it.
    Pass,
    /// What breaks it is an accepted exception.
    Waived,
    /// A subject breaks it.
    Fail,
    /// It could not be evaluated; that is never a pass.
    Error,
}

impl Severity {
    /// What a check of it weighs in an index.
    pub fn weight(self) -> u64 {
        match self {
            Self::Low => 1,
            Self::Medium => 3,
            Self::High => 6,
            Self::Critical => 10,
        }
    }

    /// For how many days an exception may be granted.
    pub fn longest_waiver(self) -> i64 {
        match self {
            Self::Critical => 30,
            Self::High => 90,
            Self::Medium | Self::Low => 180,
        }
    }
}

impl Assurance {
    /// What a pass proves, in words; `component` is what it depends on.
    pub fn claim_of(self, component: Option<&str>) -> String {
        match self {
            Self::Enforced => "enforced by Kubernetes when applied".to_owned(),
            Self::Depends => format!("depends on {}", component.unwrap_or("a component of the cluster")),
            Self::Declared => "declared".to_owned(),
            Self::Gate => "held by tenantctl before output".to_owned(),
        }
    }

    /// What a person must still show where a rule passes.
    pub fn still_to_show(self, component: Option<&str>) -> String {
        match self {
            Self::Enforced => "that these manifests are what runs in the cluster".to_owned(),
            Self::Depends => {
                format!(
                    "that {} is there, and works",
                    component.unwrap_or("the component of the cluster that acts on it")
                )
            }
            Self::Declared => "evidence from operation that what is declared is so".to_owned(),
            Self::Gate => "that nothing reaches the cluster but through this program".to_owned(),
        }
    }
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Error, Self::Fail, Self::Waived, Self::Pass, Self::NotAssessed, Self::NotApplicable, Self::Manual];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::NotApplicable => "not-applicable",
            Self::NotAssessed => "not-assessed",
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }

    /// Words for people.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Manual => "needs manual evidence",
            Self::NotApplicable => "not applicable",
            Self::NotAssessed => "not assessed",
            Self::Pass => "no failing check",
            Self::Waived => "waived",
            Self::Fail => "failing",
            Self::Error => "not evaluated: error",
        }
    }
}
