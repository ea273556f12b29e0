//! What changed between two reports, as data.
//!
//! Findings are the same by fingerprint, whatever line they are at. What comes of other rules or of other tenants is told
//! apart from what somebody did: else a new rule looks like a step back.

pub mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::model::{Finding, Index, Report, Rule, Subject};
use super::standing::{Severity, Status};
use crate::diagnostic::printable;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The earlier one.
    pub before: Side,
    /// The later one.
    pub after: Side,
    /// How many findings of each class.
    pub counts: BTreeMap<Class, u64>,
    /// Every finding of either, but those unchanged: by class, then as in reports.
    pub changes: Vec<Change>,
    /// Tenants that only the later one has.
    pub tenants_added: Vec<String>,
    /// Tenants that only the earlier one has.
    pub tenants_removed: Vec<String>,
    /// Rules that only the later one has.
    pub rules_added: Vec<String>,
    /// Rules that only the earlier one has.
    pub rules_removed: Vec<String>,
    /// Rules of another version, severity or mapping.
    pub rules_changed: Vec<String>,
    /// Why indices are not to be compared; nothing: they may be.
    pub incomparable: Vec<String>,
    /// The indices of either.
    pub frameworks: Vec<Indices>,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// Of the report.
    pub id: String,
    /// Of the report.
    pub digest: String,
    /// Its time.
    pub as_of: String,
    /// The commit, if it is known.
    pub commit: Option<String>,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It was not there.
    New,
    /// Its waiver holds no more.
    WaiverExpired,
    /// Its rule has another severity.
    SeverityChanged,
    /// It is waived now.
    WaivedNew,
    /// It is gone.
    Fixed,
    /// It came or went with a rule or a version of one.
    CatalogueCaused,
    /// It came or went with a tenant.
    ScopeCaused,
    /// It is as it was.
    Unchanged,
}

/// A finding that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What became of it.
    pub class: Class,
    /// Of the finding.
    pub fingerprint: String,
    /// Its rule.
    pub rule: String,
    /// As it is, or was.
    pub severity: Severity,
    /// As it was, where it is another.
    pub severity_before: Option<Severity>,
    /// What breaks the rule.
    pub subject: Subject,
    /// The field.
    pub path: String,
    /// As it was; nothing: not there.
    pub before: Option<Status>,
    /// As it is; nothing: gone.
    pub after: Option<Status>,
    /// The waiver that it has, or had.
    pub waiver: Option<String>,
}

/// The indices of a framework.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Indices {
    /// `cis-k8s@1.12`
    pub framework: String,
    /// Of the earlier one; nothing: not chosen there.
    pub before: Option<Index>,
    /// Of the later one; nothing: not chosen there.
    pub after: Option<Index>,
}

impl Class {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::WaiverExpired,
        Self::SeverityChanged,
        Self::WaivedNew,
        Self::Fixed,
        Self::CatalogueCaused,
        Self::ScopeCaused,
        Self::Unchanged,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::WaiverExpired => "waiver-expired",
            Self::SeverityChanged => "severity-changed",
            Self::WaivedNew => "waived-new",
            Self::Fixed => "fixed",
            Self::CatalogueCaused => "catalogue-caused",
            Self::ScopeCaused => "scope-caused",
            Self::Unchanged => "unchanged",
        }
    }
}

impl Comparison {
    /// What changed from one report to another.
    pub fn of(before: &Report, after: &Report) -> Self {
        let (old, new) = (Known::of(before), Known::of(after));
        let mut counts: BTreeMap<Class, u64> = Class::ALL.into_iter().map(|class| (class, 0)).collect();
        let mut changes = Vec::new();
        let gone = before.findings.iter().filter(|finding| !new.findings.contains_key(finding.fingerprint.as_str()));
        let there = after.findings.iter().map(|finding| (old.findings.get(finding.fingerprint.as_str()), finding));
        for (was, is) in there.map(|(was, is)| (was.copied(), Some(is))).chain(gone.map(|was| (Some(was), None))) {
            let class = class(was, is, &old, &new);
            *counts.entry(class).or_default() += 1;
            if class != Class::Unchanged {
                changes.extend(change(class, was, is));
            }
        }
        changes.sort_by_key(|change| change.class);
        let names = |rules: &BTreeMap<&str, &Rule>, other: &BTreeMap<&str, &Rule>| {
            rules.keys().filter(|id| !other.contains_key(*id)).map(|id| (*id).to_owned()).collect()
        };
        let differs = |one: &Rule, other: &Rule| {
            (one.version, one.severity, &one.maps) != (other.version, other.severity, &other.maps)
        };
        let altered = |(id, rule): (&&str, &&Rule)| {
            let old = old.rules.get(*id)?;
            differs(old, rule).then(|| (*id).to_owned())
        };
        Self {
            before: side(before),
            after: side(after),
            counts,
            changes,
            tenants_added: only(&new.tenants, &old.tenants),
            tenants_removed: only(&old.tenants, &new.tenants),
            rules_added: names(&new.rules, &old.rules),
            rules_removed: names(&old.rules, &new.rules),
            rules_changed: new.rules.iter().filter_map(altered).collect(),
            incomparable: incomparable(before, after),
            frameworks: indices(before, after),
        }
    }

