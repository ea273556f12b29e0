//! The signs of which passwords are made.

/// A set of signs with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alphabet {
    signs: Vec<char>,
}

/// Names and signs.
const NAMED: [(&str, &str); 5] = [
    ("alphanumeric", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
    ("letters", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ("digits", "0123456789"),
    // What needs no escape in a URL.
    ("url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"),
    ("printable", "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"),
];

/// Most signs of an alphabet: a byte must be able to tell them apart.
const MOST: usize = 256;

impl Default for Alphabet {
    fn default() -> Self {
        Self { signs: NAMED[0].1.chars().collect() }
    }
}

impl Alphabet {
    /// The names of those that have one.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
        NAMED.iter().map(|(name, _)| *name)
    }

    /// The one of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        NAMED.iter().find(|(known, _)| *known == name).map(|(_, signs)| Self { signs: signs.chars().collect() })
    }

    /// The one of these signs; `None` unless there are 2 to 256, each once.
    pub(crate) fn of(signs: &str) -> Option<Self> {
        let signs: Vec<char> = signs.chars().collect();
        let once = signs.iter().enumerate().all(|(at, sign)| !signs[..at].contains(sign) && !sign.is_control());
        ((2..=MOST).contains(&signs.len()) && once).then_some(Self { signs })
    }

    /// Its signs.
    pub(crate) fn signs(&self) -> &[char] {
        &self.signs
    }

    /// How many bits a sign drawn from it has.
    pub(crate) fn bits(&self) -> f64 {
        f64::from(u32::try_from(self.signs.len()).unwrap_or(u32::MAX)).log2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabets_have_each_sign_once() {
        for name in Alphabet::names() {
            let signs: String = Alphabet::named(name).unwrap().signs().iter().collect();
            assert!(Alphabet::of(&signs).is_some(), "{name}");
        }
        assert!(Alphabet::of("a").is_none() && Alphabet::of("aa").is_none() && Alphabet::of("a\n").is_none());
    }
}
