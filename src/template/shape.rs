//! The tree that a rendered text describes, with its holes still open.
//!
//! Tenants of one kind render to the same text with markers, so a text is parsed once into a [`Skeleton`] and only
//! filled for each tenant.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::hole::{self, Holes, Part, Spelling};
use super::mark::Unmarked;
use super::reads::{self, Reads};
use super::view;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::source::{FileId, Place};
use crate::tree::{Alike, Entry, Key, Keys, Map, Node, Secret, SecretPart, Value};
use crate::yaml::{Content, Tag, Written};

/// The documents of one rendered text.
#[derive(Debug, Default)]
pub(super) struct Skeleton {
    documents: Vec<Shape>,
}

/// A value of a document.
#[derive(Debug)]
pub(super) enum Shape {
    /// Holds no hole: shared by all.
    Fixed(Node),
    /// A plain scalar that is exactly one hole: takes the value with its type.
    Typed(usize, Place),
    /// A longer or quoted scalar with holes: they are joined in as text.
    Text(Vec<Piece>, Place),
    /// A list with holes below.
    List(Vec<Self>, Place),
    /// A mapping with holes below but none in its keys: as it is but for what has holes, and that by position.
    Record(Map, Vec<(usize, Self)>, Place),
    /// A mapping with holes in its keys; and the keys of the first that was filled, which others mostly have too.
    Map(Vec<(Name, Place, Self)>, Place, OnceLock<Arc<Keys>>),
}

/// A key.
#[derive(Debug)]
pub(super) enum Name {
    Fixed(Key),
    Text(Vec<Piece>),
}

#[derive(Debug)]
pub(super) enum Piece {
    Text(Box<str>),
    Hole(usize),
    /// The name of a secret that something made text of.
    Secret(Box<str>),
}

/// Why a hole cannot be filled.
pub(super) struct Unfilled {
    /// Where the hole is.
    pub place: Place,
    /// Why.
    pub why: Why,
}

/// The reasons.
pub(super) enum Why {
    /// The value cannot be held.
    Value(minijinja::Error),
    /// Two keys became the same.
    Duplicate(Key, Place),
}

impl Piece {
    pub(super) fn hole(&self) -> Option<usize> {
        match self {
            Self::Hole(index) => Some(*index),
            Self::Text(_) | Self::Secret(_) => None,
        }
    }
}

impl Skeleton {
    /// Makes a skeleton of the documents read from unmarked text; their places become places in templates.
    pub(super) fn new(
        documents: Vec<Written>,
        unmarked: &Unmarked,
        template: FileId,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let mark = diagnostics.mark();
        let mut builder = Builder { unmarked, template, diagnostics };
        let documents = documents.into_iter().map(|document| builder.shape(document)).collect();
        diagnostics.since(mark)?;
        Ok(Self { documents })
    }

    /// For each document, what its fields were filled from.
    pub(super) fn reads(&self, filled: &[Node], holes: &Holes) -> Vec<Reads> {
        let documents = self.documents.iter().zip(filled);
        documents.map(|(shape, node)| reads::of(shape, node, holes)).collect()
    }

    /// The documents with the holes filled.
    pub(super) fn fill(&self, holes: &Holes) -> Result<Vec<Node>, Unfilled> {
        self.documents.iter().map(|shape| shape.fill(holes)).collect()
    }
}

struct Builder<'a> {
    unmarked: &'a Unmarked,
    template: FileId,
    diagnostics: &'a mut Diagnostics,
}

