//! The releases of an environment, in the order in which they were made.
//!
//! In go the files of `.tenantctl/releases/<environment>`, one for each entry; out comes a [`Ledger`]: the entries that
//! are what their names say, and the [`Flaw`]s of the others. Each entry names the hash of the one before it, so that what
//! is removed, moved or edited is seen, up to the newest: to know that, one needs a checkpoint or a signature.
//!
//! Two branches that both made release 7 leave two files. Neither is rewritten: the next release names both as what comes
//! before it. Until then the environment has two newest releases, and nothing that needs the newest one works.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::digest::Digest;
use super::draft::Drafted;
use super::entry::{Entry, Release, file_name};
use super::flaw::Flaw;
use super::number::Number;
use super::signature::Form;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::workspace::is_label;
use crate::world::{Unreadable, World};

/// The folder of all ledgers, in the workspace.
pub const FOLDER: &str = ".tenantctl/releases";
/// The folder of stored files in it.
pub(super) const OBJECTS: &str = "objects";
/// Most bytes of an entry: some hundred thousand files of input.
const LARGEST: u64 = 64 << 20;

/// The entries of an environment.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    environment: String,
    /// By number, then by hash.
    entries: Vec<Sealed>,
    flaws: Vec<Flaw>,
}

/// An entry whose hash is the one in the name of its file.
#[derive(Clone, Debug)]
pub struct Sealed {
    entry: Entry,
    hash: Digest,
    /// The texts of the files with its signatures.
    signatures: Vec<(Form, String)>,
}

impl Sealed {
    /// The entry.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Its hash.
    pub fn hash(&self) -> &Digest {
        &self.hash
    }

    /// The texts of the files with its signatures, and the forms they have by their names.
    pub fn signatures(&self) -> &[(Form, String)] {
        &self.signatures
    }

    /// The name of its file, in the folder of its environment.
    pub fn file(&self) -> String {
        file_name(self.entry.number, &self.hash)
    }

    /// What was released; `None` where stored files were given up.
    pub fn release(&self) -> Option<&Release> {
        self.entry.release.as_ref()
    }
}

impl Ledger {
    /// Reads the ledger of an environment; without releases it is empty. An error is a folder or a file that the system does
    /// not let us read; what is wrong with an entry is among the [`flaws`](Self::flaws).
    pub fn read(world: &dyn World, environment: &str, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let folder = format!("{FOLDER}/{environment}/");
        let refused = |name: &str, why: &Unreadable| {
            let reason = crate::file::Reason { place: None, what: "the ledger of releases".to_owned() };
            crate::file::unreadable(name, why, &reason)
        };
        let listed = world.list(folder.trim_end_matches('/'));
        let listed = listed.map_err(|why| diagnostics.fail(refused(folder.trim_end_matches('/'), &why)))?;
        let mut files = Vec::new();
        for path in &listed {
            let name = path.strip_prefix(&folder).unwrap_or(path);
            // Entries stand in the folder itself; a file that was being written when its run ended is nothing.
            let signed = Form::ALL.iter().find_map(|form| name.strip_suffix(form.suffix()));
            if !may_be_entry(signed.unwrap_or(name)) {
                continue;
            }
            let bytes = world.read(path, LARGEST).map_err(|why| diagnostics.fail(refused(path, &why)))?;
            files.push((name.to_owned(), bytes));
        }
        Ok(Self::of(environment, files))
    }

