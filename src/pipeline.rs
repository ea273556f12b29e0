//! The flow from targets to approved objects, for many targets at once.
//!
//! Each target goes through the stages on its own, in parallel; what they claim among each other is settled in
//! target order, and so is what is said and written: the same input gives the same bytes.

mod timings;

pub use timings::{Stage, Timings};

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use crate::check::{Approved, Claims, Fleet, Settled};
use crate::diagnostic::{Diagnostics, Failed};
use crate::expression::Expressions;
use crate::target::Target;
use crate::template::{Scope, Templates};
use crate::validate::Validated;
use crate::workspace::{Top, Workspace};

/// Targets compiled before the first of them is handed on: enough to keep all cores busy, few enough that memory
/// does not grow with the number of tenants.
const BATCH: usize = 64;

/// Bytes of stack of a thread that compiles: templates and expressions recurse, and hostile ones must meet our limits
/// before its end.
pub const STACK: usize = 128 * 1024 * 1024;

/// Everything a target needs to be compiled.
#[derive(Debug)]
pub struct Compiler<'w> {
    workspace: &'w Workspace<'w>,
    expressions: Expressions,
    top: Top,
    timings: Timings,
}

/// What came of one target.
struct Outcome<T> {
    diagnostics: Diagnostics,
    claims: Option<Claims>,
    presented: Option<T>,
}

impl<'w> Compiler<'w> {
    /// A compiler for a workspace, with what the command line puts on top of all layers.
    pub fn new(workspace: &'w Workspace<'w>, top: Top) -> Self {
        Self { workspace, expressions: Expressions::default(), top, timings: Timings::default() }
    }

    /// How long the stages took, summed over threads.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    /// The configuration of a target.
    pub fn validated(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Validated, Failed> {
        let workspace = self.workspace;
        let layers = self.timings.time(Stage::Read, || workspace.layers(target, &self.top, diagnostics))?;
        let merged =
            self.timings.time(Stage::Merge, || layers.merge(workspace.rules(), workspace.prefixes(), diagnostics))?;
        self.timings.time(Stage::Validate, || {
            merged.validate(workspace.schemas(), &self.expressions, workspace.sources(), diagnostics)
        })
    }

    /// Compiles targets; `present` makes of each target's objects what is wanted, in parallel, and `each` gets it in
    /// target order. What `each` was given counts only if the run is settled.
    pub fn run<T: Send>(
        &self,
        templates: &Templates,
        only: Option<&str>,
        targets: &[Target],
        present: impl Fn(Approved) -> T + Sync,
        mut each: impl FnMut(&Target, T),
        diagnostics: &mut Diagnostics,
    ) -> Result<Settled, Failed> {
        let mut fleet = Fleet::default();
        // Where nothing is rendered for an environment as such, its configuration without a tenant need not be whole.
        let idle = targets.len() > 1 && templates.names(Scope::Environment).next().is_none();
        let targets = match targets {
            [own, tenants @ ..] if idle && own.tenant().is_none() => tenants,
            all => all,
        };
        // Without threads, if the system gives none.
        let pool = (targets.len() > 1).then(|| ThreadPoolBuilder::new().stack_size(STACK).build().ok()).flatten();
        for batch in targets.chunks(BATCH) {
            let common = &*diagnostics;
            let one = |target: &Target| self.one(templates, only, target, &present, common);
            let outcomes: Vec<_> = match &pool {
                Some(pool) => pool.install(|| batch.par_iter().map(one).collect()),
                None => batch.iter().map(one).collect(),
            };
            for (target, outcome) in batch.iter().zip(outcomes) {
                diagnostics.extend(outcome.diagnostics);
                if let Some(claims) = outcome.claims {
                    fleet.admit(claims, diagnostics);
                }
                if let Some(presented) = outcome.presented {
                    each(target, presented);
                }
            }
        }
        fleet.settle(diagnostics)
    }

    fn one<T>(
        &self,
        templates: &Templates,
        only: Option<&str>,
        target: &Target,
        present: &impl Fn(Approved) -> T,
        common: &Diagnostics,
    ) -> Outcome<T> {
        let mut diagnostics = common.for_target(&target.to_string());
        let (claims, presented) = match self.approved(templates, only, target, &mut diagnostics) {
            Ok((claims, approved)) => {
                let presented = approved.ok().map(|approved| self.timings.time(Stage::Emit, || present(approved)));
                (Some(claims), presented)
            }
            Err(_) => (None, None),
        };
        Outcome { diagnostics, claims, presented }
    }

    fn approved(
        &self,
        templates: &Templates,
        only: Option<&str>,
        target: &Target,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Claims, Result<Approved, Failed>), Failed> {
        let validated = self.validated(target, diagnostics)?;
        let sources = self.workspace.sources();
        let rendered = self.timings.time(Stage::Render, || validated.render(templates, only, sources, diagnostics))?;
        self.timings.count(rendered.manifests().len());
        Ok(self.timings.time(Stage::Check, || rendered.check(diagnostics)).approve())
    }
}
