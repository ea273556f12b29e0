//! What is known of a value beforehand, by a schema.

use std::fmt::Debug;

use crate::tree::Node;

/// What a schema says of a value, as far as the language sees it. Keys of a mapping with a shape are spelled as in rules of
/// custom resources: `__dash__` is `-`, and a word that the language keeps to itself stands between double underscores.
pub(crate) trait Shape: Debug + Sync {
    /// Of the value of a key.
    fn member(&self, key: &str) -> Option<&dyn Shape>;
    /// Of each item of a list.
    fn item(&self) -> Option<&dyn Shape>;
    /// What stands for nothing, by key.
    fn defaults(&self) -> Vec<(&str, &Node)>;
    /// What a string or a number is.
    fn form(&self) -> Form;
}

/// What a string or a number is in the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// What it is in the tree.
    AsWritten,
    /// A number with a fraction, however it is written.
    Double,
    /// A string that is a time.
    Timestamp,
    /// A string that is a duration.
    Duration,
    /// A string that is base64.
    Bytes,
}

/// What stands for characters, and for itself.
const ESCAPES: [(&str, &str); 4] = [("__underscores__", "__"), ("__dot__", "."), ("__dash__", "-"), ("__slash__", "/")];

/// The key that an escaped name stands for; `None` for one that is not escaped.
pub(super) fn unescaped(name: &str) -> Option<String> {
    if !name.contains("__") {
        return None;
    }
    let escape = |text: &str| ESCAPES.iter().find(|(escape, _)| text.starts_with(escape)).copied();
    let word = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__"));
    if let Some(word) = word.filter(|word| !word.contains("__") && escape(name).is_none()) {
        return Some(word.to_owned());
    }
    let mut key = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let (taken, text) = match escape(rest) {
            Some((escape, text)) => (escape.len(), text),
            None => (c.len_utf8(), &rest[..c.len_utf8()]),
        };
        key.push_str(text);
        rest = &rest[taken..];
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn names_are_unescaped_as_the_api_server_does() {
        for (name, key) in [
            ("plain", None),
            ("with__dash__dash", Some("with-dash")),
            ("__namespace__", Some("namespace")),
            ("a__dot__b__slash__c", Some("a.b/c")),
            ("__dash__", Some("-")),
            ("a__underscores__b", Some("a__b")),
            ("__dash__a__dash__", Some("-a-")),
        ] {
            assert_eq!(unescaped(name).as_deref(), key, "{name}");
        }
    }
}
