//! What `render ENV -o DIR` does to a directory.

#![expect(clippy::disallowed_methods, reason = "looks at what was written")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::directory::{self, Options};
use super::{Receipt, Text, Tree};
use crate::diagnostic::{Code, Diagnostics, Severity, code};
use tempfile::TempDir;

const INVENTORY: &str = ".tenantctl/inventory.json";

fn tree<'a>(files: &[(&str, &str)]) -> Tree<'a> {
    let files: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), Text::New((*text).to_owned()))).collect();
    Tree {
        environment: "prod",
        overrides: &[],
        tenants: files.len(),
        files,
        complete: true,
        inputs: "blake3:in".into(),
    }
}

/// One tenant `t0`, `t1`, .. each with a manifest.
fn tenants<'a>(numbers: std::ops::Range<usize>) -> Tree<'a> {
    let files = numbers.map(|number| (manifest(number), Text::New(format!("tenant: {number}\n")))).collect();
    Tree { files, ..tree(&[]) }
}

fn manifest(number: usize) -> String {
    format!("prod/t{number}/manifest.yaml")
}

struct Outcome {
    receipt: Option<Receipt>,
    diagnostics: Diagnostics,
}

impl Outcome {
    fn receipt(&self) -> &Receipt {
        self.receipt.as_ref().unwrap_or_else(|| panic!("{:?}", self.diagnostics.items()))
    }

    fn codes(&self) -> Vec<(Code, Severity)> {
        self.diagnostics.items().iter().map(|item| (item.code, item.severity)).collect()
    }

    fn said(&self) -> String {
        self.diagnostics.items().iter().map(|item| item.message.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Failed with one error of this code.
    fn refused(&self, code: Code) {
        assert!(self.receipt.is_none());
        assert_eq!(self.codes(), [(code, Severity::Error)], "{}", self.said());
    }
}

fn run(directory: &Path, tree: &Tree<'_>) -> Outcome {
    with(directory, tree, Options::default())
}

fn with(directory: &Path, tree: &Tree<'_>, options: Options) -> Outcome {
    let mut diagnostics = Diagnostics::new();
    let receipt = directory::write(directory, None, tree, &options, &mut diagnostics).ok();
    assert_eq!(receipt.is_none(), diagnostics.errors() > 0);
    Outcome { receipt, diagnostics }
}

/// Every file below a directory with its text, sorted; the lock is left out.
fn all(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![directory.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("lock") {
                let name = path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn names(directory: &Path) -> Vec<String> {
    all(directory).into_iter().map(|(name, _)| name).filter(|name| name != INVENTORY).collect()
}

fn put(directory: &Path, path: &str, text: &str) -> PathBuf {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_first_run_writes_files_and_an_inventory() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path().join("a/b");
    let outcome = run(&directory, &tree(&[("prod/b/manifest.yaml", "b\n"), ("prod/a/manifest.yaml", "a\n")]));
    assert_eq!(outcome.receipt().written(), ["prod/a/manifest.yaml", "prod/b/manifest.yaml"]);
    assert_eq!(outcome.receipt().tenants(), 2);
    assert!(outcome.codes().is_empty());
    let inventory = format!(
        r#"{{
  "version": 1,
  "environments": {{
    "prod": {{
      "inputs": "blake3:in",
      "files": {{
        "prod/a/manifest.yaml": "{}",
        "prod/b/manifest.yaml": "{}"
      }}
    }}
  }}
}}
"#,
        super::digest(b"a\n"),
        super::digest(b"b\n"),
    );
    let expected = [(INVENTORY, &*inventory), ("prod/a/manifest.yaml", "a\n"), ("prod/b/manifest.yaml", "b\n")]
        .map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(all(&directory), expected);
}

#[test]
fn only_files_whose_bytes_change_are_touched() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path();
    run(directory, &tree(&[("prod/a/m.yaml", "a\n"), ("prod/b/m.yaml", "b\n")]));
    let old = std::time::SystemTime::UNIX_EPOCH;
    for path in ["prod/a/m.yaml", "prod/b/m.yaml", INVENTORY] {
        File::options().write(true).open(directory.join(path)).unwrap().set_modified(old).unwrap();
    }
    let modified = |path: &str| fs::metadata(directory.join(path)).unwrap().modified().unwrap();

    let same = run(directory, &tree(&[("prod/a/m.yaml", "a\n"), ("prod/b/m.yaml", "b\n")]));
    assert!(same.receipt().is_unchanged());
    assert_eq!(modified(INVENTORY), old);

    let changed = run(directory, &tree(&[("prod/a/m.yaml", "a\n"), ("prod/b/m.yaml", "c\n")]));
    assert_eq!((changed.receipt().written(), changed.receipt().unchanged()), (&["prod/b/m.yaml".to_owned()][..], 1));
    assert_eq!(modified("prod/a/m.yaml"), old);
    assert_ne!(modified("prod/b/m.yaml"), old);
    assert_ne!(changed.receipt().digest(), same.receipt().digest());
}

#[cfg(unix)]
#[test]
fn files_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let temporary = TempDir::new().unwrap();
    run(temporary.path(), &tenants(0..1));
    let theirs = put(temporary.path(), "theirs", "").metadata().unwrap().permissions().mode();
    let ours = fs::metadata(temporary.path().join(manifest(0))).unwrap().permissions().mode();
    assert_eq!(ours & 0o777, theirs & 0o644);
}

#[test]
fn what_is_no_longer_made_is_removed_with_empty_folders() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path();
    run(directory, &tenants(0..3));
    put(directory, "prod/t1/notes.txt", "mine");
    let outcome = run(directory, &tenants(0..1));
    assert_eq!(outcome.receipt().removed(), [manifest(1), manifest(2)]);
    assert_eq!(names(directory), [manifest(0), "prod/t1/notes.txt".to_owned()]);
    assert!(!directory.join("prod/t2").exists());
    assert!(!fs::read_to_string(directory.join(INVENTORY)).unwrap().contains("t1"));
}

