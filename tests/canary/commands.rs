//! The commands there are, as `--help` lists them, and how each is run.

use std::collections::BTreeSet;

use super::bench::{Bench, May};

/// A run: the arguments, what is on standard input, the exit codes it may have, and whether it shows secrets. `{format}`
/// stands for each form that the command has.
pub(crate) struct Run(pub(crate) &'static str, pub(crate) &'static str, pub(crate) &'static [i32], pub(crate) May);

const fn run(arguments: &'static str) -> Run {
    Run(arguments, "", &[0], May::Hide)
}

const fn with(arguments: &'static str, input: &'static str) -> Run {
    Run(arguments, input, &[0], May::Hide)
}

const fn ending(arguments: &'static str, codes: &'static [i32]) -> Run {
    Run(arguments, "", codes, May::Hide)
}

const fn revealing(arguments: &'static str) -> Run {
    Run(arguments, "", &[0], May::Reveal)
}

/// Every command at least once, in an order in which each finds what it needs.
pub(crate) const RUNS: &[Run] = &[
    run("render dev --format {format}"),
    run("render staging --format {format} --timings"),
    run("render prod --format {format} --no-cache"),
    run("render lab --format {format}"),
    run("render prod -o out --source-map map.json"),
    run("render prod -o out"),
    run("render staging -o out --source-map staging.json"),
    run("render dev --source-map dev.json --template tenant/app.yaml.j2").or_usage(),
    revealing("render staging --reveal-secrets"),
    revealing("render staging --reveal-secrets --format json --kind secret"),
    run("render staging --reveal-secrets --format name"),
    run("render staging --reveal-secrets -o ../elsewhere/out"),
    run("render staging --reveal-secrets -o ../elsewhere/out --verify-cache"),
    ending("render prod --reveal-secrets", &[1]),
    run("apply staging --dry-run client"),
    run("apply staging --dry-run server"),
    run("apply staging --dry-run client --reveal-secrets"),
    run("apply staging --reveal-secrets"),
    run("apply staging"),
    ending("apply prod", &[2]),
    run("validate"),
    run("validate dev --timings=json"),
    run("validate prod --verify-cache"),
    ending("validate out/prod/acme/manifest.yaml", &[0, 1]),
    ending("validate ../elsewhere/out/staging/acme/manifest.yaml --complete", &[0, 1]),
    ending("validate environments/prod/secrets/_environment.yml", &[0, 1]),
    ending("lint", &[0, 1]),
    ending("lint --fix", &[0, 1]),
    run("get prod acme --format {format}"),
    run("get prod acme database --format {format}"),
    run("get staging acme database.password --format {format}"),
    ending("diff staging prod --format {format}", &[0, 1]),
    ending("diff prod --against out --format {format}", &[0, 1]),
    ending("diff staging --against ../elsewhere/out --format {format}", &[0, 1]),
    ending("diff prod --against-rev one --format {format}", &[0, 1]),
    ending("diff staging --against-rev one --format {format}", &[0, 1]),
    ending("impact one --format {format}", &[0, 1]),
    ending("impact one HEAD --env staging --format {format}", &[0, 1]),
    run("report cost prod --format {format}"),
    run("policy list --format {format}"),
    run("policy explain TC-POD-118"),
    run("policy emit prod"),
    run("policy test"),
    run("release create staging"),
    run("release create prod"),
    with("secrets set prod database.password", "Godwit44-Next+Two/Bb\n"),
    with("secrets set staging database.password", "Godwit44-Next+Two/Bb\n"),
    run("render prod"),
    revealing("render staging --reveal-secrets"),
    run("release create prod"),
    run("release create staging"),
    run("release list --format {format}"),
    run("release show prod --format {format}"),
    run("release show staging 1 --format {format}"),
    ending("release diff prod 1 2 --format {format}", &[0, 1]),
    ending("release diff staging 1 --format {format}", &[0, 1]),
    run("release verify --format {format}"),
    run("release checkpoint prod"),
    ending("secrets check", &[0, 1]),
    ending("secrets check prod", &[0, 1]),
    ending("status staging --live --format {format}", &[0, 1]),
    run("status prod --format {format}"),
    ending("release rollback prod --to-version 1", &[0, 1]),
    ending("release prune prod --keep 1", &[0, 1]),
    run("list environments --format {format}"),
    run("list layers --format {format}"),
    run("list templates --format {format}"),
    ending("tenant new newt --tier free --name Newt", &[0, 1]),
    run("tenant list --format {format}"),
    ending("tenant show acme", &[0, 1]),
    ending("tenant remove newt", &[0, 1]),
    run("explain"),
    run("explain TC820 --format {format}"),
    run("explain prod acme database.password --format {format}"),
    run("explain staging acme Pod/app metadata.name --format {format}"),
    ending("explain staging acme Secret/database stringData.password --format {format}", &[0, 1]),
    ending("explain out/prod/acme/manifest.yaml:9 --format {format}", &[0, 1]),
    ending("explain ../elsewhere/out/staging/acme/manifest.yaml:9 --format {format}", &[0, 1]),
    ending("explain ../elsewhere/out/staging/acme/manifest.yaml:12 --format {format}", &[0, 1]),
    ending("explain ../elsewhere/out/staging/acme/manifest.yaml:16", &[0, 1]),
    ending("explain ../elsewhere/out/staging/acme/manifest.yaml:17", &[0, 1]),
    ending("explain ../elsewhere/out/staging/acme/manifest.yaml:18", &[0, 1]),
    ending("explain environments/prod/secrets/_environment.yml:2", &[0, 1]),
    ending("compliance staging --format {format}", &[0, 1]),
    ending("compliance prod -o reports", &[0, 1]),
    ending("compliance diff reports/report.json reports/report.json --format {format}", &[0, 1]),
    ending("compliance verify reports/report.json", &[0, 1]),
    ending("compliance waivers waivers.yaml --report reports/report.json", &[0, 1]),
    run("schema --layer base prod"),
    run("schema --layer tenant staging"),
    run("schema --settings"),
    run("schema install"),
    run("init fresh"),
    run("completions bash"),
    run("secrets init prod"),
    run("secrets init prod --tenant acme"),
    with("secrets set prod odd.text", "first \"Heron5tYw\"\\\n'second' %Gull8üñí&<x>\nPlover3kk\n"),
    with("secrets set dev database.password", "Kestrel7-Qv9+Zr4/Lm2"),
    revealing("secrets get prod database.password"),
    revealing("secrets get prod database.password --previous"),
    revealing("secrets get prod api.token --tenant acme"),
    ending("secrets get prod database.pasword", &[1]),
    run("secrets list --format {format}"),
    run("secrets list prod --tenant acme --format {format}"),
    run("secrets edit prod"),
    run("secrets edit prod --tenant acme"),
    revealing("secrets decrypt environments/prod/secrets/_environment.yml"),
    run("secrets decrypt environments/prod/secrets/_environment.yml -o ../elsewhere/plain.yml"),
    run("secrets encrypt environments/lab/plain.yml"),
    run("secrets encrypt --in-place environments/lab/plain.yml"),
    run("secrets updatekeys prod"),
    run("secrets rotate prod"),
    run("secrets rotate prod --values session.key"),
    run("secrets retire prod"),
    run("secrets unset prod odd.text"),
];

/// Commands that no run is for, each with the reason.
const EXEMPT: &[(&str, &str)] = &[];

impl Run {
    /// The same, which may be no way to ask.
    const fn or_usage(self) -> Self {
        Self(self.0, self.1, &[0, 2], self.3)
    }
}

/// A command: its words, and the forms that it can print.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) words: String,
    pub(crate) forms: Vec<String>,
}

