//! A release while it is made: what targets are made into, and what that is stored as.
//!
//! In go documents, each in the thread that made it, out comes a [`Release`] and the packed texts it needs. Texts are let
//! go of as soon as they are packed, and equal ones are kept once: a fleet takes the memory of what differs. Nothing is
//! written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::digest::Digest;
use super::entry::{Blob, Made, Release, Source};
use super::{secrecy, store};
use crate::check::{Document, Form, Sealed, Settled};
use crate::delivery::{Courier, Delivery};
use crate::diagnostic::{Diagnostics, Failed};
use crate::file::{self, Reason};
use crate::output::ARTIFACTS;
use crate::target::{ENVIRONMENT, Target};
use crate::workspace::Workspace;

/// The file of the objects of a target.
pub(super) const MANIFEST: &str = "manifest.yaml";

/// A release while it is made.
#[derive(Debug, Default)]
pub struct Draft {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    made: BTreeMap<Arc<Target>, Made>,
    packed: BTreeMap<Digest, Vec<u8>>,
}

/// A release, and the packed texts of its files.
#[derive(Debug)]
pub struct Drafted {
    pub(super) release: Release,
    pub(super) packed: BTreeMap<Digest, Vec<u8>>,
}

impl Draft {
    /// Takes in a document, and leaves it without its texts. Objects that hold secrets are stored if they are encrypted.
    pub(crate) fn take(&self, document: Document, courier: &Courier<'_>, diagnostics: &mut Diagnostics) -> Document {
        let name = |sealed: &Sealed| {
            let text = |key| sealed.node.str_at(&["metadata", key]);
            let namespace = text("namespace").map(|namespace| format!("{namespace} ")).unwrap_or_default();
            format!("{namespace}Secret/{}", text("name").unwrap_or_default())
        };
        let sealed: Vec<String> = document.sealed().iter().map(name).collect();
        let is_stored = *courier.delivery(document.target().environment()) == Delivery::Sops;
        let document = courier.deliver(document, Form::Yaml, diagnostics);
        let (target, mut objects) = (Arc::clone(document.target()), document.objects());
        let (manifest, artifacts) = document.into_contents();
        let mut files = BTreeMap::new();
        let cleared = secrecy::clear(manifest.text());
        let text = cleared.text.as_deref().unwrap_or(manifest.text());
        if !text.is_empty() {
            files.insert(MANIFEST.to_owned(), self.keep(text));
        }
        for (path, content) in artifacts {
            files.insert(format!("{ARTIFACTS}/{path}"), self.keep(content.text()));
        }
        let name = target.tenant().map_or(ENVIRONMENT, AsRef::as_ref).to_owned();
        let mut withheld = cleared.withheld;
        if !is_stored {
            withheld.extend(sealed);
            withheld.sort();
        }
        objects -= withheld.len().min(objects);
        let made = Made { target: name, objects, files, withheld };
        self.lock().made.insert(Arc::clone(&target), made);
        Document::kept(target, objects, crate::check::Content::default(), Vec::new())
    }

    fn keep(&self, text: &str) -> Blob {
        let blob = Blob { digest: Digest::of(text), bytes: text.len() as u64 };
        if self.lock().packed.contains_key(&blob.digest) {
            return blob;
        }
        // Two threads may pack the same text, which is better than one that waits.
        let packed = store::pack(text);
        self.lock().packed.insert(blob.digest, packed);
        blob
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The release of a settled run.
    pub fn finish(
        self,
        _proof: Settled,
        workspace: &Workspace<'_>,
        environment: &str,
        overrides: Vec<String>,
        source: Option<Source>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Drafted, Failed> {
        let State { made, packed } = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let kubernetes = workspace.kubernetes();
        let release = Release {
            overrides,
            kubernetes: kubernetes.version().to_string(),
            custom: kubernetes.served(workspace.sources()),
            source,
            inputs: inputs(workspace, environment, diagnostics)?,
            targets: made.into_values().collect(),
        };
        Ok(Drafted { release, packed })
    }
}

impl Drafted {
    /// The release.
    pub(crate) fn release(&self) -> &Release {
        &self.release
    }

    /// Number of files that it stores.
    pub fn files(&self) -> usize {
        self.release.targets.iter().map(|made| made.files.len()).sum()
    }

    /// Whether an earlier release made the same of the same targets.
    pub fn is_like(&self, other: &Release) -> bool {
        self.release.targets == other.targets && self.release.overrides == other.overrides
    }
}

/// The digests of all files that were read, and of files of secrets, whose bytes are digested as they are on the disk.
pub(super) fn inputs(
    workspace: &Workspace<'_>,
    environment: &str,
    diagnostics: &mut Diagnostics,
) -> Result<BTreeMap<String, Digest>, Failed> {
    let files = workspace.sources().files();
    let mut inputs: BTreeMap<String, Digest> =
        files.iter().map(|(_, source)| (source.name().to_string(), Digest::of(source.text().as_bytes()))).collect();
    let folder = format!("environments/{environment}/secrets");
    let reason = Reason { place: None, what: "a file of secrets".to_owned() };
    let refused = |name: &str, why| file::unreadable(name, &why, &reason);
    let world = workspace.world();
    for name in world.list(&folder).map_err(|why| diagnostics.fail(refused(&folder, why)))? {
        let bytes = world.read(&name, file::LARGEST).map_err(|why| diagnostics.fail(refused(&name, why)))?;
        inputs.insert(name, Digest::of(bytes));
    }
    Ok(inputs)
}
