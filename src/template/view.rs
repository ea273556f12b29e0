//! The tree as the template engine sees it, and back.
//!
//! [`value_of`] shows a [`Node`] to the engine without copying it; [`node_of`] makes a node of what an expression
//! gave.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{DynObject, Enumerator, Object, ObjectExt, ObjectRepr, ValueKind};
use minijinja::{Error, ErrorKind, Value};

use super::hole::{self, Holes};
use super::trace::{TARGET, Trace, Watch};
use crate::path::{Path, Step};
use crate::source::{FileId, Place};
use crate::tree::{Entry, Map, Node, Number, Secret, Value as Data};

/// The file of nodes that are made only to be turned into text.
pub(super) const NOWHERE: FileId = FileId::NONE;

/// Deepest nesting of a value an expression may make.
const DEEPEST: usize = 128;

/// A mapping or a list of the configuration.
#[derive(Debug)]
struct View {
    node: Node,
    watch: Option<Watch>,
    /// The mappings and lists below that were looked up, by position: templates look up the same ones again and again.
    below: OnceLock<Box<[OnceLock<Value>]>>,
}

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
    shown(node, None)
}

fn shown(node: &Node, watch: Option<Watch>) -> Value {
    if let Some(watch) = &watch {
        watch.note();
    }
    match &node.value {
        Data::Null => Value::from(()),
        Data::Bool(flag) => Value::from(*flag),
        Data::Number(Number::Int(number)) => Value::from(*number),
        Data::Number(Number::Float(number)) => Value::from(*number),
        Data::String(text) => text_value(text),
        Data::Secret(secret) => Value::from_object(Veiled(secret.clone())),
        Data::List(_) | Data::Map(_) => Value::from_object(View::new(node.clone(), watch)),
    }
}

/// Shows a node to the engine, and notes what is read of it.
pub(super) fn watched_value(node: &Node, watch: Watch) -> Value {
    shown(node, Some(watch))
}

/// The path of a mapping or a list of the configuration, if the rendering is traced.
pub(super) fn watched(value: &Value) -> Option<Path> {
    value.downcast_object_ref::<View>()?.watch.as_ref().map(|watch| watch.path().clone())
}

/// Shows a text to the engine; special characters are escaped.
pub(super) fn text_value(text: &Arc<str>) -> Value {
    if hole::is_special(text) { Value::from(hole::escape(text).into_owned()) } else { Value::from(Arc::clone(text)) }
}

impl View {
    fn new(node: Node, watch: Option<Watch>) -> Self {
        Self { node, watch, below: OnceLock::new() }
    }

    /// The value at a position.
    fn child(&self, index: usize, node: &Node, step: impl FnOnce() -> Step) -> Value {
        // Whoever watches must hear of each look.
        let kept = match (&node.value, &self.watch) {
            (Data::List(_) | Data::Map(_), None) => {
                let unseen = || (0..self.len()).map(|_| OnceLock::new()).collect();
                self.below.get_or_init(unseen).get(index)
            }
            _ => None,
        };
        match kept {
            Some(kept) => kept.get_or_init(|| shown(node, None)).clone(),
            None => shown(node, self.watch.as_ref().map(|watch| watch.below(step()))),
        }
    }

    fn member(&self, key: &str) -> Option<Value> {
        let (index, entry) = self.node.value.as_map()?.position(key)?;
        Some(self.child(index, &entry.node, || Step::Key(key.into())))
    }

    fn len(&self) -> usize {
        match &self.node.value {
            Data::List(items) => items.len(),
            Data::Map(map) => map.len(),
            _ => 0,
        }
    }
}

impl Object for View {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if matches!(self.node.value, Data::List(_)) { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match &self.node.value {
            Data::List(items) => {
                let index = key.as_usize()?;
                items.get(index).map(|item| self.child(index, item, || Step::Index(index)))
            }
            Data::Map(_) => self.get_value_by_str(key.as_str()?),
            _ => None,
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.member(&unescaped_key(key))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.node.value {
            Data::List(items) => Enumerator::Seq(items.len()),
            Data::Map(_) => self.mapped_key_value_enumerator(|view| match &view.node.value {
                Data::Map(map) => Box::new(map.iter().enumerate().map(|(index, (key, entry))| {
                    (text_value(key), view.child(index, &entry.node, || Step::Key(Arc::clone(key))))
                })),
                _ => Box::new(std::iter::empty()),
            }),
            _ => Enumerator::NonEnumerable,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        matches!(self.node.value, Data::List(_) | Data::Map(_)).then(|| self.len())
    }
}

/// A key as the tree has it: the engine may hold it escaped.
fn unescaped_key(key: &str) -> std::borrow::Cow<'_, str> {
    if hole::is_special(key) {
        Holes::default().expand(key).unwrap_or(std::borrow::Cow::Borrowed(key))
    } else {
        std::borrow::Cow::Borrowed(key)
    }
}

/// A secret as the engine sees it: something that is there, can be passed on, and is no text. What makes text of it all
/// the same gets its name between signs that no text may have in the end.
#[derive(Debug)]
struct Veiled(Secret);

impl Object for Veiled {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", hole::SECRET, self.0.name(), hole::SECRET)
    }
}

/// The secret that a value is, if it is one.
pub(super) fn secret_of(value: &Value) -> Option<&Secret> {
    value.downcast_object_ref::<Veiled>().map(|veiled| &veiled.0)
}

/// What is wrong where a secret becomes text.
pub(super) fn secret_used(name: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, "a secret is used as text")
        .with_source(SecretUsed { name: name.to_owned() })
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
    if let Some(View { node, .. }) = value.downcast_object_ref::<View>() {
        return Ok(node.clone());
    }
    if let Some(secret) = secret_of(value) {
        return Ok(Node::new(Data::Secret(secret.clone()), place));
    }
    if let Some(text) = value.as_str() {
        holes.spend(text.len())?;
        return Ok(Node::new(Data::String(hole::unescape(value, text, holes)?), place));
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
    let unsaid = || Error::new(ErrorKind::InvalidOperation, "the value cannot be used");
    // The engine gives such an error only to who iterates over the value.
    let within = Value::from(vec![value.clone()]);
    match within.try_iter().map(|items| items.checked().next()) {
        Ok(Some(Err(error))) | Err(error) => error,
        Ok(_) => unsaid(),
    }
}

/// An error if a value that becomes text holds a secret.
pub(super) fn refuse_secrets_within(node: &Node) -> Result<(), Error> {
    match &node.value {
        Data::Secret(secret) => Err(secret_used(secret.name())),
        Data::List(items) => items.iter().try_for_each(refuse_secrets_within),
        Data::Map(map) => map.iter().try_for_each(|(_, entry)| refuse_secrets_within(&entry.node)),
        _ => Ok(()),
    }
}

/// The root names of a template: the keys of the configuration, and `target`.
#[derive(Debug)]
pub(super) struct Root {
    configuration: View,
    target: Value,
}

impl Root {
    pub(super) fn value(configuration: Node, target: Value, trace: Option<Arc<Trace>>) -> Value {
        let watch = trace.map(|trace| Watch::new(&trace, Path::root()));
        Value::from_dyn_object(DynObject::new(Arc::new(Self {
            configuration: View::new(configuration, watch),
            target,
        })))
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key != TARGET {
            return self.configuration.member(key);
        }
        let traced = self.configuration.watch.as_ref().map(Watch::shown_target);
        Some(traced.unwrap_or_else(|| self.target.clone()))
    }
}
