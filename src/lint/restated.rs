//! TC250: values equal to what they override, in every target that has their file.
//!
//! Who a tenant is, is said on purpose and never counts: it picks layers and tenants. Nor does a bound, what the schema
//! of a layer requires of it, or what an override keeps against another one that may be given before it.

use std::sync::Arc;

use super::cut::cut;
use super::setting::{Role, Seen, Setting};
use super::unread::TENANT;
use super::{Finding, Removes, Scene, idle, survey};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::merge::called;
use crate::path::{Path, Step};
use crate::schema::{Schema, Subject};
use crate::source::Place;
use crate::tree::{Map, Node, Value};
use crate::yaml::Written;

pub(super) fn find(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for seen in scene.files().filter(|seen| !is_of_idle_overrides(scene, seen)) {
        let idle: Vec<&Path> = seen
            .settings
            .iter()
            .filter(|(path, setting)| counts(scene, seen, path, setting))
            .map(|(path, _)| path)
            .collect();
        let required = required(scene, seen, &idle);
        let restates = |path: &Path| idle.contains(&path) && !required.contains(&path);
        let mut paths = Vec::new();
        let mut places = Vec::new();
        topmost(&seen.document.root, &mut Path::root(), &restates, &mut |path, place| {
            paths.push(path.clone());
            places.push(place);
        });
        if paths.is_empty() {
            continue;
        }
        let source = scene.question.workspace.sources().get(seen.document.file);
        let gone = cut(&seen.document, source.text(), &paths).map(|cut| cut.gone).unwrap_or_default();
        for (path, place) in paths.into_iter().zip(places) {
            let diagnostic = finding(scene, seen, &path, place);
            let file = Arc::clone(&seen.document.name);
            findings.push(if gone.contains(&path) {
                let diagnostic = diagnostic.help("remove it, as `tenantctl lint --fix` does");
                Finding { diagnostic, removes: Some(Removes { file, path }) }
            } else {
                diagnostic.help("remove it by hand: the file says it in a form that `--fix` leaves alone").into()
            });
        }
    }
    findings
}

fn counts(scene: &Scene<'_>, seen: &Seen, path: &Path, setting: &Setting) -> bool {
    setting.is_idle()
        && !setting.is_bound()
        && !is_identity(path)
        && !scene.allows(code::RESTATED, &seen.document.name, Some(path))
        && !seen.roles().keys().any(|role| is_kept(scene, seen, role, path))
}

/// Whether the value at a path says who a tenant is. Facts and selectors find it in other ways than the merge does.
pub(super) fn is_identity(path: &Path) -> bool {
    matches!(path.steps(), [Step::Key(first), ..] if first.as_ref() == TENANT)
}

/// Whether a file is nothing but overrides that change nothing, which is said of them as a whole.
fn is_of_idle_overrides(scene: &Scene<'_>, seen: &Seen) -> bool {
    let is_idle = |role: &Role| {
        let over = role.over.as_ref();
        let mut tries = scene.survey.tries.iter();
        over.is_some_and(|over| {
            tries.any(|one| one.environment == role.environment && one.name == *over && idle::is_idle(scene, one))
        })
    };
    seen.roles().keys().all(is_idle)
}

/// Whether an override keeps a value against another one that may be given with it and says something else.
fn is_kept(scene: &Scene<'_>, seen: &Seen, role: &Role, path: &Path) -> bool {
    let Some(over) = &role.over else { return false };
    let keys = path.keys();
    let own = seen.document.root.at(&keys);
    let says_otherwise = |other: &Seen| {
        let mut at = &other.document.root;
        for key in &keys {
            match at.members().filter(|_| at.tag.is_none()) {
                None => return true,
                Some(members) => match members.get(*key) {
                    Some(member) => at = &member.value,
                    None => return false,
                },
            }
        }
        !own.is_some_and(|own| own.tag() == at.tag() && own.says_same(at))
    };
    scene.survey.files.iter().any(|other| {
        let is_other = |role: &Role, over: &Arc<str>| {
            role.over.as_ref().is_some_and(|name| name != over && !conflict(scene, &role.environment, name, over))
        };
        let mut roles = other.roles().into_keys();
        roles.any(|known| known.environment == role.environment && is_other(&known, over)) && says_otherwise(other)
    })
}

/// Whether two overrides do not go together.
fn conflict(scene: &Scene<'_>, environment: &str, one: &str, other: &str) -> bool {
    let names = |one: &str, other: &str| {
        let about = scene.question.workspace.about(environment, one, &mut Diagnostics::new()).ok().flatten();
        about.is_some_and(|about| about.conflicts.iter().any(|(name, _)| name.as_ref() == other))
    };
    names(one, other) || names(other, one)
}

