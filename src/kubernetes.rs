//! What Kubernetes takes: objects are held against the schemas of a version, without a cluster and without a network.
//!
//! In goes an object, out come the `Problem`s that the API server would refuse it for, or warn of. `bundle` has the
//! schemas of Kubernetes' own kinds for every [`Version`]; each becomes a `structural` schema when it is needed, and
//! an `inspection` holds the object against it. `retired` knows which versions of APIs are on their way out.

mod bundle;
mod inspection;
mod problem;
mod retired;
mod structural;
mod version;

pub(crate) use problem::Problem;
pub use version::Version;

use bundle::Bundle;
use retired::{Retired, retired};

use std::sync::{PoisonError, RwLock};

use indexmap::IndexMap;

use crate::diagnostic::{code, did_you_mean};
use crate::path::Path;
use crate::tree::Node;

/// A version of Kubernetes, and the kinds it knows.
#[derive(Debug)]
pub struct Kubernetes {
    version: Version,
    bundle: &'static Bundle,
    /// What is said of kinds that there is no schema of, by `apiVersion/kind`: every tenant has an object of them.
    strangers: RwLock<IndexMap<Box<str>, Problem>>,
}

impl Kubernetes {
    /// A version with its own kinds.
    pub fn new(version: Version) -> Self {
        Self { version, bundle: Bundle::of(version), strangers: RwLock::default() }
    }

    /// The version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// What is wrong with an object that has an `apiVersion` and a `kind`.
    pub(crate) fn check(&self, object: &Node) -> Vec<Problem> {
        let text = |key| object.str_at(&[key]).unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let name = [api_version, "/", kind].concat();
        let Some(found) = self.bundle.kind(&name) else {
            return vec![self.stranger(&name, object)];
        };
        let mut problems = inspection::inspect(found.schema, self.bundle, object);
        if let Some(retired) = found.retired.as_ref().filter(|retired| retired.deprecated <= self.version) {
            problems.push(deprecated(api_version, kind, retired, object));
        }
        problems
    }

    /// There is no schema for a kind, called by `apiVersion/kind`.
    fn stranger(&self, name: &str, object: &Node) -> Problem {
        let known = self.strangers.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let problem = known.unwrap_or_else(|| {
            let (api_version, kind) = name.rsplit_once('/').unwrap_or(("", name));
            let problem = self.unknown(api_version, kind, object);
            self.strangers.write().unwrap_or_else(PoisonError::into_inner).insert(name.into(), problem.clone());
            problem
        });
        problem.at_its_field(object)
    }

    fn unknown(&self, api_version: &str, kind: &str, object: &Node) -> Problem {
        let version = self.version;
        if let Some(retired) = retired(api_version, kind)
            && let Some(removed) = retired.removed.filter(|removed| *removed <= version)
        {
            let message = format!("{api_version} {kind} is gone since Kubernetes {removed}");
            return at(code::API_REMOVED, "apiVersion", object, message, &format!("not served by {version}"))
                .helped(retired.instead.map(|instead| instead_of(instead, kind)));
        }
        let name = format!("{api_version}/{kind}");
        let has = |version: &Version| Bundle::of(*version).kinds().any(|known| known == name);
        let others = self.versions_of(api_version, kind);
        let other = others.first().map(|other| instead_of(other, kind));
        if let Some(last) = Version::all().filter(|known| *known < version).rfind(has) {
            let message =
                format!("Kubernetes {version} has no {api_version} {kind}, which {last} was the last to have");
            return at(code::API_REMOVED, "apiVersion", object, message, &format!("not served by {version}"))
                .helped(other);
        }
        if let Some(first) = Version::all().filter(|known| *known > version).find(has) {
            let message = format!("Kubernetes {version} has no {api_version} {kind} yet; it comes with {first}");
            return at(code::API_REMOVED, "apiVersion", object, message, &format!("not served by {version}"))
                .helped(other);
        }
        let group = group(api_version);
        let kinds = || self.bundle.kinds().filter_map(|known| known.rsplit_once('/'));
        if !kinds().any(|(known, _)| self::group(known) == group) {
            let message = format!("there is no schema for {api_version} {kind}");
            return at(code::NO_SCHEMA, "kind", object, message, "it cannot be checked")
                .helped(other)
                .helped(Some(format!("put the CustomResourceDefinition of {kind} into crds/")));
        }
        let message = format!("Kubernetes {version} has no {api_version} {kind}");
        let near = did_you_mean(kind, kinds().filter(|(known, _)| *known == api_version).map(|(_, kind)| kind));
        at(code::NO_SCHEMA, "kind", object, message, "not known").helped(other.or(near)).helped(
            (!kinds().any(|(known, _)| known == api_version))
                .then(|| did_you_mean(api_version, kinds().map(|(known, _)| known)))
                .flatten(),
        )
    }

    /// The versions of APIs that have a kind of this name, those of the same group first.
    fn versions_of(&self, api_version: &str, kind: &str) -> Vec<&'static str> {
        let kinds = self.bundle.kinds().filter_map(|known| known.rsplit_once('/'));
        let mut found: Vec<&str> = kinds.filter(|(_, known)| *known == kind).map(|(version, _)| version).collect();
        let is_stable = |version: &str| !version.contains("alpha") && !version.contains("beta");
        found.sort_by_key(|version| (group(version) != group(api_version), !is_stable(version)));
        found
    }
}

/// The group of an `apiVersion`.
fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

fn deprecated(api_version: &str, kind: &str, retired: &Retired, object: &Node) -> Problem {
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

/// What to write for a kind of a version that is not to be used.
fn instead_of(instead: &str, kind: &str) -> String {
    match instead.split_once(' ') {
        Some((api_version, kind)) => format!("use {kind} of {api_version}"),
        None => format!("{kind} is of `apiVersion: {instead}`"),
    }
}

/// A problem with the object as a whole, at one of its keys.
fn at(code: crate::diagnostic::Code, key: &str, object: &Node, message: String, label: &str) -> Problem {
    let place = object.at(&[key]).map_or(object.place, |node| node.place);
    Problem::new(code, Path::from_keys([key]), place, message, label).whole()
}
