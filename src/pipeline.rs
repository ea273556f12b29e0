//! The flow from targets to approved objects, for many targets at once.
//!
//! Each target goes through the stages on its own, in parallel; what they claim among each other is settled in
//! target order, and so is what is said and written: the same input gives the same bytes.

mod alone;
mod among;
mod batch;
mod job;
mod timings;
mod wanted;
mod watch;

pub(crate) use among::Finder;
pub use timings::{Stage, Timings};
pub use wanted::Wanted;
pub use watch::Watch;

use std::sync::Arc;

use crate::cache::Cache;
use crate::check::{Approved, Claims, Document, Fleet, Party, Rules, Settled, Site};
use crate::delivery::{Courier, Knowing};
use crate::diagnostic::{Diagnostics, Failed};
use crate::expression::Expressions;
use crate::layers::Layers;
use crate::manifest::Manifest;
use crate::merge::Merged;
use crate::render::Rendered;
use crate::target::Target;
use crate::template::Templates;
use crate::validate::{Resolved, Validated};
use crate::workspace::{Top, Workspace};

use job::{Job, Outcome};

/// The stack of a thread that compiles. Templates and expressions recurse; hostile ones must meet our limits before the
/// end of the stack. Only what is used takes memory.
pub const STACK: usize = 128 * 1024 * 1024;

/// Threads beside those that compute, where some wait for a shared cache.
const WAITING: usize = 14;

/// Everything a target needs to be compiled.
pub struct Compiler<'w> {
    workspace: &'w Workspace<'w>,
    expressions: Expressions,
    top: Top,
    cache: Option<&'w Cache>,
    timings: Timings,
    watch: Option<&'w dyn Watch>,
    present: Option<&'w Present<'w>>,
    secrets: Arc<dyn Knowing + 'w>,
}

/// What is done with each document in the thread that made it.
pub type Present<'p> = dyn Fn(Document, &mut Diagnostics) -> Document + Sync + 'p;

impl<'w> Compiler<'w> {
    /// A compiler for a workspace, with what the command line puts on top of all layers.
    pub fn new(workspace: &'w Workspace<'w>, top: Top) -> Self {
        let expressions = Expressions::default();
        let (timings, secrets) = (Timings::default(), Arc::new(Courier::new(workspace)));
        Self { workspace, expressions, top, cache: None, timings, watch: None, present: None, secrets }
    }

    /// The same, which keeps what it makes and finds it again.
    #[must_use]
    pub fn with_cache(self, cache: Option<&'w Cache>) -> Self {
        Self { cache, ..self }
    }

    /// Where it keeps what it makes.
    pub fn cache(&self) -> Option<&Cache> {
        self.cache
    }

    /// The same with somebody who is told how far a run has come.
    #[must_use]
    pub fn watched(self, watch: Option<&'w dyn Watch>) -> Self {
        Self { watch, ..self }
    }

    /// The same, which does something with each document in the thread that made it.
    #[must_use]
    pub fn presented(self, present: Option<&'w Present<'w>>) -> Self {
        Self { present, ..self }
    }

    /// How long the stages took, summed over threads.
    pub fn timings(&self) -> &Timings {
        &self.timings
    }

