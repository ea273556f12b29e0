//! Amounts that are added up, and their price.

use rust_decimal::{Decimal, RoundingStrategy};

use super::Prices;
use crate::integrity::Demand;

/// Bytes of a GiB.
pub(super) const GIB: Decimal = Decimal::from_parts(1 << 30, 0, 0, false, 0);

/// What is asked for, and what it costs a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Number of pods.
    pub pods: Decimal,
    /// Cores that are requested.
    pub cpu: Decimal,
    /// Cores that may be used.
    pub cpu_limit: Decimal,
    /// Bytes of memory that are requested.
    pub memory: Decimal,
    /// Bytes of memory that may be used.
    pub memory_limit: Decimal,
    /// Bytes of volumes.
    pub storage: Decimal,
    /// Number of GPUs.
    pub gpus: Decimal,
    /// Number of load balancers.
    pub load_balancers: Decimal,
    /// The price of a month, in the currency of the configuration.
    pub price: Decimal,
}

impl Sums {
    /// Adds what so many of a thing ask for. `None` if a sum is beyond what 28 digits hold.
    pub(super) fn add(&mut self, demand: &Demand, count: Decimal, prices: &Prices) -> Option<()> {
        for (name, each) in &demand.amounts {
            let amount = each.value().checked_mul(count)?;
            let (sum, price) = match name.as_str() {
                "count/pods" => (&mut self.pods, Decimal::ZERO),
                "requests.cpu" => (&mut self.cpu, amount.checked_mul(prices.cpu)?),
                "requests.memory" => (&mut self.memory, gibs(amount, prices.memory)?),
                "requests.storage" => (&mut self.storage, gibs(amount, prices.of_class(&demand.class))?),
                "limits.cpu" => (&mut self.cpu_limit, Decimal::ZERO),
                "limits.memory" => (&mut self.memory_limit, Decimal::ZERO),
                other if other.starts_with("requests.") && other.ends_with("/gpu") => {
                    (&mut self.gpus, amount.checked_mul(prices.gpu)?)
                }
                _ => continue,
            };
            *sum = sum.checked_add(amount)?.normalize();
            self.price = self.price.checked_add(price)?;
        }
        Some(())
    }

    /// Adds load balancers.
    pub(super) fn balance(&mut self, count: usize, prices: &Prices) -> Option<()> {
        let count = Decimal::from(count);
        self.load_balancers = self.load_balancers.checked_add(count)?;
        self.price = self.price.checked_add(count.checked_mul(prices.load_balancer)?)?;
        Some(())
    }

    /// Two sums together.
    pub(super) fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self {
            pods: self.pods.checked_add(other.pods)?,
            cpu: self.cpu.checked_add(other.cpu)?.normalize(),
            cpu_limit: self.cpu_limit.checked_add(other.cpu_limit)?.normalize(),
            memory: self.memory.checked_add(other.memory)?.normalize(),
            memory_limit: self.memory_limit.checked_add(other.memory_limit)?.normalize(),
            storage: self.storage.checked_add(other.storage)?.normalize(),
            gpus: self.gpus.checked_add(other.gpus)?.normalize(),
            load_balancers: self.load_balancers.checked_add(other.load_balancers)?,
            price: self.price.checked_add(other.price)?,
        })
    }

    /// The same with a price in hundredths: what is printed for each adds up to what is printed for all.
    pub(super) fn rounded(self) -> Option<Self> {
        let mut price = self.price.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        price.rescale(2);
        (price.scale() == 2).then_some(Self { price, ..self })
    }
}

fn gibs(bytes: Decimal, price: Decimal) -> Option<Decimal> {
    bytes.checked_mul(price)?.checked_div(GIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_two_digits_or_none_are_given() {
        let rounded = |text| {
            let price = Decimal::from_str_exact(text).unwrap();
            Sums { price, ..Sums::default() }.rounded().map(|sums| sums.price.to_string())
        };
        assert_eq!(rounded("0.125").as_deref(), Some("0.13"));
        assert_eq!(rounded("12").as_deref(), Some("12.00"));
        assert_eq!(rounded("79228162514264337593543950335"), None);
    }
}
