//! Keys with a public part: Ed25519 for signatures and SSH, and certificates that sign themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::ToSpan;
use jiff::civil::Date;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PublicKeyData};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use zeroize::Zeroizing;

use crate::sops::{NoRandomness, Randomness};

/// How a key of Ed25519 is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyForm {
    /// As `ssh-keygen` does.
    Openssh,
    /// PKCS #8 and X.509 in PEM, as `openssl genpkey` does.
    Pkcs8,
}

impl KeyForm {
    pub(crate) const ALL: [Self; 2] = [Self::Openssh, Self::Pkcs8];

    /// The word in the settings.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Openssh => "openssh",
            Self::Pkcs8 => "pkcs8",
        }
    }
}

/// How long keys of RSA may be: others are too weak, or take minutes to find.
pub(crate) const RSA_BITS: [usize; 3] = [2048, 3072, 4096];

/// What comes before the 32 bytes of a secret key of Ed25519 in PKCS #8 (RFC 8410, section 7).
const PKCS8: [u8; 16] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// What comes before the 32 bytes of a public key of Ed25519 in X.509 (RFC 8410, section 4).
const SPKI: [u8; 12] = [0x30, 0x2A, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 3, 0x21, 0];

/// A new key of Ed25519: its secret and its public part.
pub(super) fn ed25519(
    form: KeyForm,
    randomness: &mut dyn Randomness,
) -> Result<(Zeroizing<String>, String), NoRandomness> {
    let mut secret = Zeroizing::new([0; 32]);
    randomness.fill(secret.as_mut())?;
    let mut der = Zeroizing::new(Vec::with_capacity(PKCS8.len() + secret.len()));
    der.extend_from_slice(&PKCS8);
    der.extend_from_slice(secret.as_ref());
    let pair = KeyPair::try_from(der.as_slice()).map_err(|_| NoRandomness)?;
    let public = pair.der_bytes();
    match form {
        KeyForm::Pkcs8 => {
            let spki: Vec<u8> = SPKI.iter().chain(public).copied().collect();
            Ok((pem("PRIVATE KEY", &der, 64), pem("PUBLIC KEY", &spki, 64).to_string()))
        }
        KeyForm::Openssh => {
            let mut check = [0; 4];
            randomness.fill(&mut check)?;
            let mut blob = Vec::new();
            text(&mut blob, b"ssh-ed25519");
            text(&mut blob, public);
            let secret = openssh(secret.as_ref(), public, check, &blob);
            Ok((pem("OPENSSH PRIVATE KEY", &secret, 70), format!("ssh-ed25519 {}\n", STANDARD.encode(&blob))))
        }
    }
}

/// A new key of RSA: its secret and its public part. Primes are searched with a generator that has a seed of the system, so
/// that there is one moment at which randomness can be missing.
pub(super) fn rsa(bits: usize, randomness: &mut dyn Randomness) -> Result<(Zeroizing<String>, String), NoRandomness> {
    let mut seed = Zeroizing::new([0; 32]);
    randomness.fill(seed.as_mut())?;
    let mut search = ChaCha20Rng::from_seed(*seed);
    let key = RsaPrivateKey::new(&mut search, bits).map_err(|_| NoRandomness)?;
    let secret = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| NoRandomness)?;
    let public = key.to_public_key().to_public_key_pem(LineEnding::LF).map_err(|_| NoRandomness)?;
    Ok((secret, public))
}

/// The form of OpenSSH (PROTOCOL.key), without a passphrase.
fn openssh(secret: &[u8], public: &[u8], check: [u8; 4], blob: &[u8]) -> Zeroizing<Vec<u8>> {
    const ROOM: usize = 256;
    let mut own = Zeroizing::new(Vec::with_capacity(ROOM));
    own.extend_from_slice(&check);
    own.extend_from_slice(&check);
    own.extend_from_slice(blob);
    let both = Zeroizing::new([secret, public].concat());
    text(&mut own, &both);
    text(&mut own, b"");
    // Up to a multiple of eight bytes.
    let mut pad = 1;
    while own.len() % 8 != 0 {
        own.push(pad);
        pad += 1;
    }
    let mut file = Zeroizing::new(Vec::with_capacity(2 * ROOM));
    file.extend_from_slice(b"openssh-key-v1\0");
    text(&mut file, b"none");
    text(&mut file, b"none");
    text(&mut file, b"");
    file.extend_from_slice(&1_u32.to_be_bytes());
    text(&mut file, blob);
    text(&mut file, &own);
    file
}

/// Bytes with their length before them.
fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn pem(label: &str, der: &[u8], width: usize) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(der));
    let mut out = Zeroizing::new(String::with_capacity(2 * encoded.len() + 128));
    out.push_str(&format!("-----BEGIN {label}-----\n"));
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(width));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// A new key on P-256 and a certificate of a server for it that it signs itself, from a day on for so many.
pub(super) fn certificate(
    names: &[String],
    today: Date,
    days: usize,
) -> Result<(Zeroizing<String>, String), NoRandomness> {
    let made = || -> Option<(Zeroizing<String>, String)> {
        let until = today.checked_add(i64::try_from(days).ok()?.days()).ok()?;
        let day = |day: Date| {
            let number = |part: i8| u8::try_from(part).unwrap_or(1);
            rcgen::date_time_ymd(i32::from(day.year()), number(day.month()), number(day.day()))
        };
        let mut params = CertificateParams::new(names.to_vec()).ok()?;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, names.first()?.as_str());
        params.not_before = day(today);
        params.not_after = day(until);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let pair = KeyPair::generate().ok()?;
        let certificate = params.self_signed(&pair).ok()?;
        Some((Zeroizing::new(pair.serialize_pem()), certificate.pem()))
    };
    made().ok_or(NoRandomness)
}

/// Whether a text can be a name in a certificate: of a host, perhaps with a star, or an address.
pub(super) fn is_host(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.parse::<std::net::IpAddr>().is_ok() || name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::certificate::last_day;
    use super::*;

    /// The first test of RFC 8032, section 7.1.
    struct Known;

    impl Randomness for Known {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            const SECRET: [u8; 32] = [
                0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44,
                0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
            ];
            bytes.copy_from_slice(&SECRET[..bytes.len()]);
            Ok(())
        }
    }

    #[test]
    fn a_public_key_is_that_of_its_secret() {
        let (secret, public) = ed25519(KeyForm::Pkcs8, &mut Known).unwrap();
        // d75a9801..511a with what comes before it.
        assert!(public.contains("MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), "{public}");
        assert!(secret.contains("MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"), "{}", &*secret);
        let (secret, public) = ed25519(KeyForm::Openssh, &mut Known).unwrap();
        assert!(
            public.starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n")
        );
        assert!(
            secret.starts_with(
                "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB"
            )
        );
    }

    #[test]
    fn a_certificate_ends_on_its_day() {
        let names = ["db.example.com".to_owned(), "10.0.0.1".to_owned()];
        let (key, certificate) = certificate(&names, date(2026, 1, 31), 90).unwrap();
        assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(last_day(&certificate), Some(date(2026, 5, 1)));
    }

    #[test]
    fn names_of_certificates_are_hosts_or_addresses() {
        for host in ["a", "*.example.com", "10.0.0.1", "::1", "a-1.b"] {
            assert!(is_host(host), "{host}");
        }
        for other in ["", "*", "a..b", "-a", "a b", "ä", "*.*.a"] {
            assert!(!is_host(other), "{other}");
        }
    }
}
