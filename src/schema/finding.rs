//! An error of the engine becomes a finding: where the value is, what it must be, who asks for it, what to write.
//!
//! Values are not quoted, with one exception: a short plain string that is none of those allowed.

mod advice;
mod located;

use indexmap::{IndexMap, IndexSet};
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{JsonType, ValidationError};
use serde_json::Value as Plain;

use self::located::Located;
use super::alternatives::{self, Meant};
use super::{Schema, Subject, keys, positions, reference, words};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code};
use crate::tree::{Node, Value};

/// Most findings of one code that one check tells; hostile input could ask for a hundred thousand.
const MOST_OF_A_CODE: usize = 50;

/// Most beaten values that are shown.
const MOST_BEATEN: usize = 3;

/// Most alternatives that are told one by one.
const MOST_ALTERNATIVES: usize = 4;

/// Records what `errors` say about `root`, each finding once.
pub(super) fn record(
    schema: &Schema,
    root: &Node,
    subject: &Subject<'_>,
    errors: &[ValidationError<'_>],
    diagnostics: &mut Diagnostics,
) {
    let finder = Finder { schema, root, subject };
    let mut seen = IndexSet::new();
    let mut kept: Vec<Diagnostic> = Vec::new();
    // Counted by code: a workspace may lower one to a warning, and a warning must not crowd out an error.
    let mut counts: IndexMap<Code, usize> = IndexMap::new();
    for error in errors {
        if usual_code(error.kind()).is_some_and(|code| counts.get(&code).is_some_and(|count| *count >= MOST_OF_A_CODE))
        {
            continue;
        }
        for diagnostic in finder.findings(error) {
            let count = counts.entry(diagnostic.code).or_default();
            // Two parts of a schema may ask for the same.
            if *count < MOST_OF_A_CODE
                && seen.insert((diagnostic.code, diagnostic.path.clone(), diagnostic.message.clone()))
            {
                *count += 1;
                kept.push(diagnostic);
            }
        }
    }
    for (code, _) in counts.iter().filter(|(_, count)| **count >= MOST_OF_A_CODE) {
        if let Some(last) = kept.iter_mut().rfind(|kept| kept.code == *code) {
            last.notes.push(format!("no more than {MOST_OF_A_CODE} findings of this code are told"));
        }
    }
    for diagnostic in kept {
        diagnostics.record(diagnostic);
    }
}

/// The code of the findings of an error, where one can tell before making them.
fn usual_code(kind: &Kind) -> Option<Code> {
    match kind {
        Kind::Type { .. } => Some(code::TYPE),
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } | Kind::PropertyNames { .. } => {
            Some(code::UNKNOWN_KEY)
        }
        Kind::Enum { .. } | Kind::Constant { .. } => Some(code::NOT_ALLOWED),
        Kind::Format { .. } | Kind::Pattern { .. } => Some(code::FORMAT),
        kind if is_range(kind) => Some(code::RANGE),
        _ => None,
    }
}

struct Finder<'a> {
    schema: &'a Schema,
    root: &'a Node,
    subject: &'a Subject<'a>,
}

