//! Where an environment stands: what is released, what has changed since, and what falls due.
//!
//! In go its ledger and what the workspace makes of it now, out comes a [`Status`]: data, and a text of it. What the
//! cluster has is asked of kubectl, by the command.

mod due;
mod text;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

pub(crate) use due::Due;

use crate::diagnostic::{Diagnostics, Failed};
use crate::release::{Digest, Drafted, Ledger, Made, Release, Sealed};
use crate::target::ENVIRONMENT;

/// Where an environment stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    environment: String,
    /// The one tenant that was asked for.
    tenant: Option<String>,
    /// The newest release.
    released: Option<Released>,
    /// Files that were read, and differ from those of the release.
    inputs: Vec<Change>,
    /// Targets whose output differs.
    output: Vec<Change>,
    /// What ends or is due soon, the soonest first.
    due: Vec<Due>,
    /// How the cluster differs, if it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<Cluster>,
}

/// What the cluster has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Cluster {
    /// Whether anything would change if it was applied.
    differs: bool,
    /// What would, as `kubectl diff` prints it.
    difference: String,
}

/// A release, or what one had of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Released {
    /// What it is called.
    release: String,
    hash: Digest,
    created: Timestamp,
    author: String,
    commit: Option<String>,
    overrides: Vec<String>,
    tool: String,
    /// The release since which the output of the tenant is as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Change {
    name: String,
    change: Kind,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Added,
    Changed,
    Removed,
}

impl Status {
    /// Where an environment stands, or one tenant of it. `now` is what the workspace makes of it, with the overrides of the
    /// newest release.
    pub(crate) fn of(
        ledger: &Ledger,
        tenant: Option<&str>,
        now: &Drafted,
        due: Vec<Due>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let newest = ledger.newest(diagnostics)?;
        let then = newest.and_then(Sealed::release);
        let (inputs, output) = then.map(|then| compared(then, now.release(), tenant)).unwrap_or_default();
        let released = newest.zip(then).map(|(sealed, release)| released(ledger, sealed, release, tenant));
        let environment = ledger.environment().to_owned();
        Ok(Self { environment, tenant: tenant.map(str::to_owned), released, inputs, output, due, cluster: None })
    }

    /// The same with what the cluster says; nothing: it has what was compiled.
    pub(crate) fn with_cluster(self, difference: Option<String>) -> Self {
        let cluster = Cluster { differs: difference.is_some(), difference: difference.unwrap_or_default() };
        Self { cluster: Some(cluster), ..self }
    }

    /// Whether the output, or the cluster if it was asked, is not what is released.
    pub(crate) fn has_changed(&self) -> bool {
        let cluster = self.cluster.as_ref().is_some_and(|cluster| cluster.differs);
        self.released.is_none() || !self.output.is_empty() || cluster
    }

    /// One document for programs.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn released(ledger: &Ledger, sealed: &Sealed, release: &Release, tenant: Option<&str>) -> Released {
    let entry = sealed.entry();
    Released {
        release: ledger.called(sealed),
        hash: *sealed.hash(),
        created: entry.created,
        author: entry.author.name.clone(),
        commit: release.source.as_ref().map(|source| source.commit.clone()),
        overrides: release.overrides.clone(),
        tool: entry.tool.clone(),
        since: tenant.and_then(|tenant| since(ledger, sealed, tenant)),
    }
}

/// The earliest of the releases, without a gap, that have of a tenant what the newest one has.
fn since(ledger: &Ledger, newest: &Sealed, tenant: &str) -> Option<String> {
    let of = |sealed: &Sealed| made(sealed.release()?, tenant).map(|made| made.files.clone());
    let now = of(newest)?;
    let releases = ledger.history(newest).into_iter().rev().filter(|sealed| sealed.release().is_some());
    releases.take_while(|sealed| of(sealed).as_ref() == Some(&now)).last().map(|sealed| ledger.called(sealed))
}

fn made<'r>(release: &'r Release, target: &str) -> Option<&'r Made> {
    release.targets.iter().find(|made| made.target == target)
}

/// What differs: inputs, and targets.
fn compared(then: &Release, now: &Release, tenant: Option<&str>) -> (Vec<Change>, Vec<Change>) {
    let is_wanted = |target: &str| tenant.is_none_or(|tenant| tenant == target);
    let output = |release: &'_ Release| -> BTreeMap<String, String> {
        let wanted = release.targets.iter().filter(|made| is_wanted(&made.target));
        // Whatever a target has is in its files and in what is withheld.
        let said = |made: &Made| serde_json::to_string(made).unwrap_or_default();
        wanted.map(|made| (named(&made.target), said(made))).collect()
    };
    let inputs = |release: &Release| -> BTreeMap<String, String> {
        release.inputs.iter().map(|(name, digest)| (name.clone(), digest.hex())).collect()
    };
    let mut files = changes(&inputs(then), &inputs(now));
    if tenant.is_some() {
        // Of the files of other tenants none was read.
        files.retain(|file| file.change != Kind::Removed);
    }
    (files, changes(&output(then), &output(now)))
}

/// The name of a target for people.
fn named(target: &str) -> String {
    if target == ENVIRONMENT { "the environment itself".to_owned() } else { target.to_owned() }
}

fn changes(then: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<Change> {
    let of = |name: &String| {
        let change = match (then.get(name), now.get(name)) {
            (Some(then), Some(now)) if then == now => return None,
            (Some(_), Some(_)) => Kind::Changed,
            (None, _) => Kind::Added,
            (_, None) => Kind::Removed,
        };
        Some(Change { name: name.clone(), change })
    };
    let mut changes: Vec<Change> = then.keys().chain(now.keys()).filter_map(of).collect();
    changes.sort();
    changes.dedup();
    changes
}
