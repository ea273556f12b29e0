//! The form for people: rustc's look, with the lines that matter.
//!
//! In go findings and sources, out comes text for a terminal, ending with a summary. Equal findings of several targets
//! are one. Nothing in a message or a file can reach the terminal as a control. It does not print.

use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::excerpt::{self, Frame};
use super::tally::{self, Tally};
use super::{Diagnostic, Diagnostics, Severity, origin, printable};
use crate::source::Sources;

/// The width where the terminal has none, as rustc has it.
pub const WIDTH: usize = 140;

/// Narrower than this no line of a file is recognised.
const NARROWEST: usize = 40;

/// Places beside the primary one that are shown; more are counted.
const MOST_PLACES: usize = 12;

/// All findings in the order they were recorded, and a last line that counts them. Empty without findings.
/// `width` is that of the terminal, in columns.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, colour: bool, width: usize) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width.max(NARROWEST));
    let groups = diagnostics.grouped();
    let mut out = String::new();
    for (diagnostic, targets) in &groups {
        out.push_str(&report(&renderer, diagnostic, targets, sources));
        out.push_str("\n\n");
    }
    let tally = Tally::of(&groups);
    if let Some(worst) = tally.worst() {
        out.push_str(&renderer.render(&[Group::with_title(level(worst).primary_title(tally.words()))]));
        out.push('\n');
    }
    out
}

/// One finding.
fn report(renderer: &Renderer, diagnostic: &Diagnostic, targets: &[Arc<str>], sources: &Sources) -> String {
    let shown = diagnostic.related.get(..MOST_PLACES).unwrap_or(&diagnostic.related);
    let frames = excerpt::frames(diagnostic.primary.as_ref(), shown, sources);
    let title =
        level(diagnostic.severity).primary_title(printable::line(&diagnostic.message)).id(diagnostic.code.to_string());
    let mut main = Group::with_title(title);
    for (index, frame) in frames.iter().enumerate() {
        main = main.element(snippet(index, frame));
    }
    let more = diagnostic.related.len() - shown.len();
    let more = (more > 0).then(|| format!("{more} more places are not shown"));
    let found = tally::where_named(targets);
    let notes = diagnostic.notes.iter().chain(&more).chain(&found).map(|note| printable::lines(note));
    // Where there is nothing better to say, the page of the code says what to do.
    let page =
        diagnostic.help.is_empty().then(|| format!("`tenantctl explain {}` tells how to correct it", diagnostic.code));
    let origin = origin::hint(diagnostic, targets, sources);
    let help = diagnostic.help.iter().chain(&page).chain(&origin);
    let help = help.map(|help| Group::with_title(Level::HELP.secondary_title(printable::lines(help))));
    let drawn = if frames.is_empty() {
        // Drawn apart: together they would be joined by bars that lead nowhere.
        let notes = notes.map(|note| Group::with_title(Level::NOTE.secondary_title(note)));
        let parts: Vec<String> =
            std::iter::once(main).chain(notes).chain(help).map(|group| renderer.render(&[group])).collect();
        parts.join("\n")
    } else {
        let main = main.elements(notes.map(|note| Level::NOTE.message(note)));
        renderer.render(&std::iter::once(main).chain(help).collect::<Vec<_>>())
    };
    with_headers(drawn, &frames)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

fn snippet(index: usize, frame: &Frame) -> Snippet<'_, Annotation<'_>> {
    let marks = frame.marks.iter().map(|mark| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(mark.range.clone()).label((!mark.text.is_empty()).then_some(mark.text.as_str()))
    });
    Snippet::source(frame.text.as_str()).line_start(frame.first).path(header(index)).annotations(marks)
}

/// What stands for the name of a frame's file while it is drawn. The drawer counts columns in the lines it is given;
/// ours may be cut, so the true position is put in afterwards.
fn header(index: usize) -> String {
    format!("{0}{index}{0}", printable::MARKER)
}

/// Puts `file:line:column` in place of each header.
fn with_headers(drawn: String, frames: &[Frame]) -> String {
    frames.iter().enumerate().fold(drawn, |drawn, (index, frame)| {
        let header = header(index);
        let Some((before, after)) = drawn.split_once(&header) else { return drawn };
        let after = after.trim_start_matches(|character: char| character == ':' || character.is_ascii_digit());
        format!("{before}{}:{}:{}{after}", frame.name, frame.position.line, frame.position.column)
    })
}

#[cfg(test)]
mod tests;
