//! What the layers that tenants share make, kept from one target to the next.
//!
//! In goes a run of layers without a tenant's, out comes their tree, with all that was found on the way. A run is
//! merged once, by whichever thread asks first; a longer run begins with the tree of the shorter one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Rules, step};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::layers::Layer;
use crate::source::FileId;
use crate::tree::Node;

/// The merged runs of shared layers. Shared between threads; serves the targets of one workspace and its rules.
#[derive(Debug, Default)]
pub struct Prefixes {
    known: Mutex<BTreeMap<Vec<Name>, Arc<OnceLock<Prefix>>>>,
}

/// All about a layer that its merge depends on, but for its text: the file, the rank, the override.
type Name = (FileId, usize, Option<Arc<str>>);

/// A merged run: its tree and the findings of all its layers, which have no target yet.
#[derive(Debug)]
struct Prefix {
    root: Option<Node>,
    findings: Vec<Diagnostic>,
}

impl Prefixes {
    /// The tree of a run of layers; what is wrong with them is recorded each time.
    pub(super) fn merged(&self, run: &[Layer], rules: &Rules, diagnostics: &mut Diagnostics) -> Option<Node> {
        let (_, lower) = run.split_last()?;
        let cell = self.cell(run);
        // Only a shorter run is merged while this one is held, so no two wait for each other.
        let prefix = cell.get_or_init(|| {
            let mut quiet = Diagnostics::new();
            let below = self.merged(lower, rules, &mut quiet);
            let root = step(below.as_ref(), run, rules, &mut quiet);
            Prefix { root, findings: quiet.items().to_vec() }
        });
        for finding in &prefix.findings {
            diagnostics.record(finding.clone());
        }
        prefix.root.clone()
    }

    fn cell(&self, run: &[Layer]) -> Arc<OnceLock<Prefix>> {
        let name = run.iter().map(|layer| (layer.document.file, layer.rank, layer.over.clone())).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(name).or_default())
    }
}
