//! An encrypted file, open: values to be read, set, removed, and sealed again.

use indexmap::{IndexMap, IndexSet};
use zeroize::Zeroizing;

use super::cell::{Cell, NONCE};
use super::comment::comments;
use super::header::{Header, Stanza};
use super::key::{DataKey, NoRandomness, Randomness};
use super::plain::Plain;
use super::reading::Reading;
use super::recipient::Recipient;
use super::sealed::{INDENT, code_value, document, not_held};
use super::selection::Selection;
use super::tree::{Body, Leaf, Member, get, put, take, walk, walk_mut};
use super::writing;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::path::Path;
use crate::source::{FileId, Place};

/// A value and how it was encrypted.
type Held = (Plain, Option<Cell>);

/// An encrypted file, open. What it holds was checked, or is new.
#[derive(Debug)]
pub struct Opened {
    file: FileId,
    members: Vec<Member>,
    pub(super) header: Header,
    indent: usize,
    key: DataKey,
    changed: bool,
}

/// A key that a file could not be encrypted with to a recipient, whose own key is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrapped(pub Recipient);

impl Opened {
    /// A file that holds nothing yet.
    pub fn new(file: FileId, key: DataKey, recipients: &[Recipient], selection: Selection) -> Result<Self, Unwrapped> {
        let stanzas = recipients.iter().map(|to| stanza(to, &key)).collect::<Result<_, _>>()?;
        let header = Header::new(stanzas, selection, Place::top(file));
        Ok(Self { file, members: Vec::new(), header, indent: INDENT, key, changed: true })
    }

    pub(super) fn checked(file: FileId, members: Vec<Member>, header: Header, indent: usize, key: DataKey) -> Self {
        Self { file, members, header, indent, key, changed: false }
    }

    /// The number of the file among the sources.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The key of the file.
    pub fn key(&self) -> &DataKey {
        &self.key
    }

    /// Which values are encrypted.
    pub fn selection(&self) -> &Selection {
        &self.header.selection
    }

    /// Those who can open it.
    pub fn recipients(&self) -> impl ExactSizeIterator<Item = &str> {
        self.header.stanzas.iter().map(|stanza| stanza.recipient.as_str())
    }

    /// Services other than age that can open it as well, by their keys in the file.
    pub fn services(&self) -> &[&'static str] {
        &self.header.services
    }

    /// When it was last sealed, in the form of RFC 3339; empty for a new file.
    pub fn modified(&self) -> &str {
        &self.header.modified
    }

    /// The value at a path.
    pub fn get(&self, path: &Path) -> Option<&Plain> {
        match get(&self.members, path.steps())? {
            Body::Leaf(leaf) => leaf.plain(),
            _ => None,
        }
    }

    /// Whether something is at a path: a value, a mapping or a list.
    pub fn has(&self, path: &Path) -> bool {
        get(&self.members, path.steps()).is_some()
    }

    /// All values in the order of the file. `null` is none.
    pub fn values(&self) -> Vec<(Path, &Plain)> {
        let mut values = Vec::new();
        walk(&self.members, &mut |met| {
            if let (false, Some(plain)) = (met.is_comment, met.leaf.plain()) {
                values.push((met.path.clone(), plain));
            }
        });
        values
    }

    /// Sets the value at a chain of keys; gives it back where another kind of value is in the way, such as a mapping.
    /// What is equal already stays as it is.
    pub fn set(&mut self, keys: &[&str], plain: Plain) -> Result<(), Plain> {
        let path = Path::from_keys(keys.iter().copied());
        match get(&self.members, path.steps()) {
            Some(Body::Leaf(leaf)) if leaf.plain() == Some(&plain) => return Ok(()),
            Some(Body::Map(_) | Body::List(_)) => return Err(plain),
            _ => {}
        }
        let leaf = if !plain.is_empty() && self.header.selection.encrypts(keys) {
            Leaf::Held(plain, None)
        } else {
            Leaf::Bare(plain)
        };
        match put(&mut self.members, keys, Body::Leaf(leaf)) {
            Ok(()) => {
                self.changed = true;
                Ok(())
            }
            Err(Body::Leaf(Leaf::Held(plain, _) | Leaf::Bare(plain))) => Err(plain),
            Err(_) => Err(Plain::text(String::new())),
        }
    }

