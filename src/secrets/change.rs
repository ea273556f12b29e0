//! A file of secrets while it is changed.
//!
//! In goes a file that was opened, or is not there yet; out comes its new text. It is encrypted to whom the root of the
//! workspace names, and to nobody whom only the file names.

use std::sync::Arc;

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::record::{self, Record};
use super::terms::Terms;
use super::vault::Vault;
use super::{Generator, is_name, name};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean, listed};
use crate::file::{self, Reason};
use crate::path::Path;
use crate::sops::{self, DataKey, NoRandomness, Opened, Plain, Randomness, Unwrapped};
use crate::source::{FileId, Place};

/// A file that is being changed.
#[derive(Debug)]
pub(crate) struct Change {
    file: String,
    /// Its text; `None` if it is not there.
    before: Option<Arc<str>>,
    opened: Opened,
    terms: Terms,
    /// Whether it is one of the files of secrets, which keep a record.
    recorded: bool,
    today: Date,
}

/// A file that was changed.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Its name in the workspace.
    pub(crate) file: String,
    /// What it held; `None` if it was not there.
    pub(crate) before: Option<Arc<str>>,
    /// What it is to hold.
    pub(crate) after: String,
}

impl Vault<'_> {
    /// Opens a file for a change, which may be the one that makes it.
    pub(crate) fn change(
        &self,
        file: &str,
        environment: Option<&str>,
        randomness: &mut dyn Randomness,
        diagnostics: &mut Diagnostics,
    ) -> Result<Change, Failed> {
        let terms = self.policy().terms_to_write(file, environment, diagnostics)?;
        let (world, sources) = (self.workspace().world(), self.workspace().sources());
        let (today, recorded) = (world.today(), environment.is_some());
        if !world.has(file) {
            let id = sources.add_secret_file(file, "");
            let key = DataKey::generate(randomness).map_err(|error| diagnostics.fail(machine(error)))?;
            let made = Opened::new(id, key, &terms.recipients, terms.selection.clone());
            let opened = made.map_err(|error| diagnostics.fail(error.diagnostic()))?;
            return Ok(Change { file: file.to_owned(), before: None, opened, terms, recorded, today });
        }
        let sealed = self.read(file, environment, diagnostics)?;
        let before = Some(Arc::clone(sources.get(sealed.file()).text()));
        let opened = sealed.open(self.identities(diagnostics)?, diagnostics)?;
        Ok(Change { file: file.to_owned(), before, opened, terms, recorded, today })
    }
}

impl Vault<'_> {
    /// Encrypts a file of the workspace that is in plain text. Gives its text before and after.
    pub(crate) fn encrypt(
        &self,
        file: &str,
        environment: Option<&str>,
        now: &str,
        randomness: &mut dyn Randomness,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Zeroizing<String>, String), Failed> {
        let reason = Reason { place: None, what: "the file to encrypt".to_owned() };
        let (world, sources) = (self.workspace().world(), self.workspace().sources());
        let terms = self.policy().terms_to_write(file, environment, diagnostics)?;
        let id = file::load_secret(world, sources, file, &reason, diagnostics)?;
        if sops::is_sealed(sources.get(id).text()) {
            return Err(diagnostics.fail(
                Diagnostic::new(code::SEALED_FORM, format!("{file} is encrypted already")).at(Place::top(id), "").help(
                    "change it with `tenantctl secrets set` or `edit`; `tenantctl secrets rotate` gives it a new key",
                ),
            ));
        }
        let before = Zeroizing::new(sources.get(id).text().to_string());
        let key = DataKey::generate(randomness).map_err(|error| diagnostics.fail(machine(error)))?;
        let made = Opened::new(id, key, &terms.recipients, terms.selection.clone());
        let opened = made.map_err(|error| diagnostics.fail(error.diagnostic()))?;
        let (today, recorded) = (world.today(), environment.is_some());
        let mut change = Change { file: file.to_owned(), before: None, opened, terms, recorded, today };
        change.replace(id, &before, diagnostics)?;
        let finished = change.finish(now, randomness, diagnostics)?;
        Ok((before, finished.map(|finished| finished.after).unwrap_or_default()))
    }
}

