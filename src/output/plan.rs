//! What a run will do to a directory, decided before anything is done.
//!
//! In go what was made, what earlier runs left and what is there now, out comes a [`Plan`] or the reason to do nothing.
//! It reads files through [`Folder`] and changes none.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::folder::{Folder, Found};
use super::inventory::Entry;
use super::{Text, Tree, digest};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, count};
use crate::target::ENVIRONMENT;

/// So many tenants may always go in one run.
const FEW: usize = 5;

/// What to do. Paths are sorted.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    /// Files to write, with their text.
    pub(super) write: Vec<(&'a str, &'a str)>,
    /// Those of them that somebody edited since we wrote them.
    pub(super) edited: Vec<&'a str>,
    /// Number of files that are right already.
    pub(super) unchanged: usize,
    /// Files to remove.
    pub(super) remove: Vec<String>,
    /// Files no longer made that stay, since somebody edited them.
    pub(super) keep: Vec<String>,
    /// Digest of each file of the tree.
    pub(super) digests: BTreeMap<String, String>,
}

/// What stands where a file is to be written.
enum State {
    /// What would be written.
    Right,
    /// Nothing.
    Missing,
    /// What an earlier run wrote.
    Ours,
    /// What somebody made of what an earlier run wrote.
    Edited,
    /// What no run wrote.
    Foreign,
}

/// Whether `path` is made of plain names and lies in `directory`, which is one plain name.
pub(crate) fn is_inside(path: &str, directory: &str) -> bool {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    let mut parts = path.split('/');
    parts.next() == Some(directory) && parts.next().is_some() && path.split('/').all(plain) && directory != ".tenantctl"
}

/// Checks the paths of a tree and sorts its files.
pub(super) fn files<'a>(
    tree: &'a Tree<'_>,
    diagnostics: &mut Diagnostics,
) -> Result<BTreeMap<&'a str, &'a Text>, Failed> {
    let directory = tree.directory();
    let mut files = BTreeMap::new();
    let mark = diagnostics.mark();
    for (path, text) in &tree.files {
        let wrong = if !is_inside(path, &directory) {
            Some(format!("`{path}` is no path in `{directory}`, so it is not written"))
        } else if files.insert(path.as_str(), text).is_some() {
            Some(format!("`{path}` is made twice"))
        } else {
            None
        };
        if let Some(message) = wrong {
            diagnostics.record(Diagnostic::new(code::CANNOT_WRITE, message));
        }
    }
    diagnostics.since(mark).map(|()| files)
}

/// Looks at what is there and decides.
pub(super) fn plan<'a>(
    folder: &Folder,
    tree: &Tree<'_>,
    files: &BTreeMap<&'a str, &'a Text>,
    known: &Entry,
    diagnostics: &mut Diagnostics,
) -> Result<Plan<'a>, Failed> {
    let mark = diagnostics.mark();
    let mut plan = Plan::default();
    let looked: Vec<_> = files
        .par_iter()
        .map(|(path, text)| {
            let mut refused = diagnostics.untargeted();
            let text = match text {
                Text::New(text) => text.as_str(),
                Text::There(digest) => return (*path, "", digest.clone(), Ok(State::Right), refused),
            };
            let found = folder.find(path, &mut refused).map(|found| match &found {
                found if folder.is_right(path, found, text) => State::Right,
                Found::Nothing => State::Missing,
                _ if !known.files.contains_key(*path) => State::Foreign,
                other if is_ours(known, path, other) => State::Ours,
                _ => State::Edited,
            });
            (*path, text, digest(text.as_bytes()), found, refused)
        })
        .collect();
    for (path, text, digest, found, refused) in looked {
        diagnostics.extend(refused);
        plan.digests.insert(path.to_owned(), digest);
        match found? {
            State::Right => {
                plan.unchanged += 1;
                continue;
            }
            // Never lowered to a warning; the other files are looked at all the same.
            State::Foreign => drop(diagnostics.fail(foreign(&folder.shown(path)))),
            State::Edited => plan.edited.push(path),
            State::Missing | State::Ours => {}
        }
        plan.write.push((path, text));
    }
    if tree.complete {
        for path in known.files.keys().filter(|path| !files.contains_key(path.as_str())) {
            let found = folder.find(path, diagnostics)?;
            if found == Found::Nothing {
                continue;
            }
            if is_ours(known, path, &found) { plan.remove.push(path.clone()) } else { plan.keep.push(path.clone()) }
        }
    }
    diagnostics.since(mark).map(|()| plan)
}

