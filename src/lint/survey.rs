//! All targets of a workspace, merged: what each value of each layer does in them.
//!
//! In goes a workspace, out comes a [`Survey`]: every file that a target is made from, with what became of its values,
//! and every override, with whether it alters anything. Each override is laid on every target on its own, below it only
//! what it requires. Nothing is rendered, and no finding is made here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use rayon::prelude::*;

use super::setting::{First, Role, Seen, same};
use crate::diagnostic::{Diagnostics, Failed, Levels, Severity, code};
use crate::layers::{Layer, Layers, Trust};
use crate::path::Path;
use crate::pipeline;
use crate::source::{FileId, Place};
use crate::target::Target;
use crate::tree::{Kind, Node, Value};
use crate::workspace::{Top, Workspace};
use crate::yaml::Content;

/// What was seen in all targets.
pub(super) struct Survey {
    /// Every file that is a layer of a target, by name.
    pub(super) files: Vec<Arc<Seen>>,
    /// Every override of every environment.
    pub(super) tries: Vec<Try>,
    /// Every target, with and without overrides.
    pub(super) targets: Vec<Target>,
}

/// An override, laid on all targets of its environment.
pub(super) struct Try {
    pub(super) environment: Arc<str>,
    pub(super) name: Arc<str>,
    /// The overrides it is laid on and with: those it requires, then itself.
    chain: Vec<Arc<str>>,
    /// Tenants it was laid on.
    pub(super) tenants: usize,
    alters: AtomicBool,
}

impl Try {
    /// Whether it alters the configuration of any target.
    pub(super) fn alters(&self) -> bool {
        self.alters.load(Ordering::Relaxed)
    }
}

/// A target without an override and all that are laid on it.
struct Unit {
    environment: Arc<str>,
    tenant: Option<Arc<str>>,
    /// Its position among all targets; those with overrides follow.
    position: usize,
    /// Whether anything is made of its configuration.
    rendered: bool,
}

