//! Entries that machines share: a store on the network that need not be trusted, and need not be there.
//!
//! Entries are sealed with a secret that the store does not know, so who writes to it without the secret can make
//! nothing but misses. The first failure is the last: the run goes on without it and says so once.

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::address::Address;
use super::seal::Seal;
use super::writer::Writer;
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
    line: Arc<Line>,
    /// How it is shown, without a password.
    name: String,
    secret: [u8; 32],
    write: bool,
    /// Started when the first entry is kept.
    writer: OnceLock<Writer>,
}

/// A store, as long as it works.
struct Line {
    store: Box<dyn Store>,
    /// Why it is not asked any more.
    trouble: OnceLock<String>,
}

impl Remote {
    /// One that is read, and written to if so wanted. `secret` is any text.
    pub fn new(store: Box<dyn Store>, name: &str, secret: &str, write: bool) -> Self {
        let secret = blake3::derive_key("tenantctl 2026 shared cache seal", secret.as_bytes());
        let line = Arc::new(Line { store, trouble: OnceLock::new() });
        Self { line, name: name.to_owned(), secret, write, writer: OnceLock::new() }
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
        let key = key.under(&self.secret);
        let sealed = self.line.ask(|store| store.get(&key)).flatten()?;
        Seal::Keyed(&self.secret).open(&key, sealed)
    }

    /// Keeps something under a key, if it may be written to; nobody waits for it.
    pub(super) fn keep(&self, key: &Key, entry: &[u8]) {
        if !self.write || entry.len() as u64 > LARGEST / 2 || self.line.trouble.get().is_some() {
            return;
        }
        let writer = self.writer.get_or_init(|| {
            let line = Arc::clone(&self.line);
            Writer::start(move |key, sealed| {
                line.ask(|store| store.put(key, sealed));
            })
        });
        let key = key.under(&self.secret);
        writer.send(key, Seal::Keyed(&self.secret).close(&key, entry));
    }

    /// Waits a moment for what is still being written. One sentence, if the store was given up.
    pub(super) fn close(self) -> Option<String> {
        if let Some(writer) = self.writer.into_inner() {
            writer.close();
        }
        self.line.trouble.get().map(|why| format!("the shared cache at {} is not used: {why}", self.name))
    }
}

impl Line {
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
        _ => match error.to_string() {
            text if text.contains("UnknownIssuer") => {
                "this machine does not know who signed its certificate; SSL_CERT_FILE may name a file that has them"
                    .to_owned()
            }
            text => text,
        },
    }
}
