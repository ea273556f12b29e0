//! The bill of a target, and the bills of many together.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Prices, Sums};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::integrity;
use crate::manifest::Manifest;
use crate::target::Target;

/// What the objects of a target ask for.
#[derive(Clone, Debug)]
pub struct Bill {
    /// The tenant; `None` for what the environment has once.
    pub tenant: Option<Arc<str>>,
    /// The tenant's tier, if the configuration has one.
    pub tier: Option<Arc<str>>,
    /// At the least scale.
    pub least: Sums,
    /// At the most scale.
    pub most: Sums,
}

/// Several bills together.
#[derive(Clone, Debug, Default)]
pub struct Together {
    /// Number of tenants.
    pub tenants: usize,
    /// At the least scale.
    pub least: Sums,
    /// At the most scale.
    pub most: Sums,
}

/// The sums of tenants by their tier, sorted, those without a tier first.
pub type Tiers = BTreeMap<Option<Arc<str>>, Together>;

impl Bill {
    /// The bill of a target's objects.
    pub(super) fn of(
        target: &Target,
        tier: Option<Arc<str>>,
        manifests: &[Manifest],
        prices: &Prices,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let (least, most) = sums(manifests, prices).ok_or_else(|| diagnostics.fail(too_large(&target.to_string())))?;
        Ok(Self { tenant: target.tenant().cloned(), tier, least, most })
    }
}

impl Together {
    /// Adds a bill.
    pub(super) fn add(&mut self, bill: &Bill) -> Option<()> {
        self.tenants += usize::from(bill.tenant.is_some());
        self.least = self.least.plus(&bill.least)?;
        self.most = self.most.plus(&bill.most)?;
        Some(())
    }
}

/// Amounts that no sum can hold.
pub(super) fn too_large(whose: &str) -> Diagnostic {
    Diagnostic::new(code::PRICES, format!("what {whose} asks for is too much to be added up"))
        .help("look for a quantity with a wrong suffix, or a price with too many digits")
}

fn sums(manifests: &[Manifest], prices: &Prices) -> Option<(Sums, Sums)> {
    let (mut least, mut most) = (Sums::default(), Sums::default());
    for demand in integrity::demand(manifests) {
        let factor = if demand.per_node { prices.nodes } else { Decimal::ONE };
        let count = |count: i64| Decimal::from(count.max(0)).checked_mul(factor);
        least.add(&demand, count(demand.count.least)?, prices)?;
        most.add(&demand, count(demand.count.most)?, prices)?;
    }
    let balancers = manifests.iter().filter(|manifest| is_balancer(manifest)).count();
    least.balance(balancers, prices)?;
    most.balance(balancers, prices)?;
    Some((least.rounded()?, most.rounded()?))
}

/// Whether a cloud makes a load balancer for an object: a Service that asks for one, or a Gateway that is no waypoint.
fn is_balancer(manifest: &Manifest) -> bool {
    let spec = |key| manifest.node().str_at(&["spec", key]);
    match (manifest.identity().group(), manifest.identity().kind().as_ref()) {
        ("", "Service") => spec("type") == Some("LoadBalancer"),
        ("gateway.networking.k8s.io", "Gateway") => {
            spec("gatewayClassName").is_some_and(|class| !class.contains("waypoint"))
        }
        _ => false,
    }
}
