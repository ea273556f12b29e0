//! Files that are no manifests: whatever a value is, it stays a value in them.
//!
//! Scripts run with real shells and say what they were given; JSON and YAML are read back.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test runs programs and may fail")]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use tenantctl::diagnostic::Diagnostics;
use tenantctl::pipeline::Compiler;
use tenantctl::source::Sources;
use tenantctl::workspace::{Selection, Top, Workspace};
use tenantctl::world::Memory;

const SETTINGS: &str = "\
apiVersion: tenantctl.dev/v1
kind: Workspace
environments: {dev: {}}
layers:
  - {name: base, file: base.yml}
  - {name: tenant, file: \"tenants/{tenant}.yml\", trust: data}
";

/// Prints the value once for each place that quotes it, ended by NUL.
const SCRIPT: &str = r#"#!/bin/sh
# don't `trip over` $(this)
set -eu
say() { printf '%s\0' "$@"; }
say {{ v }}
say "{{ v }}"
name={{ v }}pre"{{ v }}"; say "${name}"
say "$(printf '%s' {{ v }}; printf .)"
say "$(printf '%s' "{{ v }}"; printf .)" "a \"{{ v }}\" \\{{ v }}"
case x in
    (x) say {{ v }} ;; # it's
esac
cat <<-'END' >/dev/null
	don't "$(touch
	END
say {{ v }} \
    "${name:+{{ number }}}" $(( {{ number }} + (1) ))
if [ {{ v }} = "{{ v }}" ]; then say same; fi
say `true` "{{ number }}"
"#;

/// The files of a tenant whose configuration has the value as `v` and a number.
fn files(value: &str) -> BTreeMap<String, String> {
    let shown = serde_json::to_string(value).unwrap();
    let world = Memory::new()
        .file("tenantctl.yaml", SETTINGS)
        .file("base.yml", format!("number: 41\nv: !raw {shown}\n"))
        .file("tenants/acme.yml", "")
        .file("templates/files/tenant/script.sh.j2", SCRIPT)
        .file(
            "templates/files/tenant/tree.json.j2",
            "{ {% for key in [v] %}{{ key }}: [\"<{{ v }}>\", {{ v }}, '{{ v | tojson }}']{% endfor %}}",
        )
        .file("templates/files/tenant/tree.yml.j2", "a: {{ v }}\nb: |\n  {{ v }}\n{{ v }}: 1\n");
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let workspace = Workspace::find(&world, &sources, &mut diagnostics).unwrap();
    diagnostics = Diagnostics::with_levels(workspace.levels());
    let selection = Selection { environment: "dev".into(), tenants: vec!["acme".into()], ..Selection::default() };
    let targets = workspace.targets(&selection, &mut diagnostics).unwrap();
    let templates = workspace.templates(&mut diagnostics).unwrap();
    let compiler = Compiler::new(&workspace, Top::default());
    let approved = compiler.approved(&templates, &targets[0], &mut diagnostics);
    let approved = approved.unwrap_or_else(|_| panic!("{value:?}: {:#?}", diagnostics.items()));
    approved.artifacts().iter().map(|file| (file.path().to_string(), file.text().to_owned())).collect()
}

/// What a shell prints when it runs a script in an empty folder, which must stay empty.
fn run(shell: &str, script: &str) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(shell);
    command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{shell}:\n{script}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{shell}:\n{script}");
    let printed = String::from_utf8(output.stdout).unwrap();
    Some(printed.split_terminator('\0').map(str::to_owned).collect())
}

fn holds(value: &str) {
    let files = files(value);
    let v = value.to_owned();
    // Substitution takes line ends away, so something stands behind them.
    let expected = [
        v.clone(),
        v.clone(),
        format!("{v}pre{v}"),
        format!("{v}."),
        format!("{v}."),
        format!("a \"{v}\" \\{v}"),
        v.clone(),
        v.clone(),
        "41".to_owned(),
        "42".to_owned(),
        "same".to_owned(),
        "41".to_owned(),
    ];
    for shell in ["bash", "dash"] {
        // A machine may lack one of them.
        if let Some(printed) = run(shell, &files["script.sh"]) {
            assert_eq!(printed, expected, "{shell}:\n{}", files["script.sh"]);
        }
    }
    let json: serde_json::Value = serde_json::from_str(&files["tree.json"]).unwrap();
    let inner = serde_json::to_string(value).unwrap();
    assert_eq!(json, serde_json::json!({ value: [format!("<{value}>"), value, inner] }), "{}", files["tree.json"]);
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let file = sources.add("tree.yml", files["tree.yml"].as_str());
    let limits = &tenantctl::yaml::Limits::RENDERED;
    let read = tenantctl::yaml::read_document(file, &files["tree.yml"], limits, &mut diagnostics).unwrap();
    assert_eq!(read.at(&["a"]).and_then(|node| node.as_str()), Some(value), "{}", files["tree.yml"]);
    assert_eq!(read.at(&["b"]).and_then(|node| node.as_str()), Some(format!("{value}\n").as_str()));
    assert!(read.at(&[value]).is_some(), "{}", files["tree.yml"]);
}

#[test]
fn known_tricks_do_nothing() {
    for value in [
        "",
        "'",
        "\"",
        "\\",
        "it's \"; touch x #",
        "$(touch x)",
        "`touch x`",
        "${HOME}",
        "a\nEND\ntouch x\n",
        "\n\ttouch x &",
        "!!",
        "* ? [a]",
        "-n",
        "\u{E000}0\u{E001}",
        "ü\u{1F600}\u{202E}",
        "]]; touch x",
        ") ;; esac; touch x",
    ] {
        holds(value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn any_text_stays_a_value(value in "([$`\"'\\\\(){}<>|;&#!*?~ =\n\t-]|touch x|END|[a-z]|\u{E000}|\u{E001}|\u{E002}|ü){0,12}") {
        holds(&value);
    }
}
