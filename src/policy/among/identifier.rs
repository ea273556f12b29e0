//! What is a tenant's own and nobody else's: its namespace, its hosts, its database, its bucket.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::check::hosts;
use crate::integrity::Site;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::policy::engine::{Facts, path_of};
use crate::policy::finding::At;
use crate::policy::rule::Rule;
use crate::tree::{Node, Value};

/// Annotations of service accounts that give their pods a role at a cloud.
const ROLES: [&str; 3] =
    ["eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account", "azure.workload.identity/client-id"];

/// Something that is one tenant's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Identifier {
    pub(crate) what: What,
    pub(crate) name: Arc<str>,
}

/// The kinds of things that are one tenant's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum What {
    /// A namespace.
    Namespace,
    /// A host name.
    Host,
    /// A database or a schema in one.
    Database,
    /// A bucket.
    Bucket,
    /// A queue or a topic.
    Queue,
    /// A key that encrypts.
    Key,
    /// A role at a cloud.
    Role,
    /// A port of all nodes.
    Port,
}

impl What {
    const ALL: [Self; 8] =
        [Self::Namespace, Self::Host, Self::Database, Self::Bucket, Self::Queue, Self::Key, Self::Role, Self::Port];

    /// The word for it, with which the names of the rule's values begin.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Host => "host",
            Self::Database => "database",
            Self::Bucket => "bucket",
            Self::Queue => "queue",
            Self::Key => "key",
            Self::Role => "role",
            Self::Port => "port",
        }
    }
}

/// What is a target's own: what its objects take and what the rule's `values` name, but for what is declared shared.
pub(super) fn of(rule: &Rule, facts: &Facts<'_>, manifests: &[Manifest]) -> Vec<Identifier> {
    let mut found: Vec<Identifier> =
        all(rule, facts, manifests).into_iter().map(|(identifier, _)| identifier).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Where an identifier is said: in the configuration, else in an object.
pub(super) fn find(identifier: &Identifier, rule: &Rule, facts: &Facts<'_>, manifests: &[Manifest]) -> Option<At> {
    let exists = |at: &At| match at {
        At::Configuration(path) => facts.configuration.is_some_and(|root| root.get(path).is_some()),
        At::Object(_) => true,
    };
    let mut found = all(rule, facts, manifests).into_iter();
    found.find(|(known, at)| known == identifier && exists(at)).map(|(_, at)| at)
}

fn all(rule: &Rule, facts: &Facts<'_>, manifests: &[Manifest]) -> Vec<(Identifier, At)> {
    let mut found = Vec::new();
    let shared = shared(rule, facts);
    let mut take = |what, text: &str, at: At| {
        let name = match what {
            // DNS knows neither case nor the dot at the end.
            What::Host | What::Namespace => text.trim_end_matches('.').to_lowercase(),
            _ => text.to_owned(),
        };
        if !name.is_empty() && !shared.iter().any(|pattern| is_like(pattern, &name)) {
            found.push((Identifier { what, name: name.into() }, at));
        }
    };
    // A tenant's id is its own namespace, also where it has another.
    let said = Path::from_keys(["tenant", "namespace"]);
    let named = facts.configuration.and_then(|root| root.get(&said)?.value.as_str());
    for space in named.into_iter().chain(facts.tenant) {
        take(What::Namespace, space, At::Configuration(said.clone()));
    }
    for (name, _) in &rule.values {
        let Some(what) = What::ALL.into_iter().find(|what| name.starts_with(what.word())) else { continue };
        let Some(path) = path_of(rule, facts, name) else { continue };
        let Some(node) = facts.configuration.and_then(|root| root.get(&path)) else { continue };
        match &node.value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    text(item, |text| take(what, text, At::Configuration(path.index(index))));
                }
            }
            _ => text(node, |text| take(what, text, At::Configuration(path.clone()))),
        }
    }
    for (index, manifest) in manifests.iter().enumerate() {
        let at = |path| At::Object(Site { manifest: index, path });
        for (host, path) in hosts(manifest) {
            take(What::Host, &host, at(path));
        }
        let node = manifest.node();
        match manifest.identity().kind().as_ref() {
            "Namespace" => {
                take(What::Namespace, manifest.identity().name(), at(Path::from_keys(["metadata", "name"])));
            }
            "ServiceAccount" => {
                for key in ROLES {
                    if let Some(role) = node.str_at(&["metadata", "annotations", key]) {
                        take(What::Role, role, at(Path::from_keys(["metadata", "annotations", key])));
                    }
                }
            }
            "Service" => {
                let ports = node.at(&["spec", "ports"]).and_then(|ports| ports.value.as_list()).unwrap_or_default();
                let list = Path::from_keys(["spec", "ports"]);
                for (nth, port) in ports.iter().enumerate() {
                    if let Some(port) = port.at(&["nodePort"]) {
                        text(port, |text| take(What::Port, text, at(list.index(nth).key("nodePort"))));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn text(node: &Node, take: impl FnOnce(&str)) {
    match &node.value {
        Value::String(text) => take(text),
        Value::Number(number) => take(&number.to_string()),
        _ => {}
    }
}

/// What several tenants use by design, as the configuration declares it: names, perhaps with stars.
fn shared<'a>(rule: &Rule, facts: &Facts<'a>) -> Vec<&'a str> {
    let path = path_of(rule, facts, "shared");
    let list = path.and_then(|path| facts.configuration?.get(&path)?.value.as_list());
    list.unwrap_or_default().iter().filter_map(|item| item.value.as_str()).collect()
}

/// Whether a text is like a pattern, in which a star stands for any text.
pub(in crate::policy) fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, holds) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*a", "ba", true),
            ("*a", "ab", false),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("ab*b", "ab", false),
            ("*", "", true),
        ] {
            assert_eq!(is_like(pattern, text), holds, "{pattern} {text}");
        }
    }
}
