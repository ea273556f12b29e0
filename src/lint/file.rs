//! TC150 and TC151: YAML files among the layers that no layer names, and those that one names but no target uses.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Finding, Scene};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code};
use crate::file::{self, Reason};
use crate::source::Place;
use crate::workspace::Misnamed;

pub(super) fn find(scene: &Scene<'_>) -> Vec<Finding> {
    if !scene.is_whole() {
        return Vec::new();
    }
    let workspace = scene.question.workspace;
    let sources = workspace.sources();
    let mut used: BTreeSet<Arc<str>> = workspace.files().map(|file| Arc::clone(sources.get(file).name())).collect();
    used.extend(scene.survey.files.iter().map(|seen| Arc::clone(&seen.document.name)));
    let mut idle: Vec<String> = Vec::new();
    for folder in workspace.layer_folders() {
        // What cannot be listed was said when targets were looked for.
        idle.extend(workspace.world().list(&folder).unwrap_or_default());
    }
    idle.retain(|name| is_layer(name) && !used.contains(name.as_str()) && !workspace.secrets().has_file(name));
    let mut findings = Vec::new();
    let mut rest = Vec::new();
    for name in idle {
        match workspace.level_of(&name) {
            Some((level, facts)) => {
                // What it extends has somebody who names it.
                extended(scene, &name.as_str().into(), &mut used);
                if !scene.allows(code::UNUSED_FILE, &name, None) {
                    findings.push(unused(scene, &name, level, &facts).into());
                }
            }
            None => rest.push(name),
        }
    }
    rest.retain(|name| !used.contains(name.as_str()) && !scene.allows(code::UNNAMED_FILE, name, None));
    findings.extend(rest.iter().map(|name| unnamed(scene, name).into()));
    findings
}

/// Whether a file looks like a layer: YAML, and nothing hidden.
fn is_layer(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "yml" | "yaml"))) && !name.split('/').any(|part| part.starts_with('.'))
}

/// Takes in a file and all that it extends.
fn extended(scene: &Scene<'_>, name: &Arc<str>, used: &mut BTreeSet<Arc<str>>) {
    if !used.insert(Arc::clone(name)) {
        return;
    }
    if let Some(document) = scene.question.workspace.document(name) {
        document.extends.iter().for_each(|(name, _)| extended(scene, name, used));
    }
}

fn unused(scene: &Scene<'_>, name: &str, level: &str, facts: &[(Arc<str>, String)]) -> Diagnostic {
    let picks: Vec<String> = facts
        .iter()
        .filter(|(fact, _)| scene.question.workspace.is_fact(fact))
        .map(|(fact, value)| format!("{fact}: {value}"))
        .collect();
    let diagnostic = at(scene, code::UNUSED_FILE, name, format!("no target uses {name}, a file of layer {level}"));
    if picks.is_empty() {
        return diagnostic.help("remove it");
    }
    diagnostic
        .note(format!("no tenant has `{}`", picks.join("`, `")))
        .help("remove it, or keep it for the tenant that comes: `lint` in tenantctl.yaml may allow it")
}

fn unnamed(scene: &Scene<'_>, name: &str) -> Diagnostic {
    let workspace = scene.question.workspace;
    let diagnostic = at(scene, code::UNNAMED_FILE, name, format!("no layer names {name}"));
    match workspace.misnamed(name) {
        Some(Misnamed::Fact(fact, value)) if fact.as_ref() == "environment" => {
            diagnostic.note(format!("there is no environment `{value}`"))
        }
        Some(Misnamed::Fact(fact, value)) => diagnostic.note(format!("`{value}` cannot be the name of a {fact}")),
        Some(Misnamed::Ending(meant)) => diagnostic.help(format!("rename it to {meant}")),
        None => {
            let files: Vec<String> = workspace.hierarchy().map(|(_, file, _)| file).collect();
            diagnostic.note(format!("layers name {}", files.join(", ")))
        }
    }
    .help("remove it, move it to where a layer looks, or name it under `extends`")
}

/// A finding at the top of a file.
fn at(scene: &Scene<'_>, code: Code, name: &str, message: String) -> Diagnostic {
    let workspace = scene.question.workspace;
    let diagnostic = Diagnostic::new(code, message);
    let reason = Reason { place: None, what: "a file among the layers".to_owned() };
    let file = file::load(workspace.world(), workspace.sources(), name, &reason, &mut Diagnostics::new());
    match file {
        Ok(file) => diagnostic.at(Place::top(file), "this file"),
        // It says its name.
        Err(_) => diagnostic,
    }
}
