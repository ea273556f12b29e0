//! TC-IMG-205: in production, images must be signed, and an object of the output has the cluster see to that.

use super::{Breach, Mark, Spot, Verdict, View};
use crate::manifest::Manifest;
use crate::policy::engine::{Facts, path_of};
use crate::policy::rule::Rule;
use crate::tree::{Node, Value};

/// Whether the configuration asks for signatures.
pub(super) fn is_asked_for(rule: &Rule, facts: &Facts<'_>) -> bool {
    let path = path_of(rule, facts, "required");
    let said = path.and_then(|path| facts.configuration?.get(&path));
    said.is_some_and(|node| matches!(node.value, Value::Bool(true)))
}

/// Whether an object makes the cluster refuse images that nobody signed.
pub(super) fn verifies(manifest: &Manifest, params: &Node) -> bool {
    let (identity, node) = (manifest.identity(), manifest.node());
    let text = |keys: &[&str]| node.str_at(keys).unwrap_or_default();
    match (identity.group(), identity.kind().as_ref()) {
        ("policy.sigstore.dev", "ClusterImagePolicy") => {
            // Without authorities, or with one that lets everything pass, nothing is verified.
            let authorities = list(node, &["spec", "authorities"]);
            let is_static = |authority: &Node| authority.str_at(&["static", "action"]) == Some("pass");
            text(&["spec", "mode"]) != "warn" && !authorities.is_empty() && !authorities.iter().any(is_static)
        }
        ("kyverno.io", "ClusterPolicy" | "Policy") => {
            let whole = text(&["spec", "validationFailureAction"]);
            list(node, &["spec", "rules"]).iter().any(|rule| {
                list(rule, &["verifyImages"]).iter().any(|images| {
                    let own = images.str_at(&["failureAction"]).unwrap_or(whole);
                    own.eq_ignore_ascii_case("enforce") && !list(images, &["attestors"]).is_empty()
                })
            })
        }
        ("policies.kyverno.io", "ImageValidatingPolicy" | "NamespacedImageValidatingPolicy") => {
            let actions = list(node, &["spec", "validationActions"]);
            actions.is_empty() || actions.iter().any(|action| action.value.as_str() == Some("Deny"))
        }
        (group, kind) => {
            // `policy.params.images.verifiers`: kinds of others, as `group/Kind`.
            let known = list(params, &["images", "verifiers"]);
            known.iter().any(|item| item.value.as_str() == Some(&format!("{group}/{kind}")))
        }
    }
}

fn list<'n>(node: &'n Node, keys: &[&str]) -> &'n [Node] {
    node.at(keys).and_then(|list| list.value.as_list()).unwrap_or_default()
}

pub(super) fn check(view: &View<'_>, verdict: &mut Verdict) {
    // Of a part nobody can say what all of it lacks.
    if !view.is_production() || !view.grounds.whole {
        return;
    }
    let parts = || view.among.parts.iter().enumerate();
    // An object of the environment itself is for all tenants.
    let for_all = parts().any(|(_, part)| part.tenant.is_none() && part.share.verifies);
    for (index, part) in parts() {
        if !part.share.signed {
            let expected = "production must ask for signed images".to_owned();
            verdict.broken.push(Breach::new(Spot::Target(index, Mark::Value("required")), expected));
        } else if for_all || part.share.verifies {
            verdict.keep(Some(index));
        } else if part.tenant.is_some() {
            let expected =
                "an object must have the cluster verify signatures: a ClusterImagePolicy, or a policy of Kyverno";
            verdict.broken.push(Breach::new(Spot::Target(index, Mark::Value("required")), expected.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::{FileId, Place, Sources};
    use crate::yaml::{Limits, read_document};

    fn holds(text: &str, params: &Node) -> bool {
        let sources = Sources::default();
        let file = sources.add("x.yml", text);
        let node = read_document(file, text, &Limits::default(), &mut Diagnostics::new()).unwrap().to_node();
        verifies(&Manifest::new(node, &"x".into()).unwrap(), params)
    }

    #[test]
    fn what_only_warns_verifies_nothing() {
        let nothing = Node::new(Value::Map(std::sync::Arc::default()), Place::top(FileId::NONE));
        let sigstore = |spec: &str| {
            format!(
                "{{apiVersion: policy.sigstore.dev/v1beta1, kind: ClusterImagePolicy, metadata: {{name: a}}, spec: {spec}}}"
            )
        };
        let kyverno = |spec: &str| {
            format!("{{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {{name: a}}, spec: {spec}}}")
        };
        for (text, verified) in [
            (sigstore("{authorities: [{key: {kms: a}}]}"), true),
            (sigstore("{mode: enforce, authorities: [{key: {kms: a}}]}"), true),
            (sigstore("{mode: warn, authorities: [{key: {kms: a}}]}"), false),
            (sigstore("{authorities: []}"), false),
            (sigstore("{authorities: [{static: {action: pass}}]}"), false),
            (
                kyverno("{validationFailureAction: Enforce, rules: [{verifyImages: [{attestors: [{entries: []}]}]}]}"),
                true,
            ),
            (kyverno("{rules: [{verifyImages: [{failureAction: Enforce, attestors: [{entries: []}]}]}]}"), true),
            (kyverno("{rules: [{verifyImages: [{attestors: [{entries: []}]}]}]}"), false),
            (kyverno("{validationFailureAction: Enforce, rules: [{validate: {}}]}"), false),
            ("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}".to_owned(), false),
        ] {
            assert_eq!(holds(&text, &nothing), verified, "{text}");
        }
    }
}