    /// The ledger of files, each with its name.
    pub(super) fn of(environment: &str, files: Vec<(String, Vec<u8>)>) -> Self {
        let mut ledger = Self { environment: environment.to_owned(), ..Self::default() };
        // What a file should have held: the first digits of its hash.
        let mut lost = BTreeSet::new();
        let mut signatures: BTreeMap<(String, Form), String> = BTreeMap::new();
        let (signed, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| !may_be_entry(name));
        for (name, bytes) in signed {
            // What is no text is no signature either, which is said when it is checked.
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let of = Form::ALL.iter().find_map(|form| Some((name.strip_suffix(form.suffix())?.to_owned(), *form)));
            signatures.extend(of.map(|of| (of, text)));
        }
        let names: BTreeSet<String> = files.iter().map(|(name, _)| name.clone()).collect();
        let mut read = Vec::new();
        for (name, bytes) in files {
            let Some((number, digits)) = parts(&name) else {
                let why = "its name is not a number of six digits, `-` and 16 digits of a hash".to_owned();
                ledger.flaws.push(Flaw::NoEntry { file: name, why });
                continue;
            };
            match Entry::parse(&bytes) {
                Ok(entry) => read.push((name, number, digits, entry)),
                Err(why) => {
                    lost.insert(digits);
                    ledger.flaws.push(Flaw::NoEntry { file: name, why });
                }
            }
        }
        let referred: BTreeSet<Digest> = read.iter().flat_map(|(.., entry)| entry.previous.iter().copied()).collect();
        for (name, number, digits, entry) in read {
            let hash = entry.hash();
            let proper = file_name(entry.number, &hash);
            if proper == name && entry.environment == environment {
                let of = |form: Form| Some((form, signatures.remove(&(name.clone(), form))?));
                let signatures = Form::ALL.into_iter().filter_map(of).collect();
                ledger.entries.push(Sealed { entry, hash, signatures });
                continue;
            }
            // What others know by its hash was left as it was, and put elsewhere.
            let known = referred.contains(&hash) || names.contains(&proper) || hash.hex().starts_with(&digits);
            ledger.flaws.push(if known || entry.environment != environment {
                Flaw::Moved { file: name, number: entry.number, environment: entry.environment.clone(), proper }
            } else {
                Flaw::Edited { file: name, number, hash }
            });
            lost.insert(digits);
            // Who comes after it finds it all the same.
            if known {
                lost.insert(hash.hex().chars().take(16).collect());
            }
        }
        ledger.entries.sort_by_key(|sealed| (sealed.entry.number, sealed.hash));
        ledger.flaws.extend(ledger.breaks(&lost));
        ledger
    }

    /// Where the chain does not hold. `lost` are the first digits of hashes that were spoken of.
    fn breaks(&self, lost: &BTreeSet<String>) -> Vec<Flaw> {
        let numbers: BTreeMap<&Digest, u64> =
            self.entries.iter().map(|sealed| (&sealed.hash, sealed.entry.number)).collect();
        let mut flaws = Vec::new();
        let mut missing = BTreeSet::new();
        for sealed in &self.entries {
            let number = sealed.entry.number;
            let mut whole = true;
            for hash in &sealed.entry.previous {
                if numbers.contains_key(hash) {
                    continue;
                }
                whole = false;
                let spoken_of = lost.iter().any(|digits| hash.hex().starts_with(digits));
                if !spoken_of && missing.insert(*hash) {
                    flaws.push(Flaw::Removed {
                        hash: *hash,
                        number: number.saturating_sub(1).max(1),
                        by: sealed.file(),
                    });
                }
            }
            let before = sealed.entry.previous.iter().filter_map(|hash| numbers.get(hash)).max();
            let expected = before.map_or(1, |before| before + 1);
            if whole && number != expected {
                flaws.push(Flaw::OutOfOrder { file: sealed.file(), number, expected });
            }
        }
        flaws
    }

    /// The environment.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// All entries that are what their names say, by number.
    pub fn entries(&self) -> &[Sealed] {
        &self.entries
    }

    /// What is wrong.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Records what is wrong; an error if anything is.
    pub fn sound(&self, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let mark = diagnostics.mark();
        self.flaws.iter().for_each(|flaw| diagnostics.record(flaw.diagnostic(&self.environment)));
        diagnostics.since(mark)
    }

    /// The entries that none comes after: one, or several where branches came together.
    pub fn heads(&self) -> Vec<&Sealed> {
        let before: BTreeSet<&Digest> = self.entries.iter().flat_map(|sealed| &sealed.entry.previous).collect();
        self.entries.iter().filter(|sealed| !before.contains(&sealed.hash)).collect()
    }

    /// Records that there are two newest releases; an error if there are.
    pub fn unforked(&self, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let heads = self.heads();
        if heads.len() < 2 {
            return Ok(());
        }
        let names: Vec<String> = heads.iter().map(|head| head.number().to_string()).collect();
        let told = |head: &&Sealed| format!("{}: {} by {}", head.number(), head.entry.created, head.entry.author);
        let message = format!("{} has several newest releases: {}", self.environment, names.join(" and "));
        let diagnostic = Diagnostic::new(code::FORKED, message).help(format!(
            "`tenantctl release create {}` settles it: its release comes after all of them",
            self.environment
        ));
        Err(diagnostics.fail(heads.iter().map(told).fold(diagnostic, Diagnostic::note)))
    }

    /// The newest release; `None` if there is none yet. An error is a ledger that is not sound or has several.
    pub fn newest(&self, diagnostics: &mut Diagnostics) -> Result<Option<&Sealed>, Failed> {
        self.sound(diagnostics)?;
        self.unforked(diagnostics)?;
        Ok(self.entries.iter().rev().find(|sealed| sealed.entry.release.is_some()))
    }

