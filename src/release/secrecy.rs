//! What must not be stored: objects that hold the content of secrets.
//!
//! In goes the stream of a target, out comes the stream without them, and what was left out. A ledger is committed and
//! kept for years; a secret in it could never be taken back.

use crate::diagnostic::Diagnostics;
use crate::source::FileId;
use crate::tree::Value;
use crate::yaml::{self, Limits, Written};

/// What an encrypted value begins with.
const ENCRYPTED: &str = "ENC[";

/// What begins every document of a stream.
const BEGIN: &str = "---\n";

/// A stream that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cleared {
    /// The documents that hold no secrets, byte for byte; `None` if that is all of them.
    pub(super) text: Option<String>,
    /// The objects that were left out, such as `acme Secret/database`.
    pub(super) withheld: Vec<String>,
}

/// Leaves out what holds the content of secrets.
pub(super) fn clear(stream: &str) -> Cleared {
    let documents = documents(stream);
    // Parsing costs more than looking, and most streams hold none.
    if !documents.iter().any(|document| may_be_secret(document)) {
        return Cleared { text: None, withheld: Vec::new() };
    }
    let mut cleared = (String::with_capacity(stream.len()), Vec::new());
    for document in documents {
        match may_be_secret(document).then(|| withheld(document)).flatten() {
            Some(name) => cleared.1.push(name),
            None => cleared.0.push_str(document),
        }
    }
    let (text, withheld) = cleared;
    Cleared { text: (!withheld.is_empty()).then_some(text), withheld }
}

/// The documents of a stream as we write them, each with its `---`.
fn documents(stream: &str) -> Vec<&str> {
    let begins: Vec<usize> =
        std::iter::once(0).chain(stream.match_indices("\n---\n").map(|(at, _)| at + 1)).chain([stream.len()]).collect();
    begins
        .windows(2)
        .filter_map(|range| stream.get(range[0]..range[1]))
        .filter(|document| !document.is_empty())
        .collect()
}

/// Whether a document may be one of kind Secret: its kind stands on a line of its own, at the top.
fn may_be_secret(document: &str) -> bool {
    document.lines().filter_map(|line| line.strip_prefix("kind:")).any(|kind| kind.contains("Secret"))
}

/// The name of an object that holds the content of secrets; `None` if it does not.
fn withheld(document: &str) -> Option<String> {
    let text = document.strip_prefix(BEGIN).unwrap_or(document);
    let read = yaml::read_stream(FileId::NONE, text, &Limits::RENDERED, &mut Diagnostics::new());
    // What we cannot read back we do not keep.
    let Ok([object]) = read.as_deref() else { return Some("an object that could not be read back".to_owned()) };
    let said = |keys: &[&str]| object.at(keys).and_then(Written::as_str);
    if said(&["apiVersion"]) != Some("v1") || said(&["kind"]) != Some("Secret") {
        return None;
    }
    let sealed = said(&["sops", "mac"]).is_some();
    let hidden =
        |value: &Value| sealed && value.as_str().is_some_and(|text| text.is_empty() || text.starts_with(ENCRYPTED));
    let bears = |key| match object.at(&[key]).map(|content| content.to_node().value) {
        None | Some(Value::Null) => false,
        Some(Value::Map(map)) => !map.iter().all(|(_, entry)| hidden(&entry.node.value)),
        Some(_) => true,
    };
    let name = said(&["metadata", "name"]).unwrap_or_default();
    let namespace = said(&["metadata", "namespace"]).map(|name| format!("{name} ")).unwrap_or_default();
    (bears("data") || bears("stringData")).then(|| format!("{namespace}Secret/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str =
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  b: |\n    ---\n    kind: Secret\n";
    const SECRET: &str =
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: acme\ndata:\n  k: aHVudGVyMg==\n";
    const EMPTY: &str =
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: token\ntype: kubernetes.io/service-account-token\n";
    const STORE: &str = "---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: e\n";

    #[test]
    fn the_content_of_secrets_is_left_out_and_nothing_else() {
        assert_eq!(clear(PLAIN), Cleared { text: None, withheld: Vec::new() });
        assert_eq!(clear(&[PLAIN, EMPTY, STORE].concat()), Cleared { text: None, withheld: Vec::new() });
        let cleared = clear(&[PLAIN, SECRET, EMPTY, STORE].concat());
        assert_eq!(cleared.text, Some([PLAIN, EMPTY, STORE].concat()));
        assert_eq!(cleared.withheld, ["acme Secret/s"]);
        let other = SECRET.replace("\ndata:", "\nstringData:");
        assert_eq!(clear(&other), Cleared { text: Some(String::new()), withheld: vec!["acme Secret/s".to_owned()] });
        let sealed = SECRET.replace("aHVudGVyMg==", "ENC[AES256_GCM,data:..]") + "sops:\n  mac: ENC[..]\n";
        assert_eq!(clear(&sealed), Cleared { text: None, withheld: Vec::new() });
        assert!(clear(&sealed.replace("ENC[AES", "aHVudGVyMg==")).text.is_some());
        assert_eq!(clear(""), Cleared { text: None, withheld: Vec::new() });
    }
}
