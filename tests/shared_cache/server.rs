//! A Redis server of the test's own, which keeps nothing and ends with it.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use redis::{Client, Cmd, Connection, FromRedisValue, cmd};
use tempfile::TempDir;

use super::PASSWORD;

/// A running server, and how to look into it.
pub(super) struct Server {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Server {
    /// Starts one; `None` where there is no such program.
    pub(super) fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--requirepass", PASSWORD]);
        command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(folder.path());
        let child = command.stdout(Stdio::null()).spawn().ok()?;
        let server = Self { child, port, _folder: folder };
        for _ in 0..100 {
            if server.connection().is_some() {
                return Some(server);
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("redis-server does not answer");
    }

    /// Its URL, in a database that is not the first.
    pub(super) fn url(&self, password: &str) -> String {
        format!("redis://:{password}@127.0.0.1:{}/2", self.port)
    }

    fn connection(&self) -> Option<Connection> {
        Client::open(self.url(PASSWORD)).unwrap().get_connection().ok()
    }

    fn ask<T: FromRedisValue>(&self, command: &Cmd) -> T {
        command.query(&mut self.connection().unwrap()).unwrap()
    }

    /// The names of all entries.
    pub(super) fn keys(&self) -> Vec<String> {
        self.ask(cmd("KEYS").arg("*"))
    }

    /// How long an entry is still kept.
    pub(super) fn seconds_left(&self, key: &str) -> i64 {
        self.ask(cmd("TTL").arg(key))
    }

    /// Overwrites an entry.
    pub(super) fn set(&self, key: &str, bytes: &[u8]) {
        self.ask::<()>(cmd("SET").arg(key).arg(bytes));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
