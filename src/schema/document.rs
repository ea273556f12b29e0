//! One schema file: its text as JSON, and the place of everything in it.

use std::sync::Arc;

use indexmap::IndexSet;
use serde_json::Value;

use super::positions;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Failed, code, did_you_mean};
use crate::source::{FileId, Place, Source};
use crate::tree::Number;
use crate::yaml::{self, Content, Limits, Member, Written};

/// The dialects that are known, newest first, without the `#` that may follow.
const DIALECTS: [&str; 5] = [
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/draft-07/schema",
    "http://json-schema.org/draft-06/schema",
    "http://json-schema.org/draft-04/schema",
];

/// A schema file.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) name: Arc<str>,
    pub(super) value: Value,
    pub(super) file: FileId,
    source: Arc<Source>,
    /// The same with places; `None` when only a strict JSON reader takes the file.
    written: Option<Written>,
}

impl Document {
    /// Reads the text as JSON if the file is called so, else as YAML, and checks what the engine would let pass.
    pub(super) fn parse(source: Arc<Source>, file: FileId, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let name = Arc::clone(source.name());
        let limits = Limits::default();
        let (value, written) = if name.ends_with(".json") {
            let value = json(&source, file).map_err(|diagnostic| diagnostics.fail(*diagnostic))?;
            // Read again as YAML, which JSON is, for the places and for keys written twice.
            let mut found = Diagnostics::new();
            let written = yaml::read_document(file, source.text(), &limits, &mut found).ok();
            let twice: Vec<_> = found.items().iter().filter(|item| item.code == code::DUPLICATE_KEY).collect();
            if let Some(failed) = twice.into_iter().map(|item| diagnostics.fail(item.clone())).last() {
                return Err(failed);
            }
            (value, written)
        } else {
            let written = yaml::read_document(file, source.text(), &limits, diagnostics)?;
            (plain(&written).map_err(|diagnostic| diagnostics.fail(*diagnostic))?, Some(written))
        };
        let document = Self { name, value, file, source, written };
        document.check(diagnostics)?;
        Ok(document)
    }

    /// The name the file gives itself.
    pub(super) fn id(&self) -> Option<&str> {
        self.value.get("$id")?.as_str()
    }

    /// Shows each schema of the document once, from the top down, with its pointer.
    pub(super) fn each_schema<'a>(&'a self, see: &mut dyn FnMut(&str, &'a Value)) {
        let mut seen = IndexSet::new();
        let mut next = vec![(String::new(), &self.value)];
        while let Some((pointer, schema)) = next.pop() {
            if !seen.insert(pointer.clone()) {
                continue;
            }
            // A reference may lead to a schema that stands where no keyword keeps one.
            let local = schema.get("$ref").and_then(Value::as_str).and_then(|written| written.strip_prefix('#'));
            if let Some(target) = local.map(positions::percent_decoded)
                && let Some(value) = self.value.pointer(&target)
            {
                next.push((target, value));
            }
            let inner = positions::all(schema).into_iter().rev();
            next.extend(inner.map(|(below, value)| (format!("{pointer}{below}"), value)));
            see(&pointer, schema);
        }
    }

    /// The place of what stands at a JSON pointer, or of the nearest thing above it.
    pub(super) fn place(&self, pointer: &str) -> Place {
        let Some(mut at) = self.written.as_ref() else { return Place::top(self.file) };
        let mut place = Place::top(self.file);
        for segment in positions::segments(pointer) {
            let (key, below) = match &at.content {
                Content::Map(members) => match members.get(segment.as_str()) {
                    Some(member) => (Some(member.key), &member.value),
                    None => return place,
                },
                Content::List(items) => match segment.parse().ok().and_then(|index: usize| items.get(index)) {
                    Some(item) => (None, item),
                    None => return place,
                },
                _ => return place,
            };
            // The key says more than `false`, and enough of what is written over many lines.
            let block = matches!(below.content, Content::Map(_) | Content::List(_) | Content::Bool(_));
            place = key.filter(|_| block).unwrap_or(below.place);
            at = below;
        }
        place
    }

    /// `schemas/config.schema.json:12 at /properties/replicas/type`.
    pub(super) fn describe(&self, pointer: &str) -> String {
        let at = if pointer.is_empty() { "the top" } else { pointer };
        if self.written.is_none() {
            return format!("{} at {at}", self.name);
        }
        format!("{}:{} at {at}", self.name, self.source.line_column(self.place(pointer).start).line)
    }

