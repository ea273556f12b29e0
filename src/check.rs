//! The stage after rendering: objects and what is found about them, alone ([`Checked`]) and among all others
//! ([`Fleet`]).

mod border;
mod fleet;
mod scope;

pub use fleet::{Fleet, Settled};

use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Failed, Mark};
use crate::manifest::Manifest;
use crate::render::Rendered;
use crate::source::Place;
use crate::target::Target;
use crate::tree::Node;
use crate::yaml::emit;

/// Objects and every finding about them. Made only by [`Rendered::check`].
#[derive(Debug)]
pub struct Checked {
    target: Arc<Target>,
    manifests: Vec<Manifest>,
    claims: Claims,
    outcome: Result<(), Failed>,
}

/// Objects no error stands against. Made only by [`Checked::approve`]; what is written is made of these alone.
///
/// ```compile_fail
/// // Nobody else can make one.
/// fn forge(manifests: Vec<tenantctl::manifest::Manifest>) -> tenantctl::check::Approved {
///     tenantctl::check::Approved { target: unimplemented!(), manifests }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Approved {
    target: Arc<Target>,
    manifests: Vec<Manifest>,
}

/// The form of objects in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// YAML documents, each after `---`.
    Yaml,
    /// One `v1` List.
    Json,
    /// One line each: arguments with which kubectl finds the object.
    Name,
}

impl Form {
    /// What a stream begins with.
    pub fn begin(self) -> &'static str {
        if self == Self::Json { "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n" } else { "" }
    }

    /// What stands between two objects, or two targets' objects.
    pub fn between(self) -> &'static str {
        if self == Self::Json { ",\n" } else { "" }
    }

    /// What a stream ends with.
    pub fn end(self) -> &'static str {
        if self == Self::Json { "\n]}\n" } else { "" }
    }
}

/// The objects of a target as the text of one file. Made only by [`Approved::document`].
#[derive(Debug)]
pub struct Document {
    target: Arc<Target>,
    text: String,
}

impl Document {
    /// Whose objects they are.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// What a target claims for itself among all others: [`Fleet::admit`] takes it in.
#[derive(Debug)]
pub struct Claims {
    /// Who claims.
    target: Arc<Target>,
    /// Each object: group, kind, namespace and name, and where its name stands.
    objects: Vec<(String, Place)>,
    /// Each host, and where it stands.
    hosts: Vec<(Arc<str>, Place)>,
    /// The tenant's namespace, and where it stands.
    namespace: Option<(Arc<str>, Place)>,
}

impl Rendered {
    /// Checks the objects of one target.
    pub fn check(self, diagnostics: &mut Diagnostics) -> Checked {
        let mark: Mark = diagnostics.mark();
        let namespace = border::check(&self, diagnostics);
        let claims = Claims {
            target: Arc::clone(self.target()),
            objects: self.manifests().iter().map(object).collect(),
            hosts: self.manifests().iter().flat_map(hosts).collect(),
            namespace,
        };
        let target = Arc::clone(self.target());
        Checked { target, manifests: self.into_manifests(), claims, outcome: diagnostics.since(mark) }
    }
}

impl Checked {
    /// Whose objects they are.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The objects, if no error stands against them, and what they claim among all others.
    pub fn approve(self) -> (Claims, Result<Approved, Failed>) {
        let approved = self.outcome.map(|()| Approved { target: self.target, manifests: self.manifests });
        (self.claims, approved)
    }
}

impl Approved {
    /// Whose objects they are.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The objects in install order.
    pub fn manifests(&self) -> &[Manifest] {
        &self.manifests
    }

    /// The objects as one file.
    pub fn document(self) -> Document {
        let text = self.text(Form::Yaml);
        Document { target: self.target, text }
    }

    /// The objects in a form for one stream.
    pub fn text(&self, form: Form) -> String {
        let mut text = String::new();
        for (index, manifest) in self.manifests.iter().enumerate() {
            match form {
                Form::Yaml => {
                    text.push_str("---\n");
                    emit::document(manifest.node(), &mut text);
                }
                Form::Json => {
                    if index > 0 {
                        text.push_str(form.between());
                    }
                    text.push_str(&emit::json(manifest.node(), false));
                }
                Form::Name => text.push_str(&manifest.identity().arguments()),
            }
        }
        text
    }

    /// Keeps the objects of the kinds named, in any case.
    #[must_use]
    pub fn of_kinds(mut self, kinds: &[String]) -> Self {
        if !kinds.is_empty() {
            self.manifests
                .retain(|manifest| kinds.iter().any(|kind| kind.eq_ignore_ascii_case(manifest.identity().kind())));
        }
        self
    }
}

fn object(manifest: &Manifest) -> (String, Place) {
    let identity = manifest.identity();
    let namespace = identity.namespace().map_or("", AsRef::as_ref);
    let key = format!("{}/{}/{namespace}/{}", identity.group(), identity.kind(), identity.name());
    let place = manifest.node().at(&["metadata", "name"]).map_or(manifest.node().place, |name| name.place);
    (key, place)
}

/// The host names an object routes: of an Ingress, and of the routes of the Gateway API. DNS knows no case.
fn hosts(manifest: &Manifest) -> Vec<(Arc<str>, Place)> {
    let node = manifest.node();
    let name = |text: &str| Arc::from(text.trim_end_matches('.').to_ascii_lowercase());
    let text = |node: &Node| node.value.as_str().map(|text| (name(text), node.place));
    let list = |keys: &[&str]| node.at(keys).and_then(|node| node.value.as_list()).unwrap_or_default();
    match (manifest.identity().group(), manifest.identity().kind().as_ref()) {
        ("networking.k8s.io", "Ingress") => {
            list(&["spec", "rules"]).iter().filter_map(|rule| text(rule.at(&["host"])?)).collect()
        }
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TLSRoute") => {
            list(&["spec", "hostnames"]).iter().filter_map(text).collect()
        }
        _ => Vec::new(),
    }
}
