//! Words of values that may name what is somebody's: addresses, and what stands below telling keys.

use std::sync::Arc;

use super::What;
use crate::manifest::Manifest;
use crate::path::{Path, Step};
use crate::tree::{Node, Value};

/// Most bytes of a word: a host name has fewer.
const LONGEST: usize = 253;

/// Parts of keys whose value may be a name by itself.
const TELLING: [&str; 14] = [
    "host", "domain", "bucket", "database", "db", "queue", "topic", "kms", "role", "arn", "account", "schema",
    "server", "value",
];

/// Keys whose value is a namespace or a tenant.
const SPACES: [&str; 4] = ["namespace", "kubernetes.io/metadata.name", "tenantctl.dev/tenant", "trusted_namespaces"];

/// Keys whose value is no reference to anybody.
const SKIPPED: [&str; 3] = ["apiVersion", "kind", "image"];

/// What a lone name of a namespace is written after.
const SPACE: &str = "ns/";

/// The words of a target, one a line, sorted, each once.
pub(super) fn of(configuration: Option<&Node>, manifests: &[Manifest]) -> String {
    let mut words = Vec::new();
    let mut each = |_: &Path, word: &str| -> bool {
        words.push(word.to_owned());
        false
    };
    let mut path = Path::root();
    if let Some(root) = configuration {
        walk(root, &mut path, &mut each);
    }
    for manifest in manifests.iter().filter(|manifest| is_searched(manifest)) {
        walk(manifest.node(), &mut path, &mut each);
    }
    words.sort_unstable();
    words.dedup();
    words.join("\n")
}

/// Whether the words of an object count. Which namespaces a network policy lets in is another rule.
pub(super) fn is_searched(manifest: &Manifest) -> bool {
    manifest.identity().kind().as_ref() != "NetworkPolicy"
}

/// Where a word is, below a node.
pub(super) fn find(root: &Node, wanted: &str) -> Option<Path> {
    let mut found = None;
    walk(root, &mut Path::root(), &mut |path, word| {
        if word == wanted {
            found = Some(path.clone());
        }
        word == wanted
    });
    found
}

/// Calls `each` with every word and its path; stops when that is `true`.
fn walk(node: &Node, path: &mut Path, each: &mut impl FnMut(&Path, &str) -> bool) -> bool {
    let mut down = |step: Step, below: &Node, each: &mut _| {
        path.push(step);
        let done = walk(below, path, each);
        path.pop();
        done
    };
    match &node.value {
        Value::Map(map) => map.iter().any(|(key, entry)| down(Step::Key(Arc::clone(key)), &entry.node, each)),
        Value::List(items) => items.iter().enumerate().any(|(index, item)| down(Step::Index(index), item, each)),
        Value::String(text) => of_text(text, path, each),
        _ => false,
    }
}

fn of_text(text: &str, path: &Path, each: &mut impl FnMut(&Path, &str) -> bool) -> bool {
    let key = path.steps().iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.as_ref()),
        Step::Index(_) => None,
    });
    let key = key.unwrap_or_default();
    // An object's own namespace is checked elsewhere.
    let own = matches!(path.steps(), [Step::Key(first), Step::Key(_)] if first.as_ref() == "metadata");
    if text.is_empty() || SKIPPED.contains(&key) || own {
        return false;
    }
    if is_lone(text) {
        if SPACES.contains(&key) || key.ends_with("_namespace") || key.ends_with("Namespace") {
            return each(path, &format!("{SPACE}{text}"));
        }
        let lower = key.to_ascii_lowercase();
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let telling = !is_number && text.len() <= LONGEST && TELLING.iter().any(|part| lower.contains(part));
        return telling && each(path, text);
    }
    let ends = |c: char| c.is_whitespace() || "\"'`,;()[]{}<>|=&".contains(c);
    let mut words = text.split(ends).map(|word| word.trim_end_matches(['.', ':']));
    words.any(|word| {
        !is_lone(word) && word.len() <= LONGEST && word.contains(|c: char| c.is_ascii_alphabetic()) && each(path, word)
    })
}

/// Whether a text is one name, without the signs of an address.
fn is_lone(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || "./:=,\"'".contains(c))
}

/// How a part of a word may name something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it, or all between two signs.
    Whole,
    /// The end of a host name, from a dot.
    End,
    /// A wildcard that a host name falls under.
    Wildcard,
    /// Where a namespace stands.
    Space,
}

impl Part {
    /// Whether it can name such a thing.
    pub(super) fn fits(self, what: What) -> bool {
        match what {
            What::Namespace => self == Self::Space,
            What::Host => matches!(self, Self::Whole | Self::End | Self::Wildcard),
            What::Port => false,
            _ => self == Self::Whole,
        }
    }
}

/// Calls `each` with every name that a word may hold, and how; the longest ends of a host come first.
pub(super) fn parts(word: &str, mut each: impl FnMut(&str, Part)) {
    if let Some(space) = word.strip_prefix(SPACE).filter(|space| is_lone(space)) {
        return each(space, Part::Space);
    }
    each(word, Part::Whole);
    let (scheme, rest) = word.split_once("://").unwrap_or(("", word));
    let is_address = !scheme.is_empty() || word.starts_with("arn:");
    let mut before = "";
    for (nth, segment) in rest.split(['/', ':', '@', '?']).enumerate() {
        if segment.len() < word.len() {
            each(segment, Part::Whole);
        }
        let listed = matches!(before, "ns" | "namespaces" | "tenants" | "tenant");
        if listed || is_address && nth > 0 {
            each(segment, Part::Space);
        }
        before = segment;
        let mut label = "";
        let mut end = segment;
        while let Some((first, after)) = end.split_once('.') {
            if label.is_empty() {
                // A bucket may stand before the host of its store.
                each(first, Part::Whole);
            }
            if after == "svc" || after.starts_with("svc.") {
                each(first, Part::Space);
            }
            let wildcard = format!("*.{after}");
            each(&wildcard, Part::Wildcard);
            each(after, Part::End);
            label = first;
            end = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(word: &str, what: What) -> Vec<String> {
        let mut found = Vec::new();
        parts(word, |name, part| {
            if part.fits(what) {
                found.push(name.to_owned());
            }
        });
        found
    }

    #[test]
    fn a_namespace_is_named_where_one_stands() {
        let named = |word: &str| names(word, What::Namespace).contains(&"bolt".to_owned());
        for word in [
            "redis.bolt.svc:6379",
            "ns/bolt",
            "spiffe://cluster.local/ns/bolt/sa/a",
            "s3://backups/bolt/a",
            "db.bolt.svc.cluster.local",
        ] {
            assert!(named(word), "{word}");
        }
        for word in ["bolt.example.com", "/bolt/health", "registry.example.com/bolt/app:1", "bolt", "https://bolt/a"] {
            assert!(!named(word), "{word}");
        }
    }

    #[test]
    fn hosts_and_buckets_are_named_whole() {
        assert!(names("https://a.bolt.example/x", What::Host).contains(&"bolt.example".to_owned()));
        assert!(names("https://a.bolt.example/x", What::Host).contains(&"*.bolt.example".to_owned()));
        assert!(!names("https://abolt.example/x", What::Host).contains(&"bolt.example".to_owned()));
        assert!(names("s3://bolt-data/x", What::Bucket).contains(&"bolt-data".to_owned()));
        assert!(names("https://bolt-data.s3.example.com/x", What::Bucket).contains(&"bolt-data".to_owned()));
        assert!(!names("s3://bolt-data-2/x", What::Bucket).contains(&"bolt-data".to_owned()));
    }
}
