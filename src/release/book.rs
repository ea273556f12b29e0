//! The ledgers of a workspace while a run writes to them.
//!
//! In go an entry and packed texts, out come files: texts first, then the entry, each at one instant. Until the entry is there
//! nothing has happened; texts that a run left that ended before are used by the next one, or removed when it prunes. Two
//! runs never write at once.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use super::digest::Digest;
use super::draft::Drafted;
use super::entry::{Blob, Entry};
use super::ledger::{FOLDER, Ledger, Sealed};
use super::prune::Prune;
use super::rollback::Restored;
use super::signature::SigningKey;
use super::store;
use crate::diagnostic::{Diagnostics, Failed};
use crate::output::{Folder, Found};
use crate::source::Sources;

/// What version control must know of the folder: what is not for it, and that it must not change the end of a line.
const KEPT: [(&str, &str); 2] =
    [(".gitignore", "/.lock\n.tenantctl-*.tmp\n"), (".gitattributes", "* -text\n/objects/** binary\n")];

/// The ledgers of a workspace, locked until this is dropped.
#[derive(Debug)]
pub struct Book {
    folder: Folder,
    signer: Option<SigningKey>,
}

impl Book {
    /// Opens the ledgers of the workspace in `root`. What is entered is signed, if there is a key. An error is another run that writes, or a disk that refuses.
    pub fn open(
        root: &Path,
        signer: Option<SigningKey>,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let shown = sources.in_workspace(FOLDER);
        Ok(Self { folder: Folder::ledger(&root.join(FOLDER), shown, diagnostics)?, signer })
    }

    /// Puts a release down, with the texts that it needs. Gives how many texts were not there before.
    pub fn release(&self, entry: &Entry, drafted: &Drafted, diagnostics: &mut Diagnostics) -> Result<usize, Failed> {
        self.write(entry, &drafted.packed, diagnostics)
    }

    pub(super) fn write(
        &self,
        entry: &Entry,
        packed: &BTreeMap<Digest, Vec<u8>>,
        diagnostics: &mut Diagnostics,
    ) -> Result<usize, Failed> {
        for (name, text) in KEPT {
            if self.folder.find(name, diagnostics)? == Found::Nothing {
                self.folder.keep(name, text.as_bytes(), diagnostics)?;
            }
        }
        let bytes: BTreeMap<Digest, u64> = entry.blobs().map(|(_, blob)| (blob.digest, blob.bytes)).collect();
        let put = |(digest, packed): (&Digest, &Vec<u8>)| {
            let mut refused = diagnostics.untargeted();
            let blob = Blob { digest: *digest, bytes: bytes.get(digest).copied().unwrap_or(0) };
            self.put(&blob, packed, &mut refused).map_err(|failed| (failed, refused))
        };
        let results: Vec<_> = packed.par_iter().map(put).collect();
        let mut new = 0;
        for result in results {
            match result {
                Ok(written) => new += usize::from(written),
                // A disk that is full refuses many; one is enough to know.
                Err((failed, refused)) => {
                    diagnostics.extend(refused);
                    return Err(failed);
                }
            }
        }
        let file = format!("{}/{}", entry.environment, entry.file_name());
        let text = entry.text();
        if let Some(key) = &self.signer {
            // A signature of an entry that is not there yet is nothing.
            let comment = format!("{} release {} {}", entry.environment, entry.number, entry.hash());
            let signature = key.sign(text.as_bytes(), &comment);
            self.folder.keep(&(file.clone() + key.form().suffix()), signature.as_bytes(), diagnostics)?;
        }
        self.folder.keep(&file, text.as_bytes(), diagnostics)?;
        Ok(new)
    }

    /// Enters a release that comes back; its texts are there.
    pub fn restore(&self, restored: &Restored, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        match restored.entry() {
            Some(entry) => self.write(entry, &BTreeMap::new(), diagnostics).map(drop),
            None => Ok(()),
        }
    }

    /// Gives texts up: first it is entered that they are gone, then they go.
    pub fn prune(&self, prune: &Prune, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        if let Some(entry) = &prune.entry {
            self.write(entry, &BTreeMap::new(), diagnostics)?;
        }
        prune.remove.iter().try_for_each(|file| self.folder.remove(file, diagnostics))
    }

    /// Stores a text, unless it is there. What is there and was changed is put right.
    fn put(&self, blob: &Blob, packed: &[u8], diagnostics: &mut Diagnostics) -> Result<bool, Failed> {
        let name = store::object(&blob.digest);
        if let Found::File(there) = self.folder.find(&name, diagnostics)?
            && (there == packed || store::unpack(&there, blob).is_ok())
        {
            return Ok(false);
        }
        self.folder.keep(&name, packed, diagnostics).map(|()| true)
    }
}

/// The number of the next entry, and the hashes of those that it comes after.
pub(super) fn next(ledger: &Ledger) -> (u64, Vec<Digest>) {
    let heads = ledger.heads();
    let number = heads.iter().map(|head| head.entry().number).max().unwrap_or(0) + 1;
    (number, heads.into_iter().map(Sealed::hash).copied().collect())
}
