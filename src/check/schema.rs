//! Objects beside the schemas of their kinds: what is wrong is said at the line of the template, and at the value of the
//! configuration that it was filled from.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Rules;
use super::policy::Trace;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::integrity::Site;
use crate::kubernetes::{Problem, Verdict};
use crate::manifest::Manifest;
use crate::merge::called;
use crate::path::{Path, Step};
use crate::render::Rendered;
use crate::source::{FileId, Place, Sources};
use crate::template::{Reads, Templates};
use crate::tree::{Node, SecretName, Value};
use crate::validate::Schemas;

/// Checks the objects of a target; gives the fields that something was said of.
pub(super) fn check(
    rendered: &Rendered,
    rules: &Rules<'_>,
    templates: &Templates,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Site> {
    let Some(kubernetes) = rules.kubernetes else { return Vec::new() };
    let mut origins = None;
    let mut said = Vec::new();
    for (index, manifest) in rendered.manifests().iter().enumerate() {
        let Verdict { problems, flaws } = kubernetes.check(manifest.node(), sources);
        for flaw in flaws {
            diagnostics.record(flaw.clone());
        }
        for problem in problems {
            // To find the value takes another rendering, which a warning is not worth.
            let traced = diagnostics.is_error(problem.code);
            let origins = origins.get_or_insert_with(|| Origins::new(rendered, rules.schemas, templates, sources));
            said.push(Site { manifest: index, path: problem.path.clone() });
            let diagnostic = origins.diagnostic(problem, manifest, traced);
            diagnostics.record(diagnostic);
        }
    }
    said
}

/// Where the fields of a target's objects come from: its templates are rendered once more, traced, which only an error is
/// worth.
pub(super) struct Origins<'a> {
    rendered: &'a Rendered,
    schemas: &'a Schemas,
    templates: &'a Templates,
    sources: &'a Sources,
    files: Vec<FileId>,
    /// By template.
    traced: IndexMap<Arc<str>, Vec<(Manifest, Reads)>>,
}

impl<'a> Origins<'a> {
    pub(super) fn new(
        rendered: &'a Rendered,
        schemas: &'a Schemas,
        templates: &'a Templates,
        sources: &'a Sources,
    ) -> Self {
        let files = templates.sources().collect();
        Self { rendered, schemas, templates, sources, files, traced: IndexMap::new() }
    }

    pub(super) fn diagnostic(&mut self, problem: Problem, manifest: &Manifest, traced: bool) -> Diagnostic {
        let kind = manifest.identity().kind();
        let reads = if traced { self.reads(manifest, &problem.path) } else { Vec::new() };
        let content = is_in_secret(kind, &problem.path);
        // Of what was not traced nobody knows whether it is secret.
        let secret = content
            || !traced
            || self.schemas.merged().is_some_and(|schema| reads.iter().any(|read| schema.is_secret(read)));
        let problem = match manifest.node().get(&problem.path).filter(|_| !secret) {
            Some(node) => problem.quoting(node),
            None => problem,
        };
        let configuration = self.rendered.configuration();
        let set_by =
            |place: Place| configuration.layers().layer_of(place).map(|layer| format!("set by {}", called(layer)));
        let written = if content { beside(manifest.node()) } else { self.written(manifest, &problem) };
        if content {
            return problem.diagnostic(kind, written);
        }
        let mut diagnostic = problem.diagnostic(kind, written);
        if written != problem.place {
            // It stands in a value that was filled in whole.
            let text =
                set_by(problem.place).map_or_else(|| problem.label.clone(), |set| format!("{}, {set}", problem.label));
            diagnostic = diagnostic.also(problem.place, text);
        } else if let Some(read) = reads.last() {
            diagnostic = match configuration.resolved().merged().get(read) {
                Some(node) => {
                    let place = configuration.resolved().decisive(node.place);
                    let set = set_by(place).map_or_else(String::new, |set| format!(", {set}"));
                    diagnostic.also(place, format!("filled from {read}{set}"))
                }
                None => diagnostic.note(format!("filled from {read}")),
            };
        }
        problem.also.iter().fold(diagnostic, |diagnostic, (place, text)| diagnostic.also(*place, text.clone()))
    }

