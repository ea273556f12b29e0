//! Keys and signatures as minisign has them, in the form that signs a BLAKE2b-512 of the message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest as _};
use ed25519_dalek::VerifyingKey;
use zeroize::Zeroizing;

use super::{PublicKey, Seed, SigningKey};

/// What a line that nobody signed begins with.
pub(super) const COMMENT: &str = "untrusted comment:";
const TRUSTED: &str = "trusted comment: ";
/// A key of Ed25519.
const KEY: &[u8; 2] = b"Ed";
/// A signature of a digest.
const DIGESTED: &[u8; 2] = b"ED";
/// Bytes of a private key: kinds, salt, limits, id, key and checksum.
const SECRET: usize = 6 + 32 + 16 + 8 + 64 + 32;

/// What minisign calls a key.
pub(super) fn name(id: [u8; 8]) -> String {
    format!("{:016X}", u64::from_le_bytes(id))
}

/// The id and the key of a line.
pub(super) fn public(base64: &str) -> Result<([u8; 8], VerifyingKey), String> {
    let read = || {
        let bytes = STANDARD.decode(base64).ok()?;
        let (kind, rest) = bytes.split_first_chunk::<2>()?;
        let (id, key) = rest.split_first_chunk::<8>()?;
        let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        (kind == KEY).then_some((*id, key))
    };
    read().ok_or_else(|| "it is neither a line `ssh-ed25519 AAAA..` nor a key of minisign".to_owned())
}

/// The id and the private key of a file.
pub(super) fn secret(text: &str) -> Result<([u8; 8], Seed), String> {
    const BROKEN: &str = "it is neither a private key of SSH nor one of minisign";
    let mut lines = text.lines();
    let base64 = match lines.next() {
        Some(first) if first.starts_with(COMMENT) => lines.next(),
        _ => None,
    };
    let bytes = base64.and_then(|line| STANDARD.decode(line.trim()).ok()).map(Zeroizing::new).ok_or(BROKEN)?;
    if bytes.len() != SECRET || !bytes.starts_with(KEY) {
        return Err(BROKEN.to_owned());
    }
    if bytes.get(2..4) != Some(&[0, 0]) {
        return Err("it is encrypted; `minisign -C -W` takes the password from a copy of it".to_owned());
    }
    let part = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
    let id: [u8; 8] = part(54, 62).try_into().map_err(|_| BROKEN)?;
    let mut seed = Seed::default();
    seed.copy_from_slice(part(62, 94));
    let derived = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
    if derived.as_bytes() != part(94, 126) {
        return Err(BROKEN.to_owned());
    }
    Ok((id, seed))
}

/// The file of a signature.
pub(super) fn sign(key: &SigningKey, id: [u8; 8], message: &[u8], comment: &str) -> String {
    let comment = comment.replace(['\n', '\r'], " ");
    let raw = key.raw(&Blake2b512::digest(message));
    let whole = key.raw(&[&raw, comment.as_bytes()].concat());
    let signature = STANDARD.encode([DIGESTED.as_slice(), &id, &raw].concat());
    format!("{COMMENT} a release of tenantctl\n{signature}\n{TRUSTED}{comment}\n{}\n", STANDARD.encode(whole))
}

/// A signature that was read.
pub(super) struct Read<'f> {
    pub(super) id: [u8; 8],
    raw: [u8; 64],
    comment: &'f str,
    whole: [u8; 64],
}

/// Reads the file of a signature; the error says why it is none.
pub(super) fn read(file: &str) -> Result<Read<'_>, String> {
    let parts = || {
        let mut lines = file.lines();
        lines.next()?.strip_prefix(COMMENT)?;
        let signature = STANDARD.decode(lines.next()?).ok()?;
        let comment = lines.next()?.strip_prefix(TRUSTED)?;
        let whole = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
        let (kind, rest) = signature.split_first_chunk::<2>()?;
        let (id, raw) = rest.split_first_chunk::<8>()?;
        let read = Read { id: *id, raw: raw.try_into().ok()?, comment, whole };
        (kind == DIGESTED && lines.next().is_none()).then_some(read)
    };
    parts().ok_or_else(|| "it is not a signature as minisign writes it".to_owned())
}

impl Read<'_> {
    /// Says why it is not a signature of a message by a key.
    pub(super) fn check(&self, key: &PublicKey, message: &[u8]) -> Result<(), String> {
        if !key.is_of(&self.raw, &Blake2b512::digest(message)) {
            return Err("it is a signature of something else".to_owned());
        }
        if !key.is_of(&self.whole, &[&self.raw, self.comment.as_bytes()].concat()) {
            return Err("its comment was changed".to_owned());
        }
        Ok(())
    }
}
