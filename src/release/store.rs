//! Stored texts: each once, under its digest, packed with gzip.
//!
//! In goes a text, out comes the name of its file, `objects/<2 digits>/<62 digits>`, and the packed bytes; and the other
//! way round, with every byte held against the digest. Equal texts of any number of tenants and releases are one file.
//! `zcat < FILE | sha256sum` prints its name.

use std::io::{Read, Write};

use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};

use super::digest::Digest;
use super::entry::Blob;
use super::ledger::{FOLDER, OBJECTS};
use crate::world::{Unreadable, World};

/// Most bytes of a text, as much as a target may render.
pub(super) const LARGEST: u64 = 64 << 20;

/// Why a stored text cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Its file is not there.
    Missing,
    /// Its file holds something else.
    Changed(String),
    /// The system does not let us read it.
    Refused(String),
}

/// The name of the file of a text, in the folder of ledgers.
pub fn object(digest: &Digest) -> String {
    let digits = digest.hex();
    let (first, rest) = digits.split_at(2);
    format!("{OBJECTS}/{first}/{rest}")
}

/// The digest that the name of a file stands for; `None` if no text is stored under it.
pub(super) fn digest_of(object: &str) -> Option<Digest> {
    let digits: String = object.strip_prefix(OBJECTS)?.strip_prefix('/')?.split('/').collect();
    let digest = format!("sha256:{digits}").parse().ok()?;
    (self::object(&digest) == object).then_some(digest)
}

/// Packs a text. The same text gives the same bytes: no name and no time are in them.
pub(super) fn pack(text: &str) -> Vec<u8> {
    let mut packer = GzBuilder::new().operating_system(255).write(Vec::new(), Compression::new(6));
    // Memory refuses nothing.
    let _ = packer.write_all(text.as_bytes());
    packer.finish().unwrap_or_default()
}

/// Unpacks a text, and holds it against its digest.
pub(super) fn unpack(packed: &[u8], blob: &Blob) -> Result<String, Damage> {
    let changed = |why: &str| Damage::Changed(why.to_owned());
    if blob.bytes > LARGEST {
        return Err(changed("the ledger says it is larger than any text that is stored"));
    }
    let mut text = Vec::with_capacity(usize::try_from(blob.bytes).unwrap_or(0) + 1);
    let mut unpacker = GzDecoder::new(packed).take(blob.bytes + 1);
    unpacker.read_to_end(&mut text).map_err(|_| changed("it cannot be unpacked"))?;
    let found = Digest::of(&text);
    if found != blob.digest {
        let more = text.len() as u64 > blob.bytes;
        return Err(changed(&if more {
            "it is longer than it was".to_owned()
        } else {
            format!("its content has {found}")
        }));
    }
    String::from_utf8(text).map_err(|_| changed("it is not UTF-8"))
}

/// Reads a stored text of a workspace.
pub fn text(world: &dyn World, blob: &Blob) -> Result<String, Damage> {
    let packed = world.read(&format!("{FOLDER}/{}", object(&blob.digest)), LARGEST).map_err(|why| match why {
        Unreadable::Missing => Damage::Missing,
        Unreadable::Outside | Unreadable::NotAFile => Damage::Changed("it is not a regular file".to_owned()),
        Unreadable::TooLarge { .. } => Damage::Changed("it is longer than anything that is stored".to_owned()),
        Unreadable::System(why) => Damage::Refused(why),
    })?;
    unpack(&packed, blob)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(text: &str) -> Blob {
        Blob { digest: Digest::of(text), bytes: text.len() as u64 }
    }

    #[test]
    fn a_text_is_unpacked_as_it_was_packed() {
        for text in ["", "a: b\n", &"é🎵\n".repeat(100_000)] {
            assert_eq!(unpack(&pack(text), &blob(text)).as_deref(), Ok(text));
        }
        let long = "replicas: 3\n".repeat(1000);
        assert!(pack(&long).len() < 200);
        assert_eq!(pack(&long), pack(&long));
    }

    #[test]
    fn what_was_changed_is_no_text() {
        let packed = pack("a: b\n");
        assert!(matches!(unpack(&packed, &blob("a: c\n")), Err(Damage::Changed(_))));
        assert!(matches!(unpack(&packed[..10], &blob("a: b\n")), Err(Damage::Changed(_))));
        assert!(matches!(unpack(b"", &blob("a: b\n")), Err(Damage::Changed(_))));
        // A few bytes that unpack to gigabytes are given up at the length that the ledger says.
        let bomb = pack(&"0".repeat(32 << 20));
        assert_eq!(unpack(&bomb, &blob("a: b\n")), Err(Damage::Changed("it is longer than it was".to_owned())));
    }

    #[test]
    fn names_stand_for_digests() {
        let digest = Digest::of("abc");
        assert_eq!(digest_of(&object(&digest)), Some(digest));
        for name in [
            "objects/ba/7816",
            "objects/../x",
            "objects/b/a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ] {
            assert_eq!(digest_of(name), None);
        }
    }
}
