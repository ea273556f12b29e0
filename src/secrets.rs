//! The secrets of a workspace: which encrypted files hold them, who may open those, what is known of each value.
//!
//! In go the settings below `secrets` in `tenantctl.yaml`, the creation rules of `.sops.yaml` and the keys that the
//! environment offers. Out comes a [`Vault`], which tells the names of a target's secrets without a key and their
//! contents with one. A file never says for itself who may open it: the root of the workspace does.

mod alphabet;
mod certificate;
mod change;
mod check;
mod creation;
mod generate;
mod keypair;
mod keys;
mod listed;
mod name;
mod record;
mod settings;
mod spill;
mod terms;
#[cfg(test)]
mod tests;
mod vault;

pub(crate) use alphabet::Alphabet;
pub(crate) use change::{Change, unknown};
pub(crate) use check::Checkup;
pub(crate) use generate::Generator;
pub(crate) use keypair::{KeyForm, RSA_BITS};
pub(crate) use keys::identities;
pub(crate) use listed::{Listed, variables};
pub(crate) use name::is_name;
pub(crate) use settings::SecretSettings;
pub(crate) use terms::Policy;
pub use vault::{Content, Contents, Names, Vault};
