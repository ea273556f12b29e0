//! Objects and their configuration beside the rules of the policy: what the environment denies is an error, what it warns
//! of is a warning, and of the rest nothing is said.

use std::sync::Arc;

use jiff::civil::Date;

use super::Rules;
use super::schema::{Origins, beside};
use crate::compliance::waiver::{self, Waiver};
use crate::diagnostic::{self, Diagnostic, Diagnostics, code};
use crate::integrity::{self, Set, Site};
use crate::kubernetes::{Problem, Version};
use crate::lock::Lock;
use crate::manifest::Manifest;
use crate::merge::called;
use crate::path::Path;
use crate::policy::{At, Catalogue, Engine, Facts, Finding, Given, Report, Rule};
use crate::render::Rendered;
use crate::source::{FileId, Place, Sources};
use crate::template::Templates;
use crate::workspace::{Gates, Workspace};

/// The rules of a workspace, and what they stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) gates: &'a Gates,
    /// What later layers may not change.
    pub(crate) locks: &'a [Lock],
    /// Accepted exceptions.
    pub(crate) waivers: &'a [Waiver],
    pub(crate) today: Date,
    /// Files about the clusters.
    pub(crate) given: &'a [Given],
}

impl<'a> Policy<'a> {
    /// What rules may ask for of a target, on a day.
    pub(crate) fn facts<'f>(
        &self,
        rendered: &'f Rendered,
        kubernetes: Version,
        today: &'f str,
        files: &'f [FileId],
    ) -> Facts<'f>
    where
        'a: 'f,
    {
        let target = rendered.target();
        let root = rendered.configuration().root();
        Facts {
            configuration: Some(root),
            environment: target.environment(),
            tier: root.str_at(&["tenant", "tier"]).unwrap_or_default(),
            today,
            tenant: target.tenant().map(AsRef::as_ref),
            params: self.gates.params(target.environment()),
            minor: kubernetes.number(),
            environments: self.gates.known(),
            locks: self.locks,
            files,
            again: None,
        }
    }

    /// The day, if what is found in an environment may depend on it.
    pub(crate) fn day(&self) -> Option<Date> {
        let least = self.gates.least()?;
        let dated = |rule: &Arc<Rule>| rule.severity >= least && rule.names("today");
        (!self.waivers.is_empty() || self.catalogue.rules().iter().any(dated)).then_some(self.today)
    }

    /// The waivers of an environment that are in force.
    pub(super) fn in_force(&self, environment: &str) -> Vec<&Waiver> {
        if self.waivers.is_empty() {
            return Vec::new();
        }
        let rules = self.catalogue.rules().iter().map(|rule| (rule.id.as_ref(), rule.severity)).collect();
        let here = self.waivers.iter().filter(|waiver| waiver.environment == environment);
        here.filter(|waiver| waiver::judged(waiver, &rules, self.today).holds()).collect()
    }
}

/// The files that the values of a target's objects may come from, sorted: its templates and its layers.
pub(crate) fn files(rendered: &Rendered, templates: &Templates) -> Vec<FileId> {
    let layers = rendered.configuration().layers().stack().iter().map(|layer| layer.document.file);
    let mut files: Vec<FileId> = templates.sources().chain(layers).collect();
    files.sort_unstable();
    files
}

/// What other checks have found about a target.
pub(super) struct Found<'a> {
    pub(super) set: &'a Set<'a>,
    /// What is wrong among its objects.
    pub(super) among: &'a [integrity::Finding],
    /// The fields that something was said of already.
    pub(super) known: &'a [Site],
}

