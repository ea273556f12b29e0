//! Which line made a change.
//!
//! In go both sides and what differs between them, out come the causes of objects' changes: the value in the newer
//! configuration that a field was filled from, if that changed; else the template, if that changed; else the one value
//! of the configuration that changed with it.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::diagnostic::Diagnostics;
use crate::diff::group::origin;
use crate::diff::{Cause, Content, Field, Fleets, Group, Object, Origin, Report, Side, Subject, What};
use crate::explain::SourceMap;
use crate::path::Path;
use crate::source::{FileId, Place, Sources};
use crate::target::ENVIRONMENT;
use crate::template::Templates;
use crate::tree::Value;
use crate::validate::Validated;
use crate::workspace::Workspace;
use crate::yaml::emit;

/// Targets that are rendered once more to trace their fields. Of more, the others get coarser causes.
const MOST: usize = 400;

/// What a target was compiled to, and by object the values that its fields were filled from.
type Again = (Validated, IndexMap<String, IndexMap<Path, Path>>);

/// Finds the causes of all changes of objects.
pub(super) fn find(fleets: &Fleets<'_>, report: &mut Report) {
    let Side::Compiled { templates, .. } = &fleets.after else { return };
    let search = Search { fleets, templates, sources: fleets.after.sources() };
    let mut again: IndexMap<usize, Option<Again>> = IndexMap::new();
    let mut files: IndexMap<Arc<str>, bool> = IndexMap::new();
    let all = report.sections.iter().flat_map(|section| &section.groups);
    let all: Vec<Group> = all.filter(|group| matches!(group.change.subject, Subject::Configuration)).cloned().collect();
    let mut settings: Vec<Vec<&Group>> = vec![Vec::new(); report.targets.len()];
    for group in &all {
        for target in &group.targets {
            settings.get_mut(*target).into_iter().for_each(|settings| settings.push(group));
        }
    }
    let mut gone: IndexMap<Arc<str>, bool> = IndexMap::new();
    for section in &mut report.sections {
        let Some(first) = section.targets.first().copied() else { continue };
        let name = report.targets.get(first).map_or("", AsRef::as_ref);
        let tenant: Option<Arc<str>> = (name != ENVIRONMENT).then(|| name.into());
        let settings = settings.get(first).map_or(&[][..], Vec::as_slice);
        for group in &mut section.groups {
            let change = group.general.special(tenant.as_deref());
            let Subject::Object(object) = &change.subject else { continue };
            let filled = (again.len() < MOST || again.contains_key(&first)).then(|| {
                let again = again.entry(first).or_insert_with(|| search.again(tenant.as_ref()));
                Search::filled(group, object, again.as_ref())
            });
            let filled = filled.flatten().and_then(|place| search.changed(place, settings, &mut files));
            let template = || {
                let place = group.change.field.after.or(group.change.field.before)?;
                let of_after = group.change.field.after.is_some();
                let differs = if of_after { search.differs(place, &mut files) } else { search.gone(place, &mut gone) };
                let origin = if of_after { group.after.clone() } else { group.before.clone() };
                differs.then_some(Cause { origin: origin?, path: None })
            };
            let same = || alike(&change.field, settings);
            group.cause = filled.or_else(same).or_else(template).or_else(|| only(settings.iter()));
        }
    }
}

/// The value of the configuration that became the same as a field; of several, the one below the same key.
fn alike(field: &Field, settings: &[&Group]) -> Option<Cause> {
    let value = shown(&field.what)?;
    let same = || settings.iter().filter(|other| shown(&other.change.field.what).as_ref() == Some(&value));
    let last = field.way.steps().last();
    only(same()).or_else(|| only(same().filter(|other| other.change.field.way.steps().last() == last)))
}

/// The cause that the one configuration value among several is.
fn only<'g>(mut groups: impl Iterator<Item = &'g &'g Group>) -> Option<Cause> {
    let one = groups.next()?;
    if groups.next().is_some() {
        return None;
    }
    let origin = one.after.clone().or_else(|| one.before.clone())?;
    Some(Cause { origin, path: Some(one.change.field.way.to_string()) })
}

