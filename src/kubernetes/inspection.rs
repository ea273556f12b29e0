//! Holds an object against the schema of its kind.
//!
//! In go a [`Structural`] and a tree, out come the [`Problem`]s in the order of the tree. What the API server takes
//! stands: null in a mapping is nothing, `3.0` is an integer, and a default fills what is missing.

mod bounds;
mod list;
mod rule;
mod words;

use std::sync::Arc;

use super::bundle::Bundle;
use super::problem::Problem;
use super::structural::{Kind, Logic, Others, Structural};
use crate::diagnostic::{code, did_you_mean, listed};
use crate::path::{Path, Step};
use crate::source::Place;
use crate::tree::{Map, Node, Value};

/// Most problems of one object that are noted.
const MOST: usize = 50;

/// What is wrong with an object.
pub(crate) fn inspect(schema: &Structural, bundle: &'static Bundle, object: &Node) -> Vec<Problem> {
    let mut inspection = Inspection { bundle, way: Vec::with_capacity(16), problems: Vec::new() };
    inspection.value(schema, object, object.place);
    inspection.problems
}

/// An object that is being looked at.
struct Inspection<'n> {
    bundle: &'static Bundle,
    /// From the object to the value that is looked at.
    way: Vec<Way<'n>>,
    problems: Vec<Problem>,
}

#[derive(Clone, Copy)]
enum Way<'n> {
    Key(&'n Arc<str>),
    Index(usize),
}

