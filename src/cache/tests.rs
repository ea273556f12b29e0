use std::io;
use std::sync::{Arc, Mutex};

use indexmap::IndexMap;

use super::*;
use crate::check::{Claims, Content, Document, Form};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::path::Path;
use crate::pipeline::{Compiler, Wanted};
use crate::source::{FileId, Place, Sources};
use crate::target::Target;
use crate::workspace::{Selection, Top, Workspace};
use crate::world::Memory;

pub(super) fn key(byte: u8) -> Key {
    let sources = Sources::default();
    let file = sources.add("f", &byte.to_string());
    Recipe::new(&sources, vec![file], &[], &Wanted::default()).key(&[])
}

fn target(name: &str) -> Arc<Target> {
    Arc::new(Target::new("prod".into(), Some(name.into()), vec!["blue".into()]))
}

fn kept(name: &str, text: &str, found: Vec<Diagnostic>) -> Kept {
    let claims = Claims::kept(target(name), Vec::new(), crate::policy::Share::default());
    let artifacts = vec![("ci/a.yml".into(), Content::new(format!("of {name}")))];
    Kept { claims, document: Document::kept(target(name), 2, Content::new(text.to_owned()), artifacts), found }
}

/// Everything a finding can hold.
fn finding(file: FileId) -> Diagnostic {
    let mut found = Diagnostic::new(code::RANGE, "message ü")
        .at(Place::new(file, 3, 5), "here")
        .also(Place::new(file, 7, 9), "and here")
        .about(Path::from_keys(["a", "b.c", ""]).index(3))
        .note("note")
        .help("help");
    found.severity = crate::diagnostic::Severity::Warning;
    found
}

#[test]
fn an_entry_holds_what_it_was_given() {
    let sources = Sources::default();
    let (other, file) = (sources.add("other", ""), sources.add("f", "0123456789"));
    let batch = [kept("a", "---\na: ü\n", vec![finding(file)]), kept("b", "", Vec::new())];
    let files = vec![other, file];
    let bytes = encode(&batch.each_ref().map(|kept| (kept, files.clone()))).unwrap();
    // In another run the files have other numbers.
    let again = Sources::default();
    let (file, other) = (again.add("f", "0123456789"), again.add("other", ""));
    let targets = [(target("a"), vec![other, file]), (target("b"), vec![other, file])];
    let read = decode(&bytes, &targets).unwrap();
    assert_eq!(read.iter().map(|kept| kept.document.text()).collect::<Vec<_>>(), ["---\na: ü\n", ""]);
    assert_eq!(read[1].document.artifacts().collect::<Vec<_>>(), [("ci/a.yml", "of b")]);
    assert_eq!(read[0].document.objects(), 2);
    assert_eq!(read[0].found, [finding(file)]);
    assert_eq!(read[1].document.target(), &target("b"));
}

#[test]
fn a_finding_about_a_file_that_is_no_input_is_not_kept() {
    let sources = Sources::default();
    let (known, unknown) = (sources.add("known", ""), sources.add("unknown", ""));
    assert!(encode(&[(&kept("a", "", vec![finding(unknown)]), vec![known])]).is_none());
}

#[test]
fn bytes_that_do_not_fit_are_no_entry() {
    let batch = kept("a", "some text", Vec::new());
    let bytes = encode(&[(&batch, Vec::new())]).unwrap();
    let one = [(target("a"), Vec::new())];
    assert!(decode(&bytes, &one).is_some());
    assert!(decode(&bytes, &[]).is_none());
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length], &one).is_none(), "{length}");
    }
    // A size that nobody has memory for.
    assert!(decode(&[0xFF, 0xFF, 0xFF, 0xFF, 0, 0], &one).is_none());
    // Every other byte at every place: no panic.
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x55;
        let _ = decode(&bytes, &one);
    }
}

