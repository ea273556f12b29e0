//! What the API documents of its fields and the published schemas lack: the values of enumerations, ranges and forms of
//! names, as the API server validates them.

use std::ops::RangeInclusive;

/// Something about a field.
pub(crate) struct Fact {
    /// The end of the definition's name.
    pub(crate) definition: &'static str,
    /// The field: `type`, `items[]` of a list, `values{}` of a mapping.
    pub(crate) field: &'static str,
    /// What is to be known.
    pub(crate) says: Says,
    /// The minor versions it is true of.
    pub(crate) minors: RangeInclusive<u8>,
}

/// What a fact says.
#[derive(Clone, Copy)]
pub(crate) enum Says {
    /// The values there are.
    OneOf(&'static [&'static str]),
    /// The least, and perhaps the largest.
    Range(i64, Option<i64>),
    /// A format, by the name that the program knows it by.
    Form(&'static str),
    /// What stands for nothing.
    Default(&'static str),
    /// It must be there, but null will do.
    Nullable,
    /// No two items of the list have the same under this key.
    Unique(&'static str),
}

const fn fact(definition: &'static str, field: &'static str, says: Says) -> Fact {
    Fact { definition, field, says, minors: 0..=u8::MAX }
}

const fn one_of(definition: &'static str, field: &'static str, values: &'static [&'static str]) -> Fact {
    fact(definition, field, Says::OneOf(values))
}

const fn at_least(least: i64, definition: &'static str, field: &'static str) -> Fact {
    fact(definition, field, Says::Range(least, None))
}

const fn between(least: i64, most: i64, definition: &'static str, field: &'static str) -> Fact {
    fact(definition, field, Says::Range(least, Some(most)))
}

const fn form(definition: &'static str, field: &'static str, format: &'static str) -> Fact {
    fact(definition, field, Says::Form(format))
}

impl Fact {
    const fn of(self, first: u8, last: u8) -> Self {
        Self { minors: first..=last, ..self }
    }
}

const ACCESS: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const EFFECTS: &[&str] = &["NoExecute", "NoSchedule", "PreferNoSchedule"];
const FAILURE: &[&str] = &["Fail", "Ignore"];
const HONOR: &[&str] = &["Honor", "Ignore"];
const KEEP: &[&str] = &["Delete", "Retain"];
const LOCALITY: &[&str] = &["Cluster", "Local"];
const MATCH: &[&str] = &["Equivalent", "Exact"];
const OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const PREEMPTION: &[&str] = &["Never", "PreemptLowerPriority"];
const PROFILES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];
const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];
const PULL: &[&str] = &["Always", "IfNotPresent", "Never"];
const RECLAIM: &[&str] = &["Delete", "Recycle", "Retain"];
const RESTART: &[&str] = &["Always", "Never", "OnFailure"];
const SCOPES: &[&str] = &["*", "Cluster", "Namespaced"];
const SIDE_EFFECTS: &[&str] = &["None", "NoneOnDryRun"];
const QUOTA: &[&str] =
    &["BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating"];
const QUOTA_34: &[&str] = &[
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
];
const TERMINATION: &[&str] = &["FallbackToLogsOnError", "File"];
const UPDATE: &[&str] = &["OnDelete", "RollingUpdate"];
const VOLUME: &[&str] = &["Block", "Filesystem"];

const ADDRESS: &str = "one-address";
const CLUSTER_IP: &str = "cluster-ip";
const PERCENTAGE: &str = "whole-percentage";
const PORT: &str = "iana-port-name";
const LABEL: &str = "dns-label";
const LABEL_VALUE: &str = "label-value";

