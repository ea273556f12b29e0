//! `compliance` in the settings: the frameworks that reports are about, and who chose them.

use std::collections::BTreeMap;

use crate::compliance::evidence::{Declaration, Selected};
use crate::compliance::framework::Framework;
use crate::diagnostic::{Diagnostic, Diagnostics, code, did_you_mean};
use crate::fields::Fields;
use crate::yaml::Written;

/// Reads them; records everything that is wrong.
pub(super) fn read(written: &Written, diagnostics: &mut Diagnostics) -> Vec<Selected> {
    let mut all = Vec::new();
    let Some(mut fields) = Fields::of(written, code::SETTINGS, "`compliance`", diagnostics) else { return all };
    for item in fields.items("frameworks", diagnostics) {
        all.extend(framework(item, diagnostics));
    }
    fields.finish(diagnostics);
    all
}

fn framework(written: &Written, diagnostics: &mut Diagnostics) -> Option<Selected> {
    let mut fields = Fields::of(written, code::SETTINGS, "a framework", diagnostics)?;
    let id = fields.required("id", "soc2", diagnostics);
    let version = fields.text("version", diagnostics);
    let by = fields.required("selectedBy", "ciso@example.com", diagnostics);
    let mut declared = BTreeMap::new();
    for item in fields.items("declares", diagnostics) {
        let Some(mut fields) = Fields::of(item, code::SETTINGS, "a declaration", diagnostics) else { continue };
        let what = fields.required("what", "appendixA1", diagnostics);
        let applicable = fields.flag("applicable", diagnostics);
        let reason = fields.required("reason", "\"why\"", diagnostics);
        fields.finish(diagnostics);
        if let (Some(what), Some(reason)) = (what, reason) {
            declared.insert(what.text.to_string(), Declaration { applicable, reason: reason.text.to_string() });
        }
    }
    fields.finish(diagnostics);
    let (id, by) = (id?, by?);
    let version = version.map(|version| version.text.to_string());
    if Framework::find(&id.text, version.as_deref()).is_none() {
        let keys: Vec<String> = Framework::all().iter().map(Framework::key).collect();
        let ids = || Framework::all().iter().map(|framework| framework.id.as_str());
        let named = version.map(|version| format!("@{version}")).unwrap_or_default();
        diagnostics.record(
            Diagnostic::new(code::UNKNOWN_FRAMEWORK, format!("there is no framework `{}{named}`", id.text))
                .at(id.place, "")
                .maybe_help(did_you_mean(&id.text, ids()))
                .note(format!("known are {}", keys.join(", "))),
        );
        return None;
    }
    Some(Selected { id: id.text.to_string(), version, selected_by: by.text.to_string(), declared })
}
