//! A schema file and the files it refers to, read from the workspace and from nowhere else.
//!
//! References are resolved here, against the folder of the file they stand in; the engine is given copies in which
//! each names a document by number, so it has nothing to fetch.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::document::Document;
use super::positions::{self, percent_decoded};
use super::reference::{self, Target};
use crate::diagnostic::{Diagnostics, Failed, code, did_you_mean};
use crate::file::{self, Reason};
use crate::source::Sources;
use crate::world::World;

/// Most files one schema may be spread over.
const MOST_FILES: usize = 64;

/// The documents of a schema; the first is the one that was asked for.
#[derive(Debug)]
pub(super) struct Bundle {
    pub(super) documents: Vec<Document>,
}

/// A schema inside a bundle.
#[derive(Clone, Debug)]
pub(super) struct Spot<'a> {
    /// Index of the document.
    pub(super) document: usize,
    /// JSON pointer in the document.
    pub(super) pointer: String,
    /// What stands there.
    pub(super) value: &'a Value,
}

impl Spot<'_> {
    /// What tells one spot from another.
    pub(super) fn key(&self) -> (usize, String) {
        (self.document, self.pointer.clone())
    }
}

impl Bundle {
    /// Reads `name` and all it refers to. Everything wrong is recorded before it fails.
    pub(super) fn load(
        world: &dyn World,
        sources: &Sources,
        name: &str,
        reason: &Reason,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let file = file::load(world, sources, name, reason, diagnostics)?;
        let mut bundle = Self { documents: vec![Document::parse(sources.get(file), file, diagnostics)?] };
        let mut failed = None;
        let mut at = 0;
        while at < bundle.documents.len() {
            for (pointer, target) in bundle.wanted(at) {
                let result = match target {
                    Ok(name) => bundle.open(world, sources, at, &pointer, &name, diagnostics),
                    Err(problem) => Err(diagnostics.fail(bundle.documents[at].wrong(code::SCHEMA_REF, &pointer, problem).help(
                        "refer to a file of the workspace, relative to this file, such as `common.schema.json#/$defs/name`",
                    ))),
                };
                failed = result.err().or(failed);
            }
            at += 1;
        }
        failed.map_or(Ok(bundle), Err)
    }

    /// The files document `at` refers to: pointer of the reference, and the name of the file or what is wrong.
    fn wanted(&self, at: usize) -> Vec<(String, Result<String, String>)> {
        let document = &self.documents[at];
        let mut wanted = Vec::new();
        document.each_schema(&mut |pointer, schema| {
            for keyword in reference::KEYWORDS {
                let Some(written) = schema.get(keyword).and_then(Value::as_str) else { continue };
                match reference::target(written, &document.name, document.id()) {
                    Ok(Target { file: None, .. }) => {}
                    Ok(Target { file: Some(file), .. }) => wanted.push((format!("{pointer}/{keyword}"), Ok(file))),
                    Err(problem) => wanted.push((format!("{pointer}/{keyword}"), Err(problem))),
                }
            }
        });
        wanted
    }

    /// Reads a file that document `from` refers to, unless it is there already.
    fn open(
        &mut self,
        world: &dyn World,
        sources: &Sources,
        from: usize,
        pointer: &str,
        name: &str,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        if self.documents.iter().any(|document| *document.name == *name) {
            return Ok(());
        }
        let referrer = &self.documents[from];
        if self.documents.len() >= MOST_FILES {
            let message = format!("the schema is spread over more than {MOST_FILES} files");
            return Err(diagnostics.fail(
                referrer
                    .wrong(code::SCHEMA_REF, pointer, message)
                    .help("put schemas that belong together into one file"),
            ));
        }
        let reason = Reason { place: Some(referrer.place(pointer)), what: format!("referred to by {}", referrer.name) };
        let mut found = Diagnostics::new();
        let file = match file::load(world, sources, name, &reason, &mut found) {
            Ok(file) => file,
            Err(failed) => {
                // What is wrong is the reference, whatever keeps the file from being read.
                for mut item in found.items().iter().cloned() {
                    item.code = code::SCHEMA_REF;
                    diagnostics.record(item);
                }
                return Err(failed);
            }
        };
        self.documents.push(Document::parse(sources.get(file), file, diagnostics)?);
        Ok(())
    }

