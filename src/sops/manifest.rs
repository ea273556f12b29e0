//! A manifest whose secrets are encrypted: what Flux, Argo CD and `sops` open on the way to a cluster.
//!
//! In go an object, the contents of its secrets and an opened file; out comes YAML, encrypted with the key of that file,
//! to its recipients, as of its last change. The same input gives the same bytes: the nonce of each value is made from
//! the key, the object, the path and the value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::cell::Cell;
use super::header::{Header, Stanza};
use super::opened::Opened;
use super::plain::{Kind, Plain};
use super::sealed::code_value;
use super::selection::{Rule, Selection};
use super::tree::{Body, Item, Leaf, Member, walk_mut};
use super::writing;
use crate::path::Path;
use crate::source::Place;
use crate::tree::{Map, Node, Value};
use crate::tree::{Number, Secret};

/// Columns that what is inside stands further in.
const INDENT: usize = 2;

/// The fields of a Secret whose values are encrypted.
const FIELDS: &str = "^(data|stringData)$";

/// Why an object cannot be written encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsealable {
    /// A secret without content.
    Missing {
        /// Where in the object.
        path: Path,
        /// Its name.
        name: String,
    },
    /// A secret outside `data` and `stringData`, where its content would stand in plain text.
    Outside {
        /// Where in the object.
        path: Path,
    },
    /// The object is no mapping, or has a field `sops`.
    Form,
}

/// An object as encrypted YAML. `content` gives what a secret holds; below `data` it is written in base64, as Kubernetes
/// wants it. `identity` names the object: two objects with one key must have different ones.
pub fn manifest<'a>(
    object: &Node,
    content: &dyn Fn(&Secret) -> Option<&'a Plain>,
    from: &Opened,
    identity: &str,
) -> Result<String, Unsealable> {
    let selection = Selection::new(Rule::EncryptedRegex, FIELDS).ok_or(Unsealable::Form)?;
    let Value::Map(map) = &object.value else { return Err(Unsealable::Form) };
    if map.get(super::header::KEY).is_some() {
        return Err(Unsealable::Form);
    }
    let mut filling = Filling { content, selection: &selection, path: Path::root() };
    let mut members = filling.members(map)?;
    let key = from.key();
    let nonce = |place: &str, plain: &Plain| {
        key.nonce_for(&[identity.as_bytes(), place.as_bytes(), plain.kind().name().as_bytes(), plain.bytes()])
    };
    walk_mut(&mut members, &mut |met| {
        let place = met.place();
        // Items of a list have one place: their index makes the nonce another one.
        let own = format!("{place}{}", met.path);
        if let Leaf::Held(plain, cell @ None) = met.leaf {
            *cell = key.encrypt(plain, nonce(&own, plain), &place);
        }
    });
    let stanza = |stanza: &Stanza| Stanza {
        recipient: stanza.recipient.clone(),
        armored: stanza.armored.clone(),
        place: stanza.place,
    };
    let stanzas = from.header.stanzas.iter().map(stanza).collect();
    let code = code_value(&members, &selection);
    let mut header = Header::new(stanzas, selection, Place::top(from.file()));
    let sealed: Option<Cell> = key.encrypt(&code, nonce("sops.mac", &code), from.modified());
    header.update(from.modified().to_owned(), sealed.ok_or(Unsealable::Form)?);
    let mut text = writing::sealed(&members, INDENT);
    text.push_str(&writing::sealed(&[header.into_member()], INDENT));
    Ok(text)
}

struct Filling<'c, 'a> {
    content: &'c dyn Fn(&Secret) -> Option<&'a Plain>,
    selection: &'c Selection,
    path: Path,
}

impl Filling<'_, '_> {
    fn members(&mut self, map: &Map) -> Result<Vec<Member>, Unsealable> {
        let mut members = Vec::with_capacity(map.len());
        for (key, entry) in map {
            self.path.push(crate::path::Step::Key(key.clone()));
            members.push(Member::Pair(key.clone(), self.body(&entry.node)?));
            self.path.pop();
        }
        Ok(members)
    }

    fn body(&mut self, node: &Node) -> Result<Body, Unsealable> {
        Ok(match &node.value {
            Value::Map(map) => Body::Map(self.members(map)?),
            Value::List(items) => {
                let mut read = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.path.push(crate::path::Step::Index(index));
                    read.push(Item::Value(self.body(item)?));
                    self.path.pop();
                }
                Body::List(read)
            }
            Value::Null => Body::Leaf(Leaf::Null),
            Value::Bool(flag) => self.leaf(Plain::of(Kind::Bool, flag.to_string())),
            Value::Number(Number::Int(number)) => self.leaf(Plain::of(Kind::Int, number.to_string())),
            Value::Number(Number::Float(number)) => self.leaf(Plain::of(Kind::Float, number.to_string())),
            Value::String(text) => self.leaf(Plain::of(Kind::Str, text.to_string())),
            Value::Secret(secret) => self.secret(secret)?,
        })
    }

    fn secret(&self, secret: &Secret) -> Result<Body, Unsealable> {
        let path = self.path.clone();
        if !self.selection.encrypts(&path.keys()) {
            return Err(Unsealable::Outside { path });
        }
        let name = secret.name().to_owned();
        let plain = (self.content)(secret).ok_or(Unsealable::Missing { path, name })?;
        let text = Zeroizing::new(plain.reveal().to_owned());
        let is_data = self.path.keys().first() == Some(&"data");
        let text = if is_data { Zeroizing::new(STANDARD.encode(text.as_bytes())) } else { text };
        Ok(self.leaf(Plain::of(Kind::Str, text)))
    }

    fn leaf(&self, plain: Plain) -> Body {
        let held = !plain.is_empty() && self.selection.encrypts(&self.path.keys());
        Body::Leaf(if held { Leaf::Held(plain, None) } else { Leaf::Bare(plain) })
    }
}
