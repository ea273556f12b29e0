//! The form for people: `-` before what only the older side has, `+` before what only the newer has, `~` before what
//! changed.
//!
//! In goes a report, out comes text for a terminal; empty if nothing differs.

use anstyle::{AnsiColor, Style};

use super::layout::{self, Line, Sign};
use super::report::Report;
use crate::diagnostic::printable;

/// The differences as text.
pub fn render(report: &Report, colour: bool) -> String {
    if report.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    let mut push = |sign: Sign, depth: usize, text: &str, note: &str| {
        out.push_str(&line(sign, depth, text, note, colour));
    };
    push(Sign::Removed, 0, &printable::line(&report.before), "");
    push(Sign::Added, 0, &printable::line(&report.after), "");
    if !report.only_before.is_empty() || !report.only_after.is_empty() {
        push(Sign::Same, 0, "", "");
    }
    for (names, side, sign) in
        [(&report.only_before, &report.before, Sign::Removed), (&report.only_after, &report.after, Sign::Added)]
    {
        if !names.is_empty() {
            push(sign, 0, &printable::line(&format!("only in {side}: {}", layout::named(names))), "");
        }
    }
    for section in &report.condensed() {
        push(Sign::Same, 0, "", "");
        push(Sign::Title, 0, &printable::line(&format!("{}:", layout::who(report, section))), "");
        for Line { sign, depth, text, note } in layout::lines(report, section) {
            push(sign, depth + 1, &text, &note);
        }
    }
    push(Sign::Same, 0, "", "");
    push(Sign::Same, 0, &layout::summary(report), "");
    out
}

/// One line, with its sign, its indentation and its end. The text is safe already.
pub(crate) fn line(sign: Sign, depth: usize, text: &str, note: &str, colour: bool) -> String {
    let mark = match sign {
        Sign::Removed => "- ",
        Sign::Added => "+ ",
        Sign::Changed => "~ ",
        Sign::Same if depth > 0 => "  ",
        Sign::Same | Sign::Title => "",
    };
    let painted = paint(&format!("{mark}{text}"), style(sign), colour);
    let note =
        if note.is_empty() { String::new() } else { format!("  {}", paint(note, Style::new().dimmed(), colour)) };
    format!("{}{painted}{note}", "  ".repeat(depth)).trim_end().to_owned() + "\n"
}

fn style(sign: Sign) -> Style {
    match sign {
        Sign::Removed => AnsiColor::Red.on_default(),
        Sign::Added => AnsiColor::Green.on_default(),
        Sign::Changed => AnsiColor::Yellow.on_default(),
        Sign::Same => Style::new(),
        Sign::Title => Style::new().bold(),
    }
}

fn paint(text: &str, style: Style, colour: bool) -> String {
    if colour && style != Style::new() { format!("{style}{text}{style:#}") } else { text.to_owned() }
}
