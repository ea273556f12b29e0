//! What other services run: the scripts of the GitHub Action and of the GitLab include, as those services would run
//! them, and the hooks of pre-commit.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test writes files and may fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use tenantctl::diagnostic::Diagnostics;
use tenantctl::source::Sources;
use tenantctl::tree::{Node, Value};
use tenantctl::yaml::{self, Limits};

const ACTION: &str = include_str!("../action.yml");
const INCLUDE: &str = include_str!("../.gitlab/tenantctl.yml");
const HOOKS: &str = include_str!("../.pre-commit-hooks.yaml");

/// The documents of a file.
fn documents(text: &str) -> Vec<Node> {
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let read = yaml::read_stream(sources.add("file.yml", text), text, &Limits::RENDERED, &mut diagnostics);
    assert!(read.is_ok(), "{diagnostics:?}");
    read.unwrap_or_default().iter().map(yaml::Written::to_node).collect()
}

fn list<'a>(node: &'a Node, keys: &[&str]) -> &'a [Node] {
    node.at(keys).and_then(|node| node.value.as_list()).unwrap_or_default()
}

fn pairs(node: &Node, keys: &[&str]) -> BTreeMap<String, String> {
    let map = node.at(keys).and_then(|node| node.value.as_map());
    let pair = |(key, entry): (&std::sync::Arc<str>, &tenantctl::tree::Entry)| match &entry.node.value {
        Value::String(text) => Some((key.to_string(), text.to_string())),
        _ => None,
    };
    map.into_iter().flat_map(|map| map.iter().filter_map(pair)).collect()
}

/// A clone of somebody's repository: the shipped workspace, committed, with a change on top.
struct Checkout(TempDir);

impl Checkout {
    fn new() -> Self {
        let checkout = Self(tempfile::tempdir().unwrap());
        let path = checkout.path().join("w");
        let init = Command::new(env!("CARGO_BIN_EXE_tenantctl")).arg("init").arg(&path).output().unwrap();
        assert!(init.status.success(), "{init:?}");
        for arguments in [&["init", "--quiet"][..], &["add", "--all"], &["commit", "--quiet", "--message", "all"]] {
            let git = Command::new("git")
                .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
                .args(arguments)
                .current_dir(checkout.path())
                .output()
                .unwrap();
            assert!(git.status.success(), "{git:?}");
        }
        checkout
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn change(&self, file: &str, from: &str, to: &str) {
        let file = self.path().join(file);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(file, text.replace(from, to)).unwrap();
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap_or_default()
    }

    /// Runs a script as the services do: in the checkout, ending at the first command that fails.
    fn run(&self, script: &str, variables: &BTreeMap<String, String>) -> Output {
        let programs = Path::new(env!("CARGO_BIN_EXE_tenantctl")).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(self.path());
        command.env("PATH", path).envs(variables).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A run of the Action with some inputs; the step that installs is left out.
struct Action<'a> {
    checkout: &'a Checkout,
    inputs: BTreeMap<String, String>,
    /// What each step gave, by its name.
    steps: BTreeMap<String, Output>,
}

impl<'a> Action<'a> {
    fn run(checkout: &'a Checkout, given: &[(&str, &str)]) -> Self {
        let documents = documents(ACTION);
        let action = documents.first().unwrap();
        let names = action.at(&["inputs"]).unwrap().value.as_map().unwrap();
        let mut inputs: BTreeMap<String, String> = names
            .keys()
            .map(|name| (name.to_string(), action.str_at(&["inputs", name, "default"]).unwrap().to_owned()))
            .collect();
        for (name, value) in given {
            assert!(inputs.insert((*name).to_owned(), (*value).to_owned()).is_some(), "{name} is no input");
        }
        let mut this = Self { checkout, inputs, steps: BTreeMap::new() };
        for step in list(action, &["runs", "steps"]) {
            this.step(step);
        }
        this
    }

    fn step(&mut self, step: &Node) {
        let name = step.str_at(&["name"]).unwrap();
        let Some(script) = step.str_at(&["run"]) else { return };
        // What somebody gives is never part of a script.
        assert!(!script.contains("${{"), "{script}");
        if name == "Install" || self.steps.values().any(|output| !output.status.success()) {
            return;
        }
        if let Some(condition) = step.str_at(&["if"])
            && !self.holds(condition)
        {
            return;
        }
        let folder = self.checkout.path();
        let mut variables: BTreeMap<String, String> =
            pairs(step, &["env"]).into_iter().map(|(name, value)| (name, self.value(&value).to_owned())).collect();
        for (name, file) in [("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary.md"), ("RUNNER_TEMP", "")] {
            variables.insert(name.to_owned(), folder.join(file).to_string_lossy().into_owned());
        }
        variables.insert("GITHUB_ACTION_PATH".to_owned(), env!("CARGO_MANIFEST_DIR").to_owned());
        self.steps.insert(name.to_owned(), self.checkout.run(script, &variables));
    }

    /// `${{ inputs.name }}`.
    fn value(&self, written: &str) -> &str {
        let name = written.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}")).unwrap();
        self.inputs.get(name).unwrap()
    }

    /// `${{ inputs.name == 'value' }}`, or with `!=`.
    fn holds(&self, condition: &str) -> bool {
        let inner = condition.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}")).unwrap();
        let [name, operator, value] = inner.split(' ').collect::<Vec<_>>()[..] else { unreachable!("{condition}") };
        let is = self.inputs.get(name).unwrap() == value.trim_matches('\'');
        if operator == "==" { is } else { !is }
    }