/// All commands that can be run, as the help of each tells.
pub(crate) fn known(bench: &Bench, words: &[&str], found: &mut Vec<Known>) {
    let help = bench.must(&[words, &["-h"]].concat(), "", 0);
    let commands = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let below = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let below: Vec<&str> =
        below.filter_map(|line| line.split_whitespace().next()).filter(|word| *word != "help").collect();
    let usage = help.lines().find(|line| line.starts_with("Usage:")).unwrap();
    if !usage.ends_with("<COMMAND>") {
        found.push(Known { words: words.join(" "), forms: values(&help, "--format <FORM>") });
    }
    for word in below {
        known(bench, &[words, &[word]].concat(), found);
    }
}

/// The values of an option in a help.
pub(crate) fn values(help: &str, option: &str) -> Vec<String> {
    let Some((_, rest)) = help.split_once(&format!(" {option} ")) else { return Vec::new() };
    let words = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((_, values)) = words.split_once("possible values: ") else { return Vec::new() };
    values.split(']').next().unwrap().split(", ").map(str::to_owned).collect()
}

/// The command of a run: the longest whose words it begins with.
pub(crate) fn command_of<'k>(known: &'k [Known], run: &Run) -> &'k Known {
    let is_of = |known: &&Known| format!("{} ", run.0).starts_with(&format!("{} ", known.words));
    known.iter().filter(is_of).max_by_key(|known| known.words.len()).unwrap_or_else(|| panic!("{}", run.0))
}

/// Fails for commands and forms that no run is for.
pub(crate) fn complete(known: &[Known]) {
    let run: BTreeSet<&str> = RUNS.iter().map(|run| command_of(known, run).words.as_str()).collect();
    let exempt = |words: &str| EXEMPT.iter().any(|(command, _)| *command == words);
    let missing: Vec<&str> =
        known.iter().map(|known| known.words.as_str()).filter(|words| !run.contains(words) && !exempt(words)).collect();
    assert!(missing.is_empty(), "no run for {missing:?}: put them into RUNS, or with a reason into EXEMPT");
    for Known { words, forms } in known.iter().filter(|known| !known.forms.is_empty()) {
        let all = RUNS.iter().any(|run| command_of(known, run).words == *words && run.0.contains("{format}"));
        assert!(all || exempt(words), "no run of `{words}` has all forms {forms:?}");
    }
}