#[test]
fn a_run_with_a_filter_removes_nothing() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path();
    run(directory, &tenants(0..10));
    let filtered = Tree { complete: false, ..tree(&[("prod/t3/manifest.yaml", "new\n")]) };
    assert_eq!(run(directory, &filtered).receipt().written(), [manifest(3)]);
    assert_eq!(names(directory).len(), 10);
    let inventory = fs::read_to_string(directory.join(INVENTORY)).unwrap();
    assert!(inventory.contains("prod/t9/") && inventory.contains("\"inputs\": null"), "{inventory}");
    // The next full run knows all of them and is surprised by none.
    let full = run(directory, &tenants(0..9));
    assert_eq!((full.receipt().written(), full.receipt().removed()), (&[manifest(3)][..], &[manifest(9)][..]));
    assert!(full.codes().is_empty());
}

#[test]
fn many_tenants_are_removed_only_when_asked_for() {
    for (before, after, refused) in [(6, 1, false), (6, 0, true), (100, 90, false), (100, 89, true), (50, 45, false)] {
        let temporary = TempDir::new().unwrap();
        let directory = temporary.path();
        run(directory, &tenants(0..before));
        let was = all(directory);
        let mut next = tenants(0..after);
        next.files.push(("prod/new/manifest.yaml".to_owned(), Text::New("new\n".to_owned())));
        let outcome = run(directory, &next);
        assert_eq!(outcome.receipt.is_none(), refused, "{before} to {after}");
        if refused {
            outcome.refused(code::PRUNE_REFUSED);
            assert!(
                outcome.said().starts_with(&format!("{} of {before} tenants", before - after)),
                "{}",
                outcome.said()
            );
            assert_eq!(all(directory), was);
            let outcome = with(directory, &next, Options { prune_all: true, ..Options::default() });
            assert_eq!(outcome.receipt().removed().len(), before - after);
        }
    }
}

