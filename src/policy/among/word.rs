//! Words of values that may name what is somebody's: addresses, and what stands below telling keys.

use std::borrow::Cow;
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
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    let searched = manifests.iter().filter(|manifest| is_searched(manifest)).map(Manifest::node);
    for root in configuration.into_iter().chain(searched) {
        walk(root, Trail::default(), &mut |word| words.push(word));
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
    let mut path = Path::root();
    search(root, Trail::default(), wanted, &mut path).then_some(path)
}

/// How a value was come to.
#[derive(Clone, Copy, Default)]
struct Trail<'n> {
    /// The key above it, over lists.
    key: &'n str,
    /// Keys above it.
    depth: usize,
    /// Whether the first of these is `metadata`.
    in_metadata: bool,
}

impl<'n> Trail<'n> {
    fn below(self, key: &'n str) -> Self {
        let in_metadata = if self.depth == 0 { key == "metadata" } else { self.in_metadata };
        Self { key, depth: self.depth + 1, in_metadata }
    }
}

/// Calls `each` with every word.
fn walk<'n>(node: &'n Node, trail: Trail<'n>, each: &mut impl FnMut(Cow<'n, str>)) {
    match &node.value {
        Value::Map(map) => {
            for (key, entry) in map.iter() {
                walk(&entry.node, trail.below(key), each);
            }
        }
        Value::List(items) => items.iter().for_each(|item| walk(item, trail, each)),
        Value::String(text) => of_text(text, trail, each),
        _ => {}
    }
}

/// Whether a word is below a node; `path` is then its path.
fn search(node: &Node, trail: Trail<'_>, wanted: &str, path: &mut Path) -> bool {
    let mut down = |step: Step, below: &Node, trail: Trail<'_>| {
        path.push(step);
        let found = search(below, trail, wanted, path);
        if !found {
            path.pop();
        }
        found
    };
    match &node.value {
        Value::Map(map) => {
            map.iter().any(|(key, entry)| down(Step::Key(Arc::clone(key)), &entry.node, trail.below(key)))
        }
        Value::List(items) => items.iter().enumerate().any(|(index, item)| down(Step::Index(index), item, trail)),
        Value::String(text) => {
            let mut found = false;
            of_text(text, trail, &mut |word| found |= word == wanted);
            found
        }
        _ => false,
    }
}

fn of_text<'n>(text: &'n str, trail: Trail<'n>, each: &mut impl FnMut(Cow<'n, str>)) {
    let key = trail.key;
    // An object's own name and namespace are checked elsewhere.
    let own = trail.in_metadata && trail.depth == 2;
    if text.is_empty() || SKIPPED.contains(&key) || own {
        return;
    }
    if is_lone(text) {
        if SPACES.contains(&key) || key.ends_with("_namespace") || key.ends_with("Namespace") {
            return each(format!("{SPACE}{text}").into());
        }
        let lower = key.to_ascii_lowercase();
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number && text.len() <= LONGEST && TELLING.iter().any(|part| lower.contains(part)) {
            each(text.into());
        }
        return;
    }
    let ends = |c: char| c.is_whitespace() || "\"'`,;()[]{}<>|=&".contains(c);
    for word in text.split(ends).map(|word| word.trim_end_matches(['.', ':'])) {
        if !is_lone(word) && word.len() <= LONGEST && word.contains(|c: char| c.is_ascii_alphabetic()) {
            each(word.into());
        }
    }
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
