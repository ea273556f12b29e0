//! Arguments that say who signs, and who may.

use clap::Args;
use zeroize::Zeroizing;

use crate::cli::session::Session;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::file;
use crate::release::Signing;
use crate::release::signature::{PublicKey, SigningKey};
use crate::source::Sources;
use crate::workspace::Workspace;

/// Most bytes of a file with keys.
const LARGEST: u64 = 64 * 1024;

/// Who signs.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Signer {
    /// Sign with this private key, of ssh-keygen or minisign: Ed25519, without a passphrase
    #[arg(long, value_name = "FILE", env = "TENANTCTL_SIGN_KEY", hide_env = true, help_heading = "Signatures")]
    sign_key: Option<String>,
}

/// Who may sign.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Allowed {
    /// Ask for signatures by the keys in this file, one a line, whatever tenantctl.yaml says
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    allowed_keys: Option<String>,
}

impl Signer {
    /// The key, if one is named that may sign.
    pub(super) fn key(
        &self,
        session: &Session,
        signing: &Signing,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<SigningKey>, Failed> {
        let key = match &self.sign_key {
            None => None,
            Some(file) => {
                let bytes = session.world().read_argument(file, LARGEST);
                let bytes = bytes.map(Zeroizing::new).map_err(|why| {
                    let reason = file::Reason { place: None, what: "the key to sign with".to_owned() };
                    diagnostics.fail(file::unreadable(file, &why, &reason))
                })?;
                let text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
                let key = SigningKey::parse(&text).map_err(|why| {
                    let help = "`ssh-keygen -t ed25519 -N '' -f FILE` or `minisign -G -W` makes one";
                    let message = format!("{file} cannot sign: {why}");
                    diagnostics.fail(Diagnostic::new(code::SIGNING_KEY, message).help(help))
                })?;
                Some(key)
            }
        };
        signing.may_sign(key.as_ref()).map_err(|wrong| diagnostics.fail(*wrong))?;
        Ok(key)
    }
}

impl Allowed {
    /// Who may sign, by the file that is named, else as the workspace says.
    pub(super) fn signing(
        &self,
        session: &Session,
        signing: Signing,
        diagnostics: &mut Diagnostics,
    ) -> Result<Signing, Failed> {
        let Some(file) = &self.allowed_keys else { return Ok(signing) };
        let id = file::load_argument(session.world(), &session.sources, file, diagnostics)?;
        let keys = PublicKey::parse_all(session.sources.get(id).text());
        let keys = keys.map_err(|(line, why)| {
            let message = format!("line {line} of {file} is no key: {why}");
            diagnostics.fail(Diagnostic::new(code::SIGNING_KEY, message).help("write one public key a line"))
        })?;
        Ok(signing.with_allowed(keys))
    }
}

/// What the workspace says of who signs. One that cannot be read says nothing.
pub(super) fn of_workspace(session: &Session) -> Signing {
    let (sources, mut ignored) = (Sources::default(), Diagnostics::new());
    if let Ok(workspace) = Workspace::find(session.world(), &sources, &mut ignored) {
        return Signing::of(&workspace);
    }
    session.console.remark("note: tenantctl.yaml cannot be read, so it does not say who may sign");
    Signing::default()
}