impl Builder<'_> {
    fn shape(&mut self, written: Written) -> Shape {
        let place = self.unmarked.origin(written.place, self.template);
        // `!raw` is harmless, the others ask for a merge that does not happen here.
        if let Some(tagged) = written.tag.filter(|tagged| tagged.tag != Tag::Raw) {
            let tag = self.unmarked.origin(tagged.place, self.template);
            self.diagnostics.record(
                Diagnostic::new(code::TAG_MISPLACED, format!("{} has no meaning in a manifest", tagged.tag))
                    .at(tag, "nothing is merged here")
                    .help("remove the tag; layers are where values are merged"),
            );
        }
        let value = match written.content {
            Content::Null => Value::Null,
            Content::Bool(flag) => Value::Bool(flag),
            Content::Number(number) => Value::Number(number),
            Content::String { text, plain } => return scalar(&text, plain, place),
            Content::Secret(_) => {
                self.diagnostics.record(
                    Diagnostic::new(code::SECRET_IN_TEMPLATE, "a template names a secret")
                        .at(place, "a secret belongs in a layer")
                        .help("set the secret in a layer and leave it out of templates"),
                );
                Value::Null
            }
            Content::List(items) => {
                let items: Vec<_> = items.into_iter().map(|item| self.shape(item)).collect();
                return Shape::List(items, place).settle();
            }
            Content::Map(members) => {
                let members = members.into_iter().map(|(key, member)| {
                    let at = self.unmarked.origin(member.key, self.template);
                    let name = if hole::is_special(&key) { Name::Text(pieces(&key)) } else { Name::Fixed(key) };
                    (name, at, self.shape(member.value))
                });
                return Shape::Map(members.collect(), place, OnceLock::new()).settle();
            }
        };
        Shape::Fixed(Node::new(value, place))
    }
}

/// The shape of a string.
fn scalar(text: &Arc<str>, plain: bool, place: Place) -> Shape {
    if !hole::is_special(text) {
        return Shape::Fixed(Node::new(Value::String(Arc::clone(text)), place));
    }
    let mut pieces = pieces(text);
    match pieces.as_mut_slice() {
        [Piece::Hole(index)] if plain => Shape::Typed(*index, place),
        _ => Shape::Text(pieces, place),
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut literal = String::new();
    for part in hole::parts(text) {
        match part {
            Part::Text(text) => literal.push_str(text),
            Part::Character(character) => literal.push(character),
            Part::Mark(_) => {}
            Part::Secret(name) => {
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal).into()));
                }
                pieces.push(Piece::Secret(name.into()));
            }
            Part::Hole(index) => {
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal).into()));
                }
                pieces.push(Piece::Hole(index));
            }
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal.into()));
    }
    pieces
}

impl Shape {
    /// A collection without holes is fixed, a mapping without holes in its keys a record.
    fn settle(self) -> Self {
        match self {
            Self::List(items, place) if items.iter().all(|item| matches!(item, Self::Fixed(_))) => {
                let nodes = items.into_iter().filter_map(|item| match item {
                    Self::Fixed(node) => Some(node),
                    _ => None,
                });
                Self::Fixed(Node::new(Value::List(Arc::new(nodes.collect())), place))
            }
            Self::Map(members, place, _) if members.iter().all(|(name, ..)| matches!(name, Name::Fixed(_))) => {
                let mut map = Map::with_capacity(members.len());
                let mut open = Vec::new();
                for (name, key, shape) in members {
                    let Name::Fixed(name) = name else { continue };
                    let node = match shape {
                        Self::Fixed(node) => node,
                        shape => {
                            open.push((map.len(), shape));
                            Node::new(Value::Null, key)
                        }
                    };
                    map.insert(name, Entry { key, node });
                }
                if open.is_empty() {
                    Self::Fixed(Node::new(Value::Map(Arc::new(map)), place))
                } else {
                    Self::Record(map, open, place)
                }
            }
            other => other,
        }
    }

