//! The source map of a target: for each field of each object, the line of the template and what it was filled from.

use std::sync::Arc;

use super::Use;
use crate::diagnostic::{Diagnostics, Failed};
use crate::manifest::{Identity, Manifest};
use crate::path::{Path, Step};
use crate::source::{FileId, Place, Sources};
use crate::template::{Reads, Templates};
use crate::tree::{Node, Value};
use crate::validate::Validated;

/// Where the fields of a target's objects come from.
#[derive(Debug)]
pub struct SourceMap {
    objects: Vec<Traced>,
}

/// An object and what its fields were filled from.
#[derive(Debug)]
struct Traced {
    manifest: Manifest,
    reads: Reads,
    /// The files of all templates: other places are those of the configuration.
    templates: Arc<[FileId]>,
    places: Vec<String>,
}

/// A field of an object.
#[derive(Debug)]
pub struct Mapped<'a> {
    /// The object.
    pub object: &'a Identity,
    /// The template that renders it, relative to the folder of templates.
    pub template: &'a Arc<str>,
    /// The field.
    pub path: Path,
    /// Its value: a scalar, or an empty list or mapping.
    pub node: &'a Node,
    /// Where the template writes it.
    pub place: Place,
    /// The configuration paths that were read for it; the last is that of the value itself. None: it is literal.
    pub reads: &'a [Path],
}

impl SourceMap {
    /// Renders the templates of a configuration once more, traced.
    pub fn of(
        validated: &Validated,
        templates: &Templates,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let files: Arc<[FileId]> = templates.sources().collect();
        let mut objects = Vec::new();
        for (template, node, reads) in validated.traced(templates, sources, diagnostics)? {
            if let Ok(manifest) = Manifest::new(node, &template) {
                let mut traced = Traced { manifest, reads, templates: Arc::clone(&files), places: Vec::new() };
                let places = traced.fields().map(|field| sources.describe(field.place)).collect();
                traced.places = places;
                objects.push(traced);
            }
        }
        Ok(Self { objects })
    }

    /// Every field of every object.
    pub fn fields(&self) -> impl Iterator<Item = Mapped<'_>> {
        self.objects.iter().flat_map(Traced::fields)
    }

    /// The objects, in the order of their templates.
    pub fn objects(&self) -> impl Iterator<Item = &Identity> {
        self.objects.iter().map(|traced| traced.manifest.identity())
    }

    /// The fields that the value at a path, or something in it, was read for.
    pub(super) fn uses(&self, path: &Path) -> Vec<Use> {
        let related = |read: &Path| read.steps().starts_with(path.steps());
        let mut uses = Vec::new();
        for traced in &self.objects {
            for (field, place) in traced.fields().zip(&traced.places) {
                if field.reads.iter().any(related) {
                    let (object, field) = (field.object.to_string(), field.path.to_string());
                    uses.push(Use { place: place.clone(), object, field });
                }
            }
        }
        uses
    }
}

impl Traced {
    fn fields(&self) -> impl Iterator<Item = Mapped<'_>> {
        let mut fields = Vec::new();
        self.walk(self.manifest.node(), &mut Path::root(), self.manifest.node().place, &mut fields);
        fields.into_iter()
    }

    /// `place` is the nearest one above that is in a template: what stands in a value that was filled in whole keeps the
    /// places of the configuration.
    fn walk<'a>(&'a self, node: &'a Node, path: &mut Path, place: Place, fields: &mut Vec<Mapped<'a>>) {
        let place = if self.templates.contains(&node.place.file) { node.place } else { place };
        let mut below = |step: Step, node: &'a Node| {
            path.push(step);
            self.walk(node, path, place, fields);
            path.pop();
        };
        match &node.value {
            Value::Map(map) if !map.is_empty() => {
                for (key, entry) in map.iter() {
                    below(Step::Key(Arc::clone(key)), &entry.node);
                }
            }
            Value::List(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    below(Step::Index(index), item);
                }
            }
            _ => fields.push(Mapped {
                object: self.manifest.identity(),
                template: self.manifest.template(),
                path: path.clone(),
                node,
                place,
                reads: self.reads.get(path).map_or(&[], Vec::as_slice),
            }),
        }
    }
}
