//! Giving up the stored texts of old releases. Their entries stay, so that the chain holds, and a new entry says which
//! texts are gone for good.
//!
//! In go the ledgers of a workspace, out come the entry to write and the files to remove. A text that any kept release of
//! any environment has stays.

use std::collections::BTreeSet;

use super::audit::given_up;
use super::digest::Digest;
use super::entry::{Entry, Reference};
use super::ledger::{FOLDER, Ledger, OBJECTS, Sealed};
use super::signature::Form;
use super::stamp::Stamp;
use super::store;
use crate::diagnostic::{Diagnostics, Failed, count};
use crate::file::{self, Reason};
use crate::world::World;

/// The begin and the end of the name of a file that is being written.
const TEMPORARY: (&str, &str) = (".tenantctl-", ".tmp");

/// What is to be given up.
#[derive(Clone, Debug)]
pub struct Prune {
    environment: String,
    /// The entry to write; `None` if no release is given up.
    pub(super) entry: Option<Entry>,
    /// The files to remove, by path in the folder of ledgers.
    pub(super) remove: Vec<String>,
    given_up: Vec<u64>,
}

impl Prune {
    /// What is to be given up so that the newest `keep` releases of an environment are left. Also what no entry speaks of, as
    /// runs leave it that ended before they were done. An error is a ledger of any environment that is not sound.
    pub fn plan(
        world: &dyn World,
        ledger: &Ledger,
        keep: usize,
        stamp: &Stamp,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        ledger.newest(diagnostics)?;
        let before = given_up(ledger);
        let releases: Vec<&Sealed> = ledger.entries().iter().filter(|sealed| sealed.release().is_some()).collect();
        let old = releases.get(..releases.len().saturating_sub(keep)).unwrap_or_default();
        let going: Vec<&Sealed> = old.iter().copied().filter(|sealed| !before.contains(sealed.hash())).collect();
        let entry = (!going.is_empty()).then(|| {
            let mut entry = stamp.entry(ledger, None);
            let reference = |sealed: &&Sealed| Reference { number: sealed.entry().number, hash: *sealed.hash() };
            entry.pruned = going.iter().map(reference).collect();
            entry
        });
        let mut gone = before;
        gone.extend(going.iter().map(|sealed| *sealed.hash()));
        let mut needed = needs(ledger, &gone);
        for environment in Ledger::environments(world).iter().filter(|name| *name != ledger.environment()) {
            let other = Ledger::read(world, environment, diagnostics)?;
            other.sound(diagnostics)?;
            needed.extend(needs(&other, &given_up(&other)));
        }
        Ok(Self {
            environment: ledger.environment().to_owned(),
            entry,
            remove: idle(world, &needed, diagnostics)?,
            given_up: going.iter().map(|sealed| sealed.entry().number).collect(),
        })
    }

    /// What it does, for people.
    pub fn line(&self) -> String {
        let files = count(self.remove.len(), "stored file");
        let environment = &self.environment;
        match self.given_up.as_slice() {
            [] => format!("{environment}: no release is given up; {files} that no release needs"),
            [one] => format!("{environment}: release {one} is given up; {files} that no release needs"),
            [first, .., last] => {
                format!("{environment}: releases {first} to {last} are given up; {files} that no release needs")
            }
        }
    }
}

/// The texts of releases that were not given up.
fn needs(ledger: &Ledger, gone: &BTreeSet<Digest>) -> BTreeSet<Digest> {
    let kept = ledger.entries().iter().filter(|sealed| !gone.contains(sealed.hash()));
    kept.flat_map(|sealed| sealed.entry().blobs().map(|(_, blob)| blob.digest).collect::<Vec<_>>()).collect()
}

/// The files that nothing needs: stored texts, and what a run left half-written.
fn idle(world: &dyn World, needed: &BTreeSet<Digest>, diagnostics: &mut Diagnostics) -> Result<Vec<String>, Failed> {
    let folder = format!("{FOLDER}/");
    let reason = Reason { place: None, what: "the ledger of releases".to_owned() };
    let files = world.list(FOLDER).map_err(|why| diagnostics.fail(file::unreadable(FOLDER, &why, &reason)))?;
    let names = files.iter().filter_map(|file| file.strip_prefix(&folder));
    let idle = names.filter(|name| {
        let last = name.rsplit('/').next().unwrap_or(name);
        let half = last.starts_with(TEMPORARY.0) && last.ends_with(TEMPORARY.1);
        // A signature comes before its entry.
        let signed = Form::ALL.iter().find_map(|form| name.strip_suffix(form.suffix()));
        let half =
            half || signed.is_some_and(|entry| !files.iter().any(|file| file.strip_prefix(&folder) == Some(entry)));
        let stored = name.starts_with(&format!("{OBJECTS}/")).then(|| store::digest_of(name)).flatten();
        half || stored.is_some_and(|digest| !needed.contains(&digest))
    });
    Ok(idle.map(ToOwned::to_owned).collect())
}
