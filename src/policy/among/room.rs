//! TC-NS-408: the quotas of a tenant are no more than its tier has, and those of all no more than the cluster has.

use std::cmp::Reverse;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Breach, Mark, Spot, Verdict, View};
use crate::integrity::quantity;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::quantity::Quantity;
use crate::tree::{Map, Node};

/// Tenants that are named beside a sum.
const NAMED: usize = 3;

/// What the quotas among objects allow, by resource, sorted.
pub(super) fn quotas(manifests: &[Manifest]) -> Vec<(Arc<str>, String)> {
    let mut sums: Vec<(Arc<str>, Quantity)> = Vec::new();
    for (_, hard) in hard(manifests) {
        for (resource, entry) in hard {
            let Some(amount) = quantity(&entry.node) else { continue };
            match sums.iter_mut().find(|(known, _)| known == resource) {
                Some((_, sum)) => *sum = sum.plus(amount).unwrap_or(*sum),
                None => sums.push((Arc::clone(resource), amount)),
            }
        }
    }
    sums.sort_by(|(one, _), (other, _)| one.cmp(other));
    sums.into_iter().map(|(resource, sum)| (resource, sum.to_string())).collect()
}

/// Where a quota bounds a resource: the object and the field.
pub(super) fn find(resource: &str, manifests: &[Manifest]) -> Option<(usize, Path)> {
    let found = hard(manifests).find(|(_, hard)| hard.get(resource).is_some());
    found.map(|(index, _)| (index, Path::from_keys(["spec", "hard", resource])))
}

fn hard(manifests: &[Manifest]) -> impl Iterator<Item = (usize, &Map)> {
    let quotas =
        manifests.iter().enumerate().filter(|(_, manifest)| manifest.identity().kind().as_ref() == "ResourceQuota");
    quotas.filter_map(|(index, quota)| Some((index, quota.node().at(&["spec", "hard"])?.value.as_map()?)))
}

pub(super) fn check(view: &View<'_>, verdict: &mut Verdict) {
    for (index, tenant, part) in view.tenants() {
        let tier = part.share.tier.as_ref();
        let Some(most) = view.param(&["tiers", tier, "max"]).and_then(|most| most.value.as_map()) else { continue };
        let mut fits = true;
        for (resource, entry) in most {
            let bound = part.share.quotas.iter().find(|(known, _)| known == resource);
            let Some(amount) = bound.and_then(|(_, text)| Quantity::parse(text)) else { continue };
            let Some(limit) = quantity(&entry.node) else { continue };
            if amount <= limit {
                continue;
            }
            fits = false;
            let expected = format!(
                "the quota of {tenant} for {resource} must be at most {limit}, as of tier {tier}; it is {amount}"
            );
            let mut breach = Breach::new(Spot::Target(index, Mark::Quota(Arc::clone(resource))), expected);
            breach.said = Some((entry.node.place, format!("the most of tier {tier}")));
            verdict.broken.push(breach);
        }
        if fits {
            verdict.keep(Some(index));
        }
    }
    let Some(allocatable) = view.param(&["cluster", "allocatable"]).and_then(|node| node.value.as_map()) else {
        return;
    };
    let factor =
        view.param(&["cluster", "overcommit"]).and_then(quantity).map_or(Decimal::ONE, |factor| factor.value());
    for (resource, entry) in allocatable {
        together(view, resource, &entry.node, factor, verdict);
    }
}

/// All tenants together, for one resource.
fn together(view: &View<'_>, resource: &Arc<str>, said: &Node, factor: Decimal, verdict: &mut Verdict) {
    let Some(limit) = quantity(said).and_then(|all| all.times(factor)) else { return };
    let amounts = view.tenants().filter_map(|(index, tenant, part)| {
        let (_, text) = part.share.quotas.iter().find(|(known, _)| known == resource)?;
        Some((Quantity::parse(text)?, index, tenant))
    });
    let mut amounts: Vec<(Quantity, usize, &Arc<str>)> = amounts.collect();
    let sum = amounts.iter().try_fold(Quantity::ZERO, |sum, (amount, ..)| sum.plus(*amount));
    let Some(sum) = sum else { return };
    if sum <= limit {
        // Of some tenants nobody can say that all of them fit.
        if view.grounds.whole && !amounts.is_empty() {
            verdict.keep(None);
        }
        return;
    }
    amounts.sort_by_key(|(amount, index, _)| (Reverse(*amount), *index));
    let largest: Vec<String> =
        amounts.iter().take(NAMED).map(|(amount, _, tenant)| format!("{tenant} {amount}")).collect();
    let Some((_, first, _)) = amounts.first() else { return };
    let expected = format!(
        "the quotas of {} tenants for {resource} must come to at most {limit}; they come to {sum}, the largest: {}",
        amounts.len(),
        largest.join(", ")
    );
    let mut breach = Breach::new(Spot::Target(*first, Mark::Quota(Arc::clone(resource))), expected);
    let others = amounts.iter().take(NAMED).skip(1);
    let also = |(amount, index, tenant): &(Quantity, usize, &Arc<str>)| {
        (*index, Mark::Quota(Arc::clone(resource)), format!("{amount} of {tenant}"))
    };
    breach.also = others.map(also).collect();
    breach.said = Some((said.place, "what the nodes have for pods".to_owned()));
    verdict.broken.push(breach);
}
