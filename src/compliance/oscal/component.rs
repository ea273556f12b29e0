//! A component definition: which rules there are, and for which controls each is evidence.
//!
//! The names of properties are those that compliance-trestle reads.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{VERSION, text, token};
use crate::compliance::Report;
use crate::compliance::digest::uuid;
use crate::diagnostic::printable;

/// Whose the names of properties are.
const TRESTLE: &str = "https://oscal-compass.github.io/compliance-trestle/schemas/oscal/cd";
/// Below which the ids of controls are names.
const CATALOGUE: &str = "https://tenantctl.dev/catalog";

/// The rules of a report as a component definition.
pub fn definition(report: &Report) -> String {
    // What depends on the catalogue only, so that reports of one release give the same document.
    let name = |what: &str, which: &str| uuid(&[&report.catalogue.sha256, what, which]);
    let mut props = Vec::with_capacity(2 * report.rules.len());
    for (nth, rule) in report.rules.iter().enumerate() {
        for (name, value) in [("Rule_Id", &rule.id), ("Rule_Description", &rule.title)] {
            let set = format!("rule_set_{:03}", nth + 1);
            props.push(json!({"name": name, "ns": TRESTLE, "value": text(value), "remarks": set}));
        }
    }
    let mut implementations = Vec::new();
    for chosen in &report.scope.frameworks {
        let key = chosen.key();
        let mut controls: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for rule in &report.rules {
            for control in rule.maps.get(&key).into_iter().flatten() {
                controls.entry(control).or_default().push(&rule.id);
            }
        }
        let of = report.controls.iter().filter(|control| control.framework == key);
        let requirements: Vec<Value> = of
            .filter_map(|control| {
                let rules = controls.get(control.id.as_str())?;
                let props: Vec<Value> =
                    rules.iter().map(|rule| json!({"name": "Rule_Id", "ns": TRESTLE, "value": text(rule)})).collect();
                Some(json!({
                    "uuid": name("requirement", &format!("{key} {}", control.id)),
                    "control-id": super::control_id(control),
                    "description": text(&format!("Supported by {}", rules.join(", "))),
                    "props": props,
                }))
            })
            .collect();
        if !requirements.is_empty() {
            implementations.push(json!({
                "uuid": name("implementation", &key),
                "source": format!("{CATALOGUE}/{}", token(&key)),
                "description": text(&format!("{}, {} (ids only)", chosen.title, chosen.edition)),
                "implemented-requirements": requirements,
            }));
        }
    }
    let mut component = json!({
        "uuid": name("component", ""),
        "type": "validation",
        "title": report.tool.name,
        "description": "Compiler of configuration into manifests, and static checks of both",
    });
    for (name, list) in [("props", props), ("control-implementations", implementations)] {
        // OSCAL has no empty lists.
        if !list.is_empty() {
            component[name] = list.into();
        }
    }
    let document = json!({"component-definition": {
        "uuid": name("definition", ""),
        "metadata": {
            "title": "Rule catalogue of tenantctl",
            "last-modified": report.run.as_of,
            "version": text(&report.catalogue.version),
            "oscal-version": VERSION,
        },
        "components": [component],
    }});
    printable::json(&document.to_string()) + "\n"
}
