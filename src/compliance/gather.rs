//! Evidence of an environment: its targets compiled, and every rule evaluated over them, whatever the policy stops.

mod among;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::digest::sha256;
use super::evidence::{Definition, Evidence, Mapping, Outcome, Selected, Tally, Verdict};
use super::model::{AtAdmission, Catalogue, File, Object, Origin, Population, Revision, Subject};
use super::waiver::{self, Waiver};
use crate::check::{self, Claims, Judgement, Trace};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::layers::Layer;
use crate::manifest::Manifest;
use crate::pipeline::{Compiler, Watch};
use crate::policy::{self, Admission, At, Counterpart, Counterparts, Facts, Rule};
use crate::render::Rendered;
use crate::source::Sources;
use crate::target::Target;
use crate::template::Templates;
use crate::tree::{Node, Value};
use crate::workspace::Workspace;
use crate::yaml::emit;

/// What a report is to be about.
pub struct Question<'w> {
    /// The workspace.
    pub workspace: &'w Workspace<'w>,
    /// What compiles its targets.
    pub compiler: &'w Compiler<'w>,
    /// Its templates.
    pub templates: &'w Templates,
    /// Who looks.
    pub watch: Option<&'w dyn Watch>,
    /// The environment.
    pub environment: &'w str,
    /// Whether only some of its tenants were asked for.
    pub partial: bool,
    /// The time that the report is about.
    pub as_of: Timestamp,
    /// Who asks.
    pub actor: Option<String>,
    /// The words of the command.
    pub command: Vec<String>,
    /// What the revision control says.
    pub source: Option<Revision>,
    /// The frameworks.
    pub frameworks: Vec<Selected>,
    /// Exceptions.
    pub waivers: Vec<Waiver>,
    /// Objects of the cluster, or of files that are applied to it, which may be policies that hold rules at admission.
    pub admission: Vec<Json>,
}

/// What came of one target.
struct Found {
    claims: Option<Claims>,
    /// The files of its configuration by name, each with its layer.
    layers: Vec<(Arc<str>, Arc<str>)>,
    tenant: Option<String>,
    outputs: Vec<Object>,
    population: Population,
    tallies: Vec<policy::Tally>,
    verdicts: Vec<Verdict>,
    /// Policies of the API server.
    admission: Vec<Json>,
}

