//! The filters Jinja does not have.
//!
//! `to_yaml` and `tojson` give text whose leaves are holes: in a plain position they become the tree itself, inside
//! a string or a block they are spelled as YAML or JSON. In a file of a plain language they give one text, and with
//! `shell_quote` and `hcl` the template says what the language is where it cannot be known.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minijinja::value::ValueKind;
use minijinja::{Environment, Error, State, Value};
use sha2::{Digest, Sha256};

use super::engine::invalid;
use super::hole::{self, Holes, Spelling, VALUE};
use super::language::Plain;
use super::{quote, view};
use crate::quantity::Quantity;
use crate::source::Place;

/// Deepest nesting these filters follow.
const DEEPEST: usize = 128;

/// Adds them to an engine.
pub(super) fn add_to(engine: &mut Environment<'static>) {
    engine.add_filter("to_yaml", to_yaml);
    engine.add_filter("tojson", tojson);
    engine.add_filter("to_json", tojson);
    engine.add_filter("shell_quote", shell_quote);
    engine.add_filter("hcl", hcl);
    engine.add_filter("sha256", sha256);
    engine.add_filter("b64encode", b64encode);
    engine.add_filter("quantity_add", quantity_add);
    engine.add_filter("quantity_mul", quantity_mul);
    engine.add_filter("quantity_sum", quantity_sum);
    engine.add_filter("quantity_max", quantity_max);
}

/// Block-style YAML, to be placed with `indent`.
fn to_yaml(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let holes = Holes::of(state);
    let mut text = String::new();
    block(value, 0, holes, &mut text)?;
    let text = text.trim_end_matches('\n').to_owned();
    if holes.language().is_none() { Ok(Value::from_safe_string(text)) } else { Ok(data(&holes.expand(&text)?)) }
}

/// Compact JSON, which is flow-style YAML as well.
fn tojson(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let holes = Holes::of(state);
    let mut text = String::new();
    flow(value, 0, holes, &mut text)?;
    match holes.language() {
        None => Ok(Value::from_safe_string(text)),
        // A string of JSON is none of HCL, and in a script JSON is a value as any other.
        Some(Plain::Shell | Plain::Hcl) => Ok(data(&holes.expand(&text)?)),
        Some(Plain::Other) => {
            let text = holes.expand(&text)?.into_owned();
            quoted(&text, holes)
        }
    }
}

/// A text as one word of the shell. In a script every value is quoted as its place needs it, so there it is the text.
fn shell_quote(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let text = text_of(state, value)?;
    let holes = Holes::of(state);
    match holes.language() {
        Some(Plain::Shell) => Ok(data(&text)),
        Some(_) => quoted(&quote::shell_word(&text), holes),
        None => Ok(data(&quote::shell_word(&text))),
    }
}

/// A value as an expression of HCL.
fn hcl(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let holes = Holes::of(state);
    let node = view::node_of(value, holes, Place::top(view::NOWHERE))?;
    let text = quote::hcl(&node).ok_or_else(|| invalid("HCL cannot hold this value"))?;
    if matches!(holes.language(), None | Some(Plain::Shell)) { Ok(data(&text)) } else { quoted(&text, holes) }
}

/// A text as a value that is like one of the configuration.
fn data(text: &str) -> Value {
    Value::from(hole::escape(text).into_owned())
}

/// A text that has its quotes already.
fn quoted(text: &str, holes: &mut Holes) -> Result<Value, Error> {
    let mut marker = String::new();
    holes.spend(text.len())?;
    holes.put(data(text), Spelling::Quoted, &mut marker).map_err(Error::from)?;
    Ok(Value::from_safe_string(marker))
}

