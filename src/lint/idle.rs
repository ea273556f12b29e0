//! TC252: overrides that alter no value of any target of their environment.
//!
//! Not where a template or an expression asks which overrides are active: then the name alone does something.

use super::survey::Try;
use super::{Finding, Scene};
use crate::diagnostic::{Diagnostic, code, count};
use crate::path::Path;
use crate::source::Place;

pub(super) fn find(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in scene.survey.tries.iter().filter(|one| scene.wants(&one.environment) && is_idle(scene, one)) {
        let file = scene.question.workspace.override_file(&one.environment, &one.name);
        let Some(seen) = file.and_then(|file| scene.survey.file(&file)) else { continue };
        if scene.allows(code::IDLE_OVERRIDE, &seen.document.name, None) {
            continue;
        }
        let message = format!("the override {} changes nothing in {}", one.name, one.environment);
        findings.push(
            Diagnostic::new(code::IDLE_OVERRIDE, message)
                .at(Place::top(seen.document.file), "this override")
                .note(format!("it was laid on {}", count(one.tenants, "tenant")))
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
