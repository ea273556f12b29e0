//! Ways into data with a star for all items of a list, or all keys: `spec.rules.*.http.paths.*.backend.service`.

use std::sync::Arc;

use crate::path::Path;
use crate::tree::{Node, Value};

/// The steps that were gone; a path only when somebody asks.
pub(super) struct Trail<'w>(Vec<Step<'w>>);

enum Step<'w> {
    Key(&'w str),
    Own(Arc<str>),
    Index(usize),
}

impl Trail<'_> {
    /// As a path.
    pub(super) fn path(&self) -> Path {
        self.below(&Path::root())
    }

    /// As a path below another one.
    pub(super) fn below(&self, above: &Path) -> Path {
        self.0.iter().fold(above.clone(), |path, step| match step {
            Step::Key(key) => path.key(key),
            Step::Own(key) => path.key(key),
            Step::Index(index) => path.index(*index),
        })
    }
}

/// Calls `each` with every node that a way leads to, and how it was reached.
pub(super) fn each<'a>(node: &'a Node, way: &str, each: &mut impl FnMut(&'a Node, &Trail<'_>)) {
    go(node, way, &mut Trail(Vec::new()), each);
}

fn go<'a, 'w>(node: &'a Node, way: &'w str, trail: &mut Trail<'w>, each: &mut impl FnMut(&'a Node, &Trail<'_>)) {
    if way.is_empty() {
        return each(node, trail);
    }
    let (step, rest) = way.split_once('.').unwrap_or((way, ""));
    match (&node.value, step) {
        (Value::List(items), "*") => {
            for (index, item) in items.iter().enumerate() {
                trail.0.push(Step::Index(index));
                go(item, rest, trail, each);
                trail.0.pop();
            }
        }
        (Value::Map(map), "*") => {
            for (key, entry) in map.iter() {
                trail.0.push(Step::Own(Arc::clone(key)));
                go(&entry.node, rest, trail, each);
                trail.0.pop();
            }
        }
        (Value::Map(map), key) => {
            if let Some(below) = map.get(key) {
                trail.0.push(Step::Key(key));
                go(below, rest, trail, each);
                trail.0.pop();
            }
        }
        _ => {}
    }
}

/// The path of a way that names no list items, below another one.
pub(super) fn below(path: &Path, way: &str) -> Path {
    way.split('.').filter(|step| !step.is_empty()).fold(path.clone(), |path, step| path.key(step))
}