impl Survey {
    /// Merges all targets. `own` is whether environments have templates of their own. Records what is wrong with
    /// overrides, but not that one has expired.
    pub(super) fn new(workspace: &Workspace<'_>, own: bool, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let mark = diagnostics.mark();
        let (mut tries, mut units, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for environment in workspace.environments() {
            let tenants = workspace.tenants(environment, diagnostics)?;
            let overrides = workspace.overrides(environment, diagnostics)?;
            let chains: Vec<_> = overrides.iter().map(|name| chain(workspace, environment, name)).collect();
            let rendered = own || tenants.is_empty();
            for tenant in std::iter::once(None).chain(tenants.iter().cloned().map(Some)) {
                let (environment, position) = (Arc::clone(environment), targets.len());
                let target = |chain| Target::new(Arc::clone(&environment), tenant.clone(), chain);
                targets.push(target(Vec::new()));
                targets.extend(chains.iter().cloned().map(target));
                let rendered = rendered || tenant.is_some();
                units.push(Unit { environment, tenant, position, rendered });
            }
            tries.extend(overrides.into_iter().zip(chains).map(|(name, chain)| Try {
                environment: Arc::clone(environment),
                name,
                chain,
                tenants: tenants.len(),
                alters: AtomicBool::new(false),
            }));
        }
        let watch = Watch { workspace, tries: &tries, known: Mutex::default(), runs: Mutex::default() };
        let quiet = Diagnostics::with_levels(levels(workspace));
        let look = |unit: &Unit| watch.unit(unit, &quiet);
        let found: Vec<Diagnostics> = match pipeline::pool(false) {
            Some(pool) => pool.install(|| units.par_iter().map(look).collect()),
            None => units.iter().map(look).collect(),
        };
        for found in found {
            let errors = found.items().iter().filter(|item| item.severity == Severity::Error);
            diagnostics.replay(&errors.cloned().collect::<Vec<_>>());
        }
        diagnostics.since(mark)?;
        let mut files: Vec<Arc<Seen>> =
            watch.known.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect();
        files.sort_by(|a, b| a.document.name.cmp(&b.document.name));
        Ok(Self { files, tries, targets })
    }

    /// A file that is a layer.
    pub(super) fn file(&self, name: &str) -> Option<&Arc<Seen>> {
        self.files.iter().find(|seen| seen.document.name.as_ref() == name)
    }

    /// Targets that have a file: the first of each environment, in the order of the environments.
    pub(super) fn examples(&self, seen: &Seen) -> impl Iterator<Item = &Target> {
        let mut firsts: BTreeMap<Arc<str>, First> = BTreeMap::new();
        for (role, first) in seen.roles() {
            let known = firsts.entry(role.environment).or_insert(first);
            *known = first.min(*known);
        }
        let mut firsts: Vec<First> = firsts.into_values().collect();
        firsts.sort_unstable();
        firsts.into_iter().filter_map(|first| self.targets.get(first.position))
    }
}

/// The layers of a target once more, which are known to be right but for the dates of overrides.
pub(super) fn layers(workspace: &Workspace<'_>, target: &Target) -> Option<Layers> {
    workspace.layers(target, &Top::default(), &mut Diagnostics::with_levels(levels(workspace))).ok()
}

/// The severities of the workspace, with which an override that has expired may be looked at.
pub(super) fn levels(workspace: &Workspace<'_>) -> Arc<Levels> {
    let mut levels = workspace.levels().as_ref().clone();
    levels.insert(code::EXPIRED, Some(Severity::Warning));
    Arc::new(levels)
}

/// The overrides that one must be laid on, then itself. One that is not there is said when it is laid on a target.
fn chain(workspace: &Workspace<'_>, environment: &str, name: &Arc<str>) -> Vec<Arc<str>> {
    let (mut chain, mut waiting) = (Vec::new(), vec![Arc::clone(name)]);
    while let Some(name) = waiting.pop() {
        if chain.contains(&name) {
            continue;
        }
        let known = workspace.overrides(environment, &mut Diagnostics::new()).unwrap_or_default();
        let about = workspace.about(environment, &name, &mut Diagnostics::new()).ok().flatten();
        let required = about.into_iter().flat_map(|about| about.requires).map(|(name, _)| name);
        waiting.extend(required.filter(|name| known.contains(name)));
        chain.push(name);
    }
    chain.reverse();
    chain
}

/// What the threads that merge have in common.
struct Watch<'a> {
    workspace: &'a Workspace<'a>,
    tries: &'a [Try],
    known: Mutex<IndexMap<FileId, Arc<Seen>>>,
    /// Runs of the platform's layers whose last was looked at: what it changes is the same in all targets.
    runs: Mutex<BTreeSet<Vec<FileId>>>,
}

/// A target and the trees on the way to its configuration.
struct Merged {
    layers: Layers,
    trees: Vec<Node>,
}

