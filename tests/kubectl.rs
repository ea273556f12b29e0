//! What we write is read back by kubectl, offline, as what we meant.
//!
//! `kubectl annotate --local` reads YAML with kubectl's own reader, which knows YAML 1.1, and prints JSON; what it read
//! is compared with the `--format json` of the same objects. Without kubectl these tests say so and pass.

#![expect(clippy::print_stderr, clippy::unwrap_used, reason = "a test may fail and says what it skips")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tenantctl::check::{Document, Form};
use tenantctl::diagnostic::{Diagnostics, Failed};
use tenantctl::pipeline::{Compiler, Wanted};
use tenantctl::source::Sources;
use tenantctl::workspace::{Selection, Top, Workspace};
use tenantctl::world::{Disk, Memory, World};

const MARK: &str = "tenantctl.dev/read-by-kubectl";

/// The objects in a YAML stream as kubectl reads them; `None` without kubectl.
fn read(yaml: &str) -> Option<Vec<Value>> {
    let child = Command::new("kubectl")
        .args(["annotate", "--local", "-f", "-", &format!("{MARK}=yes"), "-o", "json"])
        .env("KUBECONFIG", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: there is no kubectl here");
        return None;
    };
    let mut input = child.stdin.take()?;
    let text = yaml.to_owned();
    // Written aside: kubectl answers before it has read everything.
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}\n{yaml}");
    writer.join().unwrap().unwrap();
    let objects = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    Some(objects.map(|object| unmarked(object.unwrap())).collect())
}

/// Takes out the annotation that made kubectl read the object.
fn unmarked(mut object: Value) -> Value {
    let metadata = object.get_mut("metadata").and_then(Value::as_object_mut).unwrap();
    let annotations = metadata.get_mut("annotations").and_then(Value::as_object_mut).unwrap();
    assert_eq!(annotations.remove(MARK), Some(json!("yes")));
    if annotations.is_empty() {
        metadata.remove("annotations");
    }
    object
}

/// An environment of a workspace as YAML and as JSON, target by target.
fn rendered(world: &dyn World, environment: &str, over: Option<&str>) -> Vec<(String, Vec<Value>)> {
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let (mut yaml, mut json) = (Vec::new(), Vec::new());
    let outcome = (|| {
        let workspace = Workspace::find(world, &sources, &mut diagnostics)?;
        diagnostics = Diagnostics::with_levels(workspace.levels());
        let overrides = over.map(str::to_owned).into_iter().collect();
        let selection = Selection { environment: environment.to_owned(), overrides, ..Selection::default() };
        let targets = workspace.targets(&selection, &mut diagnostics)?;
        let templates = workspace.templates(&mut diagnostics)?;
        let compiler = Compiler::new(&workspace, Top::default());
        for (form, texts) in [(Form::Yaml, &mut yaml), (Form::Json, &mut json)] {
            let each = |document: Document| texts.push(document.text().to_owned());
            compiler.run(&templates, &Wanted::all(form), &targets, each, &mut diagnostics)?;
        }
        Ok::<_, Failed>(())
    })();
    assert!(outcome.is_ok(), "{:#?}", diagnostics.items());
    let list = |items: &str| {
        let list: Value = serde_json::from_str(&format!("{}{items}{}", Form::Json.begin(), Form::Json.end())).unwrap();
        list.get("items").and_then(Value::as_array).cloned().unwrap()
    };
    yaml.into_iter().zip(json.iter().map(|json| list(json))).collect()
}

/// Everything of an environment is read back. False without kubectl.
fn reads_back(world: &dyn World, environment: &str, over: Option<&str>) -> bool {
    let texts = rendered(world, environment, over);
    let yaml: String = texts.iter().map(|(yaml, _)| yaml.as_str()).collect();
    let Some(found) = read(&yaml) else { return false };
    let meant: Vec<Value> = texts.into_iter().flat_map(|(_, objects)| objects).collect();
    assert!(!meant.is_empty());
    for (found, meant) in found.iter().zip(&meant) {
        assert_eq!(found, meant, "in {environment} with {over:?}");
    }
    assert_eq!(found.len(), meant.len());
    true
}

