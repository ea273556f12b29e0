//! Where secrets may go: into the content of a Secret, and as a name into what an ExternalSecret refers to. Everywhere
//! else somebody could read them who may not.

use super::Rules;
use super::schema::Origins;
use crate::delivery::{Known, Refusal};
use crate::diagnostic::{Diagnostic, Diagnostics, code, did_you_mean};
use crate::manifest::{Identity, Manifest};
use crate::path::{Path, Step};
use crate::render::Rendered;
use crate::source::Sources;
use crate::template::Templates;
use crate::tree::{Secret, SecretName};

/// Records secrets that flow where they may not, each with the way that it took.
pub(super) fn check(
    rendered: &Rendered,
    rules: &Rules<'_>,
    templates: &Templates,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let mut origins = None;
    for manifest in rendered.manifests() {
        for (path, secret, _) in manifest.node().secrets() {
            let new = || Origins::new(rendered, rules.schemas, templates, sources);
            if !may_hold(manifest.identity(), &path) {
                diagnostics.record(flow(manifest, &path, secret, origins.get_or_insert_with(new)));
                continue;
            }
            let Some(known) = rules.secrets else { continue };
            for name in secret.names() {
                if let Some(refusal) = known.refuses(name) {
                    let diagnostic = refused(refusal, name, known);
                    diagnostics.record(traced(diagnostic, manifest, &path, name, origins.get_or_insert_with(new)));
                }
            }
        }
    }
}

/// Whether a field of an object may hold a secret.
pub(crate) fn may_hold(identity: &Identity, path: &Path) -> bool {
    match path.steps() {
        [Step::Key(first), Step::Key(_)] => {
            identity.group().is_empty()
                && identity.kind().as_ref() == "Secret"
                && matches!(first.as_ref(), "data" | "stringData")
        }
        _ => refers(identity, path),
    }
}

/// Whether a field says under which name an ExternalSecret finds a secret in its store.
pub(crate) fn refers(identity: &Identity, path: &Path) -> bool {
    let [Step::Key(spec), Step::Key(data), Step::Index(_), Step::Key(reference), Step::Key(last)] = path.steps() else {
        return false;
    };
    let named = [spec, data, reference].map(AsRef::as_ref) == ["spec", "data", "remoteRef"];
    let external = identity.group() == "external-secrets.io" && identity.kind().as_ref() == "ExternalSecret";
    named && external && matches!(last.as_ref(), "key" | "property")
}

fn flow(manifest: &Manifest, path: &Path, secret: &Secret, origins: &mut Origins<'_>) -> Diagnostic {
    let identity = manifest.identity();
    let message =
        format!("the secret `{}` flows into {path} of {}/{}", secret.name(), identity.kind(), identity.name());
    let diagnostic = Diagnostic::new(code::SECRET_FLOW, message);
    let diagnostic = match secret.names().next() {
        Some(name) => traced(diagnostic, manifest, path, name, origins),
        None => diagnostic,
    };
    diagnostic
        .help("put it into `data` or `stringData` of a Secret, and let the workload read that: `secretKeyRef`, `envFrom`, a volume")
}

/// What is wrong with the name of a secret.
fn refused(refusal: Refusal, name: &SecretName, known: &Known) -> Diagnostic {
    let name = name.text.as_ref();
    match refusal {
        Refusal::Unknown => Diagnostic::new(code::UNKNOWN_SECRET, format!("there is no secret `{name}`"))
            .maybe_help(did_you_mean(name, known.secrets.keys().map(AsRef::as_ref)))
            .help(format!("set it: `tenantctl secrets set ENV {name}`")),
        Refusal::Foreign => {
            Diagnostic::new(code::FOREIGN_SECRET, format!("the secret `{name}` is not the tenant's own")).help(
                "a tenant's file can name secrets of its own file only; let a layer of the platform name this one",
            )
        }
    }
}

/// With the line of the template, and the value that came there.
fn traced(
    mut diagnostic: Diagnostic,
    manifest: &Manifest,
    path: &Path,
    name: &SecretName,
    origins: &mut Origins<'_>,
) -> Diagnostic {
    let mut traces = origins.traces_of(manifest, path, name);
    if let Some(template) = traces.pop() {
        diagnostic = diagnostic.at(template.place, "written here");
    }
    for trace in traces {
        let from = trace.path.map(|path| format!("from {path}")).unwrap_or_default();
        let layer = trace.layer.map(|layer| format!(", set by {layer}")).unwrap_or_default();
        diagnostic = diagnostic.also(trace.place, format!("{from}{layer}"));
    }
    diagnostic
}