impl<'n> Inspection<'n> {
    /// The schema that a reference leads to.
    fn resolved<'s>(&self, schema: &'s Structural) -> &'s Structural {
        schema.reference.and_then(|position| self.bundle.at(position)).unwrap_or(schema)
    }

    /// Looks at a value, unless it was found right before. `head` is where it begins: its key, or itself.
    fn value(&mut self, schema: &Structural, node: &'n Node, head: Place) {
        let number = schema.number.0;
        if let Value::Map(map) = &node.value
            && map.is_right(number)
        {
            return;
        }
        let before = self.problems.len();
        self.whole(schema, node, head);
        if let Value::Map(map) = &node.value
            && self.problems.len() == before
            && before < MOST
        {
            map.note_right(number);
        }
    }

    fn whole(&mut self, schema: &Structural, node: &'n Node, head: Place) {
        let before = self.problems.len();
        if let Some(logic) = schema.logic.as_ref().filter(|_| schema.reference.is_some()) {
            self.logic(logic, node, head);
        }
        let schema = self.resolved(schema);
        if !is_kind(schema.kind, node) {
            self.wrong_kind(schema, node, head);
            return;
        }
        match &node.value {
            Value::Map(map) => self.members(schema, map, head),
            Value::List(items) => self.items(schema, items),
            _ => {}
        }
        if schema.kind == Kind::Quantity {
            self.quantity(node, head);
        }
        if let Some(bounds) = &schema.bounds {
            self.bounds(bounds, node, head);
        }
        if let Some(logic) = &schema.logic {
            self.logic(logic, node, head);
        }
        // What has not the shape that rules are written for is not given to them.
        if self.problems[before.min(self.problems.len())..].iter().all(|problem| problem.code == code::FIELD_RULE) {
            self.rules(schema, node, head);
        }
    }

    fn wrong_kind(&mut self, schema: &Structural, node: &Node, head: Place) {
        let wanted = schema.kind.with_article();
        let is = words::what(node);
        let place = words::place(node, head);
        let but = if matches!(node.value, Value::Null) { "is null" } else { &format!("it is {is}") };
        let mut problem = self.problem(code::FIELD_TYPE, place, format!("must be {wanted}, but {but}"), is);
        problem.help.extend(words::conversion(schema.kind, node));
        self.note(problem);
    }

    fn members(&mut self, schema: &Structural, map: &'n Map, head: Place) {
        for (key, entry) in map {
            let below = match schema.properties.get(key) {
                Some(below) => below,
                None => match &schema.others {
                    Others::Like(below) => below,
                    Others::Free => continue,
                    Others::Forbidden if schema.embedded && is_of_every_object(key) => continue,
                    Others::Forbidden => {
                        self.unknown(schema, key, entry.key);
                        continue;
                    }
                },
            };
            if !matches!(entry.node.value, Value::Null) {
                self.way.push(Way::Key(key));
                self.value(below, &entry.node, entry.key);
                self.way.pop();
            }
        }
        for key in &schema.required {
            if is_missing(schema, map, key) {
                self.missing(key, map.get(key), head);
            }
        }
        if schema.embedded {
            for key in ["apiVersion", "kind"] {
                if map.get(key).is_none_or(|node| node.value.as_str().is_none_or(str::is_empty)) {
                    self.missing(key, map.get(key), head);
                }
            }
        }
    }

    fn missing(&mut self, key: &str, null: Option<&Node>, head: Place) {
        let (message, place, label) = match null {
            Some(node) => ("must be set, but is null", node.place, "null stands for nothing".to_owned()),
            None => ("must be set, but is missing", head, format!("`{key}` is missing here")),
        };
        let mut problem = Problem::new(code::FIELD_MISSING, self.path().key(key), place, message, &label);
        problem.help.push(if null.is_some() { "give it a value".to_owned() } else { format!("add `{key}`") });
        self.note(problem);
    }

    fn unknown(&mut self, schema: &Structural, key: &str, place: Place) {
        let names = || schema.properties.keys().map(AsRef::as_ref);
        let path = self.path().key(key);
        let mut problem = Problem::new(code::UNKNOWN_FIELD, path, place, "is not a known field", "unknown field");
        problem.notes.push(format!("known here: {}", listed(names())));
        problem.help.push(did_you_mean(key, names()).unwrap_or_else(|| "remove it".to_owned()));
        self.note(problem);
    }

    /// Schemas that must hold beside the one that says what the value is.
    fn logic(&mut self, logic: &Logic, node: &'n Node, head: Place) {
        for schema in &logic.all {
            self.value(schema, node, head);
        }
        if !logic.any.is_empty() {
            let tried: Vec<_> = logic.any.iter().map(|schema| self.tried(schema, node, head)).collect();
            if !tried.iter().any(Vec::is_empty) {
                self.alternatives("must match one of the alternatives", tried, node, head);
            }
        }
        if !logic.one.is_empty() {
            let tried: Vec<_> = logic.one.iter().map(|schema| self.tried(schema, node, head)).collect();
            match tried.iter().filter(|problems| problems.is_empty()).count() {
                0 => self.alternatives("must match one of the alternatives", tried, node, head),
                1 => {}
                several => {
                    let message =
                        format!("must match exactly one of the alternatives of its schema, but matches {several}");
                    let mut problem =
                        self.problem(code::FIELD_VALUE, words::place(node, head), message, "matches several");
                    problem.help.push("leave out what makes it match the others".to_owned());
                    self.note(problem);
                }
            }
        }
        if let Some(not) = &logic.not
            && self.tried(not, node, head).is_empty()
        {
            let excluded = not.required.iter().map(AsRef::as_ref).collect::<Vec<&str>>();
            let message = match excluded.as_slice() {
                [] => "must not be what its schema excludes".to_owned(),
                keys => format!("must not have {}", keys.join(" and ")),
            };
            let problem = self.problem(code::FIELD_VALUE, words::place(node, head), message, "excluded by the schema");
            self.note(problem);
        }
    }

    /// What would be wrong with a value under another schema.
    fn tried(&mut self, schema: &Structural, node: &'n Node, head: Place) -> Vec<Problem> {
        let mut other = Inspection { bundle: self.bundle, way: self.way.clone(), problems: Vec::new() };
        other.value(schema, node, head);
        other.problems
    }

    fn alternatives(&mut self, message: &str, tried: Vec<Vec<Problem>>, node: &Node, head: Place) {
        const SHOWN: usize = 4;
        let mut problem = self.problem(
            code::FIELD_VALUE,
            words::place(node, head),
            format!("{message} of its schema"),
            words::what(node),
        );
        let more = tried.len().saturating_sub(SHOWN);
        for (index, problems) in tried.into_iter().take(SHOWN).enumerate() {
            if let Some(first) = problems.first() {
                problem.notes.push(format!("alternative {}: {} {}", index + 1, first.path, first.predicate()));
            }
        }
        if more > 0 {
            problem.notes.push(format!("and {more} alternatives more"));
        }
        self.note(problem);
    }

    /// A problem with the value that is looked at.
    fn problem(&self, code: crate::diagnostic::Code, place: Place, message: impl Into<String>, label: &str) -> Problem {
        Problem::new(code, self.path(), place, message, label)
    }

    fn note(&mut self, problem: Problem) {
        if self.problems.len() < MOST {
            self.problems.push(problem);
        }
    }

    fn path(&self) -> Path {
        let step = |way: &Way<'_>| match way {
            Way::Key(key) => Step::Key(Arc::clone(key)),
            Way::Index(index) => Step::Index(*index),
        };
        Path::from_steps(self.way.iter().map(step).collect())
    }
}

/// Whether a member is not there: null stands for nothing, unless the schema allows it.
fn is_missing(schema: &Structural, map: &Map, key: &str) -> bool {
    let below = schema.properties.get(key);
    match map.get(key) {
        Some(node) if !matches!(node.value, Value::Null) => false,
        Some(_) if below.is_some_and(|below| below.nullable) => false,
        _ => below.is_none_or(|below| below.default.is_none()),
    }
}

/// What every object has.
fn is_of_every_object(key: &str) -> bool {
    matches!(key, "apiVersion" | "kind" | "metadata")
}

/// Whether a value is of a kind; `3.0` is an integer.
fn is_kind(kind: Kind, node: &Node) -> bool {
    match (kind, &node.value) {
        (Kind::Any, _)
        | (Kind::Object, Value::Map(_))
        | (Kind::List, Value::List(_))
        // Of a secret nothing is known here but that it becomes text.
        | (Kind::String | Kind::IntOrString | Kind::Quantity, Value::String(_) | Value::Secret(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Number | Kind::Quantity, Value::Number(_)) => true,
        (Kind::Integer | Kind::IntOrString, Value::Number(number)) => number.as_i64().is_some(),
        _ => false,
    }
}
