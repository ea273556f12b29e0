//! What a change puts at risk, by the rules of the Kubernetes API.
//!
//! In goes a change and the objects as they will be, out comes its class. What the API server would refuse, and what
//! would be lost or stop, is judged by kind and field; what a field means to an application is not known here.

use rust_decimal::Decimal;

use super::change::{Change, Object, Subject, What};
use super::content::Content;
use super::way::Step;
use crate::manifest::Manifest;
use crate::quantity::Quantity;
use crate::tree::{Node, Number, Value};

/// Classes of risk, the least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// None that is known.
    #[default]
    None,
    /// Pods are replaced: the pod template changed.
    Restart,
    /// A quota goes below what the pods request.
    Quota,
    /// A host or a namespace is another one.
    Moved,
    /// A role allows more, or somebody is bound to one.
    Rbac,
    /// A selector or a volume claim changed.
    Selector,
    /// A field that the API server does not let change.
    Immutable,
    /// An object is deleted.
    Deleted,
}

impl Risk {
    /// All classes, the worst first.
    pub const ALL: [Self; 8] = [
        Self::Deleted,
        Self::Immutable,
        Self::Selector,
        Self::Rbac,
        Self::Moved,
        Self::Quota,
        Self::Restart,
        Self::None,
    ];

    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Restart => "restart",
            Self::Quota => "quota",
            Self::Moved => "moved",
            Self::Rbac => "rbac",
            Self::Selector => "selector",
            Self::Immutable => "immutable",
            Self::Deleted => "deleted",
        }
    }

    /// What it says to people.
    pub fn title(self) -> &'static str {
        match self {
            Self::None => "no known risk",
            Self::Restart => "workload restarted",
            Self::Quota => "quota below what pods request",
            Self::Moved => "namespace or host moved",
            Self::Rbac => "RBAC widened",
            Self::Selector => "selector or volume claim changed",
            Self::Immutable => "immutable field changed",
            Self::Deleted => "object deleted",
        }
    }
}

/// The class of a change. `after` are the target's objects on the newer side.
pub(super) fn risk(change: &Change, after: &[Manifest]) -> Risk {
    let Subject::Object(object) = &change.subject else { return Risk::None };
    let keys: Vec<&str> = change.field.way.steps().iter().map(key).collect();
    let what = &change.field.what;
    if keys.is_empty() {
        return whole(object, what, after);
    }
    if immutable(&object.kind, &keys, what) {
        return Risk::Immutable;
    }
    match (object.kind.as_ref(), keys.as_slice()) {
        ("Service" | "PodDisruptionBudget", ["spec", "selector", ..])
        | ("NetworkPolicy", ["spec", "podSelector", ..])
        | ("PersistentVolumeClaim", ["spec", ..])
        | (_, ["spec", "template", "spec", "volumes", "[]", "persistentVolumeClaim", ..]) => Risk::Selector,
        ("Role" | "ClusterRole", ["rules" | "aggregationRule", ..])
        | ("RoleBinding" | "ClusterRoleBinding", ["subjects", ..]) => match what {
            What::Removed(_) | What::Reordered(..) => Risk::None,
            _ => Risk::Rbac,
        },
        ("ServiceAccount", ["automountServiceAccountToken"]) => Risk::Rbac,
        (
            "Ingress",
            ["spec", "rules" | "tls", "[]"] | ["spec", "rules", "[]", "host"] | ["spec", "tls", "[]", "hosts", ..],
        )
        | (_, ["spec", "hostnames", ..]) => match what {
            What::Added(_) => Risk::None,
            _ => Risk::Moved,
        },
        ("ResourceQuota", ["spec", "hard", resource]) if too_low(resource, what, after) => Risk::Quota,
        ("Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Rollout", ["spec", "template", ..]) => {
            Risk::Restart
        }
        _ => Risk::None,
    }
}

fn key(step: &Step) -> &str {
    match step {
        Step::Key(key) => key,
        Step::Item { .. } | Step::Index { .. } => "[]",
    }
}

