//! Manifests that tenantctl did not make, as arguments of `validate`.

use std::sync::Arc;

use anyhow::bail;
use clap::Args;

use super::Global;
use super::against::Against;
use super::scope::Scope;
use super::session::Session;
use crate::diagnostic::{Code, Diagnostics, Failed, Levels, Severity, count};
use crate::foreign::{self, Foreign, Premises};
use crate::source::Sources;
use crate::workspace::Workspace;

/// How manifests from files are checked.
#[derive(Clone, Debug, Args)]
pub(super) struct Manifests {
    /// Of manifests: the namespace of objects that name none
    #[arg(long, short = 'n', value_name = "NAME", default_value = "default", help_heading = "Manifests")]
    namespace: String,
    /// Of manifests: the files are all there is; what is not among them is an error, and so is an object that is there
    /// twice
    #[arg(long, help_heading = "Manifests")]
    complete: bool,
    /// Of manifests: another severity for a code, such as TC515=ignore (repeatable)
    #[arg(long, value_name = "CODE=SEVERITY", value_parser = severity, help_heading = "Manifests")]
    severity: Vec<(Code, Option<Severity>)>,
}

/// What arguments name.
pub(super) enum Named {
    /// An environment, or none.
    Environment(Option<String>),
    /// Files.
    Files(Session),
}

impl Manifests {
    /// Tells environments from files; both together, or several environments, are no way to ask.
    pub(super) fn named(&self, named: &[String], scope: &Scope, global: &Global) -> anyhow::Result<Named> {
        let session = Session::find(global)?;
        let mut environments = None;
        let mut is_file = |argument: &String| {
            foreign::is_spelled_like_file(argument)
                || (foreign::is_file(argument, session.world())
                    && !environments.get_or_insert_with(|| environments_of(&session)).contains(argument))
        };
        let (files, others): (Vec<&String>, Vec<&String>) = named.iter().partition(|argument| is_file(argument));
        match (files.as_slice(), others.as_slice()) {
            ([], []) if self.is_used() => bail!("name files with manifests, or `-` for standard input"),
            ([], _) if self.is_used() => bail!("--namespace, --complete and --severity are for files with manifests"),
            ([], [_, second, ..]) => {
                bail!("one environment can be checked, or all of them: `{second}` is one too many")
            }
            ([], _) => Ok(Named::Environment(others.first().map(ToString::to_string))),
            ([file, ..], [other, ..]) => {
                bail!("`{file}` is a file and `{other}` is none: name an environment or files with manifests, not both")
            }
            (_, []) if scope.is_used(session.world()) => {
                bail!("what chooses tenants and layers is for environments: files with manifests are checked whole")
            }
            (_, []) => Ok(Named::Files(session)),
        }
    }

    fn is_used(&self) -> bool {
        self.complete || self.namespace != "default" || !self.severity.is_empty()
    }

    /// Checks files.
    pub(super) fn run(&self, session: &Session, named: &[String], against: &Against) -> anyhow::Result<u8> {
        if session.root().is_none() {
            return session.with_levels(self.levels(&Levels::new()), |diagnostics| {
                let kubernetes = against.kubernetes(session, diagnostics)?;
                self.check(session, named, Premises::new(&kubernetes), diagnostics).map(Ok)
            });
        }
        let mut diagnostics = Diagnostics::new();
        let workspace = Workspace::find(session.world(), &session.sources, &mut diagnostics);
        let Ok(workspace) = workspace.and_then(|workspace| against.apply(workspace, &mut diagnostics)) else {
            return session.finish(&diagnostics);
        };
        session.with_levels(self.levels(&workspace.levels()), |diagnostics| {
            self.check(session, named, Premises::of(&workspace), diagnostics).map(Ok)
        })
    }

    fn check(
        &self,
        session: &Session,
        named: &[String],
        mut premises: Premises<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        premises.namespace = self.namespace.as_str().into();
        premises.complete = self.complete;
        let foreign = Foreign::read(named, session.world(), &session.sources, diagnostics);
        let (objects, files) = (count(foreign.objects(), "object"), count(foreign.files(), "file"));
        foreign.check(&premises, &session.sources, diagnostics)?;
        diagnostics.all_clear()?;
        session
            .console
            .remark(&format!("valid: {objects} in {files}, for Kubernetes {}", premises.kubernetes.version()));
        Ok(())
    }

    fn levels(&self, of_workspace: &Levels) -> Arc<Levels> {
        let mut levels = of_workspace.clone();
        levels.extend(self.severity.iter().copied());
        Arc::new(levels)
    }
}

/// The names and aliases of the environments there are.
fn environments_of(session: &Session) -> Vec<String> {
    let (sources, mut ignored) = (Sources::default(), Diagnostics::new());
    // What is wrong with the workspace is said when it is used.
    let Ok(workspace) = Workspace::find(session.world(), &sources, &mut ignored) else { return Vec::new() };
    let names = |name: &Arc<str>| {
        let aliases = workspace.aliases(name).iter().map(ToString::to_string).collect::<Vec<_>>();
        std::iter::once(name.to_string()).chain(aliases)
    };
    workspace.environments().flat_map(names).collect()
}

fn severity(text: &str) -> Result<(Code, Option<Severity>), String> {
    let (code, word) = text.split_once('=').ok_or("write a code and a severity, such as TC515=ignore")?;
    let code = Code::parse(code).ok_or_else(|| format!("there is no code `{code}`"))?;
    if !code.can_be_lowered() {
        return Err(format!("{code} cannot have another severity"));
    }
    let level = code.level(word).ok_or_else(|| format!("a severity of {code} is {}", code.levels()))?;
    Ok((code, level))
}
