//! Machines that share a cache find what others made, and say and write what they would without it: with a Redis
//! server, with a service that speaks S3, and with ones that are not there, hang or lie.

#![cfg(all(feature = "redis", feature = "s3"))]
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test may fail and says what it skips")]

#[path = "shared_cache/bucket.rs"]
mod bucket;
#[path = "shared_cache/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use bucket::Service;
use server::Server;

/// The password of the server, and a part of every secret: it must never be said.
const PASSWORD: &str = "hunter2";

/// A machine: the shipped workspace, and variables.
struct Machine {
    folder: TempDir,
    variables: BTreeMap<&'static str, String>,
}

impl Machine {
    fn new(url: &str) -> Self {
        let mut machine = Self::without_workspace(url);
        let init = machine.run(&["init", "w"]);
        assert!(init.status.success(), "{init:?}");
        machine.set("TENANTCTL_WORKSPACE", "w");
        machine
    }

    fn without_workspace(url: &str) -> Self {
        let mut machine = Self { folder: tempfile::tempdir().unwrap(), variables: BTreeMap::new() };
        machine.set("TENANTCTL_CACHE_URL", url);
        machine.set("TENANTCTL_CACHE_KEY", "hunter2, hunter2, hunter2");
        machine.set("AWS_ACCESS_KEY_ID", "someone");
        machine.set("AWS_SECRET_ACCESS_KEY", "hunter2 of the bucket");
        machine
    }

    fn set(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantctl"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().envs(&self.variables);
        let output = command.output().unwrap();
        let said = text(&output.stderr);
        assert!(!said.contains(PASSWORD) && !text(&output.stdout).contains(PASSWORD), "{said}");
        output
    }

    /// Renders with what other machines made alone. A machine that is busy may have no time to hear the answer.
    fn render(&self, more: &[&str]) -> Output {
        let mut tries = 0;
        loop {
            let _ = std::fs::remove_dir_all(self.folder.path().join("w/.tenantctl"));
            let output = self.run(&[&["render", "prod"], more].concat());
            tries += 1;
            if tries == 5 || !text(&output.stderr).contains("no answer within") {
                return output;
            }
        }
    }

    /// The objects, and batches found in all, found in the shared cache, and missed.
    fn count(&self) -> (Vec<u8>, [u64; 3]) {
        let output = self.render(&["--timings=json", "--quiet"]);
        assert!(output.status.success(), "{output:?}");
        let report: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
        (output.stdout, ["found", "shared", "missed"].map(|name| report["cache"][name].as_u64().unwrap()))
    }

