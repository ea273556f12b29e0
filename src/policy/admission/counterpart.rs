//! Which rules the API server enforces: what was emitted, found again among objects.
//!
//! In go rules and the policies of a cluster, or of a file that is applied to it; out comes for each rule the policy that
//! holds it, and what is done to a request that breaks it. A policy that is not what would be emitted today counts for
//! nothing: nobody knows what it refuses. What the API server adds to an object on its own does not matter.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{Admission, admit};
use crate::policy::rule::Rule;

/// The kinds of objects that are looked at.
pub(crate) const KINDS: [&str; 2] = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];

/// Where a rule is enforced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counterpart {
    /// The policy's name.
    pub(crate) policy: String,
    /// `validationActions` of its binding: `Deny`, `Warn`, `Audit`.
    pub(crate) actions: Vec<String>,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Counterparts {
    /// By rule.
    pub(crate) rules: BTreeMap<Arc<str>, Counterpart>,
    /// Policies by the names of ours which are not ours, or have no binding that is, and why.
    pub(crate) stale: Vec<(String, &'static str)>,
}

/// Looks for what would be emitted of rules among objects.
pub(crate) fn find(rules: &[Arc<Rule>], admission: &Admission<'_>, objects: &[Json]) -> Counterparts {
    let mut found = Counterparts::default();
    if objects.is_empty() {
        return found;
    }
    let emitted = admit(rules, admission);
    for pair in emitted.objects.chunks_exact(2) {
        let [policy, binding] = pair else { continue };
        let Some(name) = name(policy) else { continue };
        let of_name = |kind| move |object: &&Json| object["kind"] == kind && self::name(object) == Some(name);
        let mut there = objects.iter().filter(of_name(KINDS[0])).peekable();
        if there.peek().is_none() {
            continue;
        }
        // Two sources may tell of the same policy: the file that is applied, and the cluster.
        if !there.all(|other| covers(&other["spec"], &policy["spec"])) {
            found.stale.push((name.to_owned(), "it is not what `policy emit` writes of the rules as they are"));
            continue;
        }
        let selects = |object: &&Json| covers(&object["spec"]["matchResources"], &binding["spec"]["matchResources"]);
        let bound = objects.iter().filter(|object| object["kind"] == KINDS[1] && object["spec"]["policyName"] == name);
        let Some(bound) = bound.into_iter().find(selects) else {
            found.stale.push((name.to_owned(), "no binding makes it hold in the namespaces of tenants"));
            continue;
        };
        let actions: Vec<String> = bound["spec"]["validationActions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|action| action.as_str().map(str::to_owned))
            .collect();
        for rule in emitted.held.iter().filter(|(_, policy)| policy == name).map(|(rule, _)| rule) {
            let counterpart = Counterpart { policy: name.to_owned(), actions: actions.clone() };
            found.rules.insert(Arc::clone(rule), counterpart);
        }
    }
    found
}

fn name(object: &Json) -> Option<&str> {
    object["metadata"]["name"].as_str()
}

/// Whether everything that `ours` says is said by `theirs` too.
fn covers(theirs: &Json, ours: &Json) -> bool {
    match (theirs, ours) {
        (Json::Object(theirs), Json::Object(ours)) => {
            ours.iter().all(|(key, value)| theirs.get(key).is_some_and(|other| covers(other, value)))
        }
        (Json::Array(theirs), Json::Array(ours)) => {
            theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(other, value)| covers(other, value))
        }
        _ => theirs == ours,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Catalogue;
    use crate::source::{FileId, Place};
    use crate::tree::{Node, Value};
    use serde_json::json;

    fn found(objects: &[Json]) -> Counterparts {
        let params = Node::new(Value::Map(Arc::default()), Place::top(FileId::NONE));
        let admission = Admission { environment: "prod", params: &params, minor: 34, deny: false };
        find(Catalogue::shipped().rules(), &admission, objects)
    }

    fn emitted() -> Vec<Json> {
        let params = Node::new(Value::Map(Arc::default()), Place::top(FileId::NONE));
        let admission = Admission { environment: "prod", params: &params, minor: 34, deny: false };
        admit(Catalogue::shipped().rules(), &admission).objects
    }

    #[test]
    fn what_was_emitted_is_found_again_with_what_the_server_adds() {
        let mut objects = emitted();
        for object in &mut objects {
            object["metadata"]["uid"] = json!("7c1d");
            if object["kind"] == KINDS[0] {
                object["spec"]["matchConstraints"]["matchPolicy"] = json!("Equivalent");
            } else {
                object["spec"]["matchResources"]["objectSelector"] = json!({});
                object["spec"]["validationActions"] = json!(["Deny"]);
            }
        }
        let found = found(&objects);
        assert_eq!(found.stale, []);
        assert_eq!(found.rules.len(), 48);
        let counterpart = &found.rules["TC-POD-101"];
        assert_eq!(
            (counterpart.policy.as_str(), counterpart.actions.as_slice()),
            ("tenantctl-prod-pod-pods", &["Deny".to_owned()][..])
        );
    }

    #[test]
    fn a_policy_that_was_loosened_counts_for_nothing() {
        let mut objects = emitted();
        let at = objects.iter().position(|object| name(object) == Some("tenantctl-prod-pod-pods"));
        let at = at.expect("the policy of pods");
        objects[at]["spec"]["failurePolicy"] = json!("Ignore");
        let found = found(&objects);
        assert_eq!(found.stale.len(), 1);
        assert!(!found.rules.contains_key("TC-POD-101") && found.rules.contains_key("TC-IMG-201"));
    }

    #[test]
    fn a_policy_without_a_binding_holds_nowhere() {
        let objects: Vec<Json> = emitted().into_iter().filter(|object| object["kind"] == KINDS[0]).collect();
        let found = found(&objects);
        assert!(found.rules.is_empty() && !found.stale.is_empty());
    }
}
