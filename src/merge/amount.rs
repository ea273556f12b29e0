//! Quantities and durations, as far as a merge compares them.

use rust_decimal::Decimal;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quantity(Decimal);

impl Quantity {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let factor = match &text[end..] {
            "" => Decimal::ONE,
            "m" => Decimal::new(1, 3),
            "k" => Decimal::from(1000),
            "Ki" => Decimal::from(1024),
            "Mi" => Decimal::from(1024 * 1024),
            "Gi" => Decimal::from(1024 * 1024 * 1024),
            _ => return None,
        };
        Some(Self(text[..end].parse::<Decimal>().ok()?.checked_mul(factor)?))
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Duration(u64);

impl Duration {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let end = text.find(|c: char| c.is_ascii_alphabetic())?;
        let factor = match &text[end..] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        text[..end].parse::<u64>().ok()?.checked_mul(factor).map(Self)
    }
}
