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
