//! A run that finds results of earlier runs says and writes what a run without them does, whatever was changed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]
#![expect(clippy::disallowed_methods, reason = "a test looks at the files")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The shipped workspace in a folder of its own.
fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let init = run(folder.path(), &["init", "w"]);
    assert!(init.status.success(), "{init:?}");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantctl"));
    command.args(arguments).current_dir(folder).env_remove("TENANTCTL_ENV").env_remove("ENVIRONMENT");
    command.env_remove("TENANTCTL_CACHE_URL");
    command.output().unwrap()
}

fn render(folder: &Path, more: &[&str]) -> Output {
    run(folder, &[&["-C", "w", "render", "prod"], more].concat())
}

/// Batches that were found and missed.
fn count(folder: &Path, more: &[&str]) -> (u64, u64) {
    let output = render(folder, &[more, &["--timings=json", "--message-format", "github"]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    let line = said.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{said}"));
    let report: serde_json::Value = serde_json::from_str(line).unwrap();
    let number = |name: &str| report["cache"][name].as_u64().unwrap();
    (number("found"), number("missed"))
}

/// Renders with and without what was kept; both must be the same, findings included.
fn same(folder: &Path, what: &str) -> Output {
    let plain = render(folder, &["--no-cache"]);
    for _ in 0..2 {
        let cached = render(folder, &[]);
        assert_eq!(String::from_utf8_lossy(&cached.stderr), String::from_utf8_lossy(&plain.stderr), "{what}");
        assert!(cached.stdout == plain.stdout, "{what}: other objects");
        assert_eq!(cached.status.code(), plain.status.code(), "{what}");
    }
    plain
}

fn edit(folder: &Path, file: &str, edit: impl Fn(&str) -> String) {
    let path = folder.join("w").join(file);
    let text = fs::read_to_string(&path).unwrap();
    let new = edit(&text);
    assert_ne!(text, new, "{file}");
    fs::write(path, new).unwrap();
}

#[test]
fn every_kind_of_file_counts() {
    let folder = workspace();
    let folder = folder.path();
    let mut before = same(folder, "nothing");
    assert!(before.status.success(), "{before:?}");
    let (found, missed) = count(folder, &[]);
    assert!(found > 0 && missed == 0, "{found} {missed}");
    for (file, from, to) in [
        ("environments/base.yml", "replicas: 2", "replicas: 3"),
        ("environments/tiers/premium.yml", "max_replicas: ", "max_replicas: 1"),
        ("environments/prod/tenants/acme-corp.yml", "agent.acme-corp", "other.acme-corp"),
        ("templates/tenant/configmap.yaml.j2", "kind: ConfigMap", "kind: ConfigMap\nimmutable: false"),
        ("tenantctl.yaml", "kubernetes: \"1.34\"", "kubernetes: \"1.35\""),
        ("schemas/config.schema.json", "\"$schema\"", "\"$comment\": \"x\", \"$schema\""),
    ] {
        let path = folder.join("w").join(file);
        let original = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(original.contains(from), "{file} has no {from}");
        edit(folder, file, |text| text.replacen(from, to, 1));
        let (_, missed) = count(folder, &[]);
        assert!(missed > 0, "a change of {file} is not seen");
        let after = same(folder, file);
        assert!(!file.starts_with("environments/prod") || after.stdout != before.stdout);
        before = after;
    }
    // Layers and templates that come and go.
    fs::write(
        folder.join("w/environments/prod/tenants/new-one.yml"),
        "tenant: {name: New, tier: basic, contact: a@b.example}\n",
    )
    .unwrap();
    same(folder, "a tenant that comes");
    fs::remove_file(folder.join("w/environments/prod/tenants/new-one.yml")).unwrap();
    same(folder, "a tenant that goes");
    fs::remove_file(folder.join("w/templates/tenant/poddisruptionbudget.yaml.j2")).unwrap();
    same(folder, "a template that goes");
    for more in [
        &["--override", "high_availability"][..],
        &["--set", "tenant_config.performance.cache_ttl=900"],
        &["--kind", "Service"],
    ] {
        let (found, missed) = count(folder, more);
        assert!(found == 0 && missed > 0, "{more:?}");
        let plain = render(folder, &[more, &["--no-cache"]].concat());
        assert_eq!(render(folder, more), plain, "{more:?}");
    }
}

#[test]
fn findings_are_found_again() {
    let folder = workspace();
    let folder = folder.path();
    edit(folder, "tenantctl.yaml", |text| text.replace("severity:\n", "severity:\n  TC202: warning\n"));
    edit(folder, "environments/prod/prod.yml", |text| format!("{text}\nnot_there: !unset\n"));
    edit(folder, "environments/prod/tenants/acme-corp.yml", |text| format!("{text}\nneither: !unset\n"));
    let plain = same(folder, "warnings");
    let said = String::from_utf8_lossy(&plain.stderr);
    assert!(plain.status.success() && said.contains("TC202") && said.contains("acme-corp.yml"), "{said}");
    assert_eq!(count(folder, &[]).1, 0, "what has warnings is kept as well");
    // What tenants claim among each other is settled in every run.
    let domain = "agent.acme-corp.example";
    for tenant in ["nordic-radio", "spotify-premium"] {
        edit(folder, &format!("environments/prod/tenants/{tenant}.yml"), |text| {
            assert!(!text.contains("network:"), "{tenant}");
            format!("{text}\nnetwork: {{custom_domain: {domain}}}\n")
        });
        let plain = same(folder, "a shared host");
        let said = String::from_utf8_lossy(&plain.stderr);
        assert!(!plain.status.success() && said.contains("TC505"), "{said}");
    }
}

#[test]
fn a_damaged_entry_is_missed() {
    let folder = workspace();
    let folder = folder.path();
    same(folder, "whole");
    let mut entries = 0;
    let cache = folder.join("w/.tenantctl/cache");
    assert_eq!(fs::read_to_string(cache.join(".gitignore")).unwrap(), "*\n");
    for shelf in fs::read_dir(&cache).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        for entry in fs::read_dir(shelf.path()).unwrap().flatten() {
            entries += 1;
            let bytes = fs::read(entry.path()).unwrap();
            let damaged = match entries % 3 {
                0 => bytes[..bytes.len() / 2].to_vec(),
                1 => Vec::new(),
                _ => bytes.iter().map(|byte| byte ^ 1).collect(),
            };
            fs::write(entry.path(), damaged).unwrap();
        }
    }
    let (found, missed) = count(folder, &["--verify-cache"]);
    assert_eq!((found, missed), (0, entries));
    same(folder, "damaged");
    assert_eq!(count(folder, &["--verify-cache"]), (entries, 0));
}
