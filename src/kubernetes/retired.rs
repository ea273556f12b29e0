//! Versions of Kubernetes' API that are deprecated or gone, and what stands in their place.
//!
//! Source: the deprecated API migration guide of Kubernetes, and the life cycle of beta versions: deprecated three
//! minor versions after they came, removed after six.

use super::Version;

/// A kind of a version of an API that is on its way out.
#[derive(Debug)]
pub(crate) struct Retired {
    /// The first version that warns.
    pub(crate) deprecated: Version,
    /// The first version that does not know it.
    pub(crate) removed: Option<Version>,
    /// What to write, as `apiVersion Kind` where the kind is another one.
    pub(crate) instead: Option<&'static str>,
}

/// `apiVersion`, kinds (all if there are none), minor versions of deprecation and removal (0 for none), what stands in its place.
type Row = (&'static str, &'static [&'static str], u8, u8, &'static str);

const DEVICES: &[&str] = &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"];
const REVIEWS: &[&str] =
    &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"];
const WORKLOADS: &[&str] = &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];

const ROWS: &[Row] = &[
    (
        "admissionregistration.k8s.io/v1beta1",
        &["MutatingWebhookConfiguration"],
        16,
        22,
        "admissionregistration.k8s.io/v1",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        &["ValidatingWebhookConfiguration"],
        16,
        22,
        "admissionregistration.k8s.io/v1",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
        31,
        34,
        "admissionregistration.k8s.io/v1",
    ),
    ("apiextensions.k8s.io/v1beta1", &[], 16, 22, "apiextensions.k8s.io/v1"),
    ("apiregistration.k8s.io/v1beta1", &[], 19, 22, "apiregistration.k8s.io/v1"),
    ("apps/v1beta1", WORKLOADS, 9, 16, "apps/v1"),
    ("apps/v1beta2", WORKLOADS, 9, 16, "apps/v1"),
    ("authentication.k8s.io/v1beta1", &["SelfSubjectReview"], 30, 33, "authentication.k8s.io/v1"),
    ("authentication.k8s.io/v1beta1", &["TokenReview"], 19, 22, "authentication.k8s.io/v1"),
    ("authorization.k8s.io/v1beta1", REVIEWS, 19, 22, "authorization.k8s.io/v1"),
    ("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], 22, 25, "autoscaling/v2"),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], 23, 26, "autoscaling/v2"),
    ("batch/v1beta1", &["CronJob"], 21, 25, "batch/v1"),
    ("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"], 19, 22, "certificates.k8s.io/v1"),
    ("coordination.k8s.io/v1beta1", &["Lease"], 19, 22, "coordination.k8s.io/v1"),
    ("discovery.k8s.io/v1beta1", &["EndpointSlice"], 21, 25, "discovery.k8s.io/v1"),
    ("events.k8s.io/v1beta1", &["Event"], 22, 25, "events.k8s.io/v1"),
    ("extensions/v1beta1", &["Ingress"], 14, 22, "networking.k8s.io/v1"),
    ("extensions/v1beta1", &["NetworkPolicy"], 9, 16, "networking.k8s.io/v1"),
    ("extensions/v1beta1", &["PodSecurityPolicy"], 10, 16, ""),
    ("extensions/v1beta1", WORKLOADS, 9, 16, "apps/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", &[], 23, 26, "flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta2", &[], 26, 29, "flowcontrol.apiserver.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta3", &[], 29, 32, "flowcontrol.apiserver.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], 19, 22, "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", &["IPAddress", "ServiceCIDR"], 34, 37, "networking.k8s.io/v1"),
    ("node.k8s.io/v1beta1", &["RuntimeClass"], 22, 25, "node.k8s.io/v1"),
    ("policy/v1beta1", &["PodDisruptionBudget"], 21, 25, "policy/v1"),
    ("policy/v1beta1", &["PodSecurityPolicy"], 21, 25, ""),
    ("rbac.authorization.k8s.io/v1alpha1", &[], 17, 22, "rbac.authorization.k8s.io/v1"),
    ("rbac.authorization.k8s.io/v1beta1", &[], 17, 22, "rbac.authorization.k8s.io/v1"),
    ("resource.k8s.io/v1beta1", DEVICES, 35, 38, "resource.k8s.io/v1"),
    ("resource.k8s.io/v1beta2", DEVICES, 36, 39, "resource.k8s.io/v1"),
    ("scheduling.k8s.io/v1beta1", &["PriorityClass"], 14, 22, "scheduling.k8s.io/v1"),
    (
        "storage.k8s.io/v1beta1",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        19,
        22,
        "storage.k8s.io/v1",
    ),
    ("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], 24, 27, "storage.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", &["VolumeAttributesClass"], 34, 37, "storage.k8s.io/v1"),
    ("v1", &["ComponentStatus"], 19, 0, ""),
    ("v1", &["Endpoints"], 33, 0, "discovery.k8s.io/v1 EndpointSlice"),
];

/// What is known of a kind that is on its way out.
pub(crate) fn retired(api_version: &str, kind: &str) -> Option<Retired> {
    let of = |row: &&Row| row.0 == api_version && (row.1.is_empty() || row.1.contains(&kind));
    let (_, _, deprecated, removed, instead) = *ROWS.iter().find(of)?;
    Some(Retired {
        deprecated: Version::minor(deprecated),
        removed: (removed > 0).then(|| Version::minor(removed)),
        instead: (!instead.is_empty()).then_some(instead),
    })
}

#[cfg(test)]
mod tests {
    use super::super::bundle::Bundle;
    use super::*;

    #[test]
    fn the_table_and_the_schemas_agree() {
        for (api_version, kinds, deprecated, removed, instead) in ROWS {
            for kind in *kinds {
                for version in Version::all() {
                    let here = Bundle::of(version).kind(&format!("{api_version}/{kind}")).is_some();
                    let gone = *removed > 0 && version >= Version::minor(*removed);
                    assert!(!(here && gone), "{api_version} {kind} is said to be gone in {version}, but is there");
                    let (api_version, kind) = instead.split_once(' ').unwrap_or((instead, kind));
                    let there = Bundle::of(version).kind(&format!("{api_version}/{kind}")).is_some();
                    let early = version < Version::minor(*deprecated);
                    assert!(instead.is_empty() || there || early, "{version} has no {instead} {kind}");
                }
            }
        }
    }
}
