//! What to write instead: taken from the schema's examples, defaults and descriptions, never from the values.

use jsonschema::JsonType;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value as Plain;

use super::Finder;
use super::located::Located;
use crate::diagnostic::did_you_mean;
use crate::path::Path;
use crate::schema::{Described, format, words};
use crate::tree::{Node, Value};

/// Longest example that still fits a line of advice.
const LONGEST_EXAMPLE: usize = 60;

/// Most keys that are listed when none is near.
const MOST_KEYS: usize = 12;

impl Finder<'_> {
    /// How to write a value of one of these types.
    pub(super) fn type_advice(&self, found: &Located<'_>, types: &[JsonType]) -> Vec<String> {
        let described = self.schema.describe(&found.path).unwrap_or_default();
        let Some(kind) = types.iter().find(|kind| **kind != JsonType::Null).or(types.first()) else {
            return Vec::new();
        };
        let words = match kind {
            JsonType::Null => "write `null`",
            JsonType::Boolean => "write `true` or `false`",
            JsonType::Integer => "write a whole number",
            JsonType::Number => "write a number",
            JsonType::String => "write a text, in quotes if it looks like something else",
            JsonType::Array => "write a list",
            JsonType::Object => "write a mapping",
        };
        let line = line(found.last_key(), &self.example(&found.path, &described, *kind));
        vec![format!("{words}, such as `{line}`{}", told(&described))]
    }

    /// What the schema tells about a value that has the right type and is still wrong.
    pub(super) fn value_advice(&self, found: &Located<'_>, kind: &Kind) -> Option<String> {
        let described = self.schema.describe(&found.path)?;
        if matches!(kind, Kind::Enum { .. } | Kind::Constant { .. } | Kind::FalseSchema) {
            return described
                .description
                .is_some()
                .then(|| format!("write one of the values allowed{}", told(&described)));
        }
        let own = [described.example.as_ref(), described.default.as_ref()]
            .into_iter()
            .flatten()
            .filter(|_| !described.secret);
        let example = own.map(words::yaml).find(|text| text.len() <= LONGEST_EXAMPLE);
        match example {
            Some(example) => {
                Some(format!("write a value such as `{}`{}", line(found.last_key(), &example), told(&described)))
            }
            None if described.description.is_some() => Some(format!("write a value that fits{}", told(&described))),
            None if matches!(kind, Kind::Format { .. } | Kind::Pattern { .. }) => None,
            None => Some("write a value that fits, or change the schema".to_owned()),
        }
    }

    /// The key that was perhaps meant, or where it belongs, or which ones there are.
    pub(super) fn key_advice(&self, found: &Located<'_>, key: &str) -> Vec<String> {
        let known = self.schema.known_keys(&found.path);
        let near = did_you_mean(key, known.iter().map(String::as_str));
        let elsewhere = self.schema.known_elsewhere(key, &found.path);
        let elsewhere = elsewhere.map(|path| format!("`{key}` is known as `{path}`: move it there"));
        let mut help: Vec<String> = near.into_iter().chain(elsewhere).collect();
        if help.is_empty() && !known.is_empty() && known.len() <= MOST_KEYS {
            help.push(format!("keys that are known here: {}", known.into_iter().collect::<Vec<_>>().join(", ")));
        } else if help.is_empty() {
            help.push("remove the key, or describe it in the schema".to_owned());
        }
        help
    }

    /// How to write the key that is missing.
    pub(super) fn missing_advice(&self, found: &Located<'_>, key: &str) -> String {
        let path = found.path.key(key);
        let described = self.schema.describe(&path).unwrap_or_default();
        let kind = described.types.iter().find_map(|name| name.parse().ok()).unwrap_or(JsonType::String);
        let line = line(Some(key), &self.example(&path, &described, kind));
        let below = if found.path.is_root() { "at the top".to_owned() } else { format!("below `{}`", found.path) };
        format!("write it {below}, such as `{line}`{}", told(&described))
    }

    /// A value of the right type: the schema's own if it has one that may be told, else any.
    fn example(&self, path: &Path, described: &Described, kind: JsonType) -> String {
        let own = [described.example.as_ref(), described.default.as_ref(), described.allowed.first()];
        let told = own.into_iter().flatten().filter(|value| !described.secret && is(value, kind));
        if let Some(text) = told.map(words::yaml).find(|text| text.len() <= LONGEST_EXAMPLE) {
            return text;
        }
        let (least, most) = self.bounds(path);
        match kind {
            JsonType::Null => "null".to_owned(),
            JsonType::Boolean => "true".to_owned(),
            JsonType::Integer => 3.max(least).min(most).to_string(),
            JsonType::Number => "0.5".to_owned(),
            JsonType::String => "\"text\"".to_owned(),
            JsonType::Array => "[a, b]".to_owned(),
            JsonType::Object => {
                let key = self.schema.known_keys(path).into_iter().next();
                format!("{{{}: ...}}", key.as_deref().unwrap_or("name"))
            }
        }
    }

    /// The whole numbers between which the schema wants a value.
    fn bounds(&self, path: &Path) -> (i64, i64) {
        let parts = self.schema.parts(path);
        let all = |keyword: &'static str| parts.iter().filter_map(move |part| part.get(keyword)?.as_i64());
        (all("minimum").max().unwrap_or(i64::MIN), all("maximum").min().unwrap_or(i64::MAX))
    }
}

/// The form a text must have, by example where there is one.
pub(super) fn form(kind: &Kind) -> Option<String> {
    if let Kind::Pattern { .. } = kind {
        return Some("write a text that the pattern matches".to_owned());
    }
    let Kind::Format { format } = kind else { return None };
    let known = format::find(format)?;
    Some(format!("write {}, such as `{}`", known.words, known.example))
}

/// How many there are of what the rule counts.
pub(super) fn count(kind: &Kind, node: &Node) -> Option<usize> {
    match (kind, &node.value) {
        (Kind::MinLength { .. } | Kind::MaxLength { .. }, Value::String(text)) => Some(text.chars().count()),
        (_, Value::List(items)) => Some(items.len()),
        (_, Value::Map(map)) => Some(map.len()),
        _ => None,
    }
}

/// `key: value`, or `- value` for an item of a list.
fn line(key: Option<&str>, value: &str) -> String {
    match key {
        Some(key) => format!("{}: {value}", words::yaml(&Plain::from(key))),
        None => format!("- {value}"),
    }
}

fn is(value: &Plain, kind: JsonType) -> bool {
    match kind {
        JsonType::Null => value.is_null(),
        JsonType::Boolean => value.is_boolean(),
        JsonType::Integer => value.is_i64() || value.is_u64(),
        JsonType::Number => value.is_number(),
        JsonType::String => value.is_string(),
        JsonType::Array => value.is_array(),
        JsonType::Object => value.is_object(),
    }
}

/// The first line of the description, in brackets.
fn told(described: &Described) -> String {
    const LONGEST: usize = 120;
    let first = described.description.as_deref().and_then(|text| text.lines().next()).unwrap_or_default();
    let first = first.trim().trim_end_matches('.');
    if first.is_empty() || first.chars().count() > LONGEST { String::new() } else { format!(" ({first})") }
}
