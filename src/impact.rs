//! What a change of the workspace does to all tenants: what differs between two revisions, by what it puts at risk, with
//! the line that made it.
//!
//! In go two workspaces, out comes an [`Impact`]; one file per format turns it into text. It judges by the rules of
//! the Kubernetes API only, and does not ask a cluster.

mod cause;
pub mod json;
pub mod markdown;
pub mod text;

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use crate::diagnostic::{Diagnostics, Failed};
use crate::diff::report::sections;
use crate::diff::{Comparison, Group, Report, Risk, Section, Subject, group};
use crate::pipeline::Watch;
use crate::workspace::{Selection, Workspace};

/// What a change of the workspace does.
#[derive(Debug)]
pub struct Impact {
    /// The older revision.
    pub before: String,
    /// The newer revision, or the work tree.
    pub after: String,
    /// Environments in the order of the settings, those that are gone last.
    pub environments: Vec<Affected>,
}

/// What it does in one environment.
#[derive(Debug)]
pub struct Affected {
    /// Name of the environment.
    pub environment: String,
    /// What differs.
    pub report: Report,
}

/// What the same targets have in common of one class of risk.
#[derive(Debug)]
pub struct Effect {
    /// The class.
    pub risk: Risk,
    /// The changes and who has them.
    pub section: Section,
    /// Whether more targets have other changes of the same fields.
    pub outliers: bool,
}

/// What is asked.
pub struct Question<'a> {
    /// The older workspace.
    pub older: &'a Workspace<'a>,
    /// The newer workspace.
    pub newer: &'a Workspace<'a>,
    /// Names of environments; none for all.
    pub environments: &'a [String],
    /// Who is told how far it has come.
    pub watch: Option<&'a dyn Watch>,
}

impl Question<'_> {
    /// The answer. Findings of the older workspace go to `found`.
    pub fn answer(
        &self,
        [before, after]: [&str; 2],
        found: &mut Diagnostics,
        diagnostics: &mut Diagnostics,
    ) -> Result<Impact, Failed> {
        let mut names: IndexSet<Arc<str>> = IndexSet::new();
        for name in self.environments {
            names.insert(Arc::clone(self.newer.environment(name, diagnostics)?));
        }
        if names.is_empty() {
            names.extend(self.newer.environments().chain(self.older.environments()).cloned());
        }
        let mut environments = Vec::with_capacity(names.len());
        let mut failed = None;
        for environment in names {
            // What is wrong with one environment does not hide what is wrong with the next.
            match self.environment(&environment, [before, after], found, diagnostics) {
                Ok(report) => environments.push(Affected { environment: environment.to_string(), report }),
                Err(error) => failed = Some(error),
            }
        }
        let (before, after) = (before.to_owned(), after.to_owned());
        failed.map_or(Ok(Impact { before, after, environments }), Err)
    }

    fn environment(
        &self,
        environment: &str,
        [before, after]: [&str; 2],
        found: &mut Diagnostics,
        diagnostics: &mut Diagnostics,
    ) -> Result<Report, Failed> {
        let has = |workspace: &Workspace<'_>| workspace.environments().any(|name| name.as_ref() == environment);
        let alone = |only_before, only_after| Report {
            before: before.to_owned(),
            after: after.to_owned(),
            only_before,
            only_after,
            targets: Vec::new(),
            sections: Vec::new(),
        };
        if !has(self.older) {
            return Ok(alone(Vec::new(), self.newer.tenants(environment, diagnostics)?));
        }
        if !has(self.newer) {
            return Ok(alone(self.older.tenants(environment, found)?, Vec::new()));
        }
        let comparison = Comparison {
            workspace: self.newer,
            selection: Selection { environment: environment.to_owned(), ..Selection::default() },
            files: &[],
            sets: &[],
            judged: true,
            watch: self.watch,
        };
        comparison.with_workspace(self.older, before.to_owned(), found, diagnostics, |fleets, mut report| {
            cause::find(fleets, &mut report);
            Report { after: after.to_owned(), ..report }
        })
    }
}

impl Impact {
    /// The worst class of risk; `None` without any change.
    pub fn worst(&self) -> Option<Risk> {
        self.environments.iter().filter_map(Affected::worst).max()
    }
}

impl Affected {
    /// The worst class of risk; `None` without any change. The objects of a tenant that is gone are deleted.
    pub fn worst(&self) -> Option<Risk> {
        let gone = (!self.report.only_before.is_empty()).then_some(Risk::Deleted);
        let new = (!self.report.only_after.is_empty()).then_some(Risk::None);
        let changes = self.report.sections.iter().flat_map(|section| &section.groups).map(|group| group.risk);
        changes.chain(gone).chain(new).max()
    }

    /// The effects, the worst first; of one class those with most targets first. `condensed` as in
    /// [`Report::condensed`].
    pub fn effects(&self, condensed: bool) -> Vec<Effect> {
        let all = if condensed { self.report.condensed() } else { self.report.sections.clone() };
        let groups = || all.iter().flat_map(|section| &section.groups);
        let caused: IndexSet<_> =
            groups().filter_map(|group| group.cause.as_ref()).map(|cause| &cause.origin).collect();
        // What explains another change is said there.
        let told = |group: &Group| {
            matches!(group.change.subject, Subject::Configuration)
                && [&group.before, &group.after].into_iter().flatten().any(|origin| caused.contains(origin))
        };
        let mut classes: IndexMap<Risk, Vec<Group>> = Risk::ALL.iter().map(|risk| (*risk, Vec::new())).collect();
        for group in groups().filter(|group| !told(group)) {
            classes.entry(group.risk).or_default().push(group.clone());
        }
        let mut effects = Vec::new();
        for (risk, groups) in classes {
            let mut most: IndexMap<_, usize> = IndexMap::new();
            for group in &groups {
                let known = most.entry(group::field(&group.general)).or_default();
                *known = group.targets.len().max(*known);
            }
            let rare =
                |group: &Group| most.get(&group::field(&group.general)).is_some_and(|most| *most > group.targets.len());
            for section in sections(groups) {
                let outliers = section.groups.iter().all(rare);
                effects.push(Effect { risk, section, outliers });
            }
        }
        effects
    }
}