#[test]
fn every_object_of_the_shipped_workspace_is_read_back() {
    let world = Disk::new(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let workspace = Workspace::find(&world, &sources, &mut diagnostics).unwrap();
    diagnostics = Diagnostics::with_levels(workspace.levels());
    for environment in workspace.environments() {
        let overrides = workspace.overrides(environment, &mut diagnostics).unwrap();
        for over in std::iter::once(None).chain(overrides.iter().map(|name| Some(name.as_ref()))) {
            if !reads_back(&world, environment, over) {
                return;
            }
        }
    }
}

/// Texts that some reader takes for something else, or that are easily lost.
const AMBIGUOUS: &[&str] = &[
    "",
    " ",
    "  leading",
    "trailing  ",
    "\t",
    "\ttab",
    "a\tb",
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "on",
    "On",
    "off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "true",
    "True",
    "TRUE",
    "false",
    "null",
    "Null",
    "NULL",
    "~",
    "nil",
    "none",
    "0",
    "-0",
    "+1",
    "1",
    "012",
    "0o14",
    "0x1F",
    "0b101",
    "1_000",
    "1,000",
    "1.0",
    "1.",
    ".5",
    "1e3",
    "1E3",
    "1e+3",
    "1_0.5e2",
    ".inf",
    "-.INF",
    ".nan",
    "NaN",
    "1:30",
    "190:20:30",
    "190:20:30.15",
    "2025-01-01",
    "2025-01-01T12:30:00Z",
    "2025-1-1 1:2:3",
    "9007199254740993",
    "123456789012345678901234567890",
    "=",
    "==",
    "<<",
    "<",
    "-",
    "--",
    "---",
    "--- a",
    "...",
    "- item",
    "?",
    "? key",
    ":",
    "a:",
    ": a",
    "a: b",
    "a:b",
    "#",
    "# comment",
    "a # b",
    "a#b",
    "!tag",
    "!!str x",
    "&anchor",
    "*alias",
    "|",
    ">",
    "|-",
    "%directive",
    "@at",
    "`tick`",
    "[",
    "]",
    "[a, b]",
    "{",
    "}",
    "{a: b}",
    "}}",
    ",",
    "'",
    "''",
    "'quoted'",
    "\"",
    "\"quoted\"",
    "it's \"both\"",
    "\\",
    "\\n",
    "a\\",
    "\n",
    "\n\n",
    "two\nlines",
    "two\nlines\n",
    "three\n\nlines\n\n",
    "\nleading",
    "  indented\nlines\n",
    "a\n  deeper\n",
    "a \nb",
    "carriage\rreturn",
    "a\r\nb\r\n",
    "\u{7}bell",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{a0}space",
    "\u{2028}",
    "\u{feff}bom",
    "é",
    "größe 🎵",
    "日本語",
    "\u{202e}right to left",
    "$(HOME)",
    "${x}",
    "a very long text that no line of eighty columns can hold, so that a writer which folds would have to fold it",
];

#[test]
fn ambiguous_texts_are_read_back_as_values_and_as_keys() {
    // JSON is YAML but for these, which it may leave as they are.
    let escaped = |text: &str| {
        let json = serde_json::to_string(text).unwrap();
        let mut escaped = String::new();
        for character in json.chars() {
            match character {
                '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                    escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
                }
                other => escaped.push(other),
            }
        }
        escaped
    };
    let members: String =
        AMBIGUOUS.iter().map(|text| format!("  {}: !raw {}\n", escaped(text), escaped(text))).collect();
    let world = Memory::new()
        .file(
            "tenantctl.yaml",
            "apiVersion: tenantctl.dev/v1\nkind: Workspace\nenvironments: {dev: {}}\nlayers:\n  - {name: base, file: base.yml}\n  \
             - {name: tenant, file: \"tenants/{tenant}.yml\", trust: data}\n",
        )
        .file("base.yml", format!("texts:\n{members}"))
        .file("tenants/t.yml", "")
        .file(
            "templates/tenant/texts.yaml.j2",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: texts, namespace: t}\ndata: {{ texts }}\n",
        );
    let texts = rendered(&world, "dev", None);
    let [(_, objects)] = texts.as_slice() else { panic!("one target") };
    let data = objects[0].get("data").and_then(Value::as_object).unwrap();
    assert_eq!(data.len(), AMBIGUOUS.len());
    for text in AMBIGUOUS {
        assert_eq!(data.get(*text).and_then(Value::as_str), Some(*text));
    }
    reads_back(&world, "dev", None);
}
