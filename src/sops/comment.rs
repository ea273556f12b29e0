//! The comments of a text, which the reader of YAML leaves out.

use std::ops::Range;

use crate::yaml::{Content, Written};

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// Where the first text of its line begins: for a comment behind a value, that is before the value.
    pub(super) at: usize,
    /// The column of that text, from 0.
    pub(super) column: usize,
    /// Without its `#`.
    pub(super) text: String,
}

/// All comments of a text, in order.
pub(super) fn comments(text: &str, root: &Written) -> Vec<Comment> {
    let mut taken = Vec::new();
    scalars(root, &mut taken);
    taken.sort_by_key(|range| range.start);
    let mut found = Vec::new();
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let end = line_start + line.trim_end_matches(['\n', '\r']).len();
        if let Some(hash) = begin(text, line_start, end, &taken) {
            let indent = line.len() - line.trim_start_matches(' ').len();
            let text = text.get(hash + 1..end).unwrap_or_default().to_owned();
            found.push(Comment { at: line_start + indent, column: indent, text });
        }
        line_start += line.len();
    }
    found
}

/// The `#` that begins the comment of a line: it has a space before it or begins the line, and is in no value or key.
fn begin(text: &str, from: usize, to: usize, taken: &[Range<usize>]) -> Option<usize> {
    let line = text.get(from..to)?;
    line.match_indices('#').map(|(at, _)| from + at).find(|at| {
        let spaced = *at == from || text.as_bytes().get(at - 1).is_some_and(u8::is_ascii_whitespace);
        let after = taken.partition_point(|range| range.start <= *at);
        let inside = after.checked_sub(1).and_then(|index| taken.get(index)).is_some_and(|range| range.contains(at));
        spaced && !inside
    })
}

/// Where keys and values without others in them stand.
fn scalars(written: &Written, taken: &mut Vec<Range<usize>>) {
    match &written.content {
        Content::Map(members) => {
            for member in members.values() {
                taken.push(member.key.start as usize..member.key.end as usize);
                scalars(&member.value, taken);
            }
        }
        Content::List(items) => items.iter().for_each(|item| scalars(item, taken)),
        _ => taken.push(written.place.start as usize..written.place.end as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::FileId;
    use crate::yaml::{Limits, read_document};

    #[test]
    fn comments_are_told_from_what_only_has_their_sign() {
        let text = "# a\nx: 1 # b\nw: 'c # d'\n\"z # e\": f#g\nt: |\n  # h\n  i\n  # j\n# k\nl:\n  - m # n\n  #o\n";
        let mut diagnostics = Diagnostics::new();
        let root = read_document(FileId::NONE, text, &Limits::default(), &mut diagnostics);
        let root = root.unwrap_or_else(|_| panic!("{:?}", diagnostics.items()));
        let found: Vec<_> = comments(text, &root).into_iter().map(|found| (found.text, found.column)).collect();
        let expected = [(" a", 0), (" b", 0), (" k", 0), (" n", 2), ("o", 2)];
        assert_eq!(found, expected.map(|(text, column)| (text.to_owned(), column)));
    }
}
