//! One Kubernetes object as rendered: its tree, its identity, the template it came from.

mod order;

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, code};
use crate::path::Path;
use crate::source::Place;
use crate::tree::{Kind, Node, Value};

pub(crate) use order::rank;

/// A Kubernetes object.
#[derive(Clone, Debug)]
pub struct Manifest {
    node: Node,
    identity: Identity,
    template: Arc<str>,
}

/// A field of an object: enough to find out where its value came from.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) template: Arc<str>,
    pub(crate) object: Identity,
    pub(crate) path: Path,
    /// Where the template writes it.
    pub(crate) place: Place,
}

/// What makes an object the one it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    api_version: Arc<str>,
    kind: Arc<str>,
    namespace: Option<Arc<str>>,
    name: Arc<str>,
}

impl Identity {
    /// `apiVersion`, such as `apps/v1`.
    pub fn api_version(&self) -> &Arc<str> {
        &self.api_version
    }

    /// The group of `apiVersion`; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// `kind`.
    pub fn kind(&self) -> &Arc<str> {
        &self.kind
    }

    /// `metadata.namespace`, if it is set.
    pub fn namespace(&self) -> Option<&Arc<str>> {
        self.namespace.as_ref()
    }

    /// `metadata.name`.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }
}

impl Identity {
    /// A line of arguments with which kubectl finds the object: `-n acme-corp deployment.apps/ai-agent`.
    pub(crate) fn arguments(&self) -> String {
        let namespace = self.namespace.as_ref().map(|namespace| format!("-n {namespace} ")).unwrap_or_default();
        let group = if self.group().is_empty() { String::new() } else { format!(".{}", self.group()) };
        format!("{namespace}{}{group}/{}\n", self.kind.to_lowercase(), self.name)
    }
}

/// As `kubectl` names objects: `deployment.apps/ai-agent`, with the namespace before it where there is one.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace} ")?;
        }
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl Manifest {
    /// Takes a rendered document as an object; the error says what it lacks.
    pub(crate) fn new(node: Node, template: &Arc<str>) -> Result<Self, Box<Diagnostic>> {
        Self::named(node, template, "name")
    }

    /// The same for an object whose name the API server makes: it is called by what the name begins with.
    pub(crate) fn generated(node: Node, template: &Arc<str>) -> Result<Self, Box<Diagnostic>> {
        let mut manifest = Self::named(node, template, "generateName")?;
        manifest.identity.name = manifest.identity.name.trim_end_matches(['-', '.']).into();
        Ok(manifest)
    }

    /// The same object, in a namespace that it does not name itself.
    pub(crate) fn in_namespace(mut self, namespace: &Arc<str>) -> Self {
        self.identity.namespace.get_or_insert_with(|| Arc::clone(namespace));
        self
    }

    fn named(node: Node, template: &Arc<str>, key: &str) -> Result<Self, Box<Diagnostic>> {
        let wrong = |message: String, at: Place, said: &str, help: String| -> Box<Diagnostic> {
            Diagnostic::new(code::NOT_AN_OBJECT, message).at(at, said).help(help).into()
        };
        if node.value.kind() != Kind::Map {
            let is = node.value.kind().with_article();
            let message = format!("a document of {template} must be a Kubernetes object, but it is {is}");
            let help = "a template renders objects with apiVersion, kind and metadata, or nothing".to_owned();
            return Err(wrong(message, node.place, is, help));
        }
        let text = |keys: &[&str], example: &str| {
            let found = node.at(keys);
            if let Some(Node { value: Value::String(text), .. }) = found
                && !text.is_empty()
            {
                return Ok(Arc::clone(text));
            }
            let what = keys.join(".");
            let help = format!("write `{what}` as a string, such as \"{example}\"");
            Err(match found {
                None => wrong(format!("a document of {template} has no {what}"), node.place, "this document", help),
                Some(Node { value: Value::String(_), place, .. }) => {
                    wrong(format!("{what} is empty"), *place, "here", help)
                }
                // Who made the document knows which value it came from.
                Some(Node { value: Value::Secret(secret), place, .. }) => {
                    let message =
                        format!("the secret `{}` flows into {what} of a document of {template}", secret.name());
                    Diagnostic::new(code::SECRET_FLOW, message).at(*place, "written here").help(help).into()
                }
                Some(other) => {
                    let is = other.value.kind().with_article();
                    wrong(format!("{what} must be a string, but it is {is}"), other.place, is, help)
                }
            })
        };
        let api_version = text(&["apiVersion"], "v1")?;
        let kind = text(&["kind"], "ConfigMap")?;
        // `v1/List` and `ConfigMapList` alike.
        if kind.ends_with("List") && node.at(&["items"]).is_some() {
            let message = format!("a {kind} hides its objects from the checks");
            let help = "write each object as a document of its own, separated by `---`".to_owned();
            return Err(wrong(message, node.place, "this document", help));
        }
        let name = text(&["metadata", key], "ai-agent")?;
        let namespace = match node.at(&["metadata", "namespace"]) {
            None => None,
            Some(_) => Some(text(&["metadata", "namespace"], "acme-corp")?),
        };
        let identity = Identity { api_version, kind, namespace, name };
        Ok(Self { node: arranged(node), identity, template: Arc::clone(template) })
    }

    /// The object as something else was made of it: another kind or another name, in the same namespace.
    pub(crate) fn changed(&self, node: Node) -> Self {
        let text = |keys: &[&str], known: &Arc<str>| node.str_at(keys).map_or_else(|| Arc::clone(known), Into::into);
        let identity = Identity {
            api_version: text(&["apiVersion"], &self.identity.api_version),
            kind: text(&["kind"], &self.identity.kind),
            name: text(&["metadata", "name"], &self.identity.name),
            namespace: self.identity.namespace.clone(),
        };
        Self { node, identity, template: Arc::clone(&self.template) }
    }

    /// What objects are sorted by, so that what others need comes before them.
    pub(crate) fn install_order(&self) -> (impl Ord + use<>, Identity) {
        (rank(self.identity.kind()), self.identity.clone())
    }

    /// A field of the object, if it has it.
    pub(crate) fn field(&self, path: Path) -> Option<Field> {
        let place = self.node.get(&path)?.place;
        Some(Field { template: Arc::clone(&self.template), object: self.identity.clone(), path, place })
    }

    /// The object.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// What makes it the object it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The template that rendered it, relative to the folder of templates.
    pub fn template(&self) -> &Arc<str> {
        &self.template
    }
}

/// `apiVersion`, `kind` and `metadata` first, then the order of the template.
fn arranged(node: Node) -> Node {
    const FIRST: [&str; 3] = ["apiVersion", "kind", "metadata"];
    let Value::Map(map) = &node.value else { return node };
    if map.keys().zip(FIRST).all(|(key, first)| key.as_ref() == first) {
        return node;
    }
    let first = FIRST.iter().filter_map(|key| map.iter().find(|(name, _)| name.as_ref() == *key));
    let rest = map.iter().filter(|(name, _)| !FIRST.contains(&name.as_ref()));
    let arranged = first.chain(rest).map(|(key, entry)| (Arc::clone(key), entry.clone())).collect();
    Node { value: Value::Map(Arc::new(arranged)), ..node }
}
