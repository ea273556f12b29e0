//! How the secrets of an environment reach its cluster.
//!
//! In go approved objects, whose Secrets hold names of secrets and never their content, and what is known of the
//! secrets without a key. Out come the objects as the environment has them delivered: ExternalSecrets, or Secrets whose
//! names change with their content, so that pods roll. Contents are put in at the very end, in [`contents`], and only
//! for who may see them.

mod contents;
mod courier;
mod external;
mod generation;
mod naming;
pub(crate) mod settings;

pub(crate) use courier::Courier;
pub(crate) use external::Store;
pub(crate) use generation::{Generations, Known, Refusal};
pub(crate) use naming::is_sealed;

use crate::diagnostic::{Diagnostics, Failed, count};
use crate::manifest::Manifest;
use crate::target::Target;

/// How the secrets of an environment are delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Nobody has said: Secrets are left out.
    #[default]
    LeftOut,
    /// A controller of the cluster fetches them from a store; nothing is decrypted here.
    External(Store),
    /// They are written encrypted, and who applies them decrypts them.
    Sops,
    /// They are written as they are, if somebody asks for it.
    Inline,
}

/// What a compiler needs of secrets: no key.
pub(crate) trait Knowing: Send + Sync {
    /// What is known of the secrets of a target.
    fn known(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Known, Failed>;

    /// What tells the encrypted files of an environment from what they were: names of objects are made from them. Nothing
    /// where there are none.
    fn stamp(&self, environment: &str) -> String;

    /// How the secrets of an environment are delivered.
    fn delivery(&self, environment: &str) -> &Delivery;
}

impl Delivery {
    /// The objects as they are delivered, in install order.
    pub(crate) fn of(&self, manifests: Vec<Manifest>, target: &Target, known: &Known) -> Vec<Manifest> {
        if !manifests.iter().any(|manifest| manifest.node().value.holds_secret()) {
            return manifests;
        }
        let mut delivered = match self {
            Self::LeftOut => manifests,
            Self::External(store) => store.deliver(manifests, target),
            Self::Sops | Self::Inline => naming::with_generations(manifests, known),
        };
        delivered.sort_by_cached_key(Manifest::install_order);
        delivered
    }

    /// Why Secrets are left out of the output.
    pub(crate) fn why(&self) -> &'static str {
        match self {
            Self::LeftOut => "`secrets` in tenantctl.yaml does not say how the environment delivers them",
            Self::External(_) => "the operator of the cluster makes them",
            Self::Sops => "they could not be encrypted",
            Self::Inline => "they are written with --reveal-secrets alone",
        }
    }
}

/// What is said of Secrets that are left out of the output.
pub(crate) fn left_out(number: usize, why: &str) -> Option<String> {
    let are = if number == 1 { "is" } else { "are" };
    (number > 0).then(|| format!("note: {} {are} left out: {why}", count(number, "Secret")))
}
