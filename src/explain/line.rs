//! From a line of rendered output to the field that stands there.

use crate::path::{Path, Step};
use crate::source::Source;
use crate::yaml::{Content, Written};

/// What stands on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The document, from 0.
    pub document: usize,
    /// The field: a scalar, or a mapping or list that begins there.
    pub path: Path,
}

/// What stands on a line, from 1, of a file with these documents. The first field of a line counts.
pub fn spot(documents: &[Written], source: &Source, line: usize) -> Option<Spot> {
    documents.iter().enumerate().find_map(|(document, written)| {
        let mut search = Search { source, line, path: Path::root() };
        search.within(written).then_some(Spot { document, path: search.path })
    })
}

struct Search<'a> {
    source: &'a Source,
    line: usize,
    path: Path,
}

impl Search<'_> {
    /// Whether the line is in a value; then the path leads there.
    fn within(&mut self, written: &Written) -> bool {
        match &written.content {
            Content::Map(members) => members.iter().any(|(key, member)| {
                self.below(Step::Key(key.clone()), |search| {
                    search.within(&member.value) || search.source.line_column(member.key.start).line == search.line
                })
            }),
            Content::List(items) => items
                .iter()
                .enumerate()
                .any(|(index, item)| self.below(Step::Index(index), |search| search.within(item))),
            _ => {
                let place = written.place;
                let first = self.source.line_column(place.start).line;
                let last = self.source.line_column(place.end.saturating_sub(1).max(place.start)).line;
                (first..=last).contains(&self.line)
            }
        }
    }

    fn below(&mut self, step: Step, found: impl FnOnce(&mut Self) -> bool) -> bool {
        self.path.push(step);
        if found(self) {
            return true;
        }
        self.path.pop();
        false
    }
}
