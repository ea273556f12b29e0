//! Who may sign releases, and whether those of a ledger are signed.
//!
//! In go the settings of a workspace, or a file of keys that comes from elsewhere; out come findings about the signatures of
//! a ledger. Each entry names the one before it, so that a signed entry vouches for all before it.

use super::digest::Digest;
use super::ledger::{Ledger, Sealed};
use super::signature::{self, Checked, NAMESPACE, PublicKey, SigningKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::workspace::Workspace;

/// What ledgers are called if nobody says it.
const ORIGIN: &str = "tenantctl";

/// Who may sign releases.
#[derive(Clone, Debug, Default)]
pub struct Signing {
    /// Whether every release must be signed.
    required: bool,
    allowed: Vec<PublicKey>,
    origin: Option<String>,
}

/// How many entries are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signed {
    /// By a key that is allowed.
    pub allowed: usize,
    /// By a key that nobody spoke of.
    pub unknown: usize,
}

impl Signing {
    /// What a workspace says.
    pub fn of(workspace: &Workspace<'_>) -> Self {
        let settings = workspace.releases();
        Self {
            required: settings.sign,
            allowed: settings.allowed.clone(),
            origin: settings.origin.as_deref().map(ToOwned::to_owned),
        }
    }

    /// The same with other keys. Who brings keys wants to see signatures, whatever the workspace asks for.
    #[must_use]
    pub fn with_allowed(self, allowed: Vec<PublicKey>) -> Self {
        Self { allowed, required: true, ..self }
    }

    /// What the ledger of an environment is called in checkpoints.
    pub fn origin(&self, environment: &str) -> String {
        format!("{}/{environment}", self.origin.as_deref().unwrap_or(ORIGIN))
    }

    /// The keys.
    pub fn allowed(&self) -> &[PublicKey] {
        &self.allowed
    }

    /// Whether every release must be signed.
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Says why a key, or none, cannot sign a release here.
    pub fn may_sign(&self, key: Option<&SigningKey>) -> Result<(), Box<Diagnostic>> {
        let wrong = |message: String| Diagnostic::new(code::SIGNING_KEY, message);
        match key {
            None if self.required => {
                Err(wrong("releases of this workspace are signed, and no key is named".to_owned())
                    .note("`releases.sign` in tenantctl.yaml asks for it")
                    .help("name the private key: --sign-key FILE, or TENANTCTL_SIGN_KEY=FILE")
                    .into())
            }
            Some(key) if !self.allowed.is_empty() && !self.allowed.contains(key.public()) => {
                Err(wrong(format!("{} is not among the keys that may sign", key.public()))
                    .help("add its public key to `releases.allowed` in tenantctl.yaml, or sign with another key")
                    .into())
            }
            _ => Ok(()),
        }
    }

    /// Checks the signatures of a ledger. An error is one that is wrong, by a key that is not allowed, or missing.
    pub fn hold(&self, ledger: &Ledger, diagnostics: &mut Diagnostics) -> Result<Signed, Failed> {
        self.check(ledger, ledger.entries().last().map(Sealed::hash), diagnostics)
    }

    /// The same for a ledger that gets a signed release next, which vouches for those that come before the first.
    pub fn hold_before(&self, ledger: &Ledger, diagnostics: &mut Diagnostics) -> Result<Signed, Failed> {
        self.check(ledger, None, diagnostics)
    }

    /// `last` is an entry that must be signed although none before it is.
    fn check(&self, ledger: &Ledger, last: Option<&Digest>, diagnostics: &mut Diagnostics) -> Result<Signed, Failed> {
        let mark = diagnostics.mark();
        let mut signed = Signed::default();
        // What came before the first signed entry is vouched for by that one.
        let mut begun = false;
        for sealed in ledger.entries() {
            let found = self.of_entry(ledger, sealed, diagnostics);
            signed.allowed += usize::from(found == Some(true));
            signed.unknown += usize::from(found == Some(false));
            begun |= found.is_some();
            let needed = self.required && (begun || Some(sealed.hash()) == last);
            if needed && sealed.signatures().is_empty() {
                let message = format!("release {} of {} is not signed", ledger.called(sealed), ledger.environment());
                diagnostics.record(
                    Diagnostic::new(code::SIGNATURE, message)
                        .note("`releases.sign` in tenantctl.yaml, or --allowed-keys, asks for a signature")
                        .help(format!(
                            "if it is right: `ssh-keygen -Y sign -n {NAMESPACE} -f KEY {}/{}/{}`",
                            super::FOLDER,
                            ledger.environment(),
                            sealed.file()
                        )),
                );
            }
        }
        diagnostics.since(mark).map(|()| signed)
    }

    /// Whether an entry is signed by an allowed key (`true`) or by one that nobody spoke of.
    fn of_entry(&self, ledger: &Ledger, sealed: &Sealed, diagnostics: &mut Diagnostics) -> Option<bool> {
        let called = format!("release {} of {}", ledger.called(sealed), ledger.environment());
        let mut found = None;
        for (form, file) in sealed.signatures() {
            let checked = signature::check(*form, file, sealed.entry().text().as_bytes(), &self.allowed);
            let unknown = match checked {
                Checked::Allowed(_) => {
                    found = Some(true);
                    continue;
                }
                Checked::Unknown(key) => key.to_string(),
                Checked::Unchecked(name) => name,
                Checked::Wrong(why) => {
                    diagnostics.record(
                        Diagnostic::new(code::SIGNATURE, format!("the signature of {called} is wrong: {why}")).help(
                            format!(
                                "take it back from version control: `git log --all -- '{}/{}/{}{}'`",
                                super::FOLDER,
                                ledger.environment(),
                                sealed.file(),
                                form.suffix()
                            ),
                        ),
                    );
                    continue;
                }
            };
            if self.allowed.is_empty() && !self.required {
                found = found.or(Some(false));
                continue;
            }
            diagnostics.record(
                Diagnostic::new(code::SIGNATURE, format!("{called} is signed by {unknown}, which is not allowed to"))
                    .help("if it is, add its public key to `releases.allowed` in tenantctl.yaml"),
            );
        }
        found
    }
}
