//! How bad it is to break a rule, and what keeping one proves.

use serde::{Deserialize, Serialize};

/// How bad it is to break a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good practice.
    Low,
    /// A weakness beside others.
    Medium,
    /// A way in, or an outage.
    High,
    /// A tenant's border, or everybody's data.
    Critical,
}

/// What a rule that is kept proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assurance {
    /// Kubernetes enforces the field once it is applied.
    Enforced,
    /// A component of the cluster has to exist and to work.
    Depends,
    /// It is said in the configuration; whether it is so needs evidence from operation.
    Declared,
    /// This program holds to it before anything is written.
    Gate,
}

impl Severity {
    /// All, the worst first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.word() == text)
    }
}

impl Assurance {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Enforced, Self::Depends, Self::Declared, Self::Gate];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Depends => "depends",
            Self::Declared => "declared",
            Self::Gate => "gate",
        }
    }

    /// Its letter in reports.
    pub fn letter(self) -> char {
        match self {
            Self::Enforced => 'E',
            Self::Depends => 'D',
            Self::Declared => 'S',
            Self::Gate => 'G',
        }
    }

    /// What a pass proves, in a sentence.
    pub fn claim(self) -> &'static str {
        match self {
            Self::Enforced => "Kubernetes enforces the field once the object is applied.",
            Self::Depends => "It holds if the component of the cluster that acts on it is there and works.",
            Self::Declared => "The configuration says so; that it is so needs evidence from operation.",
            Self::Gate => "tenantctl holds to it before anything is written; the cluster does not know it.",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assurance| assurance.word() == text)
    }
}
