//! Numbers: what JSON and Kubernetes can hold without loss.

use std::fmt;

/// A whole number of 64 bits, or a finite decimal one.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A decimal number; finite.
    Float(f64),
}

impl Number {
    /// The number as a float; large whole numbers lose digits.
    pub fn as_f64(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "documented")]
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    /// The whole number, if it is one (`3.0` is).
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(number),
            // 2^63 is the first float past the range; every float below it that is whole fits.
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_808.0 =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
                Some(number as i64)
            }
            Self::Float(_) => None,
        }
    }
}

/// The same spelling counts: `1` and `1.0` differ.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits() || a == b,
            _ => false,
        }
    }
}

/// Text that YAML 1.1, YAML 1.2 and JSON all read as this number: a float always has a point, an exponent
/// always a sign (`1.0e+16`).
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let float = match self {
            Self::Int(number) => return write!(f, "{number}"),
            Self::Float(float) => *float,
        };
        let magnitude = float.abs();
        if magnitude != 0.0 && !(1e-5..1e16).contains(&magnitude) {
            let text = format!("{float:e}");
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            write!(f, "{mantissa}{point}e{sign}{exponent}")
        } else if float.fract() == 0.0 {
            write!(f, "{float:.1}")
        } else {
            write!(f, "{float}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_so_that_every_reader_sees_a_number() {
        for (number, text) in
            [(1.0, "1.0"), (0.5, "0.5"), (1e16, "1.0e+16"), (1.5e-7, "1.5e-7"), (-2e300, "-2.0e+300"), (0.0, "0.0")]
        {
            assert_eq!(Number::Float(number).to_string(), text);
        }
        assert_eq!(Number::Int(i64::MIN).to_string(), "-9223372036854775808");
    }
}
