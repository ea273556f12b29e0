//! Signatures of entries and checkpoints, with Ed25519 keys that people have: those of SSH and of minisign.
//!
//! In goes a text and a key, out comes the text of a signature file, `.sig` or `.minisig`, which `ssh-keygen -Y verify` or
//! `minisign -V` takes; and the other way round, whether such a file is good and whose it is. Other kinds of keys are told
//! apart and refused. No key is stored.

mod minisign;
mod ssh;
mod wire;

pub(super) use ssh::NAMESPACE;

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey as Secret, VerifyingKey};
use zeroize::Zeroizing;

/// The programs whose form a key and its signatures have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// `ssh-keygen -Y`
    Ssh,
    /// `minisign`
    Minisign,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Ssh, Self::Minisign];

    /// What comes after the name of a file in that of its signature.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Ssh => ".sig",
            Self::Minisign => ".minisig",
        }
    }
}

/// A key that signatures are checked with.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    form: Form,
    key: VerifyingKey,
    /// What minisign calls a key; nothing for SSH.
    id: [u8; 8],
}

impl PublicKey {
    /// Reads a line: `ssh-ed25519 AAAA..`, perhaps with names before and after it as files of allowed signers have them, or
    /// the key of minisign alone. The error says why it is none.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        if let Some(at) =
            line.split_whitespace().position(|word| word.starts_with("ssh-") || word.starts_with("ecdsa-"))
        {
            let (kind, blob) = (words.nth(at).unwrap_or_default(), words.next().unwrap_or_default());
            if kind != ssh::KIND {
                return Err(format!("a key is of the kind {}, and this one is {kind}", ssh::KIND));
            }
            return ssh::public(blob).map(|key| Self { form: Form::Ssh, key, id: [0; 8] });
        }
        let word = words.next().unwrap_or_default();
        minisign::public(word).map(|(id, key)| Self { form: Form::Minisign, key, id })
    }

    /// Reads a file with keys, one a line; empty lines and those that begin with `#` or `untrusted comment:` say nothing.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, (usize, String)> {
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        let keys = lines
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#') && !line.starts_with(minisign::COMMENT));
        keys.map(|(line, text)| Self::parse(text).map_err(|why| (line, why))).collect()
    }

    /// The 32 bytes.
    pub(super) fn bytes(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// Whether a signature is that of a message by this key.
    pub(super) fn is_of(&self, signature: &[u8; 64], message: &[u8]) -> bool {
        // The strict form takes one signature for one message and one key, and no weak key.
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

/// As `ssh-keygen -l` and minisign call it.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::Ssh => f.write_str(&ssh::fingerprint(&self.key)),
            Form::Minisign => write!(f, "minisign {}", minisign::name(self.id)),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A key that signs.
pub struct SigningKey {
    secret: Secret,
    public: PublicKey,
}

impl SigningKey {
    /// Reads a private key as `ssh-keygen -t ed25519 -N ''` or `minisign -G -W` writes it. The error says why it cannot be
    /// used, and nothing of what it holds.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (form, seed, id) = if text.trim_start().starts_with(ssh::BEGIN) {
            (Form::Ssh, ssh::secret(text)?, [0; 8])
        } else {
            let (id, seed) = minisign::secret(text)?;
            (Form::Minisign, seed, id)
        };
        let secret = Secret::from_bytes(&seed);
        let public = PublicKey { form, key: secret.verifying_key(), id };
        Ok(Self { secret, public })
    }

    /// The key that its signatures are checked with.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The form of its signatures.
    pub fn form(&self) -> Form {
        self.public.form
    }

    /// The text of the file with the signature of a message. `comment` is a line that is signed as well, where the form has
    /// one.
    pub fn sign(&self, message: &[u8], comment: &str) -> String {
        match self.public.form {
            Form::Ssh => ssh::sign(self, message),
            Form::Minisign => minisign::sign(self, self.public.id, message, comment),
        }
    }

    /// The signature of bytes as they are.
    pub(super) fn raw(&self, bytes: &[u8]) -> [u8; 64] {
        self.secret.sign(bytes).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public).finish()
    }
}