/// Whether a file has the bytes we left, or is gone.
fn is_ours(known: &Entry, path: &str, found: &Found) -> bool {
    match found {
        Found::Nothing => true,
        Found::File(bytes) => known.files.get(path).is_some_and(|left| *left == digest(bytes)),
        Found::Other => false,
    }
}

/// A file we never wrote is somebody's work: as git does with untracked files, refuse rather than lose it.
fn foreign(shown: &str) -> Diagnostic {
    let message = format!("{shown} is there already and was not written by tenantctl");
    Diagnostic::new(code::EDITED, message)
        .note("nothing was written")
        .help("move the file away, or name another directory")
        .help("if an earlier run made it and its inventory was lost, remove the file and run again")
}

/// Says which edits will be lost and which keep a file alive. A workspace may make either an error.
pub(super) fn warn(folder: &Folder, plan: &Plan<'_>, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
    let mark = diagnostics.mark();
    for path in &plan.edited {
        let message = format!("{} was edited by hand; rendering overwrites the edit", folder.shown(path));
        diagnostics.record(
            Diagnostic::new(code::EDITED, message)
                .help("tenantctl owns the files it writes: make the change in the configuration or in a template"),
        );
    }
    for path in &plan.keep {
        let message = format!("{} is no longer made, but it was edited by hand; it is kept", folder.shown(path));
        diagnostics.record(
            Diagnostic::new(code::EDITED, message)
                .help("remove it, or move what is worth keeping out of the output directory"),
        );
    }
    diagnostics.since(mark)
}

/// Refuses to remove many tenants at once.
pub(super) fn guard(
    directory: &str,
    plan: &Plan<'_>,
    files: &BTreeMap<&str, &Text>,
    known: &Entry,
    diagnostics: &mut Diagnostics,
) -> Result<(), Failed> {
    let made: BTreeSet<&str> = files.keys().filter_map(|path| tenant(path)).collect();
    let before: BTreeSet<&str> = known.files.keys().filter_map(|path| tenant(path)).collect();
    let gone: BTreeSet<&str> =
        plan.remove.iter().filter_map(|path| tenant(path)).filter(|tenant| !made.contains(tenant)).collect();
    if gone.len() <= FEW.max(before.len() / 10) {
        return Ok(());
    }
    let names: Vec<&str> = gone.iter().copied().take(FEW).collect();
    let others = match gone.len() - names.len() {
        0 => String::new(),
        others => format!(" and {}", count(others, "other")),
    };
    let message = format!("{} of {} tenants would be removed from {directory}", gone.len(), before.len());
    Err(diagnostics.fail(
        Diagnostic::new(code::PRUNE_REFUSED, message)
            .note(format!("{}{others}; nothing was written", names.join(", ")))
            .help("check that the tenants' files are all there, and that this is the right directory")
            .help("if they are to go: --prune-all"),
    ))
}

/// The tenant a path belongs to: its second part.
fn tenant(path: &str) -> Option<&str> {
    path.split('/').nth(1).filter(|name| *name != ENVIRONMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_their_directory() {
        for path in ["prod/a", "prod/acme-corp/manifest.yaml", "prod/..a/b"] {
            assert!(is_inside(path, "prod"), "{path}");
        }
        for path in ["prod", "prod/", "/prod/a", "prod/../a", "prod//a", "prod/./a", "dev/a", "prod/a\\b", "prod/a\0"] {
            assert!(!is_inside(path, "prod"), "{path}");
        }
        assert!(!is_inside(".tenantctl/lock", ".tenantctl"));
        assert!(!is_inside("../a", ".."));
    }
}
