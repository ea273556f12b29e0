//! Kubernetes quantities: `500m`, `2Gi`, `1.5`, `1e3`.
//!
//! In goes the text, out comes an exact number with the family of its suffix. The grammar, the rounding to nano and the
//! canonical form are those of `k8s.io/apimachinery/pkg/api/resource`. Unlike there, what is beyond 2^63 is not cut down
//! to it, and what 28 digits cannot hold is no quantity.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

/// An amount of a resource. Equal and ordered by value: `1000m` is `1`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    value: Decimal,
    family: Family,
}

/// Which suffixes a quantity is printed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Family {
    /// `n u m k M G T P E` and none.
    #[default]
    Decimal,
    /// `Ki Mi Gi Ti Pi Ei`
    Binary,
    /// `e3`
    Exponent,
}

/// Decimal suffixes with their powers of 10, largest first.
const DECIMAL: [(&str, i32); 10] =
    [("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3), ("", 0), ("m", -3), ("u", -6), ("n", -9)];

/// Binary suffixes with their powers of 1024, largest first.
const BINARY: [(&str, u32); 6] = [("Ei", 6), ("Pi", 5), ("Ti", 4), ("Gi", 3), ("Mi", 2), ("Ki", 1)];

/// Digits after the point that Kubernetes keeps.
const NANO: u32 = 9;

impl Quantity {
    /// Reads a quantity.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let point = if fraction.is_empty() { "" } else { "." };
        let amount = Decimal::from_str_exact(&format!("{whole}{point}{fraction}")).ok()?;
        let (scaled, family) = if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
            (shift(amount, *power)?, Family::Decimal)
        } else if let Some((_, power)) = BINARY.iter().find(|(name, _)| *name == suffix) {
            (amount.checked_mul(Decimal::from(1024_u64.checked_pow(*power)?))?, Family::Binary)
        } else {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            (shift(amount, exponent.parse().ok()?)?, Family::Exponent)
        };
        let value = scaled.round_dp_with_strategy(NANO, RoundingStrategy::AwayFromZero);
        let value = if text.starts_with('-') { -value } else { value };
        Some(Self { value: value.normalize(), family })
    }

    /// The amount in the unit of the resource: cores, bytes, pieces.
    pub fn value(&self) -> Decimal {
        self.value
    }

    /// No amount.
    pub const ZERO: Self = Self { value: Decimal::ZERO, family: Family::Decimal };

    /// Two amounts together, printed as the larger one is.
    pub fn plus(self, other: Self) -> Option<Self> {
        let family = if other > self { other.family } else { self.family };
        Some(Self { value: self.value.checked_add(other.value)?.normalize(), family })
    }

    /// This amount times a factor, rounded up to the smallest step of its kind: a whole byte for a binary suffix, a
    /// thousandth otherwise, or a billionth where the amount itself is finer than a thousandth.
    pub fn times(&self, factor: Decimal) -> Option<Self> {
        let places = match self.family {
            Family::Binary => 0,
            Family::Decimal | Family::Exponent if self.value.scale() > 3 => NANO,
            Family::Decimal | Family::Exponent => 3,
        };
        let product = self.value.checked_mul(factor)?;
        let value = product.round_dp_with_strategy(places, RoundingStrategy::AwayFromZero).normalize();
        Some(Self { value, family: self.family })
    }
}

/// `amount` times 10 to the power. What is far below nano may lose digits but not become zero.
fn shift(amount: Decimal, power: i32) -> Option<Decimal> {
    if amount.is_zero() || power == 0 {
        return Some(amount);
    }
    let steps = power.unsigned_abs();
    if power > 0 {
        return amount.checked_mul(Decimal::from(10_u128.checked_pow(steps).and_then(narrow)?));
    }
    // Fewer digits than nano are left: the smallest amount there is, which rounding up then keeps.
    let smallest = Decimal::new(1, 28);
    if steps > 28 {
        return Some(smallest);
    }
    let scaled = amount.checked_mul(Decimal::new(1, steps))?;
    Some(if scaled.is_zero() { smallest } else { scaled })
}

