//! Source maps as data: `render --source-map FILE`.
//!
//! In go the source maps of targets, out comes one JSON document that needs no workspace to be read. The fields below are
//! a promise, published as `docs/source-map.schema.json`: within version 1 fields may be added, none is renamed, removed
//! or given another meaning.

use serde::Serialize;

use super::SourceMap;
use crate::merge::called;
use crate::path::Path;
use crate::source::{LineColumn, Place, Sources};
use crate::validate::Validated;

/// The document.
#[derive(Debug, Serialize)]
pub struct Document {
    /// 1
    version: u8,
    /// In the order of the output.
    targets: Vec<Target>,
}

/// The source map of a target.
#[derive(Debug, Serialize)]
pub struct Target {
    /// `acme-corp@prod`
    target: String,
    objects: Vec<Object>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    api_version: String,
    kind: String,
    namespace: Option<String>,
    name: String,
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Field {
    /// `spec.template.spec.containers[0].image`
    path: String,
    /// Where the template writes it.
    template: Spot,
    /// The values of the configuration that were read for it, the value itself first; none if it is literal.
    from: Vec<Source>,
    /// What was read of the target, such as `target.tenant`.
    facts: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Source {
    /// `resources.replicas`
    path: String,
    /// The layer that set it, such as `layer tier`.
    layer: String,
    /// Where that stands.
    place: Spot,
}

/// A place for people and editors: line and column count from 1, columns in characters.
#[derive(Debug, Serialize)]
struct Spot {
    file: String,
    line: usize,
    column: usize,
}

impl Document {
    /// The document of these targets.
    pub fn new(targets: Vec<Target>) -> Self {
        Self { version: 1, targets }
    }

    /// The document as JSON, on one line.
    pub fn json(&self) -> String {
        // Strings and numbers only: there is nothing serde could refuse.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

impl Target {
    /// The part of a target.
    pub fn new(map: &SourceMap, validated: &Validated, sources: &Sources) -> Self {
        let mut objects: Vec<Object> = Vec::new();
        let mut last = None;
        for field in map.fields() {
            if last != Some(field.object) {
                last = Some(field.object);
                objects.push(Object {
                    api_version: field.object.api_version().to_string(),
                    kind: field.object.kind().to_string(),
                    namespace: field.object.namespace().map(ToString::to_string),
                    name: field.object.name().to_string(),
                    fields: Vec::new(),
                });
            }
            let known = |path: &&Path| validated.root().get(path).is_some();
            let read = || field.reads.iter().rev();
            let entry = Field {
                path: field.path.to_string(),
                template: Spot::of(field.place, sources),
                from: read().filter(known).map(|path| source(path, validated, sources)).collect(),
                facts: read().filter(|path| !known(path)).map(ToString::to_string).collect(),
            };
            if let Some(object) = objects.last_mut() {
                object.fields.push(entry);
            }
        }
        Self { target: validated.target().to_string(), objects }
    }
}

fn source(path: &Path, validated: &Validated, sources: &Sources) -> Source {
    let (_, node, _) = validated.resolved().merged().reach(path);
    let layer = validated.layers().layer_of(node.place).map_or_else(String::new, called);
    Source { path: path.to_string(), layer, place: Spot::of(node.place, sources) }
}

impl Spot {
    fn of(place: Place, sources: &Sources) -> Self {
        let source = sources.get(place.file);
        let LineColumn { line, column } = source.line_column(place.start);
        Self { file: source.path(), line, column }
    }
}
