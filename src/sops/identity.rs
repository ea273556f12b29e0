//! The secret parts of keys, as found in files and variables.

use std::fmt;
use std::io::Read as _;

use age::armor::ArmoredReader;
use age::{Decryptor, x25519};
use zeroize::Zeroizing;

use super::key::DataKey;

/// Most bytes of the content of an age file that holds a key; the keys of files have 32.
const LARGEST: u64 = 4096;

/// Keys that files are tried with, in the order they were found.
#[derive(Default)]
pub struct Identities {
    known: Vec<Known>,
}

struct Known {
    key: x25519::Identity,
    recipient: String,
}

/// What stands in a line that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoIdentity {
    /// A key that a plugin holds.
    Plugin,
    /// A key of SSH.
    Ssh,
    /// A file of keys that is encrypted itself.
    Encrypted,
    /// The public part of a key.
    Public,
    /// Something else.
    Wrong,
}

/// Why an age file was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// None of the keys is the one.
    NoMatch,
    /// It is no age file, or not as it was made.
    Damaged,
}

impl Identities {
    /// Adds the keys of a text, one in a line; empty lines and lines that begin with `#` are left out. Gives the lines,
    /// from 1, that hold something else.
    pub fn add(&mut self, text: &str) -> Vec<(usize, NoIdentity)> {
        let mut wrong = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.parse::<x25519::Identity>() {
                Ok(key) => {
                    let recipient = key.to_public().to_string();
                    self.known.push(Known { key, recipient });
                }
                Err(_) => wrong.push((index + 1, NoIdentity::of(line))),
            }
            if wrong.last().is_some_and(|(_, why)| matches!(why, NoIdentity::Encrypted | NoIdentity::Ssh)) {
                // The other lines belong to the same.
                break;
            }
        }
        wrong
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The public parts of the keys.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|known| known.recipient.as_str())
    }

    /// The key of a file from the age file that it was encrypted to a recipient with, and the recipient of the key that
    /// opened it.
    pub(super) fn unwrap(&self, armored: &str) -> Result<(DataKey, &str), Refused> {
        let mut refused = Refused::NoMatch;
        for known in &self.known {
            match decrypt(&known.key, armored.as_bytes()) {
                Ok(bytes) => {
                    let key = DataKey::from_bytes(&bytes).ok_or(Refused::Damaged)?;
                    return Ok((key, &known.recipient));
                }
                Err(why) => refused = why,
            }
            if refused == Refused::Damaged {
                break;
            }
        }
        Err(refused)
    }
}

/// The content of an armored age file.
fn decrypt(identity: &dyn age::Identity, armored: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let armored = armored.trim_ascii();
    if !armored.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----") {
        return Err(Refused::Damaged);
    }
    let decryptor = Decryptor::new(ArmoredReader::new(armored)).map_err(|_| Refused::Damaged)?;
    let mut reader = match decryptor.decrypt(std::iter::once(identity)) {
        Ok(reader) => reader.take(LARGEST),
        Err(age::DecryptError::NoMatchingKeys) => return Err(Refused::NoMatch),
        Err(_) => return Err(Refused::Damaged),
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(64));
    reader.read_to_end(&mut bytes).map_err(|_| Refused::Damaged)?;
    Ok(bytes)
}

impl NoIdentity {
    fn of(line: &str) -> Self {
        if line.starts_with("AGE-PLUGIN-") {
            Self::Plugin
        } else if line.starts_with("-----BEGIN AGE ENCRYPTED") {
            Self::Encrypted
        } else if line.starts_with("-----BEGIN") || line.starts_with("ssh-") {
            Self::Ssh
        } else if line.starts_with("age1") {
            Self::Public
        } else {
            Self::Wrong
        }
    }

