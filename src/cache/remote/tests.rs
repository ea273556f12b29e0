use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::*;
use crate::cache::tests::{Shelf, key};
use crate::cache::{Cache, Count};
use crate::world::Memory;

const SECRET: &str = "0123456789abcdef";

fn cache(local: &Arc<Shelf>, remote: &Arc<Shelf>, secret: &str, write: bool) -> Cache {
    let remote = Remote::new(Box::new(Arc::clone(remote)), "here", secret, write);
    Cache::new(Some(Box::new(Arc::clone(local))), Some(remote))
}

/// Keeps an entry and ends.
fn keep(cache: Cache, byte: u8) {
    cache.keep(&key(byte), b"entry");
    assert_eq!(cache.close(), None);
}

#[test]
fn what_is_kept_is_found_elsewhere_and_then_here() {
    let (here, there, shared) = (Arc::default(), Arc::default(), Arc::default());
    keep(cache(&here, &shared, SECRET, true), 1);
    let elsewhere = cache(&there, &shared, SECRET, false);
    assert_eq!(elsewhere.find(&key(1)), Some(b"entry".to_vec()));
    assert_eq!(elsewhere.count(), Count { found: 1, shared: 1, ..Count::default() });
    assert_eq!(there.0.lock().unwrap().get(&key(1)), here.0.lock().unwrap().get(&key(1)));
    shared.0.lock().unwrap().clear();
    assert_eq!(elsewhere.find(&key(1)), Some(b"entry".to_vec()));
    assert_eq!(elsewhere.count(), Count { found: 2, shared: 1, ..Count::default() });
    // A machine with no disk of its own.
    let diskless = |write| Remote::new(Box::new(Arc::clone(&shared)), "here", SECRET, write);
    keep(Cache::new(None, Some(diskless(true))), 2);
    assert_eq!(Cache::new(None, Some(diskless(false))).find(&key(2)), Some(b"entry".to_vec()));
}

#[test]
fn nothing_is_written_to_what_is_only_read() {
    let (here, shared) = (Arc::default(), Arc::default());
    let cache = cache(&here, &shared, SECRET, false);
    cache.keep(&key(1), b"entry");
    assert_eq!(cache.find(&key(1)), Some(b"entry".to_vec()));
    assert_eq!(cache.close(), None);
    assert!(shared.0.lock().unwrap().is_empty());
}

#[test]
fn what_is_not_ours_is_missed() {
    let (here, shared): (_, Arc<Shelf>) = (Arc::default(), Arc::default());
    keep(cache(&Arc::default(), &shared, SECRET, true), 1);
    // Under a name that only who has the secret can tell.
    let (name, sealed) = shared.0.lock().unwrap().first().map(|(name, sealed)| (*name, sealed.clone())).unwrap();
    assert_ne!(name, key(1));
    let lies = [
        Vec::new(),
        b"garbage".to_vec(),
        sealed[..sealed.len() - 1].to_vec(),
        [&sealed[..], b"more"].concat(),
        Seal::Digest.close(&name, b"forged"),
        Seal::Keyed(&[0; 32]).close(&name, b"forged"),
        Seal::Keyed(&blake3::derive_key("tenantctl 2026 shared cache seal", SECRET.as_bytes()))
            .close(&key(2), b"another's"),
    ];
    let reader = cache(&here, &shared, SECRET, false);
    for lie in lies {
        shared.0.lock().unwrap().insert(name, lie);
        assert_eq!(reader.find(&key(1)), None);
    }
    shared.0.lock().unwrap().insert(name, sealed);
    assert_eq!(cache(&here, &shared, "another secret of theirs", false).find(&key(1)), None);
    assert!(here.0.lock().unwrap().is_empty());
    assert_eq!(reader.find(&key(1)), Some(b"entry".to_vec()));
    assert_eq!(reader.close(), None);
}

/// Fails after a while.
#[derive(Debug)]
struct Dead(io::ErrorKind, Duration, Arc<AtomicUsize>);

