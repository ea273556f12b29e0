//! The shipped workspace, rendered: a change that alters bytes shows what it does to somebody's cluster.
//!
//! `tests/golden/<environment>/<tenant>/manifest.yaml` is what an environment renders to, with `files/` beside it. An override has files in
//! `tests/golden/<environment>+<override>` only where it differs from its environment. `BLESS=1 cargo test --test
//! golden` writes them.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read and write files and may fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tenantctl::check::Form;
use tenantctl::diagnostic::{Diagnostics, Failed};
use tenantctl::pipeline::{Compiler, Wanted};
use tenantctl::source::Sources;
use tenantctl::workspace::{Selection, Top, Workspace};
use tenantctl::world::Disk;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The files of each tenant, by path in the output; of the environment itself too.
type Tree = BTreeMap<String, String>;

/// Renders every environment, plain and with each of its overrides, by the name of its directory.
fn rendered() -> BTreeMap<String, Tree> {
    let world = Disk::new(Path::new(ROOT)).unwrap();
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let mut all = BTreeMap::new();
    let outcome = (|| {
        let workspace = Workspace::find(&world, &sources, &mut diagnostics)?;
        diagnostics = Diagnostics::with_levels(workspace.levels());
        for environment in workspace.environments() {
            all.insert(environment.to_string(), tree(&workspace, environment, None, &mut diagnostics)?);
            for name in workspace.overrides(environment, &mut diagnostics)? {
                let tree = tree(&workspace, environment, Some(&name), &mut diagnostics)?;
                all.insert(format!("{environment}+{name}"), tree);
            }
        }
        Ok::<_, Failed>(())
    })();
    assert!(outcome.is_ok() && diagnostics.items().is_empty(), "{:#?}", diagnostics.items());
    all
}

fn tree(
    workspace: &Workspace<'_>,
    environment: &str,
    over: Option<&str>,
    diagnostics: &mut Diagnostics,
) -> Result<Tree, Failed> {
    let overrides = over.map(str::to_owned).into_iter().collect();
    let selection = Selection { environment: environment.to_owned(), overrides, ..Selection::default() };
    let targets = workspace.targets(&selection, diagnostics)?;
    let templates = workspace.templates(diagnostics)?;
    let mut tree = Tree::new();
    Compiler::new(workspace, Top::default()).run(
        &templates,
        &Wanted::all(Form::Yaml),
        &targets,
        |document| {
            let owner = document.target().tenant().map_or("_environment", AsRef::as_ref);
            tree.insert(format!("{owner}/manifest.yaml"), document.text().to_owned());
            for (path, text) in document.artifacts() {
                tree.insert(format!("{owner}/files/{path}"), text.to_owned());
            }
        },
        diagnostics,
    )?;
    Ok(tree)
}

/// What is kept of each tree: of an override's what differs from its environment's.
fn kept(all: &BTreeMap<String, Tree>) -> BTreeMap<String, String> {
    let mut kept = BTreeMap::new();
    for (directory, tree) in all {
        let plain = directory.split_once('+').and_then(|(environment, _)| all.get(environment));
        for (path, text) in tree {
            if plain.is_none_or(|plain| plain.get(path) != Some(text)) {
                kept.insert(format!("{directory}/{path}"), text.clone());
            }
        }
    }
    kept
}

/// The golden files there are.
fn golden() -> BTreeMap<String, String> {
    fn walk(folder: &Path, name: &str, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = format!("{name}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), files);
            } else {
                files.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(&Path::new(ROOT).join("tests/golden"), "", &mut files);
    files
}

/// The first lines in which two texts differ.
fn difference(old: &str, new: &str) -> String {
    let lines = old.lines().chain(std::iter::repeat("")).zip(new.lines().chain(std::iter::repeat("")));
    let most = old.lines().count().max(new.lines().count());
    let first = lines.take(most).enumerate().find(|(_, (old, new))| old != new);
    first.map_or_else(String::new, |(line, (old, new))| format!("line {}:\n    - {old}\n    + {new}", line + 1))
}

#[test]
fn the_shipped_workspace_renders_to_the_golden_trees() {
    let all = rendered();
    let (old, new) = (golden(), kept(&all));
    for directory in all.keys().filter(|directory| directory.contains('+')) {
        let changes = new.keys().any(|path| path.starts_with(&format!("{directory}/")));
        assert!(changes, "the override in {directory} changes nothing");
    }
    if std::env::var_os("BLESS").is_some() {
        let folder = Path::new(ROOT).join("tests/golden");
        for path in old.keys().filter(|path| !new.contains_key(*path)) {
            fs::remove_file(folder.join(path)).unwrap();
        }
        for (path, text) in new.iter().filter(|(path, text)| old.get(*path) != Some(*text)) {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        return;
    }
    let gone = old.keys().filter(|path| !new.contains_key(*path)).map(|path| format!("{path}: no longer rendered"));
    let changed = new.iter().filter(|(path, text)| old.get(*path) != Some(*text)).map(|(path, text)| {
        let what = old.get(path).map_or("new".to_owned(), |old| difference(old, text));
        format!("{path}: {what}")
    });
    let said: Vec<String> = gone.chain(changed).collect();
    assert!(said.is_empty(), "BLESS=1 cargo test --test golden takes this over:\n{}", said.join("\n"));
}
