//! Turns the parser's syntax errors into findings that say what is wrong and what to write.
//!
//! The parser reports where it could not go on, which for an unclosed quote or bracket is a line or more too late.
//! The place where the cause stands is looked for in the little text between the last value and that point.

use granit_parser::{ErrorKind, ScanError};

use super::Limits;
use super::shown::Shown;
use crate::diagnostic::{Diagnostic, code};
use crate::source::{FileId, Place};

/// What was read when the error came.
pub(super) struct Scene<'a> {
    /// The file.
    pub file: FileId,
    /// Its text.
    pub text: &'a str,
    /// One past the last byte of content before the error.
    pub end: usize,
    /// The innermost bracket that is open.
    pub bracket: Option<usize>,
}

/// The finding about a syntax error.
pub(super) fn diagnose(error: &ScanError, scene: &Scene<'_>, limits: &Limits) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(scene.end).min(scene.text.len());
    let diagnostic = by_kind(error.kind(), at, scene, limits);
    let line = line_around(scene.text, at);
    let earlier = line_around(scene.text, scene.end);
    if [line, earlier].into_iter().any(|(start, end)| has_bare_expression(&scene.text[start..end])) {
        diagnostic.help("put the whole value in quotes: a value cannot begin with `{{`")
    } else {
        diagnostic
    }
}

/// Whether an error came on the line of `place`, and so has the same cause.
pub(super) fn same_line(text: &str, place: Place, error: &ScanError) -> bool {
    let at = error.marker().byte_offset().unwrap_or(0);
    line_around(text, at) == line_around(text, place.start as usize)
}

fn by_kind(kind: &ErrorKind, at: usize, scene: &Scene<'_>, limits: &Limits) -> Diagnostic {
    let here = scene.character(at);
    if *kind == ErrorKind::RecursionLimitExceeded {
        let most = limits.depth;
        let message = format!("mappings and lists may be nested {most} deep, but these are deeper");
        return Diagnostic::new(code::LIMIT, message).at(here, "the limit is met here");
    }
    let known = of_structure(kind, at, scene).or_else(|| of_text(kind, at, scene));
    known.or_else(|| of_marks(kind, at, scene)).unwrap_or_else(|| {
        let message = kind.to_string().to_lowercase();
        let message = if message.is_empty() { "this cannot be read as YAML".to_owned() } else { message };
        Diagnostic::new(code::SYNTAX, message).at(here, "")
    })
}

/// What is wrong with brackets, indentation, keys and items.
fn of_structure(kind: &ErrorKind, at: usize, scene: &Scene<'_>) -> Option<Diagnostic> {
    use ErrorKind as Kind;
    let here = scene.character(at);
    let syntax = |message: &str, label: &str| Diagnostic::new(code::SYNTAX, message).at(here, label);
    Some(match kind {
        Kind::InvalidIndentation
        | Kind::InvalidFlowScalarIndent
        | Kind::ExpectedFlowMappingSeparator
        | Kind::ExpectedFlowSequenceSeparator
        | Kind::BlockEntryInFlowCollection
        | Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofFlowSequence
        | Kind::UnexpectedEofImplicitFlowMapping => scene.bracket_trouble(at),
        Kind::UnclosedFlowCollection { open } => scene.unclosed_quote(scene.text.len()).unwrap_or_else(|| {
            Diagnostic::new(code::SYNTAX, format!("the bracket `{open}` is not closed"))
                .at(here, "opened here")
                .help(format!("write `{}` where it ends", if *open == '[' { ']' } else { '}' }))
        }),
        Kind::MismatchedFlowCollectionEnd { open, close } => {
            let message = format!("the bracket `{open}` is closed by `{close}`");
            // The parser points at the opening bracket.
            let closing = scene.text[scene.end..].find(*close).map_or(at, |found| scene.end + found);
            let opening = scene.character(at);
            Diagnostic::new(code::SYNTAX, message).at(scene.character(closing), "").also(opening, "opened here")
        }
        Kind::MisplacedFlowCollectionEnd => {
            syntax("a bracket is closed that was not opened", "").help("remove it, or put the whole text in quotes")
        }
        Kind::TabNotAllowed
        | Kind::TabInBlockIndentation
        | Kind::TabInIndentation
        | Kind::TabInPlainScalar
        | Kind::TabAtBlockScalarStart
        | Kind::InvalidBlockEntryWhitespace
        | Kind::InvalidMappingValueWhitespace => Diagnostic::new(code::SYNTAX, "a tab cannot be used here")
            .at(scene.tab(at), "a tab")
            .help("indent with spaces"),
        Kind::MappingValueNotAllowed | Kind::InvalidColonPlacement => scene.colon_trouble(at),
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => syntax(
            "this line is neither `key: value` nor a part of what stands before it",
            "a colon and a space are missing",
        )
        .help("write `key: value`, or indent the line to continue the text above"),
        Kind::ExpectedBlockMappingKey => syntax("a key is expected here", "")
            .help("the keys of one mapping begin in one column; a value with spaces and special signs needs quotes"),
        Kind::ExpectedBlockSequenceEntry => syntax("an item that begins with `- ` is expected here", "")
            .help("the items of one list begin in one column"),
        Kind::BlockSequenceEntryNotAllowed => syntax("a list cannot begin on the line of its key", "")
            .help("put the items on lines of their own, or put the text in quotes"),
        _ => return None,
    })
}