impl Question<'_> {
    /// The evidence of targets of one environment. An error of any of them leaves none.
    pub fn answer(self, targets: &[Target], diagnostics: &mut Diagnostics) -> Result<Evidence, Failed> {
        let rules = self.workspace.catalogue().rules();
        let one = |target: &Target, said: &mut Diagnostics| self.one(target, rules, said);
        let mut found = self.compiler.each(self.templates, self.environment, targets, self.watch, diagnostics, one)?;
        let among = self.among(targets, rules, &mut found, diagnostics)?;
        Ok(self.evidence(rules, found, among, diagnostics))
    }

    fn one(&self, target: &Target, rules: &[Arc<Rule>], diagnostics: &mut Diagnostics) -> Result<Found, Failed> {
        let rendered = self.compiler.rendered(self.templates, target, diagnostics)?;
        let (workspace, sources) = (self.workspace, self.workspace.sources());
        let root = rendered.configuration().root();
        let policy = workspace.policy();
        let today = policy.today.to_string();
        // The same files again, from the beginning.
        let again =
            self.compiler.rendered(self.templates, target, &mut diagnostics.for_target(&target.to_string())).ok();
        let again = again.as_ref().map_or(&[][..], Rendered::manifests);
        let files = check::files(&rendered, self.templates);
        let facts = policy.facts(&rendered, workspace.kubernetes().version(), &today, &files);
        let facts = Facts { again: Some(again), ..facts };
        let judgement = check::judge(&rendered, rules, facts, workspace, self.templates);
        let tenant = target.tenant().map(ToString::to_string);
        let mut population = Population {
            tenants: u64::from(tenant.is_some()),
            objects: rendered.manifests().len() as u64,
            config_leaves: leaves(root),
            ..Population::default()
        };
        for manifest in rendered.manifests() {
            let (pods, containers) = policy::pods_of(manifest.node());
            population.pod_specs += pods;
            population.containers += containers;
        }
        let outputs = rendered.manifests().iter().map(|manifest| object(target, manifest)).collect();
        let verdicts = verdicts(&judgement, rules, &rendered, tenant.as_ref(), target, sources);
        let claims = check::claims(&rendered, rules, workspace);
        let layers = rendered.configuration().layers().stack().iter();
        let named = |layer: &Layer| (Arc::clone(sources.get(layer.document.file).name()), Arc::clone(&layer.name));
        let layers = layers.map(named).collect();
        let admission = rendered.manifests().iter().filter_map(admission).collect();
        Ok(Found {
            claims: Some(claims),
            layers,
            tenant,
            outputs,
            population,
            tallies: judgement.report.tallies,
            verdicts,
            admission,
        })
    }

    fn evidence(
        mut self,
        rules: &[Arc<Rule>],
        found: Vec<Found>,
        among: (Vec<Tally>, Vec<Verdict>),
        diagnostics: &mut Diagnostics,
    ) -> Evidence {
        let sources = self.workspace.sources();
        let mut population = Population::default();
        let (mut tallies, mut verdicts) = among;
        let (mut outputs, mut tenants, mut layers) = (Vec::new(), Vec::new(), BTreeMap::new());
        for found in found {
            population.tenants += found.population.tenants;
            population.objects += found.population.objects;
            population.pod_specs += found.population.pod_specs;
            population.containers += found.population.containers;
            population.config_leaves += found.population.config_leaves;
            // A file that is several layers is called by the first.
            found.layers.into_iter().for_each(|(name, layer)| {
                layers.entry(name).or_insert(layer);
            });
            let alone = |(rule, _): &(&Arc<Rule>, &policy::Tally)| rule.scope != policy::Scope::Environment;
            for (rule, tally) in rules.iter().zip(&found.tallies).filter(alone) {
                tallies.push(Tally {
                    rule: rule.id.to_string(),
                    tenant: found.tenant.clone(),
                    pass: tally.pass as u64,
                    not_applicable: tally.not_applicable as u64,
                    why: None,
                });
            }
            tenants.extend(found.tenant);
            outputs.extend(found.outputs);
            verdicts.extend(found.verdicts);
            self.admission.extend(found.admission);
        }
        let definitions = self.definitions(rules, diagnostics);
        let file = |name: &str, text: &str| File {
            path: name.to_owned(),
            layer: layers.get(name).map(ToString::to_string),
            sha256: sha256(text),
            bytes: text.len() as u64,
        };
        let files = sources.files();
        let inputs = files.iter().map(|(_, source)| file(source.name(), source.text())).collect();
        let custom = self.workspace.policies().files().map(|id| {
            let source = sources.get(id);
            file(source.name(), source.text())
        });
        let catalogue = Catalogue {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sha256: sha256(&policy::shipped_text()),
            custom: custom.collect(),
            ..Catalogue::default()
        };
        Evidence {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            tool_digest: None,
            as_of: self.as_of,
            actor: self.actor,
            command: self.command,
            source: self.source,
            inputs,
            outputs,
            environment: self.environment.to_owned(),
            tenants,
            partial: self.partial,
            exit: None,
            excluded: Vec::new(),
            kubernetes: self.workspace.kubernetes().version().to_string(),
            frameworks: self.frameworks,
            catalogue,
            population,
            rules: definitions,
            tallies,
            verdicts,
            waivers: self.waivers,
            previous: None,
        }
    }

    /// The rules, with what the cluster and the settings make of them.
    fn definitions(&self, rules: &[Arc<Rule>], diagnostics: &mut Diagnostics) -> Vec<Definition> {
        let gates = &self.workspace.policy().gates;
        let params = gates.params(self.environment);
        let minor = self.workspace.kubernetes().version().number();
        let admission = Admission { environment: self.environment, params, minor, deny: false };
        let Counterparts { rules: mut enforced, stale } = policy::counterparts(rules, &admission, &self.admission);
        for (name, why) in stale {
            let help = format!("apply what `tenantctl policy emit {}` writes", self.environment);
            let message = format!("the policy {name} counts for nothing at admission: {why}");
            diagnostics.record(Diagnostic::new(code::STALE_ADMISSION, message).help(help));
        }
        let gate = gates.of(self.environment);
        let with = |rule: &Arc<Rule>| {
            let counterpart = enforced.remove(&rule.id);
            let exempt = gate.and_then(|gate| gate.exemption(&rule.id)).map(ToString::to_string);
            let at_admission = counterpart.map(|Counterpart { policy, actions }| AtAdmission { policy, actions });
            Definition { at_admission, exempt, ..definition(rule) }
        };
        rules.iter().map(with).collect()
    }
}

