//! What a rollback takes back that clusters do not like to go back on.
//!
//! In go the release of now and the one to go back to, out come [`Downgrade`]s: a lower version of Kubernetes, versions of
//! custom resources that are served now and were not then, and objects in versions of APIs that are no longer served.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Release;
use crate::diagnostic::Diagnostics;
use crate::kubernetes::is_served;
use crate::source::FileId;
use crate::yaml::{self, Content, Limits, Written};

/// The kind whose objects define other kinds.
const DEFINITION: &str = "CustomResourceDefinition";

/// Served versions of kinds, by `group/Kind`.
type Served = BTreeMap<String, BTreeSet<String>>;

/// A release, and its stored texts by path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Then<'a> {
    pub(super) release: &'a Release,
    pub(super) texts: &'a [(String, String)],
}

/// Something that goes back to an older form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Downgrade {
    /// Kubernetes itself.
    Kubernetes {
        /// The version of now.
        now: String,
        /// The older one.
        then: String,
    },
    /// A kind loses a version that is served now.
    Definition {
        /// `group/Kind`
        kind: String,
        /// The versions that are lost.
        lost: Vec<String>,
    },
    /// Objects of a version that is no longer served.
    Objects {
        /// `apiVersion Kind`
        kind: String,
        /// Who no longer serves it.
        by: String,
    },
}

impl std::fmt::Display for Downgrade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kubernetes { now, then } => write!(f, "it was made for Kubernetes {then}, and now it is {now}"),
            Self::Definition { kind, lost } => {
                write!(f, "its definition of {kind} does not serve {}, which is served now", lost.join(", "))
            }
            Self::Objects { kind, by } => write!(f, "it has objects of {kind}, which {by} no longer serves"),
        }
    }
}

/// Everything that goes back to an older form.
pub(super) fn downgrades(now: Then<'_>, then: Then<'_>) -> Vec<Downgrade> {
    let mut found = Vec::new();
    let minor = |release: &Release| release.kubernetes.split('.').nth(1).and_then(|minor| minor.parse::<u8>().ok());
    let current = minor(now.release);
    if minor(then.release) < current {
        found
            .push(Downgrade::Kubernetes { now: now.release.kubernetes.clone(), then: then.release.kubernetes.clone() });
    }
    let (served_now, served_then) = (served(now), served(then));
    for (kind, versions) in &served_now {
        // What was not defined then is not taken back: nothing of it is applied.
        let Some(older) = served_then.get(kind) else { continue };
        let lost: Vec<String> = versions.difference(older).cloned().collect();
        if !lost.is_empty() {
            found.push(Downgrade::Definition { kind: kind.clone(), lost });
        }
    }
    for (api_version, kind) in kinds(then.texts) {
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        let gone = current.is_some_and(|minor| is_served(minor, &api_version, &kind) == Some(false));
        let undefined = served_now.get(&format!("{group}/{kind}")).is_some_and(|known| !known.contains(version));
        let by = if gone {
            format!("Kubernetes {}", now.release.kubernetes)
        } else if undefined {
            "its definition".to_owned()
        } else {
            continue;
        };
        found.push(Downgrade::Objects { kind: format!("{api_version} {kind}"), by });
    }
    found
}

/// `apiVersion` and `kind` of all objects. We wrote the texts: both stand at the top of each document.
fn kinds(texts: &[(String, String)]) -> BTreeSet<(String, String)> {
    let mut kinds = BTreeSet::new();
    let manifests = texts.iter().filter(|(path, _)| super::page::is_manifest(path));
    for document in manifests.flat_map(|(_, text)| text.split("\n---\n")) {
        let said = |key: &str| {
            let line = document.lines().find_map(|line| line.strip_prefix(key))?;
            Some(line.trim().trim_matches('"').to_owned())
        };
        kinds.extend(said("apiVersion:").zip(said("kind:")));
    }
    kinds
}

/// The versions that are served, by the definitions of the workspace and by those among the objects.
fn served(then: Then<'_>) -> Served {
    let of_workspace = then.release.custom.iter();
    let mut served: Served =
        of_workspace.map(|(kind, versions)| (kind.clone(), versions.iter().cloned().collect())).collect();
    let line = format!("kind: {DEFINITION}");
    for (_, text) in then.texts.iter().filter(|(_, text)| text.contains(&line)) {
        let documents = yaml::read_stream(FileId::NONE, text, &Limits::RENDERED, &mut Diagnostics::new());
        for document in documents.unwrap_or_default() {
            served.extend(definition(&document));
        }
    }
    served
}