/// Those of the paths that the schema of the file's layer requires to be there.
fn required<'a>(scene: &Scene<'_>, seen: &Seen, paths: &[&'a Path]) -> Vec<&'a Path> {
    let schemas = scene.question.workspace.schemas();
    let layers: Vec<Arc<str>> = seen.roles().into_keys().map(|role| role.layer).collect();
    let schemas: Vec<&Schema> =
        schemas.layers.iter().filter(|(layer, _)| layers.contains(layer)).map(|(_, schema)| schema).collect();
    if schemas.is_empty() || paths.is_empty() {
        return Vec::new();
    }
    let data = seen.document.data(seen.trust);
    let wrong = |without: &[&Path]| {
        let data = without.iter().fold(data.clone(), |data, path| lacking(&data, path.steps()));
        let mut found = Diagnostics::new();
        let subject = Subject { layer: &|_| None, label: None, partial: true };
        for schema in &schemas {
            schema.check(&data, &subject, &mut found);
        }
        found.items().len()
    };
    let before = wrong(&[]);
    if wrong(paths) <= before {
        return Vec::new();
    }
    paths.iter().copied().filter(|path| wrong(&[path]) > before).collect()
}

/// A tree without a key, and without the mappings that are empty then.
fn lacking(node: &Node, steps: &[Step]) -> Node {
    let (Some((Step::Key(key), below)), Value::Map(map)) = (steps.split_first(), &node.value) else {
        return node.clone();
    };
    let mut map = Map::clone(map);
    let rest = map.get(key).filter(|_| !below.is_empty()).map(|node| lacking(node, below));
    match rest.filter(|rest| rest.value.as_map().is_none_or(|map| !map.is_empty())) {
        Some(rest) => {
            if let Some(entry) = map.entry_mut(key) {
                entry.node = rest;
            }
        }
        None => drop(map.remove(key)),
    }
    Node { value: Value::Map(Arc::new(map)), ..node.clone() }
}

/// Hands over the topmost keys of which all that is set below fulfils a condition.
pub(super) fn topmost(
    written: &Written,
    path: &mut Path,
    fulfils: &impl Fn(&Path) -> bool,
    found: &mut impl FnMut(&Path, Place),
) {
    fn all(written: &Written, path: &mut Path, fulfils: &impl Fn(&Path) -> bool) -> bool {
        let Some(members) = written.members().filter(|members| written.tag.is_none() && !members.is_empty()) else {
            return fulfils(path);
        };
        members.iter().all(|(key, member)| {
            path.push(Step::Key(Arc::clone(key)));
            let fulfilled = all(&member.value, path, fulfils);
            path.pop();
            fulfilled
        })
    }
    for (key, member) in written.members().into_iter().flatten() {
        path.push(Step::Key(Arc::clone(key)));
        if all(&member.value, path, fulfils) {
            found(path, member.key);
        } else if member.value.tag.is_none() {
            topmost(&member.value, path, fulfils, found);
        }
        path.pop();
    }
}

/// Places that are shown of what a value is equal to.
const SHOWN: usize = 3;

fn finding(scene: &Scene<'_>, seen: &Seen, path: &Path, place: Place) -> Diagnostic {
    let beaten = beaten(scene, seen, path);
    let mut layers: Vec<&str> = beaten.iter().map(|(_, layer)| layer.as_str()).collect();
    layers.dedup();
    let message = match layers.as_slice() {
        [layer] => format!("{path} restates what {layer} says already"),
        _ => format!("{path} restates what layers below it say already"),
    };
    let mut diagnostic = Diagnostic::new(code::RESTATED, message).at(place, "it changes nothing").about(path.clone());
    for (place, layer) in beaten.iter().take(SHOWN) {
        diagnostic = diagnostic.also(*place, format!("{layer} says the same"));
    }
    diagnostic
}

/// What the values at and below a path are equal to, in the first target that has their file: places and layers.
fn beaten(scene: &Scene<'_>, seen: &Seen, path: &Path) -> Vec<(Place, String)> {
    let workspace = scene.question.workspace;
    let layers = scene.survey.examples(seen).next().and_then(|target| survey::layers(workspace, target));
    let Some(layers) = layers else { return Vec::new() };
    let trees = layers.trees(workspace.rules(), workspace.prefixes(), &mut Diagnostics::new());
    let own = layers.stack().iter().position(|layer| layer.document.file == seen.document.file);
    let Some(below) = own.and_then(|own| trees.get(own.checked_sub(1)?)) else { return Vec::new() };
    let settings = seen.settings.keys().filter(|setting| setting.steps().starts_with(path.steps()));
    let nodes = settings.filter_map(|setting| below.get(setting));
    nodes.filter_map(|node| Some((node.place, layers.layer_of(node.place).map(called)?))).collect()
}
