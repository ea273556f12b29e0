//! The workspace at a revision, or what is wrong with it.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::world::{Revision, Unversioned, World};

/// Opens the workspace in the directory `root` at a revision; `None` is the workspace inside the program.
pub fn revision<'w>(
    root: Option<&Path>,
    name: &str,
    below: &'w dyn World,
    diagnostics: &mut Diagnostics,
) -> Result<Revision<'w>, Failed> {
    let Some(root) = root else {
        let diagnostic = Diagnostic::new(code::NO_REPOSITORY, "the workspace inside the program has no revisions");
        return Err(diagnostics.fail(diagnostic.help("run it in a clone of a workspace, or name one with `-C DIR`")));
    };
    let world = Revision::open(root, name, below).map_err(|why| diagnostics.fail(unversioned(name, &why)))?;
    if !world.has("tenantctl.yaml") {
        let folder = if world.prefix().is_empty() { "its top folder" } else { world.prefix() };
        let message = format!("the revision {name} has no tenantctl.yaml in {folder}");
        let diagnostic = Diagnostic::new(code::NO_REVISION, message);
        return Err(diagnostics.fail(diagnostic.help("name a revision in which the workspace is where it is now")));
    }
    Ok(world)
}

fn unversioned(name: &str, why: &Unversioned) -> Diagnostic {
    match why {
        Unversioned::NoGit => Diagnostic::new(code::NO_GIT, "there is no program `git`, which revisions are read with")
            .help("install git, or compare with a directory: --against DIR"),
        Unversioned::NoRepository(None) => {
            Diagnostic::new(code::NO_REPOSITORY, "the workspace is in no git repository")
                .help("run it in a clone, or compare with a directory: --against DIR")
        }
        Unversioned::NoRepository(Some(said)) => {
            Diagnostic::new(code::NO_REPOSITORY, format!("git does not read the repository: {said}"))
                .help("`git status` in the workspace says more")
        }
        Unversioned::NoRevision { shallow } => {
            let diagnostic = Diagnostic::new(code::NO_REVISION, format!("git knows no revision `{name}`"));
            if *shallow {
                diagnostic
                    .note("this clone is shallow: it has only the newest commits")
                    .help("fetch what is missing: `git fetch --deepen=100`; in GitHub Actions `fetch-depth: 0`")
            } else {
                diagnostic.help("name a commit, a branch or a tag, such as HEAD~1 or origin/main")
            }
        }
        Unversioned::Failed(said) => Diagnostic::new(code::NO_GIT, format!("git failed: {said}"))
            .help("`git fsck` in the workspace checks the repository"),
    }
}