/// Evaluates the rules over a target.
pub(super) fn check(
    rendered: &Rendered,
    rules: &Rules<'_>,
    found: &Found<'_>,
    templates: &Templates,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let (Some(policy), Some(kubernetes)) = (rules.policy, rules.kubernetes) else { return };
    let environment = rendered.target().environment();
    let Some(gate) = policy.gates.of(environment) else { return };
    let Some(least) = gate.least() else { return };
    let wanted =
        policy.catalogue.rules().iter().filter(|rule| rule.severity >= least && gate.exemption(&rule.id).is_none());
    let wanted: Vec<Arc<Rule>> = wanted.cloned().collect();
    let today = policy.today.to_string();
    let files = files(rendered, templates);
    let facts = policy.facts(rendered, kubernetes.version(), &today, &files);
    let report = Engine::new(&wanted, facts).run(found.set, rules.whole.then_some(found.among));
    let mut origins = None;
    let waivers = policy.in_force(environment);
    for finding in &report.findings {
        let Some(rule) = wanted.get(finding.rule) else { continue };
        let waived = waived(&waivers, rule, finding, rendered);
        let denied = waived.is_none() && gate.deny.is_some_and(|deny| rule.severity >= deny);
        let mut diagnostic = match &finding.at {
            at if finding.hidden => hidden(rule, finding, at, rendered, sources),
            At::Object(site) if found.known.contains(site) => continue,
            At::Object(site) => {
                let Some(manifest) = rendered.manifests().get(site.manifest) else { continue };
                let origins = origins.get_or_insert_with(|| Origins::new(rendered, rules.schemas, templates, sources));
                let problem = problem(rule, finding, manifest, &site.path, denied, facts.tenant, origins);
                origins.diagnostic(problem, manifest, denied)
            }
            At::Configuration(path) => configuration(rule, finding, path, rendered),
        };
        for (at, text) in &finding.also {
            let place = match at {
                At::Object(site) => site.place(rendered.manifests()),
                At::Configuration(path) => Some(rendered.configuration().resolved().merged().reach(path).1.place),
            };
            if let Some(place) = place {
                diagnostic = diagnostic.also(place, text.clone());
            }
        }
        if let Some(waiver) = waived {
            let (id, owner, expires) = (&waiver.id, &waiver.owner, waiver.expires);
            diagnostic = diagnostic.note(format!("waived by {id} of {owner} up to {expires}"));
        }
        if !denied {
            diagnostic.severity = diagnostic::Severity::Warning;
        }
        diagnostics.record(diagnostic);
    }
}

/// The waiver that covers a finding.
fn waived<'w>(waivers: &[&'w Waiver], rule: &Rule, finding: &Finding, rendered: &Rendered) -> Option<&'w Waiver> {
    if waivers.is_empty() {
        return None;
    }
    let target = rendered.target();
    let (reference, path) = match &finding.at {
        At::Object(site) => {
            let manifest = rendered.manifests().get(site.manifest)?;
            (waiver::reference(manifest.identity()), site.path.pointer())
        }
        At::Configuration(path) => (format!("configuration/{target}"), path.pointer()),
    };
    let tenant = target.tenant().map(AsRef::as_ref);
    let about = |waiver: &&&Waiver| waiver.is_about(target.environment(), &rule.id, tenant, &reference, &path);
    waivers.iter().find(about).copied()
}

/// What rules say of one target, and where what they found comes from.
#[derive(Debug)]
pub(crate) struct Judgement {
    pub(crate) report: Report,
    /// For each finding of the report, the deciding place first.
    pub(crate) traces: Vec<Vec<Trace>>,
}

/// A place that made a value.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    pub(crate) place: Place,
    /// `layer base`, where it is in one; else it is in a template.
    pub(crate) layer: Option<String>,
    /// The path into the configuration.
    pub(crate) path: Option<Path>,
}

/// Evaluates rules over a target, whatever they stop.
pub(crate) fn judge(
    rendered: &Rendered,
    wanted: &[Arc<Rule>],
    facts: Facts<'_>,
    workspace: &Workspace<'_>,
    templates: &Templates,
) -> Judgement {
    let set = Set::new(rendered.manifests(), workspace.external(), facts.configuration);
    let among = integrity::check(&set);
    let mut report = Engine::new(wanted, facts).run(&set, Some(&among));
    let mut origins = Origins::new(rendered, workspace.schemas(), templates, workspace.sources());
    let mut traces = Vec::with_capacity(report.findings.len());
    for finding in &mut report.findings {
        traces.push(match &finding.at {
            At::Object(site) => match rendered.manifests().get(site.manifest) {
                Some(manifest) => {
                    // A text may be secret.
                    let text = finding.actual.as_deref().is_some_and(|actual| actual.starts_with('`'));
                    if text && origins.is_secret(manifest, &site.path) {
                        finding.actual = None;
                    }
                    origins.traces(manifest, &site.path)
                }
                None => Vec::new(),
            },
            At::Configuration(path) => {
                finding.actual = finding.actual.take().filter(|actual| !actual.starts_with('`'));
                configured(path, rendered).into_iter().collect()
            }
        });
    }
    Judgement { report, traces }
}

