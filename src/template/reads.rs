//! What the fields of a document were filled from.

use indexmap::IndexMap;

use super::hole::Holes;
use super::shape::{Name, Piece, Shape};
use super::view;
use crate::path::{Path, Step};
use crate::tree::{Node, Value};

/// For each field that is not literal in its template: the paths of the configuration that were read for it, in order;
/// the last is that of the value itself. Fields are scalars, and empty lists and mappings.
pub type Reads = IndexMap<Path, Vec<Path>>;

/// What the fields of a document were filled from; `filled` is the document.
pub(super) fn of(shape: &Shape, filled: &Node, holes: &Holes) -> Reads {
    let mut walk = Walk { holes, path: Path::root(), above: Vec::new(), reads: Reads::new() };
    walk.shape(shape, filled);
    walk.reads
}

struct Walk<'a> {
    holes: &'a Holes,
    path: Path,
    /// Read for the keys above.
    above: Vec<Path>,
    reads: Reads,
}

impl Walk<'_> {
    fn shape(&mut self, shape: &Shape, filled: &Node) {
        match shape {
            Shape::Fixed(_) => {
                if !self.above.is_empty() {
                    self.leaves(filled, &Vec::new(), false);
                }
            }
            Shape::Typed(index, _) => {
                let whole = self.holes.get(*index).is_some_and(|hole| view::watched(&hole.value).is_some());
                self.leaves(filled, &self.holes.reads(*index), whole);
            }
            Shape::Text(pieces, _) => {
                let reads: Vec<Path> =
                    pieces.iter().filter_map(Piece::hole).flat_map(|index| self.holes.reads(index)).collect();
                self.leaves(filled, &reads, false);
            }
            Shape::List(items, _) => {
                let nodes = filled.value.as_list().unwrap_or_default();
                for (index, (item, node)) in items.iter().zip(nodes).enumerate() {
                    self.below(Step::Index(index), |walk| walk.shape(item, node));
                }
            }
            Shape::Record(_, open, _) => {
                let Some(map) = filled.value.as_map() else { return };
                let entries: Vec<_> = map.iter().collect();
                for (index, shape) in open {
                    if let Some((key, entry)) = entries.get(*index) {
                        self.below(Step::Key((*key).clone()), |walk| walk.shape(shape, &entry.node));
                    }
                }
                // What is literal has been read for if a key above it was.
                if !self.above.is_empty() {
                    for (index, (key, entry)) in entries.iter().enumerate() {
                        if open.iter().all(|(known, _)| *known != index) {
                            self.below(Step::Key((*key).clone()), |walk| walk.leaves(&entry.node, &Vec::new(), false));
                        }
                    }
                }
            }
            Shape::Map(members, ..) => {
                let Some(map) = filled.value.as_map() else { return };
                for ((name, _, shape), (key, entry)) in members.iter().zip(map.iter()) {
                    let known = self.above.len();
                    if let Name::Text(pieces) = name {
                        let holes = pieces.iter().filter_map(Piece::hole);
                        self.above.extend(holes.flat_map(|index| self.holes.reads(index)));
                    }
                    self.below(Step::Key(key.clone()), |walk| walk.shape(shape, &entry.node));
                    self.above.truncate(known);
                }
            }
        }
    }

    fn below(&mut self, step: Step, walk: impl FnOnce(&mut Self)) {
        self.path.push(step);
        walk(self);
        self.path.pop();
    }

    /// Notes the fields of a value that was filled in whole. If it is that of the last path `read`, what is inside has
    /// a path below that one.
    fn leaves(&mut self, node: &Node, read: &[Path], whole: bool) {
        let deeper = |step: Step| {
            let mut read = read.to_vec();
            if whole && let Some(last) = read.last_mut() {
                last.push(step);
            }
            read
        };
        match &node.value {
            Value::Map(map) if !map.is_empty() => {
                for (key, entry) in map.iter() {
                    let read = deeper(Step::Key(key.clone()));
                    self.below(Step::Key(key.clone()), |walk| walk.leaves(&entry.node, &read, whole));
                }
            }
            Value::List(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    let read = deeper(Step::Index(index));
                    self.below(Step::Index(index), |walk| walk.leaves(item, &read, whole));
                }
            }
            _ => {
                let mut all = self.above.clone();
                for path in read {
                    all.retain(|known| known != path);
                    all.push(path.clone());
                }
                self.reads.insert(self.path.clone(), all);
            }
        }
    }
}
