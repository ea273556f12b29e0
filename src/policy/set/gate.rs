//! Rules that this program itself is the guard of: locks on guard rails, environments that stay apart, versions of APIs.

use super::{At, Verdict, View, keys};
use crate::kubernetes;
use crate::path::{Path, Step};
use crate::tree::{Node, Value};

/// Every guard rail of the configuration is under a lock, so that layers above its owner can at most tighten it: a lock that
/// is broken is TC310.
pub(super) fn locked(view: &View<'_>, verdict: &mut Verdict) {
    for (name, own) in &view.rule.values {
        let At::Configuration(path) = view.at_value(name) else { continue };
        let path = if path.is_root() { own.clone() } else { path };
        let holds = view.facts.locks.iter().any(|lock| lock.pattern.covers(&path));
        verdict.judge(holds, || At::Configuration(path.clone()), || format!("a lock must guard {path}"));
    }
}

/// No value names what is of another environment: a label of a host, a part of a path or of an address.
pub(super) fn apart(view: &View<'_>, verdict: &mut Verdict) {
    let own = view.facts.environment;
    let production = view.listed(&["production"]);
    let is_production = |name: &str| production.contains(&name);
    // Production and the others must not meet; the others may.
    let strange = |name: &&str| is_production(name) != is_production(own);
    let strange: Vec<&str> = view.facts.environments.iter().map(AsRef::as_ref).filter(strange).collect();
    let Some(root) = view.facts.configuration else { return };
    let mut found = Vec::new();
    walk(root, &strange, &mut Path::root(), &mut found);
    if found.is_empty() {
        verdict.keep();
    }
    for path in found {
        verdict
            .broken(At::Configuration(path), format!("a value of {own} must not name what is of another environment"));
    }
    if !is_production(own) {
        let holds = !matches!(view.value("production").map(|node| &node.value), Some(Value::Bool(true)));
        let expected = || "data of production must not be used outside it".to_owned();
        verdict.judge(holds, || view.at_value("production"), expected);
    }
}

fn walk(node: &Node, strange: &[&str], path: &mut Path, found: &mut Vec<Path>) {
    match &node.value {
        Value::Map(map) => {
            for (key, entry) in map.iter() {
                path.push(Step::Key(key.clone()));
                walk(&entry.node, strange, path, found);
                path.pop();
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                walk(item, strange, path, found);
                path.pop();
            }
        }
        Value::String(text) if names(text, strange) => found.push(path.clone()),
        _ => {}
    }
}

/// Whether an address has the name of an environment as one of its parts. A word alone is no address.
fn names(text: &str, strange: &[&str]) -> bool {
    let is_address =
        !text.contains(char::is_whitespace) && (text.contains('.') || text.contains('/') || text.starts_with("arn:"));
    is_address
        && text.split(['.', '/', ':', '@', '?', '=']).any(|part| {
            strange.iter().any(|name| {
                part == *name
                    || part.strip_suffix(name).is_some_and(|rest| rest.ends_with('-'))
                    || part.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
            })
        })
}

/// Every version of an API is one that the API server still has.
pub(super) fn served(view: &View<'_>, verdict: &mut Verdict) {
    for (index, manifest) in view.set.manifests.iter().enumerate() {
        let identity = manifest.identity();
        if let Some(served) = kubernetes::is_served(view.facts.minor, identity.api_version(), identity.kind()) {
            let expected = || format!("an API must be one that Kubernetes 1.{} serves", view.facts.minor);
            verdict.judge(served, || keys(index, ["apiVersion"]), expected);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn addresses_name_environments_by_their_parts() {
        for text in [
            "db.staging.example.com",
            "https://dev-api.example.com/x",
            "s3://backups-dev/a",
            "arn:aws:iam::1:role/staging",
        ] {
            assert!(names(text, &["dev", "staging"]), "{text}");
        }
        for text in ["dev", "devices.example.com", "a sentence about dev. and more", "example.com/developer"] {
            assert!(!names(text, &["dev", "staging"]), "{text}");
        }
    }
}
