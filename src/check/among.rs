//! Rules over all targets of an environment: what each target puts among them, and what is said of those that break one.

use std::sync::Arc;

use super::policy::{Trace, configured, files, message};
use super::schema::Origins;
use super::{Claims, Fleet, Policy, Rules};
use crate::compliance::waiver::{self, Waiver};
use crate::diagnostic::{self, Diagnostic, code};
use crate::merge::called;
use crate::path::Path;
use crate::policy::{At, Breach, Grounds, Mark, Rule, Share, Spot, What, over_targets};
use crate::render::Rendered;
use crate::source::{Place, Sources};
use crate::template::Templates;
use crate::workspace::Workspace;

/// How references to configurations begin.
const CONFIGURATION: &str = "configuration/";

/// Where a target breaks a rule.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    /// `apps/v1/Deployment/acme/api`, or `configuration/acme@prod`.
    pub(crate) reference: String,
    pub(crate) path: Path,
    /// Where it comes from, the deciding place first.
    pub(crate) traces: Vec<Trace>,
}

/// Where a breach is.
#[derive(Clone, Debug)]
pub(crate) struct Sites {
    /// In the target that it is about.
    pub(crate) own: Option<Located>,
    /// In others that matter, and what to say there.
    pub(crate) others: Vec<(Option<Located>, String)>,
}

impl Policy<'_> {
    /// The rules over all targets that an environment denies or warns of.
    pub(crate) fn over_targets(&self, environment: &str) -> Vec<Arc<Rule>> {
        let Some(gate) = self.gates.of(environment) else { return Vec::new() };
        let Some(least) = gate.least() else { return Vec::new() };
        let mut rules = over_targets(self.catalogue.rules());
        rules.retain(|rule| rule.severity >= least && gate.exemption(&rule.id).is_none());
        rules
    }

    /// What rules over all targets may ask for beside them; `own` is whether the environment has templates of its own.
    pub(crate) fn grounds<'g>(
        &'g self,
        environment: &'g str,
        today: &'g str,
        fleet: &'g Fleet,
        own: bool,
    ) -> Grounds<'g> {
        Grounds {
            roster: fleet.roster(),
            environment,
            params: self.gates.params(environment),
            today,
            whole: fleet.is_whole(own),
            given: self.given,
            waivers: self.waivers,
            catalogue: self.catalogue.rules(),
        }
    }

    /// What is to be said of a breach, if anything is.
    pub(crate) fn said(
        &self,
        environment: &str,
        rule: &Rule,
        breach: &Breach,
        sites: &Sites,
        tenant: Option<&str>,
        sources: &Sources,
    ) -> Option<Diagnostic> {
        let located = sites.own.as_ref();
        // What claims say of hosts and namespaces is said of all environments.
        if let Spot::Target(_, Mark::Identifier(identifier)) = &breach.spot
            && matches!(identifier.what, What::Host | What::Namespace)
        {
            return None;
        }
        let gate = self.gates.of(environment)?;
        let waived = self.waived(environment, rule, breach, located, tenant);
        let denied = waived.is_none() && gate.deny.is_some_and(|deny| rule.severity >= deny);
        let configured = located.is_some_and(|found| found.reference.starts_with(CONFIGURATION));
        let code = if configured { code::POLICY_CONFIGURATION } else { code::POLICY };
        let mut diagnostic = Diagnostic::new(code, message(rule, &breach.expected));
        match &breach.spot {
            Spot::File { place, hidden: true, path, .. } => {
                diagnostic = diagnostic.note(format!("it is {path}, written at {}", sources.describe(*place)));
            }
            Spot::File { place, path, .. } => diagnostic = diagnostic.at(*place, path.to_string()),
            Spot::Target(..) => {
                if let Some(found) = located.filter(|found| found.traces.is_empty()) {
                    diagnostic = diagnostic.note(format!("{} is nowhere in the configuration", found.path));
                }
                for (nth, trace) in located.into_iter().flat_map(|found| &found.traces).enumerate() {
                    let text = trace.said(tenant.filter(|_| nth == 0 && !breach.is_alike()));
                    diagnostic =
                        if nth == 0 { diagnostic.at(trace.place, text) } else { diagnostic.also(trace.place, text) };
                }
            }
        }
        for (found, text) in &sites.others {
            if let Some(trace) = found.as_ref().and_then(|found| found.traces.first()) {
                diagnostic = diagnostic.also(trace.place, text.clone());
            }
        }
        if let Some((place, text)) = &breach.said {
            diagnostic = diagnostic.also(*place, text.clone());
        }
        if let Some(waiver) = waived {
            let (id, owner, expires) = (&waiver.id, &waiver.owner, waiver.expires);
            diagnostic = diagnostic.note(format!("waived by {id} of {owner} up to {expires}"));
        }
        diagnostic = diagnostic
            .help(rule.remediation.to_string())
            .note(format!("`tenantctl policy explain {}` says more", rule.id));
        if !denied {
            diagnostic.severity = diagnostic::Severity::Warning;
        }
        Some(diagnostic)
    }

    /// Whether an exception is of a rule, in any environment.
    pub(crate) fn has_waivers_of(&self, rule: Option<&Arc<Rule>>) -> bool {
        rule.is_some_and(|rule| self.waivers.iter().any(|waiver| waiver.rule == *rule.id))
    }

    fn waived(
        &self,
        environment: &str,
        rule: &Rule,
        breach: &Breach,
        located: Option<&Located>,
        tenant: Option<&str>,
    ) -> Option<&Waiver> {
        let (reference, path) = match (&breach.spot, located) {
            (Spot::File { reference, path, .. }, _) => (reference, path),
            (Spot::Target(..), Some(found)) => (&found.reference, &found.path),
            (Spot::Target(..), None) => return None,
        };
        let path = path.pointer();
        let mut waivers = self.in_force(environment).into_iter();
        waivers.find(|waiver| waiver.is_about(environment, &rule.id, tenant, reference, &path))
    }
}

