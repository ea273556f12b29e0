//! The stack of a target: its documents, lowest first, ready to be merged.

mod document;

pub(crate) use document::is_expression;
pub use document::{About, Document};

use std::sync::Arc;

use crate::source::{FileId, Place};
use crate::target::Target;

/// Whether a layer may hold expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Written by the platform: strings with `{{ }}` are expressions.
    Code,
    /// Written by or for a tenant: nothing is evaluated, and `{{` is an error.
    Data,
}

/// One document in the stack of a target.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The name in the hierarchy: `base`, `tier`, `tenant`, `override`; `command line` for `--set`.
    pub name: Arc<str>,
    /// The rank in the hierarchy, lowest first. A file named by `extends` has the rank of the one that names it.
    pub rank: usize,
    /// The override's name, if this is (or is extended by) an override.
    pub over: Option<Arc<str>>,
    /// Whether it may hold expressions.
    pub trust: Trust,
    /// What the file says.
    pub document: Arc<Document>,
}

/// The parsed documents of a target, lowest first.
#[derive(Clone, Debug)]
pub struct Layers {
    target: Arc<Target>,
    stack: Vec<Layer>,
}

impl Layers {
    pub(crate) fn new(target: Arc<Target>, stack: Vec<Layer>) -> Self {
        Self { target, stack }
    }

    /// What they are the layers of.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The layers, lowest first.
    pub fn stack(&self) -> &[Layer] {
        &self.stack
    }

    /// The layer that a place belongs to.
    pub fn layer_of(&self, place: Place) -> Option<&Layer> {
        self.layer_of_file(place.file)
    }

    fn layer_of_file(&self, file: FileId) -> Option<&Layer> {
        self.stack.iter().find(|layer| layer.document.file == file)
    }
}