    /// A finding about what stands at `pointer`.
    pub(super) fn wrong(&self, code: Code, pointer: &str, message: impl Into<String>) -> Diagnostic {
        let label = if pointer.is_empty() { String::new() } else { format!("at {pointer}") };
        Diagnostic::new(code, message).at(self.place(pointer), label)
    }

    /// Finds what the engine would ignore or fetch: unknown formats and dialects, schemas with names of their own.
    fn check(&self, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let mut failed = None;
        let mut wrong = |diagnostic| failed = Some(diagnostics.fail(diagnostic));
        if !self.value.is_object() && !self.value.is_boolean() {
            wrong(
                self.wrong(code::BAD_SCHEMA, "", "a schema must be a mapping")
                    .help("write keywords, such as `type: object`"),
            );
        }
        let formats = super::engine::Formats::of(&self.value);
        self.each_schema(&mut |pointer, schema| {
            if let Some(dialect) = schema.get("$schema").and_then(Value::as_str)
                && !DIALECTS.contains(&dialect.trim_end_matches('#'))
            {
                let message = format!("`{dialect}` is not a dialect of JSON Schema that is known");
                let diagnostic = self.wrong(code::BAD_SCHEMA, &format!("{pointer}/$schema"), message);
                wrong(diagnostic.maybe_help(did_you_mean(dialect, DIALECTS)).help(format!("write {}", DIALECTS[0])));
            }
            let named = schema.get("$id").and_then(Value::as_str).is_some_and(|id| !id.starts_with('#'));
            if named && !pointer.is_empty() {
                let message = "only the schema at the top of a file may have an `$id`";
                wrong(
                    self.wrong(code::BAD_SCHEMA, &format!("{pointer}/$id"), message)
                        .help("remove it and refer to the schema by its pointer, such as `#/$defs/name`"),
                );
            }
            if let Some(format) = schema.get("format").and_then(Value::as_str)
                && !formats.contains(format)
            {
                let message = format!("`{format}` is not a format that is known");
                let known = super::format::FORMATS.iter().map(|format| format.name);
                let all: Vec<&str> = known.clone().collect();
                wrong(
                    self.wrong(code::BAD_SCHEMA, &format!("{pointer}/format"), message)
                        .maybe_help(did_you_mean(format, known))
                        .help(format!("write one of {}", all.join(", "))),
                );
            }
        });
        failed.map_or(Ok(()), Err)
    }
}

fn json(source: &Source, file: FileId) -> Result<Value, Box<Diagnostic>> {
    let text = source.text().trim_start_matches('\u{FEFF}');
    serde_json::from_str(text).map_err(|error| {
        let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let skipped = source.text().len() - text.len();
        let mut at = (before + error.column().saturating_sub(1)).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let whole = error.to_string();
        let said = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(said, _)| said);
        let diagnostic = Diagnostic::new(code::BAD_SCHEMA, format!("{} is not valid JSON", source.name()))
            .at(Place::new(file, skipped + at, skipped + at), said)
            .help("correct the JSON; a schema may be written in YAML as well, in a file that ends in .yml");
        Box::new(diagnostic)
    })
}

/// A YAML schema as JSON. Tags mean something to layers only.
fn plain(written: &Written) -> Result<Value, Box<Diagnostic>> {
    let misplaced = |what: &str, place| {
        let diagnostic = Diagnostic::new(code::BAD_SCHEMA, format!("{what} has no meaning in a schema"));
        Err(Box::new(diagnostic.at(place, "").help("remove the tag")))
    };
    if let Some(tagged) = written.tag {
        return misplaced(&format!("`{}`", tagged.tag), tagged.place);
    }
    Ok(match &written.content {
        Content::Null => Value::Null,
        Content::Bool(boolean) => Value::Bool(*boolean),
        Content::Number(Number::Int(number)) => Value::from(*number),
        Content::Number(Number::Float(number)) => Value::from(*number),
        Content::String { text, .. } => Value::from(&**text),
        Content::Secret(_) => return misplaced("`!secret`", written.place),
        Content::List(items) => Value::Array(items.iter().map(plain).collect::<Result<_, _>>()?),
        Content::Map(members) => {
            let member =
                |(key, member): (&Arc<str>, &Member)| plain(&member.value).map(|value| (key.to_string(), value));
            Value::Object(members.iter().map(member).collect::<Result<_, _>>()?)
        }
    })
}
