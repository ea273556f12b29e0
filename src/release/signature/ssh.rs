//! Keys and signatures as OpenSSH has them: `PROTOCOL.key` and `PROTOCOL.sshsig` of its sources.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ed25519_dalek::VerifyingKey;
use sha2::Digest as _;
use zeroize::Zeroizing;

use super::wire::{Reader, put};
use super::{Seed, SigningKey};

/// What kind of key it is.
pub(super) const KIND: &str = "ssh-ed25519";
/// The first line of a private key.
pub(super) const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";
/// What the bytes of a private key begin with.
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// What our signatures are for: one for a file of mail is none for a release.
pub(in crate::release) const NAMESPACE: &str = "release@tenantctl.dev";
const SIGNATURE_BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const SIGNATURE_END: &str = "-----END SSH SIGNATURE-----";
/// What the bytes of a signature begin with, and what is signed.
const SIGNATURE_MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;
/// Characters of a line of a signature.
const WIDTH: usize = 70;

/// The key in the middle of a line.
pub(super) fn public(base64: &str) -> Result<VerifyingKey, String> {
    let blob = STANDARD.decode(base64).map_err(|_| "the key is not Base64".to_owned())?;
    read_public(&blob).ok_or_else(|| format!("it is not a key of the kind {KIND}"))
}

fn read_public(blob: &[u8]) -> Option<VerifyingKey> {
    let mut reader = Reader::new(blob);
    let (kind, key) = (reader.string()?, reader.string()?);
    let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
    (kind == KIND.as_bytes() && reader.is_empty()).then_some(key)
}

fn blob(key: &VerifyingKey) -> Vec<u8> {
    let mut blob = Vec::with_capacity(51);
    put(&mut blob, KIND.as_bytes());
    put(&mut blob, key.as_bytes());
    blob
}

/// `SHA256:..`, as `ssh-keygen -l` prints it.
pub(super) fn fingerprint(key: &VerifyingKey) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(sha2::Sha256::digest(blob(key))))
}

/// The bytes between two lines.
fn armoured(text: &str, begin: &str, end: &str) -> Option<Zeroizing<Vec<u8>>> {
    let body = text.trim().strip_prefix(begin)?.strip_suffix(end)?;
    let base64: Zeroizing<String> = Zeroizing::new(body.split(['\n', '\r']).collect());
    STANDARD.decode(base64.as_bytes()).ok().map(Zeroizing::new)
}

/// The private key of a file.
pub(super) fn secret(text: &str) -> Result<Seed, String> {
    const BROKEN: &str = "it is not a private key as ssh-keygen writes it";
    let bytes = armoured(text, BEGIN, END).ok_or(BROKEN)?;
    let mut reader = Reader::new(&bytes);
    if reader.take(MAGIC.len()) != Some(MAGIC) {
        return Err(BROKEN.to_owned());
    }
    let mut string = || reader.string().ok_or(BROKEN);
    let (cipher, _, _) = (string()?, string()?, string()?);
    if cipher != b"none" {
        return Err("it is encrypted; `ssh-keygen -p -N ''` takes the passphrase from a copy of it".to_owned());
    }
    if reader.number() != Some(1) {
        return Err("it must hold one key".to_owned());
    }
    let (public, private) = (reader.string().ok_or(BROKEN)?, reader.string().ok_or(BROKEN)?);
    let Some(public) = read_public(public) else {
        return Err(format!("a key is of the kind {KIND}, and this one is another; `ssh-keygen -t ed25519` makes one"));
    };
    read_private(private, &public).ok_or_else(|| BROKEN.to_owned())
}

fn read_private(private: &[u8], public: &VerifyingKey) -> Option<Seed> {
    let mut reader = Reader::new(private);
    // Two equal numbers tell that a key was decrypted well; this one was not encrypted.
    let same = reader.number()? == reader.number()?;
    let (kind, key, pair) = (reader.string()?, reader.string()?, reader.string()?);
    let (seed, again) = pair.split_at_checked(32)?;
    let fits = same && kind == KIND.as_bytes() && key == public.as_bytes() && again == key;
    let mut copy = Seed::default();
    copy.copy_from_slice(seed);
    let derived = ed25519_dalek::SigningKey::from_bytes(&copy).verifying_key();
    (fits && derived == *public).then_some(copy)
}

/// What is signed of a message.
fn signed(hash: &str, message: &[u8]) -> Option<Vec<u8>> {
    let digest = match hash {
        "sha256" => sha2::Sha256::digest(message).to_vec(),
        "sha512" => sha2::Sha512::digest(message).to_vec(),
        _ => return None,
    };
    let mut bytes = SIGNATURE_MAGIC.to_vec();
    for part in [NAMESPACE.as_bytes(), b"", hash.as_bytes(), &digest] {
        put(&mut bytes, part);
    }
    Some(bytes)
}

/// The file of a signature.
pub(super) fn sign(key: &SigningKey, message: &[u8]) -> String {
    const HASH: &str = "sha512";
    let raw = key.raw(&signed(HASH, message).unwrap_or_default());
    let mut signature = Vec::with_capacity(83);
    put(&mut signature, KIND.as_bytes());
    put(&mut signature, &raw);
    let mut bytes = SIGNATURE_MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    for part in [&blob(&key.public().key), NAMESPACE.as_bytes(), b"", HASH.as_bytes(), &signature] {
        put(&mut bytes, part);
    }
    let base64 = STANDARD.encode(bytes);
    let mut text = format!("{SIGNATURE_BEGIN}\n");
    for line in base64.as_bytes().chunks(WIDTH) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + SIGNATURE_END + "\n"
}

/// The key whose signature of a message a file holds, or why it holds none.
pub(super) fn check(text: &str, message: &[u8]) -> Result<VerifyingKey, String> {
    const BROKEN: &str = "it is not a signature as ssh-keygen writes it";
    let bytes = armoured(text, SIGNATURE_BEGIN, SIGNATURE_END).ok_or(BROKEN)?;
    let mut reader = Reader::new(&bytes);
    if reader.take(SIGNATURE_MAGIC.len()) != Some(SIGNATURE_MAGIC) || reader.number() != Some(VERSION) {
        return Err(BROKEN.to_owned());
    }
    let mut string = || reader.string().ok_or(BROKEN);
    let (public, namespace, _reserved, hash, signature) = (string()?, string()?, string()?, string()?, string()?);
    let mut whole = reader.is_empty();
    if namespace != NAMESPACE.as_bytes() {
        return Err(format!("it is for something else than `{NAMESPACE}`"));
    }
    let Some(key) = read_public(public) else { return Err(format!("it is not by a key of the kind {KIND}")) };
    let mut reader = Reader::new(signature);
    let (kind, raw) = (reader.string().ok_or(BROKEN)?, reader.string().ok_or(BROKEN)?);
    whole &= reader.is_empty();
    let raw: &[u8; 64] = raw.try_into().map_err(|_| BROKEN)?;
    let signed = signed(&String::from_utf8_lossy(hash), message).ok_or("its hash is neither sha256 nor sha512")?;
    let known = super::PublicKey { form: super::Form::Ssh, key, id: [0; 8] };
    if whole && kind == KIND.as_bytes() && known.is_of(raw, &signed) {
        return Ok(key);
    }
    Err("it is a signature of something else".to_owned())
}
