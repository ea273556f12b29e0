//! The engine: JSON Schema as the crate `jsonschema` runs it, with our formats, linear patterns and no way out.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use jsonschema::error::ValidationErrorKind;
use jsonschema::json::{Json, SerdeJson};
use jsonschema::{PatternOptions, Retrieve, Uri, ValidationError, ValidationOptions, Validator};
use serde_json::{Value, json};

use super::bundle::{Bundle, Spot};
use super::json::Tree;
use super::{format, positions, reference, words};
use crate::diagnostic::{Diagnostics, Failed, code};

/// Most schemas the engine may be made to compile, each counted as often as it is referred to: the engine copies
/// what is referred to, so twenty lines can ask for gigabytes.
const MOST_SCHEMAS: usize = 20_000;

/// Deepest nesting of schemas, references followed. The engine compiles by recursion.
const DEEPEST: usize = 100;

/// Most bytes one compiled pattern may take.
const LARGEST_PATTERN: usize = 1 << 20;

/// A compiled schema and the patterns of its `patternProperties`.
#[derive(Debug)]
pub(super) struct Engine {
    pub(super) validator: Validator<Tree>,
    patterns: IndexMap<Arc<str>, Validator>,
}

impl Engine {
    /// Compiles a bundle. What is wrong with it is recorded at its place.
    pub(super) fn compile(bundle: &Bundle, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        bundle.check_references(diagnostics)?;
        if let Some(over) = weigh(bundle) {
            let document = &bundle.documents[over.document];
            let message = match over.limit {
                Limit::Schemas => {
                    format!("the schema has more than {MOST_SCHEMAS} parts once its references are followed")
                }
                Limit::Depth => {
                    format!("the schema is nested more than {DEEPEST} levels deep once its references are followed")
                }
            };
            let help = "refer to large definitions from fewer places";
            return Err(diagnostics.fail(document.wrong(code::BAD_SCHEMA, &over.pointer, message).help(help)));
        }
        check_form(bundle, diagnostics)?;
        let patterns = compile_patterns(bundle, diagnostics)?;
        let copies = bundle.copies();
        let first = copies.first().cloned().unwrap_or_default();
        let options = options::<Tree>().with_base_uri(reference::uri(0)).with_retriever(Copies(copies));
        match options.build(&first) {
            Ok(validator) => Ok(Self { validator, patterns }),
            Err(error) => {
                let said = words::said_by_engine(&error);
                let pointer = error.instance_path().to_string();
                Err(diagnostics.fail(
                    bundle.documents[0]
                        .wrong(code::BAD_SCHEMA, &pointer, format!("the schema cannot be used: {said}"))
                        .help("correct the schema as JSON Schema wants it"),
                ))
            }
        }
    }

    /// Whether a key matches a pattern of `patternProperties`.
    pub(super) fn matches(&self, pattern: &str, key: &str) -> bool {
        self.patterns.get(pattern).is_some_and(|compiled| compiled.is_valid(&Value::from(key)))
    }
}

/// The formats the dialect of a schema knows.
pub(super) struct Formats {
    options: ValidationOptions<'static>,
    draft: jsonschema::Draft,
}

impl Formats {
    pub(super) fn of(schema: &Value) -> Self {
        Self { options: options(), draft: jsonschema::Draft::default().detect(schema) }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.options.is_known_format(self.draft, name)
    }
}

fn options<F: Json>() -> ValidationOptions<'static, Arc<dyn Retrieve>, F> {
    let limited = PatternOptions::regex().size_limit(LARGEST_PATTERN);
    let options = jsonschema::options_for::<F>().offline().should_validate_formats(true).with_pattern_options(limited);
    format::FORMATS
        .iter()
        .filter_map(|format| Some((format.name, format.check?)))
        .fold(options, |options, (name, check)| options.with_format(name, check))
}

/// Whether a pattern is one of ECMAScript, as JSON Schema wants it and editors read it.
pub(super) fn is_ecmascript(pattern: &str) -> bool {
    let format = options::<SerdeJson>().build(&json!({"format": "regex"}));
    format.is_ok_and(|format| format.is_valid(&Value::from(pattern)))
}

/// The documents of a bundle, by number.
struct Copies(Vec<Value>);