    /// The newest release, where it must be there.
    pub fn known_newest(&self, diagnostics: &mut Diagnostics) -> Result<&Sealed, Failed> {
        match self.newest(diagnostics)? {
            Some(newest) => Ok(newest),
            None => Err(diagnostics.fail(
                Diagnostic::new(code::UNKNOWN_RELEASE, format!("{} has no release yet", self.environment))
                    .help(format!("`tenantctl release create {}` makes one", self.environment)),
            )),
        }
    }

    /// What the newest release is called, if it has what was made.
    pub fn same(&self, drafted: &Drafted) -> Option<String> {
        let newest = self.newest(&mut Diagnostics::new()).ok().flatten()?;
        newest.release().is_some_and(|release| drafted.is_like(release)).then(|| self.called(newest))
    }

    /// What an entry is called: its number, with digits of its hash where another one has the same.
    pub fn called(&self, sealed: &Sealed) -> String {
        let same = self.entries.iter().filter(|other| other.entry.number == sealed.entry.number).count();
        if same > 1 { sealed.number().to_string() } else { sealed.entry.number.to_string() }
    }

    /// The entry of a number.
    pub fn find(&self, number: &Number, diagnostics: &mut Diagnostics) -> Result<&Sealed, Failed> {
        let found: Vec<&Sealed> =
            self.entries.iter().filter(|sealed| number.is(sealed.entry.number, &sealed.hash)).collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => {
                let message = format!("{} has no release {number}", self.environment);
                let diagnostic = Diagnostic::new(code::UNKNOWN_RELEASE, message);
                Err(diagnostics.fail(match (self.entries.first(), self.entries.last()) {
                    (Some(first), Some(last)) => diagnostic
                        .note(format!("it has {} to {}", first.entry.number, last.entry.number))
                        .help(format!("`tenantctl release list {}` shows them", self.environment)),
                    _ => diagnostic
                        .note("it has none yet")
                        .help(format!("`tenantctl release create {}` makes one", self.environment)),
                }))
            }
            several => {
                let names: Vec<String> = several.iter().map(|sealed| sealed.number().to_string()).collect();
                let message = format!("{} has several releases {number}", self.environment);
                Err(diagnostics.fail(
                    Diagnostic::new(code::UNKNOWN_RELEASE, message)
                        .help(format!("name one of {}", names.join(" and "))),
                ))
            }
        }
    }

    /// The entries up to one, in an order that every copy of the ledger agrees on: by number, then by hash.
    pub fn history(&self, of: &Sealed) -> Vec<&Sealed> {
        let by_hash: BTreeMap<&Digest, &Sealed> = self.entries.iter().map(|sealed| (&sealed.hash, sealed)).collect();
        let mut seen = BTreeSet::from([of.hash]);
        let mut open = vec![of.hash];
        while let Some(hash) = open.pop() {
            let before = by_hash.get(&hash).map(|sealed| sealed.entry.previous.as_slice()).unwrap_or_default();
            open.extend(before.iter().copied().filter(|hash| seen.insert(*hash)));
        }
        self.entries.iter().filter(|sealed| seen.contains(&sealed.hash)).collect()
    }

    /// The environments that have a ledger, sorted.
    pub fn environments(world: &dyn World) -> Vec<String> {
        let folder = format!("{FOLDER}/");
        let files = world.list(FOLDER).unwrap_or_default();
        let of = |file: &String| {
            let (environment, name) = file.strip_prefix(&folder)?.split_once('/')?;
            may_be_entry(name).then(|| environment.to_owned())
        };
        files.iter().filter_map(of).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether an environment has a ledger.
    pub fn is_of(world: &dyn World, environment: &str) -> bool {
        let folder = format!("{FOLDER}/{environment}");
        let files = || world.list(&folder).unwrap_or_default();
        let is_entry = |file: &String| file.strip_prefix(&format!("{folder}/")).is_some_and(may_be_entry);
        is_label(environment) && files().iter().any(is_entry)
    }
}

impl Sealed {
    /// What the entry is called, with as many digits of its hash as tell it apart from another one of its number.
    pub fn number(&self) -> Number {
        Number::exact(self.entry.number, &self.hash)
    }
}

/// Whether a file stands where entries do, by its name in the folder of its environment.
fn may_be_entry(name: &str) -> bool {
    name.strip_suffix(".json").is_some_and(|name| !name.contains('/'))
}

/// Number and digits of a hash in the name of a file.
fn parts(name: &str) -> Option<(u64, String)> {
    let (number, digits) = name.strip_suffix(".json")?.split_once('-')?;
    let is = |text: &str, length, of: fn(&u8) -> bool| text.len() == length && text.as_bytes().iter().all(of);
    let fits = is(number, 6, u8::is_ascii_digit)
        && is(digits, 16, |byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte));
    Some((number.parse().ok()?, digits.to_owned())).filter(|_| fits)
}
