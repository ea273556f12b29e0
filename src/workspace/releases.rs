//! What the settings say about releases: whether they are signed, by whom, and what ledgers are called.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::fields::Fields;
use crate::release::signature::PublicKey;
use crate::yaml::Written;

/// What the settings say about releases.
#[derive(Clone, Debug, Default)]
pub(crate) struct Releases {
    /// Whether every release must be signed.
    pub(crate) sign: bool,
    /// The keys that may sign.
    pub(crate) allowed: Vec<PublicKey>,
    /// What ledgers are called in checkpoints, before the environment.
    pub(crate) origin: Option<Arc<str>>,
}

/// Reads `releases`.
pub(super) fn read(written: &Written, diagnostics: &mut Diagnostics) -> Releases {
    let Some(mut fields) = Fields::of(written, code::SETTINGS, "`releases`", diagnostics) else {
        return Releases::default();
    };
    let sign = fields.flag("sign", diagnostics);
    let mut allowed = Vec::new();
    for key in fields.texts("allowed", diagnostics) {
        match PublicKey::parse(&key.text) {
            Ok(key) => allowed.push(key),
            Err(why) => diagnostics.record(
                Diagnostic::new(code::SETTINGS, format!("this is no key that may sign: {why}"))
                    .at(key.place, "")
                    .help("write what is in the .pub file: \"ssh-ed25519 AAAA..\", or the second line of minisign's"),
            ),
        }
    }
    let origin = fields.text("origin", diagnostics).filter(|origin| {
        // It is a line of its own, and the name of a key, in a signed note.
        let fits =
            !origin.text.is_empty() && !origin.text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+');
        if !fits {
            diagnostics.record(
                Diagnostic::new(code::SETTINGS, "`origin` is a name without spaces and without `+`")
                    .at(origin.place, "")
                    .help("write where the workspace is kept: git.example.com/platform"),
            );
        }
        fits
    });
    fields.finish(diagnostics);
    Releases { sign, allowed, origin: origin.map(|origin| origin.text) }
}
