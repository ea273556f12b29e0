//! What a value is drawn by.

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::Alphabet;
use super::keypair::{self, KeyForm};
use crate::sops::{NoRandomness, Plain, Randomness};

/// How a new value is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Generator {
    /// So many signs of an alphabet, each as likely as any other.
    Password {
        /// How many.
        length: usize,
        /// Of what.
        alphabet: Alphabet,
    },
    /// So many bytes, in hexadecimal.
    Hex {
        /// How many.
        bytes: usize,
    },
    /// A key of Ed25519: two secrets, `NAME.key` and `NAME.pub`.
    Ed25519 {
        /// How it is written.
        form: KeyForm,
    },
    /// A key of RSA, as PKCS #8 and X.509 in PEM: two secrets, `NAME.key` and `NAME.pub`.
    Rsa {
        /// How long it is.
        bits: usize,
    },
    /// A key and a certificate of a server for it that it signs itself: two secrets, `NAME.key` and `NAME.crt`.
    Certificate {
        /// Names of hosts, and addresses.
        names: Vec<String>,
        /// For how many days.
        days: usize,
    },
}

impl Generator {
    /// The names in the settings.
    pub(crate) const NAMES: [&'static str; 5] = ["password", "hex", "ed25519", "rsa", "certificate"];

    /// What it is, in a few words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Password { length, alphabet } => {
                let bits = alphabet.bits() * f64::from(u32::try_from(*length).unwrap_or(u32::MAX));
                format!("a password of {length} signs, {bits:.0} bits")
            }
            Self::Hex { bytes } => format!("{bytes} bytes in hexadecimal"),
            Self::Ed25519 { .. } => "a key of Ed25519".to_owned(),
            Self::Rsa { bits } => format!("a key of RSA of {bits} bits"),
            Self::Certificate { names, days } => {
                format!("a key and a certificate of {} for {days} days", names.join(", "))
            }
        }
    }

    /// The names of the secrets that are drawn for a value.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        let below = |ends: [&str; 2]| ends.into_iter().map(|end| format!("{name}.{end}")).collect();
        match self {
            Self::Password { .. } | Self::Hex { .. } => vec![name.to_owned()],
            Self::Ed25519 { .. } | Self::Rsa { .. } => below(["key", "pub"]),
            Self::Certificate { .. } => below(["key", "crt"]),
        }
    }

    /// New values, in the order of [`Generator::names`]. What ends does so that many days after today.
    pub(crate) fn draw(&self, today: Date, randomness: &mut dyn Randomness) -> Result<Vec<Plain>, NoRandomness> {
        let pair = |(secret, public): (Zeroizing<String>, String)| vec![Plain::text(secret), Plain::text(public)];
        match self {
            Self::Password { length, alphabet } => {
                let mut text = Zeroizing::new(String::with_capacity(length * 4));
                for _ in 0..*length {
                    text.push(sign(alphabet.signs(), randomness)?);
                }
                Ok(vec![Plain::text(text)])
            }
            Self::Hex { bytes } => hex(*bytes, randomness).map(|text| vec![text]),
            Self::Ed25519 { form } => keypair::ed25519(*form, randomness).map(pair),
            Self::Rsa { bits } => keypair::rsa(*bits, randomness).map(pair),
            Self::Certificate { names, days } => keypair::certificate(names, today, *days).map(pair),
        }
    }
}

/// So many bytes in hexadecimal.
pub(super) fn hex(bytes: usize, randomness: &mut dyn Randomness) -> Result<Plain, NoRandomness> {
    let mut drawn = Zeroizing::new(vec![0; bytes]);
    randomness.fill(&mut drawn)?;
    let mut text = Zeroizing::new(String::with_capacity(bytes * 2));
    for byte in drawn.iter() {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or_default());
        }
    }
    Ok(Plain::text(text))
}

/// One sign. What would make some likelier than others is drawn again.
fn sign(signs: &[char], randomness: &mut dyn Randomness) -> Result<char, NoRandomness> {
    let fair = 256 / signs.len().max(1) * signs.len();
    // Of a fair source, half of all bytes and more are good.
    for _ in 0..1000 {
        let mut byte = [0];
        randomness.fill(&mut byte)?;
        let drawn = usize::from(byte[0]);
        if drawn < fair
            && let Some(sign) = signs.get(drawn % signs.len())
        {
            return Ok(*sign);
        }
    }
    Err(NoRandomness)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sops::System;

    const DAY: Date = jiff::civil::date(2026, 1, 1);

    /// All bytes, one after the other.
    struct Counter(u8);

    impl Randomness for Counter {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
            Ok(())
        }
    }

    #[test]
    fn every_sign_is_as_likely() {
        for name in Alphabet::names() {
            let alphabet = Alphabet::named(name).unwrap();
            let signs = alphabet.signs().to_vec();
            let length = 256 / signs.len() * signs.len();
            let drawn = Generator::Password { length, alphabet }.draw(DAY, &mut Counter(0)).unwrap().remove(0);
            for sign in &signs {
                assert_eq!(drawn.reveal().matches(*sign).count(), 256 / signs.len(), "{name} {sign}");
            }
        }
    }

    #[test]
    fn values_are_as_long_as_they_are_said_to_be() {
        let password = Generator::Password { length: 20, alphabet: Alphabet::of("äb").unwrap() };
        assert_eq!(password.draw(DAY, &mut System).unwrap()[0].reveal().chars().count(), 20);
        assert_eq!(Generator::Hex { bytes: 3 }.draw(DAY, &mut Counter(9)).unwrap()[0].reveal(), "090a0b");
        let alike = |generator: Generator| {
            generator.draw(DAY, &mut System).unwrap()[0] == generator.draw(DAY, &mut System).unwrap()[0]
        };
        assert!(!alike(password) && !alike(Generator::Hex { bytes: 32 }));
    }
}