impl Retrieve for Copies {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let index = reference::read_uri(uri.as_str()).map(|(index, _)| index);
        let copy = index.and_then(|index| self.0.get(index));
        copy.cloned().ok_or_else(|| format!("{uri} is not a file of the workspace").into())
    }
}

/// Checks each document against the schema of its dialect.
fn check_form(bundle: &Bundle, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
    let mut failed = None;
    for document in &bundle.documents {
        // The dialect is known, or the document would not be here.
        let Ok(form) = jsonschema::meta::validator_for(&document.value) else { continue };
        // The parts of a dialect's own schema may find the same.
        let mut told = IndexSet::new();
        for error in form.iter_errors(&document.value) {
            let pointer = error.instance_path().to_string();
            if !told.insert(pointer.clone()) {
                continue;
            }
            let keyword = positions::segments(&pointer).next_back().map(|keyword| format!("`{keyword}`"));
            let keyword = keyword.unwrap_or_else(|| "the schema".to_owned());
            let kind = listing(error.kind());
            let written = document.value.pointer(&pointer).and_then(Value::as_str).unwrap_or_default();
            failed = Some(
                diagnostics.fail(
                    document
                        .wrong(code::BAD_SCHEMA, &pointer, format!("{keyword} {}", words::must(kind)))
                        .maybe_help(words::near(kind, written))
                        .help("correct the schema as JSON Schema wants it"),
                ),
            );
        }
    }
    failed.map_or(Ok(()), Err)
}

/// The alternative that lists words, if there is one: `type` is a word or a list of words.
fn listing(kind: &ValidationErrorKind) -> &ValidationErrorKind {
    let ValidationErrorKind::AnyOf { context } = kind else { return kind };
    let mut kinds = context.iter().flatten().map(ValidationError::kind);
    kinds.find(|kind| matches!(kind, ValidationErrorKind::Enum { .. })).unwrap_or(kind)
}

/// Compiles each pattern on its own, so that a wrong one is reported at its place.
fn compile_patterns(bundle: &Bundle, diagnostics: &mut Diagnostics) -> Result<IndexMap<Arc<str>, Validator>, Failed> {
    let mut failed = None;
    let mut compiled = IndexMap::new();
    for (pattern, (document, pointer)) in bundle.patterns() {
        if let Ok(validator) = options::<SerdeJson>().build(&json!({ "pattern": &*pattern })) {
            compiled.insert(pattern, validator);
        } else {
            let diagnostic = bundle.documents[document].wrong(code::BAD_SCHEMA, &pointer, "the pattern cannot be used");
            let help = "write a regular expression without look-around and back-references, and with small repetitions";
            failed = Some(diagnostics.fail(diagnostic.help(help)));
        }
    }
    failed.map_or(Ok(compiled), Err)
}

enum Limit {
    Schemas,
    Depth,
}

/// What is beyond a limit, and where.
struct Over {
    document: usize,
    pointer: String,
    limit: Limit,
}

/// Walks the schema as the engine will, every reference followed unless it is being followed already.
fn weigh(bundle: &Bundle) -> Option<Over> {
    fn walk<'a>(
        bundle: &'a Bundle,
        spot: &Spot<'a>,
        open: &mut IndexSet<(usize, String)>,
        depth: usize,
        count: &mut usize,
    ) -> Option<Over> {
        *count += 1;
        let over = |limit| Some(Over { document: spot.document, pointer: spot.pointer.clone(), limit });
        if *count > MOST_SCHEMAS {
            return over(Limit::Schemas);
        }
        if depth > DEEPEST {
            return over(Limit::Depth);
        }
        for (below, value) in positions::acting(spot.value) {
            let inner = Spot { document: spot.document, pointer: format!("{}{below}", spot.pointer), value };
            if let Some(over) = walk(bundle, &inner, open, depth + 1, count) {
                return Some(over);
            }
        }
        for target in bundle.references(spot).into_iter().flatten() {
            if open.insert(target.key()) {
                let found = walk(bundle, &target, open, depth + 1, count);
                open.pop();
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }
    walk(bundle, &bundle.root(), &mut IndexSet::new(), 0, &mut 0)
}
