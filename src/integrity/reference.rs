//! References by name: what an object needs is rendered, made on the cluster by a controller, or declared.

use super::pod::Pod;
use super::set::{Set, namespace, site};
use super::{Finding, Site, walk};
use crate::diagnostic::{code, did_you_mean, listed};
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::{Node, Value};

/// What a reference names.
enum To {
    /// The name of an object of this kind.
    Name(&'static str),
    /// A mapping with `name`, and perhaps `kind` and `namespace`; this kind if it names none.
    Object(&'static str),
}

/// References of pods, below their `spec`.
const OF_PODS: &[(&str, To)] = &[
    ("serviceAccountName", To::Name("ServiceAccount")),
    ("imagePullSecrets.*.name", To::Name("Secret")),
    ("volumes.*.configMap", To::Object("ConfigMap")),
    ("volumes.*.secret.secretName", To::Name("Secret")),
    ("volumes.*.persistentVolumeClaim.claimName", To::Name("PersistentVolumeClaim")),
    ("volumes.*.projected.sources.*.configMap", To::Object("ConfigMap")),
    ("volumes.*.projected.sources.*.secret", To::Object("Secret")),
    ("containers.*.envFrom.*.configMapRef", To::Object("ConfigMap")),
    ("containers.*.envFrom.*.secretRef", To::Object("Secret")),
    ("containers.*.env.*.valueFrom.configMapKeyRef", To::Object("ConfigMap")),
    ("containers.*.env.*.valueFrom.secretKeyRef", To::Object("Secret")),
    ("initContainers.*.envFrom.*.configMapRef", To::Object("ConfigMap")),
    ("initContainers.*.envFrom.*.secretRef", To::Object("Secret")),
    ("initContainers.*.env.*.valueFrom.configMapKeyRef", To::Object("ConfigMap")),
    ("initContainers.*.env.*.valueFrom.secretKeyRef", To::Object("Secret")),
];

/// References of objects, by kind. The field beside a name may call it optional.
const OF_OBJECTS: &[(&str, &str, To)] = &[
    ("Ingress", "spec.defaultBackend.service.name", To::Name("Service")),
    ("Ingress", "spec.rules.*.http.paths.*.backend.service.name", To::Name("Service")),
    ("Ingress", "spec.tls.*.secretName", To::Name("Secret")),
    ("StatefulSet", "spec.serviceName", To::Name("Service")),
    ("HorizontalPodAutoscaler", "spec.scaleTargetRef", To::Object("Deployment")),
    ("VerticalPodAutoscaler", "spec.targetRef", To::Object("Deployment")),
    ("ScaledObject", "spec.scaleTargetRef", To::Object("Deployment")),
    ("ScaledObject", "spec.triggers.*.authenticationRef", To::Object("TriggerAuthentication")),
    ("Rollout", "spec.workloadRef", To::Object("Deployment")),
    ("Rollout", "spec.strategy.blueGreen.activeService", To::Name("Service")),
    ("Rollout", "spec.strategy.blueGreen.previewService", To::Name("Service")),
    ("Rollout", "spec.strategy.blueGreen.prePromotionAnalysis.templates.*.templateName", To::Name("AnalysisTemplate")),
    ("Rollout", "spec.strategy.blueGreen.postPromotionAnalysis.templates.*.templateName", To::Name("AnalysisTemplate")),
    ("Rollout", "spec.strategy.canary.canaryService", To::Name("Service")),
    ("Rollout", "spec.strategy.canary.stableService", To::Name("Service")),
    ("Rollout", "spec.strategy.canary.analysis.templates.*.templateName", To::Name("AnalysisTemplate")),
    ("Rollout", "spec.strategy.canary.steps.*.analysis.templates.*.templateName", To::Name("AnalysisTemplate")),
    ("Rollout", "spec.strategy.canary.steps.*.experiment.analyses.*.templateName", To::Name("AnalysisTemplate")),
    ("Experiment", "spec.analyses.*.templateName", To::Name("AnalysisTemplate")),
    ("RoleBinding", "roleRef", To::Object("Role")),
    ("RoleBinding", "subjects.*", To::Object("ServiceAccount")),
    ("ClusterRoleBinding", "subjects.*", To::Object("ServiceAccount")),
    ("HTTPRoute", "spec.parentRefs.*", To::Object("Gateway")),
    ("HTTPRoute", "spec.rules.*.backendRefs.*", To::Object("Service")),
    ("GRPCRoute", "spec.parentRefs.*", To::Object("Gateway")),
    ("GRPCRoute", "spec.rules.*.backendRefs.*", To::Object("Service")),
    ("Gateway", "spec.listeners.*.tls.certificateRefs.*", To::Object("Secret")),
    ("Gateway", "spec.infrastructure.parametersRef", To::Object("ConfigMap")),
    ("ListenerSet", "spec.parentRef", To::Object("Gateway")),
    ("ListenerSet", "spec.listeners.*.tls.certificateRefs.*", To::Object("Secret")),
    ("WasmPlugin", "spec.imagePullSecret", To::Name("Secret")),
    ("Certificate", "spec.issuerRef", To::Object("Issuer")),
    ("Pooler", "spec.cluster", To::Object("Cluster")),
    ("ScheduledBackup", "spec.cluster", To::Object("Cluster")),
    ("Schedule", "spec.template.storageLocation", To::Name("BackupStorageLocation")),
];

/// Kinds that are looked for; of others, and of those of the whole cluster, a set knows nothing.
const KNOWN: &[&str] = &[
    "AnalysisTemplate",
    "BackupStorageLocation",
    "Cluster",
    "ConfigMap",
    "Deployment",
    "Gateway",
    "Issuer",
    "ListenerSet",
    "PersistentVolumeClaim",
    "Role",
    "Rollout",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
    "TriggerAuthentication",
];

pub(super) fn check(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for pod in &set.pods {
        let Some(spec) = pod.spec else { continue };
        for (way, to) in OF_PODS {
            walk::each(spec, way, &mut |node, trail| {
                let at = || site(pod.manifest, &trail.below(&pod.path.key("spec")));
                let who = || format!("{}/{}", pod.kind, pod.name);
                reference(set, who, pod.namespace, node, at, to, findings);
            });
        }
        keys(set, pod, spec, findings);
    }
    for (index, manifest) in set.manifests.iter().enumerate() {
        let kind = manifest.identity().kind().as_ref();
        for (_, way, to) in OF_OBJECTS.iter().filter(|(known, ..)| *known == kind) {
            walk::each(manifest.node(), way, &mut |node, trail| {
                let who = || format!("{kind}/{}", manifest.identity().name());
                let at = || site(index, &trail.path());
                reference(set, who, namespace(manifest), node, at, to, findings);
            });
        }
    }
}

/// Checks one reference.
fn reference(
    set: &Set<'_>,
    who: impl Fn() -> String,
    own: &str,
    node: &Node,
    at: impl Fn() -> Site,
    to: &To,
    findings: &mut Vec<Finding>,
) {
    let (kind, namespace, name) = match to {
        To::Name(kind) => (*kind, own, node.value.as_str()),
        To::Object(kind) => {
            (node.str_at(&["kind"]).unwrap_or(kind), node.str_at(&["namespace"]).unwrap_or(own), node.str_at(&["name"]))
        }
    };
    let optional = node.at(&["optional"]).is_some_and(|node| node.value == Value::Bool(true));
    let Some(name) = name.filter(|name| !name.is_empty() && !optional) else { return };
    if !KNOWN.contains(&kind) || !set.owns(namespace) || set.has(kind, namespace, name) {
        return;
    }
    let mut at = at();
    if let To::Object(_) = to {
        at.path = at.path.key("name");
    }
    let who = who();
    let place = if namespace == own { String::new() } else { format!(" in namespace {namespace}") };
    let message = format!("{who} needs the {kind} {name}{place}, but there is none");
    let names = set.names(kind, namespace);
    let label = format!("no {kind} is called so");
    let mut finding = Finding::new(code::REFERENCE, at, message, label).absent();
    finding.help.extend(did_you_mean(name, names.iter().copied()));
    if !names.is_empty() {
        finding = finding.note(format!("the namespace has {}", listed(names.into_iter())));
    }
    findings.push(finding.help(format!(
        "render it, or declare under `external` in tenantctl.yaml who makes it: `{{kind: {kind}, name: {name}}}`"
    )));
}

/// A key that is read of a ConfigMap that is rendered is there.
fn keys(set: &Set<'_>, pod: &Pod<'_>, spec: &Node, findings: &mut Vec<Finding>) {
    for list in ["containers", "initContainers"] {
        walk::each(spec, &format!("{list}.*.env.*.valueFrom.configMapKeyRef"), &mut |node, trail| {
            let (Some(name), Some(key)) = (node.str_at(&["name"]), node.str_at(&["key"])) else { return };
            let Some((index, map)) = set.find("ConfigMap", pod.namespace, name) else { return };
            let keys = data_keys(map);
            let optional = node.at(&["optional"]).is_some_and(|node| node.value == Value::Bool(true));
            if optional || keys.contains(&key) {
                return;
            }
            let at = site(pod.manifest, &trail.below(&pod.path.key("spec")).key("key"));
            let message =
                format!("{}/{} reads the key {key} of ConfigMap {name}, which does not have it", pod.kind, pod.name);
            let mut finding = Finding::new(code::REFERENCE, at, message, "no such key")
                .also(site(index, &Path::from_keys(["data"])), "the keys of the ConfigMap");
            finding.help.extend(did_you_mean(key, keys.iter().copied()));
            findings.push(finding.help("add the key, or read another one"));
        });
    }
}

fn data_keys(map: &Manifest) -> Vec<&str> {
    let keys = |name: &str| map.node().at(&[name]).and_then(|data| data.value.as_map());
    ["data", "binaryData"].into_iter().filter_map(keys).flat_map(|data| data.keys().map(AsRef::as_ref)).collect()
}
