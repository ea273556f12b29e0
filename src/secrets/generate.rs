//! What a value is drawn by.

use zeroize::Zeroizing;

use super::Alphabet;
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
}

impl Generator {
    /// The names in the settings.
    pub(crate) const NAMES: [&'static str; 2] = ["password", "hex"];

    /// What it is, in a few words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Password { length, alphabet } => {
                let bits = alphabet.bits() * f64::from(u32::try_from(*length).unwrap_or(u32::MAX));
                format!("a password of {length} signs, {bits:.0} bits")
            }
            Self::Hex { bytes } => format!("{bytes} bytes in hexadecimal"),
        }
    }

    /// A new value.
    pub(crate) fn draw(&self, randomness: &mut dyn Randomness) -> Result<Plain, NoRandomness> {
        let mut text = Zeroizing::new(String::new());
        match self {
            Self::Password { length, alphabet } => {
                text.reserve_exact(length * 4);
                for _ in 0..*length {
                    text.push(sign(alphabet.signs(), randomness)?);
                }
            }
            Self::Hex { bytes } => {
                text.reserve_exact(bytes * 2);
                let mut drawn = Zeroizing::new(vec![0; *bytes]);
                randomness.fill(&mut drawn)?;
                for byte in drawn.iter() {
                    for half in [byte >> 4, byte & 15] {
                        text.push(char::from_digit(u32::from(half), 16).unwrap_or_default());
                    }
                }
            }
        }
        Ok(Plain::text(text))
    }
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
            let drawn = Generator::Password { length, alphabet }.draw(&mut Counter(0)).unwrap();
            for sign in &signs {
                assert_eq!(drawn.reveal().matches(*sign).count(), 256 / signs.len(), "{name} {sign}");
            }
        }
    }

    #[test]
    fn values_are_as_long_as_they_are_said_to_be() {
        let password = Generator::Password { length: 20, alphabet: Alphabet::of("äb").unwrap() };
        assert_eq!(password.draw(&mut System).unwrap().reveal().chars().count(), 20);
        assert_eq!(Generator::Hex { bytes: 3 }.draw(&mut Counter(9)).unwrap().reveal(), "090a0b");
        let alike = |generator: Generator| {
            generator.draw(&mut System).unwrap().reveal() == generator.draw(&mut System).unwrap().reveal()
        };
        assert!(!alike(password) && !alike(Generator::Hex { bytes: 32 }));
    }
}