/// The newer value as text, by which a field and the value that fills it are alike.
fn shown(what: &What) -> Option<String> {
    let (What::Changed(_, content) | What::Added(content)) = what else { return None };
    match content {
        Content::Value(Value::String(text)) => Some(text.to_string()),
        Content::Value(Value::Null | Value::Map(_) | Value::List(_)) | Content::Masked | Content::Whole => None,
        Content::Value(scalar) => {
            Some(emit::json(&crate::tree::Node::new(scalar.clone(), Place::top(FileId::NONE)), false))
        }
    }
}

struct Search<'a> {
    fleets: &'a Fleets<'a>,
    templates: &'a Templates,
    sources: &'a Sources,
}

impl Search<'_> {
    /// A target of the newer side once more, traced.
    fn again(&self, tenant: Option<&Arc<str>>) -> Option<Again> {
        let (configuration, _) = self.fleets.after.again(tenant)?;
        // What is wrong was said when it was compiled first.
        let map = SourceMap::of(&configuration, self.templates, self.sources, &mut Diagnostics::new()).ok()?;
        let mut objects: IndexMap<String, IndexMap<Path, Path>> = IndexMap::new();
        for field in map.fields() {
            let object = field.object;
            let name = name(object.group(), object.kind(), object.namespace(), object.name());
            if let Some(read) = field.reads.last() {
                objects.entry(name).or_default().insert(field.path, read.clone());
            }
        }
        Some((configuration, objects))
    }

    /// The place in the newer layers that a field was filled from.
    fn filled(group: &Group, object: &Object, again: Option<&Again>) -> Option<Place> {
        let (configuration, objects) = again?;
        if group.is_whole() {
            return None;
        }
        let name = name(&object.group, &object.kind, object.namespace.as_ref(), &object.name);
        let read = objects.get(&name)?.get(&group.change.field.way.newer()?)?;
        Some(configuration.resolved().decisive(configuration.root().get(read)?.place))
    }

    /// The cause at a place of the newer configuration, if it changed.
    fn changed(&self, place: Place, settings: &[&Group], files: &mut IndexMap<Arc<str>, bool>) -> Option<Cause> {
        let origin: Origin = origin(place, self.sources)?;
        if let Some(group) = settings.iter().find(|group| group.after.as_ref() == Some(&origin)) {
            return Some(Cause { origin, path: Some(group.change.field.way.to_string()) });
        }
        self.differs(place, files).then_some(Cause { origin, path: None })
    }

    /// Whether the file of a place on the newer side is another one on the older side.
    fn differs(&self, place: Place, files: &mut IndexMap<Arc<str>, bool>) -> bool {
        // What delivers a secret is in no file.
        if place.file == FileId::NONE {
            return false;
        }
        let source = self.sources.get(place.file);
        let differs = || other(&self.fleets.before, source.name(), source.text());
        *files.entry(Arc::clone(source.name())).or_insert_with(differs)
    }

    /// Whether the file of a place on the older side is another one on the newer side.
    fn gone(&self, place: Place, files: &mut IndexMap<Arc<str>, bool>) -> bool {
        if place.file == FileId::NONE {
            return false;
        }
        let source = self.fleets.before.sources().get(place.file);
        let differs = || other(&self.fleets.after, source.name(), source.text());
        *files.entry(Arc::clone(source.name())).or_insert_with(differs)
    }
}

/// What tells an object from others.
fn name(group: &str, kind: &str, namespace: Option<&Arc<str>>, name: &str) -> String {
    [group, kind, namespace.map_or("", AsRef::as_ref), name].join("/")
}

/// Whether a side has not this text in a file.
fn other(side: &Side<'_>, name: &str, text: &str) -> bool {
    let workspace: &Workspace<'_> = match side {
        Side::Compiled { workspace, .. } => workspace,
        Side::Rendered(_) => return false,
    };
    workspace.world().read(name, crate::file::LARGEST).map_or(true, |bytes| bytes != text.as_bytes())
}