    fn fill(&self, holes: &Holes) -> Result<Node, Unfilled> {
        match self {
            Self::Fixed(node) => Ok(node.clone()),
            Self::Typed(index, place) => {
                let unfilled = |error| Unfilled { place: *place, why: Why::Value(error) };
                let Some(hole) = holes.get(*index) else {
                    return Ok(Node::new(Value::String(hole::marker(*index).into()), *place));
                };
                let mut node = view::node_of(&hole.value, holes, *place).map_err(unfilled)?;
                // What is inside keeps the places of the configuration; the field itself is the template's.
                node.place = *place;
                node.under = holes.origin(&[*index]);
                Ok(node)
            }
            Self::Text(pieces, place) => {
                let indexes: Vec<usize> = pieces.iter().filter_map(Piece::hole).collect();
                let unfilled = |error| Unfilled { place: *place, why: Why::Value(error) };
                if let Some(secret) = secret(pieces, holes).map_err(unfilled)? {
                    return Ok(Node { under: holes.origin(&indexes), ..Node::new(Value::Secret(secret), *place) });
                }
                let text = join(pieces, holes).map_err(unfilled)?;
                Ok(Node { under: holes.origin(&indexes), ..Node::new(Value::String(text.into()), *place) })
            }
            Self::List(items, place) => {
                let items = items.iter().map(|item| item.fill(holes)).collect::<Result<_, _>>()?;
                Ok(Node::new(Value::List(Arc::new(items)), *place))
            }
            Self::Record(fixed, open, place) => {
                let mut map = fixed.clone();
                for (index, shape) in open {
                    let node = shape.fill(holes)?;
                    if let Some(open) = map.node_mut(*index) {
                        *open = node;
                    }
                }
                Ok(Node::new(Value::Map(Arc::new(map)), *place))
            }
            Self::Map(members, place, known) => {
                let none = Arc::default();
                let mut map = Alike::to(known.get().unwrap_or(&none));
                for (name, key, shape) in members {
                    let name = match name {
                        Name::Fixed(name) => Cow::Borrowed(name.as_ref()),
                        Name::Text(pieces) => {
                            name_of(pieces, holes).map_err(|error| Unfilled { place: *key, why: Why::Value(error) })?
                        }
                    };
                    let entry = Entry { key: *key, node: shape.fill(holes)? };
                    if let Some(first) = map.insert(&name, entry) {
                        return Err(Unfilled { place: *key, why: Why::Duplicate(name.into(), first.key) });
                    }
                }
                let map = map.finish();
                known.get_or_init(|| Arc::clone(map.shared_keys()));
                Ok(Node::new(Value::Map(Arc::new(map)), *place))
            }
        }
    }
}

/// A key that is exactly one hole is its text, also where `tojson` would spell it with quotes in a longer text.
fn name_of<'h>(pieces: &[Piece], holes: &'h Holes) -> Result<Cow<'h, str>, minijinja::Error> {
    match pieces {
        [Piece::Hole(index)] => match holes.get(*index) {
            Some(hole) => holes.text_of(&hole.value),
            None => join(pieces, holes).map(Cow::Owned),
        },
        _ => join(pieces, holes).map(Cow::Owned),
    }
}

/// Text with secrets in it stays a secret, of parts that nobody joins here. What would have to be spelled as JSON or YAML
/// cannot be: its content is not known.
fn secret(pieces: &[Piece], holes: &Holes) -> Result<Option<Secret>, minijinja::Error> {
    let hole_of = |piece: &Piece| holes.get(piece.hole()?);
    let secret_in = |piece: &Piece| view::secret_of(&hole_of(piece)?.value).cloned();
    if !pieces.iter().any(|piece| secret_in(piece).is_some()) {
        return Ok(None);
    }
    let mut parts = Vec::new();
    for piece in pieces {
        match secret_in(piece) {
            Some(secret) if pieces.len() > 1 && hole_of(piece).is_some_and(|hole| hole.spelling != Spelling::Text) => {
                return Err(view::secret_used(secret.name()));
            }
            Some(secret) => parts.extend(secret.parts().iter().cloned()),
            None => parts.push(SecretPart::Text(join(std::slice::from_ref(piece), holes)?.into())),
        }
    }
    Ok(Some(Secret::joined(parts)))
}

fn join(pieces: &[Piece], holes: &Holes) -> Result<String, minijinja::Error> {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(literal) => text.push_str(literal),
            Piece::Secret(name) => return Err(view::secret_used(name)),
            Piece::Hole(index) => match holes.get(*index) {
                Some(hole) => text.push_str(&holes.spell(hole)?),
                None => text.push_str(&hole::marker(*index)),
            },
        }
    }
    Ok(text)
}