#[test]
fn files_edited_by_hand_are_spoken_of() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path();
    run(directory, &tenants(0..3));
    put(directory, &manifest(0), "edited");
    put(directory, &manifest(2), "edited");

    let warning = [(code::EDITED, Severity::Warning); 2];
    let outcome = run(directory, &tenants(0..2));
    assert_eq!(outcome.codes(), warning);
    assert!(outcome.said().contains("t0/manifest.yaml was edited by hand; rendering overwrites the edit"));
    assert!(outcome.said().contains("t2/manifest.yaml is no longer made, but it was edited by hand; it is kept"));
    assert_eq!(outcome.receipt().written(), [manifest(0)]);
    assert_eq!((outcome.receipt().kept(), outcome.receipt().removed().len()), (&[manifest(2)][..], 0));
    assert_eq!(fs::read_to_string(directory.join(manifest(0))).unwrap(), "tenant: 0\n");
    assert_eq!(fs::read_to_string(directory.join(manifest(2))).unwrap(), "edited");

    // It is not forgotten until somebody removes it.
    assert_eq!(run(directory, &tenants(0..2)).codes().len(), 1);
    fs::remove_file(directory.join(manifest(2))).unwrap();
    let outcome = run(directory, &tenants(0..2));
    assert!(outcome.codes().is_empty() && outcome.receipt().is_unchanged());
    assert!(!fs::read_to_string(directory.join(INVENTORY)).unwrap().contains("t2"));
}

#[test]
fn files_of_others_are_not_overwritten() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path();
    put(directory, &manifest(0), "tenant: 0\n");
    let theirs = put(directory, &manifest(1), "theirs");
    let was = all(directory);
    run(directory, &tenants(0..3)).refused(code::EDITED);
    assert_eq!(all(directory), was);
    // One with the right bytes is taken over without a word.
    fs::remove_file(theirs).unwrap();
    let outcome = run(directory, &tenants(0..3));
    assert_eq!((outcome.receipt().unchanged(), outcome.receipt().written().len()), (1, 2));
    assert_eq!(run(directory, &tenants(1..3)).receipt().removed(), [manifest(0)]);
}

#[test]
fn environments_and_overrides_do_not_touch_each_other() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path();
    run(directory, &tenants(0..2));
    let overrides = [Arc::from("high_availability")];
    let over = Tree {
        overrides: &overrides,
        files: vec![("prod+high_availability/t0/manifest.yaml".to_owned(), Text::New("x\n".to_owned()))],
        ..tree(&[])
    };
    run(directory, &over).receipt();
    let dev = Tree { environment: "dev", ..tree(&[("dev/t0/manifest.yaml", "y\n")]) };
    run(directory, &dev).receipt();
    assert_eq!(names(directory).len(), 4);
    // An environment that makes nothing any more is forgotten, the others stay.
    run(directory, &Tree { environment: "dev", ..tree(&[]) }).receipt();
    assert_eq!(names(directory).len(), 3);
    let inventory = fs::read_to_string(directory.join(INVENTORY)).unwrap();
    assert!(inventory.contains("\"prod+high_availability\": {") && !inventory.contains("dev"), "{inventory}");
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for path in ["prod/../../x", "../x", "/x", "dev/a/m.yaml", "prod", ".tenantctl/inventory.json", "prod//x"] {
        let temporary = TempDir::new().unwrap();
        run(&temporary.path().join("out"), &tree(&[("prod/a/m.yaml", "a"), (path, "x")])).refused(code::CANNOT_WRITE);
        assert!(names(temporary.path()).is_empty(), "{path}");
    }
    let temporary = TempDir::new().unwrap();
    run(temporary.path(), &tree(&[("prod/a", "1"), ("prod/a", "2")])).refused(code::CANNOT_WRITE);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_are_not_followed() {
    use std::os::unix::fs::symlink;
    let temporary = TempDir::new().unwrap();
    let elsewhere = temporary.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let secret = put(&elsewhere, "secret", "secret");
    for link in ["prod", "prod/t0", ".tenantctl"] {
        let directory = temporary.path().join(link.replace('/', "-"));
        fs::create_dir_all(directory.join(link).parent().unwrap()).unwrap();
        symlink(&elsewhere, directory.join(link)).unwrap();
        let outcome = run(&directory, &tenants(0..2));
        outcome.refused(code::CANNOT_WRITE);
        assert!(outcome.said().contains("leads out"), "{}", outcome.said());
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
    }
    // In place of a file of ours: the link goes, what it points at stays.
    let directory = temporary.path().join("file");
    run(&directory, &tenants(0..1));
    fs::remove_file(directory.join(manifest(0))).unwrap();
    symlink(&secret, directory.join(manifest(0))).unwrap();
    assert_eq!(run(&directory, &tenants(0..1)).codes(), [(code::EDITED, Severity::Warning)]);
    assert!(!directory.join(manifest(0)).is_symlink());
    assert_eq!(fs::read_to_string(secret).unwrap(), "secret");
    // A link that stays inside is the user's own arrangement.
    let directory = temporary.path().join("within");
    fs::create_dir_all(directory.join("real")).unwrap();
    symlink("real", directory.join("prod")).unwrap();
    run(&directory, &tenants(0..1)).receipt();
    assert!(directory.join("real/t0/manifest.yaml").is_file());
}

