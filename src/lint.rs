//! What a workspace says without effect: keys nobody reads, values that change nothing, files nobody names, and what is
//! about to end.
//!
//! In goes a workspace that is valid, out comes an [`Answer`]: findings, each at the line to look at, and of those that
//! restate a value what [`Fix`] takes out. All environments are looked at whichever is asked for, since a value of a
//! shared file is idle only if it is idle everywhere; the environments that are named choose which findings are told.
//! One file for each kind of finding; none of them compiles anything, they read what `survey` saw.

mod cut;
mod ending;
mod file;
mod fix;
mod idle;
mod lost;
mod restated;
mod setting;
mod survey;
#[cfg(test)]
mod tests;
mod unread;
mod unused;

pub use fix::{Fix, Refused, Removed};

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Failed};
use crate::duration::Duration;
use crate::path::Path;
use crate::template::{Mentions, Scan, Scope, Templates};
use crate::workspace::Workspace;

use self::setting::Seen;
use self::survey::Survey;

/// What ends within so many days is said to end soon, unless somebody says otherwise.
const SOON: i64 = 30;

/// What is asked of a workspace that is valid.
#[derive(Debug)]
pub struct Question<'a> {
    /// The workspace.
    pub workspace: &'a Workspace<'a>,
    /// Its templates.
    pub templates: &'a Templates,
    /// Names of the environments whose findings are told; none for all.
    pub environments: &'a [Arc<str>],
    /// What ends within so long is said to end soon; else what the settings say, else 30 days.
    pub within: Option<Duration>,
}

/// What was found.
pub struct Answer<'a> {
    question: Question<'a>,
    survey: Survey,
    findings: Vec<Finding>,
}

/// One finding.
struct Finding {
    diagnostic: Diagnostic,
    /// The value that can be taken out of its file.
    removes: Option<Removes>,
}

/// A value that changes nothing: the file and the path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Removes {
    file: Arc<str>,
    path: Path,
}

impl From<Diagnostic> for Finding {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostic, removes: None }
    }
}

/// What the kinds of findings look at.
struct Scene<'a> {
    question: &'a Question<'a>,
    survey: &'a Survey,
    scan: &'a Scan,
    /// What templates could read, by themselves and through expressions.
    mentions: Mentions,
    /// What ends within so many days ends soon.
    days: i64,
}

impl<'a> Question<'a> {
    /// The answer. Records what is wrong with overrides, which nobody has compiled yet.
    pub fn answer(self, diagnostics: &mut Diagnostics) -> Result<Answer<'a>, Failed> {
        let own = self.templates.names(Scope::Environment).next().is_some();
        let survey = Survey::new(self.workspace, own, diagnostics)?;
        let scan = self.templates.scan(self.workspace.sources());
        let within = self.within.or(self.workspace.lint().within);
        let days = within.map_or(SOON, |within| i64::try_from(within.nanoseconds() / DAY).unwrap_or(i64::MAX));
        let mentions = unread::mentions(&scan, &survey);
        let scene = Scene { question: &self, survey: &survey, scan: &scan, mentions, days };
        let mut findings = Vec::new();
        findings.extend(unread::find(&scene));
        findings.extend(restated::find(&scene));
        findings.extend(lost::find(&scene));
        findings.extend(idle::find(&scene));
        findings.extend(ending::find(&scene));
        findings.extend(file::find(&scene));
        findings.extend(unused::find(&scene));
        let sources = self.workspace.sources();
        findings.sort_by_cached_key(|finding: &Finding| {
            let primary = finding.diagnostic.primary.as_ref();
            let place = primary.map(|label| (Arc::clone(sources.get(label.place.file).name()), label.place.start));
            (place, finding.diagnostic.code, finding.diagnostic.message.clone())
        });
        Ok(Answer { question: self, survey, findings })
    }
}

/// Nanoseconds of a day.
const DAY: i128 = 86_400_000_000_000;

impl Answer<'_> {
    /// The findings, by file and place.
    pub fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.findings.iter().map(|finding| &finding.diagnostic)
    }

    /// Number of targets that were merged, those with overrides included.
    pub fn targets(&self) -> usize {
        self.survey.targets.len()
    }

    /// Number of files that are layers of a target.
    pub fn files(&self) -> usize {
        self.survey.files.len()
    }
}

impl Scene<'_> {
    /// Whether all environments are asked for, and with them what is of none.
    fn is_whole(&self) -> bool {
        self.question.environments.is_empty()
    }

    /// Whether an environment is asked for.
    fn wants(&self, environment: &str) -> bool {
        self.is_whole() || self.question.environments.iter().any(|wanted| wanted.as_ref() == environment)
    }

    /// The files that are layers in an environment that is asked for.
    fn files(&self) -> impl Iterator<Item = &Arc<Seen>> {
        let wanted = |seen: &&Arc<Seen>| seen.roles().keys().any(|role| self.wants(&role.environment));
        self.survey.files.iter().filter(wanted)
    }

    /// Whether the settings leave a finding alone.
    fn allows(&self, code: Code, file: &str, path: Option<&Path>) -> bool {
        self.question.workspace.lint().allow.iter().any(|allowance| allowance.covers(code, file, path))
    }
}

impl std::fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("question", &self.question).finish_non_exhaustive()
    }
}
