//! Entries that machines share: a store on the network that need not be trusted, and need not be there.
//!
//! Entries are sealed with a secret that the store does not know, so who writes to it without the secret can make
//! nothing but misses. The first failure is the last: the run goes on without it and says so once.

use std::fmt;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use super::address::Address;
use super::seal::Seal;
use super::{Key, Store};
use crate::world::World;

/// How long is waited for a connection and for an answer, which is as long as a dead store may hold up a run.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);
/// Most bytes of an entry: what a machine keeps of its own.
pub(super) const LARGEST: u64 = 64 * 1024 * 1024;
/// What the names of entries begin with. Another way of sealing has another number.
#[cfg_attr(not(any(feature = "redis", feature = "s3")), expect(dead_code, reason = "for stores on the network"))]
pub(super) const NAMES: &str = "tenantctl/1/";

const URL: &str = "TENANTCTL_CACHE_URL";
const KEY: &str = "TENANTCTL_CACHE_KEY";
const WRITE: &str = "TENANTCTL_CACHE_WRITE";
/// Fewest characters of the secret.
const SHORTEST: usize = 16;

/// A store that machines share.
pub struct Remote {
    store: Box<dyn Store>,
    /// How it is shown, without a password.
    name: String,
    secret: [u8; 32],
    write: bool,
    /// Why it is not asked any more.
    trouble: OnceLock<String>,
}

impl Remote {
    /// One that is read, and written to if so wanted. `secret` is any text.
    pub fn new(store: Box<dyn Store>, name: &str, secret: &str, write: bool) -> Self {
        let secret = blake3::derive_key("tenantctl 2026 shared cache seal", secret.as_bytes());
        Self { store, name: name.to_owned(), secret, write, trouble: OnceLock::new() }
    }

    /// The one that variables name; `None` if they name none. The error says which variable is wrong.
    pub(crate) fn open(world: &dyn World) -> Result<Option<Self>, String> {
        let Some(url) = world.variable(URL) else { return Ok(None) };
        let address = Address::parse(&url).map_err(|error| format!("{URL} is not the URL of a cache: {error}"))?;
        let secret = world.variable(KEY).ok_or_else(|| {
            format!(
                "{URL} is set, but {KEY} is not: without it, whoever can write to the store could forge manifests; set \
                 the same secret on all machines, for example what `openssl rand -hex 32` prints"
            )
        })?;
        if secret.chars().count() < SHORTEST {
            return Err(format!("{KEY} has fewer than {SHORTEST} characters; `openssl rand -hex 32` makes a good one"));
        }
        let write = match world.variable(WRITE).as_deref().map(str::trim) {
            None | Some("0" | "false" | "no" | "off") => false,
            Some("1" | "true" | "yes" | "on") => true,
            Some(_) => return Err(format!("{WRITE} is neither 1 nor 0")),
        };
        let name = address.to_string();
        let store = store(&address, world).map_err(|error| format!("{URL}: {error}"))?;
        Ok(Some(Self::new(store, &name, &secret, write)))
    }

    /// What is kept under a key.
    pub(super) fn find(&self, key: &Key) -> Option<Vec<u8>> {
        let sealed = self.ask(|store| store.get(key)).flatten()?;
        Seal::Keyed(&self.secret).open(key, sealed)
    }

    /// Keeps something under a key, if it may be written to.
    pub(super) fn keep(&self, key: &Key, entry: &[u8]) {
        if self.write && (entry.len() as u64) < LARGEST / 2 {
            self.ask(|store| store.put(key, &Seal::Keyed(&self.secret).close(key, entry)));
        }
    }

    /// One sentence, if it was given up.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.get().map(|why| format!("the shared cache at {} is not used: {why}", self.name))
    }

    fn ask<T>(&self, question: impl FnOnce(&dyn Store) -> io::Result<T>) -> Option<T> {
        if self.trouble.get().is_some() {
            return None;
        }
        // Threads that ask at the same time fail at the same time; what the first says counts.
        question(self.store.as_ref()).map_err(|error| self.trouble.set(reason(&error))).ok()
    }
}

/// Without the secret.
impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("name", &self.name).field("write", &self.write).finish_non_exhaustive()
    }
}

fn store(address: &Address, world: &dyn World) -> Result<Box<dyn Store>, String> {
    #[cfg(not(feature = "s3"))]
    let _ = world;
    match address {
        #[cfg(feature = "redis")]
        Address::Redis(server) => Ok(Box::new(super::redis::Redis::new(server.clone()))),
        #[cfg(feature = "s3")]
        Address::S3(bucket) => Ok(Box::new(super::s3::S3::new(bucket.clone(), world)?)),
        #[cfg(not(feature = "redis"))]
        Address::Redis(_) => Err(unsupported("redis")),
        #[cfg(not(feature = "s3"))]
        Address::S3(_) => Err(unsupported("s3")),
    }
}