/// What is wrong with a text, in quotes or without.
fn of_text(kind: &ErrorKind, at: usize, scene: &Scene<'_>) -> Option<Diagnostic> {
    use ErrorKind as Kind;
    let here = scene.character(at);
    let syntax = |message: &str, label: &str| Diagnostic::new(code::SYNTAX, message).at(here, label);
    Some(match kind {
        Kind::UnclosedQuotedScalar | Kind::InvalidQuotedScalarIndent | Kind::DocumentIndicatorInQuotedScalar => {
            scene.unclosed_quote(at).unwrap_or_else(|| syntax("a quote is not closed", ""))
        }
        Kind::UnexpectedCharacter { character } => {
            let message = format!("a text without quotes cannot begin with {}", Shown(&character.to_string()));
            Diagnostic::new(code::SYNTAX, message).at(here, "").help(scene.quoting(at))
        }
        Kind::InvalidTrailingDoubleQuotedScalar | Kind::InvalidTrailingSingleQuotedScalar => {
            syntax("nothing can follow a closing quote", "not part of the quoted text")
                .help("put the whole value in one pair of quotes; inside single quotes, write `''` for a quote")
        }
        Kind::UnknownQuotedScalarEscape
        | Kind::InvalidQuotedScalarHexEscape
        | Kind::InvalidLowSurrogateHexEscape
        | Kind::InvalidLowSurrogate
        | Kind::MissingLowSurrogate
        | Kind::UnpairedLowSurrogate
        | Kind::InvalidUnicodeEscape => Diagnostic::new(code::SYNTAX, "this escape is not known in double quotes")
            .at(scene.escape(at, kind), "")
            .help(r"write `\\` for a backslash, or put the text in single quotes"),
        Kind::MissingAnchorOrAliasName => syntax("a name must follow `&` or `*`", "").help(scene.quoting(at)),
        Kind::CommentInterceptedScalar | Kind::CommentNotSeparated => {
            syntax("a comment cannot stand here", "").help("put a space before `#`, or put the text in quotes")
        }
        Kind::BomInsideDocument => syntax("a byte-order mark may only stand at the top of a file", "")
            .help(r#"remove it, or write `"\uFEFF"`"#),
        Kind::InvalidBlockScalarIndent => syntax("this line is indented less than the text block it is in", "")
            .help("indent all lines of the block alike"),
        Kind::InvalidBlockScalarHeader | Kind::ZeroBlockScalarIndent => {
            syntax("only an indentation and `-` or `+` can follow `|` and `>`", "")
                .help("begin the text on the next line")
        }
        _ => return None,
    })
}

/// What is wrong with a directive or a tag.
fn of_marks(kind: &ErrorKind, at: usize, scene: &Scene<'_>) -> Option<Diagnostic> {
    use ErrorKind as Kind;
    let here = scene.character(at);
    Some(match kind {
        Kind::DirectiveDisallowed if scene.text[at..].starts_with("%TAG") => {
            Diagnostic::new(code::UNKNOWN_TAG, "tags cannot be declared")
                .at(scene.line(at), "")
                .help("remove this line")
        }
        Kind::DirectiveDisallowed => Diagnostic::new(code::SYNTAX, "a line cannot begin with `%`")
            .at(scene.line(at), "")
            .help("remove it if it is a directive: files are read as YAML 1.2; put the text in quotes otherwise"),
        Kind::UndeclaredTagHandle
        | Kind::ExpectedTagBang
        | Kind::InvalidTagTerminator
        | Kind::InvalidGlobalTagCharacter
        | Kind::MissingTagUri
        | Kind::UnclosedVerbatimTag
        | Kind::InvalidTagEscape
        | Kind::InvalidTagUtf8
        | Kind::InvalidTagUtf8LeadingByte
        | Kind::InvalidTagUtf8TrailingByte => Diagnostic::new(code::UNKNOWN_TAG, "this tag cannot be read")
            .at(here, "")
            .help("a text that begins with `!` needs quotes"),
        _ => return None,
    })
}

impl Scene<'_> {
    fn place(&self, start: usize, end: usize) -> Place {
        Place::new(self.file, start, end)
    }

    /// The character at a byte, or the empty range at the end of a line.
    fn character(&self, at: usize) -> Place {
        let width = self.text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| !matches!(c, '\n' | '\r'));
        self.place(at, at + width.map_or(0, char::len_utf8))
    }

    /// The rest of a line.
    fn line(&self, at: usize) -> Place {
        let (_, end) = line_around(self.text, at);
        self.place(at, end)
    }

    /// Adds the bracket that is open.
    fn with_bracket(&self, diagnostic: Diagnostic) -> Diagnostic {
        match self.bracket {
            Some(open) => diagnostic.also(self.character(open), "this bracket is open"),
            None => diagnostic,
        }
    }

    /// The finding about a quote that is open at byte `at`, if one is.
    fn unclosed_quote(&self, at: usize) -> Option<Diagnostic> {
        let open = open_quote(self.text, self.end, at)?;
        let quote = &self.text[open..=open];
        let diagnostic = Diagnostic::new(code::SYNTAX, "a quote is not closed");
        let opening = self.place(open, open + 1);
        let label = "unclosed quote begins here";
        Some(if at <= open || at >= self.text.len() {
            diagnostic.at(opening, label).help(format!("write `{quote}` where the text ends"))
        } else {
            diagnostic
                .at(self.character(at), "this cannot be a part of the quoted text")
                .also(opening, label)
                .help(format!("write `{quote}` where the text ends; lines that continue it must be indented"))
        })
    }

    fn bracket_trouble(&self, at: usize) -> Diagnostic {
        if let Some(diagnostic) = self.unclosed_quote(at) {
            return diagnostic;
        }
        if self.bracket.is_none() {
            return Diagnostic::new(code::SYNTAX, "the indentation does not fit the lines above")
                .at(self.character(at), "")
                .help("indent the line like its neighbours");
        }
        let diagnostic = Diagnostic::new(code::SYNTAX, "a comma or a closing bracket is missing");
        self.with_bracket(diagnostic.at(self.character(at), "expected before this"))
            .help("close the bracket, or indent the lines inside it")
    }

    fn colon_trouble(&self, at: usize) -> Diagnostic {
        let diagnostic = Diagnostic::new(code::SYNTAX, "a colon cannot stand here")
            .at(self.character(at), "this would begin another value");
        let (start, end) = line_around(self.text, at);
        let above = self.text[..start].trim_end();
        let (above_start, above_end) = line_around(self.text, above.len());
        let above = &self.text[above_start..above_end.min(above.len())];
        if let Some((key, value)) = key_without_space(above) {
            return diagnostic
                .also(self.place(above_start, above_end), "no space after this line's colon")
                .help(format!("put a space after the colon: `{key}: {value}`"));
        }
        let value = self.text[start..end].split_once(": ").map_or("", |(_, value)| value.trim());
        if self.text[start..at].contains(": ") && !value.is_empty() && !value.contains(['"', '\'', '\\', '#']) {
            diagnostic.help(format!("put the value in quotes if the colon belongs to it: `\"{value}\"`"))
        } else {
            diagnostic.help(
                "begin each key on a line of its own, in the column of its neighbours; a text with `: ` in it needs quotes",
            )
        }
    }

    /// The first tab in the indentation of the line at `at` or after it.
    fn tab(&self, at: usize) -> Place {
        let (start, _) = line_around(self.text, at);
        let rest = &self.text[start..];
        let mut offset = start;
        for line in rest.split_inclusive('\n') {
            let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = line[..indentation].find('\t') {
                return self.place(offset + tab, offset + tab + 1);
            }
            offset += line.len();
            if offset > at + 4096 {
                break;
            }
        }
        self.character(at)
    }

    /// How to quote the value at `at`.
    fn quoting(&self, at: usize) -> String {
        let (_, end) = line_around(self.text, at);
        let value = self.text[at..end].trim_end();
        if value.is_empty() || value.len() > 60 || value.contains(['"', '\\', '#', '\'', ',', ']', '}']) {
            "put the text in quotes".to_owned()
        } else {
            format!("put the text in quotes: `\"{value}\"`")
        }
    }

    /// The escape that is wrong in the double-quoted text that begins at `at`.
    fn escape(&self, at: usize, kind: &ErrorKind) -> Place {
        let rest = &self.text[at..];
        let mut characters = rest.char_indices();
        while let Some((offset, character)) = characters.next() {
            if character != '\\' {
                continue;
            }
            let Some((_, escaped)) = characters.next() else { break };
            let wrong = match escaped {
                'x' | 'u' | 'U' => {
                    *kind != ErrorKind::UnknownQuotedScalarEscape && {
                        let length = match escaped {
                            'x' => 2,
                            'u' => 4,
                            _ => 8,
                        };
                        let digits = rest.get(offset + 2..offset + 2 + length);
                        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                        number.and_then(char::from_u32).is_none()
                    }
                }
                '0' | 'a' | 'b' | 't' | '\t' | 'n' | 'v' | 'f' | 'r' | 'e' | ' ' | '"' | '/' | '\\' | 'N' | '_'
                | 'L' | 'P' | '\n' | '\r' => false,
                _ => true,
            };
            if wrong {
                return self.place(at + offset, at + offset + 1 + escaped.len_utf8());
            }
        }
        self.character(at)
    }
}

