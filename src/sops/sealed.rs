//! An encrypted file, closed.

use indexmap::IndexMap;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use super::cell::{Cell, NONCE};
use super::comment::comments;
use super::header::{self, Header};
use super::identity::{Identities, Refused};
use super::key::DataKey;
use super::opened::Opened;
use super::plain::{Kind, Plain};
use super::reading::{Reading, Wrong};
use super::selection::Selection;
use super::tree::{Body, Leaf, Member, place, walk, walk_mut};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::path::Path;
use crate::source::{FileId, Place};
use crate::yaml::{self, Content, Limits, Member as Said, Written};

/// Columns that what is inside stands further in, where a file does not say.
pub(super) const INDENT: usize = 4;

/// Hexadecimal digits of the fingerprint of an encrypted value.
const FINGERPRINT: usize = 16;

/// Comments whose place is not the usual are tried with so many others.
const MOST_PLACES: usize = 200;

/// An encrypted file, closed: its names can be read, its values cannot.
#[derive(Debug)]
pub struct Sealed {
    file: FileId,
    members: Vec<Member>,
    header: Header,
    indent: usize,
}

/// So often all in all, so that a file of nothing but comments takes no time.
const MOST_TRIES: usize = 20_000;

/// Whether a text is an encrypted file, or was one before somebody changed it.
pub fn is_sealed(text: &str) -> bool {
    let read = yaml::read_document(FileId::NONE, text, &Limits::default(), &mut Diagnostics::new());
    let Ok(written) = read else { return text.lines().any(|line| line.trim_end() == "sops:") };
    let within = |key: &str| written.at(&[header::KEY, key]).is_some();
    within("mac") || within("lastmodified")
}