    fn said(&self, step: &str) -> String {
        text(&self.steps.get(step).unwrap().stderr)
    }
}

const ACME: &str = "w/environments/prod/tenants/acme-corp.yml";

#[test]
fn the_action_checks_and_tells_the_impact() {
    let checkout = Checkout::new();
    checkout.change("w/environments/tiers/premium.yml", "cpu_limit: 2000m", "cpu_limit: 2500m");
    let action = Action::run(&checkout, &[("workspace", "w"), ("impact-against", "HEAD"), ("sarif", "t.sarif")]);
    let failed: Vec<_> = action.steps.iter().filter(|(_, output)| !output.status.success()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(action.steps.len(), 4, "{:?}", action.steps.keys());
    assert!(checkout.read("output").contains("digest="), "{}", checkout.read("output"));
    assert!(checkout.read("output").contains("impact.md"), "{}", checkout.read("output"));
    assert!(checkout.read("summary.md").contains("environments/tiers/premium.yml"), "{}", checkout.read("summary.md"));
    assert!(checkout.read("t.sarif").contains("\"results\":[]"), "{}", checkout.read("t.sarif"));
}

#[test]
fn the_action_annotates_what_is_wrong_and_fails() {
    let checkout = Checkout::new();
    checkout.change(ACME, "tier: premium", "teir: premium");
    let action = Action::run(&checkout, &[("workspace", "w"), ("environment", "prod"), ("sarif", "t.sarif")]);
    assert_eq!(action.steps.get("Validate").unwrap().status.code(), Some(1), "{}", action.said("Validate"));
    assert!(action.said("Validate").contains(&format!("::error file={ACME},line=")), "{}", action.said("Validate"));
    assert!(checkout.read("t.sarif").contains(ACME), "{}", checkout.read("t.sarif"));
    assert!(checkout.read("summary.md").contains("acme-corp.yml"), "{}", checkout.read("summary.md"));
}

#[test]
fn the_action_fails_at_a_risk_and_still_tells_it() {
    let checkout = Checkout::new();
    fs::remove_file(checkout.path().join(ACME)).unwrap();
    let given = [("workspace", "w"), ("impact-against", "HEAD"), ("fail-on", "deleted")];
    let action = Action::run(&checkout, &given);
    assert_eq!(action.steps.get("Tell the impact").unwrap().status.code(), Some(1));
    assert!(checkout.read("summary.md").contains("acme-corp"), "{}", checkout.read("summary.md"));
}

/// The script of a job of the include, with its inputs as they are by default, and the job's variables.
fn job(name: &str) -> (String, BTreeMap<String, String>) {
    let documents = documents(INCLUDE);
    let [spec, jobs] = documents.as_slice() else { unreachable!("two documents") };
    let inputs = spec.at(&["spec", "inputs"]).unwrap().value.as_map().unwrap();
    let filled = |text: &str| {
        inputs.iter().fold(text.to_owned(), |text, (name, input)| {
            text.replace(&format!("$[[ inputs.{name} ]]"), input.node.str_at(&["default"]).unwrap())
        })
    };
    let lines = |keys: &[&str]| -> Vec<String> {
        list(jobs, keys).iter().map(|line| filled(line.value.as_str().unwrap())).collect()
    };
    let script: Vec<String> = [lines(&[".tenantctl", "before_script"]), lines(&[name, "script"])].concat();
    let variables = pairs(jobs, &[".tenantctl", "variables"]);
    (script.join("\n"), variables.into_iter().map(|(name, value)| (name, filled(&value))).collect())
}

#[test]
fn the_jobs_of_gitlab_leave_their_reports() {
    let checkout = Checkout::new();
    checkout.change(ACME, "tier: premium", "teir: premium");
    let (script, mut variables) = job("tenantctl validate");
    variables.insert("TENANTCTL_WORKSPACE".to_owned(), "w".to_owned());
    let output = checkout.run(&script, &variables);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("error[TC"), "{output:?}");
    assert!(checkout.read("gl-code-quality-report.json").contains(ACME));
    assert!(checkout.read("tenantctl-junit.xml").contains("acme-corp"));
}

#[test]
fn the_job_of_gitlab_tells_the_impact_of_a_merge_request() {
    let checkout = Checkout::new();
    checkout.change("w/environments/tiers/premium.yml", "cpu_limit: 2000m", "cpu_limit: 2500m");
    let (script, mut variables) = job("tenantctl impact");
    variables.insert("TENANTCTL_WORKSPACE".to_owned(), "w".to_owned());
    variables.insert("CI_MERGE_REQUEST_DIFF_BASE_SHA".to_owned(), "HEAD".to_owned());
    let output = checkout.run(&script, &variables);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(checkout.read("impact.md").contains("environments/tiers/premium.yml"), "{}", checkout.read("impact.md"));
    let (script, _) = job("tenantctl lint");
    assert_eq!(checkout.run(&script, &variables).status.code(), Some(0));
}

#[test]
fn the_hooks_of_pre_commit_run() {
    let checkout = Checkout::new();
    let documents = documents(HOOKS);
    let hooks = documents.first().and_then(|hooks| hooks.value.as_list()).unwrap();
    assert_eq!(hooks.len(), 3);
    let installed = checkout.run("cd w && tenantctl schema install", &BTreeMap::new());
    assert_eq!(installed.status.code(), Some(0), "{installed:?}");
    for hook in hooks {
        let entry = hook.str_at(&["entry"]).unwrap();
        let output = checkout.run(&format!("cd w && {entry}"), &BTreeMap::new());
        assert_eq!(output.status.code(), Some(0), "{entry}: {output:?}");
    }
}
