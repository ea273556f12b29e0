//! The lines of the sources that a finding points at.
//!
//! In go labels, out come frames: a few printable lines of one file with what is to be marked in them. A frame is small
//! whatever the file is: a line of a megabyte is cut to a window, lines that nobody points at are left out, a place of
//! many lines is cut to its first. It does not draw.

use std::ops::Range;
use std::sync::Arc;

use super::{Label, printable};
use crate::source::{FileId, LineColumn, Source, Sources};

/// Lines of more bytes are cut to a window.
const LONG: usize = 500;
/// Bytes shown before and after a mark in a long line.
const AROUND: usize = 80;
/// Most bytes of a long line that are marked.
const WIDEST: usize = 200;
/// Places of one file further apart than this many lines get frames of their own.
const FAR: usize = 500;

/// Lines of one file and the marks in them.
pub(super) struct Frame {
    /// The file's name, printable.
    pub(super) name: String,
    /// Where the reader is sent: the primary mark, else the first.
    pub(super) position: LineColumn,
    /// Number of the first line of `text`.
    pub(super) first: usize,
    /// Printable lines, each ended by LF.
    pub(super) text: String,
    /// What is marked, in the order given.
    pub(super) marks: Vec<Mark>,
}

/// A mark in the text of a frame.
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) text: String,
    pub(super) primary: bool,
}

/// A label, found in its file.
struct Spot<'a> {
    label: &'a Label,
    primary: bool,
    file: FileId,
    source: Arc<Source>,
    position: LineColumn,
    /// Bytes of the line that are marked.
    range: Range<usize>,
}

/// The frames for a primary label and others, the primary's first.
pub(super) fn frames(primary: Option<&Label>, others: &[Label], sources: &Sources) -> Vec<Frame> {
    let mut frames: Vec<Vec<Spot<'_>>> = Vec::new();
    for spot in primary.map(|label| (label, true)).into_iter().chain(others.iter().map(|label| (label, false))) {
        let spot = Spot::find(spot.0, spot.1, sources);
        let joined = frames.iter_mut().find(|frame| {
            frame.iter().all(|other| {
                other.file == spot.file
                    && other.position.line.abs_diff(spot.position.line) < FAR
                    && !spot.is_long()
                    && !other.is_long()
            })
        });
        match joined {
            Some(frame) => frame.push(spot),
            None => frames.push(vec![spot]),
        }
    }
    frames.iter().filter_map(|spots| frame(spots)).collect()
}

impl<'a> Spot<'a> {
    fn find(label: &'a Label, primary: bool, sources: &Sources) -> Self {
        let file = label.place.file;
        let source = sources.get(file);
        let text = source.text();
        // Places are on character boundaries and inside the text; a wrong one must not take the message down.
        let start = text.floor_char_boundary(label.place.start as usize);
        let end = text.floor_char_boundary((label.place.end as usize).max(start));
        let position = source.line_column(u32::try_from(start).unwrap_or(u32::MAX));
        let begin = source.line_start(position.line).unwrap_or(0);
        let length = source.line(position.line).unwrap_or_default().len();
        let range = (start - begin).min(length)..(end - begin).min(length);
        Self { label, primary, file, source, position, range }
    }

    fn line(&self) -> &str {
        self.source.line(self.position.line).unwrap_or_default()
    }

    fn is_long(&self) -> bool {
        self.line().len() > LONG
    }

    /// The bytes of the line that are shown.
    fn window(&self) -> Range<usize> {
        let line = self.line();
        // A byte-order mark is no part of the first line.
        let begin = if self.position.line == 1 && line.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        if !self.is_long() {
            return begin..line.len();
        }
        let start = line.floor_char_boundary(self.range.start.saturating_sub(AROUND));
        start.max(begin)..line.ceil_char_boundary(self.marked().end + AROUND)
    }

    /// The bytes of the line that are marked.
    fn marked(&self) -> Range<usize> {
        let widest = self.line().floor_char_boundary(self.range.start + WIDEST);
        if self.is_long() { self.range.start..self.range.end.min(widest) } else { self.range.clone() }
    }
}

/// A frame around spots of one file.
fn frame(spots: &[Spot<'_>]) -> Option<Frame> {
    let lines = || spots.iter().map(|spot| spot.position.line);
    let (first, last) = (lines().min()?, lines().max()?);
    let head = spots
        .iter()
        .find(|spot| spot.primary)
        .or_else(|| spots.iter().min_by_key(|spot| (spot.position.line, spot.position.column)))?;
    let mut text = String::new();
    let mut marks: Vec<(usize, Mark)> = Vec::new();
    for number in first..=last {
        let begin = text.len();
        let mut here = spots.iter().enumerate().filter(|(_, spot)| spot.position.line == number).peekable();
        if let Some((_, spot)) = here.peek() {
            let window = spot.window();
            let line = spot.line();
            let cut_left = window.start > '\u{FEFF}'.len_utf8();
            let lead = if cut_left { "..." } else { "" };
            let printed = |from: usize, to: usize| printable::source(line.get(from..to).unwrap_or_default());
            for (order, spot) in here {
                let marked = spot.marked();
                let before = begin + lead.len() + printed(window.start, marked.start.max(window.start)).len();
                let length = printed(marked.start.max(window.start), marked.end).len();
                let mark = Mark {
                    range: before..before + length,
                    text: printable::line(&spot.label.text).into_owned(),
                    primary: spot.primary,
                };
                marks.push((order, mark));
            }
            text.push_str(lead);
            text.push_str(&printed(window.start, window.end));
            if window.end < line.len() {
                text.push_str("...");
            }
        } else if lines().any(|line| line.abs_diff(number) == 1) {
            // One line between two marked ones is shown; more are left out by the one who draws.
            let line = head.source.line(number).unwrap_or_default();
            text.push_str(&printable::source(line.get(..line.floor_char_boundary(LONG)).unwrap_or_default()));
        }
        text.push('\n');
    }
    marks.sort_by_key(|(order, _)| *order);
    let marks = marks.into_iter().map(|(_, mark)| mark).collect();
    let name = printable::line(&head.source.path()).into_owned();
    Some(Frame { name, position: head.position, first, text, marks })
}
