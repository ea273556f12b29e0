//! Who makes a release.
//!
//! In go the variables of a CI system and what git was told, out comes an [`Author`]. The account on this machine is
//! never asked: on a runner it says nothing.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, code};
use crate::world::{World, identity};

/// The variable that comes before all others: `Ada Lovelace <ada@example.com>`.
const VARIABLE: &str = "TENANTCTL_AUTHOR";

/// Who makes a release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// A name, or the login of a CI system.
    pub name: String,
    /// An address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The address of the run that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

impl Author {
    /// Who it is, by `TENANTCTL_AUTHOR`, the variables of GitHub Actions and GitLab, or git's `user.name` in the directory of the
    /// workspace.
    pub fn find(world: &dyn World, root: &Path) -> Result<Self, Box<Diagnostic>> {
        let said = |name: &str| world.variable(name);
        if let Some(text) = said(VARIABLE) {
            return Self::read(&text).ok_or_else(|| {
                Diagnostic::new(code::AUTHOR, format!("{VARIABLE} names nobody"))
                    .help(format!("write {VARIABLE}='Ada Lovelace <ada@example.com>'"))
                    .into()
            });
        }
        if let Some(name) = said("GITHUB_ACTOR") {
            let parts = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map(said);
            let run = if let [Some(server), Some(repository), Some(run)] = parts {
                Some(format!("{server}/{repository}/actions/runs/{run}"))
            } else {
                None
            };
            return Ok(Self { name, email: None, run });
        }
        if let Some(name) = said("GITLAB_USER_LOGIN") {
            return Ok(Self { name, email: said("GITLAB_USER_EMAIL"), run: said("CI_JOB_URL") });
        }
        let known = identity(root).map(|known| Self { name: known.name, email: known.email, run: None });
        known.ok_or_else(|| {
            Diagnostic::new(code::AUTHOR, "a release says who made it, and nothing here says who that is")
                .help(format!("`git config user.name` and `user.email` say it, or {VARIABLE}='Ada <ada@example.com>'"))
                .into()
        })
    }

    /// `Name` or `Name <address>`.
    fn read(text: &str) -> Option<Self> {
        let (name, email) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, email)) => (name.trim(), Some(email.trim().to_owned())),
            None => (text.trim(), None),
        };
        let email = email.filter(|email| !email.is_empty());
        (!name.is_empty()).then(|| Self { name: name.to_owned(), email, run: None })
    }
}

impl std::fmt::Display for Author {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.email.iter().try_for_each(|email| write!(f, " <{email}>"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    fn found(variables: &[(&str, &str)]) -> String {
        let world = variables.iter().fold(Memory::new(), |world, (name, value)| world.with_variable(name, value));
        // No git works in a directory that is not there.
        let author = Author::find(&world, Path::new("/does/not/exist"));
        author.map_or_else(|wrong| wrong.code.to_string(), |author| format!("{author} {:?}", author.run))
    }

    #[test]
    fn the_nearest_to_know_says_who_it_is() {
        let github = [
            ("GITHUB_ACTOR", "octocat"),
            ("GITHUB_SERVER_URL", "https://git.example"),
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_RUN_ID", "42"),
        ];
        assert_eq!(found(&github), "octocat Some(\"https://git.example/a/b/actions/runs/42\")");
        assert_eq!(found(&[("GITLAB_USER_LOGIN", "ada"), ("GITLAB_USER_EMAIL", "a@b.c")]), "ada <a@b.c> None");
        assert_eq!(found(&[("TENANTCTL_AUTHOR", "Ada L <a@b.c>"), ("GITHUB_ACTOR", "x")]), "Ada L <a@b.c> None");
        assert_eq!(found(&[("TENANTCTL_AUTHOR", "Ada")]), "Ada None");
        assert_eq!(found(&[("TENANTCTL_AUTHOR", " <a@b.c>")]), "TC715");
        assert_eq!(found(&[("USER", "root"), ("LOGNAME", "root")]), "TC715");
    }
}