/// A policy of the API server, as data.
pub(crate) fn admission(manifest: &Manifest) -> Option<Json> {
    let kind = manifest.identity().kind();
    let is = policy::ADMISSION_KINDS.contains(&kind.as_ref());
    is.then(|| serde_json::from_str(&emit::json(manifest.node(), false)).ok()).flatten()
}

pub(super) fn definition(rule: &Rule) -> Definition {
    let mapping = |control: &policy::Control| Mapping {
        framework: control.framework.to_string(),
        version: control.version.as_deref().map(str::to_owned),
        control: control.id.to_string(),
    };
    Definition {
        id: rule.id.to_string(),
        version: u64::try_from(rule.version).unwrap_or_default(),
        title: rule.title.to_string(),
        severity: rule.severity,
        assurance: rule.assurance,
        component: rule.component.as_deref().map(str::to_owned),
        remediation: rule.remediation.to_string(),
        at_admission: None,
        exempt: None,
        maps: rule.maps.iter().map(mapping).collect(),
    }
}

fn verdicts(
    judgement: &Judgement,
    rules: &[Arc<Rule>],
    rendered: &Rendered,
    tenant: Option<&String>,
    target: &Target,
    sources: &Sources,
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (finding, traces) in judgement.report.findings.iter().zip(&judgement.traces) {
        let Some(rule) = rules.get(finding.rule) else { continue };
        let (reference, path) = match &finding.at {
            At::Object(site) => {
                let Some(manifest) = rendered.manifests().get(site.manifest) else { continue };
                (waiver::reference(manifest.identity()), &site.path)
            }
            At::Configuration(path) => (format!("configuration/{target}"), path),
        };
        verdicts.push(Verdict {
            rule: rule.id.to_string(),
            subject: Subject { reference, tenant: tenant.cloned() },
            path: path.pointer(),
            outcome: if finding.error { Outcome::Error } else { Outcome::Fail },
            expected: finding.expected.clone(),
            actual: finding.actual.clone(),
            provenance: traces.iter().map(|trace| origin(trace, sources)).collect(),
        });
    }
    verdicts
}

/// A place, for reports.
fn origin(trace: &Trace, sources: &Sources) -> Origin {
    let source = sources.get(trace.place.file);
    let at = source.line_column(trace.place.start);
    Origin {
        file: source.name().to_string(),
        line: at.line as u64,
        col: at.column as u64,
        layer: Some(trace.layer.clone().unwrap_or_else(|| "template".to_owned())),
        config_path: trace.path.as_ref().map(ToString::to_string),
        overridden: false,
    }
}

fn object(target: &Target, manifest: &Manifest) -> Object {
    let identity = manifest.identity();
    Object {
        path: format!("{}/{}", target.environment(), target.tenant().map_or("_environment", AsRef::as_ref)),
        kind: format!("{}/{}", identity.api_version(), identity.kind()),
        namespace: identity.namespace().map(ToString::to_string),
        name: identity.name().to_string(),
        sha256: sha256(&emit::json(manifest.node(), false)),
    }
}

/// The scalars in a tree.
fn leaves(node: &Node) -> u64 {
    match &node.value {
        Value::Map(map) => map.iter().map(|(_, entry)| leaves(&entry.node)).sum(),
        Value::List(items) => items.iter().map(leaves).sum(),
        _ => 1,
    }
}