/// The bytes of a key; gone when it goes.
type Seed = Zeroizing<[u8; 32]>;

/// What came of a signature that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is good, and the key is one of those that are allowed.
    Allowed(PublicKey),
    /// It is good, and nobody said that the key is allowed.
    Unknown(PublicKey),
    /// It is by a key that is not among those that are allowed, which alone could tell whether it is good.
    Unchecked(String),
    /// It is not a signature of the message, with the reason.
    Wrong(String),
}

/// Checks the text of a signature file.
pub fn check(form: Form, file: &str, message: &[u8], allowed: &[PublicKey]) -> Checked {
    match form {
        Form::Ssh => match ssh::check(file, message) {
            Err(why) => Checked::Wrong(why),
            Ok(key) => {
                let key = PublicKey { form, key, id: [0; 8] };
                if allowed.contains(&key) { Checked::Allowed(key) } else { Checked::Unknown(key) }
            }
        },
        Form::Minisign => match minisign::read(file) {
            Err(why) => Checked::Wrong(why),
            Ok(read) => match allowed.iter().find(|key| key.form == form && key.id == read.id) {
                None => Checked::Unchecked(format!("minisign {}", minisign::name(read.id))),
                Some(key) => match read.check(key, message) {
                    Ok(()) => Checked::Allowed(key.clone()),
                    Err(why) => Checked::Wrong(why),
                },
            },
        },
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A key of SSH from one byte.
    pub(crate) fn ssh_key(byte: u8) -> SigningKey {
        let secret = Secret::from_bytes(&[byte; 32]);
        let public = PublicKey { form: Form::Ssh, key: secret.verifying_key(), id: [0; 8] };
        SigningKey { secret, public }
    }

    /// A key of minisign from one byte.
    fn minisign_key(byte: u8) -> SigningKey {
        let secret = Secret::from_bytes(&[byte; 32]);
        let public = PublicKey { form: Form::Minisign, key: secret.verifying_key(), id: [byte; 8] };
        SigningKey { secret, public }
    }

    #[test]
    fn a_signature_is_good_for_its_text_and_its_key_alone() {
        for (key, other) in [(ssh_key(1), ssh_key(2)), (minisign_key(1), minisign_key(2))] {
            let (form, public) = (key.form(), key.public().clone());
            let file = key.sign(b"text", "a comment");
            let check = |file: &str, text: &[u8], allowed: &[PublicKey]| check(form, file, text, allowed);
            assert_eq!(check(&file, b"text", std::slice::from_ref(&public)), Checked::Allowed(public.clone()));
            assert!(!matches!(
                check(&file, b"text", &[other.public().clone()]),
                Checked::Allowed(_) | Checked::Wrong(_)
            ));
            assert!(matches!(check(&file, b"other", std::slice::from_ref(&public)), Checked::Wrong(_)));
            // No change of any character leaves it good.
            for at in 0..file.len() {
                let mut changed = file.clone().into_bytes();
                changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
                let changed = String::from_utf8(changed).unwrap();
                let found = check(&changed, b"text", std::slice::from_ref(&public));
                let comment = file.lines().next().map_or(0, str::len);
                let harmless = form == Form::Minisign && at < comment;
                assert!(harmless || !matches!(found, Checked::Allowed(_)), "{at}: {changed}");
            }
        }
    }

    #[test]
    fn hostile_files_are_no_signatures_and_no_keys() {
        for text in [
            "",
            "\n\n\n\n",
            "untrusted comment:\nRUQ\n",
            "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----",
            "é",
        ] {
            for form in Form::ALL {
                assert!(matches!(check(form, text, b"", &[]), Checked::Wrong(_)), "{text}");
            }
            assert!(PublicKey::parse(text).is_err(), "{text}");
            assert!(SigningKey::parse(text).is_err(), "{text}");
        }
        assert!(PublicKey::parse("ssh-rsa AAAA").unwrap_err().contains("ssh-rsa"));
        assert!(PublicKey::parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==").is_err());
    }
}