fn definition(document: &Written) -> Option<(String, BTreeSet<String>)> {
    let said = |keys: &[&str]| document.at(keys).and_then(Written::as_str);
    if said(&["kind"]) != Some(DEFINITION) {
        return None;
    }
    let (group, kind) = (said(&["spec", "group"])?, said(&["spec", "names", "kind"])?);
    let Content::List(versions) = &document.at(&["spec", "versions"])?.content else { return None };
    let is_served =
        |version: &&Written| matches!(version.at(&["served"]).map(|flag| &flag.content), Some(Content::Bool(true)));
    let names = versions.iter().filter(is_served).filter_map(|version| version.at(&["name"]).and_then(Written::as_str));
    Some((format!("{group}/{kind}"), names.map(ToOwned::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    fn release(kubernetes: &str, custom: &[(&str, &[&str])]) -> Release {
        let custom = custom
            .iter()
            .map(|(kind, versions)| ((*kind).to_owned(), versions.iter().map(ToString::to_string).collect()));
        Release { kubernetes: kubernetes.to_owned(), custom: custom.collect(), ..entry(1, &[]).release.unwrap() }
    }

    fn texts(objects: &[&str]) -> Vec<(String, String)> {
        let stream = objects.iter().map(|object| format!("---\n{object}\n")).collect();
        vec![("acme/manifest.yaml".to_owned(), stream)]
    }

    fn said(now: (&Release, &[&str]), then: (&Release, &[&str])) -> Vec<String> {
        let (now_texts, then_texts) = (texts(now.1), texts(then.1));
        let now = Then { release: now.0, texts: &now_texts };
        let then = Then { release: then.0, texts: &then_texts };
        downgrades(now, then).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_lower_version_of_kubernetes_is_one() {
        let (old, new) = (release("1.9", &[]), release("1.34", &[]));
        assert_eq!(said((&new, &[]), (&old, &[])), ["it was made for Kubernetes 1.9, and now it is 1.34"]);
        assert_eq!(said((&old, &[]), (&new, &[])), [""; 0]);
        assert_eq!(said((&new, &[]), (&new, &[])), [""; 0]);
    }

    #[test]
    fn a_version_that_a_definition_loses_is_one() {
        let old = release("1.34", &[("a.io/A", &["v1beta1"]), ("a.io/B", &["v1"])]);
        let new = release("1.34", &[("a.io/A", &["v1", "v1beta1"]), ("a.io/B", &["v1"]), ("a.io/C", &["v1"])]);
        let lost = ["its definition of a.io/A does not serve v1, which is served now"];
        assert_eq!(said((&new, &[]), (&old, &[])), lost);
        assert_eq!(said((&old, &[]), (&new, &[])), [""; 0]);
        // The same among rendered objects.
        let plain = release("1.34", &[]);
        let crd = |versions: &str| {
            format!(
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: as.a.io\nspec:\n  group: a.io\n  names:\n    kind: A\n  versions:\n{versions}"
            )
        };
        let (one, two) = (
            crd("    - {name: v1beta1, served: true}\n"),
            crd("    - {name: v1beta1, served: false}\n    - {name: v1, served: true}\n"),
        );
        assert_eq!(said((&plain, &[&two]), (&plain, &[&one])), lost);
    }

    #[test]
    fn objects_that_nobody_serves_any_more_are_ones() {
        let (old, new) = (release("1.34", &[("a.io/A", &["v1beta1"])]), release("1.34", &[("a.io/A", &["v1"])]));
        let objects = [
            "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget",
            "apiVersion: a.io/v1beta1\nkind: A",
            "apiVersion: apps/v1\nkind: Deployment",
        ];
        assert_eq!(
            said((&new, &[]), (&old, &objects)),
            [
                "its definition of a.io/A does not serve v1, which is served now",
                "it has objects of a.io/v1beta1 A, which its definition no longer serves",
                "it has objects of policy/v1beta1 PodDisruptionBudget, which Kubernetes 1.34 no longer serves",
            ]
        );
    }
}
