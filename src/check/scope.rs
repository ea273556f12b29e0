//! Which kinds live in a namespace and which in the whole cluster.
//!
//! Source: the discovery documents of Kubernetes 1.31 to 1.36 (`kubectl api-resources`).

use crate::kubernetes::Kubernetes;
use crate::manifest::Identity;
use crate::source::Sources;

/// Where objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// In a namespace.
    Namespaced,
    /// In the cluster as a whole.
    Cluster,
    /// A kind that Kubernetes itself does not have.
    Unknown,
}

/// Namespaced kinds, by group.
const NAMESPACED: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "Binding",
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    ("apps", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("batch", &["CronJob", "Job"]),
    ("coordination.k8s.io", &["Lease", "LeaseCandidate"]),
    ("discovery.k8s.io", &["EndpointSlice"]),
    ("events.k8s.io", &["Event"]),
    ("networking.k8s.io", &["Ingress", "NetworkPolicy"]),
    ("policy", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &["Role", "RoleBinding"]),
    ("resource.k8s.io", &["ResourceClaim", "ResourceClaimTemplate"]),
    ("storage.k8s.io", &["CSIStorageCapacity"]),
];

/// Groups that are Kubernetes' own: a kind of theirs that is not namespaced is the cluster's.
const OWN_GROUPS: &[&str] = &[
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "node.k8s.io",
    "scheduling.k8s.io",
    "storagemigration.k8s.io",
];

/// Where an object lives, also one of a kind that a file brings.
pub(crate) fn scope_of(identity: &Identity, kubernetes: Option<&Kubernetes>, sources: &Sources) -> Scope {
    let brought = || kubernetes?.is_namespaced(identity.api_version(), identity.kind(), sources);
    match scope(identity.group(), identity.kind()) {
        Scope::Unknown => match brought() {
            Some(true) => Scope::Namespaced,
            Some(false) => Scope::Cluster,
            None => Scope::Unknown,
        },
        own => own,
    }
}

/// Where objects of a kind live.
pub(crate) fn scope(group: &str, kind: &str) -> Scope {
    match NAMESPACED.iter().find(|(known, _)| *known == group) {
        Some((_, kinds)) if kinds.contains(&kind) => Scope::Namespaced,
        Some(_) => Scope::Cluster,
        None if OWN_GROUPS.contains(&group) => Scope::Cluster,
        None => Scope::Unknown,
    }
}

/// Whether objects of a kind live in a namespace, if Kubernetes itself has it.
pub(crate) fn is_namespaced(group: &str, kind: &str) -> Option<bool> {
    match scope(group, kind) {
        Scope::Namespaced => Some(true),
        Scope::Cluster => Some(false),
        Scope::Unknown => None,
    }
}
