//! One thing that is wrong among objects: data first, a diagnostic once somebody knows where fields come from.

use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Manifest;
use crate::path::Path;
use crate::source::Place;

/// A field of one of the objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Index of the object in the set.
    pub(crate) manifest: usize,
    pub(crate) path: Path,
}

impl Site {
    /// Where the field is written; of one that is not there, where the nearest above it is.
    pub(crate) fn place(&self, manifests: &[Manifest]) -> Option<Place> {
        let manifest = manifests.get(self.manifest)?;
        let (_, node, _) = manifest.node().reach(&self.path);
        Some(node.place)
    }
}

/// What is wrong, at which field.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) at: Site,
    /// Whether it is only said because something is not among the objects: it may be elsewhere.
    pub(crate) absent: bool,
    pub(crate) message: String,
    /// What is said at the field.
    pub(crate) label: String,
    /// Other fields that matter.
    pub(crate) related: Vec<(Site, String)>,
    pub(crate) notes: Vec<String>,
    pub(crate) help: Vec<String>,
}

impl Finding {
    pub(super) fn new(code: Code, at: Site, message: String, label: impl Into<String>) -> Self {
        let (related, notes, help) = Default::default();
        Self { code, at, absent: false, message, label: label.into(), related, notes, help }
    }

    /// The same; that something is missing is all there is to it.
    pub(super) fn absent(self) -> Self {
        Self { absent: true, ..self }
    }

    pub(super) fn also(mut self, site: Site, text: impl Into<String>) -> Self {
        self.related.push((site, text.into()));
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// As a finding about files; `origin` finds the value that filled a field.
    pub(crate) fn diagnostic(
        &self,
        manifests: &[Manifest],
        origin: impl Fn(&Manifest, &Path) -> Option<Place>,
    ) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(self.code, self.message.clone());
        if let Some(place) = self.at.place(manifests) {
            diagnostic = diagnostic.at(place, self.label.clone());
        }
        let sites = std::iter::once(&self.at).chain(self.related.iter().map(|(site, _)| site));
        for (index, site) in sites.enumerate() {
            let Some(manifest) = manifests.get(site.manifest) else { continue };
            let label = index.checked_sub(1).and_then(|index| self.related.get(index));
            if let (Some((_, text)), Some(place)) = (label, site.place(manifests)) {
                diagnostic = diagnostic.also(place, text.clone());
            }
            if let Some(place) = origin(manifest, &site.path) {
                diagnostic = diagnostic.also(place, "filled from this value");
            }
        }
        diagnostic.notes.clone_from(&self.notes);
        diagnostic.help.clone_from(&self.help);
        diagnostic
    }
}
