//! Rules over objects: a report out.
//!
//! Each object is bound once, and every rule of its kind is evaluated over what is bound. An evaluation that comes to
//! nothing is an error, which counts as a failure.

use std::sync::Arc;

use super::finding::{At, Finding, Report, Tally, shown};
use super::rule::{Kind, Message, Rule, Scope, Validation};
use super::set::{self, View};
use super::subject;
use super::way::{Crooked, Way};
use crate::cel;
use crate::integrity::{self, Set, Site};
use crate::lock::Lock;
use crate::manifest::Manifest;
use crate::path::{Path, Step};
use crate::source::{FileId, Place};
use crate::tree::{Entry, Map, Node, Number, Value};

/// What rules may ask for beside the objects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// The merged configuration, where there is one.
    pub(crate) configuration: Option<&'a Node>,
    pub(crate) environment: &'a str,
    pub(crate) tier: &'a str,
    /// The day, as `2026-01-31`.
    pub(crate) today: &'a str,
    /// `None` for what an environment has once.
    pub(crate) tenant: Option<&'a str>,
    /// `policy.params` of the settings.
    pub(crate) params: &'a Node,
    /// The minor of Kubernetes.
    pub(crate) minor: u8,
    /// All environments there are.
    pub(crate) environments: &'a [Arc<str>],
    /// What later layers may not change.
    pub(crate) locks: &'a [Lock],
    /// The files that values may come from, sorted; none: any.
    pub(crate) files: &'a [FileId],
    /// The objects that compiling again gives, where somebody did.
    pub(crate) again: Option<&'a [Manifest]>,
}

/// Rules, and what they may ask for.
#[derive(Debug)]
pub(crate) struct Engine<'a> {
    rules: &'a [Arc<Rule>],
    facts: Facts<'a>,
    /// What the `values` of each rule are in the configuration.
    values: Vec<Option<Node>>,
    nothing: Node,
    minor: Node,
}

/// What a rule is evaluated over.
struct Subject<'n> {
    node: &'n Node,
    /// Where it is in its root.
    path: Path,
    root: &'n Node,
    /// The object that it is in; `None` for the configuration.
    manifest: Option<usize>,
}

impl<'a> Engine<'a> {
    pub(crate) fn new(rules: &'a [Arc<Rule>], facts: Facts<'a>) -> Self {
        let place = Place::top(FileId::NONE);
        let nothing = Node::new(Value::Map(Arc::new(Map::default())), place);
        let minor = Node::new(Value::Number(Number::Int(i64::from(facts.minor))), place);
        let values = rules.iter().map(|rule| values(rule, &facts)).collect();
        Self { rules, facts, values, nothing, minor }
    }

    /// Evaluates all rules over the objects of a target and its configuration. `among` is what is wrong among the objects,
    /// if all of them are there: of a part nobody can say what it lacks.
    pub(crate) fn run(&self, set: &Set<'_>, among: Option<&[integrity::Finding]>) -> Report {
        let mut report = self.report();
        for (index, manifest) in set.manifests.iter().enumerate() {
            self.object(index, manifest.node(), &mut report);
        }
        self.configuration(&mut report);
        if let Some(among) = among {
            self.set(set, among, &mut report);
        }
        report
    }

    /// An empty report.
    pub(super) fn report(&self) -> Report {
        Report { tallies: vec![Tally::default(); self.rules.len()], findings: Vec::new() }
    }

    /// Evaluates the rules of objects, pods and containers over one object.
    pub(super) fn object(&self, index: usize, object: &Node, report: &mut Report) {
        let text = |key| object.str_at(&[key]).unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let mut scope = self.scope();
        scope.bind("object", object);
        let whole = Subject { node: object, path: Path::root(), root: object, manifest: Some(index) };
        let straight = subject::is_straight(object);
        for (position, rule) in self.of(Scope::Object) {
            if rule.kinds.is_empty() || rule.kinds.iter().any(|own: &Kind| own.is(group, kind)) {
                match &straight {
                    Ok(()) => self.judge(position, rule, &mut scope, &whole, report),
                    Err(crooked) => Self::crooked(position, &whole, crooked, report),
                }
            }
        }
        for pod in subject::pods(group, kind, object) {
            scope.bind("pod", pod.node);
            let containers = pod.containers();
            let subject = Subject { node: pod.node, path: pod.path.clone(), root: object, manifest: Some(index) };
            for (position, rule) in self.of(Scope::PodSpec) {
                match &containers {
                    Ok(_) => self.judge(position, rule, &mut scope, &subject, report),
                    Err(crooked) => Self::crooked(position, &subject, crooked, report),
                }
            }
            match containers {
                Ok(containers) => {
                    for container in containers {
                        scope.bind("container", container.node);
                        scope.bind_text("containerKind", container.kind);
                        let Subject { root, manifest, .. } = subject;
                        let own = Subject { node: container.node, path: container.path, root, manifest };
                        for (position, rule) in self.of(Scope::Container) {
                            self.judge(position, rule, &mut scope, &own, report);
                        }
                    }
                }
                Err(crooked) => {
                    for (position, _) in self.of(Scope::Container) {
                        Self::crooked(position, &subject, &crooked, report);
                    }
                }
            }
        }
    }

