//! The tree as the template engine sees it, and back.
//!
//! [`value_of`] shows a [`Node`] to the engine without copying it; [`node_of`] makes a node of what an expression
//! gave.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Object, ObjectExt, ObjectRepr, ValueKind};
use minijinja::{Error, ErrorKind, Value};

use super::hole::{self, Holes};
use crate::source::{FileId, Place};
use crate::tree::{Entry, Map, Node, Number, Secret, Value as Data};

/// The file of nodes that are made only to be turned into text.
pub(super) const NOWHERE: FileId = FileId::NONE;

/// Deepest nesting of a value an expression may make.
const DEEPEST: usize = 128;

/// A mapping or a list of the configuration.
#[derive(Debug)]
struct View(Node);

/// The cause of the error that using a secret gives, so that it can be told from others.
#[derive(Debug)]
pub(super) struct SecretUsed {
    /// The name of the secret.
    pub name: String,
}

impl fmt::Display for SecretUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the secret {} is used", self.name)
    }
}

impl std::error::Error for SecretUsed {}

/// Shows a node to the engine.
pub fn value_of(node: &Node) -> Value {
    match &node.value {
        Data::Null => Value::from(()),
        Data::Bool(flag) => Value::from(*flag),
        Data::Number(Number::Int(number)) => Value::from(*number),
        Data::Number(Number::Float(number)) => Value::from(*number),
        Data::String(text) => text_value(text),
        Data::Secret(secret) => Value::from(secret_used(secret)),
        Data::List(_) | Data::Map(_) => Value::from_object(View(node.clone())),
    }
}

/// Shows a text to the engine; special characters are escaped.
pub(super) fn text_value(text: &Arc<str>) -> Value {
    if hole::is_special(text) { Value::from(hole::escape(text).into_owned()) } else { Value::from(Arc::clone(text)) }
}

impl Object for View {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if matches!(self.0.value, Data::List(_)) { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match &self.0.value {
            Data::List(items) => items.get(key.as_usize()?).map(value_of),
            Data::Map(_) => self.get_value_by_str(key.as_str()?),
            _ => None,
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.value.as_map()?.get(&unescaped_key(key)).map(value_of)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.0.value {
            Data::List(items) => Enumerator::Seq(items.len()),
            Data::Map(_) => self.mapped_key_value_enumerator(|view| match &view.0.value {
                Data::Map(map) => Box::new(map.iter().map(|(key, entry)| (text_value(key), value_of(&entry.node)))),
                _ => Box::new(std::iter::empty()),
            }),
            _ => Enumerator::NonEnumerable,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match &self.0.value {
            Data::List(items) => Some(items.len()),
            Data::Map(map) => Some(map.len()),
            _ => None,
        }
    }
}

/// A key as the tree has it: the engine may hold it escaped.
fn unescaped_key(key: &str) -> std::borrow::Cow<'_, str> {
    if hole::is_special(key) {
        Holes::default().expand(key).map_or(std::borrow::Cow::Borrowed(key), std::borrow::Cow::Owned)
    } else {
        std::borrow::Cow::Borrowed(key)
    }
}

/// The error that stands in the place of a secret: the engine raises it as soon as the value is looked up.
fn secret_used(secret: &Secret) -> Error {
    Error::new(ErrorKind::InvalidOperation, "a secret is used in a template")
        .with_source(SecretUsed { name: secret.name().to_owned() })
}

/// Makes a node of a value. What comes from the configuration keeps its own places; what the expression made has
/// `place`.
pub(super) fn node_of(value: &Value, holes: &Holes, place: Place) -> Result<Node, Error> {
    converted(value, holes, place, 0)
}

fn converted(value: &Value, holes: &Holes, place: Place, depth: usize) -> Result<Node, Error> {
    if depth > DEEPEST {
        return Err(Error::new(ErrorKind::InvalidOperation, "the value is nested too deeply"));
    }
    // A list may hold itself many times over: there is less of it in memory than in the output.
    holes.spend(hole::VALUE)?;
    if let Some(View(node)) = value.downcast_object_ref::<View>() {
        refuse_secrets_within(node)?;
        return Ok(node.clone());
    }
    if let Some(text) = value.as_str() {
        holes.spend(text.len())?;
        return Ok(Node::new(Data::String(hole::unescape(text, holes)?), place));
    }
    let data = match value.kind() {
        ValueKind::None => Data::Null,
        ValueKind::Bool => Data::Bool(value.is_true()),
        ValueKind::Number => Data::Number(hole::number(value)?),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter()?.map(|item| converted(&item, holes, place, depth + 1));
            Data::List(Arc::new(items.collect::<Result<_, _>>()?))
        }
        ValueKind::Map => Data::Map(Arc::new(mapping(value, holes, place, depth)?)),
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::Invalid => return Err(invalid(value)),
        kind => {
            return Err(Error::new(ErrorKind::InvalidOperation, format!("a {kind} is not a value that YAML can hold")));
        }
    };
    Ok(Node::new(data, place))
}

fn mapping(value: &Value, holes: &Holes, place: Place, depth: usize) -> Result<Map, Error> {
    let mut map = Map::with_capacity(value.len().unwrap_or(0));
    for key in value.try_iter()? {
        let node = converted(&value.get_item(&key)?, holes, place, depth + 1)?;
        map.insert(holes.text_of(&key)?.into(), Entry { key: place, node });
    }
    Ok(map)
}

/// The error inside a value that stands for one.
fn invalid(value: &Value) -> Error {
    // The engine gives such an error only when something is done with the value.
    value.get_attr("").err().unwrap_or_else(|| Error::new(ErrorKind::InvalidOperation, "the value is an error"))
}

fn refuse_secrets_within(node: &Node) -> Result<(), Error> {
    match &node.value {
        Data::Secret(secret) => Err(secret_used(secret)),
        Data::List(items) => items.iter().try_for_each(refuse_secrets_within),
        Data::Map(map) => map.iter().try_for_each(|(_, entry)| refuse_secrets_within(&entry.node)),
        _ => Ok(()),
    }
}

/// The root names of a template: the keys of the configuration, and `target`.
#[derive(Debug)]
pub(super) struct Root {
    configuration: Node,
    target: Value,
}

impl Root {
    pub(super) fn value(configuration: Node, target: Value) -> Value {
        Value::from_dyn_object(DynObject::new(Arc::new(Self { configuration, target })))
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == "target" {
            return Some(self.target.clone());
        }
        self.configuration.value.as_map()?.get(key).map(value_of)
    }
}
