//! Names, labels and annotations as the API server takes them.
//!
//! Source: "Object Names and IDs" and "Labels and Selectors" of the Kubernetes documentation, and
//! `k8s.io/apimachinery/pkg/api/validation`.

use super::Finding;
use super::set::{Set, called, site};
use crate::diagnostic::code;
use crate::manifest::{Identity, Manifest};
use crate::path::Path;
use crate::tree::{Map, Node, Value};

/// Most bytes that all annotations of an object may have together.
const MOST_ANNOTATIONS: usize = 256 * 1024;

/// A form that a name must have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// RFC 1123 subdomain: labels between dots, 253 characters.
    Subdomain,
    /// RFC 1123 label: 63 characters.
    Label,
    /// RFC 1035 label: begins with a letter.
    Letter,
    /// What may be a part of a URL's path.
    Segment,
}

impl Form {
    pub(super) fn fits(self, name: &str) -> bool {
        let edge = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let label = |label: &str| {
            let bytes = label.as_bytes();
            bytes.first().is_some_and(|byte| edge(*byte))
                && bytes.last().is_some_and(|byte| edge(*byte))
                && bytes.iter().all(|byte| edge(*byte) || *byte == b'-')
        };
        match self {
            Self::Subdomain => name.len() <= 253 && name.split('.').all(label),
            Self::Label => name.len() <= 63 && label(name),
            Self::Letter => name.len() <= 63 && label(name) && name.starts_with(|c: char| c.is_ascii_lowercase()),
            Self::Segment => !matches!(name, "" | "." | "..") && !name.contains(['/', '%']),
        }
    }

    pub(super) fn says(self) -> &'static str {
        match self {
            Self::Subdomain => "lower-case letters, digits, `-` and `.`, at most 253, letters or digits at both ends",
            Self::Label => "lower-case letters, digits and `-`, at most 63, letters or digits at both ends",
            Self::Letter => "lower-case letters, digits and `-`, at most 63, a letter first and no `-` last",
            Self::Segment => "anything but `/`, `%`, `.` and `..`",
        }
    }
}

/// The form of the names of a kind, and the most characters where controllers add to them.
fn form(identity: &Identity) -> (Form, usize) {
    match (identity.group(), identity.kind().as_ref()) {
        ("", "Namespace") => (Form::Label, 63),
        ("", "Service") => (Form::Letter, 63),
        ("rbac.authorization.k8s.io", _) => (Form::Segment, usize::MAX),
        // Its Jobs get eleven characters more, and their pods carry the name in a label.
        ("batch", "CronJob") => (Form::Subdomain, 52),
        ("batch", "Job") | ("apps", "StatefulSet") => (Form::Subdomain, 63),
        _ => (Form::Subdomain, 253),
    }
}

pub(super) fn check(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for (index, manifest) in set.manifests.iter().enumerate() {
        object(index, manifest, findings);
        let metadata = manifest.node().at(&["metadata"]);
        if let Some(metadata) = metadata {
            labels(index, manifest, metadata, &Path::root(), findings);
        }
    }
    for pod in &set.pods {
        let metadata = set
            .manifests
            .get(pod.manifest)
            .and_then(|manifest| Some((manifest, manifest.node().get(&pod.path)?.at(&["metadata"])?)));
        // A Pod is its own template.
        if let Some((manifest, metadata)) = metadata.filter(|_| !pod.path.is_root()) {
            labels(pod.manifest, manifest, metadata, &pod.path, findings);
        }
    }
}

fn object(index: usize, manifest: &Manifest, findings: &mut Vec<Finding>) {
    let identity = manifest.identity();
    let name = identity.name();
    let (form, most) = form(identity);
    let at = |key| site(index, &Path::from_keys(["metadata", key]));
    if !form.fits(name) {
        let message = format!("{} `{name}` cannot be a name", identity.kind());
        let label = "the API server refuses this name";
        findings.push(Finding::new(code::BAD_NAME, at("name"), message, label).help(format!(
            "a {} is called by {}",
            identity.kind(),
            form.says()
        )));
    } else if name.len() > most {
        let message =
            format!("the name of a {} has at most {most} characters, but this has {}", identity.kind(), name.len());
        findings.push(
            Finding::new(code::BAD_NAME, at("name"), message, "too long")
                .help("shorten it: its pods carry it in a label, or a controller adds to it"),
        );
    }
    if let Some(namespace) = identity.namespace().filter(|namespace| !Form::Label.fits(namespace)) {
        let message = format!("`{namespace}` cannot be a namespace");
        findings.push(
            Finding::new(code::BAD_NAME, at("namespace"), message, "the API server refuses this name")
                .help(format!("a namespace is called by {}", Form::Label.says())),
        );
    }
}

