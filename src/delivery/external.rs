//! Secrets that a controller of the cluster fetches from a store: an `ExternalSecret` in the place of each Secret.
//!
//! The form is that of `external-secrets.io/v1` (External Secrets Operator 0.17 and later). Text around secrets becomes
//! the operator's own template, in which what is text here stays text.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexSet;
use serde_json::{Map as JsonMap, Value as Json, json};

use super::naming::is_sealed;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::target::{ENVIRONMENT, Target};
use crate::tree::{Map, Node, Secret, SecretPart, Value};
use crate::yaml::{Written, emit};

/// A store, and under which names it has the secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Store {
    /// `SecretStore` or `ClusterSecretStore`.
    pub(crate) kind: Arc<str>,
    pub(crate) name: Arc<str>,
    /// The key of a secret, with `{environment}`, `{tenant}`, `{name}`, `{path}` (the name but for its last label, with
    /// slashes) and `{label}` (the last).
    pub(crate) key: Arc<str>,
    /// What is read of the value of that key, if it has parts.
    pub(crate) property: Option<Arc<str>>,
    /// How often it is read again, such as `1h`.
    pub(crate) refresh: Arc<str>,
}

impl Store {
    /// The objects with an ExternalSecret for each Secret, and names of the store where others refer to it.
    pub(super) fn deliver(&self, manifests: Vec<Manifest>, target: &Target) -> Vec<Manifest> {
        let deliver = |manifest: Manifest| {
            let node = if is_sealed(&manifest) {
                self.external(manifest.node(), target)
            } else if manifest.node().value.holds_secret() {
                self.referring(manifest.node(), target)
            } else {
                return manifest;
            };
            manifest.changed(node)
        };
        manifests.into_iter().map(deliver).collect()
    }

    fn external(&self, node: &Node, target: &Target) -> Node {
        let mut metadata = JsonMap::new();
        for field in ["name", "namespace", "labels", "annotations"] {
            if let Some(node) = node.at(&["metadata", field]) {
                metadata.insert(field.to_owned(), plain(node));
            }
        }
        let mut names: IndexSet<Arc<str>> = IndexSet::new();
        let mut template = JsonMap::new();
        if let Some(kind) = node.at(&["type"]) {
            template.insert("type".to_owned(), plain(kind));
        }
        let mut data = JsonMap::new();
        let mut direct = Vec::new();
        for field in ["data", "stringData"] {
            let entries = node.at(&[field]).and_then(|data| data.value.as_map()).into_iter().flat_map(Map::iter);
            for (key, entry) in entries {
                let text = match &entry.node.value {
                    Value::Secret(secret) => {
                        names.extend(secret.names().map(|name| Arc::clone(&name.text)));
                        if let [SecretPart::Name(name)] = secret.parts() {
                            direct.push((Arc::clone(key), Arc::clone(&name.text)));
                        }
                        woven(secret)
                    }
                    other if field == "data" => {
                        let text = other.as_str().unwrap_or_default();
                        format!("{{{{ \"{}\" | b64dec }}}}", STANDARD.encode(STANDARD.decode(text).unwrap_or_default()))
                    }
                    other => literal(other.as_str().unwrap_or_default()),
                };
                data.insert(key.to_string(), text.into());
            }
        }
        // Secrets alone need no template: each key is what it refers to.
        let simple = direct.len() == data.len();
        let entry =
            |secret_key: &str, name: &str| json!({"secretKey": secret_key, "remoteRef": self.reference(name, target)});
        let read: Vec<Json> = if simple {
            direct.iter().map(|(key, name)| entry(key, name)).collect()
        } else {
            names.iter().map(|name| entry(name, name)).collect()
        };
        if !simple {
            template.insert("engineVersion".to_owned(), "v2".into());
            template.insert("data".to_owned(), data.into());
        }
        let mut into = JsonMap::new();
        into.insert("name".to_owned(), metadata.get("name").cloned().unwrap_or_default());
        into.insert("creationPolicy".to_owned(), "Owner".into());
        if !template.is_empty() {
            into.insert("template".to_owned(), template.into());
        }
        let object = json!({
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": metadata,
            "spec": {
                "refreshInterval": self.refresh.as_ref(),
                "secretStoreRef": {"kind": self.kind.as_ref(), "name": self.name.as_ref()},
                "target": into,
                "data": read,
            },
        });
        Written::from(&object).to_node()
    }

