//! Layer files, read once each. What is wrong with a file is said for every target that uses it.

use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed};
use crate::file::{self, Reason};
use crate::layers::Document;
use crate::source::Sources;
use crate::world::World;
use crate::yaml::{self, Limits};

/// The layer files read so far, by name.
#[derive(Debug, Default)]
pub(super) struct Library {
    read: Mutex<IndexMap<Arc<str>, Volume, foldhash::fast::RandomState>>,
}

/// A file, or why it cannot be used, and what was found while reading it.
type Volume = (Result<Arc<Document>, Failed>, Arc<[Diagnostic]>);

impl Library {
    /// Whether a file was read, so that it is known to be there.
    pub(super) fn holds(&self, name: &str) -> bool {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(read.get(name), Some((Ok(_), _)))
    }

    /// Lets go of a file. Who needs it again reads it again.
    pub(super) fn forget(&self, name: &str) {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).swap_remove(name);
    }

    /// The document in a file.
    pub(super) fn read(
        &self,
        world: &dyn World,
        sources: &Sources,
        name: &Arc<str>,
        reason: &Reason,
        diagnostics: &mut Diagnostics,
    ) -> Result<Arc<Document>, Failed> {
        let known = self.read.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let (document, found) = known.unwrap_or_else(|| {
            let mut found = diagnostics.untargeted();
            let document = open(world, sources, name, reason, &mut found);
            let volume = (document, Arc::from(found.items()));
            // Two threads may have read the same file: the first keeps its number.
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            read.entry(Arc::clone(name)).or_insert(volume).clone()
        });
        diagnostics.replay(&found);
        document
    }
}

fn open(
    world: &dyn World,
    sources: &Sources,
    name: &Arc<str>,
    reason: &Reason,
    diagnostics: &mut Diagnostics,
) -> Result<Arc<Document>, Failed> {
    let file = file::load(world, sources, name, reason, diagnostics)?;
    parse(sources, file, name, diagnostics).map(Arc::new)
}

/// Reads a source as a layer.
pub(super) fn parse(
    sources: &Sources,
    file: crate::source::FileId,
    name: &Arc<str>,
    diagnostics: &mut Diagnostics,
) -> Result<Document, Failed> {
    let text = Arc::clone(sources.get(file).text());
    let written = yaml::read_document(file, &text, &Limits::default(), diagnostics)?;
    Document::new(file, Arc::clone(name), written, diagnostics)
}
