//! Which objects a policy is shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::policy::rule::{Kind, Rule, Scope};

/// The objects of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shown {
    /// Whatever runs pods.
    Pods,
    /// Resources of these groups.
    Kinds(BTreeSet<(&'static str, &'static str)>),
    /// Everything.
    All,
}

/// What runs pods: the groups and the resources of the kinds that rules look for pods in. Containers that are added to a
/// running pod come through a resource of their own.
const PODS: [(&str, &[&str]); 4] = [
    ("", &["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"]),
    ("apps", &["deployments", "replicasets", "statefulsets", "daemonsets"]),
    ("batch", &["jobs", "cronjobs"]),
    ("argoproj.io", &["rollouts"]),
];

/// The groups and resources of the kinds that rules name.
const RESOURCES: [(&str, &str, &str); 31] = [
    ("", "ConfigMap", "configmaps"),
    ("", "LimitRange", "limitranges"),
    ("", "Namespace", "namespaces"),
    ("", "PersistentVolumeClaim", "persistentvolumeclaims"),
    ("", "Pod", "pods"),
    ("", "ReplicationController", "replicationcontrollers"),
    ("", "ResourceQuota", "resourcequotas"),
    ("", "Secret", "secrets"),
    ("", "Service", "services"),
    ("", "ServiceAccount", "serviceaccounts"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations"),
    ("apps", "DaemonSet", "daemonsets"),
    ("apps", "Deployment", "deployments"),
    ("apps", "ReplicaSet", "replicasets"),
    ("apps", "StatefulSet", "statefulsets"),
    ("argoproj.io", "Rollout", "rollouts"),
    ("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ("batch", "CronJob", "cronjobs"),
    ("batch", "Job", "jobs"),
    ("external-secrets.io", "ExternalSecret", "externalsecrets"),
    ("external-secrets.io", "SecretStore", "secretstores"),
    ("gateway.networking.k8s.io", "Gateway", "gateways"),
    ("gateway.networking.k8s.io", "HTTPRoute", "httproutes"),
    ("gateway.networking.k8s.io", "ListenerSet", "listenersets"),
    ("networking.k8s.io", "Ingress", "ingresses"),
    ("networking.k8s.io", "NetworkPolicy", "networkpolicies"),
    ("policy", "PodDisruptionBudget", "poddisruptionbudgets"),
    ("rbac.authorization.k8s.io", "ClusterRole", "clusterroles"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings"),
    ("rbac.authorization.k8s.io", "Role", "roles"),
    ("rbac.authorization.k8s.io", "RoleBinding", "rolebindings"),
];

impl Shown {
    /// The objects that a rule is about.
    pub(super) fn to(rule: &Rule) -> Result<Self, String> {
        match rule.scope {
            Scope::PodSpec | Scope::Container => Ok(Self::Pods),
            _ if rule.kinds.is_empty() => Ok(Self::All),
            _ => {
                let mut kinds = BTreeSet::new();
                for kind in &rule.kinds {
                    kinds.extend(resources(kind)?);
                }
                Ok(Self::Kinds(kinds))
            }
        }
    }

    /// What tells the name of its policy from others of its family.
    pub(super) fn suffix(&self) -> String {
        match self {
            Self::Pods => "-pods".to_owned(),
            Self::Kinds(kinds) => kinds.iter().take(2).map(|(_, resource)| format!("-{resource}")).collect(),
            Self::All => String::new(),
        }
    }

    pub(super) fn resource_rules(&self) -> Json {
        let rule = |group: &str, resources: Json| json!({"apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": resources});
        match self {
            Self::Pods => PODS.iter().map(|(group, resources)| rule(group, json!(resources))).collect(),
            Self::Kinds(kinds) => {
                let groups: BTreeSet<&str> = kinds.iter().map(|(group, _)| *group).collect();
                let of = |wanted: &str| -> Vec<&str> {
                    kinds.iter().filter(|(group, _)| *group == wanted).map(|(_, resource)| *resource).collect()
                };
                groups.iter().map(|group| rule(group, json!(of(group)))).collect()
            }
            Self::All => json!([rule("*", json!(["*"]))]),
        }
    }

    /// What is made by controllers of the cluster, and not by people or pipelines, is not shown to rules about everything.
    pub(super) fn conditions(&self) -> Option<Json> {
        (*self == Self::All).then(|| {
            json!([
                {"name": "no-events-and-leases", "expression": "!(request.resource.resource in ['events', 'leases', 'endpoints', 'endpointslices'])"},
                {"name": "no-owner", "expression": "!object.metadata.?ownerReferences.orValue([]).exists(owner, owner.?controller.orValue(false))"},
            ])
        })
    }
}

fn resources(kind: &Kind) -> Result<Vec<(&'static str, &'static str)>, String> {
    let is = |group: &str, name: &str| kind.is(group, name);
    let found: Vec<_> = RESOURCES
        .iter()
        .filter(|(group, name, _)| is(group, name))
        .map(|(group, _, resource)| (*group, *resource))
        .collect();
    let named: &Arc<str> = &kind.kind;
    if found.is_empty() { Err(format!("the resource of the kind {named} is not known")) } else { Ok(found) }
}
