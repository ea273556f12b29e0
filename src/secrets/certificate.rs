//! How long certificates hold: the last day in the text of X.509 certificates (RFC 5280, section 4.1.2.5).
//!
//! Only that is read; nothing is verified.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::{Date, date};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Tags of DER.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The earliest last day of the certificates in a text; `None` if there is none that can be read.
pub(super) fn last_day(text: &str) -> Option<Date> {
    let blocks = text.split(BEGIN).skip(1).filter_map(|rest| Some(rest.split_once(END)?.0));
    let days = blocks.filter_map(|block| {
        let block: String = block.chars().filter(|c| !c.is_whitespace()).collect();
        not_after(&STANDARD.decode(block).ok()?)
    });
    days.min()
}

fn not_after(der: &[u8]) -> Option<Date> {
    let (certificate, _) = inside(der, SEQUENCE)?;
    let (mut rest, _) = inside(certificate, SEQUENCE)?;
    if rest.first() == Some(&VERSION) {
        rest = inside(rest, VERSION)?.1;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        rest = inside(rest, *rest.first()?)?.1;
    }
    let (validity, _) = inside(rest, SEQUENCE)?;
    let (_, last) = inside(validity, *validity.first()?)?;
    time(*last.first()?, inside(last, *last.first()?)?.0)
}

/// What is in the first value, which must have a tag, and what comes after it.
fn inside(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(*first) {
        short @ 0..=127 => (short, rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(long & 0x7F)?;
            let length = (1..=4)
                .contains(&bytes.len())
                .then(|| bytes.iter().fold(0, |all, byte| all << 8 | usize::from(*byte)))?;
            (length, rest)
        }
    };
    (*found == tag).then(|| rest.split_at_checked(length))?
}

/// The day of a time: two digits of the year up to 2049, else four.
fn time(tag: u8, text: &[u8]) -> Option<Date> {
    let digits = std::str::from_utf8(text).ok()?;
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let (year, at) = match tag {
        UTC_TIME => {
            let year = number(0, 2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, 2)
        }
        GENERALIZED_TIME => (number(0, 4)?, 4),
        _ => return None,
    };
    let small = |from: usize| i8::try_from(number(from, from + 2)?).ok();
    Date::new(year, small(at)?, small(at + 2)?).ok().filter(|day| *day >= date(1950, 1, 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Made with `openssl req -x509 -days 30`, for tests only; its key was thrown away.
    const PEM: &str = include_str!("../../tests/sops/certificate.pem");

    #[test]
    fn the_last_day_is_that_of_the_first_to_end() {
        assert_eq!(last_day(PEM), Some(date(2026, 12, 21)));
        assert_eq!(last_day(&format!("x\n{PEM}{PEM}")), Some(date(2026, 12, 21)));
        assert_eq!(last_day(&PEM.replace("MII", "MIX")), None);
        assert_eq!(last_day(""), None);
    }

    #[test]
    fn years_have_two_digits_or_four() {
        assert_eq!(time(UTC_TIME, b"491231235959Z"), Some(date(2049, 12, 31)));
        assert_eq!(time(UTC_TIME, b"500101000000Z"), Some(date(1950, 1, 1)));
        assert_eq!(time(GENERALIZED_TIME, b"20500101000000Z"), Some(date(2050, 1, 1)));
        assert_eq!(time(UTC_TIME, b"4913"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_left(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = not_after(&bytes);
        }
    }
}