fn whole(object: &Object, what: &What, after: &[Manifest]) -> Risk {
    const ROLES: [&str; 4] = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];
    // What keeps data, or takes others with it.
    const KEEPS: [&str; 5] =
        ["PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "Namespace", "CustomResourceDefinition"];
    let elsewhere = after.iter().map(Manifest::identity).any(|other| {
        other.group() == object.group.as_ref() && *other.kind() == object.kind && *other.name() == object.name
    });
    match what {
        What::Removed(_) if elsewhere && !KEEPS.contains(&object.kind.as_ref()) => Risk::Moved,
        What::Removed(_) => Risk::Deleted,
        _ if ROLES.contains(&object.kind.as_ref()) => Risk::Rbac,
        _ => Risk::None,
    }
}

/// Whether the API server refuses the change: the validation of Kubernetes 1.34, and of the CRD of Argo Rollouts 1.9.
fn immutable(kind: &str, keys: &[&str], what: &What) -> bool {
    match (kind, keys) {
        ("Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Rollout" | "Job", ["spec", "selector", ..])
        | ("StatefulSet", ["spec", "volumeClaimTemplates" | "serviceName" | "podManagementPolicy", ..])
        | ("Job", ["spec", "template" | "completionMode", ..])
        | ("Service", ["spec", "clusterIP" | "clusterIPs", ..])
        | ("RoleBinding" | "ClusterRoleBinding", ["roleRef", ..])
        | ("StorageClass", ["provisioner" | "parameters" | "reclaimPolicy" | "volumeBindingMode", ..])
        | ("PriorityClass", ["value"])
        | ("Secret", ["type"]) => true,
        ("PersistentVolumeClaim", ["spec", "resources", "requests", "storage"]) => lowered(what).is_some(),
        ("PersistentVolumeClaim", ["spec", field, ..]) => *field != "resources",
        ("Pod", ["spec", rest @ ..]) => !matches!(rest, ["containers" | "initContainers", "[]", "image"]),
        _ => false,
    }
}

/// The new amount, if it is less than the old one.
fn lowered(what: &What) -> Option<Decimal> {
    let What::Changed(Content::Value(before), Content::Value(after)) = what else { return None };
    let (before, after) = (amount(before)?, amount(after)?);
    (after < before).then_some(after)
}

fn amount(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => Quantity::parse(text).map(|quantity| quantity.value()),
        Value::Number(Number::Int(number)) => Some(Decimal::from(*number)),
        Value::Number(number) => Quantity::parse(&number.to_string()).map(|quantity| quantity.value()),
        _ => None,
    }
}

/// Whether a quota was lowered below what the pods of the workloads ask for together.
fn too_low(resource: &str, what: &What, after: &[Manifest]) -> bool {
    lowered(what)
        .or(if let What::Added(Content::Value(value)) = what { amount(value) } else { None })
        .is_some_and(|hard| after.iter().map(|manifest| asked(resource, manifest)).sum::<Decimal>() > hard)
}

/// What the pods of a workload ask for.
fn asked(resource: &str, manifest: &Manifest) -> Decimal {
    let node = manifest.node();
    let pods = match manifest.identity().kind().as_ref() {
        "Deployment" | "StatefulSet" | "ReplicaSet" | "Rollout" => node.at(&["spec", "replicas"]),
        "Job" => node.at(&["spec", "parallelism"]),
        _ => return Decimal::ZERO,
    };
    let pods = pods.map_or(Some(Decimal::ONE), |node| amount(&node.value)).unwrap_or_default();
    let (part, name) = match resource.split_once('.') {
        None if resource == "pods" => return pods,
        Some(("limits", name)) => ("limits", name),
        Some(("requests", name)) => ("requests", name),
        _ => ("requests", resource),
    };
    let containers = node.at(&["spec", "template", "spec", "containers"]).and_then(|node| node.value.as_list());
    let of_container = |container: &Node| {
        let of = |part| container.at(&["resources", part, name]).and_then(|node| amount(&node.value));
        // Without a request the limit is what is asked for.
        of(part).or_else(|| of("limits")).unwrap_or_default()
    };
    containers.unwrap_or_default().iter().map(of_container).sum::<Decimal>() * pods
}
