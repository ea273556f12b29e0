//! The bundle: all definitions of all versions as one text, each that is equal in several versions once.
//!
//! The first line names the versions: `1.31 1.32`. Each other line is a definition, of four fields with tabs between:
//! its name, a digit for each version (`1` where this is the definition), the kind it is the root of (`apps/v1/Deployment`,
//! else `-`), and the schema as JSON. The schema has the keys of `OpenAPI` that say what is allowed, and these of our own:
//! the types `quantity` and `int-or-string`; `"$ref"` is the name of a definition; `"open": true` is a mapping with any
//! keys; `"unique": KEY` in a list, of whose items no two may have the same under that key.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value, json};

use super::facts::{Fact, Says};

/// The minor versions that are made.
pub(crate) const MINORS: std::ops::RangeInclusive<u8> = 31..=36;

/// Mappings that hold whatever somebody else's schema says.
const OPEN: [&str; 3] = [
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
    "io.k8s.apimachinery.pkg.runtime.RawExtension",
];

/// Definitions that are no objects; a reference to one becomes this.
fn scalar(name: &str) -> Option<Value> {
    Some(match name {
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => json!({"type": "quantity"}),
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => json!({"type": "int-or-string", "format": "int32"}),
        "io.k8s.apimachinery.pkg.apis.meta.v1.Time" | "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime" => {
            json!({"type": "string", "format": "date-time"})
        }
        _ => return None,
    })
}

/// A definition of one version.
struct Definition {
    kind: Option<String>,
    schema: Value,
    /// The definitions it refers to.
    needs: BTreeSet<String>,
}

/// The bytes of the file.
pub(crate) fn packed(text: &str) -> Vec<u8> {
    lz4_flex::compress_prepend_size(text.as_bytes())
}

/// The text of the bundle: from the definitions of each minor version as JSON, and what is known beside them.
pub(crate) fn text(versions: &[(u8, String)], facts: &[Fact]) -> anyhow::Result<String> {
    let mut lines: BTreeMap<(String, String, String), Vec<usize>> = BTreeMap::new();
    let mut used = vec![false; facts.len()];
    for (index, (minor, text)) in versions.iter().enumerate() {
        let file: Value = serde_json::from_str(text).with_context(|| format!("the definitions of 1.{minor}"))?;
        let file = file["$defs"].as_object().with_context(|| format!("1.{minor} has no `$defs`"))?;
        let mut definitions = BTreeMap::new();
        for (name, schema) in file {
            let definition = definition(name, schema).with_context(|| format!("{name} of 1.{minor}"))?;
            definitions.insert(name.clone(), definition);
        }
        for (fact, used) in facts.iter().zip(&mut used).filter(|(fact, _)| fact.minors.contains(minor)) {
            for (name, definition) in &mut definitions {
                if is_of(name, fact.definition) {
                    *used |= state(&mut definition.schema, fact);
                }
            }
        }
        for name in reachable(&definitions)? {
            let Definition { kind, schema, .. } = &definitions[&name];
            let kind = kind.clone().unwrap_or_else(|| "-".to_owned());
            lines.entry((name, kind, schema.to_string())).or_default().push(index);
        }
    }
    if let Some((fact, _)) = facts.iter().zip(&used).find(|(_, used)| !**used) {
        bail!("no version has {} of {}", fact.field, fact.definition);
    }
    let names: Vec<String> = versions.iter().map(|(minor, _)| format!("1.{minor}")).collect();
    let mut text = names.join(" ") + "\n";
    for ((name, kind, schema), holds) in lines {
        let mask: String = (0..versions.len()).map(|index| if holds.contains(&index) { '1' } else { '0' }).collect();
        text.push_str(&format!("{name}\t{mask}\t{kind}\t{schema}\n"));
    }
    Ok(text)
}

/// Whether a definition is the one a fact is about: `core.v1.Container` is the end of its name.
fn is_of(name: &str, wanted: &str) -> bool {
    name.strip_suffix(wanted).is_some_and(|before| before.ends_with('.'))
}

/// The kinds, and all that they refer to. A list of objects is none: its items are checked one by one.
fn reachable(definitions: &BTreeMap<String, Definition>) -> anyhow::Result<BTreeSet<String>> {
    let is_list = |kind: &str| kind.ends_with("List");
    let kinds = definitions.iter().filter(|(_, definition)| definition.kind.as_deref().is_some_and(|k| !is_list(k)));
    let mut open: Vec<String> = kinds.map(|(name, _)| name.clone()).collect();
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        let definition = definitions.get(&name).with_context(|| format!("there is no definition {name}"))?;
        if found.insert(name) {
            open.extend(definition.needs.iter().cloned());
        }
    }
    Ok(found)
}