impl Change {
    /// The file, open.
    pub(crate) fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The file's name.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// What the file keeps of its values.
    fn record(&mut self) -> Option<Record<'_>> {
        self.recorded.then(|| Record::of(&mut self.opened))?
    }

    /// Whether the file is not there yet.
    pub(crate) fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Fails if the file is encrypted to others than those who should be able to open it: what is put into it would be
    /// theirs.
    pub(crate) fn held_to_terms(&self, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let (gone, new) = self.differing();
        if gone.is_empty() && new.is_empty() {
            return Ok(());
        }
        let mut diagnostic = Diagnostic::new(
            code::RECIPIENTS,
            format!("{} is encrypted to others than those who should open it", self.file),
        );
        if let Some(place) = self.terms.place {
            diagnostic = diagnostic.at(place, "said here");
        }
        if !gone.is_empty() {
            diagnostic = diagnostic.note(format!("it can also be opened by {}", gone.join(", ")));
        }
        if !new.is_empty() {
            diagnostic = diagnostic.note(format!("it cannot be opened by {}", new.join(", ")));
        }
        Err(diagnostics.fail(diagnostic.help("look whether that is meant, and run `tenantctl secrets updatekeys`")))
    }

    /// Recipients that the file has and should not have, and those it should have.
    pub(crate) fn differing(&self) -> (Vec<String>, Vec<String>) {
        let has: Vec<&str> = self.opened.recipients().collect();
        let should: Vec<&str> = self.terms.recipients.iter().map(crate::sops::Recipient::as_str).collect();
        let without = |all: &[&str], some: &[&str]| {
            all.iter().filter(|one| !some.contains(one)).map(|one| (*one).to_owned()).collect()
        };
        (without(&has, &should), without(&should, &has))
    }

    /// Sets a secret; what it was is kept. Says whether that changes anything.
    pub(crate) fn set(&mut self, name: &str, plain: Plain, diagnostics: &mut Diagnostics) -> Result<bool, Failed> {
        let keys: Vec<&str> = name.split('.').collect();
        let path = Path::from_keys(keys.iter().copied());
        if !is_name(name) || keys.first().is_some_and(|first| name::is_reserved(first)) {
            return Err(diagnostics.fail(
                Diagnostic::new(code::BAD_SECRET_NAME, "this is no name of a secret")
                    .help("a name is letters, digits, `-` and `_` with dots between, such as database.password"),
            ));
        }
        if !self.opened.selection().encrypts(&keys) {
            let mut diagnostic = Diagnostic::new(
                code::SEALED_PLAIN,
                format!("`{name}` would stand in plain text: the rule for {} does not encrypt it", self.file),
            );
            if let Some(place) = self.terms.place {
                diagnostic = diagnostic.at(place, "the rule");
            }
            return Err(diagnostics.fail(diagnostic.help("choose another name, or have the rule encrypt it")));
        }
        if self.opened.get(&path).is_some_and(|known| known.reveal() == plain.reveal()) {
            return Ok(false);
        }
        let was_there = self.opened.get(&path).is_some();
        if was_there && let Some(mut record) = self.record() {
            record.keep(&keys);
        }
        if self.opened.set(&keys, plain).is_err() {
            return Err(diagnostics.fail(
                Diagnostic::new(
                    code::BAD_SECRET_NAME,
                    format!("`{name}` cannot be a value: others are above or below it"),
                )
                .at(Place::top(self.opened.file()), "in this file")
                .help("`tenantctl secrets list` shows the names that are there; choose another one"),
            ));
        }
        let today = self.today;
        if let Some(mut record) = self.record() {
            record.note(name, today);
        }
        Ok(true)
    }

    /// Draws a new value of a secret.
    pub(crate) fn draw(
        &mut self,
        name: &str,
        generator: &Generator,
        randomness: &mut dyn Randomness,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let drawn = generator.draw(self.today, randomness).map_err(|error| diagnostics.fail(machine(error)))?;
        for (name, plain) in generator.names(name).iter().zip(drawn) {
            self.set(name, plain, diagnostics)?;
        }
        Ok(())
    }

    /// Whether all secrets that are drawn for a value are there.
    pub(crate) fn has_drawn(&self, name: &str, generator: &Generator) -> bool {
        generator.names(name).iter().all(|name| self.opened.has(&Path::from_keys(name.split('.'))))
    }

    /// Removes a secret, and what is kept of it.
    pub(crate) fn unset(&mut self, name: &str, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let keys: Vec<&str> = name.split('.').collect();
        if !self.names().iter().any(|known| known == name) {
            return Err(diagnostics.fail(self.unknown(name)));
        }
        self.opened.remove(&keys);
        if let Some(mut record) = self.record() {
            record.forget(name);
        }
        Ok(())
    }

    /// Forgets what secrets were before: all, or those that are named. Gives their names.
    pub(crate) fn retire(&mut self, names: &[String], diagnostics: &mut Diagnostics) -> Result<Vec<String>, Failed> {
        let kept = record::previous(&self.opened);
        if let Some(name) = names.iter().find(|name| !kept.contains(name)) {
            let known = || kept.iter().map(String::as_str);
            let message = format!("no previous value of `{name}` is kept in {}", self.file);
            let mut diagnostic = Diagnostic::new(code::UNKNOWN_SECRET, message).maybe_help(did_you_mean(name, known()));
            if !kept.is_empty() {
                diagnostic = diagnostic.note(format!("previous values are kept of {}", listed(known())));
            }
            return Err(diagnostics.fail(diagnostic));
        }
        let retired: Vec<String> = kept.into_iter().filter(|name| names.is_empty() || names.contains(name)).collect();
        if let Some(mut record) = self.record() {
            for name in &retired {
                record.retire(name);
            }
        }
        Ok(retired)
    }

    /// The names of its secrets.
    pub(crate) fn names(&self) -> Vec<String> {
        self.opened.values().iter().filter_map(|(path, _)| name::of(path)).collect()
    }

    /// What is said of a secret that is not there.
    pub(crate) fn unknown(&self, name: &str) -> Diagnostic {
        unknown(name, &self.file, &self.names())
    }

    /// The values as YAML, without what is kept of them.
    pub(crate) fn text(&mut self) -> Zeroizing<String> {
        self.opened.text_without(&name::OWN)
    }

    /// Puts the values of a text, which is the one of a file, in the place of all; what was there before is kept, what is new gets today's date.
    pub(crate) fn replace(&mut self, file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let old: Vec<(String, Plain)> = self.contents();
        self.opened.replace(file, text, &name::OWN, diagnostics)?;
        let new: Vec<(String, Plain)> = self.contents();
        let today = self.today;
        let Some(mut record) = self.record() else { return Ok(()) };
        for (name, _) in &old {
            if !new.iter().any(|(other, _)| other == name) {
                record.forget(name);
            }
        }
        for (name, plain) in new {
            match old.iter().find(|(other, _)| *other == name) {
                Some((_, before)) if *before == plain => {}
                before => {
                    if let Some((_, before)) = before {
                        record.keep_as(&name, before);
                    }
                    record.note(&name, today);
                }
            }
        }
        Ok(())
    }

    fn contents(&self) -> Vec<(String, Plain)> {
        let values = self.opened.values().into_iter();
        values.filter_map(|(path, plain)| Some((name::of(&path)?, plain.copy()))).collect()
    }

    /// Encrypts the file to those who should be able to open it, and with another key if somebody should not be any
    /// more: who had the key could have kept it.
    pub(crate) fn share(
        &mut self,
        randomness: &mut dyn Randomness,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let (gone, _) = self.differing();
        if gone.is_empty() {
            let shared = self.opened.share(&self.terms.recipients);
            return shared.map_err(|Unwrapped(to)| diagnostics.fail(Unwrapped(to).diagnostic()));
        }
        self.rekey(randomness, diagnostics)
    }

    /// Encrypts the file with another key, to those who should be able to open it.
    pub(crate) fn rekey(
        &mut self,
        randomness: &mut dyn Randomness,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        if !self.opened.services().is_empty() {
            let services = self.opened.services().join(", ");
            return Err(diagnostics.fail(
                Diagnostic::new(
                    code::SEALED_UNSUPPORTED,
                    format!("{} can be opened with {services} as well, which a new key cannot be given to", self.file),
                )
                .at(Place::top(self.opened.file()), "")
                .help(format!("do this with sops: `sops rotate --in-place {}`", self.file)),
            ));
        }
        let key = DataKey::generate(randomness).map_err(|error| diagnostics.fail(machine(error)))?;
        let done = self.opened.rekey(key, &self.terms.recipients);
        done.map_err(|Unwrapped(to)| diagnostics.fail(Unwrapped(to).diagnostic()))
    }

    /// Brings the record of the file up to date, where another program has changed values. Says whether anything is to be
    /// written.
    pub(crate) fn renew(&mut self) -> bool {
        if let Some(mut record) = self.record().filter(Record::is_begun) {
            record.renew();
        }
        self.opened.is_changed()
    }

    /// The text of the file, if it is another one than it was.
    pub(crate) fn finish(
        mut self,
        now: &str,
        randomness: &mut dyn Randomness,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<Finished>, Failed> {
        self.renew();
        if !self.opened.is_changed() && !self.is_new() {
            return Ok(None);
        }
        let mut fail = |error| diagnostics.fail(machine(error));
        if let Some(mut record) = self.record() {
            record.begin(randomness).map_err(&mut fail)?;
            record.renew();
        }
        self.opened.put_last(&name::OWN);
        let after = self.opened.seal(now, randomness).map_err(&mut fail)?;
        Ok(Some(Finished { file: self.file, before: self.before, after }))
    }
}

/// What is said of a secret that is not among those of a file.
pub(crate) fn unknown(name: &str, place: &str, names: &[String]) -> Diagnostic {
    let known = || names.iter().map(String::as_str);
    let diagnostic = Diagnostic::new(code::UNKNOWN_SECRET, format!("there is no secret `{name}` in {place}"))
        .maybe_help(did_you_mean(name, known()));
    if names.is_empty() { diagnostic } else { diagnostic.note(format!("secrets are {}", listed(known()))) }
}

fn machine(error: NoRandomness) -> Diagnostic {
    Diagnostic::new(code::CANNOT_WRITE, format!("nothing can be encrypted: {error}"))
        .help("run it where the operating system is whole")
}
