//! Arguments that name files of manifests, and the files of directories among them.

use indexmap::IndexSet;

use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::world::{Unreadable, World};

/// The endings of files that may hold manifests.
const ENDINGS: [&str; 3] = [".yaml", ".yml", ".json"];
/// What marks a directory that `render -o` wrote.
const INVENTORY: &str = ".tenantctl/inventory.json";
/// The only files of manifests there; beside them are files for other programs.
const RENDERED: &str = "manifest.yaml";

/// Whether an argument can be nothing but a file or a directory: `-`, a path, or a name that ends as files do.
pub fn is_spelled_like_file(argument: &str) -> bool {
    argument == "-" || argument.contains('/') || may_hold(argument) || matches!(argument, "." | "..")
}

/// Whether there is a file or a directory by this name.
pub fn is_file(argument: &str, world: &dyn World) -> bool {
    is_spelled_like_file(argument) || !matches!(world.read_argument(argument, 0), Err(Unreadable::Missing))
}

fn may_hold(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The files that arguments name, each once, those of a directory sorted. Records a directory without any.
pub(super) fn files(named: &[String], world: &dyn World, diagnostics: &mut Diagnostics) -> IndexSet<String> {
    let mut files = IndexSet::new();
    for name in named {
        // What cannot be listed is a file, or reading it says why it is none.
        let Some(listed) = (name != "-").then(|| world.list_argument(name).ok()).flatten() else {
            files.insert(name.clone());
            continue;
        };
        let folder = format!("{}/", name.trim_end_matches('/'));
        let below = |file: &str| file.strip_prefix(&folder).unwrap_or(file).to_owned();
        let rendered = listed.iter().any(|file| below(file) == INVENTORY);
        let wanted = |file: &String| {
            let below = below(file);
            // Hidden folders hold what other programs keep, such as git.
            let hidden = below.split('/').any(|part| part.starts_with('.'));
            let own = !rendered || (below.split('/').count() == 3 && below.ends_with(RENDERED));
            !hidden && own && may_hold(&below)
        };
        let before = files.len();
        let found: Vec<String> = listed.into_iter().filter(wanted).collect();
        let none = found.is_empty();
        files.extend(found);
        if none && files.len() == before {
            let message = format!("{name} has no file that ends with .yaml, .yml or .json");
            diagnostics.record(
                Diagnostic::new(code::UNREADABLE, message).help("name a file, or a directory with manifests in it"),
            );
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_spelling() {
        for file in ["-", "a/b", "./x", "deploy.yaml", "x.yml", "x.json", "..", "."] {
            assert!(is_spelled_like_file(file), "{file}");
        }
        for environment in ["prod", "yaml", "production", "a.b"] {
            assert!(!is_spelled_like_file(environment), "{environment}");
        }
    }
}
