//! The form for a pull request: Markdown in which nothing of the input is markup.
//!
//! In goes a report, out comes a heading and a list of sections that open when asked. Names stand in code spans, lines
//! in fenced blocks whose fence is longer than any run of backticks inside, so neither can end early.

use super::layout::{self, Line, Sign};
use super::report::Report;
use crate::diagnostic::printable;

/// The differences as Markdown.
pub fn render(report: &Report) -> String {
    let mut out = format!("### {} → {}\n\n{}\n", code(&report.before), code(&report.after), sentence(report));
    for (names, side) in [(&report.only_before, &report.before), (&report.only_after, &report.after)] {
        if !names.is_empty() {
            out.push_str(&format!("\nOnly in {}: {}\n", code(side), code(&layout::named(names))));
        }
    }
    for section in &report.condensed() {
        let who = html(&layout::who(report, section));
        let lines = fenced(&layout::lines(report, section));
        out.push_str(&format!("\n<details><summary>{who}</summary>\n\n{lines}\n</details>\n"));
    }
    out
}

fn sentence(report: &Report) -> String {
    if report.is_empty() { "No difference.".to_owned() } else { html(&layout::summary(report)) + "." }
}

/// A block of lines that are coloured as a difference.
pub(crate) fn fenced(lines: &[Line]) -> String {
    let lines: String = lines.iter().map(line).collect();
    let fence = fence(&lines, 3);
    format!("{fence}diff\n{lines}{fence}\n")
}

/// A line as the highlighter of differences wants it: the sign first.
fn line(Line { sign, depth, text, note }: &Line) -> String {
    let sign = match sign {
        Sign::Removed => "-",
        Sign::Added => "+",
        Sign::Changed => "!",
        Sign::Same | Sign::Title => " ",
    };
    let note = if note.is_empty() { String::new() } else { format!("  {note}") };
    format!("{sign} {}{text}{note}", "  ".repeat(*depth)).trim_end().to_owned() + "\n"
}

/// Backticks, more than there are in a row in the text and at least so many.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

/// A code span. Text that begins or ends with a backtick needs a space there.
pub(crate) fn code(text: &str) -> String {
    let text = printable::line(text);
    let fence = fence(&text, 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Text outside of code: nothing in it is HTML, Markdown, or the name of a person.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in printable::line(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '@' | '!' => {
                out.push_str(&format!("&#{};", u32::from(character)));
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(fence("x\n````\n", 3), "`````");
    }

    #[test]
    fn text_is_never_markup() {
        assert_eq!(html("<b> @me #1"), "&lt;b&gt; &#64;me &#35;1");
    }
}