#[test]
fn two_runs_do_not_write_at_once() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path();
    run(directory, &tenants(0..1));
    let lock = File::options().write(true).open(directory.join(".tenantctl/lock")).unwrap();
    lock.lock().unwrap();
    let was = all(directory);
    run(directory, &tenants(0..2)).refused(code::OUTPUT_LOCKED);
    assert_eq!(all(directory), was);
    drop(lock);
    run(directory, &tenants(0..2)).receipt();
}

#[test]
fn a_damaged_inventory_stops_everything() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path();
    run(directory, &tenants(0..2));
    for damage in
        ["", "{", "{\"version\":1,\"environments\":{\"prod\":{\"inputs\":null,\"files\":{\"prod/../x\":\"\"}}}}"]
    {
        put(directory, INVENTORY, damage);
        let was = all(directory);
        run(directory, &tenants(0..1)).refused(code::INVENTORY);
        assert_eq!(all(directory), was);
    }
}

#[test]
fn a_system_that_refuses_is_reported_with_the_path() {
    let temporary = TempDir::new().unwrap();
    let file = put(temporary.path(), "file", "");
    run(&file, &tenants(0..1)).refused(code::CANNOT_WRITE);
    run(&file.join("below"), &tenants(0..1)).refused(code::CANNOT_WRITE);

    let directory = temporary.path().join("out");
    put(&directory, "prod/t1", "a file where a directory must be");
    let was = names(&directory);
    let outcome = run(&directory, &tenants(0..3));
    outcome.refused(code::CANNOT_WRITE);
    assert!(outcome.said().contains("out/prod/t1/manifest.yaml: "), "{}", outcome.said());
    assert_eq!(names(&directory), was);

    let directory = temporary.path().join("other");
    fs::create_dir_all(directory.join(manifest(0))).unwrap();
    run(&directory, &tenants(0..1)).refused(code::CANNOT_WRITE);
}

#[test]
fn a_run_after_an_interrupted_one_goes_on_from_there() {
    let temporary = TempDir::new().unwrap();
    let directory = temporary.path();
    run(directory, &tenants(0..2));
    let before = fs::read_to_string(directory.join(INVENTORY)).unwrap();
    // A run that changed t0, made t5 and was to make t6, killed before its inventory was in place.
    let changed = tree(&[(&manifest(0), "new\n"), (&manifest(5), "five\n"), (&manifest(6), "six\n")]);
    run(directory, &changed).receipt();
    fs::rename(directory.join(INVENTORY), directory.join(".tenantctl/pending.json")).unwrap();
    put(directory, INVENTORY, &before);
    fs::remove_file(directory.join(manifest(6))).unwrap();
    put(directory, &manifest(1), "tenant: 1\n");

    let dev = Tree { environment: "dev", ..tree(&[("dev/t0/manifest.yaml", "y\n")]) };
    assert!(run(directory, &dev).codes().is_empty());
    let outcome = run(directory, &tenants(0..1));
    assert!(outcome.codes().is_empty(), "{}", outcome.said());
    assert_eq!(outcome.receipt().written(), [manifest(0)]);
    assert_eq!(outcome.receipt().removed(), [manifest(1), manifest(5)]);
    assert_eq!(names(directory), ["dev/t0/manifest.yaml".to_owned(), manifest(0)]);
}
