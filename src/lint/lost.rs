//! TC251: values that are overridden in every target that has their file.
//!
//! What is a part of what overrides it (a bound, a list that is added to, an expression that names its own path) is not
//! lost, nor is what a lock holds others to. A default that only a few tenants' own files override is a default still.

use super::restated::{is_identity, topmost};
use super::setting::{Seen, Setting};
use super::{Finding, Scene, survey};
use crate::diagnostic::{Diagnostic, Diagnostics, code, count};
use crate::layers::Layer;
use crate::merge::called;
use crate::path::Path;
use crate::source::Place;
use crate::target::Target;
use crate::tree::Kind;
use crate::yaml::Tag;

/// Tenants that override a default in their own files before it is said to be none.
const FEW: usize = 3;

pub(super) fn find(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for seen in scene.files() {
        let lost = |path: &Path| seen.settings.get(path).is_some_and(|setting| counts(scene, seen, path, setting));
        topmost(&seen.document.root, &mut Path::root(), &lost, &mut |path, place| {
            findings.extend(finding(scene, seen, path, place).map(Finding::from));
        });
    }
    findings
}

fn counts(scene: &Scene<'_>, seen: &Seen, path: &Path, setting: &Setting) -> bool {
    setting.is_lost()
        // What changes nothing is said to restate a value.
        && !setting.is_idle()
        && !setting.is_bound()
        && setting.kind != Kind::Map
        && setting.tag != Some(Tag::Unset)
        && !is_identity(path)
        && !scene.question.workspace.rules().locks.iter().any(|lock| lock.pattern.covers(path))
        && !scene.allows(code::OVERRIDDEN, &seen.document.name, Some(path))
        // Of what nobody reads, that is told.
        && (scene.mentions.covers(path) || scene.allows(code::UNREAD_KEY, &seen.document.name, Some(path)))
}

/// What overrides a value in a target.
struct Winner {
    place: Place,
    layer: String,
    /// Whether it is a tenant's own file.
    own: bool,
}

fn finding(scene: &Scene<'_>, seen: &Seen, path: &Path, place: Place) -> Option<Diagnostic> {
    let winners: Vec<Winner> = scene.survey.examples(seen).filter_map(|target| winner(scene, target, path)).collect();
    if winners.iter().any(|winner| winner.own) && seen.targets() < FEW {
        return None;
    }
    let message = format!("{path} is overridden in every target that has this file");
    let mut diagnostic = Diagnostic::new(code::OVERRIDDEN, message).at(place, "never in force");
    let mut told = Vec::new();
    for Winner { place, layer, .. } in winners {
        if !told.contains(&place) {
            told.push(place);
            diagnostic = diagnostic.also(place, format!("{layer} overrides it"));
        }
    }
    if seen.targets() > 0 {
        diagnostic = diagnostic.note(format!("{} have this file", count(seen.targets(), "tenant")));
    }
    Some(diagnostic.about(path.clone()).help("remove it, or remove what overrides it where it is meant to hold"))
}

fn winner(scene: &Scene<'_>, target: &Target, path: &Path) -> Option<Winner> {
    let workspace = scene.question.workspace;
    let layers = survey::layers(workspace, target)?;
    let root = layers.fold(workspace.rules(), workspace.prefixes(), &mut Diagnostics::new())?;
    let node = root.get(path)?;
    let layer: &Layer = layers.layer_of(node.place)?;
    Some(Winner { place: node.place, layer: called(layer), own: workspace.is_of_tenants(&layer.name) })
}
