//! Files of secrets when something goes wrong while they are written: there is the old one or the new one, never half.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests make files and may fail")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

const KEY: &str = include_str!("sops/key.txt");
const FILE: &str = "environments/prod/secrets/_environment.yml";

/// A workspace with one secret, `kept`.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let recipient = KEY.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
        let settings = format!(
            "apiVersion: tenantctl.dev/v1\nkind: Workspace\nenvironments: {{prod: {{}}}}\nlayers: [{{name: base, file: base.yml}}]\nsecrets: {{prod: {{recipients: [{recipient}]}}}}\n"
        );
        fs::write(place.path("tenantctl.yaml"), settings).unwrap();
        fs::write(place.path("base.yml"), "{}\n").unwrap();
        fs::write(place.path("key.txt"), KEY).unwrap();
        fs::create_dir(place.path("runtime")).unwrap();
        assert!(place.run("echo not-real | tenantctl secrets set prod kept").status.success());
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn shell(&self, line: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_tenantctl")).parent().unwrap();
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(self.folder.path()).env_clear().env("PATH", path);
        // A home that cannot be written to, or looked into, is no hindrance.
        command
            .env("HOME", "/dev/null")
            .env("SOPS_AGE_KEY_FILE", "key.txt")
            .env("XDG_RUNTIME_DIR", self.path("runtime"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, line: &str) -> Output {
        self.shell(line).output().unwrap()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path(FILE)).unwrap()
    }

    fn get(&self, name: &str) -> Option<String> {
        let output = self.run(&format!("tenantctl secrets get prod {name}"));
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    /// Editors that wait begin with this: it says that they run.
    fn editing(&self, then: &str) -> Child {
        let line = format!("EDITOR='touch running; {then}; true' exec tenantctl secrets edit prod");
        let child = self.shell(&line).spawn().unwrap();
        while !self.path("running").exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        child
    }

    fn leftovers(&self) -> usize {
        fs::read_dir(self.path("runtime")).unwrap().count()
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let place = Place::new();
    let before = place.text();
    // Files may have no bytes: as on a full disk, a write fails.
    let full = place.run("trap '' XFSZ; ulimit -f 0; echo new | tenantctl secrets set prod kept 2>&1 >/dev/null | cat");
    assert!(String::from_utf8_lossy(&full.stdout).contains("cannot write"), "{full:?}");
    assert_eq!(place.text(), before);
    // The same, but the system ends the program at the write.
    let ended = place.run("ulimit -f 0; echo new | tenantctl secrets set prod kept");
    assert!(!ended.status.success());
    assert_eq!((place.text(), place.get("kept").as_deref()), (before, Some("not-real")));
}

#[test]
fn a_run_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let place = Place::new();
    for round in 0..40 {
        let before = place.get("kept").unwrap();
        fs::write(place.path("value.txt"), format!("value-{round}")).unwrap();
        let mut child = place.shell("exec tenantctl secrets set prod kept < value.txt").spawn().unwrap();
        std::thread::sleep(Duration::from_millis(round * 3 / 2));
        let _ = child.kill();
        child.wait().unwrap();
        let after = place.get("kept").expect("it can be opened");
        assert!(after == before || after == format!("value-{round}"), "{after}");
    }
    // What killed runs held is free.
    assert!(place.run("echo last | tenantctl secrets set prod kept").status.success());
}

#[test]
fn two_runs_at_once_are_told_of_each_other() {
    let place = Place::new();
    let mut editor = place.editing("while [ ! -e go ]; do sleep 0.02; done; echo \"more: 1\" >> \"$1\"");
    let refused = place.run("echo new | tenantctl secrets set prod kept");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("TC704") && said.contains("another tenantctl is changing these secrets"), "{said}");
    fs::write(place.path("go"), "").unwrap();
    editor.wait().unwrap();
    assert_eq!(place.get("kept").as_deref(), Some("not-real"));
    let runs: Vec<Child> = (0..8)
        .map(|run| {
            place.shell(&format!("echo {run} | exec tenantctl secrets set prod many.run-{run}")).spawn().unwrap()
        })
        .collect();
    for (run, child) in runs.into_iter().enumerate() {
        let code = child.wait_with_output().unwrap().status.code();
        assert!(matches!(code, Some(0 | 2)), "{code:?}");
        assert_eq!(place.get(&format!("many.run-{run}")).is_some(), code == Some(0));
    }
}

#[test]
fn an_edit_that_is_ended_leaves_nothing_behind() {
    for name in ["-INT", "-TERM", "-HUP"] {
        let place = Place::new();
        let before = place.text();
        let mut child = place.editing("while [ ! -e go ]; do sleep 0.02; done");
        assert_eq!(place.leftovers(), 1);
        signal(&child, name);
        // The terminal interrupts the editor too; here it ends by itself.
        fs::write(place.path("go"), "").unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(2), "{name}");
        assert_eq!((place.text(), place.leftovers()), (before, 0), "{name}");
    }
}

#[test]
fn what_changed_meanwhile_is_not_written_over() {
    let place = Place::new();
    let output = place
        .run(&format!("EDITOR='echo \"# other\" >> $PWD/{FILE}; echo \"more: 1\" >>' tenantctl secrets edit prod"));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("it has changed since it was read"));
    assert!(place.text().ends_with("# other\n"));
    assert_eq!((place.get("more"), place.leftovers()), (None, 0));
}

#[test]
fn a_link_that_leads_out_is_not_followed() {
    let place = Place::new();
    let outside = tempfile::tempdir().unwrap();
    fs::remove_dir_all(place.path("environments/prod/secrets")).unwrap();
    std::os::unix::fs::symlink(outside.path(), place.path("environments/prod/secrets")).unwrap();
    let output = place.run("echo new | tenantctl secrets set prod kept");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("TC120"), "{output:?}");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}