    /// Evaluates the rules of the configuration.
    pub(super) fn configuration(&self, report: &mut Report) {
        let Some(root) = self.facts.configuration else { return };
        let mut scope = self.scope();
        let subject = Subject { node: root, path: Path::root(), root, manifest: None };
        for (position, rule) in self.of(Scope::Config) {
            self.judge(position, rule, &mut scope, &subject, report);
        }
    }

    /// Evaluates the rules over all objects.
    pub(super) fn set(&self, set: &Set<'_>, among: &[integrity::Finding], report: &mut Report) {
        for (position, rule) in self.of(Scope::Set) {
            let values = self.values.get(position).and_then(Option::as_ref);
            set::check(&View { set, among, facts: &self.facts, rule, values }, position, report);
        }
    }

    fn of(&self, scope: Scope) -> impl Iterator<Item = (usize, &'a Rule)> + use<'a> {
        let rules: &'a [Arc<Rule>] = self.rules;
        rules.iter().map(AsRef::as_ref).enumerate().filter(move |(_, rule)| rule.scope == scope)
    }

    /// What all subjects have in common.
    fn scope<'v>(&'v self) -> cel::Scope<'v>
    where
        'a: 'v,
    {
        let mut scope = cel::Scope::new();
        scope.bind("config", self.facts.configuration.unwrap_or(&self.nothing));
        scope.bind("params", self.facts.params);
        scope.bind("kubernetes", &self.minor);
        scope.bind_text("environment", self.facts.environment);
        scope.bind_text("tier", self.facts.tier);
        scope.bind_text("today", self.facts.today);
        scope.bind_text("tenant", self.facts.tenant.unwrap_or_default());
        scope
    }