#[test]
fn a_seal_is_broken_by_any_change() {
    let sealed = Seal::Digest.close(&key(1), b"entry");
    assert_eq!(Seal::Digest.open(&key(1), sealed.clone()), Some(b"entry".to_vec()));
    assert_eq!(Seal::Digest.open(&key(2), sealed.clone()), None);
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(Seal::Digest.open(&key(1), changed), None, "{at}");
        assert_eq!(Seal::Digest.open(&key(1), sealed[..at].to_vec()), None, "{at}");
    }
}

#[test]
fn a_keyed_seal_needs_the_key() {
    let (ours, theirs) = ([1; 32], [2; 32]);
    let sealed = Seal::Keyed(&ours).close(&key(1), b"entry");
    assert!(Seal::Keyed(&ours).open(&key(1), sealed.clone()).is_some());
    assert!(Seal::Keyed(&theirs).open(&key(1), sealed.clone()).is_none());
    assert!(Seal::Digest.open(&key(1), sealed).is_none());
}

#[test]
fn what_is_wanted_is_a_part_of_the_key() {
    let sources = Sources::default();
    let file = sources.add("f", "text");
    let wanted = [
        Wanted::default(),
        Wanted::all(Form::Yaml),
        Wanted::all(Form::Json),
        Wanted { template: Some("a".into()), ..Wanted::all(Form::Yaml) },
        Wanted { kinds: vec!["a".to_owned()], ..Wanted::all(Form::Yaml) },
        Wanted { kinds: vec!["a".to_owned(), "b".to_owned()], ..Wanted::all(Form::Yaml) },
        Wanted { kinds: vec!["ab".to_owned()], ..Wanted::all(Form::Yaml) },
    ];
    let keys: Vec<Key> = wanted.iter().map(|wanted| Recipe::new(&sources, vec![file], &[], wanted).key(&[])).collect();
    for (index, key) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(key), "{index}");
    }
    let same = Wanted { kinds: vec!["A".to_owned()], ..Wanted::all(Form::Yaml) };
    assert_eq!(Recipe::new(&sources, vec![file], &[], &same).key(&[]), keys[4]);
}

#[test]
fn an_exception_that_ended_is_a_part_of_the_key() {
    let sources = Sources::default();
    let key = |ended: &[String]| Recipe::new(&sources, Vec::new(), ended, &Wanted::default()).key(&[]);
    assert_ne!(key(&[]), key(&["0 incident".to_owned()]));
    assert_ne!(key(&["0 a".to_owned(), "1 b".to_owned()]), key(&["0 a".to_owned(), "2 b".to_owned()]));
}

#[test]
fn a_folder_keeps_and_makes_room() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::with_room(root.path(), 4000);
    assert_eq!(folder.get(&key(0)).unwrap(), None);
    for byte in 0..10 {
        folder.put(&key(byte), &[byte; 500]).unwrap();
    }
    assert_eq!(folder.get(&key(3)).unwrap(), Some(vec![3; 500]));
    drop(folder);
    let folder = Folder::with_room(root.path(), 4000);
    let left = (0..10).filter(|byte| folder.get(&key(*byte)).unwrap().is_some()).count();
    assert_eq!(left, 6, "three quarters of the room");
}

#[cfg(unix)]
#[test]
fn a_folder_does_not_follow_a_link_out_of_the_workspace() {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(elsewhere.path(), root.path().join(".tenantctl")).unwrap();
    assert!(Folder::of(root.path()).put(&key(0), b"x").is_err());
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0);
}

/// A store in memory, whose entries a test can damage.
#[derive(Debug, Default)]
pub(super) struct Shelf(pub(super) Mutex<IndexMap<Key, Vec<u8>>>);

impl Store for Shelf {
    fn get(&self, key: &Key) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().insert(*key, bytes.to_vec());
        Ok(())
    }
}