    /// How many findings somebody brought in, at least so severe: new ones, and those whose waiver ended.
    pub fn brought_in(&self, least: Severity) -> usize {
        let counts =
            |change: &&Change| matches!(change.class, Class::New | Class::WaiverExpired) && change.severity >= least;
        self.changes.iter().filter(counts).count()
    }

    /// It as one document, on one line, with a line end.
    pub fn to_json(&self) -> String {
        // Strings and numbers: there is nothing serde could refuse.
        printable::json(&serde_json::to_string(self).unwrap_or_default()) + "\n"
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// What a report has, by name.
struct Known<'a> {
    findings: BTreeMap<&'a str, &'a Finding>,
    rules: BTreeMap<&'a str, &'a Rule>,
    tenants: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    fn of(report: &'a Report) -> Self {
        Self {
            findings: report.findings.iter().map(|finding| (finding.fingerprint.as_str(), finding)).collect(),
            rules: report.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect(),
            tenants: report.scope.tenants.iter().map(String::as_str).collect(),
        }
    }

    /// Whether it could have had a finding: by its rules, as they are in the other one.
    fn has_rule(&self, id: &str, other: &Self) -> bool {
        let version = |known: &Self| known.rules.get(id).map(|rule| rule.version);
        version(self).is_some() && version(self) == version(other)
    }

    fn has_tenant(&self, subject: &Subject) -> bool {
        subject.tenant.as_deref().is_none_or(|tenant| self.tenants.contains(tenant))
    }
}

fn class(was: Option<&Finding>, is: Option<&Finding>, old: &Known<'_>, new: &Known<'_>) -> Class {
    match (was, is) {
        (Some(was), Some(is)) => match (was.status, is.status) {
            (Status::Waived, Status::Waived) if was.severity == is.severity => Class::Unchanged,
            (Status::Waived, other) if other != Status::Waived => Class::WaiverExpired,
            (other, Status::Waived) if other != Status::Waived => Class::WaivedNew,
            _ if was.severity != is.severity => Class::SeverityChanged,
            _ => Class::Unchanged,
        },
        (None, Some(is)) if !old.has_rule(&is.rule, new) => Class::CatalogueCaused,
        (None, Some(is)) if !old.has_tenant(&is.subject) => Class::ScopeCaused,
        (None, Some(is)) if is.status == Status::Waived => Class::WaivedNew,
        (None, Some(_)) => Class::New,
        (Some(was), None) if !new.has_rule(&was.rule, old) => Class::CatalogueCaused,
        (Some(was), None) if !new.has_tenant(&was.subject) => Class::ScopeCaused,
        _ => Class::Fixed,
    }
}

fn change(class: Class, was: Option<&Finding>, is: Option<&Finding>) -> Option<Change> {
    let shown = is.or(was)?;
    Some(Change {
        class,
        fingerprint: shown.fingerprint.clone(),
        rule: shown.rule.clone(),
        severity: shown.severity,
        severity_before: was.map(|was| was.severity).filter(|severity| *severity != shown.severity),
        subject: shown.subject.clone(),
        path: shown.path.clone(),
        before: was.map(|was| was.status),
        after: is.map(|is| is.status),
        waiver: is.and_then(|is| is.waiver.clone()).or_else(|| was.and_then(|was| was.waiver.clone())),
    })
}

fn side(report: &Report) -> Side {
    Side {
        id: report.id.clone(),
        digest: report.integrity.report_digest.clone(),
        as_of: report.run.as_of.clone(),
        commit: report.source.as_ref().map(|source| source.commit.clone()),
    }
}

fn only(tenants: &BTreeSet<&str>, other: &BTreeSet<&str>) -> Vec<String> {
    tenants.difference(other).map(|tenant| (*tenant).to_owned()).collect()
}

/// Why indices of two reports do not measure the same.
fn incomparable(before: &Report, after: &Report) -> Vec<String> {
    let major = |report: &Report| report.catalogue.version.split('.').next().unwrap_or_default().to_owned();
    let mut why = Vec::new();
    let mut differ = |what: &str, before: &str, after: &str| {
        if before != after {
            why.push(format!("{what}: {before} and {after}"));
        }
    };
    differ("environments", &before.scope.environment, &after.scope.environment);
    differ("major versions of the catalogue", &major(before), &major(after));
    differ("versions of Kubernetes", &before.scope.kubernetes, &after.scope.kubernetes);
    for chosen in &after.scope.frameworks {
        let was = before.scope.frameworks.iter().find(|was| was.id == chosen.id);
        let same = before.scope.frameworks.iter().any(|was| was.key() == chosen.key());
        if let Some(was) = was.filter(|_| !same) {
            differ(&format!("versions of {}", chosen.title), &was.version, &chosen.version);
        }
    }
    why
}

fn indices(before: &Report, after: &Report) -> Vec<Indices> {
    let mut all: BTreeMap<&str, (Option<Index>, Option<Index>)> = BTreeMap::new();
    for of in &before.summary.frameworks {
        all.entry(&of.framework).or_default().0 = Some(of.index);
    }
    for of in &after.summary.frameworks {
        all.entry(&of.framework).or_default().1 = Some(of.index);
    }
    let entry = |(framework, (before, after)): (&str, _)| Indices { framework: framework.to_owned(), before, after };
    all.into_iter().map(entry).collect()
}
