//! A kind that there is no schema of: what is said, and what was perhaps meant.

use super::bundle::Bundle;
use super::crd::Custom;
use super::retired::{Retired, retired};
use super::{Problem, Version};
use crate::diagnostic::{Code, code, did_you_mean};
use crate::path::Path;
use crate::tree::Node;

/// What is known when a kind is not.
pub(super) struct Stranger<'a> {
    pub(super) version: Version,
    pub(super) bundle: &'static Bundle,
    /// The versions that the files of the workspace have of it.
    pub(super) customs: Vec<&'a Custom>,
    pub(super) api_version: &'a str,
    pub(super) kind: &'a str,
}

impl Stranger<'_> {
    /// What is wrong with an object of the kind.
    pub(super) fn problem(&self, object: &Node) -> Problem {
        let Self { version, api_version, kind, .. } = *self;
        if let Some(retired) = retired(api_version, kind)
            && let Some(removed) = retired.removed.filter(|removed| *removed <= version)
        {
            let message = format!("{api_version} {kind} is gone since Kubernetes {removed}");
            return self.not_served(object, message).helped(retired.instead.map(|instead| instead_of(instead, kind)));
        }
        if !self.customs.is_empty() {
            return self.other_version(object);
        }
        let name = format!("{api_version}/{kind}");
        let has = |version: &Version| Bundle::of(*version).kinds().any(|known| known == name);
        let other = self.versions().first().map(|other| instead_of(other, kind));
        if let Some(last) = Version::all().filter(|known| *known < version).rfind(has) {
            let message =
                format!("Kubernetes {version} has no {api_version} {kind}, which {last} was the last to have");
            return self.not_served(object, message).helped(other);
        }
        if let Some(first) = Version::all().filter(|known| *known > version).find(has) {
            let message = format!("Kubernetes {version} has no {api_version} {kind} yet; it comes with {first}");
            return self.not_served(object, message).helped(other);
        }
        let kinds = || self.bundle.kinds().filter_map(|known| known.rsplit_once('/'));
        if !kinds().any(|(known, _)| group(known) == group(api_version)) {
            let message = format!("there is no schema for {api_version} {kind}");
            return at(code::NO_SCHEMA, "kind", object, message, "it cannot be checked")
                .helped(other)
                .helped(Some(format!("put the CustomResourceDefinition of {kind} into crds/")));
        }
        let message = format!("Kubernetes {version} has no {api_version} {kind}");
        let near = did_you_mean(kind, kinds().filter(|(known, _)| *known == api_version).map(|(_, kind)| kind));
        let is_version = kinds().any(|(known, _)| known == api_version);
        let near_version = did_you_mean(api_version, kinds().map(|(known, _)| known)).filter(|_| !is_version);
        at(code::NO_SCHEMA, "kind", object, message, "not known").helped(other.or(near)).helped(near_version)
    }

    /// A CustomResourceDefinition has the kind in other versions.
    fn other_version(&self, object: &Node) -> Problem {
        let Self { api_version, kind, .. } = *self;
        let served: Vec<String> =
            self.customs.iter().filter(|custom| custom.served).map(|custom| custom.api_version()).collect();
        let message = format!("the CustomResourceDefinition of {kind} does not serve {api_version}");
        let help = (!served.is_empty()).then(|| format!("it serves {}", served.join(", ")));
        at(code::API_REMOVED, "apiVersion", object, message, "not served").helped(help)
    }

    fn not_served(&self, object: &Node, message: String) -> Problem {
        at(code::API_REMOVED, "apiVersion", object, message, &format!("not served by {}", self.version))
    }

    /// The versions of APIs that have a kind of this name, those of the same group first.
    fn versions(&self) -> Vec<&'static str> {
        let kinds = self.bundle.kinds().filter_map(|known| known.rsplit_once('/'));
        let mut found: Vec<&str> = kinds.filter(|(_, known)| *known == self.kind).map(|(version, _)| version).collect();
        let is_stable = |version: &str| !version.contains("alpha") && !version.contains("beta");
        found.sort_by_key(|version| (group(version) != group(self.api_version), !is_stable(version)));
        found
    }
}

/// A kind of Kubernetes' own that is on its way out.
pub(super) fn deprecated(api_version: &str, kind: &str, retired: &Retired, object: &Node) -> Problem {
    let since = retired.deprecated;
    let message = match retired.removed {
        Some(removed) => {
            format!("{api_version} {kind} is deprecated since Kubernetes {since} and gone from {removed} on")
        }
        None => format!("{api_version} {kind} is deprecated since Kubernetes {since}"),
    };
    at(code::API_DEPRECATED, "apiVersion", object, message, "deprecated")
        .helped(retired.instead.map(|instead| instead_of(instead, kind)))
}

/// A custom kind whose version is deprecated.
pub(super) fn custom_deprecated(custom: &Custom, object: &Node) -> Problem {
    let (api_version, kind) = (custom.api_version(), &custom.kind);
    let message = format!("{api_version} {kind} is deprecated by its CustomResourceDefinition");
    let mut problem = at(code::API_DEPRECATED, "apiVersion", object, message, "deprecated");
    problem.notes.extend(custom.warning.as_deref().map(str::to_owned));
    problem.helped(Some("use a newer version of the kind".to_owned()))
}

/// The group of an `apiVersion`.
fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// What to write for a kind of a version that is not to be used.
fn instead_of(instead: &str, kind: &str) -> String {
    match instead.split_once(' ') {
        Some((api_version, kind)) => format!("use {kind} of {api_version}"),
        None => format!("{kind} is of `apiVersion: {instead}`"),
    }
}

/// A problem with the object as a whole, at one of its keys.
fn at(code: Code, key: &str, object: &Node, message: String, label: &str) -> Problem {
    let place = object.at(&[key]).map_or(object.place, |node| node.place);
    Problem::new(code, Path::from_keys([key]), place, message, label).whole()
}
