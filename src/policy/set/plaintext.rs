//! Secrets that stand in plain text in the configuration or in objects.
//!
//! Nothing here gives the text away: a finding has its path alone.

use super::{At, Verdict, View};
use crate::integrity::Site;
use crate::path::{Path, Step};
use crate::plaintext::{is_option, is_secret};
use crate::tree::{Node, Value};

/// No value of the configuration and no text of an object, but for what is in Secrets, is a secret.
pub(super) fn check(view: &View<'_>, verdict: &mut Verdict) {
    let expected = "a secret must not stand in plain text";
    if let Some(root) = view.facts.configuration {
        let mut found = Vec::new();
        walk(root, &mut Path::root(), &mut found);
        if found.is_empty() {
            verdict.keep();
        }
        for path in found {
            verdict.hidden(At::Configuration(path), expected);
        }
    }
    for (manifest, object) in view.set.manifests.iter().enumerate() {
        let kind = object.identity().kind().as_ref();
        // What is in them is for another rule.
        if matches!(kind, "Secret" | "SealedSecret") {
            continue;
        }
        let mut found = Vec::new();
        walk(object.node(), &mut Path::root(), &mut found);
        if found.is_empty() {
            verdict.keep();
        }
        for path in found {
            verdict.hidden(At::Object(Site { manifest, path }), expected);
        }
    }
}

fn walk(node: &Node, path: &mut Path, found: &mut Vec<Path>) {
    match &node.value {
        Value::Map(map) => {
            // `name: DB_PASSWORD, value: ..` is a key and its text.
            let named = map.get("name").and_then(|name| name.value.as_str()).filter(|_| map.get("value").is_some());
            for (key, entry) in map.iter() {
                path.push(Step::Key(key.clone()));
                match &entry.node.value {
                    Value::String(text) => {
                        let name = named.filter(|_| key.as_ref() == "value").unwrap_or(key);
                        if is_secret(name, text) {
                            found.push(path.clone());
                        }
                    }
                    _ => walk(&entry.node, path, found),
                }
                path.pop();
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                match &item.value {
                    Value::String(text) if is_secret("", text) || is_option(text) => found.push(path.clone()),
                    Value::String(_) => {}
                    _ => walk(item, path, found),
                }
                path.pop();
            }
        }
        _ => {}
    }
}
