//! What a file says of itself, below the key `sops`: who can open it, when it was changed, the code over all values.
//!
//! Nothing in it is trusted before the file is open: recipients are only names, and what must be encrypted is said from
//! outside.

use std::sync::Arc;

use jiff::Timestamp;

use super::cell::Cell;
use super::plain::{Kind, Plain};
use super::reading::Reading;
use super::recipient::{Recipient, is_plugin};
use super::selection::{Rule, Selection};
use super::tree::{Body, Item, Leaf, Member};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean};
use crate::source::Place;
use crate::tree::Kind as TreeKind;
use crate::yaml::{Content, Written};

/// The key of a file that holds this.
pub(super) const KEY: &str = "sops";

/// The version of the program `sops` whose form new files have.
const VERSION: &str = "3.11.0";

/// Most recipients of a file.
const MOST: usize = 1000;

/// Services and programs that can hold the key of a file beside age.
const SERVICES: [&str; 6] = ["kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "pgp"];
/// What only newer programs or other ways of sharing a key have.
const UNSUPPORTED: [&str; 4] =
    ["shamir_threshold", "key_groups", "unencrypted_comment_regex", "encrypted_comment_regex"];
const KNOWN: [&str; 5] = ["age", "lastmodified", "mac", "mac_only_encrypted", "version"];

/// What a file says of itself.
#[derive(Debug)]
pub(super) struct Header {
    /// As it is written, to be written again.
    members: Vec<Member>,
    pub(super) stanzas: Vec<Stanza>,
    /// When the file was changed, as it is written: the code is encrypted for it.
    pub(super) modified: String,
    pub(super) mac: Cell,
    /// Where the code is.
    pub(super) mac_place: Place,
    pub(super) selection: Selection,
    /// Where the rule of the selection is, if there is one.
    pub(super) selection_place: Place,
    /// Services that hold the key as well.
    pub(super) services: Vec<&'static str>,
}

/// The key of a file, encrypted to one recipient.
#[derive(Debug)]
pub(super) struct Stanza {
    pub(super) recipient: String,
    pub(super) armored: String,
    pub(super) place: Place,
}

impl Header {
    /// One for a file that is not yet there.
    pub(super) fn new(stanzas: Vec<Stanza>, selection: Selection, top: Place) -> Self {
        let mac = Cell { data: Vec::new(), nonce: [0; 32], tag: [0; 16], kind: Kind::Str };
        let mut header = Self {
            members: Vec::new(),
            stanzas,
            modified: String::new(),
            mac,
            mac_place: top,
            selection,
            selection_place: top,
            services: Vec::new(),
        };
        for key in ["age", "lastmodified", "mac"] {
            header.put(key, Body::Leaf(Leaf::Null));
        }
        if let Some((rule, text)) = header.selection.rule() {
            let (name, text) = (rule.name(), text.to_owned());
            header.put(name, string(text));
        }
        if header.selection.mac_only_encrypted {
            header.put("mac_only_encrypted", Body::Leaf(Leaf::Bare(Plain::of(Kind::Bool, "true".to_owned()))));
        }
        header.put("version", string(VERSION.to_owned()));
        header
    }

    /// Reads one; what is wrong is recorded.
    pub(super) fn read(
        written: &Written,
        key: Place,
        text: &str,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let mark = diagnostics.mark();
        let Some(members) = written.members() else {
            return Err(diagnostics.fail(wrong(key, format!("`{KEY}` must be a mapping")).help(REMADE)));
        };
        let mut header = Self::new(Vec::new(), Selection::everything(), key);
        header.members = Reading::new(text, Vec::new(), None).root(members, None);
        for (name, member) in members {
            let (value, place) = (&member.value, member.value.place);
            match name.as_ref() {
                "age" => header.stanzas(value, diagnostics),
                "lastmodified" => match texts(value).filter(|text| is_time(text)) {
                    Some(text) => text.clone_into(&mut header.modified),
                    None => diagnostics.record(
                        wrong(place, "`lastmodified` must be a time, such as \"2026-01-31T10:00:00Z\"").help(REMADE),
                    ),
                },
                "mac" => match texts(value).and_then(Cell::parse).filter(|cell| cell.kind == Kind::Str) {
                    Some(cell) => (header.mac, header.mac_place) = (cell, place),
                    None => diagnostics.record(wrong(place, "`mac` must be an encrypted value").help(REMADE)),
                },
                "version" => {
                    if !texts(value).is_some_and(is_version) {
                        diagnostics.record(
                            unsupported(place, "`version` must be a version of sops, 3.0.0 or later and before 4")
                                .help("write the file with a newer sops, such as by `sops updatekeys FILE`"),
                        );
                    }
                }
                "mac_only_encrypted" => match value.content {
                    Content::Bool(flag) => header.selection.mac_only_encrypted = flag,
                    _ => diagnostics.record(wrong(place, "`mac_only_encrypted` must be true or false").help(REMADE)),
                },
                name => header.other(name, member.key, value, diagnostics),
            }
        }
        for name in ["lastmodified", "mac", "version"] {
            if !members.contains_key(name) {
                let message = format!("`{KEY}` must have `{name}`");
                diagnostics.record(wrong(key, message).help(REMADE));
            }
        }
        diagnostics.since(mark)?;
        Ok(header)
    }

    fn other(&mut self, name: &str, key: Place, value: &Written, diagnostics: &mut Diagnostics) {
        let empty = match &value.content {
            Content::Null => true,
            Content::List(items) => items.is_empty(),
            Content::Number(number) => number.as_i64() == Some(0),
            Content::String { text, .. } => text.is_empty(),
            _ => false,
        };
        if let Some(rule) = Rule::ALL.into_iter().find(|rule| rule.name() == name) {
            let Some(selection) = texts(value).and_then(|text| Selection::new(rule, text)) else {
                return diagnostics.record(wrong(value.place, format!("`{name}` is not one")).help(REMADE));
            };
            let mac_only_encrypted = self.selection.mac_only_encrypted;
            if selection.rule().is_some() && self.selection.rule().is_some() {
                diagnostics.record(
                    wrong(key, "there are two rules about what is encrypted")
                        .also(self.selection_place, "the other one")
                        .help(REMADE),
                );
            }
            if selection.rule().is_some() {
                self.selection = selection;
                self.selection.mac_only_encrypted = mac_only_encrypted;
                self.selection_place = key;
            }
        } else if let Some(service) = SERVICES.into_iter().find(|known| *known == name) {
            if !matches!(value.content, Content::List(_) | Content::Null) {
                diagnostics.record(wrong(value.place, format!("`{name}` must be a list")).help(REMADE));
            }
            self.services.extend((!empty).then_some(service));
        } else if UNSUPPORTED.contains(&name) {
            if !empty {
                diagnostics.record(
                    unsupported(key, format!("`{name}` is not supported"))
                        .help("encrypt the file anew to recipients of age, without groups of keys and without rules about comments"),
                );
            }
        } else {
            let known = || KNOWN.into_iter().chain(SERVICES).chain(Rule::ALL.map(Rule::name));
            diagnostics.record(
                wrong(key, format!("`{KEY}` has no `{name}`")).maybe_help(did_you_mean(name, known())).help(REMADE),
            );
        }
    }

    fn stanzas(&mut self, value: &Written, diagnostics: &mut Diagnostics) {
        let items = match &value.content {
            Content::List(items) if items.len() <= MOST => items.as_slice(),
            Content::Null => &[],
            _ => return diagnostics.record(wrong(value.place, "`age` must be a list of recipients").help(REMADE)),
        };
        for item in items {
            let members = item.members();
            let field = |name: &str| members.and_then(|members| Some(&members.get(name)?.value));
            let (Some(recipient), Some(armored)) = (field("recipient").and_then(texts), field("enc").and_then(texts))
            else {
                diagnostics
                    .record(wrong(item.place, "a recipient must have `recipient` and `enc`, both texts").help(REMADE));
                continue;
            };
            let place = field("recipient").map_or(item.place, |value| value.place);
            if members.is_some_and(|members| members.len() > 2) {
                diagnostics.record(wrong(item.place, "a recipient has `recipient` and `enc` only").help(REMADE));
            }
            let is_ssh = recipient.starts_with("ssh-");
            if Recipient::parse(recipient).is_err() && !is_plugin(recipient) && !is_ssh {
                diagnostics.record(wrong(place, "this is no key of age, or has a wrong letter").help(REMADE));
            }
            if self.stanzas.iter().any(|other| other.recipient == recipient) {
                diagnostics.record(wrong(place, "a recipient is there twice").help(REMADE));
            }
            let (recipient, armored) = (recipient.to_owned(), armored.to_owned());
            self.stanzas.push(Stanza { recipient, armored, place });
        }
    }

    /// Notes who can open the file, when it was changed, and the code over it.
    pub(super) fn update(&mut self, modified: String, mac: Cell) {
        let stanza = |stanza: &Stanza| {
            let pair = |key: &str, text: &str| Member::Pair(key.into(), string(text.to_owned()));
            Item::Value(Body::Map(vec![pair("recipient", &stanza.recipient), pair("enc", &stanza.armored)]))
        };
        let stanzas = self.stanzas.iter().map(stanza).collect();
        self.put("age", Body::List(stanzas));
        self.put("lastmodified", string(modified.clone()));
        self.put("mac", Body::Leaf(Leaf::Closed(mac.clone(), self.mac_place)));
        (self.modified, self.mac) = (modified, mac);
    }

    /// The whole as the last member of a file.
    pub(super) fn into_member(self) -> Member {
        Member::Pair(KEY.into(), Body::Map(self.members))
    }

    /// The same once more.
    pub(super) fn to_member(&self) -> Member {
        Member::Pair(KEY.into(), Body::Map(self.members.iter().map(copy_member).collect()))
    }

    fn put(&mut self, name: &str, body: Body) {
        let found = self.members.iter_mut().find_map(|member| match member {
            Member::Pair(key, body) if key.as_ref() == name => Some(body),
            _ => None,
        });
        match found {
            Some(here) => *here = body,
            None => self.members.push(Member::Pair(Arc::from(name), body)),
        }
    }
}

/// What helps with a file whose header is wrong.
const REMADE: &str = "take the file from version control, or write it anew with `tenantctl secrets encrypt`";

fn copy_member(member: &Member) -> Member {
    match member {
        Member::Comment(leaf) => Member::Comment(copy_leaf(leaf)),
        Member::Pair(key, body) => Member::Pair(Arc::clone(key), copy_body(body)),
    }
}

fn copy_body(body: &Body) -> Body {
    match body {
        Body::Leaf(leaf) => Body::Leaf(copy_leaf(leaf)),
        Body::Map(members) => Body::Map(members.iter().map(copy_member).collect()),
        Body::List(items) => Body::List(
            items
                .iter()
                .map(|item| match item {
                    Item::Comment(leaf) => Item::Comment(copy_leaf(leaf)),
                    Item::Value(body) => Item::Value(copy_body(body)),
                })
                .collect(),
        ),
    }
}

fn copy_leaf(leaf: &Leaf) -> Leaf {
    match leaf {
        Leaf::Null => Leaf::Null,
        Leaf::Bare(plain) => Leaf::Bare(plain.copy()),
        Leaf::Closed(cell, place) => Leaf::Closed(cell.clone(), *place),
        Leaf::Held(plain, cell) => Leaf::Held(plain.copy(), cell.clone()),
    }
}

fn string(text: String) -> Body {
    Body::Leaf(Leaf::Bare(Plain::text(text)))
}

fn texts(written: &Written) -> Option<&str> {
    written.as_str().filter(|_| written.tag.is_none() && written.kind() == TreeKind::String)
}

/// A time in the form of RFC 3339, of whole seconds.
fn is_time(text: &str) -> bool {
    text.len() >= "2026-01-31T10:00:00Z".len() && !text.contains('.') && text.parse::<Timestamp>().is_ok()
}

fn is_version(text: &str) -> bool {
    let number = |part: &str| {
        !part.is_empty()
            && part.len() <= 5
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let (plain, _) = text.split_once(['-', '+']).unwrap_or((text, ""));
    let parts: Vec<&str> = plain.split('.').collect();
    parts.len() == 3 && parts.first() == Some(&"3") && parts.into_iter().all(number)
}

fn wrong(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::SEALED_FORM, message).at(place, "")
}

fn unsupported(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::SEALED_UNSUPPORTED, message).at(place, "")
}
