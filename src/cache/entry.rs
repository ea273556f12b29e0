//! An entry: what a batch was made into, as bytes.
//!
//! Four bytes of length, a header as JSON, then the texts one after the other; all of it packed with LZ4, since the
//! objects of tenants are much alike.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use crate::check::{Claims, Content, Document, KeptSealed, Sealed};
use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::target::Target;

/// Most bytes that an entry unpacks to.
const LARGEST: usize = 256 * 1024 * 1024;

/// What one target was made into.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// What it claims among all targets.
    pub(crate) claims: Claims,
    /// Its objects as they were wanted.
    pub(crate) document: Document,
    /// What was found after its files were read; none is an error, or it would not have been approved.
    pub(crate) found: Vec<Diagnostic>,
}

/// The header: one for each target.
#[derive(Debug, Serialize, Deserialize)]
struct Item {
    objects: usize,
    manifest: Text,
    /// By path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    artifacts: Vec<(Arc<str>, Text)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sealed: Vec<KeptSealed>,
    claims: Vec<crate::check::Claim>,
    #[serde(default)]
    share: crate::policy::Share,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    found: Vec<Finding>,
}

/// A text, which stands behind the header.
#[derive(Debug, Serialize, Deserialize)]
struct Text {
    bytes: usize,
    /// Who has the same text has the same digest, and need not make it.
    digest: String,
}

impl Text {
    fn of(content: &Content) -> Self {
        Self { bytes: content.bytes(), digest: content.digest().to_hex().to_string() }
    }

    /// Takes it from the texts that are left.
    fn take(&self, texts: &mut &str) -> Option<Content> {
        let (text, after) = texts.split_at_checked(self.bytes)?;
        *texts = after;
        Some(Content::new(text.to_owned()).with_digest(blake3::Hash::from_hex(&self.digest).ok()?))
    }
}

/// The bytes of a batch; each target with the files it was made from. `None` if a finding speaks of another file.
pub(crate) fn encode(batch: &[(&Kept, Vec<FileId>)]) -> Option<Vec<u8>> {
    let item = |(kept, files): &(&Kept, Vec<FileId>)| {
        let (manifest, artifacts) = kept.document.contents();
        Some(Item {
            objects: kept.document.objects(),
            manifest: Text::of(manifest),
            artifacts: artifacts.iter().map(|(path, content)| (Arc::clone(path), Text::of(content))).collect(),
            sealed: kept.document.sealed().iter().map(Sealed::keep).collect(),
            claims: kept.claims.list().to_vec(),
            share: kept.claims.share().clone(),
            found: kept.found.iter().map(|found| Finding::new(found, files)).collect::<Option<_>>()?,
        })
    };
    let items: Vec<Item> = batch.iter().map(item).collect::<Option<_>>()?;
    let header = serde_json::to_vec(&items).ok()?;
    let texts: usize = batch.iter().map(|(kept, _)| kept.document.bytes()).sum();
    let mut bytes = Vec::with_capacity(4 + header.len() + texts);
    bytes.extend_from_slice(&u32::try_from(header.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&header);
    for (kept, _) in batch {
        let (manifest, artifacts) = kept.document.contents();
        for content in std::iter::once(manifest).chain(artifacts.iter().map(|(_, content)| content)) {
            bytes.extend_from_slice(content.text().as_bytes());
        }
    }
    (bytes.len() <= LARGEST).then(|| lz4_flex::compress_prepend_size(&bytes))
}

/// What a batch was made into. `None` if the bytes do not fit the targets.
pub(crate) fn decode(packed: &[u8], batch: &[(Arc<Target>, Vec<FileId>)]) -> Option<Vec<Kept>> {
    let (size, packed) = lz4_flex::block::uncompressed_size(packed).ok()?;
    let bytes = (size <= LARGEST).then(|| lz4_flex::decompress(packed, size).ok()).flatten()?;
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (header, texts) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let items: Vec<Item> = serde_json::from_slice(header).ok()?;
    let mut texts = std::str::from_utf8(texts).ok()?;
    if items.len() != batch.len() {
        return None;
    }
    let mut kept = Vec::with_capacity(items.len());
    for (item, (target, files)) in items.into_iter().zip(batch) {
        let manifest = item.manifest.take(&mut texts)?;
        let artifacts = item.artifacts.into_iter().map(|(path, text)| Some((path, text.take(&mut texts)?)));
        let artifacts = artifacts.collect::<Option<_>>()?;
        let sealed = item.sealed.into_iter().map(KeptSealed::sealed).collect::<Option<_>>()?;
        kept.push(Kept {
            claims: Claims::kept(Arc::clone(target), item.claims, item.share),
            document: Document::kept(Arc::clone(target), item.objects, manifest, artifacts).with_sealed(sealed),
            found: item.found.into_iter().map(|found| found.diagnostic(files)).collect::<Option<_>>()?,
        });
    }
    texts.is_empty().then_some(kept)
}
