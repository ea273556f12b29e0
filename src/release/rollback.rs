//! Bringing an older release back: a new entry with what the older one had, from the stored texts.
//!
//! In go the number of a release, out come its texts and the entry to write. Nothing is rendered: what was released is
//! what comes back, also where the workspace has moved on. Secrets are no part of it.

use std::sync::Arc;

use super::audit;
use super::downgrade::{Then, downgrades};
use super::entry::{Entry, Reference};
use super::ledger::{Ledger, Sealed};
use super::number::Number;
use super::page::is_manifest;
use super::stamp::Stamp;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, Severity, code};
use crate::world::World;

/// A release that comes back. Made only of texts that were held against their digests in a ledger that is sound; they
/// were approved when they were stored.
#[derive(Debug)]
pub struct Restored {
    environment: String,
    overrides: Vec<Arc<str>>,
    /// By path below the folder of the environment, in target order.
    texts: Vec<(String, String)>,
    tenants: usize,
    entry: Entry,
    /// Whether the release is the newest one already, so that there is nothing to enter.
    newest: bool,
    withheld: usize,
    from: String,
}

impl Restored {
    /// Reads a release that is to come back. What goes back to an older form is an error, or with `downgrade` a warning.
    pub fn read(
        world: &dyn World,
        ledger: &Ledger,
        number: &Number,
        stamp: &Stamp,
        downgrade: bool,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let newest = ledger.known_newest(diagnostics)?;
        let sealed = ledger.find(number, diagnostics)?;
        let texts = audit::texts(world, ledger, sealed, diagnostics)?;
        if newest.hash() != sealed.hash() {
            held_back(world, ledger, [newest, sealed], &texts, downgrade, diagnostics)?;
        }
        let overrides = sealed.release().map(|release| release.overrides.clone()).unwrap_or_default();
        let mut entry = stamp.entry(ledger, sealed.entry().release.clone());
        entry.restores = Some(Reference { number: sealed.entry().number, hash: *sealed.hash() });
        Ok(Self {
            environment: ledger.environment().to_owned(),
            overrides: overrides.into_iter().map(Arc::from).collect(),
            texts,
            tenants: entry.tenants(),
            newest: newest.hash() == sealed.hash(),
            withheld: entry.targets().iter().map(|made| made.withheld.len()).sum(),
            from: ledger.called(sealed),
            entry,
        })
    }

    /// The objects as one stream.
    pub fn stream(&self) -> String {
        self.texts.iter().filter(|(path, _)| is_manifest(path)).map(|(_, text)| text.as_str()).collect()
    }

    /// The entry to write; `None` if the release is the newest one already.
    pub fn entry(&self) -> Option<&Entry> {
        (!self.newest).then_some(&self.entry)
    }

    /// What was done, for people.
    pub fn line(&self) -> String {
        let Self { environment, from, entry, .. } = self;
        if self.newest {
            return format!("release {from} of {environment} is the newest: nothing is entered");
        }
        format!("release {} of {environment}: what release {from} had", entry.number)
    }

    /// What does not come back.
    pub fn caveat(&self) -> String {
        let kept = match self.withheld {
            0 => String::new(),
            1 => "; one object that holds a secret was not stored".to_owned(),
            more => format!("; {more} objects that hold secrets were not stored"),
        };
        format!("note: secrets are not rolled back: they stay as they are{kept}")
    }

    pub(crate) fn environment(&self) -> &str {
        &self.environment
    }

    pub(crate) fn overrides(&self) -> &[Arc<str>] {
        &self.overrides
    }

    pub(crate) fn texts(&self) -> &[(String, String)] {
        &self.texts
    }

    pub(crate) fn tenants(&self) -> usize {
        self.tenants
    }

    /// What the texts were made from, in short.
    pub(crate) fn inputs(&self) -> String {
        self.entry.restores.map(|reference| reference.hash.to_string()).unwrap_or_default()
    }
}

/// Holds a release back that goes back to an older form.
fn held_back(
    world: &dyn World,
    ledger: &Ledger,
    [newest, sealed]: [&Sealed; 2],
    texts: &[(String, String)],
    downgrade: bool,
    diagnostics: &mut Diagnostics,
) -> Result<(), Failed> {
    let (Some(now), Some(then)) = (newest.release(), sealed.release()) else { return Ok(()) };
    // Definitions among the objects of now count as well; without them there is less to compare.
    let current = audit::texts(world, ledger, newest, diagnostics)?;
    let found = downgrades(Then { release: now, texts: &current }, Then { release: then, texts });
    if found.is_empty() {
        return Ok(());
    }
    let (called, environment) = (ledger.called(sealed), ledger.environment());
    let message = format!("release {called} of {environment} goes back to an older form");
    let mut diagnostic = found
        .iter()
        .fold(Diagnostic::new(code::DOWNGRADE, message), |diagnostic, found| diagnostic.note(found.to_string()));
    if downgrade {
        diagnostic.severity = Severity::Warning;
        diagnostics.record(diagnostic);
        return Ok(());
    }
    Err(diagnostics.fail(
        diagnostic.help(
            "make a release of the older configuration in the form of now; or, if it is meant: --allow-downgrade",
        ),
    ))
}
