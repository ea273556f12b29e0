//! The form for programs: one JSON document, on one line, with a line end.
//!
//! The fields below are a promise: within version 1 fields may be added, none is renamed, removed or given another
//! meaning. What is absent is `null` or an empty list. Amounts are strings of decimal digits, exact: cores, bytes,
//! pieces, and a price with two digits after the point.

use rust_decimal::Decimal;
use serde::Serialize;

use super::{Advice, Bill, Owner, Report, Sums};
use crate::diagnostic::printable;

/// The document.
#[derive(Serialize)]
struct Document<'a> {
    /// 1
    version: u8,
    environment: &'a str,
    currency: &'a str,
    /// By id.
    tenants: Vec<Payer<'a>>,
    /// By name, those without a tier first.
    tiers: Vec<Class<'a>>,
    /// What the environment has once; `null` where tenants were chosen.
    own: Option<Scales>,
    total: Scales,
    recommended: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Payer<'a> {
    tenant: &'a str,
    tier: Option<&'a str>,
    #[serde(flatten)]
    scales: Scales,
}

#[derive(Serialize)]
struct Class<'a> {
    tier: Option<&'a str>,
    /// How many.
    tenants: usize,
    #[serde(flatten)]
    scales: Scales,
}

/// At the least and at the most scale.
#[derive(Serialize)]
struct Scales {
    least: Amounts,
    most: Amounts,
}

#[derive(Serialize)]
struct Amounts {
    pods: String,
    /// Cores requested.
    cpu: String,
    cpu_limit: String,
    /// Bytes requested.
    memory: String,
    memory_limit: String,
    /// Bytes of volumes.
    storage: String,
    gpus: String,
    load_balancers: String,
    /// Of a month.
    price: String,
}

#[derive(Serialize)]
struct Change<'a> {
    /// `TC651` or `TC652`.
    code: String,
    tenant: &'a str,
    /// What runs the container, such as `Deployment/web`.
    object: &'a str,
    container: &'a str,
    /// `cpu` or `memory`.
    resource: &'a str,
    limit: String,
    peak: String,
    recommended: &'a str,
    /// The value that decides the limit; `null` where a template does.
    path: Option<String>,
    /// The tenant's file, where the tenant may set it; else `null`.
    file: Option<&'a str>,
    /// The layer that may set it instead; else `null`.
    layer: Option<&'a str>,
}

/// The report as one document.
pub fn render(report: &Report) -> String {
    let document = Document {
        version: 1,
        environment: &report.environment,
        currency: &report.currency,
        tenants: report.tenants.iter().map(tenant).collect(),
        tiers: report
            .tiers
            .iter()
            .map(|(tier, sum)| Class {
                tier: tier.as_deref(),
                tenants: sum.tenants,
                scales: scales(&sum.least, &sum.most),
            })
            .collect(),
        own: report.own.as_ref().map(|own| scales(&own.least, &own.most)),
        total: scales(&report.total.least, &report.total.most),
        recommended: report.advice.iter().map(recommended).collect(),
    };
    // Strings and numbers: there is nothing serde could refuse.
    printable::json(&serde_json::to_string(&document).unwrap_or_default()) + "\n"
}

fn tenant(bill: &Bill) -> Payer<'_> {
    Payer {
        tenant: bill.tenant.as_deref().unwrap_or_default(),
        tier: bill.tier.as_deref(),
        scales: scales(&bill.least, &bill.most),
    }
}

fn scales(least: &Sums, most: &Sums) -> Scales {
    Scales { least: amounts(least), most: amounts(most) }
}

fn amounts(sums: &Sums) -> Amounts {
    let plain = |amount: Decimal| amount.normalize().to_string();
    Amounts {
        pods: plain(sums.pods),
        cpu: plain(sums.cpu),
        cpu_limit: plain(sums.cpu_limit),
        memory: plain(sums.memory),
        memory_limit: plain(sums.memory_limit),
        storage: plain(sums.storage),
        gpus: plain(sums.gpus),
        load_balancers: plain(sums.load_balancers),
        price: sums.price.to_string(),
    }
}

fn recommended(advice: &Advice) -> Change<'_> {
    let (file, layer) = match &advice.owner {
        Owner::Tenant(file) => (Some(file.as_ref()), None),
        Owner::Layer { layer, .. } => (None, Some(layer.as_str())),
        Owner::Template => (None, None),
    };
    Change {
        code: advice.code().to_string(),
        tenant: &advice.tenant,
        object: &advice.container.1,
        container: &advice.container.0,
        resource: advice.resource,
        limit: advice.limit.to_string(),
        peak: advice.peak.to_string(),
        recommended: &advice.recommended,
        path: advice.path.as_ref().map(ToString::to_string),
        file,
        layer,
    }
}
