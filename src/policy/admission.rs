//! Rules as the API server enforces them: `ValidatingAdmissionPolicies`.
//!
//! In go rules of one object and what they are told in an environment, out come policies, each with its binding, and the
//! rules that cannot become one, with the reason. Rules that are about the same objects share a policy. What a rule sees
//! here it sees there: `script` writes its expression over `object` alone, `matching` says which objects it is shown.

mod counterpart;
mod matching;
mod script;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::rule::{Message, Rule, Scope};
use crate::tree::Node;
pub(crate) use counterpart::{Counterpart, Counterparts, KINDS, find as counterparts};
use matching::Shown;
use script::Script;

/// The label of a namespace that says whose it is; a policy holds where it is.
const TENANT: &str = "tenantctl.dev/tenant";

/// Longest message, in bytes, that a policy may have.
const LONGEST_MESSAGE: usize = 1000;

/// What rules are told, and what is done about those that are broken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admission<'a> {
    pub(crate) environment: &'a str,
    /// `policy.params` of the environment.
    pub(crate) params: &'a Node,
    /// The minor of Kubernetes.
    pub(crate) minor: u8,
    /// Whether a request is refused; else it is warned of and noted in the audit log.
    pub(crate) deny: bool,
}

/// What came of rules.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    /// Policies, each followed by its binding.
    pub(crate) objects: Vec<Json>,
    /// The rules that they hold, each with the name of its policy.
    pub(crate) held: Vec<(Arc<str>, String)>,
    /// Rules that cannot be enforced, and why.
    pub(crate) left_out: Vec<(Arc<str>, String)>,
}

/// Makes policies of rules.
pub(crate) fn admit(rules: &[Arc<Rule>], admission: &Admission<'_>) -> Admitted {
    let mut admitted = Admitted::default();
    let mut groups: IndexMap<(String, Shown), (Script, Vec<Json>)> = IndexMap::new();
    for rule in rules {
        match entries(rule, admission) {
            Ok((shown, script, validations)) => {
                let family = family(&rule.id);
                let name = format!("tenantctl-{}-{family}{}", admission.environment, shown.suffix());
                admitted.held.push((Arc::clone(&rule.id), name));
                let group = groups.entry((family, shown)).or_default();
                group.0.merge(script);
                group.1.extend(validations);
            }
            Err(why) => admitted.left_out.push((Arc::clone(&rule.id), why)),
        }
    }
    for ((family, shown), (script, validations)) in groups {
        let name = format!("tenantctl-{}-{family}{}", admission.environment, shown.suffix());
        admitted.objects.push(policy(&name, &shown, &script, &validations, admission));
        admitted.objects.push(binding(&name, admission));
    }
    admitted
}

/// `pod` of `TC-POD-101`.
fn family(id: &str) -> String {
    let words: Vec<&str> = id.split('-').collect();
    match words.as_slice() {
        [_, family @ .., _] if !family.is_empty() => family.join("-").to_lowercase(),
        _ => "own".to_owned(),
    }
}

/// The validations of a rule, what they need, and the objects they are shown.
fn entries(rule: &Rule, admission: &Admission<'_>) -> Result<(Shown, Script, Vec<Json>), String> {
    if matches!(rule.scope, Scope::Config | Scope::Set | Scope::Environment) {
        return Err(format!(
            "it is about {}, which the API server does not see",
            match rule.scope {
                Scope::Config => "the configuration",
                _ => "several objects",
            }
        ));
    }
    if !rule.emit {
        return Err("it does not say `emit: true`".to_owned());
    }
    let shown = Shown::to(rule)?;
    let mut script = Script::default();
    let mut validations = Vec::new();
    for validation in rule.validations.iter().filter(|validation| validation.minors.hold(admission.minor)) {
        let expression = script.validation(rule, validation)?;
        let said = match &validation.message {
            Message::Text(text) => text.as_ref(),
            Message::Made(_) => rule.title.as_ref(),
        };
        let mut message = format!("{}: {said}. {}", rule.id, rule.remediation).replace('\n', " ");
        while message.len() > LONGEST_MESSAGE {
            message.pop();
        }
        validations.push(json!({"expression": expression, "message": message}));
    }
    if validations.is_empty() {
        return Err(format!("it says nothing for Kubernetes 1.{}", admission.minor));
    }
    Ok((shown, script, validations))
}

fn policy(name: &str, shown: &Shown, script: &Script, validations: &[Json], admission: &Admission<'_>) -> Json {
    let mut spec = json!({
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": shown.resource_rules()},
    });
    if let Some(conditions) = shown.conditions() {
        spec["matchConditions"] = conditions;
    }
    let variables = script.variables(admission);
    if !variables.is_empty() {
        spec["variables"] = variables.into();
    }
    spec["validations"] = validations.to_vec().into();
    object("ValidatingAdmissionPolicy", name, &spec)
}

fn binding(name: &str, admission: &Admission<'_>) -> Json {
    let actions = if admission.deny { json!(["Deny", "Audit"]) } else { json!(["Warn", "Audit"]) };
    let spec = json!({
        "policyName": name,
        "validationActions": actions,
        "matchResources": {
            "namespaceSelector": {"matchExpressions": [{"key": TENANT, "operator": "Exists"}]},
        },
    });
    object("ValidatingAdmissionPolicyBinding", name, &spec)
}

fn object(kind: &str, name: &str, spec: &Json) -> Json {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name, "labels": {"app.kubernetes.io/managed-by": "tenantctl"}},
        "spec": spec,
    })
}

#[cfg(test)]
mod tests;