/// The finding about the first character that YAML does not allow in a file (section 5.1 of the specification).
pub(super) fn forbidden_character(file: FileId, text: &str) -> Option<Diagnostic> {
    let bytes = text.as_bytes();
    let suspicious = |byte: &u8| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 127 | 0xC2 | 0xEF);
    if !bytes.iter().any(suspicious) {
        return None;
    }
    let forbidden = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    let (at, character) = text.char_indices().find(|(_, c)| forbidden(*c))?;
    let number = u32::from(character);
    let escape = if number <= 0xFF { format!("\\x{number:02X}") } else { format!("\\u{number:04X}") };
    Some(
        Diagnostic::new(code::SYNTAX, format!("the control character U+{number:04X} cannot stand in YAML"))
            .at(Place::new(file, at, at + character.len_utf8()), "it does not show")
            .help(format!("remove it, or write `{escape}` in double quotes")),
    )
}

/// The dash that begins the list after a key that ends at byte `from`: past the colon, blanks, comments, a tag and
/// an anchor. The parser reports some lists only after their first dash.
pub(super) fn dash(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b' ' | b'\t' | b'\n' | b'\r' | b':' => at += 1,
            b'#' => at += text[at..].find(['\n', '\r'])?,
            b'!' | b'&' => at += text[at..].find([' ', '\t', '\n', '\r'])?,
            b'-' => return Some(at),
            _ => return None,
        }
    }
}