    /// The keys of the mapping at a chain of keys.
    pub(crate) fn keys_below(&self, keys: &[&str]) -> Vec<String> {
        let path = Path::from_keys(keys.iter().copied());
        let Some(Body::Map(members)) = get(&self.members, path.steps()) else { return Vec::new() };
        let key = |member: &Member| match member {
            Member::Pair(key, _) => Some(key.to_string()),
            Member::Comment(_) => None,
        };
        members.iter().filter_map(key).collect()
    }

    /// Removes what is at a chain of keys, and mappings that are empty then. Says whether there was something.
    pub fn remove(&mut self, keys: &[&str]) -> bool {
        let taken = take(&mut self.members, keys).is_some();
        self.changed |= taken;
        taken
    }

    /// The values as YAML, with comments, for those who may read them.
    pub fn text(&self) -> Zeroizing<String> {
        writing::opened(&self.members, self.indent)
    }

    /// The same without what is below some keys at the top.
    pub fn text_without(&mut self, keys: &[&str]) -> Zeroizing<String> {
        let kept = self.part(keys);
        let text = self.text();
        self.members.extend(kept);
        text
    }

    /// Moves what is below some keys at the top to the end, in the order of the keys.
    pub fn put_last(&mut self, keys: &[&str]) {
        for key in keys {
            let kept = self.part(&[*key]);
            self.members.extend(kept);
        }
    }

    /// Takes out the members of some keys at the top.
    fn part(&mut self, keys: &[&str]) -> Vec<Member> {
        let is_kept = |member: &mut Member| matches!(member, Member::Pair(key, _) if keys.contains(&key.as_ref()));
        self.members.extract_if(.., is_kept).collect()
    }

    /// Puts other members in the place of all, read from a text such as [`Opened::text`] gives. What is equal, at the
    /// same path, keeps its bytes. What is below some keys at the top stays, and the text must not have them. What is
    /// wrong with the text is recorded without quoting it.
    pub fn replace(
        &mut self,
        file: FileId,
        text: &str,
        keeping: &[&str],
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let mut members = plain_members(file, text, &self.header.selection, diagnostics)?;
        if let Some(key) = members.iter().find_map(|member| match member {
            Member::Pair(key, _) if keeping.contains(&key.as_ref()) => Some(key),
            _ => None,
        }) {
            return Err(diagnostics.fail(
                Diagnostic::new(code::SEALED_FORM, format!("`{key}` is for tenantctl itself and cannot be set"))
                    .help("name the value otherwise"),
            ));
        }
        let kept = self.part(keeping);
        let mut old: IndexMap<(Path, bool), Vec<Held>> = IndexMap::new();
        let mut before = Vec::new();
        walk(&self.members, &mut |met| {
            before.push((met.path.clone(), met.is_comment, met.leaf.plain().map(Plain::copy)));
            if let Leaf::Held(plain, cell) = met.leaf {
                old.entry((met.path.clone(), met.is_comment)).or_default().push((plain.copy(), cell.clone()));
            }
        });
        let mut after = Vec::new();
        walk_mut(&mut members, &mut |met| {
            let key = (met.path.clone(), met.is_comment);
            if let Leaf::Held(plain, cell) = met.leaf
                && let Some(known) = old.get_mut(&key)
                && let Some(at) = known.iter().position(|(old, _)| old.is_shown_as(plain))
            {
                (*plain, *cell) = known.remove(at);
            }
            after.push((met.path.clone(), met.is_comment, met.leaf.plain().map(Plain::copy)));
        });
        self.changed |= before != after;
        members.extend(kept);
        self.members = members;
        Ok(())
    }

    /// Encrypts the file to others. Those who stay keep what was encrypted to them.
    pub fn share(&mut self, recipients: &[Recipient]) -> Result<(), Unwrapped> {
        let mut stanzas = Vec::with_capacity(recipients.len());
        for to in recipients {
            let kept = self.header.stanzas.iter().find(|stanza| stanza.recipient == to.as_str());
            stanzas.push(match kept {
                Some(Stanza { recipient, armored, place }) => {
                    Stanza { recipient: recipient.clone(), armored: armored.clone(), place: *place }
                }
                None => stanza(to, &self.key)?,
            });
        }
        let names = |stanzas: &[Stanza]| stanzas.iter().map(|stanza| stanza.recipient.clone()).collect::<Vec<_>>();
        self.changed |= names(&stanzas) != names(&self.header.stanzas);
        self.header.stanzas = stanzas;
        Ok(())
    }

