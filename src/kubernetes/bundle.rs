//! The schemas of Kubernetes' own kinds, inside the program.
//!
//! `schemas.lz4` is one text for all versions: a line for each definition, with the versions it is true of. It is unpacked
//! when it is asked for first, and a definition is read when an object needs it. `examples/kubernetes_bundle` makes
//! the file and says what its lines hold; `NOTICE` says where the facts in it come from.

use std::sync::{Arc, LazyLock, OnceLock};

use indexmap::IndexMap;

use super::Version;
use super::retired::{Retired, retired};
use super::structural::{Structural, reader};

/// The text, packed; the four bytes at its front are the length.
static PACKED: &[u8] = include_bytes!("schemas.lz4");

/// The text.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let text = lz4_flex::decompress_size_prepended(PACKED).unwrap_or_default();
    String::from_utf8(text).unwrap_or_default()
});

static BUNDLES: [OnceLock<Bundle>; 6] = [const { OnceLock::new() }; 6];

/// The kinds of one version.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// By name.
    definitions: IndexMap<&'static str, Definition, foldhash::fast::RandomState>,
    /// By `apiVersion/kind`.
    kinds: IndexMap<&'static str, Entry, foldhash::fast::RandomState>,
}

/// A kind of the text.
#[derive(Debug)]
struct Entry {
    /// The position of its definition.
    position: usize,
    found: OnceLock<Option<Found>>,
}

/// A kind that objects may be of.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) schema: &'static Structural,
    /// Whether it is on its way out.
    pub(crate) retired: Option<Retired>,
}

#[derive(Debug)]
struct Definition {
    text: &'static str,
    read: OnceLock<Structural>,
}

impl Bundle {
    /// Those of a version.
    pub(crate) fn of(version: Version) -> &'static Self {
        let bundle = BUNDLES.get(version.position()).unwrap_or(&BUNDLES[0]);
        bundle.get_or_init(|| Self::open(&TEXT, version))
    }

    fn open(text: &'static str, version: Version) -> Self {
        let mut bundle = Self { definitions: IndexMap::default(), kinds: IndexMap::default() };
        let mut lines = text.lines();
        let wanted = version.to_string();
        let Some(column) = lines.next().and_then(|head| head.split(' ').position(|name| name == wanted)) else {
            return bundle;
        };
        for line in lines {
            let mut fields = line.splitn(4, '\t');
            let (Some(name), Some(mask), Some(kind), Some(text)) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            if mask.as_bytes().get(column) == Some(&b'1') {
                if kind != "-" {
                    let position = bundle.definitions.len();
                    bundle.kinds.insert(kind, Entry { position, found: OnceLock::new() });
                }
                bundle.definitions.insert(name, Definition { text, read: OnceLock::new() });
            }
        }
        bundle
    }

    /// A kind, by `apiVersion/kind`.
    pub(crate) fn kind(&'static self, name: &str) -> Option<&'static Found> {
        let (name, entry) = self.kinds.get_key_value(name)?;
        let found = || {
            let retired = name.rsplit_once('/').and_then(|(api_version, kind)| retired(api_version, kind));
            self.at(entry.position).map(|schema| Found { schema, retired })
        };
        entry.found.get_or_init(found).as_ref()
    }

    /// The kinds, as `apiVersion/kind`, in the order of their definitions.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.keys().copied()
    }

    /// The position of a definition.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.definitions.get_index_of(name)
    }

    /// The definition at a position.
    pub(crate) fn at(&'static self, index: usize) -> Option<&'static Structural> {
        let (_, definition) = self.definitions.get_index(index)?;
        Some(definition.read.get_or_init(|| {
            let json = serde_json::from_str(definition.text).unwrap_or_default();
            reader::built_in(&json, &|name| self.position(name))
        }))
    }

    /// What every object has at `metadata`.
    pub(crate) fn metadata(&self) -> Option<usize> {
        self.position("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    }
}

/// A key of a mapping, shared.
pub(super) type Name = Arc<str>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_its_kinds_and_every_definition_is_read() {
        for version in Version::all() {
            let bundle = Bundle::of(version);
            assert!(bundle.kinds.len() > 70, "{version} has {}", bundle.kinds.len());
            for kind in
                ["v1/Pod", "v1/Service", "apps/v1/Deployment", "batch/v1/CronJob", "networking.k8s.io/v1/Ingress"]
            {
                assert!(bundle.kind(kind).is_some(), "{version} has no {kind}");
            }
            for index in 0..bundle.definitions.len() {
                let (name, definition) = bundle.definitions.get_index(index).unwrap();
                // What may be anything is so on purpose.
                let anything = definition.text == "{}";
                let read = bundle.at(index).is_some_and(|read| read.is_empty() == anything);
                assert!(read, "{version} {name}: {}", definition.text);
            }
            assert!(bundle.metadata().is_some());
        }
        let has = |minor, kind| Bundle::of(Version::parse(minor).unwrap()).kind(kind).is_some();
        let flow = "flowcontrol.apiserver.k8s.io/v1beta3/FlowSchema";
        assert!(has("1.31", flow) && !has("1.32", flow));
        let device = "resource.k8s.io/v1/ResourceClaim";
        assert!(!has("1.33", device) && has("1.34", device));
    }
}
