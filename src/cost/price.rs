//! What things cost a month: `cost` of a target's configuration.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::tree::{Node, Value};

/// What things cost a month.
#[derive(Clone, Debug)]
pub struct Prices {
    /// The currency, as the configuration names it.
    pub currency: Arc<str>,
    /// Of a core that is requested.
    pub cpu: Decimal,
    /// Of a GiB of memory that is requested.
    pub memory: Decimal,
    /// Of a GiB of a volume.
    pub storage: Decimal,
    /// The same of volumes of a storage class.
    pub storage_classes: Vec<(Arc<str>, Decimal)>,
    /// Of a GPU.
    pub gpu: Decimal,
    /// Of a load balancer.
    pub load_balancer: Decimal,
    /// What is recommended of a limit, as a multiple of the peak.
    pub headroom: Decimal,
    /// Nodes of the cluster: how often what runs on every node is paid for.
    pub nodes: Decimal,
}

impl Prices {
    /// The prices in a configuration. What is missing or wrong is TC650.
    pub fn of(configuration: &Node, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let Some(cost) = configuration.at(&[super::KEY]) else {
            return Err(diagnostics.fail(
                Diagnostic::new(code::PRICES, "there are no prices: the configuration has no `cost`").help(
                    "write it into the lowest layer: `cost: {currency: EUR, prices: {cpu: 24, memory: 3, storage: 0.1, \
                     gpu: 400, load_balancer: 18}, headroom: 1.3}`; a layer above may say its own",
                ),
            ));
        };
        let Some(currency) = cost.str_at(&["currency"]) else {
            return Err(diagnostics.fail(wrong(cost, &["currency"], "the name of the currency, such as EUR")));
        };
        let mark = diagnostics.mark();
        let mut price = |name: &str| {
            positive(cost, &["prices", name]).unwrap_or_else(|| {
                diagnostics.record(wrong(cost, &["prices", name], "a number that is not negative"));
                Decimal::ZERO
            })
        };
        let (cpu, memory, storage) = (price("cpu"), price("memory"), price("storage"));
        let (gpu, load_balancer) = (price("gpu"), price("load_balancer"));
        let mut storage_classes = Vec::new();
        let classes = cost.at(&["prices", "storage_classes"]).and_then(|classes| classes.value.as_map());
        for (class, _) in classes.into_iter().flat_map(crate::tree::Map::iter) {
            storage_classes.push((Arc::clone(class), price_of(cost, class, diagnostics)));
        }
        let mut factor = |name: &str, least: Decimal, default: Decimal, what: &str| match cost.at(&[name]) {
            None => default,
            Some(_) => positive(cost, &[name]).filter(|factor| *factor >= least).unwrap_or_else(|| {
                diagnostics.record(wrong(cost, &[name], what));
                default
            }),
        };
        let headroom = factor("headroom", Decimal::new(11, 1), Decimal::new(13, 1), "a number of at least 1.1");
        let nodes = factor("nodes", Decimal::ZERO, Decimal::ONE, "a number of nodes");
        diagnostics.since(mark)?;
        let currency = currency.into();
        Ok(Self { currency, cpu, memory, storage, storage_classes, gpu, load_balancer, headroom, nodes })
    }

    /// The price of a GiB of a class; empty for no class of its own.
    pub(super) fn of_class(&self, class: &str) -> Decimal {
        let own = self.storage_classes.iter().find(|(known, _)| known.as_ref() == class);
        own.map_or(self.storage, |(_, price)| *price)
    }
}

fn price_of(cost: &Node, class: &str, diagnostics: &mut Diagnostics) -> Decimal {
    let keys = ["prices", "storage_classes", class];
    positive(cost, &keys).unwrap_or_else(|| {
        diagnostics.record(wrong(cost, &keys, "a number that is not negative"));
        Decimal::ZERO
    })
}

/// A number as it is written, not as a float holds it.
fn positive(cost: &Node, keys: &[&str]) -> Option<Decimal> {
    let Value::Number(number) = cost.at(keys)?.value else { return None };
    let text = number.to_string();
    let number = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()?;
    (!number.is_sign_negative() || number.is_zero()).then_some(number)
}

fn wrong(cost: &Node, keys: &[&str], what: &str) -> Diagnostic {
    let path = crate::path::Path::from_keys(std::iter::once(super::KEY).chain(keys.iter().copied()));
    let found = cost.at(keys);
    let place = found.unwrap_or(cost).place;
    let (message, label) = match found {
        Some(_) => (format!("{path} must be {what}"), ""),
        None => (format!("{path} is missing: it must be {what}"), "the prices are here"),
    };
    Diagnostic::new(code::PRICES, message).at(place, label).about(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Place};
    use crate::tree::Number;

    #[test]
    fn prices_are_what_was_written() {
        let read = |number| {
            let node = Node::new(Value::Number(number), Place::top(FileId::NONE));
            positive(&node, &[]).map(|price| price.to_string())
        };
        assert_eq!(read(Number::Float(0.1)).as_deref(), Some("0.1"));
        assert_eq!(read(Number::Float(1.5e-7)).as_deref(), Some("0.00000015"));
        assert_eq!(read(Number::Int(24)).as_deref(), Some("24"));
        assert_eq!(read(Number::Float(-0.1)), None);
        assert_eq!(read(Number::Float(1e300)), None);
    }
}