    /// What it is, to stand after "line 3 is".
    pub fn what(self) -> &'static str {
        match self {
            Self::Plugin => "a key that a plugin of age holds",
            Self::Ssh => "a key of SSH",
            Self::Encrypted => "a file of keys that needs a passphrase itself",
            Self::Public => "the public part of a key, which opens nothing",
            Self::Wrong => "no key of age",
        }
    }

    /// What can be done.
    pub fn help(self) -> &'static str {
        match self {
            Self::Plugin | Self::Ssh => "use a key that `age-keygen` makes",
            Self::Encrypted => "decrypt it for this run: `SOPS_AGE_KEY=$(age -d KEYFILE) tenantctl ..`",
            Self::Public | Self::Wrong => {
                "a key is a line that begins with `AGE-SECRET-KEY-1`, as `age-keygen` writes it"
            }
        }
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.recipients()).finish()
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::super::recipient::Recipient;
    use super::*;

    #[test]
    fn a_key_opens_what_was_encrypted_to_it_alone() {
        let (one, other) = (x25519::Identity::generate(), x25519::Identity::generate());
        let secret = |key: &x25519::Identity| age::secrecy::ExposeSecret::expose_secret(&key.to_string()).to_owned();
        let mut identities = Identities::default();
        assert_eq!(identities.add(&format!("# comment\n\n{}\r\n", secret(&one))), []);
        let key = DataKey::from_bytes(&[9; 32]).unwrap();
        let wrap = |to: &x25519::Identity| Recipient::parse(&to.to_public().to_string()).unwrap().wrap(&key).unwrap();
        let (opened, by) = identities.unwrap(&wrap(&one)).unwrap();
        assert_eq!((opened.bytes(), by), ([9; 32].as_slice(), one.to_public().to_string().as_str()));
        assert_eq!(identities.unwrap(&wrap(&other)).unwrap_err(), Refused::NoMatch);
        identities.add(&secret(&other));
        assert!(identities.unwrap(&wrap(&other)).is_ok());
        assert!(!format!("{identities:?}").contains("SECRET"));
    }

    #[test]
    fn what_is_no_key_is_told_by_its_line() {
        let mut identities = Identities::default();
        let wrong = identities.add("AGE-PLUGIN-X-1QQ\nage1qq\n\nx\n-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n");
        let what: Vec<_> = wrong.into_iter().collect();
        assert_eq!(
            what,
            [(1, NoIdentity::Plugin), (2, NoIdentity::Public), (4, NoIdentity::Wrong), (5, NoIdentity::Encrypted)]
        );
        assert!(identities.is_empty());
    }

    /// The vectors of age (C2SP CCTV): one a file, a header of fields, an empty line, an age file.
    #[test]
    fn the_vectors_of_age_hold() {
        /// The crate takes a last line that is missing, as the first versions of age wrote it: the code over the header
        /// holds all the same.
        const LENIENT: [&str; 2] = ["stanza_missing_body", "stanza_missing_final_line"];
        let mut count = 0;
        for (name, vector) in super::super::tests::vectors() {
            let (head, body) = vector.split_once("\n\n").unwrap();
            let field = |wanted: &str| {
                head.lines().find_map(|line| line.strip_prefix(wanted)?.strip_prefix(": ")).map(str::to_owned)
            };
            let armored = field("armored").is_some();
            let body = unhex(body.trim());
            let body = if armored { body } else { armor(&body) };
            let identity: x25519::Identity = field("identity").unwrap().parse().unwrap();
            let found = decrypt(&identity, &body);
            let expected = match field("expect").as_deref() {
                _ if LENIENT.contains(&name) => {
                    // What it holds is what all of them hold.
                    assert!(found.is_ok(), "{name} is refused by now");
                    continue;
                }
                Some("success") => Ok(field("payload").unwrap()),
                Some("no match") => Err(Refused::NoMatch),
                _ => Err(Refused::Damaged),
            };
            let digest = |bytes: Zeroizing<Vec<u8>>| hex(&Sha256::digest(bytes.as_slice()));
            assert_eq!(found.map(digest), expected, "{name}");
            count += 1;
        }
        assert_eq!(count, 74);
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn unhex(text: &str) -> Vec<u8> {
        let digit = |index: usize| u8::from_str_radix(&text[index..index + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(digit).collect()
    }

    fn armor(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut writer = age::armor::ArmoredWriter::wrap_output(Vec::new(), age::armor::Format::AsciiArmor).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }
}
