//! Entries in a Redis server, which forgets those that were not made anew for a month.
//!
//! The crate packs commands and reads answers. The connection is ours: its own one waits for each read, not for the
//! answer, and takes answers of any size.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use redis::{Cmd, Parser, Value, cmd};
use rustls::ClientConfig;

use super::address::Server;
use super::remote::{LARGEST, NAMES, PATIENCE};
use super::socket::Socket;
use super::{Key, Store, tls};

/// Seconds after which an entry is forgotten: 30 days.
const EXPIRY: u32 = 30 * 24 * 60 * 60;
/// Bytes of an answer beside the entry: its length and ends of lines.
const FRAME: u64 = 64;

/// A Redis server.
pub(super) struct Redis {
    server: Server,
    /// Made when the first connection is.
    tls: OnceLock<Arc<ClientConfig>>,
    /// Connections that nobody uses at the moment.
    idle: Mutex<Vec<Socket>>,
}

impl Redis {
    pub(super) fn new(server: Server) -> Self {
        Self { server, tls: OnceLock::new(), idle: Mutex::default() }
    }

    fn ask(&self, command: &Cmd) -> io::Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut socket = match idle {
            Some(socket) => socket,
            None => self.connect(deadline)?,
        };
        let answer = exchange(&mut socket, command, deadline)?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(socket);
        Ok(answer)
    }

    fn connect(&self, deadline: Instant) -> io::Result<Socket> {
        let Server { tls, host, port, user, password, database } = &self.server;
        let tls = match self.tls.get() {
            None if *tls => {
                let settings = tls::client()?;
                Some(Arc::clone(self.tls.get_or_init(|| settings)))
            }
            settings => settings.cloned(),
        };
        let mut socket = Socket::connect(host, *port, tls, deadline)?;
        if let Some(password) = password {
            let mut auth = cmd("AUTH");
            if let Some(user) = user {
                auth.arg(user);
            }
            done(&exchange(&mut socket, auth.arg(password), deadline)?)?;
        }
        if *database != 0 {
            done(&exchange(&mut socket, cmd("SELECT").arg(*database), deadline)?)?;
        }
        Ok(socket)
    }
}

impl Store for Redis {
    fn get(&self, key: &Key) -> io::Result<Option<Vec<u8>>> {
        match self.ask(cmd("GET").arg(format!("{NAMES}{key}")))? {
            Value::BulkString(bytes) => Ok(Some(bytes)),
            Value::Nil => Ok(None),
            _ => Err(strange()),
        }
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        done(&self.ask(cmd("SET").arg(format!("{NAMES}{key}")).arg(bytes).arg("EX").arg(EXPIRY))?)
    }
}

/// Without the password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("host", &self.server.host).finish_non_exhaustive()
    }
}

/// Sends a command and reads what is answered.
fn exchange(socket: &mut Socket, command: &Cmd, deadline: Instant) -> io::Result<Value> {
    socket.wait_until(deadline);
    socket.write_all(&command.get_packed_command())?;
    socket.flush()?;
    let mut answer = BufReader::new(socket.take(LARGEST + FRAME));
    match answer.fill_buf()?.first() {
        // Text, an error, bytes, nothing. A list could claim any length.
        Some(b'+' | b'-' | b'$' | b'_') => {}
        Some(_) => return Err(strange()),
        None => return Err(io::ErrorKind::UnexpectedEof.into()),
    }
    match Parser::new().parse_value(&mut answer) {
        Ok(Value::ServerError(error)) => Err(io::Error::other(refusal(error.code()))),
        Ok(value) => Ok(value),
        Err(_) if Instant::now() >= deadline => Err(io::ErrorKind::TimedOut.into()),
        Err(_) if answer.get_ref().limit() == 0 => Err(io::Error::other("it answers with more than 64 MiB")),
        Err(_) => Err(strange()),
    }
}

fn done(answer: &Value) -> io::Result<()> {
    if *answer == Value::Okay { Ok(()) } else { Err(strange()) }
}

/// What an error of the server means. Its text is not shown: it may repeat what it was sent.
fn refusal(code: &str) -> String {
    match code {
        "NOAUTH" => "it wants a password: redis://user:password@host".to_owned(),
        "WRONGPASS" => "the user or the password is wrong".to_owned(),
        "NOPERM" => "the user may not do that; it needs GET, and SET to write".to_owned(),
        "OOM" => "it is full; a cache wants `maxmemory-policy allkeys-lru`".to_owned(),
        "READONLY" => "it is a replica, which takes no entries".to_owned(),
        "MOVED" => "it is a part of a cluster, which is not supported".to_owned(),
        "LOADING" => "it is still starting".to_owned(),
        _ => "it answers with an error".to_owned(),
    }
}

fn strange() -> io::Error {
    io::Error::other("it does not answer as Redis does")
}
