//! Trying rules on their own examples.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexSet;

use super::among::{Among, Given, Grounds, Share};
use super::catalogue::Catalogue;
use super::engine::{Engine, Facts};
use super::finding::{At, Finding, Report, Tally};
use super::rule::{Example, Expected, Rule, Scope};
use crate::compliance::waiver::Waiver;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::integrity::{self, Set};
use crate::manifest::Manifest;
use crate::path::Path;
use crate::source::{FileId, Place, Sources};
use crate::tree::{Map, Node, Value};
use crate::yaml::emit;

/// Tries every example of the rules; records those that come out otherwise than they say, and rules whose examples do not
/// show everything. Gives the number of examples.
pub(crate) fn run(rules: &[Arc<Rule>], diagnostics: &mut Diagnostics) -> usize {
    rules.iter().map(|rule| of(rule, diagnostics)).sum()
}

fn of(rule: &Arc<Rule>, diagnostics: &mut Diagnostics) -> usize {
    let mut broken = BTreeSet::new();
    for example in &rule.examples {
        match tried(rule, example) {
            Ok(report) => {
                broken.extend(report.findings.iter().filter_map(|finding| finding.validation));
                if let Some(diagnostic) = difference(rule, example, &report) {
                    diagnostics.record(diagnostic);
                }
            }
            Err(diagnostic) => diagnostics.record(*diagnostic),
        }
    }
    for expected in [Expected::Pass, Expected::Fail] {
        if !rule.examples.iter().any(|example| example.expected == expected) {
            let message = format!("{} has no example that is to {}", rule.id, word(expected));
            diagnostics.record(
                Diagnostic::new(code::RULE_EXAMPLE, message)
                    .at(rule.place, "this rule")
                    .help(format!("write one under `tests.{}`", word(expected))),
            );
        }
    }
    for (index, validation) in rule.validations.iter().enumerate() {
        if !broken.contains(&index) {
            let message = format!("no example of {} breaks this validation", rule.id);
            diagnostics.record(
                Diagnostic::new(code::RULE_EXAMPLE, message).at(validation.place, "never seen to fail").help(
                    "add an example under `tests.fail`, with `kubernetes` where the validation is for some versions",
                ),
            );
        }
    }
    rule.examples.len()
}

/// What a rule says of an example.
fn tried(rule: &Arc<Rule>, example: &Example) -> Result<Report, Box<Diagnostic>> {
    let place = Place::top(FileId::NONE);
    let nothing = Node::new(Value::Map(Arc::new(Map::default())), place);
    let again = example.again.as_deref().map(manifests).transpose()?;
    let facts = Facts {
        configuration: example.config.as_ref(),
        environment: &example.environment,
        tier: &example.tier,
        today: &example.today,
        tenant: example.config.as_ref().and_then(|config| config.str_at(&["tenant", "id"])),
        params: example.params.as_ref().unwrap_or(&nothing),
        minor: example.minor,
        environments: &example.environments,
        locks: &example.locks,
        files: &[],
        again: again.as_deref(),
    };
    let rules = std::slice::from_ref(rule);
    if rule.scope == Scope::Environment {
        return among(rule, example, facts);
    }
    let engine = Engine::new(rules, facts);
    let mut report = engine.report();
    match rule.scope {
        Scope::Config => engine.configuration(&mut report),
        Scope::Set => {
            let objects = manifests(&example.objects)?;
            let set = Set::new(&objects, &[], example.config.as_ref());
            engine.set(&set, &integrity::check(&set), &mut report);
        }
        _ => example.objects.iter().enumerate().for_each(|(index, object)| engine.object(index, object, &mut report)),
    }
    Ok(report)
}

fn manifests(objects: &[Node]) -> Result<Vec<Manifest>, Box<Diagnostic>> {
    objects.iter().map(|object| Manifest::new(object.clone(), &Arc::from("example"))).collect()
}

/// What a rule over all targets says of an example.
fn among(rule: &Arc<Rule>, example: &Example, facts: Facts<'_>) -> Result<Report, Box<Diagnostic>> {
    let rules = std::slice::from_ref(rule);
    let mut among = Among::new(rules.to_vec());
    for member in &example.targets {
        let configuration = member.config.as_ref();
        let tier = configuration.and_then(|config| config.str_at(&["tenant", "tier"])).unwrap_or_default();
        let facts = Facts { configuration, tier, tenant: member.tenant.as_deref(), ..facts };
        among.admit(member.tenant.as_ref(), Share::of(rules, &facts, &manifests(&member.objects)?));
    }
    let given = |document: &Node| Given { name: "example".into(), environment: None, document: document.clone() };
    let given: Vec<Given> = example.files.iter().map(given).collect();
    let (sources, mut said) = (Sources::default(), Diagnostics::new());
    let mut waivers = Vec::new();
    for waiver in &example.waivers {
        let file = sources.add("example", &emit::json(waiver, false));
        waivers.extend(Waiver::read(&sources, file, &mut said).unwrap_or_default());
    }
    let settlement = among.settle(&Grounds {
        roster: &IndexSet::new(),
        environment: &example.environment,
        params: facts.params,
        today: &example.today,
        whole: !example.partial,
        given: &given,
        waivers: &waivers,
        catalogue: Catalogue::shipped().rules(),
    });
    let mut tally = Tally::default();
    for kept in &settlement.tallies {
        tally.pass += kept.pass;
        tally.not_applicable += kept.not_applicable;
    }
    let refused = said.items().iter().map(|item| item.message.clone());
    let expected = settlement.breaches.into_iter().map(|breach| breach.expected).chain(refused);
    let finding = |expected| Finding {
        rule: 0,
        validation: None,
        at: At::Configuration(Path::root()),
        also: Vec::new(),
        expected,
        actual: None,
        error: false,
        hidden: false,
    };
    let findings: Vec<Finding> = expected.map(finding).collect();
    tally.fail = findings.len();
    Ok(Report { tallies: vec![tally], findings })
}

/// What is to be said of an example that comes out otherwise than it says.
fn difference(rule: &Rule, example: &Example, report: &Report) -> Option<Diagnostic> {
    let tally = report.tallies.first().copied().unwrap_or_default();
    let found = if tally.error > 0 {
        Expected::Error
    } else if tally.fail > 0 {
        Expected::Fail
    } else if tally.pass > 0 {
        Expected::Pass
    } else {
        Expected::NotApplicable
    };
    if found == example.expected {
        return None;
    }
    let message = format!("an example of {} is to {}, but it {}", rule.id, word(example.expected), outcome(found));
    let diagnostic = Diagnostic::new(code::RULE_EXAMPLE, message).at(example.place, "this example");
    let said: BTreeSet<&str> = report.findings.iter().map(|finding: &Finding| finding.expected.as_str()).collect();
    Some(said.into_iter().fold(diagnostic, Diagnostic::note))
}

fn word(expected: Expected) -> &'static str {
    match expected {
        Expected::Pass => "pass",
        Expected::Fail => "fail",
        Expected::Error => "be an error",
        Expected::NotApplicable => "be not applicable",
    }
}

fn outcome(found: Expected) -> &'static str {
    match found {
        Expected::Pass => "passes",
        Expected::Fail => "fails",
        Expected::Error => "is an error",
        Expected::NotApplicable => "is not applicable",
    }
}
