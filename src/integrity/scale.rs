//! How many pods there are: bounds of autoscalers, and budgets that leave something to evict.

use super::Finding;
use super::pod::{Pod, number};
use super::selector::fits;
use super::set::{Set, called, namespace, site};
use crate::diagnostic::code;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::{Node, Number, Value};

/// The least and the most pods of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) least: i64,
    pub(crate) most: i64,
}

/// Autoscalers: kind, the mapping that names the target, the keys of the least and the most, and the least by default.
const SCALERS: [(&str, &str, &str, &str, i64); 2] = [
    ("HorizontalPodAutoscaler", "scaleTargetRef", "minReplicas", "maxReplicas", 1),
    ("ScaledObject", "scaleTargetRef", "minReplicaCount", "maxReplicaCount", 0),
];

/// The most that KEDA scales to by itself.
const KEDA_MOST: i64 = 100;

pub(super) fn check(set: &Set<'_>, findings: &mut Vec<Finding>) {
    for (kind, _, least, most, _) in SCALERS {
        for (index, manifest) in set.of_kind(kind) {
            let spec = manifest.node().at(&["spec"]);
            let value = |key| spec.and_then(|spec| number(spec, &[key]));
            if let (Some(low), Some(high)) = (value(least), value(most))
                && low > high
            {
                let at = |key| site(index, &Path::from_keys(["spec", key]));
                let message = format!("{} has a {least} of {low}, above its {most} of {high}", called(manifest));
                findings.push(
                    Finding::new(code::BOUNDS, at(least), message, "the least")
                        .also(at(most), "the most")
                        .help("lower the one or raise the other"),
                );
            }
        }
    }
    twice(set, findings);
    for (index, budget) in set.of_kind("PodDisruptionBudget") {
        evictions(set, index, budget, findings);
    }
}

/// Two autoscalers of one workload undo each other's work.
fn twice(set: &Set<'_>, findings: &mut Vec<Finding>) {
    let mut seen: Vec<(&str, &str, &str, usize)> = Vec::new();
    for (kind, reference, ..) in SCALERS {
        for (index, manifest) in set.of_kind(kind) {
            let Some(target) = manifest.node().at(&["spec", reference]) else { continue };
            let (kind, name) =
                (target.str_at(&["kind"]).unwrap_or("Deployment"), target.str_at(&["name"]).unwrap_or(""));
            let space = namespace(manifest);
            if let Some((.., first)) = seen.iter().find(|other| (other.0, other.1, other.2) == (space, kind, name)) {
                let path = Path::from_keys(["spec", reference]);
                let message = format!("{kind}/{name} is scaled twice, the second time by {}", called(manifest));
                findings.push(
                    Finding::new(code::BOUNDS, site(index, &path), message, "the second")
                        .also(site(*first, &path), "the first")
                        .help("keep one of them; KEDA makes an autoscaler of its own"),
                );
            } else {
                seen.push((space, kind, name, index));
            }
        }
    }
}

/// How many pods a workload may have: by its autoscaler, else by itself.
pub(crate) fn range(set: &Set<'_>, pod: &Pod<'_>) -> Range {
    let spec = set.manifests.get(pod.manifest).and_then(|manifest| manifest.node().at(&["spec"]));
    let own = spec.and_then(|spec| match pod.kind {
        "Job" => number(spec, &["parallelism"]),
        "CronJob" => number(spec, &["jobTemplate", "spec", "parallelism"]),
        _ => number(spec, &["replicas"]),
    });
    for (kind, reference, least, most, default) in SCALERS {
        for (_, scaler) in set.of_kind(kind).filter(|(_, scaler)| namespace(scaler) == pod.namespace) {
            let Some(spec) = scaler.node().at(&["spec"]) else { continue };
            let Some(target) = spec.at(&[reference]) else { continue };
            let named = target.str_at(&["name"]) == Some(pod.name);
            if named && target.str_at(&["kind"]).unwrap_or("Deployment") == pod.kind {
                let least = number(spec, &[least]).unwrap_or(default);
                return Range { least, most: number(spec, &[most]).unwrap_or(KEDA_MOST).max(least) };
            }
        }
    }
    let replicas = own.unwrap_or(1);
    match pod.kind {
        // They come to an end.
        "Job" | "CronJob" => Range { least: 0, most: replicas },
        "ScaledJob" => {
            let value = |key| spec.and_then(|spec| number(spec, &[key]));
            let least = value("minReplicaCount").unwrap_or(0);
            Range { least, most: value("maxReplicaCount").unwrap_or(KEDA_MOST).max(least) }
        }
        _ => Range { least: replicas, most: replicas },
    }
}

/// A budget that never lets a pod go stops every drain of a node.
fn evictions(set: &Set<'_>, index: usize, budget: &Manifest, findings: &mut Vec<Finding>) {
    let Some(spec) = budget.node().at(&["spec"]) else { return };
    let Some(selector) = spec.at(&["selector"]) else { return };
    let ranges = set.pods_in(namespace(budget)).filter(|pod| pod.spec.is_some() && fits(selector, &pod.labels));
    let least: i64 = ranges
        .filter(|pod| matches!(pod.kind, "Deployment" | "StatefulSet" | "ReplicaSet" | "Rollout"))
        .map(|pod| range(set, pod).least)
        .sum();
    if least == 0 {
        return;
    }
    for (key, forbids) in [
        ("minAvailable", (|amount, least| amount >= least) as fn(i64, i64) -> bool),
        ("maxUnavailable", |amount, _| amount <= 0),
    ] {
        // Both are rounded up.
        if let Some(amount) = spec.at(&[key]).and_then(|node| amount(node, least))
            && forbids(amount, least)
        {
            let at = site(index, &Path::from_keys(["spec", key]));
            let message = format!("{} never lets a pod be evicted: there may be only {least}", called(budget));
            findings.push(
                Finding::new(code::EVICTION, at, message, "leaves nothing to evict")
                    .note("a node with such a pod cannot be drained, so upgrades of the cluster stop at it")
                    .help("allow one to be unavailable, or run one more"),
            );
        }
    }
}

/// A number, or a share of `whole` in per cent, rounded up.
pub(super) fn amount(node: &Node, whole: i64) -> Option<i64> {
    match &node.value {
        Value::Number(Number::Int(number)) => Some(*number),
        Value::String(text) => {
            let share: i64 = text.strip_suffix('%')?.parse().ok()?;
            whole.checked_mul(share)?.checked_add(99)?.checked_div(100)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Place};

    #[test]
    fn shares_are_rounded_up() {
        let node = |value| Node::new(value, Place::top(FileId::NONE));
        assert_eq!(amount(&node(Value::Number(Number::Int(2))), 9), Some(2));
        assert_eq!(amount(&node(Value::String("50%".into())), 3), Some(2));
        assert_eq!(amount(&node(Value::String("0%".into())), 3), Some(0));
        assert_eq!(amount(&node(Value::String("50".into())), 3), None);
        assert_eq!(amount(&node(Value::String("99%".into())), i64::MAX), None);
    }
}