impl Sealed {
    /// Reads a file, which must encrypt at least what `terms` do. The text is never shown in what is recorded.
    pub fn read(file: FileId, text: &str, terms: &Selection, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let written = document(file, text, diagnostics)?;
        let top = Place::top(file);
        let Some(members) = written.members() else {
            return Err(diagnostics.fail(form(top, "an encrypted file must be a mapping, but this is none")));
        };
        let Some(Said { key, value }) = members.get(header::KEY) else {
            return Err(diagnostics.fail(
                Diagnostic::new(code::SEALED_FORM, format!("the file is not encrypted: it has no `{}`", header::KEY))
                    .at(top, "")
                    .help("encrypt it with `tenantctl secrets encrypt FILE`; if it was committed like this, its values are no longer secret"),
            ));
        };
        let mark = diagnostics.mark();
        let header = Header::read(value, *key, text, diagnostics)?;
        held_to(terms, &header, diagnostics);
        let mut reading = Reading::new(text, comments(text, &written), None);
        let mut tree = reading.root(members, Some(header::KEY));
        // Comments within the header are nobody's.
        let from = key.start as usize;
        tree.retain(|member| !matches!(member, Member::Comment(Leaf::Closed(_, place)) if place.start as usize > from));
        for (place, path, wrong) in std::mem::take(&mut reading.wrong) {
            diagnostics.record(not_held(place, &path, wrong));
        }
        let indent = value.members().and_then(|members| members.first()).map_or(INDENT, |(_, first)| {
            let before = text.get(..first.key.start as usize).unwrap_or_default();
            before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)
        });
        let indent = if (1..=16).contains(&indent) { indent } else { INDENT };
        let sealed = Self { file, members: tree, header, indent };
        sealed.selected(terms, members, diagnostics);
        sealed.nonces(diagnostics);
        diagnostics.since(mark)?;
        Ok(sealed)
    }

    /// The ways to all values, in order, as they can be read without a key; each with whether it is encrypted.
    pub fn names(&self) -> Vec<(Path, bool)> {
        let mut names = Vec::new();
        walk(&self.members, &mut |met| {
            if !met.is_comment {
                names.push((met.path.clone(), met.leaf.cell().is_some()));
            }
        });
        names
    }

    /// What tells the encrypted form of a value from others: hexadecimal digits of a digest of it.
    pub(crate) fn fingerprint(&self, path: &Path) -> Option<String> {
        match super::tree::get(&self.members, path.steps())? {
            Body::Leaf(leaf) => {
                let cell = leaf.cell()?.to_string();
                Some(blake3::hash(cell.as_bytes()).to_hex()[..FINGERPRINT].to_owned())
            }
            _ => None,
        }
    }

    /// Where a value is, if it is encrypted; else the top of the file.
    pub fn place(&self, path: &Path) -> Place {
        match super::tree::get(&self.members, path.steps()) {
            Some(Body::Leaf(Leaf::Closed(_, place))) => *place,
            _ => Place::top(self.file),
        }
    }

    /// Where a recipient is named in the file.
    pub fn place_of_recipient(&self, recipient: &str) -> Option<Place> {
        self.header.stanzas.iter().find(|stanza| stanza.recipient == recipient).map(|stanza| stanza.place)
    }

    /// A value that is not encrypted. Nothing says that nobody has changed it: that takes a key.
    pub fn plain(&self, path: &Path) -> Option<&str> {
        match super::tree::get(&self.members, path.steps())? {
            Body::Leaf(Leaf::Bare(plain)) => Some(plain.reveal()),
            _ => None,
        }
    }

    /// Those who can open it, as the file says.
    pub fn recipients(&self) -> impl ExactSizeIterator<Item = &str> {
        self.header.stanzas.iter().map(|stanza| stanza.recipient.as_str())
    }

    /// Services other than age that can open it as well, by their keys in the file.
    pub fn services(&self) -> &[&'static str] {
        &self.header.services
    }

    /// When it was changed, in the form of RFC 3339, as the file says.
    pub fn modified(&self) -> &str {
        &self.header.modified
    }

    /// The number of the file among the sources.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Opens it with the first key that does. Everything in it is checked before anything is handed out.
    pub fn open(self, identities: &Identities, diagnostics: &mut Diagnostics) -> Result<Opened, Failed> {
        let key = self.key(identities, diagnostics)?;
        let Self { file, mut members, header, indent } = self;
        let mark = diagnostics.mark();
        let mut changed = Vec::new();
        let (places, mut tries) = (places(&members), MOST_TRIES);
        walk_mut(&mut members, &mut |met| {
            let Leaf::Closed(cell, at) = &*met.leaf else { return };
            let found = if met.is_comment {
                let others = places.iter().take_while(|_| {
                    tries = tries.saturating_sub(1);
                    tries > 0
                });
                key.open(cell, &met.place()).or_else(|| others.into_iter().find_map(|place| key.open(cell, place)))
            } else {
                key.open(cell, &met.place())
            };
            match found {
                Some(plain) => *met.leaf = Leaf::Held(plain, Some(cell.clone())),
                None => changed.push((met.path.clone(), *at, met.is_comment)),
            }
        });
        for (path, at, is_comment) in changed {
            let what = if is_comment { "a comment".to_owned() } else { format!("`{path}`") };
            let diagnostic = changed_since(format!("{what} was changed, or belongs to another place or file"));
            diagnostics.record(if is_comment {
                diagnostic.at(Place::top(file), "")
            } else {
                diagnostic.at(at, "").about(path)
            });
        }
        diagnostics.since(mark)?;
        let code = key.decrypt(&header.mac, &header.modified);
        let expected = code_over(&members, &header.selection);
        if code.as_deref().map(Vec::as_slice) != Some(expected.as_bytes()) {
            return Err(diagnostics.fail(
                changed_since("the code over all values is not that of this file: values, their order, or `lastmodified` were changed")
                    .at(header.mac_place, ""),
            ));
        }
        Ok(Opened::checked(file, members, header, indent, key))
    }

    /// The key of the file.
    fn key(&self, identities: &Identities, diagnostics: &mut Diagnostics) -> Result<DataKey, Failed> {
        let mut found: Option<DataKey> = None;
        for stanza in &self.header.stanzas {
            match identities.unwrap(&stanza.armored) {
                Ok((key, by)) => {
                    let other = found.as_ref().is_some_and(|found| found.bytes() != key.bytes());
                    if other || by != stanza.recipient {
                        return Err(diagnostics.fail(
                            changed_since(format!(
                                "what is encrypted to {} is for another recipient",
                                stanza.recipient
                            ))
                            .at(stanza.place, ""),
                        ));
                    }
                    found = Some(key);
                }
                Err(Refused::NoMatch) => {}
                Err(Refused::Damaged) => {
                    return Err(diagnostics.fail(
                        changed_since(format!("what is encrypted to {} is damaged", stanza.recipient))
                            .at(stanza.place, ""),
                    ));
                }
            }
        }
        found.ok_or_else(|| diagnostics.fail(self.no_key(identities)))
    }

    fn no_key(&self, identities: &Identities) -> Diagnostic {
        let message = if identities.is_empty() {
            "there is no key to open this file with"
        } else {
            "none of the keys that are there opens this file"
        };
        let mut diagnostic = Diagnostic::new(code::NO_KEY, message).at(Place::top(self.file), "");
        if self.header.stanzas.is_empty() {
            diagnostic = diagnostic.note("it is encrypted to no recipient of age");
        } else {
            diagnostic =
                diagnostic.note(format!("it can be opened by {}", self.recipients().collect::<Vec<_>>().join(", ")));
        }
        if !self.header.services.is_empty() {
            diagnostic =
                diagnostic.note(format!("and with {}, which tenantctl does not ask", self.header.services.join(", ")));
        }
        if !identities.is_empty() {
            let ours: Vec<&str> = identities.recipients().collect();
            diagnostic = diagnostic.note(format!("the keys that are there are those of {}", ours.join(", ")));
        }
        diagnostic
            .help("name the file of your key in SOPS_AGE_KEY_FILE, or put it where age keys are looked for: ~/.config/sops/age/keys.txt")
            .help("if you should be able to open it, ask one of those to add you: `tenantctl secrets updatekeys`")
    }

    /// What must be encrypted is, and what must not be is not.
    fn selected(&self, terms: &Selection, members: &yaml::Members, diagnostics: &mut Diagnostics) {
        let mut bare = Vec::new();
        let mut hidden = Vec::new();
        let agreed = self.header.selection.covers(terms);
        walk(&self.members, &mut |met| {
            let keys = met.path.keys();
            match met.leaf {
                Leaf::Bare(plain)
                    if !met.is_comment
                        && !plain.is_empty()
                        && (terms.encrypts(&keys) || self.header.selection.encrypts(&keys)) =>
                {
                    bare.push(met.path.clone());
                }
                Leaf::Closed(_, at) if agreed && !met.is_comment && !self.header.selection.encrypts(&keys) => {
                    hidden.push((met.path.clone(), *at));
                }
                _ => {}
            }
        });
        for path in bare {
            let place = key_of(members, &path).unwrap_or(Place::top(self.file));
            diagnostics.record(
                Diagnostic::new(code::SEALED_PLAIN, format!("`{path}` stands in plain text, but must be encrypted"))
                    .at(place, "")
                    .about(path)
                    .help("remove the line and set the value with `tenantctl secrets set`; if it was committed like this, it is no longer secret"),
            );
        }
        for (path, place) in hidden {
            diagnostics
                .record(form(place, format!("`{path}` is encrypted, but the file says that it is not")).about(path));
        }
    }

    /// One nonce encrypts one value. Equal values of one list may be equal once encrypted.
    fn nonces(&self, diagnostics: &mut Diagnostics) {
        let mut seen: IndexMap<[u8; NONCE], &Cell> = IndexMap::new();
        seen.insert(self.header.mac.nonce, &self.header.mac);
        let mut again = Vec::new();
        walk(&self.members, &mut |met| {
            if let Leaf::Closed(cell, place) = met.leaf
                && seen.insert(cell.nonce, cell).is_some_and(|other| other != cell)
            {
                again.push((met.path.clone(), *place));
            }
        });
        for (path, place) in again {
            diagnostics.record(
                changed_since(format!("`{path}` is encrypted with the nonce of another value, which gives both away"))
                    .at(place, "")
                    .about(path)
                    .help("draw new values for both, and encrypt the file with a new key: `tenantctl secrets rotate`"),
            );
        }
    }
}

