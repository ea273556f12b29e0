//! A ledger outlasts what happens to the program that writes it: a write that fails, a process that is killed at any write,
//! two processes at once, a directory that must not be written to.
//!
//! Whatever happens, the ledger is the old one or the new one: `verify` finds nothing wrong, and the next release is made.

#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes files and looks at them, and may fail"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A workspace whose stored texts and entries are of many sizes, hardly packed: a limit of any number of blocks ends a write
/// of some of them in the middle.
fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put(
        "tenantctl.yaml",
        "apiVersion: tenantctl.dev/v1\nkind: Workspace\nenvironments: {prod: {}}\nlayers:\n\
         - {name: base, file: base.yml}\n- {name: tenant, file: \"{environment}/{tenant}.yml\", trust: data}\n",
    );
    put("base.yml", "round: 0\n");
    for tenant in 0..8_usize {
        let noise: String =
            (0..tenant * 24).map(|part| blake3::hash(&[u8::try_from(part).unwrap(), 7]).to_hex().to_string()).collect();
        put(&format!("prod/t{tenant}.yml"), &format!("noise: \"{noise}\"\n"));
    }
    put(
        "templates/tenant/settings.yaml.j2",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: {{ target.tenant }}}\n\
         data: {round: \"{{ round }}\", noise: \"{{ noise }}\"}\n",
    );
    folder
}

fn command(folder: &Path, line: &str) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_tenantctl"));
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env_clear();
    let programs = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{programs}", binary.parent().unwrap().display()));
    command.env("HOME", folder).env("TENANTCTL_AUTHOR", "Ada").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

fn run(folder: &Path, line: &str) -> Output {
    command(folder, line).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The releases there are, once nothing is wrong with them.
fn releases(folder: &Path) -> usize {
    let verified = run(folder, "tenantctl release verify prod");
    assert!(verified.status.success(), "{}", text(&verified.stderr));
    let listed = run(folder, "tenantctl release list prod --format name");
    text(&listed.stdout).lines().count()
}

/// How many files there are below a folder.
fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

/// Changes what every tenant is rendered to.
fn change(folder: &Path, round: usize) {
    fs::write(folder.join("base.yml"), format!("round: {round}\n")).unwrap();
}

/// Makes releases under limits of file sizes, so that a write of every size ends in the middle. `trap` says whether that is an
/// error (`''`), as on a full disk, or the end of the process (`-`).
fn under_limits(trap: &str, mut seen: impl FnMut(&Path, &Output)) {
    let folder = workspace();
    let folder = folder.path();
    assert!(run(folder, "tenantctl release create prod --no-cache").status.success());
    let (mut made, mut refused) = (1, 0);
    for blocks in 0..24 {
        change(folder, blocks + 1);
        // Blocks are of 512 bytes.
        let line = format!("trap {trap} XFSZ; ulimit -f {blocks}; exec tenantctl release create prod --no-cache");
        let output = run(folder, &line);
        let after = releases(folder);
        let done = output.status.success();
        assert_eq!(after, made + usize::from(done), "at {blocks} blocks: {}", text(&output.stderr));
        refused += usize::from(!done);
        made = after;
        if !done {
            seen(folder, &output);
        }
    }
    assert!(refused > 4 && refused < 24, "{refused} of 24 limits were too small");
    // What the interrupted ones left is in nobody's way, and goes.
    assert!(run(folder, "tenantctl release create prod").status.success());
    assert!(run(folder, "tenantctl release prune prod --keep 1000").status.success());
    assert_eq!(releases(folder), made + 1);
    let left = run(folder, "find .tenantctl/releases -name '*.tmp'");
    assert_eq!(text(&left.stdout), "");
}

#[test]
fn a_full_disk_leaves_the_old_ledger_and_says_so() {
    under_limits("''", |_, output| {
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("error[TC701]: cannot write .tenantctl/releases"), "{said}");
        assert!(output.stdout.is_empty());
    });
}

#[test]
fn a_process_that_is_killed_at_a_write_leaves_the_old_ledger() {
    let mut half = false;
    under_limits("-", |folder, output| {
        assert!(output.status.code().is_none_or(|code| code > 128), "{}", text(&output.stderr));
        half |= !run(folder, "find .tenantctl/releases -name '*.tmp'").stdout.is_empty();
    });
    assert!(half, "no file was left half-written, so no process was killed while it wrote");
}

#[test]
fn a_process_that_is_interrupted_leaves_the_old_ledger_or_the_new_one() {
    let folder = workspace();
    let folder = folder.path();
    assert!(run(folder, "tenantctl release create prod").status.success());
    let mut made = 1;
    for (round, signal) in ["INT", "TERM", "KILL", "INT", "TERM", "KILL"].into_iter().enumerate() {
        change(folder, round + 1);
        let before = files(&folder.join(".tenantctl/releases"));
        let mut child =
            command(folder, "exec tenantctl release create prod --no-cache").stderr(Stdio::null()).spawn().unwrap();
        // As soon as it writes, unless it is done by then.
        while child.try_wait().unwrap().is_none() && files(&folder.join(".tenantctl/releases")) == before {}
        run(folder, &format!("kill -{signal} {}", child.id()));
        let done = child.wait().unwrap().success();
        let after = releases(folder);
        assert!(after == made || after == made + 1, "{made} became {after}");
        assert!(!done || after == made + 1);
        made = after;
    }
    assert!(run(folder, "tenantctl release create prod").status.success());
    assert_eq!(releases(folder), made + 1);
}

#[test]
fn of_processes_at_once_each_is_entered_or_told_to_wait() {
    let folder = workspace();
    let folder = folder.path();
    let begin =
        || command(folder, "exec tenantctl release create prod --no-cache").stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..6).map(|_| begin()).collect();
    let mut made = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = text(&output.stderr);
        match output.status.code() {
            Some(0) => made += 1,
            Some(2) => assert!(said.contains("error[TC714]: another run is writing to .tenantctl/releases"), "{said}"),
            other => panic!("{other:?}: {said}"),
        }
    }
    assert!(made > 0);
    assert_eq!(releases(folder), made);
}

#[test]
fn a_ledger_that_must_not_be_written_to_is_read_and_says_why() {
    let folder = workspace();
    let folder = folder.path();
    assert!(run(folder, "tenantctl release create prod").status.success());
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(folder, 0o755);
    let ledger = folder.join(".tenantctl/releases");
    let mut folders = vec![ledger.clone(), ledger.join("prod"), ledger.join("objects")];
    folders.extend(fs::read_dir(ledger.join("objects")).unwrap().map(|entry| entry.unwrap().path()));
    for folder in &folders {
        mode(folder, 0o555);
    }
    // The one who may do everything may write here all the same, so it is done as nobody.
    let root = fs::metadata(folder).unwrap().uid() == 0;
    let as_nobody = |line: &str| {
        let mut command = command(folder, line);
        if root {
            command.uid(65534).gid(65534);
        }
        command.output().unwrap()
    };
    change(folder, 1);
    let refused = as_nobody("tenantctl release create prod --no-cache");
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("error[TC701]: cannot write .tenantctl/releases"), "{said}");
    assert!(said.contains("check who may write there"), "{said}");
    for line in ["release verify", "release list prod", "release show prod --format yaml", "release diff prod 1 1"] {
        let read = as_nobody(&format!("tenantctl {line}"));
        assert!(read.status.success(), "{line}: {}", text(&read.stderr));
    }
    for folder in &folders {
        mode(folder, 0o755);
    }
    assert_eq!(releases(folder), 1);
}