impl Store for Dead {
    fn get(&self, _: &Key) -> io::Result<Option<Vec<u8>>> {
        self.2.fetch_add(1, Ordering::Relaxed);
        thread::sleep(self.1);
        Err(self.0.into())
    }

    fn put(&self, key: &Key, _: &[u8]) -> io::Result<()> {
        self.get(key).map(|_| ())
    }
}

#[test]
fn what_fails_once_is_not_asked_again() {
    let asked = Arc::default();
    let store = Dead(io::ErrorKind::ConnectionRefused, Duration::ZERO, Arc::clone(&asked));
    let local: Arc<Shelf> = Arc::default();
    let remote = Remote::new(Box::new(store), "redis://h:1", SECRET, true);
    let cache = Cache::new(Some(Box::new(Arc::clone(&local))), Some(remote));
    for _ in 0..3 {
        assert_eq!(cache.find(&key(1)), None);
        cache.keep(&key(2), b"entry");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert_eq!(cache.find(&key(2)), Some(b"entry".to_vec()));
    let said = "the shared cache at redis://h:1 is not used: connection refused";
    assert_eq!(cache.close().as_deref(), Some(said));
}

#[test]
fn what_hangs_holds_up_all_threads_once() {
    let store = Dead(io::ErrorKind::TimedOut, PATIENCE, Arc::default());
    let cache = Cache::new(None, Some(Remote::new(Box::new(store), "here", SECRET, true)));
    let begin = Instant::now();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| (0..50).for_each(|byte| assert_eq!(cache.find(&key(byte)), None)));
        }
    });
    assert!(begin.elapsed() < PATIENCE * 10, "{:?}", begin.elapsed());
    assert!(cache.close().is_some_and(|said| said.ends_with("no answer within 250 ms")));
}

/// Takes long for everything, and works.
#[derive(Debug)]
struct Slow(Arc<Shelf>);

impl Store for Slow {
    fn get(&self, key: &Key) -> io::Result<Option<Vec<u8>>> {
        self.0.get(key)
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        thread::sleep(PATIENCE / 5);
        self.0.put(key, bytes)
    }
}

#[test]
fn nobody_waits_for_what_is_written() {
    let shared: Arc<Shelf> = Arc::default();
    let store = Slow(Arc::clone(&shared));
    let cache = Cache::new(None, Some(Remote::new(Box::new(store), "here", SECRET, true)));
    let begin = Instant::now();
    (0..250).for_each(|byte| cache.keep(&key(byte), b"entry"));
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
    assert_eq!(cache.close(), None);
    assert!(begin.elapsed() < PATIENCE * 4, "{:?}", begin.elapsed());
    assert!(!shared.0.lock().unwrap().is_empty());
}

#[test]
fn a_variable_that_is_wrong_is_named_and_not_quoted() {
    let open = |variables: &[(&str, &str)]| {
        let world = variables.iter().fold(Memory::new(), |world, (name, value)| world.with_variable(name, value));
        Remote::open(&world).map(|remote| remote.map(|remote| format!("{remote:?}")))
    };
    let url = (URL, "redis://:hunter2@h");
    assert_eq!(open(&[(KEY, SECRET), (WRITE, "1")]), Ok(None));
    for (variables, named) in [
        (&[(URL, "hunter2"), (KEY, SECRET)][..], URL),
        (&[(URL, "redis://:hun/hunter2@h"), (KEY, SECRET)], URL),
        (&[url], KEY),
        (&[url, (KEY, "hunter2")], KEY),
        (&[url, (KEY, SECRET), (WRITE, "hunter2")], WRITE),
    ] {
        let said = open(variables).unwrap_err();
        assert!(said.contains(named) && !said.contains("hunter2"), "{said}");
    }
    let opened = open(&[url, (KEY, SECRET), (WRITE, "1")]);
    if cfg!(feature = "redis") {
        assert_eq!(opened, Ok(Some("Remote { name: \"redis://h:6379\", write: true, .. }".to_owned())));
    } else {
        assert!(opened.unwrap_err().contains("--features redis"));
    }
}
