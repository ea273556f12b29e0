//! The configuration as an expression sees it: what is itself an expression is evaluated when it is looked up.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{DynObject, Enumerator, Object, ObjectExt, ObjectRepr};

use super::Evaluation;
use crate::path::{Path, Step};
use crate::template::value_of;
use crate::tree::{Node, Value as Data};

/// A mapping or a list at a path.
struct Lazy {
    evaluation: Arc<Evaluation>,
    path: Path,
    node: Node,
}

/// The root names: the keys of the configuration, and `target`.
struct Root(Arc<Evaluation>);

/// What expressions are evaluated over.
pub(super) fn root(evaluation: &Arc<Evaluation>) -> Value {
    Value::from_dyn_object(DynObject::new(Arc::new(Root(Arc::clone(evaluation)))))
}

/// A node that is no expression itself.
pub(super) fn value(evaluation: &Arc<Evaluation>, path: &Path, node: &Node) -> Value {
    match &node.value {
        Data::List(_) | Data::Map(_) => {
            Value::from_object(Lazy { evaluation: Arc::clone(evaluation), path: path.clone(), node: node.clone() })
        }
        _ => value_of(node),
    }
}

impl Lazy {
    fn child(&self, step: Step) -> Option<Value> {
        let node = self.node.step(&step)?;
        let mut path = self.path.clone();
        path.push(step);
        self.evaluation.seen(&path, node)
    }
}

impl Object for Lazy {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if matches!(self.node.value, Data::List(_)) { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match &self.node.value {
            Data::List(_) => self.child(Step::Index(key.as_usize()?)),
            _ => self.child(Step::Key(key.as_str()?.into())),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.node.value {
            Data::List(items) => Enumerator::Seq(items.len()),
            _ => self.mapped_enumerator(|lazy| match &lazy.node.value {
                Data::Map(map) => Box::new(map.keys().map(|key| Value::from(Arc::clone(key)))),
                _ => Box::new(std::iter::empty()),
            }),
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match &self.node.value {
            Data::List(items) => Some(items.len()),
            Data::Map(map) => Some(map.len()),
            _ => None,
        }
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        if key == "target" {
            return Some(self.0.target.clone());
        }
        let node = self.0.root.value.as_map()?.get(key)?;
        self.0.seen(&Path::from_keys([key]), node)
    }
}

impl std::fmt::Debug for Lazy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lazy({})", self.path)
    }
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Root")
    }
}