impl<'a> Finder<'a> {
    /// The findings of one error; none when it is about a text nobody knows yet.
    fn findings(&self, error: &ValidationError<'_>) -> Vec<Diagnostic> {
        let at = error.instance_path().as_str();
        let Some(found) = Located::find(self.root, at) else { return Vec::new() };
        if is_unknown_yet(&found, error.kind()) {
            return Vec::new();
        }
        match error.kind() {
            Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
                unexpected.iter().take(MOST_OF_A_CODE).map(|key| self.unknown_key(error, &found, key)).collect()
            }
            Kind::PropertyNames { error: inner } => vec![self.bad_key(error, &found, inner)],
            Kind::Required { property } => vec![self.required(error, &found, property.as_str().unwrap_or_default())],
            Kind::Type { kind } => vec![self.wrong_type(error, &found, &words::types(kind))],
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => self.no_alternative(error, &found, context),
            Kind::OneOfMultipleValid { context } => vec![self.several_alternatives(error, &found, context)],
            Kind::UniqueItems => vec![self.repeated_item(error, &found)],
            kind => vec![self.broken_rule(error, &found, kind)],
        }
    }

    fn repeated_item(&self, error: &ValidationError<'_>, found: &Located<'_>) -> Diagnostic {
        let Some((first, again)) = found.repeated() else { return self.broken_rule(error, found, error.kind()) };
        let message = format!("{} is the same as {}, but no item may be there twice", again.path, first.path);
        let diagnostic = Diagnostic::new(code::SCHEMA_RULE, message)
            .at(again.node.place, self.subject.set_by("there already", again.node.place))
            .also(first.node.place, "first written here")
            .about(again.path.clone());
        let help = format!("remove one of them from {}", self.name(found));
        self.asked_by(diagnostic, error).help(help)
    }

    fn wrong_type(&self, error: &ValidationError<'_>, found: &Located<'_>, types: &[JsonType]) -> Diagnostic {
        let wanted = words::one_of(types);
        let is = words::what(found.node);
        let but = if matches!(found.node.value, Value::Null) { "is null" } else { &format!("it is {is}") };
        let message = format!("{} must be {wanted}, but {but}", self.name(found));
        let diagnostic = self.at_value(code::TYPE, message, found, is);
        self.finish(diagnostic, error, found, self.type_advice(found, types))
    }

    fn unknown_key(&self, error: &ValidationError<'_>, found: &Located<'_>, key: &str) -> Diagnostic {
        let path = found.path.key(key);
        let message = format!("{path} is not a known key");
        let place = found.member(key).map_or(found.node.place, |entry| entry.key);
        let diagnostic = Diagnostic::new(code::UNKNOWN_KEY, message)
            .at(place, self.subject.set_by("unknown key", place))
            .about(path.clone());
        let diagnostic = self.asked_by(diagnostic, error);
        self.key_advice(found, key).into_iter().fold(diagnostic, Diagnostic::help)
    }

    fn bad_key(&self, error: &ValidationError<'_>, found: &Located<'_>, inner: &ValidationError<'_>) -> Diagnostic {
        let key = inner.instance().as_str().unwrap_or_default();
        let path = found.path.key(key);
        let place = found.member(key).map_or(found.node.place, |entry| entry.key);
        let diagnostic = Diagnostic::new(code::UNKNOWN_KEY, format!("the key {path} {}", words::must(inner.kind())))
            .at(place, self.subject.set_by("not a valid key here", place))
            .about(path.clone());
        let help = advice::form(inner.kind()).unwrap_or_else(|| "write a key of this form, or remove it".to_owned());
        self.asked_by(diagnostic, error).help(help)
    }

    fn required(&self, error: &ValidationError<'_>, found: &Located<'_>, key: &str) -> Diagnostic {
        let path = found.path.key(key);
        let when = self
            .depends_on(error, found, key)
            .map(|other| format!(" when {} is set", found.path.key(&other)))
            .unwrap_or_default();
        let of = if self.subject.partial { format!(" in {}", self.subject.whole()) } else { String::new() };
        let message = format!("{path} is required{when}{of}, but missing");
        let code = if when.is_empty() { code::REQUIRED } else { code::SCHEMA_RULE };
        let diagnostic =
            Diagnostic::new(code, message).at(found.head(), format!("`{key}` is missing here")).about(path.clone());
        self.asked_by(diagnostic, error).help(self.missing_advice(found, key))
    }

    fn broken_rule(&self, error: &ValidationError<'_>, found: &Located<'_>, kind: &Kind) -> Diagnostic {
        let is = words::what(found.node);
        let secret = self.schema.is_secret(&found.path);
        let mut message = format!("{} {}", self.name(found), words::must(kind));
        let mut help = Vec::new();
        let code = match kind {
            Kind::Enum { .. } | Kind::Constant { .. } => {
                if let Some(written) = found.node.value.as_str().filter(|text| !secret && is_short(text)) {
                    message = format!("{message}, but it is `{written}`");
                    help.extend(words::near(kind, written));
                }
                code::NOT_ALLOWED
            }
            Kind::Format { .. } | Kind::Pattern { .. } => {
                help.extend(advice::form(kind));
                code::FORMAT
            }
            Kind::FalseSchema => code::SCHEMA_RULE,
            kind if is_range(kind) => {
                if let Some(count) = advice::count(kind, found.node).filter(|_| !secret) {
                    message = format!("{message}, but has {count}");
                }
                code::RANGE
            }
            _ => code::SCHEMA_RULE,
        };
        if let Kind::FalseSchema = kind {
            message = format!("{} must not be set", self.name(found));
            help.push("remove it".to_owned());
        }
        help.extend(self.value_advice(found, kind));
        let diagnostic = self.at_value(code, message, found, is);
        self.finish(diagnostic, error, found, help)
    }

    fn no_alternative(
        &self,
        error: &ValidationError<'_>,
        found: &Located<'_>,
        alternatives: &[Vec<ValidationError<'static>>],
    ) -> Vec<Diagnostic> {
        let told: Vec<Vec<Diagnostic>> =
            alternatives.iter().map(|errors| errors.iter().flat_map(|error| self.findings(error)).collect()).collect();
        // An alternative that fails only where a text is not known yet may match in the end.
        if told.iter().any(Vec::is_empty) {
            return Vec::new();
        }
        match alternatives::meant(error.instance_path().as_str(), alternatives) {
            Meant::One(index) => {
                let number = format!("this is alternative {} of {}, the one that fits best", index + 1, told.len());
                told.into_iter()
                    .nth(index)
                    .unwrap_or_default()
                    .into_iter()
                    .map(|told| told.note(number.clone()))
                    .collect()
            }
            Meant::Types(types) => vec![self.wrong_type(error, found, &types)],
            Meant::Unclear => {
                let total = told.len();
                let message = format!("{} matches none of the {total} alternatives of its schema", self.name(found));
                let mut diagnostic = self.at_value(code::SCHEMA_RULE, message, found, words::what(found.node));
                for (index, told) in told.iter().take(MOST_ALTERNATIVES).enumerate() {
                    let title = self.title(error, index).map(|title| format!(" ({title})")).unwrap_or_default();
                    let first = told.first().map_or("", |told| told.message.as_str());
                    diagnostic = diagnostic.note(format!("alternative {}{title}: {first}", index + 1));
                }
                if total > MOST_ALTERNATIVES {
                    diagnostic = diagnostic.note(format!("and {} alternatives more", total - MOST_ALTERNATIVES));
                }
                let help = vec!["write it as one of the alternatives wants it".to_owned()];
                vec![self.finish(diagnostic, error, found, help)]
            }
        }
    }

    fn several_alternatives(
        &self,
        error: &ValidationError<'_>,
        found: &Located<'_>,
        alternatives: &[Vec<ValidationError<'static>>],
    ) -> Diagnostic {
        let matching = alternatives.iter().enumerate().filter(|(_, errors)| errors.is_empty());
        let numbers: Vec<String> = matching.map(|(index, _)| (index + 1).to_string()).collect();
        let message = format!(
            "{} must match exactly one of the {} alternatives of its schema, but matches {}",
            self.name(found),
            alternatives.len(),
            if numbers.is_empty() {
                "several".to_owned()
            } else {
                format!("number {}", words::joined(&numbers, "and"))
            }
        );
        let diagnostic = self.at_value(code::SCHEMA_RULE, message, found, words::what(found.node));
        let help = vec!["leave out what makes it match the others".to_owned()];
        self.finish(diagnostic, error, found, help)
    }

    /// How a value is called: by its path, or by what is checked as a whole.
    fn name(&self, found: &Located<'_>) -> String {
        if found.path.is_root() { self.subject.whole().to_owned() } else { found.path.to_string() }
    }

    fn at_value(&self, code: Code, message: String, found: &Located<'_>, is: &str) -> Diagnostic {
        // A block says little; its key says which one it is.
        let block = matches!(found.node.value, Value::Map(_) | Value::List(_));
        let place = if block { found.head() } else { found.node.place };
        let mut diagnostic = Diagnostic::new(code, message).at(place, self.subject.set_by(is, place));
        diagnostic.path = Some(found.path.clone());
        diagnostic
    }

    /// What every finding about a value ends with: what it beat, who asks, what to write.
    fn finish(
        &self,
        diagnostic: Diagnostic,
        error: &ValidationError<'_>,
        found: &Located<'_>,
        help: Vec<String>,
    ) -> Diagnostic {
        let mut diagnostic = diagnostic;
        // A mapping lies over mappings it was merged into; it beat none of them.
        if !matches!(found.node.value, Value::Map(_)) {
            for beaten in found.node.beaten().take(MOST_BEATEN) {
                let is = words::what(beaten);
                let text = match (self.subject.layer)(beaten.place) {
                    Some(layer) => format!("layer {layer} had {is} here"),
                    None => format!("here it was {is}"),
                };
                diagnostic = diagnostic.also(beaten.place, text);
            }
        }
        let diagnostic = self.asked_by(diagnostic, error);
        help.into_iter().fold(diagnostic, Diagnostic::help)
    }

    /// Notes which line of which schema asks for it, and under which condition.
    fn asked_by(&self, diagnostic: Diagnostic, error: &ValidationError<'_>) -> Diagnostic {
        let Some((document, pointer)) = spot(error) else { return diagnostic };
        let Some(document) = self.schema.bundle.documents.get(document) else { return diagnostic };
        let diagnostic = diagnostic.note(format!("required by {}", document.describe(&pointer)));
        let conditions = pointer.match_indices("/then").map(|found| (found, true));
        let conditions = conditions.chain(pointer.match_indices("/else").map(|found| (found, false)));
        let nearest = conditions
            .filter(|((at, _), _)| {
                document.value.pointer(&pointer[..*at]).is_some_and(|schema| schema.get("if").is_some())
            })
            .max_by_key(|((at, _), _)| *at);
        match nearest {
            Some(((at, _), holds)) => {
                let word = if holds { "holds" } else { "does not hold" };
                let condition = document.describe(&format!("{}/if", &pointer[..at]));
                diagnostic.note(format!("that is asked because the condition {condition} {word}"))
            }
            None => diagnostic,
        }
    }

    /// The key whose presence asks for `missing`, if that is what the error is about.
    fn depends_on(&self, error: &ValidationError<'_>, found: &Located<'_>, missing: &str) -> Option<String> {
        let (document, pointer) = spot(error)?;
        let segments: Vec<String> = positions::segments(&pointer).collect();
        let names: Vec<&str> = segments.iter().map(String::as_str).collect();
        let above = match names.as_slice() {
            [.., "dependentSchemas" | "dependencies", key, "required"] => return Some((*key).to_owned()),
            // The engine may add the position in the list of required keys, but not whose list it is.
            [.., "dependentRequired" | "dependencies"] => pointer.as_str(),
            [.., "dependentRequired" | "dependencies", _] => pointer.rsplit_once('/')?.0,
            _ => return None,
        };
        let lists = self.schema.bundle.spot(document, above)?.value.as_object()?;
        let asks = |(key, list): &(&String, &Plain)| {
            found.member(key).is_some() && list.as_array().is_some_and(|list| list.iter().any(|name| name == missing))
        };
        lists.iter().find(asks).map(|(key, _)| key.clone())
    }

    /// The title of an alternative.
    fn title(&self, error: &ValidationError<'_>, index: usize) -> Option<&'a str> {
        let (document, pointer) = spot(error)?;
        self.schema.bundle.spot(document, &format!("{pointer}/{index}"))?.value.get("title")?.as_str()
    }
}

/// Whether the error is about a text that is not known: of an expression, or of a secret.
fn is_unknown_yet(found: &Located<'_>, kind: &Kind) -> bool {
    if found.node.live {
        return true;
    }
    if matches!(found.node.value, Value::Secret(_)) {
        return !matches!(
            kind,
            Kind::Type { .. } | Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } | Kind::FalseSchema
        );
    }
    // These look at everything below.
    let is_like = |value: &Plain| match found.node.value {
        Value::Map(_) => value.is_object(),
        _ => value.is_array(),
    };
    let deep = match kind {
        Kind::Enum { options } => options.as_array().is_some_and(|options| options.iter().any(is_like)),
        Kind::Constant { expected_value } => is_like(expected_value),
        Kind::Not { schema } => !keys::are_all_it_looks_at(schema),
        Kind::Contains | Kind::UniqueItems | Kind::OneOfMultipleValid { .. } => true,
        _ => false,
    };
    deep && holds_unknown(found.node)
}

fn holds_unknown(node: &Node) -> bool {
    node.live
        || match &node.value {
            Value::Secret(_) => true,
            Value::List(items) => items.iter().any(holds_unknown),
            Value::Map(map) => map.iter().any(|(_, entry)| holds_unknown(&entry.node)),
            _ => false,
        }
}

fn is_range(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Minimum { .. }
            | Kind::Maximum { .. }
            | Kind::ExclusiveMinimum { .. }
            | Kind::ExclusiveMaximum { .. }
            | Kind::MultipleOf { .. }
            | Kind::MinLength { .. }
            | Kind::MaxLength { .. }
            | Kind::MinItems { .. }
            | Kind::MaxItems { .. }
            | Kind::AdditionalItems { .. }
            | Kind::MinProperties { .. }
            | Kind::MaxProperties { .. }
    )
}

/// Whether a written value may be told: a word somebody mistyped, not a text.
fn is_short(text: &str) -> bool {
    const LONGEST: usize = 40;
    !text.is_empty()
        && text.chars().count() <= LONGEST
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' '))
}

/// The document and the pointer of the keyword that was broken.
fn spot(error: &ValidationError<'_>) -> Option<(usize, String)> {
    reference::read_uri(error.absolute_keyword_location()?.as_str())
}
