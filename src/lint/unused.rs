//! TC451 and TC452: templates that are rendered for nobody and included by none that is, and macros that nothing calls.

use super::{Finding, Scene};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::file::{self, Reason};
use crate::source::Place;
use crate::template::FOLDER;

/// What files end with that somebody may take for templates.
const ENDINGS: [&str; 7] = [".yaml", ".yml", ".json", ".jinja", ".jinja2", ".tpl", ".tmpl"];

pub(super) fn find(scene: &Scene<'_>) -> Vec<Finding> {
    if !scene.is_whole() {
        return Vec::new();
    }
    let sources = scene.question.workspace.sources();
    let mut findings = misnamed(scene);
    for (name, file) in &scene.scan.unreached {
        let full = sources.get(*file);
        if !scene.allows(code::UNUSED_TEMPLATE, full.name(), None) {
            let diagnostic = Diagnostic::new(code::UNUSED_TEMPLATE, format!("no target renders {}", full.name()))
                .at(Place::top(*file), "no template that is rendered includes it or imports from it");
            findings.push(diagnostic.help(help(name)).into());
        }
    }
    for (name, place) in &scene.scan.unused {
        let file = sources.get(place.file);
        if !scene.allows(code::UNUSED_MACRO, file.name(), None) {
            let diagnostic = Diagnostic::new(code::UNUSED_MACRO, format!("the macro {name} is never used"))
                .at(*place, "no template that is rendered calls it")
                .help("remove it");
            findings.push(diagnostic.into());
        }
    }
    findings
}

fn help(name: &str) -> &'static str {
    if name.starts_with("tenant/") || name.starts_with("environment/") {
        "a template is rendered if its name ends with .yaml.j2; else remove it, or include it where it is needed"
    } else if name.starts_with("lib/") {
        "remove it, or include it where it is needed"
    } else {
        "move it to templates/tenant or templates/environment, whose templates are rendered, or remove it"
    }
}

/// Files in the place of templates whose names are not those of templates.
fn misnamed(scene: &Scene<'_>) -> Vec<Finding> {
    let workspace = scene.question.workspace;
    let mut findings = Vec::new();
    for folder in ["tenant", "environment"] {
        // What cannot be listed was said when the templates were read.
        for name in workspace.world().list(&format!("{FOLDER}/{folder}")).unwrap_or_default() {
            let hidden = name.split('/').any(|part| part.starts_with('.'));
            let taken_for_one = ENDINGS.iter().any(|ending| name.ends_with(ending));
            if hidden || !taken_for_one || scene.allows(code::UNUSED_TEMPLATE, &name, None) {
                continue;
            }
            let reason = Reason { place: None, what: "a file among the templates".to_owned() };
            let file = file::load(workspace.world(), workspace.sources(), &name, &reason, &mut Diagnostics::new());
            let message = format!("no target renders {name}: it is not named as a template");
            let diagnostic = Diagnostic::new(code::UNUSED_TEMPLATE, message);
            let diagnostic = match file {
                Ok(file) => diagnostic.at(Place::top(file), "this file"),
                Err(_) => diagnostic,
            };
            let stem = ENDINGS.iter().fold(name.as_str(), |name, ending| name.strip_suffix(ending).unwrap_or(name));
            let stem = stem.strip_suffix(".yaml").unwrap_or(stem);
            findings.push(diagnostic.help(format!("rename it to {stem}.yaml.j2, or remove it")).into());
        }
    }
    findings
}