/// The facts.
pub(crate) const FACTS: &[Fact] = &[
    // Enumerations.
    one_of("admissionregistration.v1.MutatingWebhook", "failurePolicy", FAILURE),
    one_of("admissionregistration.v1.MutatingWebhook", "matchPolicy", MATCH),
    one_of("admissionregistration.v1.MutatingWebhook", "reinvocationPolicy", &["IfNeeded", "Never"]),
    one_of("admissionregistration.v1.MutatingWebhook", "sideEffects", SIDE_EFFECTS),
    one_of("admissionregistration.v1.NamedRuleWithOperations", "operations[]", OPERATIONS),
    one_of("admissionregistration.v1.NamedRuleWithOperations", "scope", SCOPES),
    one_of("admissionregistration.v1.ParamRef", "parameterNotFoundAction", &["Allow", "Deny"]),
    one_of("admissionregistration.v1.RuleWithOperations", "operations[]", OPERATIONS),
    one_of("admissionregistration.v1.RuleWithOperations", "scope", SCOPES),
    one_of(
        "admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec",
        "validationActions[]",
        &["Audit", "Deny", "Warn"],
    ),
    one_of("admissionregistration.v1.ValidatingAdmissionPolicySpec", "failurePolicy", FAILURE),
    one_of("admissionregistration.v1.ValidatingWebhook", "failurePolicy", FAILURE),
    one_of("admissionregistration.v1.ValidatingWebhook", "matchPolicy", MATCH),
    one_of("admissionregistration.v1.ValidatingWebhook", "sideEffects", SIDE_EFFECTS),
    one_of("apiextensions.v1.CustomResourceConversion", "strategy", &["None", "Webhook"]),
    one_of("apiextensions.v1.CustomResourceDefinitionSpec", "scope", &["Cluster", "Namespaced"]),
    one_of("apps.v1.DaemonSetUpdateStrategy", "type", UPDATE),
    one_of("apps.v1.DeploymentStrategy", "type", &["Recreate", "RollingUpdate"]),
    one_of("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted", KEEP),
    one_of("apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled", KEEP),
    one_of("apps.v1.StatefulSetSpec", "podManagementPolicy", &["OrderedReady", "Parallel"]),
    one_of("apps.v1.StatefulSetUpdateStrategy", "type", UPDATE),
    one_of("autoscaling.v2.HPAScalingPolicy", "type", &["Percent", "Pods"]),
    one_of("autoscaling.v2.HPAScalingRules", "selectPolicy", &["Disabled", "Max", "Min"]),
    one_of("autoscaling.v2.MetricSpec", "type", &["ContainerResource", "External", "Object", "Pods", "Resource"]),
    one_of("autoscaling.v2.MetricTarget", "type", &["AverageValue", "Utilization", "Value"]),
    one_of("batch.v1.CronJobSpec", "concurrencyPolicy", &["Allow", "Forbid", "Replace"]),
    one_of("batch.v1.JobSpec", "completionMode", &["Indexed", "NonIndexed"]),
    one_of("batch.v1.JobSpec", "podReplacementPolicy", &["Failed", "TerminatingOrFailed"]),
    one_of("batch.v1.PodFailurePolicyOnExitCodesRequirement", "operator", &["In", "NotIn"]),
    one_of("batch.v1.PodFailurePolicyRule", "action", &["Count", "FailIndex", "FailJob", "Ignore"]),
    one_of("core.v1.AppArmorProfile", "type", PROFILES),
    one_of("core.v1.AzureDiskVolumeSource", "cachingMode", &["None", "ReadOnly", "ReadWrite"]),
    one_of("core.v1.AzureDiskVolumeSource", "kind", &["Dedicated", "Managed", "Shared"]),
    one_of("core.v1.Container", "imagePullPolicy", PULL),
    one_of("core.v1.Container", "restartPolicy", &["Always"]).of(31, 33),
    one_of("core.v1.Container", "restartPolicy", RESTART).of(34, u8::MAX),
    one_of("core.v1.Container", "terminationMessagePolicy", TERMINATION),
    one_of("core.v1.ContainerPort", "protocol", PROTOCOLS),
    one_of("core.v1.ContainerResizePolicy", "restartPolicy", &["NotRequired", "RestartContainer"]),
    one_of("core.v1.EndpointPort", "protocol", PROTOCOLS),
    one_of("core.v1.EphemeralContainer", "imagePullPolicy", PULL),
    one_of("core.v1.EphemeralContainer", "terminationMessagePolicy", TERMINATION),
    one_of("core.v1.HTTPGetAction", "scheme", &["HTTP", "HTTPS"]),
    one_of(
        "core.v1.HostPathVolumeSource",
        "type",
        &["BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"],
    ),
    one_of("core.v1.ImageVolumeSource", "pullPolicy", PULL),
    one_of("core.v1.NodeSelectorRequirement", "operator", &["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"]),
    one_of("core.v1.PersistentVolumeClaimSpec", "accessModes[]", ACCESS),
    one_of("core.v1.PersistentVolumeClaimSpec", "volumeMode", VOLUME),
    one_of("core.v1.PersistentVolumeSpec", "accessModes[]", ACCESS),
    one_of("core.v1.PersistentVolumeSpec", "persistentVolumeReclaimPolicy", RECLAIM),
    one_of("core.v1.PersistentVolumeSpec", "volumeMode", VOLUME),
    one_of("core.v1.PodOS", "name", &["linux", "windows"]),
    one_of("core.v1.PodSecurityContext", "fsGroupChangePolicy", &["Always", "OnRootMismatch"]),
    one_of("core.v1.PodSecurityContext", "seLinuxChangePolicy", &["MountOption", "Recursive"]),
    one_of("core.v1.PodSecurityContext", "supplementalGroupsPolicy", &["Merge", "Strict"]),
    one_of("core.v1.PodSpec", "dnsPolicy", &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]),
    one_of("core.v1.PodSpec", "preemptionPolicy", PREEMPTION),
    one_of("core.v1.PodSpec", "restartPolicy", RESTART),
    one_of("core.v1.ResourceQuotaSpec", "scopes[]", QUOTA).of(31, 33),
    one_of("core.v1.ResourceQuotaSpec", "scopes[]", QUOTA_34).of(34, u8::MAX),
    one_of("core.v1.ScopedResourceSelectorRequirement", "operator", &["DoesNotExist", "Exists", "In", "NotIn"]),
    one_of("core.v1.ScopedResourceSelectorRequirement", "scopeName", QUOTA).of(31, 33),
    one_of("core.v1.ScopedResourceSelectorRequirement", "scopeName", QUOTA_34).of(34, u8::MAX),
    one_of("core.v1.SeccompProfile", "type", PROFILES),
    one_of("core.v1.SecurityContext", "procMount", &["Default", "Unmasked"]),
    one_of("core.v1.ServicePort", "protocol", PROTOCOLS),
    one_of("core.v1.ServiceSpec", "externalTrafficPolicy", LOCALITY),
    one_of("core.v1.ServiceSpec", "internalTrafficPolicy", LOCALITY),
    one_of("core.v1.ServiceSpec", "ipFamilies[]", &["IPv4", "IPv6"]),
    one_of("core.v1.ServiceSpec", "ipFamilyPolicy", &["PreferDualStack", "RequireDualStack", "SingleStack"]),
    one_of("core.v1.ServiceSpec", "sessionAffinity", &["ClientIP", "None"]),
    one_of("core.v1.ServiceSpec", "trafficDistribution", &["PreferClose"]).of(31, 32),
    one_of("core.v1.ServiceSpec", "trafficDistribution", &["PreferClose", "PreferSameNode", "PreferSameZone"])
        .of(33, u8::MAX),
    one_of("core.v1.ServiceSpec", "type", &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]),
    one_of("core.v1.Taint", "effect", EFFECTS),
    one_of("core.v1.Toleration", "effect", EFFECTS),
    one_of("core.v1.Toleration", "operator", &["Equal", "Exists"]).of(31, 34),
    one_of("core.v1.Toleration", "operator", &["Equal", "Exists", "Gt", "Lt"]).of(35, u8::MAX),
    one_of("core.v1.TopologySpreadConstraint", "nodeAffinityPolicy", HONOR),
    one_of("core.v1.TopologySpreadConstraint", "nodeTaintsPolicy", HONOR),
    one_of("core.v1.TopologySpreadConstraint", "whenUnsatisfiable", &["DoNotSchedule", "ScheduleAnyway"]),
    one_of("core.v1.VolumeMount", "mountPropagation", &["Bidirectional", "HostToContainer", "None"]),
    one_of("core.v1.VolumeMount", "recursiveReadOnly", &["Disabled", "Enabled", "IfPossible"]),
    one_of("discovery.v1.EndpointPort", "protocol", PROTOCOLS),
    one_of("discovery.v1.EndpointSlice", "addressType", &["FQDN", "IPv4", "IPv6"]),
    one_of("flowcontrol.v1.FlowDistinguisherMethod", "type", &["ByNamespace", "ByUser"]),
    one_of("flowcontrol.v1.LimitResponse", "type", &["Queue", "Reject"]),
    one_of("flowcontrol.v1.PriorityLevelConfigurationSpec", "type", &["Exempt", "Limited"]),
    one_of("flowcontrol.v1.Subject", "kind", &["Group", "ServiceAccount", "User"]),
    one_of("meta.v1.LabelSelectorRequirement", "operator", &["DoesNotExist", "Exists", "In", "NotIn"]),
    one_of("networking.v1.HTTPIngressPath", "pathType", &["Exact", "ImplementationSpecific", "Prefix"]),
    one_of("networking.v1.IngressClassParametersReference", "scope", &["Cluster", "Namespace"]),
    one_of("networking.v1.NetworkPolicyPort", "protocol", PROTOCOLS),
    one_of("networking.v1.NetworkPolicySpec", "policyTypes[]", &["Egress", "Ingress"]),
    one_of("policy.v1.PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy", &["AlwaysAllow", "IfHealthyBudget"]),
    one_of("rbac.v1.RoleRef", "apiGroup", &["rbac.authorization.k8s.io"]),
    one_of("rbac.v1.RoleRef", "kind", &["ClusterRole", "Role"]),
    one_of("rbac.v1.Subject", "apiGroup", &["rbac.authorization.k8s.io"]),
    one_of("rbac.v1.Subject", "kind", &["Group", "ServiceAccount", "User"]),
    one_of("scheduling.v1.PriorityClass", "preemptionPolicy", PREEMPTION),
    one_of("storage.v1.CSIDriverSpec", "fsGroupPolicy", &["File", "None", "ReadWriteOnceWithFSType"]),
    one_of("storage.v1.CSIDriverSpec", "volumeLifecycleModes[]", &["Ephemeral", "Persistent"]),
    one_of("storage.v1.StorageClass", "reclaimPolicy", RECLAIM),
    one_of("storage.v1.StorageClass", "volumeBindingMode", &["Immediate", "WaitForFirstConsumer"]),
    // Ranges.
    between(1, 30, "admissionregistration.v1.MutatingWebhook", "timeoutSeconds"),
    between(1, 65535, "admissionregistration.v1.ServiceReference", "port"),
    between(1, 30, "admissionregistration.v1.ValidatingWebhook", "timeoutSeconds"),
    between(1, 65535, "apiextensions.v1.ServiceReference", "port"),
    between(1, 20000, "apiregistration.v1.APIServiceSpec", "groupPriorityMinimum"),
    between(1, 1000, "apiregistration.v1.APIServiceSpec", "versionPriority"),
    between(1, 65535, "apiregistration.v1.ServiceReference", "port"),
    at_least(0, "apps.v1.DaemonSetSpec", "minReadySeconds"),
    at_least(0, "apps.v1.DaemonSetSpec", "revisionHistoryLimit"),
    at_least(0, "apps.v1.DeploymentSpec", "minReadySeconds"),
    at_least(0, "apps.v1.DeploymentSpec", "progressDeadlineSeconds"),
    at_least(0, "apps.v1.DeploymentSpec", "replicas"),
    at_least(0, "apps.v1.DeploymentSpec", "revisionHistoryLimit"),
    at_least(0, "apps.v1.ReplicaSetSpec", "minReadySeconds"),
    at_least(0, "apps.v1.ReplicaSetSpec", "replicas"),
    between(0, i32::MAX as i64, "apps.v1.RollingUpdateDaemonSet", "maxSurge"),
    between(0, i32::MAX as i64, "apps.v1.RollingUpdateDaemonSet", "maxUnavailable"),
    between(0, i32::MAX as i64, "apps.v1.RollingUpdateDeployment", "maxSurge"),
    between(0, i32::MAX as i64, "apps.v1.RollingUpdateDeployment", "maxUnavailable"),
    between(0, i32::MAX as i64, "apps.v1.RollingUpdateStatefulSetStrategy", "maxUnavailable"),
    at_least(0, "apps.v1.RollingUpdateStatefulSetStrategy", "partition"),
    at_least(0, "apps.v1.StatefulSetOrdinals", "start"),
    at_least(0, "apps.v1.StatefulSetSpec", "minReadySeconds"),
    at_least(0, "apps.v1.StatefulSetSpec", "replicas"),
    at_least(0, "apps.v1.StatefulSetSpec", "revisionHistoryLimit"),
    between(1, 1800, "autoscaling.v2.HPAScalingPolicy", "periodSeconds"),
    at_least(1, "autoscaling.v2.HPAScalingPolicy", "value"),
    between(0, 3600, "autoscaling.v2.HPAScalingRules", "stabilizationWindowSeconds"),
    at_least(1, "autoscaling.v2.HorizontalPodAutoscalerSpec", "maxReplicas"),
    at_least(0, "autoscaling.v2.HorizontalPodAutoscalerSpec", "minReplicas"),
    at_least(1, "autoscaling.v2.MetricTarget", "averageUtilization"),
    at_least(0, "batch.v1.CronJobSpec", "failedJobsHistoryLimit"),
    at_least(0, "batch.v1.CronJobSpec", "startingDeadlineSeconds"),
    at_least(0, "batch.v1.CronJobSpec", "successfulJobsHistoryLimit"),
    at_least(0, "batch.v1.JobSpec", "activeDeadlineSeconds"),
    at_least(0, "batch.v1.JobSpec", "backoffLimit"),
    at_least(0, "batch.v1.JobSpec", "backoffLimitPerIndex"),
    at_least(0, "batch.v1.JobSpec", "completions"),
    at_least(0, "batch.v1.JobSpec", "maxFailedIndexes"),
    at_least(0, "batch.v1.JobSpec", "parallelism"),
    at_least(0, "batch.v1.JobSpec", "ttlSecondsAfterFinished"),
    at_least(600, "certificates.v1.CertificateSigningRequestSpec", "expirationSeconds"),
    at_least(1, "coordination.v1.LeaseSpec", "leaseDurationSeconds"),
    at_least(0, "coordination.v1.LeaseSpec", "leaseTransitions"),
    between(1, 86400, "core.v1.ClientIPConfig", "timeoutSeconds"),
    between(0, 511, "core.v1.ConfigMapVolumeSource", "defaultMode"),
    between(1, 65535, "core.v1.ContainerPort", "containerPort"),
    between(0, 65535, "core.v1.ContainerPort", "hostPort"),
    between(0, 511, "core.v1.DownwardAPIVolumeSource", "defaultMode"),
    between(1, 65535, "core.v1.GRPCAction", "port"),
    between(1, 65535, "core.v1.HTTPGetAction", "port"),
    between(0, 511, "core.v1.KeyToPath", "mode"),
    between(0, i32::MAX as i64, "core.v1.PodSecurityContext", "fsGroup"),
    between(0, i32::MAX as i64, "core.v1.PodSecurityContext", "runAsGroup"),
    between(0, i32::MAX as i64, "core.v1.PodSecurityContext", "runAsUser"),
    between(0, i32::MAX as i64, "core.v1.PodSecurityContext", "supplementalGroups[]"),
    between(1, i32::MAX as i64, "core.v1.PodSpec", "activeDeadlineSeconds"),
    at_least(0, "core.v1.PodSpec", "terminationGracePeriodSeconds"),
    between(1, 100, "core.v1.PreferredSchedulingTerm", "weight"),
    at_least(0, "core.v1.Probe", "failureThreshold"),
    at_least(0, "core.v1.Probe", "initialDelaySeconds"),
    at_least(0, "core.v1.Probe", "periodSeconds"),
    at_least(0, "core.v1.Probe", "successThreshold"),
    at_least(1, "core.v1.Probe", "terminationGracePeriodSeconds"),
    at_least(0, "core.v1.Probe", "timeoutSeconds"),
    between(0, 511, "core.v1.ProjectedVolumeSource", "defaultMode"),
    at_least(0, "core.v1.ReplicationControllerSpec", "minReadySeconds"),
    at_least(0, "core.v1.ReplicationControllerSpec", "replicas"),
    between(0, 511, "core.v1.SecretVolumeSource", "defaultMode"),
    between(0, i32::MAX as i64, "core.v1.SecurityContext", "runAsGroup"),
    between(0, i32::MAX as i64, "core.v1.SecurityContext", "runAsUser"),
    between(600, 1 << 32, "core.v1.ServiceAccountTokenProjection", "expirationSeconds"),
    between(0, 65535, "core.v1.ServicePort", "nodePort"),
    between(1, 65535, "core.v1.ServicePort", "port"),
    between(0, 65535, "core.v1.ServicePort", "targetPort"),
    between(1, 65535, "core.v1.TCPSocketAction", "port"),
    at_least(1, "core.v1.TopologySpreadConstraint", "maxSkew"),
    at_least(1, "core.v1.TopologySpreadConstraint", "minDomains"),
    between(1, 100, "core.v1.WeightedPodAffinityTerm", "weight"),
    between(0, 10000, "flowcontrol.v1.FlowSchemaSpec", "matchingPrecedence"),
    at_least(0, "flowcontrol.v1.LimitedPriorityLevelConfiguration", "borrowingLimitPercent"),
    between(0, 100, "flowcontrol.v1.LimitedPriorityLevelConfiguration", "lendablePercent"),
    at_least(0, "flowcontrol.v1.LimitedPriorityLevelConfiguration", "nominalConcurrencyShares"),
    between(0, 65535, "networking.v1.NetworkPolicyPort", "endPort"),
    between(1, 65535, "networking.v1.NetworkPolicyPort", "port"),
    between(0, 65535, "networking.v1.ServiceBackendPort", "number"),
    between(0, i32::MAX as i64, "policy.v1.PodDisruptionBudgetSpec", "maxUnavailable"),
    between(0, i32::MAX as i64, "policy.v1.PodDisruptionBudgetSpec", "minAvailable"),
    fact("scheduling.v1.PriorityClass", "value", Says::Range(i32::MIN as i64, Some(1_000_000_000))),
    between(600, 1 << 32, "storage.v1.TokenRequest", "expirationSeconds"),
    // Forms.
    form("apps.v1.RollingUpdateDaemonSet", "maxSurge", PERCENTAGE),
    form("apps.v1.RollingUpdateDaemonSet", "maxUnavailable", PERCENTAGE),
    form("apps.v1.RollingUpdateDeployment", "maxSurge", PERCENTAGE),
    form("apps.v1.RollingUpdateDeployment", "maxUnavailable", PERCENTAGE),
    form("apps.v1.RollingUpdateStatefulSetStrategy", "maxUnavailable", PERCENTAGE),
    form("batch.v1.CronJobSpec", "schedule", "cron"),
    form("core.v1.HTTPGetAction", "port", PORT),
    form("core.v1.HostAlias", "ip", ADDRESS),
    form("core.v1.LimitRangeItem", "type", "limit-range-type"),
    form("core.v1.PodDNSConfig", "nameservers[]", ADDRESS),
    form("core.v1.PodSpec", "nodeSelector{}", LABEL_VALUE),
    form("core.v1.ServicePort", "name", LABEL),
    form("core.v1.ServicePort", "targetPort", PORT),
    form("core.v1.ServiceSpec", "clusterIP", CLUSTER_IP),
    form("core.v1.ServiceSpec", "clusterIPs[]", CLUSTER_IP),
    form("core.v1.ServiceSpec", "externalIPs[]", ADDRESS),
    form("core.v1.ServiceSpec", "selector{}", LABEL_VALUE),
    form("core.v1.TCPSocketAction", "port", PORT),
    form("meta.v1.LabelSelector", "matchLabels{}", LABEL_VALUE),
    form("networking.v1.HTTPIngressPath", "path", "absolute-path"),
    form("networking.v1.IPBlock", "cidr", "cidr"),
    form("networking.v1.IPBlock", "except[]", "cidr"),
    form("networking.v1.NetworkPolicyPort", "port", PORT),
    form("policy.v1.PodDisruptionBudgetSpec", "maxUnavailable", PERCENTAGE),
    form("policy.v1.PodDisruptionBudgetSpec", "minAvailable", PERCENTAGE),
    // What Go writes as null where a list is empty.
    fact("core.v1.LimitRangeSpec", "limits", Says::Nullable),
    fact("discovery.v1.EndpointSlice", "endpoints", Says::Nullable),
    // What tells items of lists apart.
    fact("core.v1.Container", "ports", Says::Unique("name")),
    fact("core.v1.ContainerPort", "protocol", Says::Default("TCP")),
    fact("core.v1.ServicePort", "protocol", Says::Default("TCP")),
    fact("core.v1.ServiceSpec", "ports", Says::Unique("name")),
];
