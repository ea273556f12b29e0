//! What text is worth to operators and filters: the filters that [`operand`](super::operand) puts into templates, and
//! bounds on those of the engine that make much of little.
//!
//! In goes an operand, out comes what is compared, measured or joined: captured text as the text it stands for.

use std::borrow::Cow;

use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, State, Value, filters};
use minijinja_contrib::pycompat;

use super::engine::invalid;
use super::hole::{self, Holes};
use super::operand::Look;

/// Most digits of a width or a precision in a format.
const MOST_DIGITS: u32 = 3;
/// Bytes that an item of a list takes, about.
const ITEM: usize = 64;

/// Adds the filters, and puts bounds on others.
pub(super) fn add_to(engine: &mut Environment<'static>) {
    engine.add_filter(Look::Value.filter(), |state: &mut State<'_, '_>, value: &Value| plain(state, value, true));
    engine.add_filter(Look::Text.filter(), |state: &mut State<'_, '_>, value: &Value| plain(state, value, false));
    engine.add_filter(Look::Held.filter(), held);
    engine.add_filter(Look::Joined.filter(), joined);
    engine.add_filter(Look::Added.filter(), added);
    engine.add_filter("string", string);
    engine.add_filter("__format", filters::format);
    engine.add_filter("__indent", filters::indent);
    engine.add_filter("__replace", filters::replace);
    engine.add_filter("__join", filters::join);
    engine.add_filter("__batch", filters::batch);
    engine.add_filter("__slice", filters::slice);
    for (name, bounded) in [
        ("format", "__format"),
        ("indent", "__indent"),
        ("replace", "__replace"),
        ("join", "__join"),
        ("batch", "__batch"),
        ("slice", "__slice"),
    ] {
        let filter = move |state: &mut State<'_, '_>, value: &Value, rest: Rest<ValueOrKwargs>| {
            let arguments = rest.into_values();
            makes(state, name, value, &arguments)?;
            let all: Vec<Value> = std::iter::once(value.clone()).chain(arguments).collect();
            state.apply_filter(bounded, &all)
        };
        engine.add_filter(name, filter);
    }
    engine.set_unknown_method_callback(method);
}

/// A method of Python: it sees text as it is.
fn method(state: &mut State<'_, '_>, value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    let value = plain(state, value, matches!(name, "count" | "index"))?;
    let arguments = arguments.iter().map(|argument| plain(state, argument, true)).collect::<Result<Vec<_>, _>>()?;
    makes(state, if name == "format" { "str.format" } else { name }, &value, &arguments)?;
    pycompat::unknown_method_callback(state, &value, name, &arguments)
}

/// Captured text as the text it stands for; lists and mappings with such text inside as well, if it is to be `deep`.
fn plain(state: &mut State<'_, '_>, value: &Value, deep: bool) -> Result<Value, Error> {
    let holes = Holes::of(state);
    if let Some(text) = value.as_str() {
        holes.spend(text.len())?;
        return replaced(text, holes, &|text, holes| Ok(Some(standing_for(text, holes)?)))
            .map(|found| found.unwrap_or_else(|| value.clone()));
    }
    if deep {
        let found = rebuilt(value, holes, 0, &|text, holes| Ok(Some(standing_for(text, holes)?)))?;
        return Ok(found.unwrap_or_else(|| value.clone()));
    }
    count(value, holes)?;
    Ok(value.clone())
}

/// Writes down how many items a list has that the template made.
fn count(value: &Value, holes: &Holes) -> Result<(), Error> {
    if !is_made_here(value) {
        return Ok(());
    }
    match value.len() {
        Some(items) => holes.spend(items.saturating_mul(ITEM)),
        // Lists that were added do not know how many items they have.
        None => value.try_iter()?.try_for_each(|_| holes.spend(ITEM)),
    }
}

/// The value itself; but captured text that stands for nothing is empty.
fn held(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let holes = Holes::of(state);
    let empty = |text: &str, holes: &Holes| Ok(holes.expand(text)?.is_empty().then(|| Value::from("")));
    let found = match value.as_str() {
        Some(text) => replaced(text, holes, &empty)?,
        None => rebuilt(value, holes, 0, &empty)?,
    };
    Ok(found.unwrap_or_else(|| value.clone()))
}

/// What `~` puts together: text as it is, all else in the words of YAML and JSON.
fn joined(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let holes = Holes::of(state);
    if let Some(text) = value.as_str() {
        holes.spend(text.len())?;
        return Ok(value.clone());
    }
    if value.is_undefined() || value.kind() == ValueKind::Number {
        return Ok(value.clone());
    }
    let text = holes.text_of(value)?;
    holes.spend(text.len())?;
    Ok(Value::from(hole::escape(&text).into_owned()))
}

/// What `+` puts together.
fn added(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let holes = Holes::of(state);
    if let Some(text) = value.as_str() {
        holes.spend(text.len())?;
    } else {
        count(value, holes)?;
    }
    Ok(value.clone())
}

/// A value as text, in the words of YAML and JSON.
fn string(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    if value.as_str().is_some() || value.kind() == ValueKind::Number {
        return if value.as_str().is_some() { Ok(value.clone()) } else { Ok(Value::from(value.to_string())) };
    }
    let holes = Holes::of(state);
    let text = holes.text_of(value)?;
    holes.spend(text.len())?;
    Ok(Value::from(hole::escape(&text).into_owned()))
}

