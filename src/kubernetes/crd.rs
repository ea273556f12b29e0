//! CustomResourceDefinitions: the kinds that controllers bring.
//!
//! In goes a file of `crds/`, out come its [`Custom`] kinds, version by version, and what is wrong with it at its place.
//! A file may hold several documents; those that are no CustomResourceDefinition are left alone.

use std::sync::Arc;

use super::bundle::Bundle;
use super::structural::{Structural, reader};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::source::{FileId, Place, Sources};
use crate::yaml::{self, Content, Limits, Member, Written};

/// A kind of a CustomResourceDefinition, in one version.
#[derive(Debug)]
pub(crate) struct Custom {
    pub(super) group: Arc<str>,
    pub(super) version: Arc<str>,
    pub(super) kind: Arc<str>,
    /// Whether its objects live in a namespace.
    pub(super) namespaced: bool,
    /// Whether the API server knows it.
    pub(super) served: bool,
    /// Whether it is deprecated.
    pub(super) deprecated: bool,
    /// What the API server says of that, if it is more than usual.
    pub(super) warning: Option<Arc<str>>,
    pub(super) schema: Structural,
}

impl Custom {
    /// `cert-manager.io/v1`
    pub(super) fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }
}

/// Reads the definitions in a file; records what is wrong with them. An error is a file that cannot be read.
pub(super) fn read(
    file: FileId,
    sources: &Sources,
    bundle: &'static Bundle,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Custom>, Failed> {
    let text = Arc::clone(sources.get(file).text());
    let documents = yaml::read_as_kubectl(file, &text, &Limits::RENDERED, diagnostics)?;
    let mut customs = Vec::new();
    for document in documents.iter().flat_map(listed) {
        if document.at(&["kind"]).and_then(Written::as_str) == Some("CustomResourceDefinition") {
            definition(document, bundle, &mut customs, diagnostics);
        }
    }
    Ok(customs)
}

/// A document, or the items of a list of objects.
fn listed(document: &Written) -> Vec<&Written> {
    match (document.at(&["kind"]).and_then(Written::as_str), document.at(&["items"]).map(|items| &items.content)) {
        (Some(kind), Some(Content::List(items))) if kind.ends_with("List") => items.iter().collect(),
        _ => vec![document],
    }
}

/// Reads one definition.
pub(super) fn definition(
    document: &Written,
    bundle: &'static Bundle,
    customs: &mut Vec<Custom>,
    diagnostics: &mut Diagnostics,
) {
    let mut wrong = |place: Place, message: String, help: Option<String>| {
        diagnostics.record(Diagnostic::new(code::BAD_CRD, message).at(place, "here").maybe_help(help));
    };
    let version = document.at(&["apiVersion"]);
    if version.and_then(Written::as_str) != Some("apiextensions.k8s.io/v1") {
        let help = "write `apiVersion: apiextensions.k8s.io/v1`, which has a schema for each version".to_owned();
        let place = version.map_or(document.place, |version| version.place);
        wrong(place, "a CustomResourceDefinition must be of apiextensions.k8s.io/v1".to_owned(), Some(help));
        return;
    }
    let mut text = |keys: &[&str]| {
        let found = document.at(keys);
        let text = found.and_then(Written::as_str).filter(|text| !text.is_empty()).map(Arc::<str>::from);
        if text.is_none() {
            let place = found.map_or(document.place, |found| found.place);
            wrong(place, format!("a CustomResourceDefinition must have {}, a string", keys.join(".")), None);
        }
        text
    };
    let (group, kind, scope) = (text(&["spec", "group"]), text(&["spec", "names", "kind"]), text(&["spec", "scope"]));
    let versions = document.at(&["spec", "versions"]);
    let (Some(group), Some(kind), Some(scope)) = (group, kind, scope) else { return };
    let Some(Content::List(versions)) = versions.map(|versions| &versions.content) else {
        let place = versions.map_or(document.place, |versions| versions.place);
        wrong(place, "a CustomResourceDefinition must have spec.versions, a list".to_owned(), None);
        return;
    };
    for version in versions {
        let Some(name) = version.at(&["name"]).and_then(Written::as_str) else {
            wrong(version.place, "a version of a CustomResourceDefinition must have a name".to_owned(), None);
            continue;
        };
        let flag = |key| matches!(version.at(&[key]), Some(Written { content: Content::Bool(true), .. }));
        let Some(schema) = version.at(&["schema", "openAPIV3Schema"]) else {
            let place = key_place(version, "schema").unwrap_or(version.place);
            let help = "write `schema: {openAPIV3Schema: {type: object, ..}}`".to_owned();
            wrong(place, format!("the version {name} of {kind} must have a schema"), Some(help));
            continue;
        };
        let (schema, flaws) = reader::custom(schema, bundle.metadata());
        for flaw in flaws {
            wrong(flaw.place, format!("the schema of {group}/{name} {kind} is wrong: {}", flaw.message), flaw.help);
        }
        let warning = version.at(&["deprecationWarning"]).and_then(Written::as_str).map(Arc::from);
        customs.push(Custom {
            group: Arc::clone(&group),
            version: name.into(),
            kind: Arc::clone(&kind),
            namespaced: scope.as_ref() == "Namespaced",
            served: flag("served"),
            deprecated: flag("deprecated"),
            warning,
            schema,
        });
    }
}

fn key_place(written: &Written, key: &str) -> Option<Place> {
    written.members()?.get(key).map(|member: &Member| member.key)
}