impl Trace {
    fn said(&self, tenant: Option<&str>) -> String {
        let whose = tenant.map(|tenant| format!(", of {tenant}")).unwrap_or_default();
        match (&self.path, &self.layer) {
            (Some(path), Some(layer)) => format!("{path}, set by {layer}{whose}"),
            (Some(path), None) => format!("{path}{whose}"),
            (None, _) => format!("written here by the template{whose}"),
        }
    }
}

/// What a target puts among all, by the rules of its environment.
pub(super) fn share(rendered: &Rendered, rules: &Rules<'_>) -> Share {
    let (Some(policy), Some(kubernetes)) = (rules.policy, rules.kubernetes) else { return Share::default() };
    let wanted = policy.over_targets(rendered.target().environment());
    if wanted.is_empty() {
        return Share::default();
    }
    let today = policy.today.to_string();
    let facts = policy.facts(rendered, kubernetes.version(), &today, &[]);
    Share::of(&wanted, &facts, rendered.manifests())
}

/// What a target claims and puts among all, for rules whatever they stop.
pub(crate) fn claims(rendered: &Rendered, wanted: &[Arc<Rule>], workspace: &Workspace<'_>) -> Claims {
    let policy = workspace.policy();
    let today = policy.today.to_string();
    let facts = policy.facts(rendered, workspace.kubernetes().version(), &today, &[]);
    let share = Share::of(wanted, &facts, rendered.manifests());
    Claims { target: Arc::clone(rendered.target()), list: rendered.claims(), share }
}

/// Where a target has what is looked for.
pub(crate) fn locate(
    mark: &Mark,
    rule: &Rule,
    wanted: &[Arc<Rule>],
    rendered: &Rendered,
    workspace: &Workspace<'_>,
    templates: &Templates,
) -> Option<Located> {
    let policy = workspace.policy();
    let today = policy.today.to_string();
    let known = files(rendered, templates);
    let facts = policy.facts(rendered, workspace.kubernetes().version(), &today, &known);
    let Some(at) = mark.find(rule, wanted, &facts, rendered.manifests()) else {
        // Its id, which is the name of its file.
        let layers = rendered.configuration().layers();
        let own = layers.stack().iter().rfind(|layer| layer.over.is_none())?;
        let trace = Trace { place: Place::top(own.document.file), layer: Some(called(own)), path: None };
        let reference = format!("{CONFIGURATION}{}", rendered.target());
        return Some(Located { reference, path: Path::root(), traces: vec![trace] });
    };
    Some(match at {
        At::Object(site) => {
            let manifest = rendered.manifests().get(site.manifest)?;
            let mut origins = Origins::new(rendered, workspace.schemas(), templates, workspace.sources());
            let traces = origins.traces(manifest, &site.path);
            Located { reference: waiver::reference(manifest.identity()), path: site.path, traces }
        }
        At::Configuration(path) => {
            let traces = configured(&path, rendered).into_iter().collect();
            Located { reference: format!("{CONFIGURATION}{}", rendered.target()), path, traces }
        }
    })
}
