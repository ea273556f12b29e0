//! Those who can open a file, by the public part of their keys.

use std::fmt;
use std::io::Write as _;

use age::armor::{ArmoredWriter, Format};
use age::{Encryptor, x25519};

use super::key::DataKey;

/// The public part of a key of age: `age1..`.
#[derive(Clone)]
pub struct Recipient {
    text: String,
    key: x25519::Recipient,
}

/// Why a text is no recipient that a file can be encrypted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRecipient {
    /// A key of SSH.
    Ssh,
    /// A key that a plugin of age holds, or one of a kind that is not known here.
    Plugin,
    /// The secret part of a key: it must not stand where it was found.
    Secret,
    /// No key at all, or one with a wrong letter.
    Wrong,
}

impl Recipient {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, NoRecipient> {
        match text.parse() {
            Ok(key) => Ok(Self { text: text.to_owned(), key }),
            Err(_) if text.to_ascii_uppercase().contains("AGE-SECRET-KEY-") => Err(NoRecipient::Secret),
            Err(_) if text.starts_with("ssh-") || text.starts_with("ecdsa-") => Err(NoRecipient::Ssh),
            Err(_) if is_plugin(text) => Err(NoRecipient::Plugin),
            Err(_) => Err(NoRecipient::Wrong),
        }
    }

    /// The key as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A key of a file, encrypted to this recipient: an armored file of age. `None` if it cannot be, which only a key of
    /// no use calls for.
    pub(super) fn wrap(&self, key: &DataKey) -> Option<String> {
        let recipients: [&dyn age::Recipient; 1] = [&self.key];
        let encryptor = Encryptor::with_recipients(recipients.into_iter()).ok()?;
        let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).ok()?;
        let mut writer = encryptor.wrap_output(armor).ok()?;
        writer.write_all(key.bytes()).ok()?;
        let bytes = writer.finish().and_then(ArmoredWriter::finish).ok()?;
        String::from_utf8(bytes).ok()
    }
}

/// Whether a text has the form of a key that a plugin holds: `age1yubikey1..`. Its letters are not looked at.
pub(super) fn is_plugin(text: &str) -> bool {
    let name = text.strip_prefix("age1").and_then(|rest| rest.split_once('1'));
    name.is_some_and(|(name, rest)| {
        let letters = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        letters(name) && letters(rest)
    })
}

impl PartialEq for Recipient {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Recipient {}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl NoRecipient {
    /// What is wrong, to stand after "it is".
    pub fn what(self) -> &'static str {
        match self {
            Self::Ssh => "a key of SSH",
            Self::Plugin => "a key that a plugin of age holds",
            Self::Secret => "the secret part of a key, which is no longer secret if others can read it here",
            Self::Wrong => "no key of age, or has a wrong letter",
        }
    }

    /// What can be done.
    pub fn help(self) -> &'static str {
        match self {
            Self::Ssh | Self::Plugin => "use a key that `age-keygen` makes; its public part begins with `age1`",
            Self::Secret => {
                "remove it, make a new key with `age-keygen`, and write its public part, which begins with `age1`"
            }
            Self::Wrong => "copy the line of `age-keygen -y KEYFILE` as it is; it begins with `age1`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_part_of_a_key_is_a_recipient() {
        let identity = x25519::Identity::generate();
        let public = identity.to_public().to_string();
        assert_eq!(Recipient::parse(&public).map(|key| key.to_string()), Ok(public.clone()));
        let other = public.replacen(['q', 'z'], "p", 1);
        for (text, why) in [
            (format!("{}x", &public[..public.len() - 1]), NoRecipient::Wrong),
            (other, NoRecipient::Wrong),
            ("ssh-ed25519 AAAA".to_owned(), NoRecipient::Ssh),
            ("age1yubikey1qqqqqqqq".to_owned(), NoRecipient::Plugin),
            ("AGE-SECRET-KEY-1QQ".to_owned(), NoRecipient::Secret),
            (String::new(), NoRecipient::Wrong),
        ] {
            if text != public {
                assert_eq!(Recipient::parse(&text).err(), Some(why), "{text}");
            }
        }
    }
}
