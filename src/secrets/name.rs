//! Names of secrets, and the keys of files that are no secrets but tell of them.

use crate::path::{Path, Step};

/// The key below which a file keeps what is secret itself: the key of names and previous values.
pub(crate) const RECORD: &str = "_tenantctl";

/// The key, below [`RECORD`], of the key that names of objects are made with.
pub(crate) const NAME_KEY: &str = "name_key";

/// The key, below [`RECORD`], of the values that were there before.
pub(crate) const PREVIOUS: &str = "previous";

/// The keys of the days on which values were set: plain text, so that they can be told without a key.
pub(crate) const SET: [&str; 2] = ["_tenantctl_unencrypted", "set"];

/// The keys of digests of values, made with the key of names: plain text, so that names of objects need no key.
pub(crate) const DIGEST: [&str; 2] = ["_tenantctl_unencrypted", "digest"];

/// The keys of the digests of the values that were there before.
pub(crate) const BEFORE: [&str; 2] = ["_tenantctl_unencrypted", "previous"];
/// The keys at the top of a file that are for tenantctl itself.
pub(crate) const OWN: [&str; 2] = [SET[0], RECORD];

/// Most bytes of a name.
const LONGEST: usize = 253;

/// Whether a text may name a secret: labels of letters, digits, `-` and `_`, with dots between them.
pub(crate) fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.len() <= LONGEST && text.split('.').all(label)
}

/// Whether a key at the top of a file is for tenantctl itself.
pub(crate) fn is_reserved(key: &str) -> bool {
    OWN.contains(&key)
}

/// The name of the secret at a path; `None` for what is no secret, or has no name because of its keys.
pub(super) fn of(path: &Path) -> Option<String> {
    let keys = path.keys();
    let first = keys.first()?;
    let listed = path.steps().iter().any(|step| matches!(step, Step::Index(_)));
    let plain = keys.iter().all(|key| is_name(key) && !key.contains('.'));
    (!listed && plain && !is_reserved(first)).then(|| keys.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_path_of_its_value() {
        let name = |text: &str| of(&Path::parse(text).unwrap());
        assert_eq!(name("database.password").as_deref(), Some("database.password"));
        for other in ["_tenantctl.name_key", "_tenantctl_unencrypted.set", "list[0]", "\"a.b\"", "a.\"b c\""] {
            assert_eq!(name(other), None, "{other}");
        }
        assert!(is_name("web.tls_2-a") && !is_name("a..b") && !is_name("") && !is_name("ä"));
    }
}
