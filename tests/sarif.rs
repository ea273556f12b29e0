//! Reports for code scanning are what the schema of SARIF 2.1.0 asks for. The schema is another's: the variable
//! `TENANTCTL_SARIF_SCHEMA` names its file, and without it this is skipped.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test writes files, may fail and says what it skips"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A report on a workspace.
fn report(folder: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_tenantctl"))
        .args(arguments)
        .args(["--message-format", "sarif"])
        .current_dir(folder)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stderr).unwrap()
}

#[test]
fn reports_meet_the_schema_of_sarif() {
    let Some(file) = std::env::var_os("TENANTCTL_SARIF_SCHEMA") else {
        eprintln!("skipped: TENANTCTL_SARIF_SCHEMA does not name the schema of SARIF 2.1.0");
        return;
    };
    let text = fs::read_to_string(file).unwrap();
    let mut schema: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    // It names itself by an address of the network.
    schema.as_object_mut().unwrap().retain(|key, _| !matches!(key.as_str(), "id" | "$id"));
    let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft7).build(&schema).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let tenants = folder.path().join("environments/prod/tenants");
    let init = Command::new(env!("CARGO_BIN_EXE_tenantctl")).arg("init").arg(folder.path()).output().unwrap();
    assert!(init.status.success(), "{init:?}");
    let mut results = 0;
    let mut check = |arguments: &[&str]| {
        let report = report(folder.path(), arguments);
        let wrong: Vec<String> =
            validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:#?}\n{report:#}");
        results += report.pointer("/runs/0/results").and_then(Value::as_array).map_or(0, Vec::len);
    };
    check(&["validate"]);
    // Findings with and without a place, a path, related places and several targets.
    fs::write(tenants.join("acme-corp.yml"), "tenant: {name: 3, teir: no}\n").unwrap();
    fs::write(tenants.join("Not A Name.yml"), "{").unwrap();
    fs::write(folder.path().join("environments/tiers/premium.yml"), "resources: {cpu_limit: [1]}\n").unwrap();
    check(&["validate"]);
    check(&["validate", "nowhere"]);
    check(&["get", "prod", "acme-corp", "a..b"]);
    assert!(results > 3, "{results}");
}
