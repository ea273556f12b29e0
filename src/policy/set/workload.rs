//! Rules of workloads that need what is around them: Services, budgets, autoscalers.

use rust_decimal::Decimal;

use super::{Verdict, View, field, items, keys};
use crate::diagnostic::code;
use crate::integrity::{self, Pod, fits, number, range};
use crate::manifest::Manifest;
use crate::tree::{Map, Node, Number, Value};

/// Kinds whose pods go on.
const LASTING: [&str; 4] = ["Deployment", "StatefulSet", "ReplicaSet", "Rollout"];

/// Requests are within limits, and not further below them than the tier allows: `policy.params.tiers.TIER.maxRatio`.
pub(super) fn ratio(view: &View<'_>, verdict: &mut Verdict) {
    let most = view.tier("maxRatio").and_then(|most| match most.value {
        Value::Number(Number::Int(number)) => Some(Decimal::from(number)),
        Value::Number(Number::Float(number)) => Decimal::try_from(number).ok(),
        _ => None,
    });
    for limit in integrity::limits_of(view.set) {
        let Some(request) = limit.request else { continue };
        let at = || field(limit.manifest, limit.field("requests"));
        if request > limit.most {
            verdict.broken(at(), format!("a request of {} must not be above its limit", limit.resource));
            continue;
        }
        let bounded = most.and_then(|most| request.times(most)).is_none_or(|bound| limit.most <= bound);
        verdict.judge(bounded, at, || {
            let most = most.unwrap_or_default();
            format!("a limit of {} must not be more than {most} times its request", limit.resource)
        });
    }
}

/// What stands behind a Service says when it is ready.
pub(super) fn readiness(view: &View<'_>, verdict: &mut Verdict) {
    for pod in view.set.pods.iter().filter(|pod| pod.spec.is_some()) {
        let selects = |(_, service): &(usize, &Manifest)| selects(service, pod);
        let leading: Vec<&Node> = view
            .of_kind("Service", pod.namespace)
            .filter(selects)
            .flat_map(|(_, service)| items(service.node(), &["spec", "ports"]))
            .collect();
        for container in pod.containers().into_iter().filter(|container| !container.initial) {
            let ports = items(container.node, &["ports"]);
            let serves = leading.iter().any(|port| ports.iter().any(|own| is_target(port, own)));
            if serves {
                let holds = container.node.at(&["readinessProbe"]).is_some_and(|probe| probe.value.as_map().is_some());
                let at = || field(pod.manifest, container.path.key("readinessProbe"));
                verdict.judge(holds, at, || "a container behind a Service must have a readinessProbe".to_owned());
            }
        }
    }
}

/// Whether a Service selects pods.
fn selects(service: &Manifest, pod: &Pod<'_>) -> bool {
    let selector = service.node().at(&["spec", "selector"]).and_then(|selector| selector.value.as_map());
    let fits = |(key, entry): (&std::sync::Arc<str>, &crate::tree::Entry)| {
        pod.labels.get(key).is_some() && pod.labels.get(key) == entry.node.value.as_str()
    };
    selector.is_some_and(|selector: &Map| !selector.is_empty() && selector.iter().all(fits))
}

/// Whether a port of a Service leads to one of a container.
fn is_target(port: &Node, own: &Node) -> bool {
    match port.at(&["targetPort"]).map(|target| &target.value) {
        Some(Value::String(name)) => own.str_at(&["name"]) == Some(name),
        Some(Value::Number(number)) => number.as_i64() == integrity::number(own, &["containerPort"]),
        _ => number(port, &["port"]) == number(own, &["containerPort"]),
    }
}

/// The workloads whose pods go on.
fn lasting<'s, 'a>(view: &'s View<'a>) -> impl Iterator<Item = &'s Pod<'a>> {
    view.set.pods.iter().filter(|pod| pod.spec.is_some() && LASTING.contains(&pod.kind))
}

