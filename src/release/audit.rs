//! Whether a ledger and all that it stores is what it was.
//!
//! In goes a [`Ledger`] and a world, out come counts and every finding: the chain of entries, and each stored text held
//! against its digest.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Serialize;

use super::digest::Digest;
use super::entry::Blob;
use super::ledger::{FOLDER, Ledger, Sealed};
use super::signing::Signing;
use super::store::{self, Damage};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, count};
use crate::world::World;

/// Uses of one damaged file that are named.
const FEW: usize = 3;

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// The environment.
    pub environment: String,
    /// Number of entries.
    pub entries: usize,
    /// Number of stored texts.
    pub stored: usize,
    /// Number of stored texts that were given up.
    pub pruned: usize,
    /// Number of entries that are signed by a key that is allowed.
    pub signed: usize,
    /// Number of entries that are signed by a key that nobody spoke of.
    pub signed_by_unknown: usize,
    /// The newest entry.
    pub newest: Option<Newest>,
}

/// The newest entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Newest {
    /// Its number.
    pub number: u64,
    /// Its hash: who knows it knows the whole ledger.
    pub hash: Digest,
}

impl Audit {
    /// A line for people.
    pub fn line(&self) -> String {
        let Self { environment, entries, stored, pruned, signed, signed_by_unknown, newest } = self;
        let Some(newest) = newest else { return format!("{environment}: no releases\n") };
        let pruned = if *pruned > 0 { format!(", {} given up", count(*pruned, "file")) } else { String::new() };
        let signed = match (signed, signed_by_unknown) {
            (0, 0) => String::new(),
            (signed, 0) => format!(", {signed} signed"),
            (0, unknown) => format!(", {unknown} signed by keys that nobody allowed"),
            (signed, unknown) => format!(", {signed} signed and {unknown} by keys that nobody allowed"),
        };
        let entries = if *entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") };
        let stored = count(*stored, "stored file");
        format!(
            "{environment}: {entries} and {stored} are what they were{pruned}{signed}; newest {} {}\n",
            newest.number, newest.hash
        )
    }

    /// Several as JSON, on one line.
    pub fn json(audits: &[Self]) -> String {
        // Strings and numbers: there is nothing serde could refuse.
        serde_json::to_string(audits).unwrap_or_default() + "\n"
    }

    /// Looks at everything. An error is a ledger or a text that is not what it was.
    pub fn of(
        world: &dyn World,
        ledger: &Ledger,
        signing: &Signing,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let mark = diagnostics.mark();
        let sound = ledger.sound(diagnostics);
        let _ = sound.and_then(|()| ledger.unforked(diagnostics));
        let signed = signing.hold(ledger, diagnostics).unwrap_or_default();
        let given_up = given_up(ledger);
        let mut stored: BTreeMap<Digest, (Blob, Vec<String>, bool)> = BTreeMap::new();
        for sealed in ledger.entries() {
            let needed = !given_up.contains(sealed.hash());
            for (path, blob) in sealed.entry().blobs() {
                let (_, uses, wanted) = stored.entry(blob.digest).or_insert((*blob, Vec::new(), false));
                if needed {
                    *wanted = true;
                    uses.push(format!("release {}: {path}", sealed.entry().number));
                }
            }
        }
        let pruned = stored.values().filter(|(.., wanted)| !wanted).count();
        stored.retain(|_, (.., wanted)| *wanted);
        let damage =
            |(blob, uses, _): &(Blob, Vec<String>, bool)| Some((store::text(world, blob).err()?, *blob, uses.clone()));
        let found: Vec<_> = stored.par_iter().filter_map(|(_, text)| damage(text)).collect();
        for (damage, blob, uses) in found {
            diagnostics.record(told(&damage, &blob, &uses));
        }
        diagnostics.since(mark)?;
        let newest = ledger.entries().last();
        Ok(Self {
            environment: ledger.environment().to_owned(),
            entries: ledger.entries().len(),
            stored: stored.len(),
            pruned,
            signed: signed.allowed,
            signed_by_unknown: signed.unknown,
            newest: newest.map(|sealed| Newest { number: sealed.entry().number, hash: *sealed.hash() }),
        })
    }
}

/// The releases whose stored texts were given up.
pub(super) fn given_up(ledger: &Ledger) -> BTreeSet<Digest> {
    ledger.entries().iter().flat_map(|sealed| &sealed.entry().pruned).map(|reference| reference.hash).collect()
}

/// The finding about a stored text, and who needs it.
fn told(damage: &Damage, blob: &Blob, uses: &[String]) -> Diagnostic {
    let file = format!("{FOLDER}/{}", store::object(&blob.digest));
    let message = match damage {
        Damage::Missing => format!("{file} is not there"),
        Damage::Changed(why) => format!("{file} was changed: {why}"),
        Damage::Refused(why) => format!("{file} cannot be read: {why}"),
    };
    let more = uses.len().saturating_sub(FEW);
    let mut diagnostic = Diagnostic::new(code::STORED, message);
    for name in uses.iter().take(FEW) {
        diagnostic = diagnostic.note(format!("it is needed for {name}"));
    }
    if more > 0 {
        diagnostic = diagnostic.note(format!("and for {}", count(more, "more file")));
    }
    diagnostic.help(format!("take it back from version control: `git log --all -- '{file}'`"))
}

/// The stored texts of one entry, by path below the folder of the environment. An error is one that is missing or was
/// changed, or a release whose texts were given up.
pub fn texts(
    world: &dyn World,
    ledger: &Ledger,
    sealed: &Sealed,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<(String, String)>, Failed> {
    texts_of(world, ledger, sealed, |_, _| true, diagnostics)
}

/// The same of those that `chosen` holds for, by path and digest.
pub(super) fn texts_of(
    world: &dyn World,
    ledger: &Ledger,
    sealed: &Sealed,
    chosen: impl Fn(&str, &Blob) -> bool,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<(String, String)>, Failed> {
    let called = ledger.called(sealed);
    if sealed.release().is_none() {
        let message = format!("entry {called} of {} gives up stored files, and is no release", ledger.environment());
        return Err(diagnostics.fail(
            Diagnostic::new(code::UNKNOWN_RELEASE, message)
                .help(format!("`tenantctl release list {}` shows the releases", ledger.environment())),
        ));
    }
    if given_up(ledger).contains(sealed.hash()) {
        let message = format!("the files of release {called} of {} were given up", ledger.environment());
        return Err(diagnostics.fail(
            Diagnostic::new(code::STORED, message)
                .help("name a newer release; what was pruned may still be in an older commit of the ledger"),
        ));
    }
    let blobs = sealed.entry().blobs().filter(|(path, blob)| chosen(path, blob));
    let blobs: Vec<(String, Blob)> = blobs.map(|(path, blob)| (path, *blob)).collect();
    let read: Vec<_> = blobs.par_iter().map(|(_, blob)| store::text(world, blob)).collect();
    let mark = diagnostics.mark();
    let mut texts = Vec::with_capacity(blobs.len());
    for ((path, blob), read) in blobs.into_iter().zip(read) {
        match read {
            Ok(text) => texts.push((path, text)),
            Err(damage) => diagnostics.record(told(&damage, &blob, &[format!("release {called}: {path}")])),
        }
    }
    diagnostics.since(mark).map(|()| texts)
}
