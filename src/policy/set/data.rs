//! Rules of data: where it may be, and how much of it may be lost.

use super::schedule::longest_gap;
use super::{Verdict, View};
use crate::duration::Duration;
use crate::tree::Node;

/// Nanoseconds of a minute.
const MINUTE: i128 = 60_000_000_000;

/// Every region that the configuration names is one that the tenant's data may be in.
pub(super) fn residency(view: &View<'_>, verdict: &mut Verdict) {
    if view.facts.tenant.is_none() {
        return;
    }
    let text = |name: &str| view.value(name).and_then(|node| node.value.as_str());
    let said = view.value("allowed").and_then(|list| list.value.as_list());
    let place = text("residency").unwrap_or_default();
    let allowed: Vec<&str> = match said {
        Some(items) => items.iter().filter_map(|item| item.value.as_str()).collect(),
        None => view.listed(&["residency", place]),
    };
    if allowed.is_empty() {
        // What is tied to no place may be anywhere.
        if !matches!(place, "" | "none") {
            let expected = format!("the settings must say which regions are {place}, at `policy.params.residency`");
            verdict.broken(view.at_value("residency"), expected);
        }
        return;
    }
    for (name, _) in view.rule.values.iter().filter(|(name, _)| !matches!(name.as_ref(), "allowed" | "residency")) {
        if let Some(region) = text(name) {
            let expected = || format!("data must be in {}", allowed.join(", "));
            verdict.judge(allowed.contains(&region), || view.at_value(name), expected);
        }
    }
}

/// Backups are made often enough: the longest time between two is no more than what may be lost.
pub(super) fn backup_schedule(view: &View<'_>, verdict: &mut Verdict) {
    if view.facts.tenant.is_none() {
        return;
    }
    let is_on = |node: &Node| matches!(node.value, crate::tree::Value::Bool(true));
    if !view.value("enabled").is_some_and(is_on) {
        return verdict.broken(view.at_value("enabled"), "there must be backups");
    }
    let text = |name: &str| view.value(name).and_then(|node| node.value.as_str());
    let Some(rpo) = text("rpo").and_then(Duration::parse) else {
        return verdict
            .broken(view.at_value("rpo"), "the recovery point objective must be a length of time, such as 24h");
    };
    let Some(gap) = text("schedule").and_then(longest_gap) else {
        return verdict
            .broken(view.at_value("schedule"), "the schedule of backups must be one of five fields that runs");
    };
    verdict.judge(
        i128::from(gap) * MINUTE <= rpo.nanoseconds(),
        || view.at_value("schedule"),
        || {
            let (hours, minutes) = (gap / 60, gap % 60);
            let rest = if minutes > 0 { format!(" {minutes}m") } else { String::new() };
            format!("backups are up to {hours}h{rest} apart, which must not be more than the recovery point objective")
        },
    );
}

/// What may be lost and how long it may take is said, is no more than the tier promises, and can be had with what there is:
/// a short time needs several zones or a standby.
pub(super) fn recovery(view: &View<'_>, verdict: &mut Verdict) {
    if view.facts.tenant.is_none() {
        return;
    }
    let read = |node: Option<&Node>| node.and_then(|node| node.value.as_str()).and_then(Duration::parse);
    for (name, what) in [("rto", "recovery time objective"), ("rpo", "recovery point objective")] {
        let Some(said) = read(view.value(name)) else {
            verdict.broken(view.at_value(name), format!("the {what} must be a length of time, such as 4h"));
            continue;
        };
        let most = read(view.tier(name));
        let holds = most.is_none_or(|most| said.nanoseconds() <= most.nanoseconds());
        verdict.judge(holds, || view.at_value(name), || format!("the {what} must be no more than the tier promises"));
    }
    let Some(rto) = read(view.value("rto")) else { return };
    let short = read(view.param(&["recovery", "short"])).map_or(60 * MINUTE, Duration::nanoseconds);
    if rto.nanoseconds() <= short {
        let zones = view.value("zones").and_then(|zones| zones.value.as_list()).map_or(0, <[_]>::len);
        let text = |name| view.value(name).and_then(|node| node.value.as_str()).unwrap_or_default();
        let standby = !matches!(text("standby"), "" | "none") && text("standby") != text("region");
        let expected = || "so short a recovery time needs several zones or a standby region".to_owned();
        verdict.judge(zones > 1 || standby, || view.at_value("rto"), expected);
    }
}

/// There are alerts, and somebody who gets them.
pub(super) fn alerts(view: &View<'_>, verdict: &mut Verdict) {
    if view.facts.tenant.is_none() {
        return;
    }
    let is_on = |name| matches!(view.value(name).map(|node| &node.value), Some(crate::tree::Value::Bool(true)));
    for name in ["monitoring", "alerts"] {
        verdict.judge(is_on(name), || view.at_value(name), || "monitoring and its alerts must be on".to_owned());
    }
    let some = |item: &Node| item.value.as_str().is_some_and(|text| !text.is_empty());
    let receivers = view.value("receivers").and_then(|list| list.value.as_list()).unwrap_or_default();
    verdict.judge(
        receivers.iter().any(some),
        || view.at_value("receivers"),
        || "alerts must have a receiver".to_owned(),
    );
}

/// A tier that promises a tenant its own servers, key and nodes gives them: `policy.params.tiers.TIER.dedicated`.
pub(super) fn dedicated(view: &View<'_>, verdict: &mut Verdict) {
    let promised = matches!(view.tier("dedicated").map(|node| &node.value), Some(crate::tree::Value::Bool(true)));
    let Some(tenant) = view.facts.tenant.filter(|_| promised) else { return };
    let text = |name| view.value(name).and_then(|node| node.value.as_str()).unwrap_or_default();
    verdict.judge(
        text("database") == "dedicated",
        || view.at_value("database"),
        || "the database of this tier must be dedicated".to_owned(),
    );
    for (name, what) in [("key", "encryption key"), ("bucket", "bucket")] {
        let expected = || format!("the {what} of this tier must be the tenant's own");
        verdict.judge(text(name).contains(tenant), || view.at_value(name), expected);
    }
    for pod in &view.set.pods {
        let Some(spec) = pod.spec else { continue };
        let chosen = spec.at(&["nodeSelector"]).and_then(|nodes| nodes.value.as_map());
        let chosen = chosen.is_some_and(|nodes| nodes.iter().any(|(_, node)| node.node.value.as_str() == Some(tenant)));
        let tolerated =
            super::items(spec, &["tolerations"]).iter().any(|taint| taint.str_at(&["value"]) == Some(tenant));
        verdict.judge(
            chosen && tolerated,
            || super::field(pod.manifest, pod.field("nodeSelector")),
            || "pods of this tier must select the nodes of the tenant and tolerate their taint".to_owned(),
        );
    }
}
