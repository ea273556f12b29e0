//! What a file says: members and items in order, comments among them.

use std::sync::Arc;

use super::cell::Cell;
use super::plain::Plain;
use crate::path::{Path, Step};
use crate::source::Place;

/// A value without others in it.
#[derive(Debug)]
pub(super) enum Leaf {
    /// `null`, which is never encrypted and no part of the code over the file.
    Null,
    /// What stands in plain text.
    Bare(Plain),
    /// What is encrypted and not yet opened, and where it stands.
    Closed(Cell, Place),
    /// What is to be encrypted, and how it was, if it has not changed since.
    Held(Plain, Option<Cell>),
}

/// A value.
#[derive(Debug)]
pub(super) enum Body {
    Leaf(Leaf),
    Map(Vec<Member>),
    List(Vec<Item>),
}

/// What a mapping is made of.
#[derive(Debug)]
pub(super) enum Member {
    Comment(Leaf),
    Pair(Arc<str>, Body),
}

/// What a list is made of.
#[derive(Debug)]
pub(super) enum Item {
    Comment(Leaf),
    Value(Body),
}

/// A leaf on a walk, and the way to it. The way to a comment is the way to what it is in.
pub(super) struct Met<'a, L> {
    pub(super) path: &'a Path,
    pub(super) leaf: L,
    pub(super) is_comment: bool,
}

impl<L> Met<'_, L> {
    /// The place that a value is encrypted for: the keys on the way, with a colon after each; at least one colon.
    pub(super) fn place(&self) -> String {
        place(&self.path.keys())
    }
}

/// The place of a value below these keys.
pub(super) fn place(keys: &[&str]) -> String {
    format!("{}:", keys.join(":"))
}

impl Leaf {
    /// The value, if it is not closed.
    pub(super) fn plain(&self) -> Option<&Plain> {
        match self {
            Self::Bare(plain) | Self::Held(plain, _) => Some(plain),
            Self::Null | Self::Closed(..) => None,
        }
    }

    /// The encrypted form, if there is one.
    pub(super) fn cell(&self) -> Option<&Cell> {
        match self {
            Self::Closed(cell, _) | Self::Held(_, Some(cell)) => Some(cell),
            _ => None,
        }
    }
}

/// Goes through all leaves in the order of the file.
pub(super) fn walk<'a>(members: &'a [Member], to: &mut dyn FnMut(Met<'_, &'a Leaf>)) {
    walk_members(members, &mut Path::root(), to);
}

fn walk_members<'a>(members: &'a [Member], path: &mut Path, to: &mut dyn FnMut(Met<'_, &'a Leaf>)) {
    for member in members {
        match member {
            Member::Comment(leaf) => to(Met { path, leaf, is_comment: true }),
            Member::Pair(key, body) => {
                path.push(Step::Key(Arc::clone(key)));
                walk_body(body, path, to);
                path.pop();
            }
        }
    }
}

fn walk_body<'a>(body: &'a Body, path: &mut Path, to: &mut dyn FnMut(Met<'_, &'a Leaf>)) {
    match body {
        Body::Leaf(leaf) => to(Met { path, leaf, is_comment: false }),
        Body::Map(members) => walk_members(members, path, to),
        Body::List(items) => {
            let mut index = 0;
            for item in items {
                match item {
                    Item::Comment(leaf) => to(Met { path, leaf, is_comment: true }),
                    Item::Value(body) => {
                        path.push(Step::Index(index));
                        walk_body(body, path, to);
                        path.pop();
                        index += 1;
                    }
                }
            }
        }
    }
}

/// The same, to change them.
pub(super) fn walk_mut(members: &mut [Member], to: &mut dyn FnMut(Met<'_, &mut Leaf>)) {
    walk_members_mut(members, &mut Path::root(), to);
}

fn walk_members_mut(members: &mut [Member], path: &mut Path, to: &mut dyn FnMut(Met<'_, &mut Leaf>)) {
    for member in members {
        match member {
            Member::Comment(leaf) => to(Met { path, leaf, is_comment: true }),
            Member::Pair(key, body) => {
                path.push(Step::Key(Arc::clone(key)));
                walk_body_mut(body, path, to);
                path.pop();
            }
        }
    }
}

fn walk_body_mut(body: &mut Body, path: &mut Path, to: &mut dyn FnMut(Met<'_, &mut Leaf>)) {
    match body {
        Body::Leaf(leaf) => to(Met { path, leaf, is_comment: false }),
        Body::Map(members) => walk_members_mut(members, path, to),
        Body::List(items) => {
            let mut index = 0;
            for item in items {
                match item {
                    Item::Comment(leaf) => to(Met { path, leaf, is_comment: true }),
                    Item::Value(body) => {
                        path.push(Step::Index(index));
                        walk_body_mut(body, path, to);
                        path.pop();
                        index += 1;
                    }
                }
            }
        }
    }
}

/// The value at a way.
pub(super) fn get<'a>(members: &'a [Member], steps: &[Step]) -> Option<&'a Body> {
    let (step, rest) = steps.split_first()?;
    let Step::Key(wanted) = step else { return None };
    let mut body = members.iter().find_map(|member| match member {
        Member::Pair(key, body) if key == wanted => Some(body),
        _ => None,
    })?;
    for step in rest {
        body = match (body, step) {
            (Body::Map(members), Step::Key(_)) => get(members, std::slice::from_ref(step))?,
            (Body::List(items), Step::Index(index)) => items
                .iter()
                .filter_map(|item| match item {
                    Item::Value(body) => Some(body),
                    Item::Comment(_) => None,
                })
                .nth(*index)?,
            _ => return None,
        };
    }
    Some(body)
}

/// Puts a value at a chain of keys; mappings on the way are made. Gives it back where another value is in the way.
pub(super) fn put(members: &mut Vec<Member>, keys: &[&str], body: Body) -> Result<(), Body> {
    let Some((key, rest)) = keys.split_first() else { return Err(body) };
    let found = members.iter_mut().find_map(|member| match member {
        Member::Pair(known, body) if known.as_ref() == *key => Some(body),
        _ => None,
    });
    match found {
        Some(here) if rest.is_empty() => {
            *here = body;
            Ok(())
        }
        Some(Body::Map(members)) => put(members, rest, body),
        // A mapping that nobody has written anything into.
        Some(here @ Body::Leaf(Leaf::Null)) => {
            let mut below = Vec::new();
            put(&mut below, rest, body)?;
            *here = Body::Map(below);
            Ok(())
        }
        Some(_) => Err(body),
        None if rest.is_empty() => {
            members.push(Member::Pair((*key).into(), body));
            Ok(())
        }
        None => {
            let mut below = Vec::new();
            put(&mut below, rest, body)?;
            members.push(Member::Pair((*key).into(), Body::Map(below)));
            Ok(())
        }
    }
}

/// Takes a value out at a chain of keys, and the mappings that have nothing else in them.
pub(super) fn take(members: &mut Vec<Member>, keys: &[&str]) -> Option<Body> {
    let (key, rest) = keys.split_first()?;
    let at = members.iter().position(|member| matches!(member, Member::Pair(known, _) if known.as_ref() == *key))?;
    if rest.is_empty() {
        return match members.remove(at) {
            Member::Pair(_, body) => Some(body),
            Member::Comment(_) => None,
        };
    }
    let Some(Member::Pair(_, Body::Map(below))) = members.get_mut(at) else { return None };
    let taken = take(below, rest)?;
    if below.is_empty() {
        members.remove(at);
    }
    Some(taken)
}
