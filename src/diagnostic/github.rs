//! The form for GitHub Actions: workflow commands that become annotations on the changed lines.
//!
//! In go findings and sources, out comes one `::error ..::` or `::warning ..::` line each, as "Workflow commands for GitHub
//! Actions" has them, errors first. GitHub shows 10 errors and 10 warnings of a step and drops the others silently, so
//! no more are written and a notice counts the rest.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Diagnostic, Diagnostics, Label, Severity, printable, tally};
use crate::source::{LineColumn, Sources};

/// Annotations of one severity that GitHub shows for a step.
const MOST: usize = 10;

/// A workflow command for each finding, and a notice when there are more than GitHub shows.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let groups = diagnostics.grouped();
    let mut out = String::new();
    let mut left_out = |severity: Severity| {
        let all = || groups.iter().filter(|(item, _)| item.severity == severity);
        for (item, targets) in all().take(MOST) {
            out.push_str(&command(item, targets, sources));
        }
        all().count().saturating_sub(MOST)
    };
    let errors = left_out(Severity::Error);
    let warnings = left_out(Severity::Warning);
    if errors + warnings > 0 {
        out.push_str(&notice(errors, warnings));
    }
    out
}

fn notice(errors: usize, warnings: usize) -> String {
    let rest = tally::findings(errors, warnings);
    format!("::notice title=tenantctl::{rest} more; GitHub shows {MOST} of each in a step\n")
}

fn command(item: &Diagnostic, targets: &[Arc<str>], sources: &Sources) -> String {
    let place = item.primary.as_ref().map(|label| place(label, sources)).unwrap_or_default();
    let label = item.primary.iter().filter(|label| !label.text.is_empty()).map(|label| printable::line(&label.text));
    let found = tally::where_named(targets);
    let notes = item.notes.iter().chain(&found).map(|note| format!("note: {}", printable::lines(note)));
    let help = item.help.iter().map(|help| format!("help: {}", printable::lines(help)));
    let mut lines = vec![printable::line(&item.message).into_owned()];
    lines.extend(label.map(Cow::into_owned).chain(notes).chain(help));
    let text = lines.join("\n");
    format!("::{} {place}title={}::{}\n", item.severity.word(), item.code, data(&text))
}

fn place(label: &Label, sources: &Sources) -> String {
    let source = sources.get(label.place.file);
    let LineColumn { line, column } = source.line_column(label.place.start);
    let end = source.line_column(label.place.end.max(label.place.start));
    let file = property(&printable::line(&source.path()));
    format!("file={file},line={line},col={column},endLine={},endColumn={},", end.line, end.column)
}

/// Escapes the text of a command, as `@actions/core` does.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command, as `@actions/core` does.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;
    use crate::source::Place;

    #[test]
    fn commands_are_escaped() {
        let sources = Sources::default();
        let file = sources.add("environments/a,b:100%.yml", "replicas: three\n");
        let mut diagnostics = Diagnostics::new();
        diagnostics.record(Diagnostic::new(code::EDITED, "a file was edited"));
        let mut own = diagnostics.for_target("acme-corp@prod");
        own.record(
            Diagnostic::new(code::TYPE, "100% wrong:\n::error::no")
                .at(Place::new(file, 10, 15), "a string")
                .note("one\ntwo")
                .help("write a number"),
        );
        diagnostics.extend(own);
        assert_eq!(
            render(&diagnostics, &sources),
            "::error file=environments/a%2Cb%3A100%25.yml,line=1,col=11,endLine=1,endColumn=16,title=TC301::\
             100%25 wrong:␊::error::no%0Aa string%0Anote: one%0Atwo%0Anote: in acme-corp@prod%0Ahelp: write a number\n\
             ::warning title=TC702::a file was edited\n"
        );
    }

    #[test]
    fn what_github_would_drop_is_counted() {
        let mut diagnostics = Diagnostics::new();
        for number in 0..13 {
            diagnostics.record(Diagnostic::new(code::TYPE, format!("error {number}")));
        }
        diagnostics.record(Diagnostic::new(code::EDITED, "a warning"));
        let text = render(&diagnostics, &Sources::default());
        assert_eq!(text.lines().count(), 12);
        assert!(text.contains("\n::error title=TC301::error 9\n::warning title=TC702::a warning\n"), "{text}");
        assert!(
            text.ends_with("::notice title=tenantctl::3 errors more; GitHub shows 10 of each in a step\n"),
            "{text}"
        );
    }
}