    /// Renders with nothing that was kept.
    fn plain(&self) -> Vec<u8> {
        let output = self.run(&["render", "prod", "--no-cache"]);
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One machine fills, others find; whatever the store.
fn is_shared(url: &str, entries: &dyn Fn() -> usize) -> u64 {
    let mut first = Machine::new(url);
    let plain = first.plain();
    assert!(plain.len() > 100_000);

    let (objects, [found, _, batches]) = first.count();
    assert!(objects == plain && found == 0 && batches > 1, "{found} {batches}");
    assert_eq!(entries(), 0, "it may only read");

    first.set("TENANTCTL_CACHE_WRITE", "1");
    let (objects, [_, _, _]) = first.count();
    assert!(objects == plain);
    assert_eq!(entries() as u64, batches);

    let mut second = Machine::new(url);
    let (objects, count) = second.count();
    assert!(objects == plain);
    assert_eq!(count, [batches, batches, 0]);
    // What was found is here now.
    let again = second.run(&["render", "prod", "--timings", "--verify-cache"]);
    assert!(again.stdout == plain, "{again:?}");
    let said = text(&again.stderr);
    assert!(said.contains(&format!("cache: {batches} of {batches} batches found, ")) && !said.contains("shared"));

    second.set("TENANTCTL_CACHE_KEY", "another secret of others");
    let (objects, count) = second.count();
    assert!(objects == plain);
    assert_eq!(count, [0, 0, batches]);

    let (objects, count) = Machine::without_workspace(url).count();
    assert!(objects == plain);
    assert_eq!(count, [batches, batches, 0], "the workspace inside the program is the same");
    batches
}

#[test]
fn a_redis_server_is_shared() {
    let Some(server) = Server::start() else {
        eprintln!("skipped: there is no redis-server here");
        return;
    };
    let url = server.url(PASSWORD);
    let batches = is_shared(&url, &|| server.keys().len());
    for key in server.keys() {
        assert!(key.starts_with("tenantctl/1/"), "{key}");
        assert!((1..=30 * 24 * 60 * 60).contains(&server.seconds_left(&key)), "{key}");
        server.set(&key, b"garbage");
    }
    let mut machine = Machine::new(&url);
    let plain = machine.plain();
    assert_eq!(machine.count(), (plain.clone(), [0, 0, batches]));
    machine.set("TENANTCTL_CACHE_WRITE", "1").count();
    assert_eq!(Machine::new(&url).count(), (plain.clone(), [batches, batches, 0]), "made anew");

    let refused = Machine::new(&server.url("wrong")).render(&[]);
    assert!(refused.status.success() && refused.stdout == plain);
    let said = text(&refused.stderr);
    assert!(said.starts_with("note: the shared cache at redis://127.0.0.1:"), "{said}");
    assert!(said.ends_with(" is not used: the user or the password is wrong\n"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_bucket_is_shared() {
    let service = Service::start("builds");
    let url = |bucket: &str| format!("s3://{bucket}/some/place?endpoint=http://{}", service.place());
    is_shared(&url("builds"), &|| service.names().len());
    for name in service.names() {
        assert!(name.starts_with("some/place/tenantctl/1/"), "{name}");
    }
    let refused = Machine::new(&url("others")).render(&[]);
    assert!(refused.status.success());
    let said = text(&refused.stderr);
    assert_eq!(said, "note: the shared cache at s3://others/some/place is not used: there is no such bucket\n");
}

/// A server that takes connections and does something with them; its place.
fn listen(with: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || with(stream));
        }
    });
    place
}

#[test]
fn a_store_that_does_not_work_costs_a_moment_and_a_line() {
    let hang = |mut stream: TcpStream| drop(stream.read_to_end(&mut Vec::new()));
    // A byte now and then, and never an end.
    let trickle = |mut stream: TcpStream| {
        while stream.write_all(b"+").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    };
    let flood = |mut stream: TcpStream| {
        let _ = stream.write_all(b"$99999999999\r\n");
        while stream.write_all(&[b'x'; 8192]).is_ok() {}
    };
    let rubbish = |mut stream: TcpStream| drop(stream.write_all(b"*1000000000\r\n"));
    let close = |stream: TcpStream| drop(stream);
    let (hang, trickle) = (listen(hang), listen(trickle));
    let plain = Machine::new("redis://127.0.0.1:1").plain();
    for url in [
        "redis://me:hunter2@127.0.0.1:1".to_owned(),
        "s3://b?endpoint=http://127.0.0.1:1".to_owned(),
        format!("redis://{hang}/3"),
        format!("redis://:{PASSWORD}@{hang}"),
        format!("rediss://:{PASSWORD}@{hang}"),
        format!("s3://b?endpoint=http://{hang}"),
        format!("s3://b?endpoint=https://{hang}"),
        format!("redis://{trickle}"),
        format!("s3://b?endpoint=http://{trickle}"),
        format!("redis://{}", listen(flood)),
        format!("redis://{}", listen(rubbish)),
        format!("redis://{}", listen(close)),
        format!("s3://b?endpoint=http://{}", listen(close)),
    ] {
        let mut machine = Machine::new(&url);
        machine.set("TENANTCTL_CACHE_WRITE", "1");
        let begin = Instant::now();
        machine.plain();
        let usual = begin.elapsed();
        let begin = Instant::now();
        let output = machine.run(&["render", "prod"]);
        let more = begin.elapsed().saturating_sub(usual);
        assert!(more < Duration::from_millis(1500), "{url}: {more:?}");
        let said = text(&output.stderr);
        assert!(output.status.success() && output.stdout == plain, "{url}: {said}");
        assert!(said.starts_with("note: the shared cache at ") && said.contains(" is not used: "), "{url}: {said}");
        assert_eq!(said.lines().count(), 1, "{url}: {said}");
    }
    let machine = Machine::new("redis://127.0.0.1:1");
    for quiet in [&["-q"][..], &["--no-cache"], &["--message-format", "github"]] {
        let output = machine.run(&[&["render", "prod"], quiet].concat());
        assert!(output.stderr.is_empty() && output.stdout == plain, "{quiet:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_variable_that_is_wrong_is_an_error_of_usage() {
    let mut machine = Machine::new("redis://:hunter2@127.0.0.1:99999999");
    let folder = machine.folder.path().join("w");
    let said = |machine: &Machine| {
        let output = machine.run(&["validate"]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty());
        assert!(machine.run(&["validate", "--no-cache"]).status.success());
        text(&output.stderr)
    };
    assert_eq!(
        said(&machine),
        "error: TENANTCTL_CACHE_URL is not the URL of a cache: its port is not a number; in a password, write / as %2F\n"
    );
    machine.set("TENANTCTL_CACHE_URL", "redis://:hunter2@127.0.0.1").set("TENANTCTL_CACHE_KEY", "hunter2");
    assert!(said(&machine).starts_with("error: TENANTCTL_CACHE_KEY has fewer than 16 characters"));
    machine.variables.remove("TENANTCTL_CACHE_KEY");
    assert!(said(&machine).starts_with("error: TENANTCTL_CACHE_URL is set, but TENANTCTL_CACHE_KEY is not"));
    assert!(!Path::new(&folder).join(".tenantctl").exists());
}
