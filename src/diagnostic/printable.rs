//! Text that may come from anybody becomes text that is safe to print.
//!
//! In goes any string, out comes one without characters that a terminal obeys or that change how the text around them
//! looks (ECMA-48 controls, bidirectional controls of Unicode UAX #9, line separators). Each is replaced by exactly one
//! visible character, so that columns stay right. It does not shorten and does not escape for a format.

use std::borrow::Cow;
use std::fmt::Write;

/// Stands for the header of a frame while it is drawn; never in printable text. See [`super::full`].
pub(super) const MARKER: char = '\u{F8FF}';

/// One line of a file. Tabs stay: whoever draws the line gives them their width.
pub(super) fn source(text: &str) -> Cow<'_, str> {
    replaced(text, |character| if character == '\t' { character } else { visible(character) })
}

/// Text that stays on one line.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    replaced(text, |character| if character == '\t' { ' ' } else { visible(character) })
}

/// Text of one or more lines.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    replaced(text, |character| match character {
        '\n' => '\n',
        '\t' => ' ',
        other => visible(other),
    })
}

/// JSON whose strings are escaped where JSON would not need it but a terminal obeys. Outside of strings JSON has none of it.
pub(crate) fn json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if is_unsafe(character) {
            // All of them are below U+10000, so one escape holds each; writing to a string cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}

/// Whether a terminal would obey the character or hide something behind it.
pub(super) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{FEFF}' | MARKER)
}

/// The visible character that stands for one that is not printed.
fn visible(character: char) -> char {
    match character {
        // Unicode has a picture for each of the ASCII controls, in their order.
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{FFFD}'),
        '\u{7F}' => '\u{2421}',
        other if is_unsafe(other) => '\u{FFFD}',
        other => other,
    }
}

fn replaced(text: &str, with: impl Fn(char) -> char) -> Cow<'_, str> {
    if text.contains(is_unsafe) { Cow::Owned(text.chars().map(with).collect()) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_obeys_is_left() {
        let hostile = "a\u{1b}]8;;x\u{7}\u{9b}2J\u{7f}\u{202e}\u{feff}\r\u{f8ff}é🎵";
        for safe in [source(hostile), line(hostile), lines(hostile)] {
            assert_eq!(safe, "a␛]8;;x␇\u{FFFD}2J␡\u{FFFD}\u{FFFD}␍\u{FFFD}é🎵");
        }
    }

    #[test]
    fn tabs_and_line_ends_stay_where_they_have_a_meaning() {
        assert_eq!((&*source("\ta\n"), &*line("\ta\n"), &*lines("\ta\n")), ("\ta␊", " a␊", " a\n"));
    }
}
