//! The files of the shipped workspace that are no manifests, held against what reads them: shells, shellcheck, Terraform's
//! declarations.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test runs programs and may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use tenantctl::diagnostic::Diagnostics;
use tenantctl::pipeline::Compiler;
use tenantctl::source::Sources;
use tenantctl::workspace::{Selection, Top, Workspace};
use tenantctl::world::Disk;

/// The files that are made for environments and their tenants, by path; `values` are put on top.
fn files(environment: &str, overrides: &[&str], values: &[&str]) -> BTreeMap<String, String> {
    let world = Disk::new(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let workspace = Workspace::find(&world, &sources, &mut diagnostics).unwrap();
    diagnostics = Diagnostics::with_levels(workspace.levels());
    let overrides = overrides.iter().map(ToString::to_string).collect();
    let selection = Selection { environment: environment.into(), overrides, ..Selection::default() };
    let targets = workspace.targets(&selection, &mut diagnostics).unwrap();
    let templates = workspace.templates(&mut diagnostics).unwrap();
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    let top: Top = workspace.top(&[], &values, &mut diagnostics).unwrap();
    let compiler = Compiler::new(&workspace, top);
    let mut files = BTreeMap::new();
    for target in &targets {
        let approved = compiler.approved(&templates, target, &mut diagnostics);
        let approved = approved.unwrap_or_else(|_| panic!("{target}: {:#?}", diagnostics.items()));
        let files_of = approved.artifacts().iter();
        files.extend(files_of.map(|file| (format!("{target}/{}", file.path()), file.text().to_owned())));
    }
    files
}

/// All scripts there can be.
fn scripts() -> BTreeMap<String, String> {
    let mut all = files("prod", &[], &["scripts.strategy=rolling"]);
    all.extend(files("staging", &[], &[]));
    all.extend(files("prod", &["disaster_recovery"], &[]));
    all.retain(|path, _| Path::new(path).extension().is_some_and(|ending| ending == "sh"));
    assert!(all.len() >= 12, "{:?}", all.keys());
    all
}

#[test]
fn scripts_can_be_read_and_say_how_they_are_used() {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in scripts() {
        assert!(text.starts_with("#!/usr/bin/env bash\n") && text.contains("\nset -euo pipefail\n"), "{path}");
        assert!(text.contains("\nrequire_context\n"), "{path} does not ask for the context");
        let file = folder.path().join("script.sh");
        fs::write(&file, text).unwrap();
        let run = |argument: &[&str]| Command::new("bash").args(argument).arg(&file).output().unwrap();
        assert!(run(&["-n"]).status.success(), "{path}");
        let help = Command::new("bash").arg(&file).arg("--help").output().unwrap();
        assert!(help.status.success() && help.stdout.starts_with(b"usage: "), "{path}: {help:?}");
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    if Command::new("shellcheck").arg("--version").output().is_err() {
        eprintln!("shellcheck is not installed: skipped");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in scripts() {
        let file = folder.path().join("script.sh");
        fs::write(&file, text).unwrap();
        let checked = Command::new("shellcheck").arg("--norc").arg(&file).output().unwrap();
        assert!(checked.status.success(), "{path}:\n{}", String::from_utf8_lossy(&checked.stdout));
    }
}

#[test]
fn terraform_declares_every_variable_that_has_a_value() {
    for environment in ["prod", "staging"] {
        let files = files(environment, &[], &[]);
        let file = |name: &str| {
            files.get(&format!("{environment}/terraform/{name}")).unwrap_or_else(|| panic!("{:?}", files.keys()))
        };
        let values: serde_json::Value = serde_json::from_str(file("terraform.tfvars.json")).unwrap();
        let values: BTreeSet<&str> = values.as_object().unwrap().keys().map(String::as_str).collect();
        let blocks = file("variables.tf").split("\nvariable \"").skip(1);
        let declared: Vec<(&str, bool)> = blocks
            .map(|block| (block.split('"').next().unwrap(), block.lines().any(|line| line.starts_with("  default"))))
            .collect();
        let names: BTreeSet<&str> = declared.iter().map(|(name, _)| *name).collect();
        assert!(values.is_subset(&names), "{values:?} {names:?}");
        let required: BTreeSet<&str> = declared.iter().filter(|(_, default)| !default).map(|(name, _)| *name).collect();
        assert!(required.is_subset(&values), "{required:?} {values:?}");
    }
}
