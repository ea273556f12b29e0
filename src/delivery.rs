//! How the secrets of an environment reach its cluster.
//!
//! In go approved objects, whose Secrets hold names of secrets and never their content, and what is known of the
//! secrets without a key. Out come the objects as the environment has them delivered: ExternalSecrets, or Secrets whose
//! names change with their content, so that pods roll. Contents are put in at the very end, in [`contents`], and only
//! for who may see them.

mod external;
mod generation;
mod naming;

pub(crate) use external::Store;
pub(crate) use generation::{Generations, Known};
pub(crate) use naming::is_sealed;

use crate::diagnostic::count;
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

    /// What is said of Secrets that are left out of the output of an environment.
    pub(crate) fn remark(&self, left_out: usize, environment: &str) -> Option<String> {
        let why = match self {
            Self::LeftOut => format!("tenantctl.yaml does not say how {environment} delivers them"),
            Self::External(_) => "the operator of the cluster makes them".to_owned(),
            Self::Sops => "there is no key to encrypt them".to_owned(),
            Self::Inline => "they are written with --reveal-secrets alone".to_owned(),
        };
        let secrets = count(left_out, "Secret");
        let are = if left_out == 1 { "is" } else { "are" };
        (left_out > 0).then(|| format!("note: {secrets} {are} left out: {why}"))
    }
}