#[test]
fn what_is_damaged_is_missed() {
    let cache = Cache::new(Some(Box::new(Shelf::default())), None);
    assert_eq!(cache.find(&key(1)), None);
    cache.keep(&key(1), b"entry");
    assert_eq!(cache.find(&key(1)), Some(b"entry".to_vec()));
    cache.local.as_ref().unwrap().put(&key(1), b"tenantc1 but not ours").unwrap();
    assert_eq!(cache.find(&key(1)), None);
    assert_eq!(cache.count(), Count { found: 1, missed: 2, ..Count::default() });
}

impl Store for Arc<Shelf> {
    fn get(&self, key: &Key) -> io::Result<Option<Vec<u8>>> {
        self.as_ref().get(key)
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        self.as_ref().put(key, bytes)
    }
}

/// Three tenants with one object each: the text, or what is said.
fn compiled(cache: &Cache) -> Result<String, Vec<String>> {
    let settings = "apiVersion: tenantctl.dev/v1\nkind: Workspace\nenvironments: {dev: {}}\nlayers:\n  - {name: base, \
                    file: base.yml}\n  - {name: tenant, file: \"tenants/{tenant}.yml\"}\n";
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: \"{{ target.tenant }}\"}\ndata: \
                  {a: \"{{ a }}\"}\n";
    let world = Memory::new()
        .file("tenantctl.yaml", settings)
        .file("base.yml", "a: one\n")
        .file("tenants/t1.yml", "")
        .file("tenants/t2.yml", "")
        .file("tenants/t3.yml", "a: two\n")
        .file("templates/tenant/x.yaml.j2", object);
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let text = (|| {
        let workspace = Workspace::find(&world, &sources, &mut diagnostics)?;
        let selection = Selection { environment: "dev".to_owned(), ..Selection::default() };
        let targets = workspace.targets(&selection, &mut diagnostics)?;
        let templates = workspace.templates(&mut diagnostics)?;
        let mut text = String::new();
        let each = |document: Document| text.push_str(document.text());
        let compiler = Compiler::new(&workspace, Top::default()).with_cache(Some(cache));
        compiler.run(&templates, &Wanted::all(Form::Yaml), &targets, each, &mut diagnostics)?;
        Ok::<_, crate::diagnostic::Failed>(text)
    })();
    text.map_err(|_| diagnostics.items().iter().map(|item| format!("{}: {}", item.code, item.message)).collect())
}

#[test]
fn a_wrong_entry_is_found_by_a_run_that_verifies() {
    let shelf = Arc::new(Shelf::default());
    let cache = Cache::new(Some(Box::new(Arc::clone(&shelf))), None);
    let right = compiled(&cache).unwrap();
    assert_eq!(compiled(&cache).as_ref(), Ok(&right));
    assert_eq!((cache.count().found, cache.count().missed), (1, 1));
    let cache = Cache::new(Some(Box::new(Arc::clone(&shelf))), None).verified();
    assert_eq!(compiled(&cache), Ok(right.clone()));
    assert_eq!(cache.count(), Count { found: 1, verified: 1, ..Count::default() });
    // Somebody who can write there puts another text into it, sealed as ours are.
    for (key, sealed) in shelf.0.lock().unwrap().iter_mut() {
        let entry = Seal::Digest.open(key, sealed.clone()).unwrap();
        let mut bytes = lz4_flex::decompress_size_prepended(&entry).unwrap();
        let at = bytes.windows(3).position(|window| window == b"two").unwrap();
        bytes[at..at + 3].copy_from_slice(b"six");
        *sealed = Seal::Digest.close(key, &lz4_flex::compress_prepend_size(&bytes));
    }
    assert_eq!(compiled(&Cache::new(Some(Box::new(Arc::clone(&shelf))), None)), Ok(right.replace("two", "six")));
    let said = compiled(&Cache::new(Some(Box::new(shelf)), None).verified()).unwrap_err();
    assert_eq!(said, ["TC706: what was kept for t1@dev to t3@dev is not what is made now"]);
}
