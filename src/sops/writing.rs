//! From the tree of a file to its text, in the form in which `sops` writes it.
//!
//! Mappings stand further in than their key, lists too; a comment of a list is an item when it is encrypted.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::plain::{Kind, Plain};
use super::tree::{Body, Item, Leaf, Member};
use crate::yaml::emit::{self, scalar_text};

/// Columns that a list's dash and its space take.
const DASH: usize = 2;

/// Writes a tree.
pub(super) struct Writing {
    /// Columns that what is inside stands further in.
    indent: usize,
    /// Whether values that are encrypted are shown.
    open: bool,
    out: Zeroizing<String>,
}

/// The text of a file, encrypted.
pub(super) fn sealed(members: &[Member], indent: usize) -> String {
    let mut writing = Writing { indent, open: false, out: Zeroizing::default() };
    writing.members(members, 0, true);
    std::mem::take(&mut *writing.out)
}

/// The text of a file, for those who may read it.
pub(super) fn opened(members: &[Member], indent: usize) -> Zeroizing<String> {
    // Room for all of it: what is moved when it grows would be left behind in memory.
    let mut size = 1024;
    super::tree::walk(members, &mut |met| {
        let indent: usize = met.path.steps().len() * indent;
        let text = met
            .leaf
            .plain()
            .map_or(0, |plain| plain.reveal().len() + (indent + 8) * plain.reveal().matches('\n').count());
        size += 2 * text + met.path.keys().iter().map(|key| 2 * key.len() + 16).sum::<usize>() + indent + 64;
    });
    let mut writing = Writing { indent, open: true, out: Zeroizing::new(String::with_capacity(size)) };
    writing.members(members, 0, true);
    writing.out
}

impl Writing {
    /// Members, the first at the current position if that is not the begin of a line, the others in a column.
    fn members(&mut self, members: &[Member], column: usize, mut fresh: bool) {
        for member in members {
            if fresh {
                self.pad(column);
            }
            fresh = true;
            match member {
                Member::Comment(leaf) => self.comment(leaf),
                Member::Pair(key, body) => {
                    let _ = write!(self.out, "{}:", scalar_text(key));
                    match body {
                        Body::Map(members) if !members.is_empty() => {
                            self.out.push('\n');
                            self.members(members, self.inside(column), true);
                        }
                        Body::List(items) if !items.is_empty() => {
                            self.out.push('\n');
                            self.items(items, self.inside(column), true);
                        }
                        body => {
                            self.out.push(' ');
                            self.flat(body, column);
                        }
                    }
                }
            }
        }
    }

    fn items(&mut self, items: &[Item], column: usize, mut fresh: bool) {
        for item in items {
            if fresh {
                self.pad(column);
            }
            fresh = true;
            match item {
                Item::Comment(leaf) => match leaf.cell() {
                    Some(cell) if !self.open => {
                        let _ = writeln!(self.out, "- {cell}");
                    }
                    _ => self.comment(leaf),
                },
                Item::Value(body) => {
                    self.out.push_str("- ");
                    match body {
                        Body::Map(members) if !members.is_empty() => self.members(members, column + DASH, false),
                        Body::List(items) if !items.is_empty() => self.items(items, column + DASH, false),
                        body => self.flat(body, column),
                    }
                }
            }
        }
    }

    fn comment(&mut self, leaf: &Leaf) {
        let _ = match (leaf.cell(), leaf.plain()) {
            (_, Some(plain)) if self.open => writeln!(self.out, "#{}", plain.reveal()),
            (Some(cell), _) => writeln!(self.out, "#{cell}"),
            (None, plain) => writeln!(self.out, "#{}", plain.map_or("", Plain::reveal)),
        };
    }

    /// A value without others in it.
    fn flat(&mut self, body: &Body, column: usize) {
        match body {
            Body::Map(_) => self.out.push_str("{}"),
            Body::List(_) => self.out.push_str("[]"),
            Body::Leaf(Leaf::Null) => self.out.push_str("null"),
            Body::Leaf(leaf) => match (leaf.cell(), leaf.plain()) {
                (_, Some(plain)) if self.open => self.plain(plain, column),
                (Some(cell), _) => {
                    let _ = write!(self.out, "{cell}");
                }
                (None, Some(plain)) => self.plain(plain, column),
                (None, None) => {}
            },
        }
        self.out.push('\n');
    }

    fn plain(&mut self, plain: &Plain, column: usize) {
        let text = plain.reveal();
        match plain.kind() {
            Kind::Float if !text.contains('.') => {
                let _ = write!(self.out, "{text}.0");
            }
            Kind::Int | Kind::Float | Kind::Bool => self.out.push_str(text),
            _ if emit::is_block(text) => emit::block(text, self.inside(column), &mut self.out),
            _ => self.out.push_str(&Zeroizing::new(scalar_text(text).into_owned())),
        }
    }

    /// The column of what is inside something in this column: the next multiple.
    fn inside(&self, column: usize) -> usize {
        self.indent * ((column + self.indent) / self.indent)
    }

    fn pad(&mut self, column: usize) {
        self.out.extend(std::iter::repeat_n(' ', column));
    }
}