/// Hex digest of a text.
fn sha256(state: &mut State<'_, '_>, value: &Value) -> Result<String, Error> {
    let digest = Sha256::digest(text_of(state, value)?.as_bytes());
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Base64 of a text.
fn b64encode(state: &mut State<'_, '_>, value: &Value) -> Result<String, Error> {
    Ok(BASE64_STANDARD.encode(text_of(state, value)?.as_bytes()))
}

/// The sum of two Kubernetes quantities: `"4Gi" | quantity_add("256Mi")` is `4352Mi`.
fn quantity_add(state: &mut State<'_, '_>, value: &Value, other: &Value) -> Result<String, Error> {
    let quantity = quantity_of(state, value, "quantity_add")?;
    let other = quantity_of(state, other, "quantity_add")?;
    let sum = quantity.plus(other).ok_or_else(|| invalid("the sum is not a quantity that can be held"))?;
    Ok(sum.to_string())
}

/// A Kubernetes quantity times a number: `"500m" | quantity_mul(3)` is `1500m`.
fn quantity_mul(state: &mut State<'_, '_>, value: &Value, factor: &Value) -> Result<String, Error> {
    let quantity = quantity_of(state, value, "quantity_mul")?;
    let factor = text_of(state, factor)?;
    let factor = factor.parse().map_err(|_| invalid("quantity_mul needs a number to multiply by"))?;
    let product = quantity.times(factor).ok_or_else(|| invalid("the product is not a quantity that can be held"))?;
    Ok(product.to_string())
}

/// The quantity that a filter was given.
fn quantity_of(state: &mut State<'_, '_>, value: &Value, filter: &str) -> Result<Quantity, Error> {
    let text = text_of(state, value)?;
    Quantity::parse(&text).ok_or_else(|| invalid(format!("{filter} needs a Kubernetes quantity, such as 500m or 2Gi")))
}

/// What Kubernetes quantities come to: `["1500m", "2"] | quantity_sum` is `3500m`, and nothing comes to `0`.
fn quantity_sum(state: &mut State<'_, '_>, values: &Value) -> Result<String, Error> {
    let mut sum = Quantity::ZERO;
    for quantity in quantities(state, values, "quantity_sum")? {
        sum = sum.plus(quantity).ok_or_else(|| invalid("the sum is not a quantity that can be held"))?;
    }
    Ok(sum.to_string())
}

/// The largest of some Kubernetes quantities: `["1500m", "2"] | quantity_max` is `2`.
fn quantity_max(state: &mut State<'_, '_>, values: &Value) -> Result<String, Error> {
    let largest = quantities(state, values, "quantity_max")?.into_iter().max();
    largest.map(|largest| largest.to_string()).ok_or_else(|| invalid("quantity_max needs a quantity at the least"))
}

fn quantities(state: &mut State<'_, '_>, values: &Value, filter: &str) -> Result<Vec<Quantity>, Error> {
    let complaint = || invalid(format!("{filter} needs a list of Kubernetes quantities, such as [\"500m\", \"2\"]"));
    if !matches!(values.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Err(complaint());
    }
    let quantity = |value: Value| Quantity::parse(&text_of(state, &value)?).ok_or_else(complaint);
    values.try_iter()?.map(quantity).collect()
}

/// The text that a value, or text with holes in it, stands for.
fn text_of<'v>(state: &mut State<'_, '_>, value: &'v Value) -> Result<Cow<'v, str>, Error> {
    Holes::of(state).text_of(value)
}

/// What a list or a mapping holds; `None` for a scalar.
enum Inside {
    Items(Vec<Value>),
    Members(Vec<(Value, Value)>),
}

fn inside(value: &Value) -> Result<Option<Inside>, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => Ok(Some(Inside::Items(value.try_iter()?.collect()))),
        ValueKind::Map => {
            let members = value.try_iter()?.map(|key| Ok((key.clone(), value.get_item(&key)?)));
            Ok(Some(Inside::Members(members.collect::<Result<_, Error>>()?)))
        }
        _ => Ok(None),
    }
}

/// Writes a value as a block that begins at the current column and is indented by `indent`.
fn block(value: &Value, indent: usize, holes: &mut Holes, text: &mut String) -> Result<(), Error> {
    if indent > DEEPEST * 2 {
        return Err(invalid("the value is nested too deeply"));
    }
    let begin = |index: usize, text: &mut String| {
        if index > 0 {
            text.extend(std::iter::repeat_n(' ', indent));
        }
    };
    match inside(value)? {
        Some(Inside::Items(items)) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                begin(index, text);
                text.push_str("- ");
                block(item, indent + 2, holes, text)?;
            }
        }
        Some(Inside::Members(members)) if !members.is_empty() => {
            for (index, (key, member)) in members.iter().enumerate() {
                begin(index, text);
                put(key, Spelling::Yaml, holes, text)?;
                text.push(':');
                if matches!(inside(member)?, Some(Inside::Items(items)) if !items.is_empty())
                    || matches!(inside(member)?, Some(Inside::Members(members)) if !members.is_empty())
                {
                    text.push('\n');
                    text.extend(std::iter::repeat_n(' ', indent + 2));
                } else {
                    text.push(' ');
                }
                block(member, indent + 2, holes, text)?;
            }
        }
        Some(Inside::Items(_)) => text.push_str("[]\n"),
        Some(Inside::Members(_)) => text.push_str("{}\n"),
        None => {
            put(value, Spelling::Yaml, holes, text)?;
            text.push('\n');
        }
    }
    Ok(())
}

fn flow(value: &Value, depth: usize, holes: &mut Holes, text: &mut String) -> Result<(), Error> {
    if depth > DEEPEST {
        return Err(invalid("the value is nested too deeply"));
    }
    match inside(value)? {
        Some(Inside::Items(items)) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                flow(item, depth + 1, holes, text)?;
            }
            text.push(']');
        }
        Some(Inside::Members(members)) => {
            text.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                put(key, Spelling::Json, holes, text)?;
                text.push_str(": ");
                flow(member, depth + 1, holes, text)?;
            }
            text.push('}');
        }
        None => put(value, Spelling::Json, holes, text)?,
    }
    Ok(())
}

fn put(value: &Value, spelling: Spelling, holes: &mut Holes, text: &mut String) -> Result<(), Error> {
    holes.spend(VALUE)?;
    if value.is_undefined() {
        return Err(Error::from(minijinja::ErrorKind::UndefinedError));
    }
    holes.put(value.clone(), spelling, text).map_err(Error::from)
}
