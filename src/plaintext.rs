//! Texts that look like secrets: by their form, by the name of their key, or by how random they are.

use std::sync::OnceLock;

use regex::RegexSet;

/// Forms that are secrets wherever they stand.
const FORMS: [&str; 14] = [
    r"-----BEGIN [A-Z ]*PRIVATE KEY",
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{36}",
    r"\bgithub_pat_[A-Za-z0-9_]{40}",
    r"\bglpat-[A-Za-z0-9_-]{20}",
    r"\bxox[abeprs]-[0-9A-Za-z-]{10}",
    r"hooks\.slack\.com/services/T[0-9A-Z]+/B[0-9A-Z]+/",
    r"\b[rs]k_live_[0-9A-Za-z]{16}",
    r"\bAIza[0-9A-Za-z_-]{35}",
    r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10}",
    r"\bnpm_[A-Za-z0-9]{36}",
    r"AccountKey=[A-Za-z0-9+/]{40}",
    r"\bAGE-SECRET-KEY-1[A-Z0-9]{58}",
    // A password in an address.
    r"://[^/\s:@]+:[^/\s:@$(){}<>*]{3,}@[A-Za-z0-9]",
];

/// Ends of the names of keys, in lower case without signs, whose texts are secrets.
const NAMES: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "privatekey",
    "accesskey",
    "secretkey",
    "clientsecret",
    "authtoken",
    "accesstoken",
    "bearertoken",
];

/// Begins of texts that only say where a secret is.
const REFERENCES: [&str; 12] =
    ["$", "{{", "/", "vault:", "ref+", "arn:", "projects/", "secret://", "op://", "sm://", "file:", "env:"];

/// Fewest signs of a word that is held to be random.
const LONG: usize = 32;

/// Fewest bits in each sign of such a word, on average: text in any language has fewer.
const RANDOM: f64 = 4.5;

/// Whether the text of a key is a secret.
pub(crate) fn is_secret(key: &str, text: &str) -> bool {
    // Most texts are too short to be one.
    text.len() >= 4
        && (is_named(key) && is_literal(text)
            || has_form(text)
            || text.len() >= LONG && text.split(|c: char| !is_sign(c)).any(is_random))
}

/// Whether a text has in it what is a secret by its form alone.
pub(crate) fn has_form(text: &str) -> bool {
    static SET: OnceLock<Option<RegexSet>> = OnceLock::new();
    let forms = SET.get_or_init(|| RegexSet::new(FORMS).ok());
    debug_assert!(forms.is_some(), "each of them is a regular expression");
    text.len() >= 16 && forms.as_ref().is_some_and(|forms| forms.is_match(text))
}

/// Whether a text is a secret by the name of its key.
pub(crate) fn is_called_one(key: &str, text: &str) -> bool {
    text.len() >= 4 && is_named(key) && is_literal(text)
}

/// Whether an argument such as `--password=..` has a secret in it.
pub(crate) fn is_option(text: &str) -> bool {
    let option = text.strip_prefix("--").and_then(|option| option.split_once('='));
    option.is_some_and(|(name, value)| value.len() >= 4 && is_named(name) && is_literal(value))
}

fn is_named(key: &str) -> bool {
    let letters = |c: &char| c.is_ascii_alphanumeric();
    let name: String = key.chars().filter(letters).map(|c| c.to_ascii_lowercase()).collect();
    NAMES.iter().any(|end| name.ends_with(end))
}

/// Whether a text is a secret itself, not where one is.
fn is_literal(text: &str) -> bool {
    !REFERENCES.iter().any(|begin| text.starts_with(begin)) && !matches!(text, "none" | "null" | "true" | "false")
}

fn is_sign(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '_' | '=')
}

/// Whether a word looks as if nobody had thought of it: letters of both cases, digits, and hardly any sign twice.
fn is_random(word: &str) -> bool {
    if word.len() < LONG {
        return false;
    }
    let has = |is: fn(&u8) -> bool| word.bytes().filter(is).count() >= 4;
    if !(has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)) {
        return false;
    }
    let mut counts = [0_u32; 128];
    word.bytes().for_each(|byte| counts[usize::from(byte & 127)] += 1);
    let length = f64::from(u32::try_from(word.len()).unwrap_or(u32::MAX));
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length);
    -shares.map(|share| share * share.log2()).sum::<f64>() >= RANDOM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_regular_expressions() {
        assert!(RegexSet::new(FORMS).is_ok());
    }

    #[test]
    fn secrets_are_told_from_what_only_looks_long() {
        for (key, text) in [
            ("password", "hunter22"),
            ("DB_PASSWORD", "hunter22"),
            ("api-key", "abcd1234"),
            ("x", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
            ("x", "AKIAABCDEFGHIJKLMNOP"),
            ("url", "postgres://app:hunter22@db.example.com/app"),
            ("x", "q8Zr3TyLw0PnXs5VbK7mJd2GhF9cA1eU4oQi"),
        ] {
            assert!(is_secret(key, text), "{key}");
        }
        for (key, text) in [
            ("password", "${DB_PASSWORD}"),
            ("password", "vault:secret/data/app#password"),
            ("secret", "redis-auth"),
            ("image", "example.com/a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("digest", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("url", "postgres://app:$(PASSWORD)@db.example.com/app"),
            ("expr", "sum(rate(http_requests_total{namespace=\"acme\"}[5m])) by (code)"),
            ("x", "TheQuickBrownFoxJumpsOverTheLazyDogAgainAndAgain"),
        ] {
            assert!(!is_secret(key, text), "{key}: {text}");
        }
        assert!(is_option("--password=hunter22") && !is_option("--password=$(PASSWORD)") && !is_option("--port=8080"));
    }
}
