//! Stacks of layers for tests, written as JSON: `{"!append": [1]}` is a tagged value, places are made up and unique.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{Merged, Prefixes, Rules, Strategies};
use crate::diagnostic::{Diagnostics, Failed};
use crate::layers::{About, Document, Layer, Layers, Trust};
use crate::lock::{Exception, Lock, Mode, Pattern};
use crate::source::{FileId, Place, Sources};
use crate::target::Target;
use crate::tree::{Node, Number, Secret, Value};
use crate::yaml::{Content, Limits, Member, Tag, Tagged, Written, read_document};

/// Layers in the making.
#[derive(Default)]
pub(crate) struct Stack {
    pub(crate) sources: Sources,
    pub(crate) layers: Vec<Layer>,
    pub(crate) rules: Rules,
}

impl Stack {
    /// `base`, then `environment`, `tier`, `tenant`, `override NAME` and `command line`, as many as are wanted.
    pub(crate) fn of<'a>(layers: impl IntoIterator<Item = (&'a str, Json)>) -> Self {
        layers.into_iter().fold(Self::default(), |stack, (name, json)| stack.layer(name, &json))
    }

    /// One more layer.
    pub(crate) fn layer(self, name: &str, json: &Json) -> Self {
        let file = self.sources.add(name, "");
        self.push(name, file, Writer { file, at: 0 }.written(json))
    }

    /// One more layer, as a file.
    pub(crate) fn yaml(self, name: &str, text: &str) -> Self {
        let file = self.sources.add(name, text);
        let root = read_document(file, text, &Limits::default(), &mut Diagnostics::new()).unwrap();
        self.push(name, file, root)
    }

    fn push(mut self, name: &str, file: FileId, root: Written) -> Self {
        let (name, over) = match name.split_once(' ') {
            Some(("override", over)) => ("override", Some(over.into())),
            _ => (name, None),
        };
        let rank = match name {
            "base" => 0,
            "environment" => 1,
            "tier" => 2,
            "tenant" => 3,
            "override" => 4,
            _ => usize::MAX,
        };
        let document = Document { file, name: name.into(), root, extends: Vec::new(), about: None };
        let trust = if name == "tenant" { Trust::Data } else { Trust::Code };
        self.layers.push(Layer { name: name.into(), rank, over, trust, document: Arc::new(document) });
        self
    }

    /// The last layer says that it comes after an override.
    pub(crate) fn after(mut self, name: &str) -> Self {
        if let Some(layer) = self.layers.last_mut() {
            let mut document = Document::clone(&layer.document);
            let place = Place::top(document.file);
            document.about = Some(About { after: vec![(name.into(), place)], ..About::default() });
            layer.document = Arc::new(document);
        }
        self
    }

    pub(crate) fn schema(mut self, schema: &Json) -> Self {
        self.rules.strategies = Strategies::from_schema(schema).0;
        self
    }

    pub(crate) fn lock(mut self, path: &str, owner: &str, mode: Mode, except: &[&str]) -> Self {
        let place = Place::top(self.sources.add("tenantctl.yaml", ""));
        let owner_rank = self.layers.iter().find(|layer| &*layer.name == owner).map_or(0, |layer| layer.rank);
        self.rules.locks.push(Lock {
            pattern: Pattern::parse(path).unwrap(),
            owner: owner.into(),
            owner_rank,
            mode,
            reason: "because".into(),
            except: except.iter().map(|name| exception(name, place)).collect(),
            place,
        });
        self
    }

    pub(crate) fn layers(&self) -> Layers {
        Layers::new(Arc::new(Target::new("prod".into(), Some("acme".into()), Vec::new())), self.layers.clone())
    }

    pub(crate) fn merge(&self, diagnostics: &mut Diagnostics) -> Result<Merged, Failed> {
        self.layers().merge(&self.rules, &Prefixes::default(), diagnostics)
    }

    /// The merged data; panics when there are findings.
    pub(crate) fn data(&self) -> Json {
        json(self.fine().root())
    }

    /// The merged tree; panics when there are findings.
    pub(crate) fn fine(&self) -> Merged {
        let mut diagnostics = Diagnostics::new();
        let merged = self.merge(&mut diagnostics);
        assert_eq!(diagnostics.items(), []);
        merged.unwrap()
    }

    /// The tree and the findings, layer by layer without a cache, whether it failed or not.
    pub(crate) fn tree(&self) -> (Node, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let root = (1..=self.layers.len()).fold(None, |below: Option<Node>, upto| {
            super::step(below.as_ref(), &self.layers[..upto], &self.rules, &mut diagnostics)
        });
        (root.unwrap(), diagnostics)
    }

    /// Code and message of each finding.
    pub(crate) fn findings(&self) -> Vec<String> {
        let mut diagnostics = Diagnostics::new();
        let result = self.merge(&mut diagnostics);
        assert_eq!(result.is_err(), diagnostics.errors() > 0);
        diagnostics.items().iter().map(|item| format!("{}: {}", item.code, item.message)).collect()
    }
}

/// The exception of an override; with a hyphen before it, one that ended.
fn exception(name: &str, place: Place) -> Exception {
    let (name, expires) = match name.strip_prefix('-') {
        Some(name) => (name, Some((jiff::civil::date(2001, 1, 31), place))),
        None => (name, None),
    };
    Exception { name: name.into(), reason: None, expires, place, ended: expires.is_some() }
}

/// The data of a tree.
pub(crate) fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(Number::Int(number)) => (*number).into(),
        Value::Number(Number::Float(number)) => (*number).into(),
        Value::String(text) => (&**text).into(),
        Value::Secret(secret) => serde_json::json!({"!secret": secret.name()}),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(map) => map.iter().map(|(key, entry)| (key.to_string(), json(&entry.node))).collect(),
    }
}

/// Numbers the places of a file.
struct Writer {
    file: FileId,
    at: usize,
}

impl Writer {
    fn place(&mut self) -> Place {
        self.at += 1;
        Place::new(self.file, self.at, self.at + 1)
    }

    fn written(&mut self, json: &Json) -> Written {
        let place = self.place();
        let content = match json {
            Json::Null => Content::Null,
            Json::Bool(flag) => Content::Bool(*flag),
            Json::Number(number) => {
                Content::Number(number.as_i64().map_or_else(|| Number::Float(number.as_f64().unwrap()), Number::Int))
            }
            Json::String(text) => Content::String { text: text.as_str().into(), plain: true },
            Json::Array(items) => Content::List(items.iter().map(|item| self.written(item)).collect()),
            Json::Object(members) => {
                if let Some((name, value)) = members.iter().next()
                    && name.starts_with('!')
                {
                    return self.tagged(name, value, place);
                }
                let member = |(key, value): (&String, &Json)| {
                    (key.as_str().into(), Member { key: self.place(), value: self.written(value) })
                };
                Content::Map(members.iter().map(member).collect())
            }
        };
        Written::new(content, place)
    }

    fn tagged(&mut self, name: &str, value: &Json, place: Place) -> Written {
        if name == "!secret" {
            return Written::new(Content::Secret(Secret::named(value.as_str().unwrap())), place);
        }
        let tag = Tag::ALL.into_iter().find(|tag| tag.name() == name).unwrap();
        let mut written = self.written(value);
        written.tag = Some(Tagged { tag, place });
        written
    }
}
