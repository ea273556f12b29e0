//! TC252: overrides that alter no value of any target of their environment.
//!
//! Not where a template or an expression asks which overrides are active: then the name alone does something.

use indexmap::IndexMap;

use super::survey::Try;
use super::{Finding, Scene};
use crate::diagnostic::{Diagnostic, code, count};
use crate::path::Path;
use crate::source::Place;

pub(super) fn find(scene: &Scene<'_>) -> Vec<Finding> {
    // Environments may share the file of an override: it is idle if it is so in all of them.
    let mut files: IndexMap<String, Vec<&Try>> = IndexMap::new();
    for one in scene.survey.tries.iter().filter(|one| one.tenants > 0) {
        let file = scene.question.workspace.override_file(&one.environment, &one.name);
        files.entry(file.unwrap_or_default()).or_default().push(one);
    }
    let mut findings = Vec::new();
    for (file, tries) in files {
        let told = tries.iter().any(|one| scene.wants(&one.environment)) && tries.iter().all(|one| is_idle(scene, one));
        let (Some(seen), Some(first)) = (scene.survey.file(&file).filter(|_| told), tries.first()) else { continue };
        if scene.allows(code::IDLE_OVERRIDE, &file, None) {
            continue;
        }
        let environments: Vec<&str> = tries.iter().map(|one| one.environment.as_ref()).collect();
        let message = format!("the override {} changes nothing in {}", first.name, environments.join(", "));
        let tenants = tries.iter().map(|one| one.tenants).sum();
        findings.push(
            Diagnostic::new(code::IDLE_OVERRIDE, message)
                .at(Place::top(seen.document.file), "this override")
                .note(format!("it was laid on {}", count(tenants, "tenant")))
                .help("remove it, or see what its values are laid over: `tenantctl explain ENV TENANT PATH`")
                .into(),
        );
    }
    findings
}

/// Whether an override does nothing at all.
pub(super) fn is_idle(scene: &Scene<'_>, one: &Try) -> bool {
    one.tenants > 0 && !one.alters() && !scene.mentions.covers(&Path::from_keys(["target", "overrides"]))
}
