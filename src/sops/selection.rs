//! Which values of a file are encrypted.

use std::sync::Arc;

use regex::Regex;

/// The end of the names of keys below which nothing is encrypted, unless something else is said.
const SUFFIX: &str = "_unencrypted";

/// Most bytes of a compiled pattern: patterns come from files.
const LARGEST: usize = 1 << 20;

/// What a rule about keys says. A value is looked at with all keys on the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// What is below a key with this end stays in plain text.
    UnencryptedSuffix,
    /// Only what is below a key with this end is encrypted.
    EncryptedSuffix,
    /// What is below a key that this pattern matches stays in plain text.
    UnencryptedRegex,
    /// Only what is below a key that this pattern matches is encrypted.
    EncryptedRegex,
}

impl Rule {
    /// Every rule, in the order in which files have them.
    pub const ALL: [Self; 4] =
        [Self::UnencryptedSuffix, Self::EncryptedSuffix, Self::UnencryptedRegex, Self::EncryptedRegex];

    /// The key of a file that holds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnencryptedSuffix => "unencrypted_suffix",
            Self::EncryptedSuffix => "encrypted_suffix",
            Self::UnencryptedRegex => "unencrypted_regex",
            Self::EncryptedRegex => "encrypted_regex",
        }
    }
}

/// Which values of a file are encrypted: all, but for what its rule leaves out. A file has one rule at most.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Whether the code over a file leaves out what stands in plain text, so that others may change that.
    pub mac_only_encrypted: bool,
    rule: Option<(Rule, Arc<str>)>,
    pattern: Option<Regex>,
}

/// Everything but what is below keys that end with `_unencrypted`.
impl Default for Selection {
    fn default() -> Self {
        Self { rule: Some((Rule::UnencryptedSuffix, SUFFIX.into())), pattern: None, mac_only_encrypted: false }
    }
}

impl Selection {
    /// Everything.
    pub fn everything() -> Self {
        Self { rule: None, pattern: None, mac_only_encrypted: false }
    }

    /// What a rule selects; `None` for a pattern that is none.
    pub fn new(rule: Rule, text: &str) -> Option<Self> {
        let pattern = match rule {
            Rule::UnencryptedSuffix | Rule::EncryptedSuffix => None,
            Rule::UnencryptedRegex | Rule::EncryptedRegex => {
                Some(regex::RegexBuilder::new(text).size_limit(LARGEST).build().ok()?)
            }
        };
        // An empty end is no rule to those who wrote the format.
        let rule = (!text.is_empty()).then(|| (rule, text.into()));
        Some(Self { pattern: pattern.filter(|_| rule.is_some()), rule, mac_only_encrypted: false })
    }

    /// The rule and its text, if there is one.
    pub fn rule(&self) -> Option<(Rule, &str)> {
        self.rule.as_ref().map(|(rule, text)| (*rule, text.as_ref()))
    }

    /// Whether the value below these keys is encrypted.
    pub fn encrypts<K: AsRef<str>>(&self, keys: &[K]) -> bool {
        let Some((rule, text)) = &self.rule else { return true };
        let ends = || keys.iter().any(|key| key.as_ref().ends_with(text.as_ref()));
        let matches =
            || self.pattern.as_ref().is_some_and(|pattern| keys.iter().any(|key| pattern.is_match(key.as_ref())));
        match rule {
            Rule::UnencryptedSuffix => !ends(),
            Rule::EncryptedSuffix => ends(),
            Rule::UnencryptedRegex => !matches(),
            Rule::EncryptedRegex => matches(),
        }
    }

    /// Whether this encrypts at least what the other does, for all keys there could be. Two patterns are never compared:
    /// only the same one is as good.
    pub fn covers(&self, other: &Self) -> bool {
        if self.mac_only_encrypted && !other.mac_only_encrypted {
            return false;
        }
        match &self.rule {
            None => true,
            Some(_) if self.rule == other.rule => true,
            // The default leaves out what ends so; rules that encrypt some keys only may name such a key, but ask for less
            // in all that people name without thinking of it.
            Some((Rule::UnencryptedSuffix, text)) if text.as_ref() == SUFFIX => {
                matches!(other.rule, Some((Rule::EncryptedSuffix | Rule::EncryptedRegex, _)))
            }
            Some(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selects(rule: Rule, text: &str, keys: &[&str]) -> bool {
        Selection::new(rule, text).unwrap().encrypts(keys)
    }

    #[test]
    fn any_key_on_the_way_decides() {
        assert!(Selection::default().encrypts(&["a", "b"]));
        assert!(!Selection::default().encrypts(&["a_unencrypted", "b"]));
        assert!(!selects(Rule::EncryptedSuffix, "_secret", &["a", "b"]));
        assert!(selects(Rule::EncryptedSuffix, "_secret", &["a_secret", "b"]));
        assert!(selects(Rule::EncryptedRegex, "^(data|stringData)$", &["data", "x"]));
        assert!(!selects(Rule::EncryptedRegex, "^(data|stringData)$", &["metadata", "name"]));
        assert!(!selects(Rule::UnencryptedRegex, "^meta", &["metadata", "name"]));
        assert!(Selection::new(Rule::EncryptedRegex, "(").is_none());
        assert!(selects(Rule::UnencryptedSuffix, "", &["a_unencrypted"]));
    }

    #[test]
    fn a_file_cannot_ask_for_less() {
        let narrow = Selection::new(Rule::EncryptedRegex, "^password$").unwrap();
        let wide = Selection::new(Rule::EncryptedRegex, ".*").unwrap();
        let default = Selection::default();
        assert!(default.covers(&default) && narrow.covers(&narrow) && default.covers(&narrow));
        assert!(Selection::everything().covers(&default) && !default.covers(&Selection::everything()));
        assert!(!narrow.covers(&default) && !wide.covers(&narrow));
        assert!(!Selection::new(Rule::UnencryptedSuffix, "d").unwrap().covers(&default));
    }
}