/// The text that captured text stands for, fit for the engine.
fn standing_for(text: &str, holes: &Holes) -> Result<Value, Error> {
    let text = holes.expand(text)?;
    Ok(match hole::escape(&text) {
        Cow::Borrowed(_) => Value::from(text.as_ref()),
        Cow::Owned(escaped) => Value::from(escaped),
    })
}

/// What is to stand in the place of captured text; `None` to leave it.
type Replace<'a> = &'a dyn Fn(&str, &Holes) -> Result<Option<Value>, Error>;

fn replaced(text: &str, holes: &Holes, replace: Replace<'_>) -> Result<Option<Value>, Error> {
    if hole::is_captured(text) { replace(text, holes) } else { Ok(None) }
}

/// Whether a value was made by the template. What comes from the configuration holds no captured text, and looking
/// through it might evaluate it.
fn is_made_here(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::Map)
        && value.as_object().is_some_and(|object| !object.type_name().starts_with("tenantctl::"))
}

/// A list or a mapping with its captured text replaced; `None` if it holds none.
fn rebuilt(value: &Value, holes: &Holes, depth: usize, replace: Replace<'_>) -> Result<Option<Value>, Error> {
    /// Deeper than any value that can be written.
    const DEEPEST: usize = 256;
    if let Some(text) = value.as_str() {
        return replaced(text, holes, replace);
    }
    if !is_made_here(value) {
        return Ok(None);
    }
    if depth > DEEPEST {
        return Err(invalid("the value is nested too deeply"));
    }
    let again = |value: &Value| {
        holes.spend(ITEM)?;
        rebuilt(value, holes, depth + 1, replace)
    };
    let mut changed = false;
    let mut either = |value: Value, found: Option<Value>| {
        changed |= found.is_some();
        found.unwrap_or(value)
    };
    if value.kind() == ValueKind::Map {
        let mut members = Vec::new();
        for key in value.try_iter()? {
            let member = value.get_item(&key)?;
            let (new_key, new_member) = (again(&key)?, again(&member)?);
            members.push((either(key, new_key), either(member, new_member)));
        }
        return Ok(changed.then(|| Value::from_pairs(members)));
    }
    let mut items = Vec::new();
    for item in value.try_iter()? {
        let new = again(&item)?;
        items.push(either(item, new));
    }
    Ok(changed.then(|| Value::from(items)))
}

/// Refuses widths and precisions beyond all reason in the specifications of a format, each from `begin` to an `end`.
fn bounded_widths(format: &str, begin: char, end: impl Fn(char) -> bool, number: usize) -> Result<(), Error> {
    for specification in format.split(begin).skip(1) {
        // `%(name)s`
        let specification = match specification.strip_prefix('(') {
            Some(named) => named.split_once(')').map_or("", |(_, rest)| rest),
            None => specification,
        };
        let specification = specification.split(&end).next().unwrap_or_default();
        let runs = specification.split(|c: char| !c.is_ascii_digit());
        let wide = runs.into_iter().any(|run| run.len() > MOST_DIGITS as usize);
        // A width may be an argument: `%*d`, `{:{width}}`.
        let given = specification.contains(['*', '{']) || specification.ends_with(':');
        if wide || given && number >= 10_usize.pow(MOST_DIGITS) {
            return Err(invalid(format!("a width in a format has at most {MOST_DIGITS} digits")));
        }
    }
    Ok(())
}

/// Writes down how much a filter or a method will make, as far as it can be told beforehand.
fn makes(state: &mut State<'_, '_>, name: &str, value: &Value, arguments: &[Value]) -> Result<(), Error> {
    let text = |value: &Value| value.as_str().map_or(0, str::len);
    let number = || {
        let named = arguments.iter().filter(|argument| argument.kind() == ValueKind::Map);
        let named =
            named.flat_map(|named| named.try_iter().into_iter().flatten().filter_map(|key| named.get_item(&key).ok()));
        let all = arguments.iter().cloned().chain(named);
        all.filter_map(|argument| argument.as_usize()).max().unwrap_or(0)
    };
    let length = text(value);
    let bytes = match name {
        "format" => {
            bounded_widths(value.as_str().unwrap_or_default(), '%', |c| !"-+ #.*0123456789".contains(c), number())?;
            length + arguments.iter().map(text).sum::<usize>()
        }
        "str.format" => {
            bounded_widths(value.as_str().unwrap_or_default(), '{', |c| c == '}', number())?;
            length + arguments.iter().map(text).sum::<usize>()
        }
        "indent" => {
            let lines = value.as_str().unwrap_or_default().lines().count().max(1);
            lines.saturating_mul(number().max(4)).saturating_add(length)
        }
        "batch" | "slice" => number().max(value.len().unwrap_or(0)).saturating_mul(ITEM),
        "replace" => {
            let (from, to) = (arguments.first().and_then(Value::as_str), arguments.get(1).map_or(0, text));
            let found = from.map_or(0, |from| value.as_str().unwrap_or_default().matches(from).count());
            found.saturating_mul(to).saturating_add(length)
        }
        "join" => {
            let (items, joiner) = if value.as_str().is_some() {
                (arguments.first(), value)
            } else {
                (Some(value), arguments.first().unwrap_or(value))
            };
            let joiner = text(joiner).max(
                arguments.iter().filter_map(|named| named.get_attr("d").ok()).map(|d| text(&d)).max().unwrap_or(0),
            );
            let mut bytes = 0_usize;
            for item in items.and_then(|items| items.try_iter().ok()).into_iter().flatten() {
                bytes = bytes.saturating_add(text(&item)).saturating_add(joiner);
            }
            bytes
        }
        _ => length,
    };
    Holes::of(state).spend(bytes)
}
