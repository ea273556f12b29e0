//! When something is entered into a ledger, and by whom.

use std::path::Path;

use jiff::{Timestamp, Unit};

use super::author::Author;
use super::book::next;
use super::draft::Drafted;
use super::entry::{Entry, FORM, Release};
use super::ledger::Ledger;
use crate::cache::PROGRAM;
use crate::diagnostic::{Diagnostics, Failed};
use crate::world::World;

/// When something is entered into a ledger, and by whom.
#[derive(Clone, Debug)]
pub struct Stamp {
    author: Author,
    created: Timestamp,
}

impl Stamp {
    /// Here and now, or when `SOURCE_DATE_EPOCH` says; an error if nobody knows who it is.
    pub fn new(world: &dyn World, root: &Path, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let author = Author::find(world, root).map_err(|unknown| diagnostics.fail(*unknown))?;
        let epoch = world.variable("SOURCE_DATE_EPOCH").and_then(|seconds| seconds.parse().ok());
        let epoch = epoch.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let now = world.now();
        let created = epoch.unwrap_or_else(|| now.round(Unit::Second).unwrap_or(now));
        Ok(Self { author, created })
    }

    /// The entry of a release, to come after all there is.
    pub fn release(&self, ledger: &Ledger, drafted: &Drafted) -> Entry {
        self.entry(ledger, Some(drafted.release.clone()))
    }

    pub(super) fn entry(&self, ledger: &Ledger, release: Option<Release>) -> Entry {
        let (number, previous) = next(ledger);
        Entry {
            schema: FORM.to_owned(),
            environment: ledger.environment().to_owned(),
            number,
            previous,
            created: self.created,
            author: self.author.clone(),
            tool: PROGRAM.to_owned(),
            release,
            restores: None,
            pruned: Vec::new(),
        }
    }
}