    /// Encrypts everything anew with another key, to these recipients alone.
    pub fn rekey(&mut self, key: DataKey, recipients: &[Recipient]) -> Result<(), Unwrapped> {
        self.header.stanzas = recipients.iter().map(|to| stanza(to, &key)).collect::<Result<_, _>>()?;
        self.key = key;
        walk_mut(&mut self.members, &mut |met| {
            if let Leaf::Held(_, cell) = met.leaf {
                *cell = None;
            }
        });
        self.changed = true;
        Ok(())
    }

    /// Whether it differs from the file it was opened from.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Encrypts what is new and gives the text of the file. `now` is a time in the form of RFC 3339, in whole seconds.
    /// What has not changed has the bytes it had.
    pub fn seal(&mut self, now: &str, randomness: &mut dyn Randomness) -> Result<String, NoRandomness> {
        if self.changed || self.header.modified.is_empty() {
            let mut used = IndexSet::new();
            walk(&self.members, &mut |met| {
                used.extend(met.leaf.cell().map(|cell| cell.nonce));
            });
            let mut fresh = || -> Result<[u8; NONCE], NoRandomness> {
                let mut nonce = [0; NONCE];
                randomness.fill(&mut nonce)?;
                // A nonce that comes twice is none: who gives it cannot be trusted with the next one.
                if used.insert(nonce) { Ok(nonce) } else { Err(NoRandomness) }
            };
            let mut outcome = Ok(());
            let key = &self.key;
            walk_mut(&mut self.members, &mut |met| {
                let place = met.place();
                if let Leaf::Held(plain, cell @ None) = met.leaf
                    && outcome.is_ok()
                {
                    match fresh() {
                        Ok(nonce) => *cell = key.encrypt(plain, nonce, &place),
                        Err(error) => outcome = Err(error),
                    }
                }
            });
            outcome?;
            let code = code_value(&self.members, &self.header.selection);
            let code = key.encrypt(&code, fresh()?, now).ok_or(NoRandomness)?;
            self.header.update(now.to_owned(), code);
            self.changed = false;
        }
        let mut text = writing::sealed(&self.members, self.indent);
        text.push_str(&writing::sealed(&[self.header.to_member()], self.indent));
        Ok(text)
    }
}

fn stanza(to: &Recipient, key: &DataKey) -> Result<Stanza, Unwrapped> {
    let armored = to.wrap(key).ok_or_else(|| Unwrapped(to.clone()))?;
    let place = Place::top(FileId::NONE);
    Ok(Stanza { recipient: to.as_str().to_owned(), armored, place })
}

/// The members of a text in plain, with what a selection encrypts held.
fn plain_members(
    file: FileId,
    text: &str,
    selection: &Selection,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Member>, Failed> {
    let written = document(file, text, diagnostics)?;
    let Some(members) = written.members() else {
        if matches!(written.content, crate::yaml::Content::Null) {
            return Ok(Vec::new());
        }
        return Err(diagnostics.fail(
            Diagnostic::new(code::SEALED_FORM, "what is encrypted must be a mapping, but this is none")
                .at(Place::top(file), ""),
        ));
    };
    let mark = diagnostics.mark();
    if let Some(member) = members.get(super::header::KEY) {
        diagnostics.record(
            Diagnostic::new(code::SEALED_FORM, "`sops` is the key of what a file says of itself, and is there already")
                .at(member.key, "")
                .help("name the value otherwise; a file that is encrypted already is changed with `tenantctl secrets edit`"),
        );
    }
    let mut reading = Reading::new(text, comments(text, &written), Some(selection));
    let read = reading.root(members, None);
    for (place, path, wrong) in reading.wrong {
        diagnostics.record(not_held(place, &path, wrong));
    }
    diagnostics.since(mark)?;
    Ok(read)
}

impl Unwrapped {
    /// What is wrong with the recipient.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::new(code::RECIPIENTS, format!("nothing can be encrypted to {}", self.0))
            .help("make a new key with `age-keygen`, and write its public part instead")
    }
}
