//! The stage after rendering: objects and what is found about them, alone ([`Checked`]) and among all others
//! ([`Fleet`]).

mod border;
mod fleet;
mod scope;

pub(crate) use fleet::Party;
pub use fleet::{Fleet, Settled};

use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Failed, Mark};
use crate::manifest::{Field, Manifest};
use crate::path::Path;
use crate::render::Rendered;
use crate::source::{Place, Sources};
use crate::target::Target;
use crate::template::Templates;
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

/// What a target claims for itself among all others: a [`Fleet`] takes it in.
#[derive(Debug)]
pub struct Claims {
    /// Who claims.
    target: Arc<Target>,
    claims: Vec<Claim>,
}

/// One thing that a target claims.
#[derive(Debug)]
struct Claim {
    what: What,
    name: Arc<str>,
    /// The field that says so; a namespace may be claimed without one.
    field: Option<Field>,
    /// Where the configuration says so, if that is known.
    place: Option<Place>,
}

/// The kinds of things that only one may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
    /// An object, by group, kind, namespace and name.
    Object,
    /// A host name.
    Host,
    /// A namespace.
    Namespace,
}

impl Rendered {
    /// Checks the objects of one target. `templates` are those they were rendered from: what is wrong with a field is
    /// said at the value that filled it.
    pub fn check(self, templates: &Templates, sources: &Sources, diagnostics: &mut Diagnostics) -> Checked {
        let mark: Mark = diagnostics.mark();
        let namespace = border::check(&self, templates, sources, diagnostics);
        let mut claims: Vec<Claim> = self.manifests().iter().map(object).collect();
        claims.extend(self.manifests().iter().flat_map(hosts));
        claims.extend(namespace);
        let target = Arc::clone(self.target());
        let claims = Claims { target: Arc::clone(&target), claims };
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
        // Most objects take about this many bytes; it is only room.
        let mut text = String::with_capacity(self.manifests.len() * 1280);
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

fn object(manifest: &Manifest) -> Claim {
    let identity = manifest.identity();
    let namespace = identity.namespace().map_or("", AsRef::as_ref);
    let name = format!("{}/{}/{namespace}/{}", identity.group(), identity.kind(), identity.name());
    Claim {
        what: What::Object,
        name: name.into(),
        field: manifest.field(Path::from_keys(["metadata", "name"])),
        place: None,
    }
}

/// The host names an object routes: of an Ingress, and of the routes of the Gateway API.
fn hosts(manifest: &Manifest) -> Vec<Claim> {
    let list =
        |keys: [&str; 2]| (Path::from_keys(keys), manifest.node().at(&keys).and_then(|node| node.value.as_list()));
    let claim = |path: Path| {
        let host = manifest.node().get(&path)?.value.as_str()?.to_lowercase();
        Some(Claim { what: What::Host, name: host.into(), field: manifest.field(path), place: None })
    };
    let paths: Vec<Path> = match (manifest.identity().group(), manifest.identity().kind().as_ref()) {
        ("networking.k8s.io", "Ingress") => {
            let (path, rules) = list(["spec", "rules"]);
            (0..rules.map_or(0, <[_]>::len)).map(|index| path.index(index).key("host")).collect()
        }
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TLSRoute") => {
            let (path, names) = list(["spec", "hostnames"]);
            (0..names.map_or(0, <[_]>::len)).map(|index| path.index(index)).collect()
        }
        _ => Vec::new(),
    };
    paths.into_iter().filter_map(claim).collect()
}
