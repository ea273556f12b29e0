//! An expression: compiled once, evaluated over many scopes.

use cel::common::ast::IdedExpr;
use cel::common::types::{CelBool, CelString};
use cel::common::value::Val;
use cel::{Context, ExecutionError, ParseErrors, Value};

use super::mentioned::{FUNCTIONS, Mentioned};
use super::scope::Scope;
use super::{environment, meter};
use crate::diagnostic::nearest;

/// The longest text of an expression, in bytes.
const LONGEST: usize = 16 * 1024;

/// The deepest nesting: the parser goes down with it.
const DEEPEST: usize = 100;

/// The most levels of operations: evaluation goes down with them. `a && b && c` has three.
const MOST_LEVELS: usize = 400;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Expression {
    root: IdedExpr,
    /// The names it refers to, sorted.
    names: Vec<String>,
}

/// What is wrong with the text of an expression, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Line and column in the text, from 1.
    pub(crate) at: Option<(usize, usize)>,
    /// What is wrong there.
    pub(crate) message: String,
}

/// Why an evaluation came to no result. It quotes no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) String);

impl Expression {
    /// Compiles `text`, which may refer to `names` and to what it binds itself.
    pub(crate) fn compile(text: &str, names: &[&str]) -> Result<Self, Wrong> {
        if text.len() > LONGEST {
            return Err(Wrong { at: None, message: format!("it is longer than {LONGEST} bytes") });
        }
        if nesting(text) > DEEPEST {
            return Err(Wrong { at: None, message: format!("it is nested deeper than {DEEPEST} levels") });
        }
        let mut root = environment().parser().parse(text).map_err(|errors| Wrong::first(&errors))?;
        let mentioned = Mentioned::of(&root);
        if mentioned.levels > MOST_LEVELS {
            return Err(Wrong {
                at: None,
                message: format!("it has more than {MOST_LEVELS} operations one within the other"),
            });
        }
        if let Some(name) = mentioned.names.iter().find(|name| !names.contains(name)) {
            let known = suggestion(name, names);
            return Err(Wrong::at(text, name, format!("`{name}` is not known here{known}")));
        }
        if let Some(name) = mentioned.functions.iter().find(|name| !FUNCTIONS.contains(name)) {
            let known = suggestion(name, FUNCTIONS);
            return Err(Wrong::at(text, name, format!("there is no function `{name}`{known}")));
        }
        let names = mentioned.names.into_iter().map(ToOwned::to_owned).collect();
        meter::attach(&mut root);
        Ok(Self { root, names })
    }

    /// The names of the scope that it refers to.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it holds.
    pub(crate) fn holds(&self, scope: &Scope<'_>) -> Result<bool, Failure> {
        self.evaluate(scope.context(), |value| value.downcast_ref::<CelBool>().map(|value| *value.inner()), "a boolean")
    }

    /// The text it makes.
    pub(crate) fn text(&self, scope: &Scope<'_>) -> Result<String, Failure> {
        let read = |value: &dyn Val| value.downcast_ref::<CelString<'_>>().map(|value| value.inner().to_owned());
        self.evaluate(scope.context(), read, "a string")
    }

    fn evaluate<T>(
        &self,
        context: &Context<'_, '_>,
        read: impl Fn(&dyn Val) -> Option<T>,
        wanted: &str,
    ) -> Result<T, Failure> {
        meter::refill();
        let value = Value::resolve_val(&self.root, context).map_err(|error| Failure::of(&error))?;
        read(value.as_ref()).ok_or_else(|| Failure(format!("it gives {}, not {wanted}", value.get_type().name())))
    }

    /// Its value, to be bound to a name.
    pub(super) fn value<'v>(&self, context: &Context<'_, 'v>) -> Result<Box<dyn Val + 'v>, Failure> {
        meter::refill();
        let value = Value::resolve_val(&self.root, context).map_err(|error| Failure::of(&error))?;
        Ok(value.into_owned())
    }
}

impl Wrong {
    /// The first of what a parser found.
    fn first(errors: &ParseErrors) -> Self {
        let Some(first) = errors.errors.first() else {
            return Self { at: None, message: "it is no expression".to_owned() };
        };
        let (line, column) = first.pos;
        let at = usize::try_from(line).ok().zip(usize::try_from(column).ok()).filter(|(line, _)| *line > 0);
        let message = first.msg.lines().next().unwrap_or_default().trim_start_matches("Syntax error: ").to_owned();
        Self { at, message }
    }

    /// Where a name stands in the text, as a whole word.
    fn at(text: &str, name: &str, message: String) -> Self {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let place = text
            .match_indices(name)
            .find(|(start, _)| !text[..*start].ends_with(word) && !text[start + name.len()..].starts_with(word));
        let at = place.map(|(start, _)| {
            let before = &text[..start];
            let line = before.rsplit('\n').next().unwrap_or_default();
            (before.matches('\n').count() + 1, line.chars().count() + 1)
        });
        Self { at, message }
    }
}

/// What was likely meant.
fn suggestion(name: &str, known: &[&str]) -> String {
    nearest(name, known.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

impl Failure {
    /// Says what happened without the values it happened to.
    fn of(error: &ExecutionError) -> Self {
        Self(match error {
            ExecutionError::NoSuchKey(key) => format!("there is no key `{key}`"),
            ExecutionError::NoSuchOverload(overload) => {
                let types = overload.argument_types().join(", ");
                format!("`{}` does not take ({types})", overload.function())
            }
            ExecutionError::UndeclaredReference(name) => format!("`{name}` is not known here"),
            ExecutionError::FunctionError { function, message } => format!("`{function}`: {message}"),
            ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "it divides by zero".to_owned(),
            ExecutionError::Overflow(..) => "a number is too large".to_owned(),
            ExecutionError::IndexOutOfBounds(_) => "a list is shorter than that".to_owned(),
            ExecutionError::UnexpectedType { want, .. } => format!("a value is not of the type {want}"),
            ExecutionError::ValuesNotComparable(..) => "two values have no order between them".to_owned(),
            _ => "a value does not suit what is done with it".to_owned(),
        })
    }
}

/// At most how deep an expression is nested: brackets that are open, with the signs and conditions before them. Brackets
/// in strings count as well.
fn nesting(text: &str) -> usize {
    let (mut open, mut signs, mut conditions, mut deepest) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut before = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b'!' | b'-' => signs += 1,
            // `.?` and `[?` are no conditions.
            b'?' if !matches!(before, b'.' | b'[') => conditions += 1,
            _ => {}
        }
        if !matches!(byte, b'!' | b'-' | b' ' | b'\n' | b'\t' | b'\r') {
            signs = 0;
        }
        before = byte;
        deepest = deepest.max(open + signs + conditions);
    }
    deepest
}
