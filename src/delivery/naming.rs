//! Names of Secrets that change with their content, and what refers to them.
//!
//! A pod does not notice that a Secret it read has changed. It rolls when its template does, so the name of a Secret ends
//! with a digest of what is in it, here and wherever it is referred to. The content before the last change stays under
//! its own name until it is retired: pods that still run can be started again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Known;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::{Entry, Map, Node, Secret, Value};

/// An annotation of a Secret that keeps its name: whoever reads it is not among the objects.
const FIXED: &str = "tenantctl.dev/name";

/// Hexadecimal digits at the end of a name: 40 bits tell the few generations of one Secret apart.
const DIGITS: usize = 10;

/// Longest name of an object, in bytes.
const LONGEST: usize = 253;

/// What is part of the keys on the way to the name of a Secret.
const REFERS: [&str; 3] = ["secret", "credential", "certificateref"];
/// What is part of keys that look so, and refer to something else.
const REFERS_NOT: [&str; 1] = ["secretstore"];
/// Keys of what is inside a Secret.
const INSIDE: [&str; 3] = ["key", "secretKey", "property"];

/// Namespace and name of a Secret as its template has it.
type Called = (Option<Arc<str>>, Arc<str>);

/// The objects with the generations of their Secrets.
pub(super) fn with_generations(manifests: Vec<Manifest>, known: &Known) -> Vec<Manifest> {
    let mut names = BTreeMap::new();
    let mut delivered = Vec::with_capacity(manifests.len());
    for manifest in manifests {
        if !is_sealed(&manifest) || is_fixed(&manifest) {
            delivered.push(manifest);
            continue;
        }
        let identity = manifest.identity();
        let name = named(identity.name(), manifest.node(), known);
        names.insert((identity.namespace().cloned(), Arc::clone(identity.name())), Arc::clone(&name));
        let secrets = manifest.node().secrets();
        if known.has_previous(secrets.iter().map(|(_, secret, _)| *secret)) {
            let before = previous(manifest.node());
            let name = named(identity.name(), &before, known);
            delivered.push(manifest.changed(with_name(&before, &name)));
        }
        let node = with_name(manifest.node(), &name);
        delivered.push(manifest.changed(node));
    }
    let names: BTreeMap<Called, Arc<str>> = names;
    let refer = |manifest: Manifest| {
        let namespace = manifest.identity().namespace().cloned();
        let found = |name: &Arc<str>| names.get(&(namespace.clone(), Arc::clone(name)));
        let node = referring(manifest.node(), &found, false, "");
        match node {
            Some(node) if !is_sealed(&manifest) => manifest.changed(node),
            _ => manifest,
        }
    };
    delivered.into_iter().map(refer).collect()
}

/// Whether an object is a Secret with secrets in it.
pub(crate) fn is_sealed(manifest: &Manifest) -> bool {
    let identity = manifest.identity();
    identity.group().is_empty() && identity.kind().as_ref() == "Secret" && manifest.node().value.holds_secret()
}

fn is_fixed(manifest: &Manifest) -> bool {
    manifest.node().str_at(&["metadata", "annotations", FIXED]) == Some("fixed")
}

/// The name with the digest of the content.
fn named(name: &Arc<str>, node: &Node, known: &Known) -> Arc<str> {
    let mut hasher = blake3::Hasher::new();
    for field in ["data", "stringData"] {
        let entries = node.at(&[field]).and_then(|data| data.value.as_map()).into_iter().flat_map(Map::iter);
        for (key, entry) in entries {
            hasher.update(field.as_bytes());
            hasher.update(&(key.len() as u64).to_le_bytes());
            hasher.update(key.as_bytes());
            match &entry.node.value {
                Value::Secret(secret) => known.update(secret, &mut hasher),
                other => known.update(&Secret::text(other.as_str().unwrap_or_default()), &mut hasher),
            }
        }
    }
    let digest = hasher.finalize().to_hex();
    let room = LONGEST - DIGITS - 1;
    let begin = name.get(..room.min(name.len())).unwrap_or(name);
    format!("{}-{}", begin.trim_end_matches(['-', '.']), &digest[..DIGITS]).into()
}

/// The same Secret with the contents before.
fn previous(node: &Node) -> Node {
    let value = match &node.value {
        Value::Secret(secret) => Value::Secret(secret.previous()),
        Value::Map(map) => {
            let entries =
                map.iter().map(|(key, entry)| (Arc::clone(key), Entry { key: entry.key, node: previous(&entry.node) }));
            Value::Map(Arc::new(entries.collect()))
        }
        other => other.clone(),
    };
    Node { value, ..node.clone() }
}

/// The object under another name.
fn with_name(node: &Node, name: &Arc<str>) -> Node {
    let mut node = node.clone();
    node.set(&Path::from_keys(["metadata", "name"]), Value::String(Arc::clone(name)));
    node
}

/// The tree with new names of Secrets where it refers to them; `None` if it refers to none.
fn referring<'a>(
    node: &Node,
    new: &impl Fn(&Arc<str>) -> Option<&'a Arc<str>>,
    below: bool,
    last: &str,
) -> Option<Node> {
    let value = match &node.value {
        Value::String(text) if below && !INSIDE.contains(&last) => Value::String(Arc::clone(new(text)?)),
        Value::List(items) => {
            let changed: Vec<Option<Node>> = items.iter().map(|item| referring(item, new, below, last)).collect();
            if changed.iter().all(Option::is_none) {
                return None;
            }
            let items = changed.into_iter().zip(items.iter()).map(|(new, old)| new.unwrap_or_else(|| old.clone()));
            Value::List(Arc::new(items.collect()))
        }
        Value::Map(map) => {
            // A rule of RBAC names what it is about beside the names.
            let about_secrets = || {
                let resources = map.get("resources").and_then(|resources| resources.value.as_list());
                resources.is_some_and(|list| list.iter().any(|item| item.value.as_str() == Some("secrets")))
            };
            let mut changed: Option<Map> = None;
            for (key, entry) in map.iter() {
                let refers = refers(key) || (key.as_ref() == "resourceNames" && about_secrets());
                if let Some(node) = referring(&entry.node, new, below && !refers_not(key) || refers, key) {
                    let entry = Entry { key: entry.key, node };
                    changed.get_or_insert_with(|| map.as_ref().clone()).insert(Arc::clone(key), entry);
                }
            }
            Value::Map(Arc::new(changed?))
        }
        _ => return None,
    };
    Some(Node { value, ..node.clone() })
}

fn refers(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    REFERS.iter().any(|part| key.contains(part)) && !refers_not(&key)
}

fn refers_not(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    REFERS_NOT.iter().any(|part| key.contains(part))
}