/// A power of ten that a decimal can hold.
fn narrow(power: u128) -> Option<u128> {
    (power <= 10_u128.pow(28)).then_some(power)
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Quantity {}

/// Canonical: a whole number with the largest suffix that leaves one. A binary quantity below 1024 or with a fraction
/// takes decimal suffixes.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.value.is_zero() {
            return f.write_str("0");
        }
        if self.family == Family::Binary && self.value.is_integer() && self.value.abs() >= Decimal::from(1024) {
            for (suffix, power) in BINARY {
                let unit = Decimal::from(1024_u64.pow(power));
                if self.value.checked_rem(unit).is_some_and(|rest| rest.is_zero()) {
                    return write!(f, "{}{suffix}", (self.value / unit).normalize());
                }
            }
            return write!(f, "{}", self.value);
        }
        for (suffix, power) in DECIMAL {
            let mantissa = match u32::try_from(power) {
                Ok(power) => self.value.checked_mul(Decimal::new(1, power)),
                Err(_) => self.value.checked_mul(Decimal::from(10_u64.pow(power.unsigned_abs()))),
            };
            if let Some(mantissa) = mantissa.filter(Decimal::is_integer) {
                let mantissa = mantissa.normalize();
                return match self.family {
                    Family::Exponent if power != 0 => write!(f, "{mantissa}e{power}"),
                    _ => write!(f, "{mantissa}{suffix}"),
                };
            }
        }
        write!(f, "{}", self.value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> Option<String> {
        Quantity::parse(text).map(|quantity| quantity.to_string())
    }

    #[test]
    fn quantities_print_in_kubernetes_canonical_form() {
        for (text, expected) in [
            ("0", "0"),
            ("0Mi", "0"),
            ("0e999", "0"),
            ("1", "1"),
            ("+1", "1"),
            ("-1", "-1"),
            ("001", "1"),
            ("1.", "1"),
            (".5", "500m"),
            ("-0.5", "-500m"),
            ("1.5", "1500m"),
            ("1000m", "1"),
            ("500m", "500m"),
            ("1000", "1k"),
            ("1100", "1100"),
            ("1000k", "1M"),
            ("12E", "12E"),
            ("1n", "1n"),
            ("0.1n", "1n"),
            ("1e-30", "1e-9"),
            ("-0.1n", "-1n"),
            ("1.0000000001", "1000000001n"),
            ("100u", "100u"),
            ("2Gi", "2Gi"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Ki", "512"),
            ("1000Ki", "1000Ki"),
            ("0.0001Ki", "102400u"),
            ("1e3", "1e3"),
            ("1E3", "1e3"),
            ("1e+3", "1e3"),
            ("12e-3", "12e-3"),
            ("1e2", "100"),
            ("1E", "1E"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in [
            "",
            ".",
            "-",
            "+",
            "1.1.1",
            "1K",
            "1ki",
            "1KI",
            "1 Gi",
            " 1",
            "1 ",
            "1e",
            "1e1.5",
            "1ee3",
            "1e3k",
            "1g",
            "1Mim",
            "--1",
            "1-",
            "abc",
            "Gi",
            "1h",
            "1e40",
            "99999999999999999999999999999999",
            "1_000",
            "0x1F",
            "１",
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    #[test]
    fn quantities_compare_by_value() {
        let parse = |text| Quantity::parse(text).expect("a quantity");
        assert_eq!(parse("1000m"), parse("1"));
        assert!(parse("1Gi") > parse("1G"));
        assert!(parse("100m") < parse("0.2"));
        assert_eq!(parse("2Gi").value(), Decimal::from(2_147_483_648_i64));
    }

    #[test]
    fn products_are_rounded_up_to_the_smallest_step() {
        let times = |text, factor: &str| {
            let factor = Decimal::from_str_exact(factor).expect("a factor");
            Quantity::parse(text)?.times(factor).map(|quantity| quantity.to_string())
        };
        assert_eq!(times("500m", "1.5").as_deref(), Some("750m"));
        assert_eq!(times("100m", "0.333").as_deref(), Some("34m"));
        assert_eq!(times("1Gi", "1.5").as_deref(), Some("1536Mi"));
        assert_eq!(times("1Ki", "0.3333").as_deref(), Some("342"));
        assert_eq!(times("100n", "0.5").as_deref(), Some("50n"));
        assert_eq!(times("70000000000E", "70000000000"), None);
    }

    #[test]
    fn sums_are_printed_as_the_larger_one_is() {
        let plus = |text, other| {
            let other = Quantity::parse(other)?;
            Quantity::parse(text)?.plus(other).map(|quantity| quantity.to_string())
        };
        assert_eq!(plus("1500m", "500m").as_deref(), Some("2"));
        assert_eq!(plus("4Gi", "256Mi").as_deref(), Some("4352Mi"));
        assert_eq!(plus("4Gi", "0").as_deref(), Some("4Gi"));
        assert_eq!(plus("0", "4Gi").as_deref(), Some("4Gi"));
        assert_eq!(plus("1Gi", "-1Gi").as_deref(), Some("0"));
        assert_eq!(plus("70000000000E", "70000000000E"), None);
    }

    proptest! {
        #[test]
        fn canonical_form_means_the_same(text in "[+-]?[0-9]{0,12}\\.?[0-9]{0,12}([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?") {
            if let Some(quantity) = Quantity::parse(&text) {
                let printed = quantity.to_string();
                prop_assert_eq!(Quantity::parse(&printed), Some(quantity), "{} {}", text, printed);
                prop_assert_eq!(canonical(&printed), Some(printed));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = canonical(&text);
        }
    }
}