/// Where the configuration has a value, or the mapping that lacks it.
pub(super) fn configured(path: &Path, rendered: &Rendered) -> Option<Trace> {
    let resolved = rendered.configuration().resolved();
    let (there, node, missing) = resolved.merged().reach(path);
    if missing.is_some() && there.is_root() {
        return None;
    }
    let place = resolved.decisive(node.place);
    let layer = rendered.configuration().layers().layer_of(place).map(called);
    Some(Trace { place, layer, path: Some(path.clone()) })
}

/// What is said first: which rule, how bad, and what must be.
pub(super) fn message(rule: &Rule, expected: &str) -> String {
    format!("{} ({}): {expected}", rule.id, rule.severity.word())
}

fn problem(
    rule: &Rule,
    finding: &Finding,
    manifest: &Manifest,
    path: &Path,
    denied: bool,
    tenant: Option<&str>,
    origins: &mut Origins<'_>,
) -> Problem {
    let code = if finding.error { code::RULE_FAILED } else { code::POLICY };
    let identity = manifest.identity();
    // What is a tenant's own would keep equal findings of many tenants apart.
    let is_own = |text: &str| tenant.is_some_and(|tenant| text.contains(tenant));
    let shown = finding.actual.as_deref().filter(|actual| {
        // A text may be secret, which is known of what was traced alone.
        !actual.starts_with('`') || denied && !is_own(actual) && !origins.is_secret(manifest, path)
    });
    let field = if path.is_root() { String::new() } else { format!(" {path}") };
    let is = shown.map(|shown| format!(" is {shown}")).unwrap_or_default();
    let name = if is_own(identity.name()) { String::new() } else { format!("/{}", identity.name()) };
    let label = format!("{}{name}{field}{is}", identity.kind());
    let place = manifest.node().reach(path).1.place;
    Problem::new(code, path.clone(), place, message(rule, &finding.expected), &label)
        .whole()
        .helped(Some(rule.remediation.to_string()))
        .noted(format!("`tenantctl policy explain {}` says more", rule.id))
}

/// Without the line that it stands in, which would give it away.
fn hidden(rule: &Rule, finding: &Finding, at: &At, rendered: &Rendered, sources: &Sources) -> Diagnostic {
    let diagnostic = Diagnostic::new(code::POLICY, message(rule, &finding.expected));
    let (diagnostic, path, place) = match at {
        At::Object(site) => {
            let Some(manifest) = rendered.manifests().get(site.manifest) else { return diagnostic };
            let place = manifest.node().get(&site.path).map(|node| node.place);
            let text = format!("{}/{}", manifest.identity().kind(), manifest.identity().name());
            (diagnostic.at(beside(manifest.node()), text), &site.path, place)
        }
        At::Configuration(path) => {
            let resolved = rendered.configuration().resolved();
            let place = resolved.merged().get(path).map(|node| resolved.decisive(node.place));
            (Diagnostic { code: code::POLICY_CONFIGURATION, ..diagnostic }, path, place)
        }
    };
    let written = place.map(|place| format!(", written at {}", sources.describe(place))).unwrap_or_default();
    diagnostic.about(path.clone()).note(format!("it is {path}{written}")).help(rule.remediation.to_string())
}

fn configuration(rule: &Rule, finding: &Finding, path: &Path, rendered: &Rendered) -> Diagnostic {
    let code = if finding.error { code::RULE_FAILED } else { code::POLICY_CONFIGURATION };
    let resolved = rendered.configuration().resolved();
    let (there, node, missing) = resolved.merged().reach(path);
    let diagnostic = Diagnostic::new(code, message(rule, &finding.expected)).about(path.clone());
    let place = resolved.decisive(node.place);
    let layer = rendered.configuration().layers().layer_of(place);
    let set = layer.map(|layer| format!(", set by {}", called(layer))).unwrap_or_default();
    let diagnostic = match missing {
        None => {
            let is = finding.actual.as_deref().filter(|actual| !actual.starts_with('`'));
            diagnostic.at(place, format!("{path}{}{set}", is.map(|is| format!(" is {is}")).unwrap_or_default()))
        }
        Some(_) if there.is_root() => diagnostic.note(format!("{path} is nowhere in the configuration")),
        Some(_) => diagnostic.at(place, format!("{path} is absent")),
    };
    diagnostic.help(rule.remediation.to_string()).note(format!("`tenantctl policy explain {}` says more", rule.id))
}
