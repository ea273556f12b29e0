//! A rule of a custom resource: `x-kubernetes-validations`.
//!
//! In goes a member of the list, out comes a [`Rule`] with its expressions compiled.

use std::sync::Arc;

use super::{Format, Kind, Others, Structural};
use crate::cel::{Expression, Form, Shape, Wrong};
use crate::path::Path;
use crate::tree::Node;
use crate::yaml::{Content, Written};

/// What must hold of a value.
#[derive(Debug)]
pub(in crate::kubernetes) struct Rule {
    pub(in crate::kubernetes) expression: Expression,
    /// What is said where it does not hold.
    pub(in crate::kubernetes) message: Option<Arc<str>>,
    /// The same, made of the value.
    pub(in crate::kubernetes) made: Option<Expression>,
    /// From the value to the field that is wrong.
    pub(in crate::kubernetes) field: Path,
    /// The expression, on one line.
    pub(in crate::kubernetes) text: String,
}

/// The names a rule knows: the value, and the value before a change.
const NAMES: [&str; 2] = ["self", BEFORE];
/// Where a rule that names it is for new objects as well, it has no value: an optional that is empty.
const BEFORE: &str = "oldSelf";

/// What keeps a rule from being one: the value it is about, what is wrong, and what would be right.
pub(super) type Flawed<'w> = (&'w Written, String, Option<String>);

impl Rule {
    /// Reads a rule; `None` for one that is about changes of a value alone.
    pub(super) fn read(written: &Written) -> Result<Option<Self>, Flawed<'_>> {
        let Some(rule) = written.at(&["rule"]) else {
            return Err((written, "a rule must have `rule`, an expression".to_owned(), None));
        };
        let expression = compiled(rule)?;
        let optional_before =
            matches!(written.at(&["optionalOldSelf"]), Some(Written { content: Content::Bool(true), .. }));
        let made = written.at(&["messageExpression"]).map(compiled).transpose()?;
        let field = match written.at(&["fieldPath"]) {
            None => Path::root(),
            Some(path) => path
                .as_str()
                .and_then(|text| Path::parse(text.trim_start_matches('.')).ok())
                .ok_or_else(|| (path, "`fieldPath` must be a path such as `.spec.host`".to_owned(), None))?,
        };
        if expression.names().iter().any(|name| name == BEFORE) && !optional_before {
            return Ok(None);
        }
        let text = rule.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let message = written.at(&["message"]).and_then(Written::as_str).map(Arc::from);
        Ok(Some(Self { expression, message, made, field, text }))
    }
}

fn compiled(written: &Written) -> Result<Expression, Flawed<'_>> {
    let Some(text) = written.as_str() else {
        return Err((written, "an expression must be a string".to_owned(), None));
    };
    Expression::compile(text, &NAMES).map_err(|Wrong { at, message }| {
        let place = at.map_or_else(String::new, |(line, column)| format!(" (line {line}, column {column} of it)"));
        (written, format!("the expression cannot be used: {message}{place}"), None)
    })
}

impl Shape for Structural {
    fn member(&self, key: &str) -> Option<&dyn Shape> {
        match (self.properties.get(key), &self.others) {
            (Some(below), _) => Some(below),
            (None, Others::Like(below)) => Some(below.as_ref()),
            (None, _) => None,
        }
    }

    fn item(&self) -> Option<&dyn Shape> {
        self.items.as_deref().map(|items| items as &dyn Shape)
    }

    fn defaults(&self) -> Vec<(&str, &Node)> {
        let some = self.properties.iter().filter_map(|(key, below)| Some((key.as_ref(), below.default.as_ref()?)));
        some.collect()
    }

    fn form(&self) -> Form {
        let format = self.bounds.as_ref().and_then(|bounds| bounds.format).map(Format::name);
        match (self.kind, format) {
            (Kind::Number, _) => Form::Double,
            (Kind::String, Some("date" | "date-time" | "datetime")) => Form::Timestamp,
            (Kind::String, Some("duration")) => Form::Duration,
            (Kind::String, Some("byte")) => Form::Bytes,
            _ => Form::AsWritten,
        }
    }
}