    /// The key, and what is read of it.
    fn reference(&self, name: &str, target: &Target) -> Json {
        let mut reference = json!({"key": filled(&self.key, name, target)});
        if let Some(property) = &self.property {
            reference["property"] = filled(property, name, target).into();
        }
        reference
    }

    /// An ExternalSecret of a template, with the names of the store.
    fn referring(&self, node: &Node, target: &Target) -> Node {
        let found: Vec<(Path, Arc<str>)> =
            node.secrets().into_iter().map(|(path, secret, _)| (path, secret.name().into())).collect();
        let mut node = node.clone();
        for (path, name) in found {
            let text = match path.steps().last() {
                Some(crate::path::Step::Key(key)) if key.as_ref() == "property" => {
                    self.property.as_deref().map_or_else(|| name.to_string(), |of| filled(of, &name, target))
                }
                _ => filled(&self.key, &name, target),
            };
            node.set(&path, Value::String(text.into()));
        }
        node
    }
}

/// A pattern with the facts of a secret.
fn filled(pattern: &str, name: &str, target: &Target) -> String {
    let (path, label) = name.rsplit_once('.').unwrap_or(("", name));
    pattern
        .replace("{environment}", target.environment())
        .replace("{tenant}", target.tenant().map_or(ENVIRONMENT, AsRef::as_ref))
        .replace("{name}", name)
        .replace("{path}", &path.replace('.', "/"))
        .replace("{label}", label)
}

fn plain(node: &Node) -> Json {
    serde_json::from_str(&emit::json(node, false)).unwrap_or_default()
}

/// Text with secrets in it as the operator's template.
fn woven(secret: &Secret) -> String {
    let part = |part: &SecretPart| match part {
        SecretPart::Text(text) => literal(text),
        SecretPart::Name(name) => format!("{{{{ index . \"{}\" }}}}", name.text),
    };
    secret.parts().iter().map(part).collect()
}

/// Text that stays text in the operator's template.
fn literal(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Place};

    fn store() -> Store {
        Store {
            kind: "ClusterSecretStore".into(),
            name: "vault".into(),
            key: "{environment}/{tenant}/{path}".into(),
            property: Some("{label}".into()),
            refresh: "1h".into(),
        }
    }

    fn secret(data: &[(&str, Value)]) -> Node {
        let place = Place::top(FileId::NONE);
        let json = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "acme"}, "stringData": {}});
        let mut node = Written::from(&json).to_node();
        let entries = data.iter().map(|(key, value)| {
            ((*key).into(), crate::tree::Entry { key: place, node: Node::new(value.clone(), place) })
        });
        node.set(&Path::from_keys(["stringData"]), Value::Map(Arc::new(entries.collect())));
        node
    }

    fn delivered(data: &[(&str, Value)]) -> Json {
        let target = Target::new("prod".into(), Some("acme".into()), Vec::new());
        plain(&store().external(&secret(data), &target))
    }

    #[test]
    fn secrets_alone_are_read_one_by_one() {
        let object = delivered(&[("password", Value::Secret(Secret::named("database.main.password")))]);
        assert_eq!(object["kind"], "ExternalSecret");
        assert_eq!(object["spec"]["target"], json!({"name": "db", "creationPolicy": "Owner"}));
        let remote = json!({"key": "prod/acme/database/main", "property": "password"});
        assert_eq!(object["spec"]["data"], json!([{"secretKey": "password", "remoteRef": remote}]));
    }

    #[test]
    fn text_around_secrets_is_the_operators_template_and_stays_text() {
        let parts = vec![
            SecretPart::Text("x{{y}}:".into()),
            SecretPart::Name(Secret::named("db.password").names().next().cloned().expect("a name")),
        ];
        let object = delivered(&[("url", Value::Secret(Secret::joined(parts))), ("user", Value::String("app".into()))]);
        let template = &object["spec"]["target"]["template"];
        assert_eq!(template["data"], json!({"url": "x{{ \"{{\" }}y}}:{{ index . \"db.password\" }}", "user": "app"}));
        assert_eq!(object["spec"]["data"][0]["secretKey"], "db.password");
    }
}
