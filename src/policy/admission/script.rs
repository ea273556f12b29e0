//! The expression of a validation, over `object` alone.
//!
//! What a rule calls `pod`, `container` or `item` is bound by a loop around it: `variables.pods.all(pod, ..)`. What it is
//! told becomes a variable of the policy.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::Admission;
use crate::policy::rule::{Rule, Scope, Validation};
use crate::policy::way::Way;
use crate::tree::{Node, Value};

/// What an expression may name that becomes a variable of the policy.
const TOLD: [&str; 4] = ["environment", "kubernetes", "params", "tier"];

/// The lists of containers.
const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// The template of pods in an object, in a list.
const PODS: &str = "object.kind == 'Pod' ? [object] : object.kind == 'CronJob' ? [object.spec.jobTemplate.spec.template] : \
                    object.kind == 'PodTemplate' ? [object.template] : [?object.spec.?template]";

/// The tier of a tenant, by the label of its namespace; for the namespace itself there is no other.
const TIER: &str =
    "(namespaceObject == null ? object : namespaceObject).metadata.?labels[?'tenantctl.dev/tier'].orValue('')";

/// Functions that the API server does not have.
const UNKNOWN: [&str; 1] = ["reverse"];

/// The variables that expressions need.
#[derive(Debug, Default)]
pub(super) struct Script {
    used: BTreeSet<&'static str>,
}

impl Script {
    /// Takes in what another one needs.
    pub(super) fn merge(&mut self, other: Self) {
        self.used.extend(other.used);
    }

    /// Writes a validation of a rule.
    pub(super) fn validation(&mut self, rule: &Rule, validation: &Validation) -> Result<String, String> {
        let names: Vec<&str> = rule.variables.iter().map(|(name, _)| name.as_str()).collect();
        let mut body = self.text(&validation.clause.text, &names)?;
        let ways = if validation.each.is_empty() { &rule.each } else { &validation.each };
        let subject = match rule.scope {
            Scope::Container => "container",
            Scope::PodSpec => "pod",
            _ => "object",
        };
        if !ways.is_empty() {
            let each: Vec<String> = ways.iter().map(|way| Way::script(way, subject, &body)).collect();
            body = conjunction(&each);
        }
        for (index, definition) in rule.definitions.iter().enumerate().rev() {
            let name = names.get(index).copied().unwrap_or_default();
            let definition = self.text(definition, names.get(..index).unwrap_or_default())?;
            body = format!("[{definition}].all({}, {body})", own(name));
        }
        if let Some(applies) = &rule.applies {
            body = format!("!({}) || ({body})", self.text(&applies.text, &[])?);
        }
        if rule.scope == Scope::Container {
            let lists: Vec<String> = LISTS
                .iter()
                .map(|list| {
                    let kind = format!("['{list}'].all(containerKind, {body})");
                    let body = if mentions(&body, "containerKind") { &kind } else { &body };
                    format!("pod.spec.?{list}.orValue([]).all(container, {body})")
                })
                .collect();
            body = conjunction(&lists);
        }
        if subject != "object" {
            self.used.insert("pods");
            body = format!("variables.pods.all(pod, {body})");
        }
        Ok(body)
    }

    /// An expression of a rule, with what it is told and its own variables under the names they have here.
    fn text(&mut self, text: &str, variables: &[&str]) -> Result<String, String> {
        for name in ["config", "values"] {
            if mentions(text, name) {
                return Err(format!("it asks for `{name}`, which the API server does not see"));
            }
        }
        if let Some(function) = UNKNOWN.iter().find(|function| mentions_member(text, function)) {
            return Err(format!("the API server has no function `{function}`"));
        }
        let mut written = text.trim().to_owned();
        for name in TOLD {
            if mentions(&written, name) {
                self.used.insert(name);
                written = renamed(&written, name, &format!("variables.{name}"));
            }
        }
        for name in variables {
            written = written.replace(&format!("variables.{name}"), &own(name));
        }
        Ok(written.split('\n').map(str::trim).collect::<Vec<_>>().join(" "))
    }

    /// The variables of the policy.
    pub(super) fn variables(&self, admission: &Admission<'_>) -> Vec<Json> {
        let value = |name: &str| match name {
            "environment" => quoted(admission.environment),
            "kubernetes" => admission.minor.to_string(),
            "params" => literal(admission.params),
            "tier" => TIER.to_owned(),
            _ => PODS.to_owned(),
        };
        self.used.iter().map(|name| json!({"name": name, "expression": value(name)})).collect()
    }
}

/// The name of a variable of a rule.
fn own(name: &str) -> String {
    format!("own_{name}")
}

fn conjunction(parts: &[String]) -> String {
    match parts {
        [one] => one.clone(),
        parts => parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(" && "),
    }
}

/// Where a name stands in an expression as itself: not in a string, not as a member, not as a part of another name.
fn places(text: &str, name: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut quote = None;
    let mut before = ' ';
    let mut skip = false;
    for (at, c) in text.char_indices() {
        if skip {
            skip = false;
        } else if let Some(open) = quote {
            skip = c == '\\';
            if c == open {
                quote = None;
            }
        } else if matches!(c, '\'' | '"') {
            quote = Some(c);
        } else if !is_word(before)
            && !text[..at].ends_with('.')
            && !text[..at].ends_with(".?")
            && text[at..].starts_with(name)
        {
            let after = text[at + name.len()..].chars().next().unwrap_or(' ');
            if !is_word(after) {
                places.push(at);
            }
        }
        before = c;
    }
    places
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn mentions(text: &str, name: &str) -> bool {
    !places(text, name).is_empty()
}

fn mentions_member(text: &str, name: &str) -> bool {
    text.contains(&format!(".{name}("))
}

fn renamed(text: &str, name: &str, other: &str) -> String {
    let mut written = text.to_owned();
    for at in places(text, name).into_iter().rev() {
        written.replace_range(at..at + name.len(), other);
    }
    written
}

/// A value as an expression writes it.
fn literal(node: &Node) -> String {
    match &node.value {
        Value::Null | Value::Secret(_) => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let members = map.iter().map(|(key, entry)| format!("{}: {}", quoted(key), literal(&entry.node)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    let mut written = String::from("'");
    for c in text.chars() {
        match c {
            '\\' | '\'' => {
                written.push('\\');
                written.push(c);
            }
            c if c.is_control() => {
                let _ = write!(written, "\\u{:04x}", u32::from(c));
            }
            c => written.push(c),
        }
    }
    written.push('\'');
    written
}