/// The range of the line that holds byte `at`, without its end.
fn line_around(text: &str, at: usize) -> (usize, usize) {
    let at = at.min(text.len());
    let start = text[..at].rfind(['\n', '\r']).map_or(0, |newline| newline + 1);
    let end = text[at..].find(['\n', '\r']).map_or(text.len(), |newline| at + newline);
    (start, end)
}

/// `key:value` as key and value, when the line is that and nothing else.
fn key_without_space(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim().split_once(':')?;
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let is_value = !value.is_empty() && !value.starts_with(char::is_whitespace) && !value.contains(": ");
    (is_key && is_value && value.len() <= 60).then_some((key, value))
}

/// Whether a value of this line begins with `{{`.
fn has_bare_expression(line: &str) -> bool {
    line.match_indices("{{").any(|(at, _)| {
        let before = line[..at].trim_end();
        let blank = before.len() < at;
        before.is_empty() || (blank && before.ends_with([':', '-'])) || before.ends_with(['[', ',']) || {
            let word = before.rsplit(' ').next().unwrap_or_default();
            blank && word.starts_with('!')
        }
    })
}

/// The quote that begins between `from` and `until` and does not end there.
fn open_quote(text: &str, from: usize, until: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    // Quotes open a text only at its beginning; within a plain text they are letters.
    let mut fresh = true;
    while at <= until {
        let byte = *bytes.get(at)?;
        match byte {
            b'"' | b'\'' if fresh => {
                let Some(end) = closing_quote(bytes, at) else { return Some(at) };
                if end >= until && at < until {
                    return Some(at);
                }
                at = end;
                fresh = false;
            }
            b'#' if fresh => at += text[at..].find('\n')?,
            b' ' | b'\t' | b'\n' | b'\r' | b',' | b'[' | b'{' => fresh = true,
            b':' | b'-' | b'?' => {}
            b'!' | b'&' if fresh => at += text[at..].find([' ', '\n'])?.saturating_sub(1),
            _ => fresh = false,
        }
        at += 1;
    }
    None
}

/// Where the quote at `open` is closed.
fn closing_quote(bytes: &[u8], open: usize) -> Option<usize> {
    let quote = bytes[open];
    let mut at = open + 1;
    loop {
        match bytes.get(at)? {
            b'\\' if quote == b'"' => at += 1,
            byte if *byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if *byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
}