    /// The document that was asked for.
    pub(super) fn root(&self) -> Spot<'_> {
        Spot { document: 0, pointer: String::new(), value: &self.documents[0].value }
    }

    /// The spot at a pointer of a document.
    pub(super) fn spot(&self, document: usize, pointer: &str) -> Option<Spot<'_>> {
        let value = self.documents.get(document)?.value.pointer(pointer)?;
        Some(Spot { document, pointer: pointer.to_owned(), value })
    }

    /// The schemas that `spot` refers to with `$ref` and its kin; `Err` holds the keyword that leads nowhere.
    pub(super) fn references(&self, spot: &Spot<'_>) -> Vec<Result<Spot<'_>, &'static str>> {
        let written = |keyword: &'static str| Some((keyword, spot.value.get(keyword)?.as_str()?));
        let keywords = reference::KEYWORDS.into_iter().filter_map(written);
        keywords.map(|(keyword, written)| self.follow(spot.document, written).ok_or(keyword)).collect()
    }

    /// The schema that a reference in document `from` means.
    pub(super) fn follow(&self, from: usize, written: &str) -> Option<Spot<'_>> {
        let document = self.documents.get(from)?;
        let Target { file, fragment } = reference::target(written, &document.name, document.id()).ok()?;
        let index = match file {
            Some(file) => self.documents.iter().position(|document| *document.name == *file)?,
            None => from,
        };
        let fragment = percent_decoded(fragment);
        if fragment.is_empty() || fragment.starts_with('/') {
            return self.spot(index, &fragment);
        }
        let mut found = None;
        self.documents[index].each_schema(&mut |pointer, schema| {
            let is = |keyword, name: &str| schema.get(keyword).and_then(Value::as_str) == Some(name);
            let id = format!("#{fragment}");
            if is("$anchor", &fragment) || is("$dynamicAnchor", &fragment) || is("$id", &id) || is("id", &id) {
                found = found.take().or_else(|| Some(pointer.to_owned()));
            }
        });
        self.spot(index, &found?)
    }

    /// Records each reference that leads nowhere inside a file that is there.
    pub(super) fn check_references(&self, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let mut failed = None;
        for (at, document) in self.documents.iter().enumerate() {
            document.each_schema(&mut |pointer, value| {
                let spot = Spot { document: at, pointer: pointer.to_owned(), value };
                for keyword in self.references(&spot).into_iter().filter_map(Result::err) {
                    let written = value.get(keyword).and_then(Value::as_str).unwrap_or_default();
                    failed = Some(
                        diagnostics.fail(
                            document
                                .wrong(
                                    code::BAD_SCHEMA,
                                    &format!("{pointer}/{keyword}"),
                                    format!("`{written}` refers to nothing"),
                                )
                                .maybe_help(self.near(at, written))
                                .help("refer to a schema that is there, such as `#/$defs/name`"),
                        ),
                    );
                }
            });
        }
        failed.map_or(Ok(()), Err)
    }

    /// The reference that was perhaps meant: to another definition of the same place.
    fn near(&self, from: usize, written: &str) -> Option<String> {
        let (parent, _) = written.rsplit_once('/')?;
        let siblings = self.follow(from, parent)?.value.as_object()?;
        let names: Vec<String> = siblings.keys().map(|key| format!("{parent}/{}", positions::escape(key))).collect();
        did_you_mean(written, names.iter().map(String::as_str))
    }

    /// The documents for the engine: references by number, without names of their own.
    pub(super) fn copies(&self) -> Vec<Value> {
        let copy = |document: &Document| {
            let mut copy = document.value.clone();
            document.each_schema(&mut |pointer, schema| {
                for keyword in reference::KEYWORDS {
                    let Some(written) = schema.get(keyword).and_then(Value::as_str) else { continue };
                    let Ok(target) = reference::target(written, &document.name, document.id()) else { continue };
                    let position = |file: &String| self.documents.iter().position(|other| *other.name == **file);
                    let to = target.file.as_ref().and_then(position).map(reference::uri).unwrap_or_default();
                    if let Some(value) = copy.pointer_mut(pointer).and_then(|schema| schema.get_mut(keyword)) {
                        *value = Value::from(format!("{to}#{}", target.fragment));
                    }
                }
            });
            if let Some(members) = copy.as_object_mut() {
                // Otherwise the name would become the base of references, and of the places errors come with.
                members.shift_remove("$id");
                members.shift_remove("id");
            }
            copy
        };
        self.documents.iter().map(copy).collect()
    }

    /// Every pattern of the documents, once, with its document and its pointer.
    pub(super) fn patterns(&self) -> IndexMap<Arc<str>, (usize, String)> {
        let mut patterns = IndexMap::new();
        for (at, document) in self.documents.iter().enumerate() {
            document.each_schema(&mut |pointer, schema| {
                let mut add = |pattern: &str, pointer: String| {
                    patterns.entry(pattern.into()).or_insert((at, pointer));
                };
                if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
                    add(pattern, format!("{pointer}/pattern"));
                }
                let keys = schema.get("patternProperties").and_then(Value::as_object);
                for pattern in keys.into_iter().flat_map(|members| members.keys()) {
                    add(pattern, format!("{pointer}/patternProperties/{}", positions::escape(pattern)));
                }
            });
        }
        patterns
    }
}
