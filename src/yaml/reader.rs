//! Reads YAML: text in, [`Written`] values with exact places out.
//!
//! Works on the events of a parser and never recurses, so that no text can exhaust the stack. What is wrong but
//! leaves something to go on with is recorded and reading goes on; a syntax error ends the file.

mod aliases;
mod scalars;

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::anchors::Anchors;
use super::dialect::Dialect;
use super::frame::{Awaited, Frame, Open, OpenMap, Weighed};
use super::keys;
use super::syntax::{self, Scene};
use super::tags::{self, Asked};
use super::{Content, Limits, Written};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, Mark, code};
use crate::path::Path;
use crate::source::{FileId, Place};

/// Findings of one file after which the rest is not read.
const MOST_PROBLEMS: usize = 50;

/// Reads a file of one document. An empty file is `null`.
pub fn read_document(
    file: FileId,
    text: &str,
    limits: &Limits,
    diagnostics: &mut Diagnostics,
) -> Result<Written, Failed> {
    let mut documents = Reader::new(file, text, limits, diagnostics, 1).run()?;
    Ok(documents.pop().unwrap_or_else(|| Written::new(Content::Null, Place::top(file))))
}

/// Reads any number of documents, as templates render them. Empty ones are left out.
pub fn read_stream(
    file: FileId,
    text: &str,
    limits: &Limits,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Written>, Failed> {
    Reader::new(file, text, limits, diagnostics, usize::MAX).run()
}

/// Reads any number of documents as kubectl reads them: YAML 1.1, or values of JSON one after the other. Empty documents
/// are left out. What leaves something to go on with is recorded, and is no failure.
pub fn read_as_kubectl(
    file: FileId,
    text: &str,
    limits: &Limits,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Written>, Failed> {
    let reader = Reader::new(file, text, limits, diagnostics, usize::MAX);
    Reader { dialect: Dialect::Kubectl, ..reader }.run()
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    /// By whose rules.
    dialect: Dialect,
    /// The byte at which the part that is read begins.
    base: usize,
    limits: &'a Limits,
    diagnostics: &'a mut Diagnostics,
    begin: Mark,
    most_documents: usize,
    begun_documents: usize,
    documents: Vec<Written>,
    frames: Vec<Frame>,
    anchors: Anchors,
    nodes: usize,
    problems: usize,
    doubts: usize,
    /// Where the last `{{ x }}` without quotes stands: one finding about it is enough.
    expression: Option<Place>,
    /// One past the last byte of content so far, which is where a collection without brackets ends.
    end: usize,
}

/// A scalar as the parser reports it.
struct Scalar<'a> {
    text: Cow<'a, str>,
    plain: bool,
    /// Nothing is written: the value after `key:` is missing.
    omitted: bool,
    anchor: usize,
    asked: Option<Asked>,
    start: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn new(
        file: FileId,
        text: &'a str,
        limits: &'a Limits,
        diagnostics: &'a mut Diagnostics,
        most_documents: usize,
    ) -> Self {
        Self {
            file,
            text,
            dialect: Dialect::House,
            base: 0,
            limits,
            begin: diagnostics.mark(),
            diagnostics,
            most_documents,
            begun_documents: 0,
            documents: Vec::new(),
            frames: Vec::new(),
            anchors: Anchors::default(),
            nodes: 0,
            problems: 0,
            doubts: 0,
            expression: None,
            end: 0,
        }
    }

    fn run(mut self) -> Result<Vec<Written>, Failed> {
        if let Some(diagnostic) = syntax::forbidden_character(self.file, self.text) {
            return Err(self.diagnostics.fail(diagnostic));
        }
        for part in self.dialect.parts(self.text) {
            self.base = part.start;
            self.part(self.text.get(part).unwrap_or_default())?;
        }
        match self.dialect {
            Dialect::House => self.diagnostics.since(self.begin)?,
            // One document of a stream does not hide what is wrong with the others.
            Dialect::Kubectl => {}
        }
        Ok(self.documents)
    }

    fn part(&mut self, part: &'a str) -> Result<(), Failed> {
        // Beyond our own limit, so that ours is met first and says what to do.
        let nesting = self.limits.depth.saturating_add(8);
        let mut options = granit_parser::options! {
            strict_indentation: self.dialect == Dialect::House,
            disallow_directives: true,
            emit_unresolved_aliases: true,
            emit_anchor_events: true,
            flow_nesting_limit: nesting,
            block_nesting_limit: nesting,
        };
        options.set_emit_comments(false);
        for event in Parser::new_from_str_with_options(part, options) {
            match event {
                Ok((event, span)) => self.event(event, span)?,
                Err(error) => {
                    if self.expression.is_some_and(|place| syntax::same_line(self.text, place, &error)) {
                        break;
                    }
                    let mut brackets = self.frames.iter().filter(|frame| frame.bracket).map(|frame| frame.start);
                    let scene =
                        Scene { file: self.file, text: self.text, end: self.end, bracket: brackets.next_back() };
                    let diagnostic = syntax::diagnose(&error, &scene, self.limits);
                    return Err(self.diagnostics.fail(diagnostic));
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'a>, span: Span) -> Result<(), Failed> {
        let (start, end) = match span.byte_range() {
            Some(range) => (self.base + range.start, self.base + range.end),
            None => (self.end, self.end),
        };
        match event {
            Event::DocumentStart(..) => self.document(start),
            Event::Scalar(text, style, anchor, tag) => {
                let asked = self.asked(tag.as_deref(), span)?;
                let plain = style == ScalarStyle::Plain;
                let omitted = plain && start == end && matches!(text.as_ref(), "" | "~");
                let end = match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => {
                        start + self.text.get(start..end).unwrap_or_default().trim_end().len()
                    }
                    _ => end,
                };
                self.scalar(Scalar { text, plain, omitted, anchor, asked, start, end })
            }
            Event::SequenceStart(style, anchor, tag) => {
                let asked = self.asked(tag.as_deref(), span)?;
                let bracket = style == StructureStyle::Flow;
                let key = self.frames.last().and_then(Frame::key_place);
                let dash = key.filter(|_| !bracket).and_then(|key| syntax::dash(self.text, key.end as usize));
                let start = dash.unwrap_or(start);
                self.open(Frame { anchor, bracket, ..Frame::new(Open::List(Vec::new()), start) }, asked)
            }
            Event::MappingStart(style, anchor, tag) => {
                let asked = self.asked(tag.as_deref(), span)?;
                // `[a: b]` makes a mapping of one pair, in flow style but without brackets.
                let bracket = style == StructureStyle::Flow && start != end;
                self.open(Frame { anchor, bracket, ..Frame::new(Open::Map(OpenMap::default()), start) }, asked)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            Event::Alias(id) => self.alias(id, self.place(start, end)),
            Event::UnresolvedAlias(name) => self.unresolved(&name, self.place(start, end)),
            Event::Anchor(_, name) => {
                self.anchors.name(&name);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn document(&mut self, start: usize) -> Result<(), Failed> {
        self.anchors.clear();
        self.begun_documents += 1;
        if self.begun_documents > self.most_documents {
            let end = if self.text[start..].starts_with("---") { start + 3 } else { start };
            return Err(self.diagnostics.fail(
                Diagnostic::new(code::SEVERAL_DOCUMENTS, "this file must hold one document, but it holds several")
                    .at(self.place(start, end), "a second document begins here")
                    .help("remove this line, or move what follows it to a file of its own"),
            ));
        }
        Ok(())
    }

    fn expect(&mut self, awaited: Awaited) {
        if let Some(Frame { open: Open::Map(map), .. }) = self.frames.last_mut() {
            map.awaited = awaited;
        }
    }

    fn open(&mut self, mut frame: Frame, asked: Option<Asked>) -> Result<(), Failed> {
        let here = self.place(frame.start, frame.start + 1);
        if self.frames.len() >= self.limits.depth {
            let most = self.limits.depth;
            return Err(self.limit(here, format!("mappings and lists may be nested {most} deep, but these are deeper")));
        }
        self.charge(1, here)?;
        match asked {
            Some(Asked::Merge(tagged)) => frame.tag = Some(tagged),
            Some(Asked::Secret(tag)) => self.problem(
                Diagnostic::new(code::TAG_MISPLACED, "`!secret` needs the name of a secret")
                    .at(tag, "this is not before a name")
                    .help("write one name, such as `!secret database.password`"),
            )?,
            Some(Asked::Core(..)) | None => {}
        }
        frame.is_key = self.frames.last().is_some_and(Frame::awaits_key);
        if frame.bracket {
            self.end = frame.start + 1;
        }
        self.frames.push(frame);
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), Failed> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        if frame.bracket {
            self.end = end;
        }
        let place = self.place(frame.start, self.end.max(frame.start));
        let (anchor, is_key) = (frame.anchor, frame.is_key);
        let value = frame.close(place);
        if is_key {
            self.expression = keys::expression(&value.written, self.text);
            self.problem(keys::collection(&value.written, self.text))?;
            self.expect(Awaited::Refused(place));
            return Ok(());
        }
        self.value(value, anchor)
    }

    /// A complete value that stands here itself: its tag is checked and its anchor kept.
    fn value(&mut self, value: Weighed, anchor: usize) -> Result<(), Failed> {
        let written = &value.written;
        if let Some(tagged) = written.tag
            && self.expression != Some(written.place)
        {
            let source = self.text.get(written.place.start as usize..written.place.end as usize).unwrap_or_default();
            if let Some(diagnostic) = tags::misplaced(tagged, &written.content, written.place, source) {
                self.problem(diagnostic.about(self.path()))?;
            }
        }
        if anchor != 0 {
            self.keep(anchor, &value)?;
        }
        self.put(value)
    }

    fn put(&mut self, value: Weighed) -> Result<(), Failed> {
        let Some(frame) = self.frames.last_mut() else {
            self.documents.push(value.written);
            return Ok(());
        };
        let Some((key, written)) = frame.put(value) else { return Ok(()) };
        let Open::Map(map) = &mut frame.open else { return Ok(()) };
        let is_map = |written: &Written| matches!(written.content, Content::Map(_));
        match written.content {
            _ if written.tag.is_some() => {}
            Content::Map(_) => {
                map.merged.push(written);
                return Ok(());
            }
            Content::List(items) if items.iter().all(is_map) => {
                map.merged.extend(items);
                return Ok(());
            }
            _ => {}
        }
        self.problem(
            Diagnostic::new(code::SYNTAX, "`<<` needs a mapping or a list of mappings, without a tag")
                .at(written.place, "this is something else")
                .also(key, "the key")
                .help("write an alias, such as `<<: *defaults`, or put the key in quotes: `\"<<\"`"),
        )
    }

    /// The tag of a node; `None` if there is none or an unknown one.
    fn asked(&mut self, tag: Option<&granit_parser::Tag>, span: Span) -> Result<Option<Asked>, Failed> {
        let Some(tag) = tag else { return Ok(None) };
        let range = span.tag_span().and_then(|span| span.byte_range());
        let range = range.map_or(self.end..self.end, |range| self.base + range.start..self.base + range.end);
        let place = self.place(range.start, range.end);
        let original = tag.original();
        let written = self.text.get(range).filter(|raw| !raw.is_empty()).unwrap_or(&original);
        let asked = match self.dialect {
            Dialect::House => Asked::read(written, place),
            Dialect::Kubectl => Asked::core(written, place),
        };
        match asked {
            Ok(asked) => Ok(Some(asked)),
            Err(diagnostic) => self.problem(*diagnostic).map(|()| None),
        }
    }

    fn charge(&mut self, nodes: usize, here: Place) -> Result<(), Failed> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > self.limits.nodes { Err(self.too_many_nodes(here)) } else { Ok(()) }
    }

    fn too_many_nodes(&mut self, here: Place) -> Failed {
        let most = self.limits.nodes;
        self.limit(here, format!("a file must have at most {most} values with aliases written out, but this has more"))
    }

    fn limit(&mut self, here: Place, message: String) -> Failed {
        self.diagnostics.fail(Diagnostic::new(code::LIMIT, message).at(here, "the limit is met here"))
    }

    /// Records what is wrong and goes on, unless it has become too much.
    fn problem(&mut self, diagnostic: Diagnostic) -> Result<(), Failed> {
        if diagnostic.code == code::AMBIGUOUS {
            // These may be warnings, and a file full of them must still be read.
            self.doubts += 1;
            if self.doubts <= MOST_PROBLEMS {
                self.diagnostics.record(diagnostic);
            }
            return Ok(());
        }
        let place = diagnostic.primary.as_ref().map_or(Place::top(self.file), |label| label.place);
        self.diagnostics.record(diagnostic);
        self.problems += 1;
        if self.problems < MOST_PROBLEMS {
            return Ok(());
        }
        let message = format!("there are {MOST_PROBLEMS} problems in this file; the rest of it was not read");
        Err(self.diagnostics.fail(Diagnostic::new(code::LIMIT, message).at(place, "reading stopped here")))
    }

    /// The way to the value that comes next.
    fn path(&self) -> Path {
        Path::from_steps(self.frames.iter().filter_map(Frame::step).collect())
    }

    fn place(&self, start: usize, end: usize) -> Place {
        Place::new(self.file, start, end)
    }
}
