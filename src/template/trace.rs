//! What a traced rendering reads: which values of the configuration each hole is filled from.
//!
//! The engine's values are plain: a text or a number does not know where it came from once a loop or a `set` has bound
//! it. So reads are noted when they happen, and a hole takes what was read since the hole before. Where that is
//! nothing, a text is known by its bytes, which it shares with the configuration, another scalar by the last read that
//! gave its like, and what was computed by what the hole before was filled from.

use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};

use super::view;
use crate::path::{Path, Step};
use crate::tree::{Node, Number, Value as Data};

/// The name under which templates know the target.
pub(super) const TARGET: &str = "target";

/// A traced rendering.
#[derive(Debug)]
pub(super) struct Trace {
    configuration: Node,
    target: Node,
    /// Paths of texts and keys, by the address of their bytes. They live as long as the configuration does.
    texts: IndexMap<usize, Vec<Path>>,
    read: Mutex<Read>,
}

/// What was read.
#[derive(Debug, Default)]
struct Read {
    /// Since the last hole.
    since: Vec<Path>,
    /// For the last hole that something was read for.
    before: Vec<Path>,
    /// All, in order.
    all: Vec<Path>,
}

/// Notes which values are read below a path.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    trace: Arc<Trace>,
    path: Path,
}

impl Watch {
    pub(super) fn new(trace: &Arc<Trace>, path: Path) -> Self {
        Self { trace: Arc::clone(trace), path }
    }

    pub(super) fn below(&self, step: Step) -> Self {
        let mut path = self.path.clone();
        path.push(step);
        Self { trace: Arc::clone(&self.trace), path }
    }

    /// The target of the rendering.
    pub(super) fn shown_target(&self) -> Value {
        self.trace.shown_target()
    }

    /// The path that is watched.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its value is read.
    pub(super) fn note(&self) {
        let mut read = self.trace.read.lock().unwrap_or_else(PoisonError::into_inner);
        // On the way to a value, every mapping above it is read as well.
        if read.since.last().is_some_and(|last| is_above(last, &self.path)) {
            read.since.pop();
        }
        read.since.push(self.path.clone());
        read.all.push(self.path.clone());
    }
}

impl Trace {
    /// A trace of what is read from a configuration, and from the mapping that templates know as `target`.
    pub(super) fn of(configuration: Node, target: Node) -> Self {
        let mut texts = IndexMap::new();
        addresses(&configuration, &mut Path::root(), &mut texts);
        addresses(&target, &mut Path::from_keys([TARGET]), &mut texts);
        Self { configuration, target, texts, read: Mutex::default() }
    }

    /// The configuration.
    pub(super) fn configuration(&self) -> &Node {
        &self.configuration
    }

    /// The paths that a hole was filled from; the last is that of the value itself, if it can be told.
    pub(super) fn take(&self, value: &Value) -> Vec<Path> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let mut paths = std::mem::take(&mut read.since);
        let own = self.own(value, &read.all, paths.is_empty());
        // A mapping that is read beside scalars was an argument, or what a loop goes through.
        if own.is_some() || paths.iter().any(|path| !self.is_collection(path)) {
            paths.retain(|path| !self.is_collection(path));
        }
        if let Some(own) = own {
            paths.retain(|path| *path != own && !is_above(path, &own));
            paths.push(own);
        } else if paths.is_empty() {
            paths.clone_from(&read.before);
        }
        read.before.clone_from(&paths);
        paths
    }

    /// Everything that was read, in order.
    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<Path> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).all.clone()
    }

    /// The target as a template sees it: what is read of it is noted.
    pub(super) fn shown_target(self: &Arc<Self>) -> Value {
        view::watched_value(&self.target, Watch::new(self, Path::from_keys([TARGET])))
    }

    fn node(&self, path: &Path) -> Option<&Node> {
        match path.steps() {
            [Step::Key(first), below @ ..] if first.as_ref() == TARGET => {
                below.iter().try_fold(&self.target, |node, step| node.step(step))
            }
            _ => self.configuration.get(path),
        }
    }

    fn is_collection(&self, path: &Path) -> bool {
        let node = self.node(path);
        node.is_some_and(|node| matches!(node.value, Data::Map(_) | Data::List(_)))
    }

    /// The path of the value itself; `lost` is whether it was read before the last hole.
    fn own(&self, value: &Value, all: &[Path], lost: bool) -> Option<Path> {
        if let Some(path) = view::watched(value) {
            return Some(path);
        }
        if let Some(text) = value.as_str() {
            let paths = self.texts.get(&(text.as_ptr() as usize))?;
            // One text may stand in several places: the one that was read last.
            let read = || all.iter().rev().find(|path| paths.contains(path)).cloned();
            return read().or_else(|| paths.last().cloned());
        }
        let same = |path: &&Path| self.node(path).is_some_and(|node| is_like(&node.value, value));
        if lost { all.iter().rev().find(same).cloned() } else { None }
    }
}

/// Lets formatters find the trace of a rendering among its globals.
impl Object for Trace {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

fn addresses(node: &Node, path: &mut Path, texts: &mut IndexMap<usize, Vec<Path>>) {
    let mut below = |step: Step, node: &Node, texts: &mut IndexMap<usize, Vec<Path>>| {
        path.push(step);
        addresses(node, path, texts);
        path.pop();
    };
    match &node.value {
        Data::String(text) => texts.entry(text.as_ptr() as usize).or_default().push(path.clone()),
        Data::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| below(Step::Index(index), item, texts));
        }
        Data::Map(map) => {
            for (key, entry) in map.iter() {
                below(Step::Key(Arc::clone(key)), &entry.node, texts);
            }
            for key in map.keys() {
                texts.entry(key.as_ptr() as usize).or_default().push(path.key(key));
            }
        }
        _ => {}
    }
}

fn is_above(path: &Path, below: &Path) -> bool {
    path.steps().len() < below.steps().len() && below.steps().starts_with(path.steps())
}

/// Whether a scalar of the configuration and one of the engine are the same.
fn is_like(data: &Data, value: &Value) -> bool {
    match data {
        Data::Null => value.is_none(),
        Data::Bool(flag) => *value == Value::from(*flag) && value.kind() == minijinja::value::ValueKind::Bool,
        Data::Number(Number::Int(number)) => value.as_i64() == Some(*number),
        Data::Number(Number::Float(number)) => *value == Value::from(*number),
        _ => false,
    }
}
