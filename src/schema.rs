//! Schemas: a JSON Schema file of the workspace, and what it finds in a tree.
//!
//! In goes a file (JSON or YAML) with all it refers to inside the workspace, out comes a [`Schema`]; in goes a tree,
//! out come findings at the places of the values. Nothing is fetched and no value is changed; defaults are
//! told to people, never filled in.

mod alone;
mod alternatives;
mod bundle;
mod describe;
mod document;
mod engine;
mod finding;
mod format;
mod json;
mod keys;
pub(crate) mod partial;
mod positions;
mod reference;
mod subject;
mod words;

pub use describe::Described;
pub use subject::Subject;

use std::sync::Arc;

use serde_json::Value;

use crate::diagnostic::{Diagnostics, Failed};
use crate::file::Reason;
use crate::merge::Documents;
use crate::source::{FileId, Place, Sources};
use crate::tree::Node;
use crate::world::World;

use bundle::Bundle;
use engine::Engine;
use json::Handle;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    bundle: Bundle,
    engine: Engine,
}

impl Schema {
    /// Reads and compiles the schema file `name` of the workspace; `reason` says why it is read.
    pub fn compile(
        world: &dyn World,
        sources: &Sources,
        name: &str,
        reason: &Reason,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let bundle = Bundle::load(world, sources, name, reason, diagnostics)?;
        let engine = Engine::compile(&bundle, diagnostics)?;
        Ok(Self { bundle, engine })
    }

    /// The files it was read from.
    pub(crate) fn files(&self) -> impl Iterator<Item = FileId> {
        self.bundle.documents.iter().map(|document| document.file)
    }

    /// The name of the file.
    pub fn name(&self) -> &Arc<str> {
        &self.bundle.documents[0].name
    }

    /// The document as written, references unresolved.
    pub fn document(&self) -> &Value {
        &self.bundle.documents[0].value
    }

    /// The place of what stands at a JSON pointer of one of its files; 0 is the one that was asked for.
    pub fn place_of(&self, document: usize, pointer: &str) -> Option<Place> {
        let document = self.bundle.documents.get(document)?;
        document.value.pointer(pointer).map(|_| document.place(pointer))
    }

    /// Records everything the schema finds wrong with `instance`.
    pub fn check(&self, instance: &Node, subject: &Subject<'_>, diagnostics: &mut Diagnostics) {
        // Nearly all trees are valid, and finding that out alone is several times faster.
        if self.engine.validator.is_valid(Handle::Node(instance)) {
            return;
        }
        let errors: Vec<_> = self.engine.validator.iter_errors(Handle::Node(instance)).collect();
        finding::record(self, instance, subject, &errors, diagnostics);
    }
}

impl Documents for Schema {
    fn root(&self) -> &Value {
        self.document()
    }

    fn follow(&self, from: usize, written: &str) -> Option<(usize, String, &Value)> {
        let spot = self.bundle.follow(from, written)?;
        Some((spot.document, spot.pointer, spot.value))
    }
}

#[cfg(test)]
mod tests;
