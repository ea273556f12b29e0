//! How a piece of a file is quoted in a message: on one line, not too long, nothing a terminal would obey.

use std::fmt;

/// A text between backticks. Long texts lose their end, control characters are escaped.
pub(super) struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 60;
        f.write_str("`")?;
        for (position, character) in self.0.chars().enumerate() {
            if position == LONGEST {
                f.write_str("...")?;
                break;
            }
            if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}') {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        f.write_str("`")
    }
}