/// The document of a file, whose text is never shown.
pub(super) fn document(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Result<Written, Failed> {
    let mut own = Diagnostics::new();
    let read = yaml::read_document(file, text, &Limits::default(), &mut own);
    let mut failed = None;
    for item in own.items() {
        // A message may quote what it is about.
        let mut hushed = Diagnostic::new(item.code, item.code.title());
        if let Some(primary) = &item.primary {
            hushed = hushed.at(primary.place, "");
        }
        failed = Some(diagnostics.fail(hushed.note("more is not said, since the text may be secret")));
    }
    match (read, failed) {
        (Ok(written), None) => Ok(written),
        (_, Some(failed)) | (Err(failed), None) => Err(failed),
    }
}

/// The code over all values of a file: SHA-512 over what was encrypted, in order.
pub(super) fn code_over(members: &[Member], selection: &Selection) -> String {
    /// What is hashed first where the code leaves out plain text: 32 bytes that the format gives.
    const ONLY_ENCRYPTED: [u8; 32] = [
        0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b, 0x0b, 0x97,
        0x5b, 0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
    ];
    let mut hash = Sha512::new();
    if selection.mac_only_encrypted {
        hash.update(ONLY_ENCRYPTED);
    }
    walk(members, &mut |met| {
        let counts = !selection.mac_only_encrypted || selection.encrypts(&met.path.keys());
        if let (false, true, Some(plain)) = (met.is_comment, counts, met.leaf.plain()) {
            hash.update(plain.bytes());
        }
    });
    hash.finalize().iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The code as a value to be encrypted.
pub(super) fn code_value(members: &[Member], selection: &Selection) -> Plain {
    Plain::of(Kind::Str, Zeroizing::new(code_over(members, selection)))
}

/// The places of all mappings and lists, the outermost first.
fn places(members: &[Member]) -> Vec<String> {
    let mut places = vec![place(&[])];
    walk(members, &mut |met| {
        let keys = met.path.keys();
        for depth in 1..=keys.len() {
            let place = place(&keys[..depth]);
            if places.len() < MOST_PLACES && !places.contains(&place) {
                places.push(place);
            }
        }
    });
    places
}

/// A file may not ask for less than the terms do.
fn held_to(terms: &Selection, header: &Header, diagnostics: &mut Diagnostics) {
    if header.selection.covers(terms) {
        return;
    }
    let said = |selection: &Selection| match selection.rule() {
        Some((rule, text)) => format!("{}: {text}", rule.name()),
        None => "everything is encrypted".to_owned(),
    };
    let message = if header.selection.mac_only_encrypted && !terms.mac_only_encrypted {
        "the file says `mac_only_encrypted`, by which what is not encrypted can be changed, but the policy does not"
    } else {
        "the file says for itself what is encrypted, and it is not what the policy says"
    };
    diagnostics.record(
        Diagnostic::new(code::SEALED_PLAIN, message)
            .at(header.selection_place, "")
            .note(format!("the policy says: {}", said(terms)))
            .help("take the file from version control; to choose what is encrypted, write a creation rule into .sops.yaml and encrypt the file anew"),
    );
}

/// Where the key of a value is, which is no secret.
fn key_of(members: &yaml::Members, path: &Path) -> Option<Place> {
    let mut steps = path.steps().iter();
    let crate::path::Step::Key(first) = steps.next()? else { return None };
    let mut here = members.get(first)?;
    for step in steps {
        here = match (step, &here.value.content) {
            (crate::path::Step::Key(key), Content::Map(members)) => members.get(key)?,
            _ => break,
        };
    }
    Some(here.key)
}

pub(super) fn not_held(place: Place, path: &Path, wrong: Wrong) -> Diagnostic {
    let diagnostic = match wrong {
        Wrong::Cell => form(place, format!("`{path}` begins as an encrypted value, but is none"))
            .help("take the line from version control, or set the value anew with `tenantctl secrets set`"),
        Wrong::Tag => form(place, format!("`{path}` has a tag, which has no place in a file of secrets")),
        Wrong::Encrypted => form(place, format!("`{path}` is encrypted already, but plain text is wanted")),
    };
    diagnostic.about(path.clone())
}

fn form(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::SEALED_FORM, message).at(place, "")
}

fn changed_since(message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::SEALED_CHANGED, message).help(
        "take the file from version control; if nobody can say who changed it, draw new values for all that is in it",
    )
}
