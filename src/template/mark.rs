//! Marks: how a line of rendered text knows the line of the template it came from.
//!
//! Before a template is compiled, marks (U+E003, a number, U+E004) are put before each `{{` and before the first
//! character of each line of literal text. They pass through loops, macros, includes and `indent` like any text and
//! are taken out before the text is parsed. None is put where it would change how whitespace is trimmed. What
//! [`operand`](super::operand) adds goes in with them.

use minijinja::Error;
use minijinja::machinery::{Span, Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::hole::{self, MARK, MARK_END, Part};
use super::operand::{self, Insertion};
use crate::source::{FileId, Place};

/// Places in templates, by number.
#[derive(Debug, Default)]
pub(super) struct Marks {
    places: Vec<(FileId, u32)>,
}

/// The source of a template with what was put into it, and where.
pub(super) struct Marked {
    /// What is compiled.
    pub source: String,
    /// For each insertion: its byte offset in the original, and the length of all up to and with it.
    insertions: Vec<(usize, usize)>,
}

impl Marked {
    /// The source with insertions, which are in the order of their offsets.
    fn new(source: &str, insertions: impl IntoIterator<Item = Insertion>) -> Self {
        let mut marked = Self { source: String::with_capacity(source.len() * 5 / 4), insertions: Vec::new() };
        let mut done = 0;
        let mut added = 0;
        for Insertion { at, text } in insertions {
            marked.source.push_str(&source[done..at]);
            marked.source.push_str(&text);
            added += text.len();
            marked.insertions.push((at, added));
            done = at;
        }
        marked.source.push_str(&source[done..]);
        marked
    }

    /// A source that gets no marks: an expression in a value.
    pub(super) fn without_marks(source: &str) -> Result<Self, Error> {
        Ok(Self::new(source, operand::insertions(&tokens(source)?)?))
    }

    /// The byte offset in the original for one in the marked source.
    pub(super) fn original(&self, offset: usize) -> usize {
        let index = self.insertions.partition_point(|(at, length)| at + length <= offset);
        let added = index.checked_sub(1).and_then(|index| self.insertions.get(index)).map_or(0, |(_, length)| *length);
        // Inside a mark itself: the place it stands for.
        let next = self.insertions.get(index).map_or(usize::MAX, |(at, _)| *at);
        (offset - added).min(next)
    }
}

impl Marks {
    /// Puts marks into the source of a template.
    pub(super) fn put(&mut self, file: FileId, source: &str) -> Result<Marked, Error> {
        let tokens = tokens(source)?;
        let mut insertions = operand::insertions(&tokens)?;
        for at in positions(source, &tokens) {
            let text = format!("{MARK}{}{MARK_END}", self.places.len());
            self.places.push((file, u32::try_from(at).unwrap_or(u32::MAX)));
            insertions.push(Insertion { at, text });
        }
        insertions.sort_by_key(|insertion| insertion.at);
        Ok(Marked::new(source, insertions))
    }

    /// Takes the marks out of rendered text.
    pub(super) fn take(&self, rendered: &str) -> Unmarked {
        let mut text = String::with_capacity(rendered.len());
        let mut origins = Vec::new();
        let mut rest = rendered;
        while let Some(at) = rest.find(MARK) {
            text.push_str(&rest[..at]);
            let mut ahead = hole::parts(&rest[at..]);
            if let Some(Part::Mark(number)) = ahead.next()
                && let Some(place) = self.places.get(number)
            {
                origins.push((text.len(), *place));
                let length = MARK.len_utf8() + number.to_string().len() + MARK_END.len_utf8();
                rest = &rest[at + length..];
            } else {
                // Not one of ours.
                text.push(MARK);
                rest = &rest[at + MARK.len_utf8()..];
            }
        }
        text.push_str(rest);
        Unmarked { text, origins }
    }
}

/// Rendered text without marks, and where its pieces came from.
#[derive(Debug)]
pub(super) struct Unmarked {
    /// The text.
    pub text: String,
    /// For each mark: the byte offset in the text after it, and the place in the template.
    origins: Vec<(usize, (FileId, u32))>,
}

impl Unmarked {
    /// The place in a template that the bytes at `place` of this text came from. `fallback` is the template
    /// itself, for text before the first mark.
    pub(super) fn origin(&self, place: Place, fallback: FileId) -> Place {
        let start = place.start as usize;
        let index = self.origins.partition_point(|(at, _)| *at <= start);
        let Some((at, (file, offset))) = index.checked_sub(1).and_then(|index| self.origins.get(index)) else {
            return Place::top(fallback);
        };
        // Literal text runs on from the mark as in the template; a hole's marker ends that.
        let between = self.text.get(*at..start).unwrap_or_default();
        let run = if hole::is_special(between) { 0 } else { between.len() };
        let length = self
            .text
            .get(start..place.end as usize)
            .map_or(0, |text| if hole::is_special(text) || text.contains('\n') { 0 } else { text.len() });
        let begin = *offset as usize + run;
        Place::new(*file, begin, begin + length)
    }
}

/// The tokens of a template; literal text is whole, as whitespace control has not trimmed it yet.
fn tokens(source: &str) -> Result<Vec<(Token<'_>, Span)>, Error> {
    tokenize(source, false, SyntaxConfig::default()).collect()
}

/// The byte offsets of a template at which a mark is put, ascending.
fn positions(source: &str, tokens: &[(Token<'_>, Span)]) -> Vec<usize> {
    let mut positions = Vec::new();
    // Where the literal text before the current token ends, once whitespace control has trimmed it.
    let mut data_end = None;
    for token in tokens {
        match token {
            (Token::TemplateData(data), _) => {
                let start = data.as_ptr() as usize - source.as_ptr() as usize;
                lines(data, start, &mut positions);
                data_end = Some(start + data.len());
            }
            (Token::VariableStart, span) => {
                let start = span.start_offset as usize;
                // `{{-` trims the whitespace before it; a mark in between would stop that.
                if source[start..].starts_with("{{-") {
                    positions.extend(data_end);
                } else {
                    positions.push(start);
                }
                data_end = None;
            }
            _ => data_end = None,
        }
    }
    positions.dedup();
    positions
}

/// The first visible character of each line of literal text.
fn lines(data: &str, start: usize, positions: &mut Vec<usize>) {
    let mut at = start;
    for line in data.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if indent < line.len() {
            positions.push(at + indent);
        }
        at += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn marks_come_out_again_and_name_their_origin() {
        let source = "a: {{ x }}\n{% if true %}\n  b: text\n{% endif %}\n";
        let sources = Sources::default();
        let file = sources.add("t", source);
        let mut marks = Marks::default();
        let marked = marks.put(file, source).unwrap();
        let unmarked = marks.take(&marked.source);
        assert_eq!(unmarked.text, source);
        let text = source.find("text").unwrap();
        assert_eq!(unmarked.origin(Place::new(file, text, text + 4), file), Place::new(file, text, text + 4));
        let offset = marked.source.find("b:").unwrap();
        assert_eq!(marked.original(offset), source.find("b:").unwrap());
    }
}
