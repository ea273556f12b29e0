//! What an environment costs a month, and which tenants get too much or too little.
//!
//! In go the targets of an environment, compiled, and perhaps a file of what containers use; out comes a [`Report`], one
//! file per format. The price is that of what is requested, for that is what nodes keep free; it is exact until it is
//! rounded to hundredths for each target. Nothing is asked of a cluster or of a cloud: prices are configuration.

mod advice;
mod bill;
pub mod json;
pub mod markdown;
mod owner;
mod patch;
mod price;
mod rows;
mod sums;
pub mod text;
mod usage;

pub use advice::Advice;
pub use bill::{Bill, Tiers, Together};
pub use owner::Owner;
pub use patch::{Patch, patches};
pub use price::Prices;
pub use sums::Sums;
pub use usage::{Peak, Peaks, Usage};

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::pipeline::{Compiler, Watch};
use crate::target::Target;
use crate::template::Templates;
use crate::workspace::Workspace;

/// The key of the configuration that prices are below.
pub(crate) const KEY: &str = "cost";

/// What an environment costs.
#[derive(Debug)]
pub struct Report {
    /// Name of the environment.
    pub environment: Arc<str>,
    /// The currency of all prices; empty without any target.
    pub currency: Arc<str>,
    /// The tenants, by id.
    pub tenants: Vec<Bill>,
    /// What the environment has once, unless tenants were chosen.
    pub own: Option<Bill>,
    /// The sums of tenants by tier.
    pub tiers: Tiers,
    /// The sum of all.
    pub total: Together,
    /// What is recommended, by tenant; nothing without a file of usage.
    pub advice: Vec<Advice>,
}

/// What is asked.
pub struct Question<'a> {
    /// The workspace.
    pub workspace: &'a Workspace<'a>,
    /// Its compiler.
    pub compiler: &'a Compiler<'a>,
    /// Its templates.
    pub templates: &'a Templates,
    /// What containers use, if that is known.
    pub usage: Option<&'a Usage>,
    /// Who is told how far it has come.
    pub watch: Option<&'a dyn Watch>,
}

/// What came of one target.
struct Found {
    bill: Bill,
    currency: Arc<str>,
    advice: Vec<Advice>,
}

impl Question<'_> {
    /// The answer for targets of one environment. An error of any of them leaves no report.
    pub fn answer(&self, targets: &[Target], diagnostics: &mut Diagnostics) -> Result<Report, Failed> {
        let environment = targets.first().map(|target| Arc::clone(target.environment())).unwrap_or_default();
        let mark = diagnostics.mark();
        if let Some(usage) = self.usage {
            let tenants = self.workspace.tenants(&environment, diagnostics)?;
            usage.hold_against(&tenants, diagnostics);
        }
        diagnostics.since(mark)?;
        let one = |target: &Target, said: &mut Diagnostics| self.one(target, said);
        let found = self.compiler.each(self.templates, &environment, targets, self.watch, diagnostics, one)?;
        together(environment, found, diagnostics)
    }

    fn one(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Found, Failed> {
        let layers = self.compiler.layers(target, diagnostics)?;
        let (validated, approved) = self.compiler.compiled(self.templates, &layers, diagnostics)?;
        let prices = Prices::of(validated.root(), diagnostics)?;
        let tier = target.tenant().and_then(|_| validated.root().str_at(&["tenant", "tier"])).map(Into::into);
        let bill = Bill::of(target, tier, approved.manifests(), &prices, diagnostics)?;
        let peaks = target.tenant().and_then(|tenant| Some((tenant, self.usage?.of(tenant)?)));
        let advice = match peaks {
            None => Vec::new(),
            Some((tenant, peaks)) => advice::Subject {
                workspace: self.workspace,
                templates: self.templates,
                validated: &validated,
                manifests: approved.manifests(),
                headroom: prices.headroom,
            }
            .advice(tenant, peaks, diagnostics)?,
        };
        Ok(Found { bill, currency: prices.currency, advice })
    }
}

/// The bills of an environment together.
fn together(environment: Arc<str>, found: Vec<Found>, diagnostics: &mut Diagnostics) -> Result<Report, Failed> {
    let currency = found.first().map(|found| Arc::clone(&found.currency)).unwrap_or_default();
    let mut report = Report {
        environment,
        currency,
        tenants: Vec::new(),
        own: None,
        tiers: Tiers::new(),
        total: Together::default(),
        advice: Vec::new(),
    };
    for Found { bill, currency, advice } in found {
        if currency != report.currency {
            let whose = bill.tenant.as_deref().unwrap_or("the environment");
            let message = format!("the prices of {whose} are in {currency}, others in {}", report.currency);
            return Err(diagnostics
                .fail(Diagnostic::new(code::PRICES, message).help(
                    "what is added up has one currency: choose tenants that have, with `-l region=..` for one",
                )));
        }
        let mut sums = vec![&mut report.total];
        if bill.tenant.is_some() {
            sums.push(report.tiers.entry(bill.tier.clone()).or_default());
        }
        if sums.into_iter().any(|sum| sum.add(&bill).is_none()) {
            return Err(diagnostics.fail(bill::too_large(&report.environment)));
        }
        report.advice.extend(advice);
        match bill.tenant {
            Some(_) => report.tenants.push(bill),
            None => report.own = Some(bill),
        }
    }
    Ok(report)
}