    /// Evaluates one rule over one subject.
    fn judge<'v>(
        &'v self,
        position: usize,
        rule: &'v Rule,
        scope: &mut cel::Scope<'v>,
        subject: &Subject<'v>,
        report: &mut Report,
    ) {
        if let Some(Some(values)) = self.values.get(position) {
            scope.bind("values", values);
        }
        let Some(outcome) = self.outcome(position, rule, scope, subject) else {
            report.tallies[position].not_applicable += 1;
            return;
        };
        let tally = &mut report.tallies[position];
        if outcome.is_empty() {
            tally.pass += 1;
        } else if outcome.iter().any(|finding| finding.error) {
            tally.error += 1;
        } else {
            tally.fail += 1;
        }
        report.findings.extend(outcome);
    }

    /// The findings about a subject; `None` if the rule says nothing of it.
    fn outcome<'v>(
        &self,
        position: usize,
        rule: &'v Rule,
        scope: &mut cel::Scope<'v>,
        subject: &Subject<'v>,
    ) -> Option<Vec<Finding>> {
        let failed = |what: &str, why: &cel::Failure, path: Path| {
            let expected = format!("{what} cannot be evaluated: {}", why.0);
            Finding {
                rule: position,
                validation: None,
                at: subject.at(path),
                also: Vec::new(),
                expected,
                actual: None,
                error: true,
                hidden: false,
            }
        };
        if let Some(applies) = &rule.applies {
            match applies.expression.holds(scope) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(why) => return Some(vec![failed("whether it applies", &why, subject.path.clone())]),
            }
        }
        if !rule.variables.is_empty()
            && let Err((index, why)) = scope.bind_variables(&rule.variables)
        {
            let name = rule.variables.get(index).map_or("", |(name, _)| name.as_str());
            return Some(vec![failed(&format!("its variable `{name}`"), &why, subject.path.clone())]);
        }
        let mut findings = Vec::new();
        let mut applied = false;
        for (index, validation) in rule.validations.iter().enumerate() {
            if !validation.minors.hold(self.facts.minor) {
                continue;
            }
            applied = true;
            let mut check = |path: &Path, scope: &cel::Scope<'_>| match validation.clause.expression.holds(scope) {
                Ok(true) => {}
                Ok(false) => findings.push(self.broken(position, rule, index, validation, scope, subject, path)),
                Err(why) => findings.push(failed("its expression", &why, path.clone())),
            };
            let ways = if validation.each.is_empty() { &rule.each } else { &validation.each };
            if ways.is_empty() {
                check(&subject.path, scope);
                continue;
            }
            match Way::all(ways, subject.node, &subject.path) {
                Ok(places) => {
                    for (path, item) in places {
                        scope.bind("item", item);
                        check(&path, scope);
                    }
                }
                Err(Crooked { path, wanted }) => {
                    findings.push(failed("the rule", &cel::Failure(format!("{path} is not {wanted}")), path.clone()));
                }
            }
        }
        applied.then_some(findings)
    }

    /// A validation does not hold of what is at `base`.
    #[expect(clippy::too_many_arguments, reason = "all of it is needed for the one finding")]
    fn broken(
        &self,
        position: usize,
        rule: &Rule,
        index: usize,
        validation: &Validation,
        scope: &cel::Scope<'_>,
        subject: &Subject<'_>,
        base: &Path,
    ) -> Finding {
        let (expected, error) = match &validation.message {
            Message::Text(text) => (text.to_string(), false),
            Message::Made(clause) => match clause.expression.text(scope) {
                Ok(text) => (text, false),
                Err(why) => (format!("its message cannot be evaluated: {}", why.0), true),
            },
        };
        let own = validation.path.as_ref().unwrap_or(&rule.path);
        let path = match own.steps().split_first() {
            // In the configuration a path may be that of a value by its name.
            Some((Step::Key(first), [Step::Key(name)])) if first.as_ref() == "values" => {
                path_of(rule, &self.facts, name).unwrap_or_default()
            }
            _ => own.steps().iter().fold(base.clone(), |mut path, step| {
                path.push(step.clone());
                path
            }),
        };
        let actual = shown(subject.root, &path);
        let at = subject.at(path);
        Finding {
            rule: position,
            validation: Some(index),
            at,
            also: Vec::new(),
            expected,
            actual,
            error,
            hidden: false,
        }
    }

    /// An object or a pod that cannot be judged.
    fn crooked(position: usize, subject: &Subject<'_>, crooked: &Crooked, report: &mut Report) {
        report.tallies[position].error += 1;
        report.findings.push(Finding {
            rule: position,
            validation: None,
            at: subject.at(crooked.path.clone()),
            also: Vec::new(),
            expected: format!("the rule cannot be evaluated: {} is not {}", crooked.path, crooked.wanted),
            actual: None,
            error: true,
            hidden: false,
        });
    }
}

/// What the names of a rule's `values` stand for: those that are in the configuration.
fn values(rule: &Rule, facts: &Facts<'_>) -> Option<Node> {
    if rule.values.is_empty() {
        return None;
    }
    let place = Place::top(FileId::NONE);
    let mut values = Map::default();
    for (name, _) in &rule.values {
        let found = path_of(rule, facts, name).and_then(|path| facts.configuration?.get(&path));
        if let Some(node) = found {
            values.insert(Arc::clone(name), Entry { key: place, node: node.clone() });
        }
    }
    Some(Node::new(Value::Map(Arc::new(values)), place))
}

/// Where a value of a rule is in the configuration: where `params.values.RULE.NAME` says, else where the rule says.
pub(super) fn path_of(rule: &Rule, facts: &Facts<'_>, name: &str) -> Option<Path> {
    let said = facts.params.str_at(&["values", &rule.id, name]).and_then(|text| Path::parse(text).ok());
    let own = || rule.values.iter().find(|(known, _)| known.as_ref() == name).map(|(_, path)| path.clone());
    said.or_else(own)
}

impl Subject<'_> {
    fn at(&self, path: Path) -> At {
        match self.manifest {
            Some(manifest) => At::Object(Site { manifest, path }),
            None => At::Configuration(path),
        }
    }
}
