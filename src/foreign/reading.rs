//! A file becomes objects, or a finding that says what it is instead.

use std::sync::Arc;

use super::{Foreign, secrecy};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::file;
use crate::manifest::Manifest;
use crate::source::{Source, Sources};
use crate::tree::{Node, Value};
use crate::world::World;
use crate::yaml::{self, Content, Limits, Written};

/// Most bytes of one file.
const LARGEST: u64 = 64 << 20;

/// Reads one file; records what is wrong with it.
pub(super) fn file(
    name: &str,
    world: &dyn World,
    sources: &Sources,
    foreign: &mut Foreign,
    diagnostics: &mut Diagnostics,
) {
    let Ok(id) = file::load_argument_up_to(LARGEST, world, sources, name, diagnostics) else { return };
    foreign.files += 1;
    let source = sources.get(id);
    let text = source.text();
    let mut found = diagnostics.untargeted();
    let documents = yaml::read_as_kubectl(id, text, &Limits::RENDERED, &mut found);
    record(&found, &source, sources, diagnostics);
    let Ok(documents) = documents else { return };
    let called: Arc<str> = source.path().into();
    for object in documents.into_iter().flat_map(unrolled) {
        let kind = object.at(&["kind"]).and_then(Written::as_str);
        let secret = kind == Some("Secret");
        if kind == Some("CustomResourceDefinition") && foreign.definitions.last() != Some(&id) {
            foreign.definitions.push(id);
        }
        match manifest(&object, &called) {
            Ok(manifest) => foreign.manifests.extend(manifest),
            // Brackets may hold all of it in one line.
            Err(diagnostic) if secret && source.slice(object.place.start, object.place.end).starts_with('{') => {
                diagnostics.record(secrecy::without_places(*diagnostic, sources));
            }
            Err(diagnostic) if source.is_covered() => diagnostics.record(diagnostic.unquoted()),
            Err(diagnostic) => diagnostics.record(*diagnostic),
        }
    }
}

/// Records what is wrong with a text, with what it probably is.
fn record(found: &Diagnostics, source: &Source, sources: &Sources, diagnostics: &mut Diagnostics) {
    let text = source.text();
    let secret = !found.items().is_empty() && secrecy::may_hold_secret(text);
    for (index, item) in found.items().iter().enumerate() {
        let mut item = item.clone();
        if source.is_covered() {
            item = item.unquoted();
        }
        if index == 0 && text.contains("{{") {
            let help = "a template is no manifest: check what it renders, `helm template CHART | tenantctl validate -`";
            item = item.help(help);
        }
        diagnostics.replay(&[if secret { secrecy::without_places(item, sources) } else { item }]);
    }
}

/// The objects of a document: those of a list, or itself. Lists may hold lists.
fn unrolled(document: Written) -> Vec<Written> {
    let mut objects = Vec::new();
    let mut open = vec![document];
    while let Some(mut one) = open.pop() {
        let list = one.at(&["kind"]).and_then(Written::as_str).is_some_and(|kind| kind.ends_with("List"));
        let items = match &mut one.content {
            Content::Map(members) if list => members.get_mut("items").map(|member| &mut member.value.content),
            _ => None,
        };
        match items {
            Some(Content::List(items)) => open.extend(std::mem::take(items).into_iter().rev()),
            _ => objects.push(one),
        }
    }
    objects
}

/// Leaves out a namespace that is null or empty, which is none.
fn unnamed(object: &mut Node) {
    let Value::Map(members) = &mut object.value else { return };
    let Some(entry) = Arc::make_mut(members).entry_mut("metadata") else { return };
    let Value::Map(metadata) = &mut entry.node.value else { return };
    let none = |node: &Node| matches!(&node.value, Value::Null) || node.value.as_str() == Some("");
    if metadata.get("namespace").is_some_and(none) {
        Arc::make_mut(metadata).remove("namespace");
    }
}

/// An object, or nothing where nothing is written.
fn manifest(object: &Written, called: &Arc<str>) -> Result<Option<Manifest>, Box<Diagnostic>> {
    let wrong = |message: String, label: &str, help: &str| {
        Box::new(Diagnostic::new(code::NOT_AN_OBJECT, message).at(object.place, label).help(help))
    };
    match &object.content {
        Content::Null => return Ok(None),
        Content::Map(_) => {}
        _ => {
            let is = object.kind().with_article();
            let message = format!("a document of {called} must be a Kubernetes object, but it is {is}");
            return Err(wrong(message, is, "give files with manifests: each object has apiVersion, kind and metadata"));
        }
    }
    let text = |keys: &[&str]| object.at(keys).and_then(Written::as_str);
    let (api_version, kind) = (text(&["apiVersion"]), text(&["kind"]));
    if object.at(&["apiVersion"]).is_none() && object.at(&["kind"]).is_none() {
        let message = format!("a document of {called} has no apiVersion and no kind");
        let help = "values of Helm and parts of Kustomize are no manifests: check what they make, \
                    `helm template CHART | tenantctl validate -`";
        return Err(wrong(message, "this document", help));
    }
    if kind == Some("Kustomization")
        && api_version.is_none_or(|version| version.starts_with("kustomize.config.k8s.io/"))
    {
        let help = "check what it makes: `kubectl kustomize DIR | tenantctl validate -`";
        return Err(wrong(format!("{called} is for Kustomize, not for the API server"), "this document", help));
    }
    let mut node = object.to_node();
    unnamed(&mut node);
    let generated = object.at(&["metadata", "name"]).is_none() && text(&["metadata", "generateName"]).is_some();
    let manifest = if generated { Manifest::generated(node, called) } else { Manifest::new(node, called) };
    manifest.map(Some)
}
