//! What git says of the directory of a workspace: where it stands, and who works there.

use std::path::Path;

use super::revision::Git;

/// Where a work tree stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The commit.
    pub commit: String,
    /// Whether files differ from it.
    pub dirty: bool,
    /// The branch, if one is checked out.
    pub branch: Option<String>,
}

/// Where the work tree around a directory stands; `None` outside of one, or without git.
pub fn head(root: &Path) -> Option<Head> {
    let git = Git { root: root.to_owned() };
    let commit = git.ask(&["rev-parse", "--verify", "--quiet", "HEAD"]).ok()?.trim().to_owned();
    let dirty = !git.ask(&["status", "--porcelain", "--", ".", ":(exclude).tenantctl"]).ok()?.trim().is_empty();
    let branch = git.ask(&["symbolic-ref", "--quiet", "--short", "HEAD"]).ok().map(|name| name.trim().to_owned());
    Some(Head { commit, dirty, branch })
}

/// Who works in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `user.name`
    pub name: String,
    /// `user.email`
    pub email: Option<String>,
}

/// Who git was told works here; `None` if it was told nothing, or is not there. The name of the account on this machine
/// is never taken for one.
pub fn identity(root: &Path) -> Option<Identity> {
    let git = Git { root: root.to_owned() };
    let setting = |key| {
        let value = git.ask(&["config", "--get", key]).ok()?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    };
    Some(Identity { name: setting("user.name")?, email: setting("user.email") })
}