#[cfg(not(all(feature = "redis", feature = "s3")))]
fn unsupported(feature: &str) -> String {
    format!(
        "this program was built without caches in {feature}; a plain `cargo build --release` has them, and so has one \
         with `--features {feature}`"
    )
}

/// Why a store is not used, in few words.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            format!("no answer within {} ms", PATIENCE.as_millis())
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => "it closed the connection".to_owned(),
        // The system's own texts end with a number that helps nobody.
        kind if error.raw_os_error().is_some() => kind.to_string(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Instant;

    use super::super::tests::{Shelf, key};
    use super::super::{Cache, Count};
    use super::*;
    use crate::world::Memory;

    const SECRET: &str = "0123456789abcdef";

    fn cache(local: &Arc<Shelf>, remote: &Arc<Shelf>, secret: &str, write: bool) -> Cache {
        let remote = Remote::new(Box::new(Arc::clone(remote)), "here", secret, write);
        Cache::new(Some(Box::new(Arc::clone(local))), Some(remote))
    }

    #[test]
    fn what_is_kept_is_found_elsewhere_and_then_here() {
        let (here, there, shared) = (Arc::default(), Arc::default(), Arc::default());
        cache(&here, &shared, SECRET, true).keep(&key(1), b"entry");
        let elsewhere = cache(&there, &shared, SECRET, false);
        assert_eq!(elsewhere.find(&key(1)), Some(b"entry".to_vec()));
        assert_eq!(elsewhere.count(), Count { found: 1, shared: 1, ..Count::default() });
        assert_eq!(there.0.lock().unwrap().get(&key(1)), here.0.lock().unwrap().get(&key(1)));
        shared.0.lock().unwrap().clear();
        assert_eq!(elsewhere.find(&key(1)), Some(b"entry".to_vec()));
        assert_eq!(elsewhere.count(), Count { found: 2, shared: 1, ..Count::default() });
        // A machine with no disk of its own.
        let diskless = |write| Remote::new(Box::new(Arc::clone(&shared)), "here", SECRET, write);
        Cache::new(None, Some(diskless(true))).keep(&key(2), b"entry");
        assert_eq!(Cache::new(None, Some(diskless(false))).find(&key(2)), Some(b"entry".to_vec()));
    }

    #[test]
    fn nothing_is_written_to_what_is_only_read() {
        let (here, shared) = (Arc::default(), Arc::default());
        let cache = cache(&here, &shared, SECRET, false);
        cache.keep(&key(1), b"entry");
        assert!(shared.0.lock().unwrap().is_empty());
        assert_eq!(cache.find(&key(1)), Some(b"entry".to_vec()));
    }

    #[test]
    fn what_is_not_ours_is_missed() {
        let (here, shared): (_, Arc<Shelf>) = (Arc::default(), Arc::default());
        cache(&Arc::default(), &shared, SECRET, true).keep(&key(1), b"entry");
        let sealed = shared.0.lock().unwrap()[&key(1)].clone();
        let lies = [
            Vec::new(),
            b"garbage".to_vec(),
            sealed[..sealed.len() - 1].to_vec(),
            [&sealed[..], b"more"].concat(),
            Seal::Digest.close(&key(1), b"forged"),
            Seal::Keyed(&[0; 32]).close(&key(1), b"forged"),
            Seal::Keyed(&blake3::derive_key("tenantctl 2026 shared cache seal", SECRET.as_bytes()))
                .close(&key(2), b"another's"),
        ];
        let reader = cache(&here, &shared, SECRET, false);
        for lie in lies {
            shared.0.lock().unwrap().insert(key(1), lie);
            assert_eq!(reader.find(&key(1)), None);
        }
        shared.0.lock().unwrap().insert(key(1), sealed);
        assert_eq!(cache(&here, &shared, "another secret of theirs", false).find(&key(1)), None);
        assert!(here.0.lock().unwrap().is_empty() && reader.trouble().is_none());
        assert_eq!(reader.find(&key(1)), Some(b"entry".to_vec()));
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
        assert_eq!(cache.trouble(), None);
        for _ in 0..3 {
            assert_eq!(cache.find(&key(1)), None);
            cache.keep(&key(2), b"entry");
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(cache.find(&key(2)), Some(b"entry".to_vec()));
        let said = "the shared cache at redis://h:1 is not used: connection refused";
        assert_eq!(cache.trouble().as_deref(), Some(said));
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
        assert!(cache.trouble().is_some_and(|said| said.ends_with("no answer within 250 ms")));
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
}
