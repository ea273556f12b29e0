//! The stage after rendering: objects and what is found about them, alone ([`Checked`]) and among all others
//! ([`Fleet`]).

mod among;
mod approved;
mod border;
mod claim;
mod document;
mod fleet;
mod form;
mod policy;
mod schema;
mod scope;
mod sealed;
mod secret;

pub(crate) use among::{Located, Sites, claims, locate};
pub use approved::Approved;
pub use claim::Claims;
pub(crate) use claim::{Claim, Site, hosts};
pub(crate) use document::Content;
pub use document::Document;
pub(crate) use fleet::Party;
pub use fleet::{Fleet, Settled};
pub use form::Form;
pub(crate) use policy::{Judgement, Policy, Trace, files, judge};
pub(crate) use schema::{beside, is_in_secret};
pub(crate) use scope::{Scope, is_namespaced, scope_of};
pub(crate) use sealed::{Kept as KeptSealed, Sealed, put_into};

use claim::What;

use std::sync::Arc;

use crate::artifact::Artifact;
use crate::delivery::Known;
use crate::diagnostic::{Diagnostics, Failed, Mark};
use crate::integrity::{self, External};
use crate::kubernetes::Kubernetes;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::policy::Share;
use crate::render::Rendered;
use crate::source::Sources;
use crate::target::Target;
use crate::template::Templates;
use crate::validate::Schemas;
use crate::workspace::Workspace;

/// Objects and every finding about them. Made only by [`Rendered::check`].
#[derive(Debug)]
pub struct Checked {
    target: Arc<Target>,
    manifests: Vec<Manifest>,
    artifacts: Vec<Artifact>,
    claims: Claims,
    outcome: Result<(), Failed>,
}

/// What objects are held against.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Whether all objects of the target are there; of a part nobody can say what it lacks.
    pub(crate) whole: bool,
    /// What exists without being rendered.
    pub(crate) external: &'a [External],
    /// What the API server takes; nothing where objects are only compared.
    pub(crate) kubernetes: Option<&'a Kubernetes>,
    /// The schemas of the configuration: they say what is secret in it.
    pub(crate) schemas: &'a Schemas,
    /// The rules of the policy; nothing where objects are only compared.
    pub(crate) policy: Option<Policy<'a>>,
    /// The secrets of the target, where it uses any.
    pub(crate) secrets: Option<&'a Known>,
}

impl<'a> Rules<'a> {
    /// What all objects of a target are held against in a workspace.
    pub fn of(workspace: &'a Workspace<'_>) -> Self {
        let (kubernetes, schemas) = (Some(workspace.kubernetes()), workspace.schemas());
        let policy = Some(workspace.policy());
        Self { whole: true, external: workspace.external(), kubernetes, schemas, policy, secrets: None }
    }
}

impl Rendered {
    /// Checks the objects of one target. `templates` are those they were rendered from: what is wrong with a field is
    /// said at the value that filled it.
    pub fn check(
        self,
        rules: &Rules<'_>,
        templates: &Templates,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Checked {
        let mark: Mark = diagnostics.mark();
        self.examine(rules, templates, sources, diagnostics);
        let target = Arc::clone(self.target());
        let share = if rules.whole { among::share(&self, rules) } else { Share::default() };
        let claims = Claims { target: Arc::clone(&target), list: self.claims(), share };
        let (manifests, artifacts) = self.into_parts();
        Checked { target, manifests, artifacts, claims, outcome: diagnostics.since(mark) }
    }
}

impl Rendered {
    /// Records what is wrong with the objects.
    pub(crate) fn examine(
        &self,
        rules: &Rules<'_>,
        templates: &Templates,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) {
        secret::check(self, rules, templates, sources, diagnostics);
        let known = schema::check(self, rules, templates, sources, diagnostics);
        border::check(self, rules, templates, sources, diagnostics);
        let set = integrity::Set::new(self.manifests(), rules.external, Some(self.configuration().root()));
        let mut among = Vec::new();
        if rules.whole {
            among = integrity::check(&set);
            // What the schema has said of a field is not said again.
            for finding in among.iter().filter(|finding| !known.contains(&finding.at)) {
                // To find the value takes another rendering: a warning, which may stay for years, is not worth it.
                let worth = diagnostics.is_error(finding.code);
                let origin = |manifest: &Manifest, path: &Path| {
                    if !worth {
                        return None;
                    }
                    self.configuration().origin(templates, &manifest.field(path.clone())?, sources)
                };
                diagnostics.record(finding.diagnostic(self.manifests(), origin));
            }
        }
        let facts = policy::Found { set: &set, among: &among, known: &known };
        policy::check(self, rules, &facts, templates, sources, diagnostics);
    }

    /// Where a claim is made, or made again: `nth` counts the fields that make it from 0.
    pub(crate) fn site(&self, claim: &Claim, nth: usize, templates: &Templates, sources: &Sources) -> Site {
        let field = self.fields(claim).into_iter().nth(nth);
        let origin = field.as_ref().and_then(|field| self.configuration().origin(templates, field, sources));
        let said = || self.namespace().filter(|_| claim.what == What::Namespace).and_then(|(_, place)| place);
        Site { template: field.map(|field| field.place), configuration: origin.or_else(said) }
    }
}

impl Checked {
    /// Whose objects they are.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The objects, if no error stands against them, and what they claim among all others.
    pub fn approve(self) -> (Claims, Result<Approved, Failed>) {
        let Self { target, manifests, artifacts, claims, outcome } = self;
        (claims, outcome.map(|()| Approved { target, manifests, artifacts }))
    }
}