fn definition(name: &str, source: &Value) -> anyhow::Result<Definition> {
    let kind = match source["x-kubernetes-group-version-kind"].as_array().map(Vec::as_slice) {
        Some([one]) => {
            let text = |key: &str| one[key].as_str().with_context(|| format!("the {key} of its kind is no string"));
            let (group, version, kind) = (text("group")?, text("version")?, text("kind")?);
            Some(if group.is_empty() { format!("{version}/{kind}") } else { format!("{group}/{version}/{kind}") })
        }
        // What is of many groups is asked of the server, never applied.
        _ => None,
    };
    let mut needs = BTreeSet::new();
    let mut schema = schema(source, &mut needs)?;
    if OPEN.contains(&name) {
        schema = json!({"type": "object", "open": true});
    }
    if let (Some(_), Some(Value::Object(properties))) = (&kind, schema.get_mut("properties")) {
        // They decide which schema is used.
        for key in ["apiVersion", "kind"] {
            properties.insert(key.to_owned(), json!({"type": "string"}));
        }
    }
    Ok(Definition { kind, schema, needs })
}

/// A schema with what says what is allowed. `null` stands for nothing wherever Kubernetes' own kinds are read.
fn schema(source: &Value, needs: &mut BTreeSet<String>) -> anyhow::Result<Value> {
    let source = source.as_object().context("a schema is no mapping")?;
    if let Some(reference) = source.get("$ref") {
        let reference = reference.as_str().unwrap_or_default();
        let name = reference.strip_prefix("#/$defs/").with_context(|| format!("the reference {reference}"))?;
        if let Some(scalar) = scalar(name) {
            return Ok(scalar);
        }
        needs.insert(name.to_owned());
        return Ok(json!({"$ref": name}));
    }
    let mut schema = Map::new();
    let mut closed = false;
    for (key, value) in source {
        let kept = match key.as_str() {
            "type" => match value {
                Value::Array(types) => types.iter().find(|kind| *kind != "null").cloned().context("only null")?,
                one => one.clone(),
            },
            "format" | "required" | "enum" | "x-kubernetes-list-type" | "x-kubernetes-list-map-keys" => value.clone(),
            "properties" => {
                let properties = value.as_object().context("`properties` is no mapping")?;
                let made = properties.iter().map(|(name, below)| Ok((name.clone(), self::schema(below, needs)?)));
                made.collect::<anyhow::Result<Map<_, _>>>()?.into()
            }
            "items" => {
                let mut items = self::schema(value, needs)?;
                let types = value["type"].as_array().map_or(&[][..], Vec::as_slice);
                // A null among strings or numbers is an empty one.
                if types.iter().any(|kind| kind == "null")
                    && types.iter().all(|kind| kind != "object" && kind != "array")
                {
                    items["nullable"] = true.into();
                }
                items
            }
            "additionalProperties" if value.is_object() => self::schema(value, needs)?,
            "additionalProperties" => {
                ensure!(*value == Value::Bool(false), "`additionalProperties` is {value}");
                closed = true;
                continue;
            }
            "description"
            | "oneOf"
            | "x-kubernetes-group-version-kind"
            | "x-kubernetes-map-type"
            | "x-kubernetes-patch-merge-key"
            | "x-kubernetes-patch-strategy"
            | "x-kubernetes-unions" => continue,
            other => bail!("the keyword {other} is not known"),
        };
        schema.insert(key.clone(), kept);
    }
    ensure!(!closed || schema.contains_key("properties"), "`additionalProperties: false` without properties");
    Ok(Value::Object(schema))
}

/// Writes a fact into a schema, if that has the field.
fn state(schema: &mut Value, fact: &Fact) -> bool {
    let required = schema["required"].as_array().is_some_and(|required| required.contains(&fact.field.into()));
    let (field, step) = match fact.field.split_once(['[', '{']) {
        Some((field, "]")) => (field, Some("items")),
        Some((field, _)) => (field, Some("additionalProperties")),
        None => (fact.field, None),
    };
    let Some(found) = schema.get_mut("properties").and_then(|properties| properties.get_mut(field)) else {
        return false;
    };
    let found = match step {
        Some(step) => found.get_mut(step),
        None => Some(found),
    };
    let Some(found) = found.and_then(Value::as_object_mut) else { return false };
    let mut put = |key: &str, value: Value| {
        found.insert(key.to_owned(), value);
    };
    match fact.says {
        Says::OneOf(values) => {
            // What need not be there may be empty as well.
            let nothing = (!required && step.is_none()).then_some("");
            put("enum", nothing.iter().chain(values).copied().collect());
        }
        Says::Range(least, most) => {
            put("minimum", least.into());
            if let Some(most) = most {
                put("maximum", most.into());
            }
        }
        Says::Form(format) => put("format", format.into()),
        Says::Default(value) => put("default", value.into()),
        Says::Nullable => put("nullable", true.into()),
        Says::Unique(key) => put("unique", key.into()),
    }
    true
}
