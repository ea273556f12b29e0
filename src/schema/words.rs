//! What the engine finds, in words. Never the value that was found: it may be a secret.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as Plain;

use super::format;
use crate::diagnostic::did_you_mean;
use crate::tree::{Node, Value};

/// Most allowed values that are listed.
const MOST_LISTED: usize = 8;

/// What must be: `must be an integer`.
pub(super) fn must(kind: &Kind) -> String {
    let count =
        |limit: u64, one: &str, many: &str| if limit == 1 { format!("1 {one}") } else { format!("{limit} {many}") };
    match kind {
        Kind::Type { kind } => format!("must be {}", one_of(&types(kind))),
        Kind::Enum { options } => format!("must be {}", listed(options.as_array().map_or(&[], Vec::as_slice))),
        Kind::Constant { expected_value } => format!("must be {}", shown(expected_value)),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("must have at least {}", count(*limit, "character", "characters")),
        Kind::MaxLength { limit } => format!("must have at most {}", count(*limit, "character", "characters")),
        Kind::MinItems { limit } => format!("must have at least {}", count(*limit, "item", "items")),
        Kind::MaxItems { limit } => format!("must have at most {}", count(*limit, "item", "items")),
        Kind::AdditionalItems { limit } => format!("must have at most {}", count(*limit as u64, "item", "items")),
        Kind::MinProperties { limit } => format!("must have at least {}", count(*limit, "key", "keys")),
        Kind::MaxProperties { limit } => format!("must have at most {}", count(*limit, "key", "keys")),
        Kind::Format { format } => match format::find(format) {
            Some(known) => format!("must be {}", known.words),
            None => format!("must have the format `{format}`"),
        },
        Kind::Pattern { pattern } => format!("must match the pattern `{pattern}`"),
        Kind::Required { property } => format!("must have the key {}", shown(property)),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!("must not have the key {}", quoted(unexpected))
        }
        Kind::PropertyNames { error } => format!("must only have keys of which each {}", must(error.kind())),
        Kind::UniqueItems => "must not hold an item twice".to_owned(),
        Kind::Contains => "must hold the item its schema asks for".to_owned(),
        Kind::UnevaluatedItems { .. } => "must not hold items its schema does not describe".to_owned(),
        Kind::FalseSchema => "must not be set".to_owned(),
        Kind::Not { .. } => "must not be what its schema excludes".to_owned(),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            format!("must match one of {} alternatives", context.len())
        }
        Kind::OneOfMultipleValid { context } => format!("must match exactly one of {} alternatives", context.len()),
        Kind::ContentEncoding { content_encoding } => format!("must be encoded as {content_encoding}"),
        Kind::ContentMediaType { content_media_type } => format!("must be text of the type {content_media_type}"),
        _ => format!("must follow `{}` of its schema", kind.keyword()),
    }
}

/// The allowed value that was perhaps meant.
pub(super) fn near(kind: &Kind, written: &str) -> Option<String> {
    match kind {
        Kind::Enum { options } => did_you_mean(written, options.as_array()?.iter().filter_map(Plain::as_str)),
        Kind::Constant { expected_value } => did_you_mean(written, expected_value.as_str()),
        _ => None,
    }
}

/// Why the engine refuses a schema. It quotes the schema at most.
pub(super) fn said_by_engine(error: &ValidationError<'_>) -> String {
    const LONGEST: usize = 200;
    error.to_string().chars().take(LONGEST).collect()
}

/// The types an error wants.
pub(super) fn types(kind: &TypeKind) -> Vec<JsonType> {
    match kind {
        TypeKind::Single(one) => vec![*one],
        TypeKind::Multiple(set) => set.iter().collect(),
    }
}

/// `an integer, a string or null`.
pub(super) fn one_of(types: &[JsonType]) -> String {
    let words: Vec<String> = types.iter().map(|kind| type_word(*kind).to_owned()).collect();
    joined(&words, "or")
}

fn type_word(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "a list",
        JsonType::Object => "a mapping",
    }
}

/// What a value is, with its article.
pub(super) fn what(node: &Node) -> &'static str {
    match &node.value {
        Value::Number(number) if number.as_i64().is_some() => "an integer",
        Value::Number(_) => "a decimal number",
        other => other.kind().with_article(),
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn joined(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

/// Names in backquotes: `a`, `b` and `c`.
pub(super) fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    joined(&names, "and")
}

/// The values a schema allows.
fn listed(options: &[Plain]) -> String {
    let mut words: Vec<String> = options.iter().take(MOST_LISTED).map(shown).collect();
    match options.len().saturating_sub(MOST_LISTED) {
        0 if words.len() == 1 => words.remove(0),
        0 => format!("one of {}", words.join(", ")),
        more => format!("one of {} and {more} more", words.join(", ")),
    }
}

/// A value of the schema in backquotes.
fn shown(value: &Plain) -> String {
    format!("`{}`", yaml(value))
}

/// A value of the schema on one line of YAML; strings are quoted where they could be read as something else.
pub(super) fn yaml(value: &Plain) -> String {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    match value {
        Plain::String(text) => {
            let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
                && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
            if plain { text.clone() } else { value.to_string() }
        }
        other => other.to_string(),
    }
}
