//! A checkpoint: how many entries a ledger has and one hash over all of them, in the form of C2SP `tlog-checkpoint`.
//!
//! In goes a ledger, out comes a text that somebody keeps elsewhere; and the other way round, whether a ledger still begins
//! with the entries that a checkpoint was made of. That tells what the ledger alone cannot: that its newest entries were
//! removed. The leaves of the tree are the bytes of the entries, by number and then by hash. Signatures are those of C2SP
//! `signed-note` with Ed25519, by the same keys that sign entries.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::digest::Digest;
use super::ledger::{Ledger, Sealed};
use super::merkle;
use super::signature::{PublicKey, SigningKey};
use super::signing::Signing;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, printable};

/// What a line with a signature begins with.
const MARK: &str = "\u{2014} ";
/// The kind of our signatures, in what keys are told by.
const ED25519: u8 = 1;

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Digest,
    /// The lines up to the empty one, which are what is signed.
    body: String,
    signatures: Vec<Line>,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    /// What the key is told by.
    id: [u8; 4],
    raw: Vec<u8>,
}

impl Checkpoint {
    /// That of a ledger up to an entry; `None` for one without entries.
    pub fn of(ledger: &Ledger, newest: Option<&Sealed>, origin: &str) -> Self {
        let history = newest.map(|newest| ledger.history(newest)).unwrap_or_default();
        let root = root(&history);
        let size = history.len() as u64;
        let body = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root.bytes()));
        Self { origin: origin.to_owned(), size, root, body, signatures: Vec::new() }
    }

    /// The text, with the signature of a key if there is one.
    pub fn text(&self, key: Option<&SigningKey>) -> String {
        let mut text = format!("{}\n", self.body);
        if let Some(key) = key {
            let id = key_id(&self.origin, key.public());
            let line = STANDARD.encode([id.as_slice(), &key.raw(self.body.as_bytes())].concat());
            text.push_str(&format!("{MARK}{} {line}\n", self.origin));
        }
        text
    }

    /// Reads one; the error says why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        const NONE: &str = "it is not a checkpoint: an origin, a size, a hash, an empty line and signatures";
        let (lines, signatures) = text.split_once("\n\n").ok_or(NONE)?;
        let mut parts = lines.lines();
        let (Some(origin), Some(size), Some(root)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NONE.to_owned());
        };
        let canonical = size == "0" || !size.starts_with('0');
        let digits = canonical && size.bytes().all(|byte| byte.is_ascii_digit());
        let size = size.parse().ok().filter(|_| digits && !origin.is_empty()).ok_or(NONE)?;
        let root = STANDARD.decode(root).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).ok_or(NONE)?;
        let line = |line: &str| {
            let (name, base64) = line.strip_prefix(MARK)?.split_once(' ')?;
            let bytes = STANDARD.decode(base64).ok()?;
            let (id, raw) = bytes.split_first_chunk::<4>()?;
            Some(Line { name: name.to_owned(), id: *id, raw: raw.to_vec() })
        };
        let signatures = signatures.lines().map(|text| line(text).ok_or_else(|| NONE.to_owned()));
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root: Digest::from_bytes(root),
            body: format!("{lines}\n"),
            signatures: signatures.collect::<Result<_, _>>()?,
        })
    }

    /// Holds a ledger against the text of a checkpoint, and its signatures against the keys that are allowed.
    pub fn check(text: &str, ledger: &Ledger, signing: &Signing, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let checkpoint = Self::parse(text).map_err(|why| {
            let help = "name a file that `tenantctl release checkpoint ENV -o FILE` wrote";
            diagnostics
                .fail(Diagnostic::new(code::CHECKPOINT, format!("the checkpoint cannot be read: {why}")).help(help))
        })?;
        let signed = checkpoint.is_signed_by(signing.allowed()).map_err(|wrong| diagnostics.fail(*wrong))?;
        if signing.is_required() && !signed {
            let message = "the checkpoint is signed by no key that is allowed to";
            return Err(diagnostics.fail(
                Diagnostic::new(code::SIGNATURE, message)
                    .note("`releases.sign` in tenantctl.yaml, or --allowed-keys, asks for a signature")
                    .help("make checkpoints with --sign-key FILE"),
            ));
        }
        let held = checkpoint.hold(ledger, &signing.origin(ledger.environment()));
        held.map_err(|wrong| diagnostics.fail(*wrong))
    }

    /// Says why a ledger does not begin with the entries that this was made of.
    pub fn hold(&self, ledger: &Ledger, origin: &str) -> Result<(), Box<Diagnostic>> {
        let environment = ledger.environment();
        let wrong = |message: String| Diagnostic::new(code::CHECKPOINT, message);
        if self.origin != origin {
            let message =
                format!("the checkpoint is of `{}`, and the ledger is `{origin}`", printable::line(&self.origin));
            return Err(wrong(message)
                .help("name the checkpoint of this ledger; `releases.origin` says what it is called")
                .into());
        }
        let entries = ledger.entries();
        if self.size == 0 && self.root == merkle::root(&[]) {
            return Ok(());
        }
        if self.size > entries.len() as u64 {
            let message = format!(
                "entries of {environment} were removed: the checkpoint speaks of {}, and there are {}",
                self.size,
                entries.len()
            );
            return Err(wrong(message)
                .help(format!(
                    "take them back from version control: `git log --all -- '{}/{environment}'`",
                    super::FOLDER
                ))
                .into());
        }
        // Of a ledger that branches made, each branch had a history of its own; without branches there is one entry that
        // it can be up to.
        let highest = entries.last().map_or(0, |sealed| sealed.entry().number);
        let branched = (entries.len() as u64).saturating_sub(highest);
        let begins = |sealed: &Sealed| {
            let number = sealed.entry().number;
            if number > self.size || number + branched < self.size {
                return false;
            }
            let history = ledger.history(sealed);
            history.len() as u64 == self.size && root(&history) == self.root
        };
        if entries.iter().any(begins) {
            return Ok(());
        }
        let message = format!("the first {} entries of {environment} are not those of the checkpoint", self.size);
        Err(wrong(message)
            .note("the chain is whole, so entries were made anew from the place on where it was changed")
            .help("compare with a copy of the ledger from the time of the checkpoint")
            .into())
    }

    /// Whether one of some keys signed it; an error is a signature by one of them that is wrong.
    pub fn is_signed_by(&self, keys: &[PublicKey]) -> Result<bool, Box<Diagnostic>> {
        let mut signed = false;
        for line in &self.signatures {
            let id = |key: &&PublicKey| key_id(&line.name, key) == line.id;
            let Some(key) = keys.iter().find(id) else { continue };
            let good = line.raw.as_slice().try_into().is_ok_and(|raw| key.is_of(raw, self.body.as_bytes()));
            if !good || line.name != self.origin {
                let message = format!("the signature of the checkpoint by {key} is wrong");
                return Err(Diagnostic::new(code::SIGNATURE, message)
                    .help("somebody changed it: take it from where it was kept")
                    .into());
            }
            signed = true;
        }
        Ok(signed)
    }
}