impl Watch<'_> {
    /// A target and all that are laid on it; gives what is wrong.
    fn unit(&self, unit: &Unit, quiet: &Diagnostics) -> Diagnostics {
        let mut found = quiet.untargeted();
        let target = |chain: &[Arc<str>]| Target::new(Arc::clone(&unit.environment), unit.tenant.clone(), chain.into());
        let Ok(plain) = self.merged(&target(&[]), &mut found) else { return found };
        self.observe(&plain, unit.position, unit, true);
        let tries = self.tries.iter().filter(|one| one.environment == unit.environment);
        for (number, one) in tries.enumerate() {
            let Ok(with) = self.merged(&target(&one.chain), &mut found) else { continue };
            self.observe(&with, unit.position + 1 + number, unit, false);
            let required = one.chain.split_last().map(|(_, required)| required).unwrap_or_default();
            let without = if required.is_empty() { None } else { self.merged(&target(required), &mut found).ok() };
            let before = without.as_ref().unwrap_or(&plain);
            if !before.trees.last().zip(with.trees.last()).is_some_and(|(before, with)| same(before, with)) {
                one.alters.store(true, Ordering::Relaxed);
            }
        }
        found
    }

    fn merged(&self, target: &Target, found: &mut Diagnostics) -> Result<Merged, Failed> {
        let mut own = found.for_target(&target.to_string());
        let workspace = self.workspace;
        let mark = own.mark();
        let merged = workspace.layers(target, &Top::default(), &mut own).and_then(|layers| {
            let trees = layers.trees(workspace.rules(), workspace.prefixes(), &mut own);
            own.since(mark)?;
            Ok(Merged { layers, trees })
        });
        found.extend(own);
        merged
    }

    fn observe(&self, merged: &Merged, position: usize, unit: &Unit, plain: bool) {
        let stack = merged.layers.stack();
        let seen: Vec<Arc<Seen>> = stack.iter().map(|layer| self.seen(layer)).collect();
        for (layer, seen) in stack.iter().zip(&seen) {
            let role = Role {
                environment: Arc::clone(&unit.environment),
                layer: Arc::clone(&layer.name),
                over: layer.over.clone(),
            };
            let first = First { unrendered: !unit.rendered, position };
            seen.met(first, role, plain && unit.tenant.is_some());
        }
        let shared = stack.iter().take_while(|layer| layer.trust == Trust::Code).count();
        for (upto, (seen, after)) in seen.iter().zip(&merged.trees).enumerate() {
            let run = stack.get(..=upto).unwrap_or_default().iter().map(|layer| layer.document.file).collect();
            let new = || self.runs.lock().unwrap_or_else(PoisonError::into_inner).insert(run);
            if upto >= shared || new() {
                let below = upto.checked_sub(1).and_then(|below| merged.trees.get(below));
                compare(seen, below, after);
            }
        }
        if unit.rendered
            && let Some(root) = merged.trees.last()
        {
            stay(root, &seen);
        }
    }

    fn seen(&self, layer: &Layer) -> Arc<Seen> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Seen::new(layer, &self.workspace.rules().strategies));
        Arc::clone(known.entry(layer.document.file).or_insert_with(new))
    }
}

/// Notes which values of a layer change something in the tree below it.
fn compare(seen: &Seen, below: Option<&Node>, after: &Node) {
    for (path, setting) in seen.settings.iter().filter(|(_, setting)| setting.is_idle()) {
        let both = below.and_then(|below| below.get(path)).zip(after.get(path));
        let is_equal = both.is_some_and(|(below, after)| {
            let inside = setting.kind == Kind::Map && setting.tag.is_none();
            match setting {
                _ if inside => matches!(below.value, Value::Map(_)),
                _ if setting.names_itself => false,
                _ => same(below, after) && restates(seen, path, below),
            }
        });
        if !is_equal {
            setting.changes();
        }
    }
}

/// Whether what is written is what it is laid over, and no mere part of it; nothing added is nothing.
fn restates(seen: &Seen, path: &Path, below: &Node) -> bool {
    let Some(written) = seen.document.root.at(&path.keys()) else { return false };
    let empty = matches!(&written.content, Content::List(items) if items.is_empty());
    empty || written.to_node().value == below.value
}

/// Notes which values are in a configuration.
fn stay(node: &Node, stack: &[Arc<Seen>]) {
    let draws = told(node.place, stack);
    let mut restates = false;
    match &node.value {
        Value::Map(map) => map.iter().for_each(|(_, entry)| stay(&entry.node, stack)),
        // What is only restated is in force as well.
        _ => restates = node.under.as_ref().is_some_and(|under| same(under, node)),
    }
    if (draws || restates)
        && let Some(under) = &node.under
    {
        stay(under, stack);
    }
}

fn told(place: Place, stack: &[Arc<Seen>]) -> bool {
    stack.iter().find(|seen| seen.document.file == place.file).is_some_and(|seen| seen.stays(place))
}
