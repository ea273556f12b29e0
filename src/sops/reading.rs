//! From what YAML says to the tree of a file.

use std::sync::Arc;

use super::cell::Cell;
use super::comment::Comment;
use super::plain::{Kind, Plain};
use super::selection::Selection;
use super::tree::{Body, Item, Leaf, Member};
use crate::path::{Path, Step};
use crate::source::Place;
use crate::tree::Number;
use crate::yaml::{Content, Members, Written};

/// Reads a tree; comments find their way into it.
pub(super) struct Reading<'a> {
    /// The text, to tell the columns of keys.
    pub(super) text: &'a str,
    /// Comments that have not been met.
    pub(super) comments: std::iter::Peekable<std::vec::IntoIter<Comment>>,
    /// What is to be encrypted, for a text that is not; `None` for a file that is.
    pub(super) selection: Option<&'a Selection>,
    /// What cannot be held, where it stands and what must be said.
    pub(super) wrong: Vec<(Place, Path, Wrong)>,
    path: Path,
}

/// Why a value cannot be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It begins as an encrypted value but is none.
    Cell,
    /// It has a tag.
    Tag,
    /// It is encrypted where plain text is wanted.
    Encrypted,
}

impl<'a> Reading<'a> {
    pub(super) fn new(text: &'a str, comments: Vec<Comment>, selection: Option<&'a Selection>) -> Self {
        let comments = comments.into_iter().peekable();
        Self { text, comments, selection, wrong: Vec::new(), path: Path::root() }
    }

    /// The members of the whole file, without one key.
    pub(super) fn root(&mut self, members: &Members, without: Option<&str>) -> Vec<Member> {
        self.members(members, without, usize::MAX)
    }

    fn members(&mut self, members: &Members, without: Option<&str>, until: usize) -> Vec<Member> {
        let mut read = Vec::with_capacity(members.len());
        let mut column = 0;
        let mut entries = members.iter().peekable();
        while let Some((key, member)) = entries.next() {
            let start = member.key.start as usize;
            column = self.column(start);
            self.until(start, 0, &mut |leaf| read.push(Member::Comment(leaf)));
            let next = entries.peek().map_or(until, |(_, next)| next.key.start as usize);
            if Some(key.as_ref()) == without {
                continue;
            }
            self.path.push(Step::Key(Arc::clone(key)));
            let body = self.body(&member.value, next);
            self.path.pop();
            read.push(Member::Pair(Arc::clone(key), body));
        }
        // What stands behind the last member belongs here if it is not further out.
        self.until(until, column, &mut |leaf| read.push(Member::Comment(leaf)));
        read
    }

    fn items(&mut self, items: &[Written], until: usize) -> Vec<Item> {
        let mut read = Vec::with_capacity(items.len());
        let mut column = 0;
        let mut entries = items.iter().peekable();
        while let Some(item) = entries.next() {
            let start = item.place.start as usize;
            column = self.column(start);
            self.until(start, 0, &mut |leaf| read.push(Item::Comment(leaf)));
            let next = entries.peek().map_or(until, |next| next.place.start as usize);
            // A comment of an encrypted file is an item of its own.
            match item.as_str().and_then(Cell::parse) {
                Some(cell) if cell.kind == Kind::Comment && self.selection.is_none() => {
                    read.push(Item::Comment(Leaf::Closed(cell, item.place)));
                }
                _ => {
                    let index = read.iter().filter(|item| matches!(item, Item::Value(_))).count();
                    self.path.push(Step::Index(index));
                    let body = self.body(item, next);
                    self.path.pop();
                    read.push(Item::Value(body));
                }
            }
        }
        self.until(until, column.saturating_sub("- ".len()), &mut |leaf| read.push(Item::Comment(leaf)));
        read
    }

    fn body(&mut self, written: &Written, until: usize) -> Body {
        if written.tag.is_some() || matches!(written.content, Content::Secret(_)) {
            self.wrong.push((written.place, self.path.clone(), Wrong::Tag));
        }
        match &written.content {
            Content::Map(members) => Body::Map(self.members(members, None, until)),
            Content::List(items) => Body::List(self.items(items, until)),
            _ => Body::Leaf(self.leaf(written)),
        }
    }

    fn leaf(&mut self, written: &Written) -> Leaf {
        let (kind, text) = match &written.content {
            Content::Bool(flag) => (Kind::Bool, flag.to_string()),
            Content::Number(Number::Int(number)) => (Kind::Int, number.to_string()),
            // All digits, without an exponent: what the code over the file is made from.
            Content::Number(Number::Float(number)) => (Kind::Float, number.to_string()),
            Content::String { text, .. } if Cell::is_like(text) => return self.cell(text, written.place),
            Content::String { text, .. } => (Kind::Str, text.to_string()),
            _ => return Leaf::Null,
        };
        let plain = Plain::of(kind, text);
        match self.selection {
            Some(selection) if !plain.is_empty() && selection.encrypts(&self.path.keys()) => Leaf::Held(plain, None),
            _ => Leaf::Bare(plain),
        }
    }

    fn cell(&mut self, text: &str, place: Place) -> Leaf {
        let cell = Cell::parse(text).filter(|cell| cell.kind != Kind::Comment);
        let wrong = match (&cell, self.selection) {
            (Some(_), None) => None,
            (_, Some(_)) => Some(Wrong::Encrypted),
            (None, None) => Some(Wrong::Cell),
        };
        self.wrong.extend(wrong.map(|wrong| (place, self.path.clone(), wrong)));
        cell.map_or(Leaf::Null, |cell| Leaf::Closed(cell, place))
    }

    /// Hands over the comments before a byte that stand in a column or further in.
    fn until(&mut self, before: usize, column: usize, to: &mut dyn FnMut(Leaf)) {
        while let Some(comment) = self.comments.next_if(|next| next.at <= before && next.column >= column) {
            let closed = Cell::parse(&comment.text).filter(|cell| cell.kind == Kind::Comment);
            to(match (closed, self.selection) {
                (Some(cell), None) => Leaf::Closed(cell, Place::top(crate::source::FileId::NONE)),
                (None, Some(selection)) if !comment.text.is_empty() && selection.encrypts(&self.path.keys()) => {
                    Leaf::Held(Plain::of(Kind::Comment, comment.text), None)
                }
                _ => Leaf::Bare(Plain::of(Kind::Comment, comment.text)),
            });
        }
    }

    fn column(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        at - before.rfind('\n').map_or(0, |newline| newline + 1)
    }
}