/// The root over entries.
fn root(history: &[&Sealed]) -> Digest {
    let leaves: Vec<Digest> = history.iter().map(|sealed| merkle::leaf(sealed.entry().text().as_bytes())).collect();
    merkle::root(&leaves)
}

/// What a key is told by in a signed note.
fn key_id(name: &str, key: &PublicKey) -> [u8; 4] {
    let digest = Digest::of([name.as_bytes(), b"\n", &[ED25519], &key.bytes()].concat());
    let [one, two, three, four, ..] = *digest.bytes();
    [one, two, three, four]
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::super::signature::tests::ssh_key;
    use super::*;

    /// A ledger of so many releases by somebody.
    fn ledger(length: u64, author: &str) -> Ledger {
        let mut files = Vec::new();
        let mut previous = Vec::new();
        for number in 1..=length {
            let mut entry = entry(number, &previous);
            author.clone_into(&mut entry.author.name);
            previous = vec![entry.hash()];
            files.push((entry.file_name(), entry.text().into_bytes()));
        }
        Ledger::of("prod", files)
    }

    fn checkpoint(ledger: &Ledger) -> Checkpoint {
        let made = Checkpoint::of(ledger, ledger.entries().last(), "example.com/prod");
        let read = Checkpoint::parse(&made.text(None)).unwrap();
        assert_eq!(read, made);
        read
    }

    #[test]
    fn a_ledger_that_grew_still_fits() {
        for before in 0..9 {
            let older = checkpoint(&ledger(before, "Ada"));
            for after in before..12 {
                assert_eq!(older.hold(&ledger(after, "Ada"), "example.com/prod"), Ok(()), "{before} {after}");
            }
        }
    }

    #[test]
    fn a_ledger_that_lost_its_newest_entries_or_was_made_anew_does_not() {
        let older = checkpoint(&ledger(5, "Ada"));
        let said = |ledger: &Ledger| older.hold(ledger, "example.com/prod").unwrap_err().message;
        assert!(said(&ledger(4, "Ada")).starts_with("entries of prod were removed"));
        assert!(said(&ledger(0, "Ada")).starts_with("entries of prod were removed"));
        assert!(said(&ledger(7, "Eve")).starts_with("the first 5 entries of prod are not"));
        let message = older.hold(&ledger(5, "Ada"), "example.com/dev").unwrap_err().message;
        assert_eq!(message, "the checkpoint is of `example.com/prod`, and the ledger is `example.com/dev`");
    }

    #[test]
    fn a_signature_is_by_a_key_over_the_whole_text() {
        let (key, other) = (ssh_key(1), ssh_key(2));
        let made = checkpoint(&ledger(3, "Ada"));
        let text = made.text(Some(&key));
        let read = |text: &str| Checkpoint::parse(text).unwrap();
        let keys = [key.public().clone()];
        assert_eq!(read(&text).is_signed_by(&keys), Ok(true));
        assert_eq!(read(&text).is_signed_by(&[other.public().clone()]), Ok(false));
        assert_eq!(made.is_signed_by(&keys), Ok(false));
        let changed = text.replacen("\n3\n", "\n2\n", 1);
        assert!(read(&changed).is_signed_by(&keys).is_err());
    }

    #[test]
    fn what_is_no_checkpoint_is_told() {
        let text = checkpoint(&ledger(3, "Ada")).text(None);
        for wrong in [
            "",
            "a\n1\n",
            &text.replacen("\n3\n", "\n03\n", 1),
            &text.replacen("\n3\n", "\n-3\n", 1),
            &(text.clone() + "x\n"),
        ] {
            assert!(Checkpoint::parse(wrong).is_err(), "{wrong}");
        }
        // Lines for others may stand below the hash.
        assert!(Checkpoint::parse(&text.replacen("\n\n", "\nmore\n\n", 1)).is_ok());
    }
}
