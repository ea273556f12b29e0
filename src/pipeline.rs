//! The flow from targets to approved objects, for many targets at once.
//!
//! Each target goes through the stages on its own, in parallel; what they claim among each other is settled in
//! target order, and so is what is said and written: the same input gives the same bytes.

mod timings;
mod watch;

pub use timings::{Stage, Timings};
pub use watch::Watch;

use std::collections::VecDeque;
use std::sync::{Arc, mpsc};

use crate::check::{Approved, Claims, Fleet, Party, Settled};
use crate::diagnostic::{Diagnostics, Failed};
use crate::expression::Expressions;
use crate::merge::Merged;
use crate::source::Place;
use crate::target::Target;
use crate::template::{Scope, Templates};
use crate::validate::Validated;
use crate::workspace::{Top, Workspace};

/// Most targets that a thread compiles before it hands them on: so many that waking who consumes them costs nothing.
const BATCH: usize = 8;

/// Batches under way for each thread: enough that none waits while others are consumed, few enough that memory does
/// not grow with the number of tenants.
const AHEAD: usize = 4;

/// The stack of a thread that compiles. Templates and expressions recurse; hostile ones must meet our limits before the
/// end of the stack. Only what is used takes memory.
pub const STACK: usize = 128 * 1024 * 1024;

/// Everything a target needs to be compiled.
#[derive(Debug)]
pub struct Compiler<'w> {
    workspace: &'w Workspace<'w>,
    expressions: Expressions,
    top: Top,
    timings: Timings,
    watch: Option<&'w dyn Watch>,
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
        Self { workspace, expressions: Expressions::default(), top, timings: Timings::default(), watch: None }
    }

    /// The same with somebody who is told how far a run has come.
    #[must_use]
    pub fn watched(self, watch: Option<&'w dyn Watch>) -> Self {
        Self { watch, ..self }
    }

    /// How long the stages took, summed over threads.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    /// The configuration of a target.
    pub fn validated(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Validated, Failed> {
        let workspace = self.workspace;
        let merged = self.merged(target, diagnostics)?;
        self.timings.time(Stage::Validate, || {
            merged.validate(workspace.schemas(), &self.expressions, workspace.sources(), diagnostics)
        })
    }

    fn merged(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Merged, Failed> {
        let workspace = self.workspace;
        let layers = self.timings.time(Stage::Read, || workspace.layers(target, &self.top, diagnostics))?;
        self.timings.time(Stage::Merge, || layers.merge(workspace.rules(), workspace.prefixes(), diagnostics))
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
        let mut fleet = Fleet::new(self.roster(targets));
        // An environment without templates of its own has nothing to compile: its configuration is the tenants'.
        let own = templates.names(Scope::Environment).next().is_some();
        let (targets, idle): (Vec<&Target>, Vec<&Target>) =
            targets.iter().partition(|target| own || target.tenant().is_some());
        if targets.is_empty() {
            // Nobody else would read its files.
            for target in idle {
                let mut found = diagnostics.for_target(&target.to_string());
                let _ = self.merged(target, &mut found);
                diagnostics.extend(found);
            }
        }
        let common = diagnostics.untargeted();
        let one = |target: &Target| self.one(templates, only, target, &present, &common);
        let mut done = 0;
        let mut consume = |target: &Target, outcome: Outcome<T>| {
            diagnostics.extend(outcome.diagnostics);
            let conflicts = outcome.claims.map(|claims| fleet.admit(claims)).unwrap_or_default();
            for conflict in conflicts {
                diagnostics.record(conflict.diagnostic(|party| self.origin(templates, party)));
            }
            if let Some(presented) = outcome.presented {
                each(target, presented);
            }
            done += 1;
            if let Some(watch) = self.watch {
                watch.reached(target.environment(), done, targets.len());
            }
        };
        match (targets.len() > 1).then(pool).flatten() {
            Some(pool) => ahead(&pool, &targets, &one, &mut consume),
            None => targets.iter().for_each(|target| consume(target, one(target))),
        }
        fleet.settle(diagnostics)
    }

    /// The tenants of the environment that targets belong to.
    fn roster(&self, targets: &[Target]) -> Vec<Arc<str>> {
        let Some(target) = targets.first() else { return Vec::new() };
        // What is wrong with it was said when the targets were chosen.
        let mut ignored = Diagnostics::new();
        self.workspace.tenants(target.environment(), &mut ignored).unwrap_or_default()
    }

    /// The place in the layers behind a claim: compiles the target once more, which only an error is worth.
    fn origin(&self, templates: &Templates, party: &Party) -> Option<Place> {
        let mut ignored = Diagnostics::new();
        let validated = self.validated(&party.target, &mut ignored).ok()?;
        validated.origin(templates, party.field.as_ref()?, self.workspace.sources())
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
        Ok(self.timings.time(Stage::Check, || rendered.check(templates, sources, diagnostics)).approve())
    }
}

/// Compiles targets in parallel and consumes them in order, here, while others are compiled.
fn ahead<'t, T: Send>(
    pool: &rayon::ThreadPool,
    targets: &'t [&'t Target],
    one: &'t (impl Fn(&Target) -> Outcome<T> + Sync),
    consume: &mut impl FnMut(&Target, Outcome<T>),
) {
    let most = pool.current_num_threads() * AHEAD;
    let size = (targets.len() / most).clamp(1, BATCH);
    pool.in_place_scope(|scope| {
        let begin = |batch: &'t [&'t Target]| {
            let (outcomes, made) = mpsc::sync_channel(1);
            // Nobody takes what is sent only if the run was given up.
            scope.spawn(move |_| drop(outcomes.send(batch.iter().map(|target| one(target)).collect::<Vec<_>>())));
            (batch, made)
        };
        let mut batches = targets.chunks(size);
        let mut under_way: VecDeque<_> = batches.by_ref().take(most).map(begin).collect();
        while let Some((batch, made)) = under_way.pop_front() {
            // A thread that died is reported by the scope.
            let Ok(outcomes) = made.recv() else { break };
            under_way.extend(batches.next().map(begin));
            batch.iter().zip(outcomes).for_each(|(target, outcome)| consume(target, outcome));
        }
    });
}

/// One thread for each core that the process may use, by its affinity and the quota of its cgroup; `RAYON_NUM_THREADS`
/// says otherwise. `None` where there can be no threads, which is slower only.
fn pool() -> Option<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new().stack_size(STACK).build().ok()
}
