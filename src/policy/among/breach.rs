//! What breaks a rule over all targets, and what to look for to find where.

use std::sync::Arc;

use super::identifier::{self, Identifier};
use super::{Among, identifying, room, word};
use crate::integrity::Site;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::policy::engine::{Facts, path_of};
use crate::policy::finding::At;
use crate::policy::rule::Rule;
use crate::source::Place;

/// A subject that breaks a rule over all targets.
#[derive(Clone, Debug)]
pub(crate) struct Breach {
    /// Position of the rule.
    pub(crate) rule: usize,
    /// Where it is.
    pub(crate) spot: Spot,
    /// What must be, with the names of all who matter.
    pub(crate) expected: String,
    /// Other targets that matter, with what to say of each.
    pub(crate) also: Vec<(usize, Mark, String)>,
    /// What the settings say about it.
    pub(crate) said: Option<(Place, String)>,
}

/// Where a breach is.
#[derive(Clone, Debug)]
pub(crate) enum Spot {
    /// In a target, by its position.
    Target(usize, Mark),
    /// In a file that is no target's.
    File {
        /// What breaks the rule: `audit.k8s.io/v1/Policy/cluster/audit.yaml`.
        reference: String,
        /// The tenant that it is about.
        tenant: Option<Arc<str>>,
        path: Path,
        place: Place,
        /// Whether its line may not be shown.
        hidden: bool,
    },
}

/// What to look for in a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// What is its own.
    Identifier(Identifier),
    /// A word of a value.
    Word(Box<str>),
    /// A resource that its quotas bound.
    Quota(Arc<str>),
    /// A value of the configuration, by its name in the rule.
    Value(&'static str),
}

impl Breach {
    pub(super) fn new(spot: Spot, expected: String) -> Self {
        Self { rule: 0, spot, expected, also: Vec::new(), said: None }
    }

    /// Whether the same is said of every target that breaks the rule.
    pub(crate) fn is_alike(&self) -> bool {
        matches!(self.spot, Spot::Target(_, Mark::Value(_)))
    }

    /// The tenant that it is about.
    pub(crate) fn tenant<'a>(&'a self, among: &'a Among) -> Option<&'a str> {
        match &self.spot {
            Spot::Target(part, _) => among.tenant(*part).map(AsRef::as_ref),
            Spot::File { tenant, .. } => tenant.as_deref(),
        }
    }
}

impl Mark {
    /// Where it is in a target: in its configuration, else in an object.
    pub(crate) fn find(&self, rule: &Rule, all: &[Arc<Rule>], facts: &Facts<'_>, manifests: &[Manifest]) -> Option<At> {
        let object = |(manifest, path): (usize, Path)| At::Object(Site { manifest, path });
        match self {
            Self::Identifier(identifier) => {
                identifier::find(identifier, identifying(all).map_or(rule, AsRef::as_ref), facts, manifests)
            }
            Self::Word(word) => {
                let configured = facts.configuration.and_then(|root| word::find(root, word)).map(At::Configuration);
                configured.or_else(|| {
                    let mut objects = manifests.iter().enumerate().filter(|(_, manifest)| word::is_searched(manifest));
                    objects.find_map(|(index, manifest)| Some(object((index, word::find(manifest.node(), word)?))))
                })
            }
            Self::Quota(resource) => room::find(resource, manifests).map(object),
            Self::Value(name) => path_of(rule, facts, name).map(At::Configuration),
        }
    }
}
