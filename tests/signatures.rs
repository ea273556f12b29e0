//! What we sign is good for `minisign`, and what it signs is good for us. Without minisign this says so and passes; that
//! `ssh-keygen` takes our signatures is shown in `tests/cases/release`.

#![expect(clippy::print_stderr, clippy::disallowed_methods, reason = "a test writes files and says what it skips")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tenantctl::release::signature::{Checked, Form, PublicKey, SigningKey, check};

/// Runs minisign in a folder; `None` without it.
fn minisign(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let output = Command::new("minisign").args(arguments).current_dir(folder).output();
    if output.is_err() {
        eprintln!("skipped: there is no minisign here");
    }
    output.ok()
}

#[test]
fn minisign_takes_our_signatures_and_we_take_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let Some(made) = minisign(folder.path(), &["-G", "-W", "-p", "key.pub", "-s", "key"]) else { return };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let key = SigningKey::parse(&fs::read_to_string(path("key")).unwrap()).unwrap();
    let public = PublicKey::parse_all(&fs::read_to_string(path("key.pub")).unwrap()).unwrap();
    assert_eq!(public, [key.public().clone()]);
    let text = b"an entry\n";
    fs::write(path("entry.json"), text).unwrap();

    fs::write(path("entry.json.minisig"), key.sign(text, "prod release 7")).unwrap();
    let said = minisign(folder.path(), &["-V", "-p", "key.pub", "-m", "entry.json"]).unwrap();
    let out = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && out.contains("prod release 7"), "{out}{}", String::from_utf8_lossy(&said.stderr));
    fs::write(path("entry.json"), "another entry\n").unwrap();
    assert!(!minisign(folder.path(), &["-V", "-p", "key.pub", "-m", "entry.json"]).unwrap().status.success());

    let signed = minisign(folder.path(), &["-S", "-s", "key", "-m", "entry.json", "-t", "by hand"]).unwrap();
    assert!(signed.status.success());
    let file = fs::read_to_string(path("entry.json.minisig")).unwrap();
    assert_eq!(check(Form::Minisign, &file, b"another entry\n", &public), Checked::Allowed(key.public().clone()));
    assert!(matches!(check(Form::Minisign, &file, text, &public), Checked::Wrong(_)));
    assert!(matches!(check(Form::Minisign, &file, text, &[]), Checked::Unchecked(_)));
    let changed = file.replace("by hand", "by band");
    assert!(matches!(check(Form::Minisign, &changed, b"another entry\n", &public), Checked::Wrong(_)));
}

#[test]
fn a_key_of_minisign_with_a_password_is_told() {
    let mut bytes = b"EdScB2".to_vec();
    bytes.resize(158, 0);
    let text = format!("untrusted comment: minisign encrypted secret key\n{}\n", BASE64_STANDARD.encode(bytes));
    assert!(SigningKey::parse(&text).unwrap_err().contains("it is encrypted"));
}
