//! Each layer held against its own schema: what many targets are made of, once for all of them.

use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;

use super::Schemas;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::layers::{Layer, Layers, Trust};
use crate::schema::{Schema, Subject};
use crate::source::{FileId, Place};

/// What was found in the layers of the platform, by file and by the layer it was read as.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<IndexMap<(FileId, Arc<str>), Found>>);

type Found = Arc<[Diagnostic]>;

impl Schemas {
    /// What is wrong with the layers, each on its own.
    pub(super) fn check_layers(&self, layers: &Layers, diagnostics: &Diagnostics) -> Diagnostics {
        let mut found = diagnostics.untargeted();
        for layer in layers.stack() {
            let Some(schema) = self.layers.get(&layer.name) else { continue };
            let look = || look(schema, layer, layers, diagnostics);
            // A tenant's own file is seldom read for another target.
            if layer.trust == Trust::Data { found.extend(look()) } else { found.replay(&self.known.get(layer, look)) }
        }
        found
    }
}

impl Known {
    fn get(&self, layer: &Layer, look: impl FnOnce() -> Diagnostics) -> Found {
        let key = (layer.document.file, Arc::clone(&layer.name));
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| {
            let found: Found = look().items().into();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(found).clone()
        })
    }
}

fn look(schema: &Schema, layer: &Layer, layers: &Layers, diagnostics: &Diagnostics) -> Diagnostics {
    let mut found = diagnostics.untargeted();
    let what = format!("layer {}", layer.name);
    let name = |place: Place| layers.layer_of(place).map(|layer| Arc::clone(&layer.name));
    let subject = Subject { layer: &name, label: Some(&what), partial: true };
    schema.check(&layer.document.data(layer.trust), &subject, &mut found);
    found
}
