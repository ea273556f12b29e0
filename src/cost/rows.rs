//! The tables of a report as texts: tenants, then tiers and sums.

use rust_decimal::{Decimal, RoundingStrategy};

use super::sums::GIB;
use super::{Report, Sums};

/// A table: a heading for each column, and rows.
pub(super) struct Table {
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// Columns whose cells are words, not amounts.
pub(super) const WORDS: usize = 2;

/// What stands for the tier of a tenant without one.
const NONE: &str = "-";

/// Each tenant on a row.
pub(super) fn tenants(report: &Report) -> Table {
    let row = |bill: &super::Bill| {
        let name = bill.tenant.as_deref().unwrap_or_default();
        row(name, bill.tier.as_deref().unwrap_or(NONE), &bill.least, &bill.most)
    };
    Table { headings: headings(["tenant", "tier"], report), rows: report.tenants.iter().map(row).collect() }
}

/// Each tier on a row, then what the environment has once, then all.
pub(super) fn sums(report: &Report) -> Table {
    let tiers = report.tiers.iter();
    let mut rows: Vec<Vec<String>> = tiers
        .map(|(tier, sum)| row(tier.as_deref().unwrap_or(NONE), &sum.tenants.to_string(), &sum.least, &sum.most))
        .collect();
    if let Some(own) = &report.own {
        rows.push(row("environment", "", &own.least, &own.most));
    }
    let total = &report.total;
    rows.push(row("total", &total.tenants.to_string(), &total.least, &total.most));
    Table { headings: headings(["tier", "tenants"], report), rows }
}

/// What is recommended, on a row each.
pub(super) fn advice(report: &Report) -> Table {
    let headings = ["tenant", "container", "resource", "limit", "peak", "recommended", "value", "owner"];
    let row = |advice: &super::Advice| {
        vec![
            advice.tenant.to_string(),
            advice.container.0.clone(),
            advice.resource.to_owned(),
            advice.limit.to_string(),
            advice.peak.to_string(),
            advice.recommended.to_string(),
            advice.path.as_ref().map(ToString::to_string).unwrap_or_default(),
            match &advice.owner {
                super::Owner::Tenant(_) => "tenant".to_owned(),
                super::Owner::Layer { layer, .. } => layer.clone(),
                super::Owner::Template => "template".to_owned(),
            },
        ]
    };
    let rows = report.advice.iter().map(row).collect();
    Table { headings: headings.map(str::to_owned).to_vec(), rows }
}

fn headings(first: [&str; WORDS], report: &Report) -> Vec<String> {
    let rest = ["pods", "cpu", "cpu limit", "GiB", "GiB limit", "GiB stored", "gpus", "load balancers"];
    let price = format!("{} a month", report.currency);
    first.into_iter().chain(rest).map(str::to_owned).chain([price]).collect()
}

fn row(name: &str, second: &str, least: &Sums, most: &Sums) -> Vec<String> {
    let plain = |amount: Decimal| {
        let rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        rounded.normalize().to_string()
    };
    let gib = |amount: Decimal| plain(amount.checked_div(GIB).unwrap_or_default());
    let cells = |sums: &Sums| {
        let counted = [sums.pods, sums.cpu, sums.cpu_limit].map(plain);
        let bytes = [sums.memory, sums.memory_limit, sums.storage].map(gib);
        let pieces = [sums.gpus, sums.load_balancers].map(plain);
        counted.into_iter().chain(bytes).chain(pieces).chain([sums.price.to_string()])
    };
    let both = cells(least).zip(cells(most));
    let cells = both.map(|(low, high)| if low == high { low } else { format!("{low}-{high}") });
    [name.to_owned(), second.to_owned()].into_iter().chain(cells).collect()
}