fn labels(index: usize, manifest: &Manifest, metadata: &Node, above: &Path, findings: &mut Vec<Finding>) {
    let who = called(manifest);
    let pairs = |kind: &str| metadata.at(&[kind]).and_then(|map| map.value.as_map());
    let mut annotated = 0;
    for kind in ["labels", "annotations"] {
        let what = kind.trim_end_matches('s');
        for (key, entry) in pairs(kind).into_iter().flat_map(Map::iter) {
            let at = || site(index, &above.key("metadata").key(kind).key(key));
            if !is_qualified(key) {
                let message = format!("`{key}` of {who} cannot be the key of a{} {what}", article(what));
                findings.push(Finding::new(code::BAD_NAME, at(), message, "the API server refuses this key").help(
                    "write at most 63 letters, digits, `-`, `_` and `.`, perhaps after a domain and `/`, such as \
                     app.kubernetes.io/name",
                ));
                continue;
            }
            let Value::String(text) = &entry.node.value else {
                let is = entry.node.value.kind().with_article();
                let message = format!("the {what} {key} of {who} must be a string, but it is {is}");
                findings.push(
                    Finding::new(code::BAD_NAME, at(), message, is)
                        .help("write the value in quotes: `\"{{ value }}\"`"),
                );
                continue;
            };
            annotated += if kind == "annotations" { key.len() + text.len() } else { 0 };
            if kind == "labels" && !is_label_value(text) {
                let message = format!("the label {key} of {who} has a value that the API server refuses");
                findings.push(
                    Finding::new(code::BAD_NAME, at(), message, "not a label's value")
                        .help("a label's value has at most 63 letters, digits, `-`, `_` and `.`, letters or digits at both ends")
                        .help("put free text into an annotation"),
                );
            }
        }
    }
    if annotated > MOST_ANNOTATIONS {
        let message = format!("the annotations of {who} have {annotated} bytes, but {MOST_ANNOTATIONS} is the most");
        let at = site(index, &above.key("metadata").key("annotations"));
        findings.push(Finding::new(code::BAD_NAME, at, message, "too long").help("move what is long into a ConfigMap"));
    }
}

fn article(what: &str) -> &'static str {
    if what.starts_with('a') { "n" } else { "" }
}

/// Whether a text may be the key of a label or an annotation.
pub(super) fn is_qualified(key: &str) -> bool {
    let name = match key.split_once('/') {
        Some((domain, name)) if Form::Subdomain.fits(domain) => name,
        Some(_) => return false,
        None => key,
    };
    !name.is_empty() && is_label_value(name)
}

/// Whether a text may be the value of a label.
pub(super) fn is_label_value(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    bytes.len() <= 63
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_its_edges() {
        let long = |length: usize| "a".repeat(length);
        for (form, fit, unfit) in [
            (Form::Subdomain, vec!["a", "1.b-c", &long(253)], vec!["", "-a", "a.", "a..b", "A", "a_b", &long(254)]),
            (Form::Label, vec!["a", "1-b", &long(63)], vec!["", "a.b", "a-", &long(64)]),
            (Form::Letter, vec!["a1", "b-2"], vec!["1a", "a-", ""]),
            (Form::Segment, vec!["system:Reader", "a b"], vec!["", ".", "..", "a/b", "a%"]),
        ] {
            assert!(fit.iter().all(|name| form.fits(name)), "{fit:?}");
            assert!(unfit.iter().all(|name| !form.fits(name)), "{unfit:?}");
        }
    }

    #[test]
    fn labels_have_keys_and_values() {
        let fine = ["a", "A.b_c-1", "example.com/a"];
        assert!(fine.iter().all(|key| is_qualified(key)));
        assert!(
            ["", "a/", "/a", "Example.com/a", "a/b/c", "a b", &"a".repeat(64)].iter().all(|key| !is_qualified(key))
        );
        assert!(is_label_value("") && is_label_value("v1.2_x") && !is_label_value("a-") && !is_label_value("a&b"));
    }
}