    /// The configuration of a target.
    pub fn validated(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Validated, Failed> {
        let layers = self.layers(target, diagnostics)?;
        self.validate(&layers, diagnostics)
    }

    /// What a target's layers say, right or wrong; fails if a layer cannot be read. Nothing is said about what is wrong.
    pub fn resolved(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Option<Resolved>, Failed> {
        let layers = self.layers(target, diagnostics)?;
        let (rules, prefixes) = (self.workspace.rules(), self.workspace.prefixes());
        let root = layers.fold(rules, prefixes, &mut Diagnostics::new());
        Ok(root.map(|root| Resolved::of(root, layers, &self.expressions, self.workspace.sources())))
    }

    /// The objects of one target, on its own: what it claims among others is not settled.
    pub fn approved(
        &self,
        templates: &Templates,
        target: &Target,
        diagnostics: &mut Diagnostics,
    ) -> Result<Approved, Failed> {
        let layers = self.layers(target, diagnostics)?;
        self.approve(templates, None, &layers, diagnostics)?.1
    }

    /// The configuration and the objects of one target, from its layers, to compare them: what it claims among others is
    /// not settled, and what the objects hold and say of each other may be wrong.
    pub(crate) fn compiled(
        &self,
        templates: &Templates,
        layers: &Layers,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Validated, Approved), Failed> {
        let configuration = self.validate(layers, diagnostics)?;
        let rules = Rules {
            whole: false,
            external: &[],
            kubernetes: None,
            schemas: self.workspace.schemas(),
            policy: None,
            secrets: None,
        };
        let (_, approved) = self.check(templates, None, &rules, configuration.clone(), diagnostics)?;
        Ok((configuration, approved?))
    }

    /// The objects of one target as its templates make them, if nothing is wrong with them but what the policy says.
    pub(crate) fn rendered(
        &self,
        templates: &Templates,
        target: &Target,
        diagnostics: &mut Diagnostics,
    ) -> Result<Rendered, Failed> {
        let sources = self.workspace.sources();
        let rendered = self.validated(target, diagnostics)?.render(templates, None, sources, diagnostics)?;
        let rules = Rules { policy: None, ..Rules::of(self.workspace) };
        let mark = diagnostics.mark();
        rendered.examine(&rules, templates, sources, diagnostics);
        diagnostics.since(mark)?;
        Ok(rendered)
    }

    pub(crate) fn layers(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Layers, Failed> {
        self.timings.time(Stage::Read, || self.workspace.layers(target, &self.top, diagnostics))
    }

    fn merge(&self, layers: &Layers, diagnostics: &mut Diagnostics) -> Result<Merged, Failed> {
        let workspace = self.workspace;
        self.timings.time(Stage::Merge, || layers.merge(workspace.rules(), workspace.prefixes(), diagnostics))
    }

    fn validate(&self, layers: &Layers, diagnostics: &mut Diagnostics) -> Result<Validated, Failed> {
        let workspace = self.workspace;
        let merged = self.merge(layers, diagnostics)?;
        self.timings.time(Stage::Validate, || {
            merged.validate(workspace.schemas(), &self.expressions, workspace.sources(), diagnostics)
        })
    }

    /// Compiles targets; `each` gets what is wanted of their objects, in target order. What it was given counts only if
    /// the run is settled.
    pub fn run(
        &self,
        templates: &Templates,
        wanted: &Wanted,
        targets: &[Target],
        mut each: impl FnMut(Document),
        diagnostics: &mut Diagnostics,
    ) -> Result<Settled, Failed> {
        let policy = self.workspace.policy();
        // Of one template nobody can say what all of them lack.
        let rules = match targets.first().filter(|_| wanted.template.is_none()) {
            Some(target) => policy.over_targets(target.environment()),
            None => Vec::new(),
        };
        let mut fleet = Fleet::new(self.roster(targets)).under(rules);
        // An environment without templates of its own has nothing to compile: its configuration is the tenants'.
        let own = templates.has_own();
        let (targets, idle): (Vec<&Target>, Vec<&Target>) =
            targets.iter().partition(|target| own || target.tenant().is_some());
        if targets.is_empty() {
            // Nobody else would read its files.
            for target in idle {
                let mut found = diagnostics.for_target(&target.to_string());
                let _ = self.layers(target, &mut found).and_then(|layers| self.merge(&layers, &mut found));
                diagnostics.extend(found);
            }
        }
        let environment = targets.first().map(|target| target.environment().as_ref());
        let job = Job::new(self, templates, wanted, environment, diagnostics.untargeted());
        let mut done = 0;
        let mut consume = |outcome: Outcome| {
            diagnostics.extend(outcome.diagnostics);
            let conflicts = outcome.claims.map(|claims| fleet.admit(claims)).unwrap_or_default();
            for conflict in conflicts {
                diagnostics.record(conflict.diagnostic(|party| self.site(templates, wanted, party)));
            }
            if let Some(document) = outcome.document {
                each(document);
            }
            done += 1;
            if let (Some(watch), Some(target)) = (self.watch, targets.first()) {
                watch.reached(target.environment(), done, targets.len());
            }
        };
        let waits = self.cache.is_some_and(Cache::waits);
        match (targets.len() > 1).then(|| pool(waits)).flatten() {
            Some(pool) => {
                let first = targets.first().copied();
                let compile = |batch: &[&Target]| job.batch(batch, batch.first().copied() == first);
                batch::ahead(&pool, batch::batches(&targets), &compile, &mut consume);
            }
            None => targets.iter().map(|target| job.alone(target)).for_each(consume),
        }
        self.among(&fleet, templates, diagnostics);
        fleet.settle(diagnostics)
    }

    /// The tenants of the environment that targets belong to.
    pub(crate) fn roster(&self, targets: &[Target]) -> Vec<Arc<str>> {
        let Some(target) = targets.first() else { return Vec::new() };
        // What is wrong with it was said when the targets were chosen.
        let mut ignored = Diagnostics::new();
        self.workspace.tenants(target.environment(), &mut ignored).unwrap_or_default()
    }

    /// Where a party makes its claim: compiles the target once more, which only an error is worth.
    pub(crate) fn site(&self, templates: &Templates, wanted: &Wanted, party: &Party) -> Site {
        let mut ignored = Diagnostics::new();
        let Some(nth) = party.nth else { return Site::default() };
        let sources = self.workspace.sources();
        let rendered = self
            .validated(&party.target, &mut ignored)
            .and_then(|validated| validated.render(templates, wanted.template.as_deref(), sources, &mut ignored));
        rendered.map(|rendered| rendered.site(&party.claim, nth, templates, sources)).unwrap_or_default()
    }

    fn approve(
        &self,
        templates: &Templates,
        only: Option<&str>,
        layers: &Layers,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Claims, Result<Approved, Failed>), Failed> {
        let validated = self.validate(layers, diagnostics)?;
        let rules = Rules { whole: only.is_none(), ..Rules::of(self.workspace) };
        self.check(templates, only, &rules, validated, diagnostics)
    }

    fn check(
        &self,
        templates: &Templates,
        only: Option<&str>,
        rules: &Rules<'_>,
        validated: Validated,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Claims, Result<Approved, Failed>), Failed> {
        let sources = self.workspace.sources();
        let rendered = self.timings.time(Stage::Render, || validated.render(templates, only, sources, diagnostics))?;
        self.timings.count(rendered.manifests().len());
        let target = Arc::clone(rendered.target());
        let holds = |manifest: &Manifest| manifest.node().value.holds_secret();
        let sealed = rendered.manifests().iter().any(holds);
        let known = if sealed { Some(self.secrets.known(&target, diagnostics)?) } else { None };
        let rules = Rules { secrets: known.as_ref(), ..*rules };
        let checked = self.timings.time(Stage::Check, || rendered.check(&rules, templates, sources, diagnostics));
        let (claims, approved) = checked.approve();
        let Some(known) = known else { return Ok((claims, approved)) };
        let delivery = self.secrets.delivery(target.environment());
        Ok((claims, approved.map(|approved| approved.delivered(delivery, &known))))
    }
}

/// One thread for each core that the process may use, by its affinity and the quota of its cgroup; `RAYON_NUM_THREADS`
/// says otherwise. `None` where there can be no threads, which is slower only.
/// `waits` is whether threads wait for a network: then there are some more, or cores would stand still meanwhile.
pub(crate) fn pool(waits: bool) -> Option<rayon::ThreadPool> {
    let mut builder = rayon::ThreadPoolBuilder::new().stack_size(STACK);
    if waits {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        builder = builder.num_threads(cores + WAITING);
    }
    match builder.build() {
        Err(_) if waits => pool(false),
        built => built.ok(),
    }
}

impl std::fmt::Debug for Compiler<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compiler").field("workspace", &self.workspace).finish_non_exhaustive()
    }
}
