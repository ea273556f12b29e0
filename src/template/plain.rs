//! Text in a language that is not read here, with its values in place: each is spelled so that it stays a value, or
//! refused.
//!
//! In go rendered text and its holes, out comes the text of a file. In a shell script a value is quoted as the place
//! needs it, see [`shell`](super::shell). Elsewhere, and where quotes do not help, it may hold only characters that no
//! language gives a meaning beside those of words and numbers.

use std::borrow::Cow;
use std::ops::Range;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::hole::{self, Hole, Holes, Part, Spelling};
use super::language::Plain;
use super::quote;
use super::shell::{Context, Scanner};

/// What may stand anywhere, beside ASCII letters and digits.
const HARMLESS: &str = "_./:@+,=-";

/// Why the text cannot be filled, and which bytes of it are the hole.
pub(super) struct Unfilled {
    pub(super) hole: Range<usize>,
    pub(super) why: Why,
}

/// The reasons.
pub(super) enum Why {
    /// The value cannot be held.
    Value(Error),
    /// It would not stay a value.
    Refused(Refused),
}

/// What is wrong with a value, and what to do.
pub(super) struct Refused {
    pub(super) message: String,
    pub(super) help: &'static str,
}

impl From<Error> for Why {
    fn from(error: Error) -> Self {
        Self::Value(error)
    }
}

/// The text of a file: rendered text without marks, and its values.
pub(super) fn filled(text: &str, holes: &Holes, language: Plain) -> Result<String, Unfilled> {
    let mut file = File { text: String::with_capacity(text.len()), scanner: Scanner::default(), quoted: false };
    for (at, part) in hole::located(text) {
        match part {
            Part::Text(text) => file.literal(text, language),
            Part::Character(character) => file.literal(character.encode_utf8(&mut [0; 4]), language),
            Part::Mark(_) => {}
            Part::Secret(name) => {
                let why = Why::Value(super::view::secret_used(name));
                return Err(Unfilled { hole: at..at, why });
            }
            Part::Hole(index) => {
                let Some(hole) = holes.get(index) else { continue };
                let put = file.hole(hole, holes, language);
                put.map_err(|why| Unfilled { hole: at..at + hole::marker(index).len(), why })?;
            }
        }
    }
    Ok(file.text)
}

struct File {
    text: String,
    scanner: Scanner,
    /// Whether double quotes are open on this line.
    quoted: bool,
}

impl File {
    /// Text of the template.
    fn literal(&mut self, text: &str, language: Plain) {
        match language {
            Plain::Shell => self.scanner.feed(text),
            Plain::Hcl => {
                let mut escaped = false;
                for character in text.chars() {
                    match character {
                        '\n' => self.quoted = false,
                        '"' if !escaped => self.quoted = !self.quoted,
                        _ => {}
                    }
                    escaped = character == '\\' && !escaped;
                }
            }
            Plain::Other => {}
        }
        self.text.push_str(text);
    }

    /// A value.
    fn hole(&mut self, hole: &Hole, holes: &Holes, language: Plain) -> Result<(), Why> {
        let text = holes.spell(hole)?;
        let spelled = match language {
            _ if hole.spelling == Spelling::Quoted && !self.quoted => text,
            Plain::Shell => {
                self.in_shell(scalar(&hole.value, text, "in a script")?, &hole.value).map_err(Why::Refused)?
            }
            Plain::Hcl => harmless(
                scalar(&hole.value, text, "in HCL")?,
                "",
                "in HCL",
                "write it outside of quotes, as {{ value | hcl }}",
            )?,
            Plain::Other => {
                let help = "quote it for the file's language, outside of other quotes: {{ value | shell_quote }}, {{ value | tojson }}";
                harmless(scalar(&hole.value, text, "in a file of this name")?, "", "in a file of this name", help)?
            }
        };
        holes.spend(spelled.len())?;
        self.text.push_str(&spelled);
        Ok(())
    }

    fn in_shell<'t>(&mut self, text: Cow<'t, str>, value: &Value) -> Result<Cow<'t, str>, Refused> {
        let here = self.scanner.here();
        if let Some(control) =
            text.chars().find(|character| character.is_control() && !matches!(character, '\n' | '\t'))
        {
            return Err(Refused {
                message: format!(
                    "a value that holds the control character U+{:04X} cannot stand in a script",
                    u32::from(control)
                ),
                help: "remove it from the value, or write it as JSON: {{ value | tojson }}",
            });
        }
        let spelled = match here {
            Context::Word => Cow::Owned(quote::shell_word(&text)),
            Context::Double => Cow::Owned(quote::shell_double(&text)),
            Context::Arithmetic if value.is_integer() => text,
            Context::Arithmetic => {
                return Err(Refused {
                    message: "a value in a calculation must be a whole number".to_owned(),
                    help: "assign it to a variable first, where it is quoted: name={{ value }}",
                });
            }
            Context::Glued => {
                return Err(Refused {
                    message: "a value cannot stand behind `$`, `${` or a backslash".to_owned(),
                    help: "assign it to a variable first, where it is quoted: name={{ value }}",
                });
            }
            Context::Here if self.scanner.may_end_here(&text) => {
                return Err(Refused {
                    message: "a value that is a part of the line that ends a here-document cannot stand in one"
                        .to_owned(),
                    help: "use another word for its end, or printf with the value as an argument",
                });
            }
            Context::Comment => harmless(text, " and spaces", "in a comment", "leave it out; a comment has no quotes")?,
            Context::Here => harmless(
                text,
                "",
                "in a here-document",
                "use printf with the value as an argument, where it is quoted",
            )?,
            Context::Single => harmless(
                text,
                "",
                "in single quotes",
                "put it outside of them, where it is quoted: 'text '{{ value }}",
            )?,
            Context::Unknown => harmless(
                text,
                "",
                "where quotes may mean something else",
                "assign it to a variable further up, where it is quoted: name={{ value }}",
            )?,
        };
        self.scanner.value();
        Ok(spelled)
    }
}

/// The text of a value that has one.
fn scalar<'t>(value: &Value, text: Cow<'t, str>, place: &str) -> Result<Cow<'t, str>, Why> {
    let kind = match value.kind() {
        ValueKind::None => "null",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a mapping",
        _ => return Ok(text),
    };
    Err(Why::Refused(Refused {
        message: format!("{kind} has no form of its own {place}"),
        help: "write what is in it with a loop, give it a default(..), or make it a text: {{ value | tojson }}",
    }))
}

/// A text in which nothing has a meaning. `spaces` says that they have none here.
fn harmless<'t>(text: Cow<'t, str>, spaces: &str, place: &str, help: &'static str) -> Result<Cow<'t, str>, Refused> {
    let allowed = |character: &char| is_harmless(*character) || *character == ' ' && !spaces.is_empty();
    let Some(character) = text.chars().find(|character| !allowed(character)) else { return Ok(text) };
    let shown = match character {
        ' ' => "a space".to_owned(),
        '\n' => "a line break".to_owned(),
        other if other.is_ascii_graphic() => format!("`{other}`"),
        other => format!("U+{:04X}", u32::from(other)),
    };
    Err(Refused {
        message: format!("a value {place} may hold letters, digits and {HARMLESS}{spaces}, but this one holds {shown}"),
        help,
    })
}

fn is_harmless(character: char) -> bool {
    character.is_ascii_alphanumeric() || HARMLESS.contains(character)
}

impl From<Refused> for Why {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}
