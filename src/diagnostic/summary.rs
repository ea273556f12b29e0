//! The form for the summary page of a GitHub Actions run: Markdown, appended to the file `GITHUB_STEP_SUMMARY` names.
//!
//! In go findings and sources, out comes a table with all that annotations leave out. GitHub refuses a summary of more
//! than 1 MiB, so no more rows are written than fit and the rest is counted.

use super::tally::Tally;
use super::{Diagnostics, printable, tally};
use crate::source::Sources;

/// Most bytes of a summary: other steps write to the same file.
const MOST: usize = 512 * 1024;

/// All findings as a section of Markdown.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let groups = diagnostics.grouped();
    let tally = Tally::of(&groups);
    let mut out = String::from("### tenantctl\n\n");
    if groups.is_empty() {
        out.push_str("Nothing is wrong.\n\n");
        return out;
    }
    out.push_str(&format!("{}\n\n| | where | what | |\n|---|---|---|---|\n", cell(&tally.words())));
    for (done, (item, targets)) in groups.iter().enumerate() {
        let place = item.primary.as_ref().map(|label| sources.describe(label.place)).unwrap_or_default();
        let found = tally::where_short(targets).unwrap_or_default();
        let (severity, code) = (item.severity.word(), item.code);
        let row = format!("| {severity} {code} | {} | {} | {} |\n", cell(&place), cell(&item.message), cell(&found));
        if out.len() + row.len() > MOST {
            out.push_str(&format!("\n{} more\n", groups.len() - done));
            break;
        }
        out.push_str(&row);
    }
    out.push('\n');
    out
}

/// Text in a cell: nothing in it is Markdown or HTML.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for character in printable::line(text).chars() {
        match character {
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '@' | '!' => {
                cell.push('\\');
                cell.push(character);
            }
            other => cell.push(other),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostic, code};
    use crate::source::Place;

    #[test]
    fn a_finding_is_a_row_and_never_markup() {
        let sources = Sources::default();
        let file = sources.add("a|b.yml", "x: 1\n");
        let mut diagnostics = Diagnostics::new();
        diagnostics.record(Diagnostic::new(code::TYPE, "<b>|`x`\n| y").at(Place::new(file, 3, 4), ""));
        let text = render(&diagnostics, &sources);
        assert!(text.contains("| error TC301 | a\\|b.yml:1:4 | &lt;b&gt;\\|\\`x\\`␊\\| y |  |\n"), "{text}");
    }

    #[test]
    fn it_is_not_too_long() {
        let mut diagnostics = Diagnostics::new();
        for number in 0..20_000 {
            diagnostics.record(Diagnostic::new(code::TYPE, format!("{number} {}", "x".repeat(100))));
        }
        let text = render(&diagnostics, &Sources::default());
        assert!(text.len() < MOST + 100 && text.ends_with(" more\n\n"), "{}", text.len());
    }
}
