//! What an entry is found by: the digest of everything that decides what a batch is made into.

use std::fmt;

use blake3::Hasher;

use crate::layers::Layers;
use crate::pipeline::Wanted;
use crate::source::{FileId, Sources};

/// The digest under which an entry is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key that stands for this one where it is shared: those with another secret have another one.
    pub(super) fn under(&self, secret: &[u8; 32]) -> Self {
        Self(*blake3::keyed_hash(secret, &self.0).as_bytes())
    }

    /// The digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What all batches of a run are made from: the program, what is wanted, the settings, the schemas and the templates.
#[derive(Debug)]
pub(crate) struct Recipe<'s> {
    sources: &'s Sources,
    /// The files that every target is made from.
    common: Vec<FileId>,
    begun: Hasher,
}

impl<'s> Recipe<'s> {
    /// That of a run whose targets are all made from the `common` files, and by the locks without the exceptions that
    /// `ended` says.
    pub(crate) fn new(sources: &'s Sources, common: Vec<FileId>, ended: &[String], wanted: &Wanted) -> Self {
        let mut begun = Hasher::new_derive_key("tenantctl 2026 cache entry");
        put(&mut begun, super::PROGRAM.as_bytes());
        put(&mut begun, wanted.template.as_deref().unwrap_or_default().as_bytes());
        put(&mut begun, wanted.form.map_or("", |form| form.name()).as_bytes());
        number(&mut begun, wanted.kinds.len());
        for kind in &wanted.kinds {
            put(&mut begun, kind.to_lowercase().as_bytes());
        }
        number(&mut begun, ended.len());
        for exception in ended {
            put(&mut begun, exception.as_bytes());
        }
        number(&mut begun, common.len());
        for id in &common {
            file(&mut begun, sources, *id);
        }
        Self { sources, common, begun }
    }

    /// The same under a version of Kubernetes that the files do not say.
    pub(crate) fn for_kubernetes(mut self, version: &str) -> Self {
        put(&mut self.begun, version.as_bytes());
        self
    }

    /// The key of a batch.
    pub(crate) fn key(&self, batch: &[&Layers]) -> Key {
        let mut hasher = self.begun.clone();
        for layers in batch {
            put(&mut hasher, layers.target().to_string().as_bytes());
            number(&mut hasher, layers.stack().len());
            for layer in layers.stack() {
                put(&mut hasher, layer.name.as_bytes());
                put(&mut hasher, layer.over.as_deref().unwrap_or_default().as_bytes());
                file(&mut hasher, self.sources, layer.document.file);
            }
        }
        Key(*hasher.finalize().as_bytes())
    }

    /// The files that a target is made from, in the order in which its key has them.
    pub(crate) fn files(&self, layers: &Layers) -> Vec<FileId> {
        self.common.iter().copied().chain(layers.stack().iter().map(|layer| layer.document.file)).collect()
    }
}

fn file(hasher: &mut Hasher, sources: &Sources, id: FileId) {
    let source = sources.get(id);
    put(hasher, source.name().as_bytes());
    put(hasher, source.digest().as_bytes());
}

/// With its length before it, so that what follows cannot pass as a part of it.
fn put(hasher: &mut Hasher, bytes: &[u8]) {
    number(hasher, bytes.len());
    hasher.update(bytes);
}

fn number(hasher: &mut Hasher, number: usize) {
    hasher.update(&(number as u64).to_le_bytes());
}