    /// The line of the template that makes a field, and before it the value that the field was filled from.
    pub(super) fn traces(&mut self, manifest: &Manifest, path: &Path) -> Vec<Trace> {
        let read = self.reads(manifest, path).pop();
        self.traced_to(manifest, path, read.as_ref())
    }

    /// The same for a field that holds a secret, which may be one of several values in it: the value is the secret.
    pub(super) fn traces_of(&mut self, manifest: &Manifest, path: &Path, name: &SecretName) -> Vec<Trace> {
        let reads = self.reads(manifest, path);
        let merged = self.rendered.configuration().resolved().merged();
        let is_it = |read: &Path| {
            let Some(Value::Secret(secret)) = merged.get(read).map(|node| &node.value) else { return false };
            secret.names().any(|known| known.text == name.text)
        };
        let read = reads.iter().rfind(|read| is_it(read)).or_else(|| reads.last());
        self.traced_to(manifest, path, read)
    }

    fn traced_to(&self, manifest: &Manifest, path: &Path, read: Option<&Path>) -> Vec<Trace> {
        let configuration = self.rendered.configuration();
        let mut traces = Vec::new();
        if let Some(read) = read
            && let Some(node) = configuration.resolved().merged().get(read)
        {
            let place = configuration.resolved().decisive(node.place);
            let layer = configuration.layers().layer_of(place).map(called);
            traces.push(Trace { place, layer, path: Some(read.clone()) });
        }
        traces.push(Trace { place: self.filled(manifest, path), layer: None, path: None });
        traces
    }

    /// Whether a field was filled from what is secret.
    pub(super) fn is_secret(&mut self, manifest: &Manifest, path: &Path) -> bool {
        let reads = self.reads(manifest, path);
        let secret = |read| self.schemas.merged().is_some_and(|schema| schema.is_secret(read));
        is_in_secret(manifest.identity().kind(), path) || reads.iter().any(secret)
    }

    /// The place in a template where a problem is, or where the value that has it was filled in.
    fn written(&self, manifest: &Manifest, problem: &Problem) -> Place {
        if self.files.contains(&problem.place.file) {
            return problem.place;
        }
        self.filled(manifest, &problem.path)
    }

    /// The deepest place in a template on the way to a field.
    fn filled(&self, manifest: &Manifest, path: &Path) -> Place {
        let mut node = manifest.node();
        let mut place = node.place;
        for step in path.steps() {
            let Some(below) = node.step(step) else { break };
            node = below;
            if self.files.contains(&node.place.file) {
                place = node.place;
            }
        }
        place
    }

    /// The paths of the configuration that a field was filled from; the last is that of the value itself.
    fn reads(&mut self, manifest: &Manifest, path: &Path) -> Vec<Path> {
        let traced = self.traced.entry(Arc::clone(manifest.template())).or_insert_with(|| {
            self.rendered.configuration().traced_template(self.templates, manifest.template(), self.sources)
        });
        let Some((_, reads)) = traced.iter().find(|(traced, _)| traced.identity() == manifest.identity()) else {
            return Vec::new();
        };
        if let Some(reads) = reads.get(path) {
            return reads.clone();
        }
        // A mapping or a list: what its first field was filled from, so many steps up.
        let below = |(field, reads): (&Path, &Vec<Path>)| {
            let rest = field.steps().strip_prefix(path.steps())?;
            let whole = reads.last()?.steps().strip_suffix(rest)?;
            (!whole.is_empty()).then(|| vec![Path::from_steps(whole.to_vec())])
        };
        reads.iter().find_map(below).unwrap_or_default()
    }
}

/// A place in an object whose line does not show what is in it.
pub(crate) fn beside(object: &Node) -> Place {
    object.at(&["kind"]).map_or(object.place, |kind| kind.place)
}

/// Whether a field is the content of a Secret.
pub(crate) fn is_in_secret(kind: &str, path: &Path) -> bool {
    let first = path.steps().first();
    kind == "Secret" && ["data", "stringData"].iter().any(|key| first == Some(&Step::Key((*key).into())))
}