/// There are as many replicas as the tier has at the least: `policy.params.tiers.TIER.minReplicas`.
pub(super) fn replicas(view: &View<'_>, verdict: &mut Verdict) {
    let Some(least) = view.tier("minReplicas").and_then(|least| number(least, &[])) else { return };
    for pod in lasting(view) {
        let found = range(view.set, pod).least;
        let at = || keys(pod.manifest, ["spec", "replicas"]);
        verdict.judge(found >= least, at, || format!("there must be at least {least} replicas"));
    }
}

/// What has several replicas has a budget that selects them.
pub(super) fn budget(view: &View<'_>, verdict: &mut Verdict) {
    for pod in lasting(view).filter(|pod| range(view.set, pod).least > 1) {
        let selects = |(_, budget): (usize, &Manifest)| {
            budget.node().at(&["spec", "selector"]).is_some_and(|selector| fits(selector, &pod.labels))
        };
        let holds = view.of_kind("PodDisruptionBudget", pod.namespace).any(selects);
        let at = || keys(pod.manifest, ["spec", "replicas"]);
        verdict.judge(holds, at, || "a PodDisruptionBudget must select pods that have replicas".to_owned());
    }
}

/// Budgets let one pod go.
pub(super) fn evictions(view: &View<'_>, verdict: &mut Verdict) {
    verdict.judge_by(view, view.set.of_kind("PodDisruptionBudget").map(|(index, _)| index), &[code::EVICTION]);
}

/// Autoscalers have a target, something to scale between, and a request to measure against; nobody else scales.
pub(super) fn autoscaler(view: &View<'_>, verdict: &mut Verdict) {
    for (index, scaler) in view.set.of_kind("HorizontalPodAutoscaler") {
        let (node, space) = (scaler.node(), integrity::namespace(scaler));
        let text = |key| node.str_at(&["spec", "scaleTargetRef", key]).unwrap_or_default();
        let target = view.set.pods_in(space).find(|pod| pod.kind == text("kind") && pod.name == text("name"));
        let Some(pod) = target else {
            verdict.broken(
                keys(index, ["spec", "scaleTargetRef", "name"]),
                "an autoscaler must have a target that is there",
            );
            continue;
        };
        let bound = |key| number(node, &["spec", key]);
        let (least, most) = (bound("minReplicas").unwrap_or(1), bound("maxReplicas").unwrap_or(1));
        let wanted = view.tier("minReplicas").and_then(|least| number(least, &[])).unwrap_or(0);
        let owner = view.set.manifests.get(pod.manifest);
        let unmeasured = items(node, &["spec", "metrics"]).iter().enumerate().find(|(_, metric)| {
            let name = metric.str_at(&["resource", "name"]).filter(|_| metric.str_at(&["type"]) == Some("Resource"));
            let is_share = metric.at(&["resource", "target", "averageUtilization"]).is_some();
            name.filter(|_| is_share).is_some_and(|name| !requests(pod, name))
        });
        if least >= most {
            verdict.broken(
                keys(index, ["spec", "maxReplicas"]),
                "an autoscaler must have more at the most than at the least",
            );
        } else if least < wanted {
            verdict.broken(keys(index, ["spec", "minReplicas"]), format!("there must be at least {wanted} replicas"));
        } else if let Some((nth, _)) = unmeasured {
            let at = crate::path::Path::from_keys(["spec", "metrics"]).index(nth);
            verdict.broken(field(index, at), "what is scaled by its share of a request must have the request");
        } else if owner.is_some_and(|owner| owner.node().at(&["spec", "replicas"]).is_some()) {
            verdict.broken(keys(pod.manifest, ["spec", "replicas"]), "what is scaled must not fix its replicas");
        } else {
            verdict.keep();
        }
    }
}

/// Whether all containers that go on request a resource; a limit is a request as well.
fn requests(pod: &Pod<'_>, resource: &str) -> bool {
    pod.containers().iter().filter(|container| !container.initial).all(|container| {
        let has = |part| container.node.at(&["resources", part, resource]).is_some();
        has("requests") || has("limits")
    })
}

/// Everything that objects name is there.
pub(super) fn references(view: &View<'_>, verdict: &mut Verdict) {
    verdict.judge_by(view, 0..view.set.manifests.len(), &[code::SELECTOR, code::REFERENCE, code::PORT]);
}
