//! Typed holes: a value never becomes YAML text.
//!
//! While a template renders, each `{{ value }}` is kept aside in [`Holes`] and a marker takes its place in the
//! text: U+E000, the index, U+E001. Markers are the only thing a value can leave in the text, so it cannot break
//! indentation, quoting or structure. Text from data that holds these characters itself is escaped before it
//! reaches the engine ([`escape`]) and restored when the hole is filled ([`unescape`]).

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Output, State, Value};

use crate::path::Path;
use crate::tree::{Node, Number};
use crate::yaml::emit;

use super::language::Plain;
use super::trace::Trace;
use super::view;

/// Begins the marker of a hole; its index follows.
const HOLE: char = '\u{E000}';
/// Ends the marker of a hole.
const HOLE_END: char = '\u{E001}';
/// Escapes one of these characters that came from data.
const ESCAPE: char = '\u{E002}';
/// Begins a mark: the number of a place in a template; see [`super::mark`].
pub(super) const MARK: char = '\u{E003}';
/// Ends a mark.
pub(super) const MARK_END: char = '\u{E004}';

/// Stands on both sides of the name of a secret where something made text of it: such text is refused.
pub(super) const SECRET: char = '\u{E005}';

/// The global under which a rendering that is traced finds its trace; no template can write this name.
pub(super) const TRACE: &str = "\0trace";
/// The global under which the rendering of a file in a plain language finds the language's name.
pub(super) const LANGUAGE: &str = "\0language";

/// Whether a text needs no closer look: every one of them begins with this byte in UTF-8.
fn is_clear(text: &str) -> bool {
    const LEAD: u8 = 0xEE;
    text.is_ascii() || !text.as_bytes().contains(&LEAD)
}

/// Whether a text holds one of the six characters that are special here.
pub(super) fn is_special(text: &str) -> bool {
    special(text).is_some()
}

/// The byte at which a text holds the first of them.
pub(super) fn special(text: &str) -> Option<usize> {
    if is_clear(text) {
        return None;
    }
    text.find(|character| (HOLE..=SECRET).contains(&character))
}

/// Whether a text holds markers or marks: it was captured, and stands for another text.
pub(super) fn is_captured(text: &str) -> bool {
    !is_clear(text) && text.contains([HOLE, MARK])
}

/// Makes text from data harmless: special characters become two others.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !is_special(text) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match ESCAPED.iter().position(|special| *special == character) {
            Some(index) => {
                escaped.push(ESCAPE);
                escaped.push(DIGITS[index]);
            }
            None => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

const ESCAPED: [char; 6] = [HOLE, HOLE_END, ESCAPE, MARK, MARK_END, SECRET];
const DIGITS: [char; 6] = ['0', '1', '2', '3', '4', '5'];

/// How the value of a hole is spelled where it is joined into longer text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As text: `{{ value }}`.
    Text,
    /// As a YAML scalar, quoted where it must be: a leaf of `to_yaml`.
    Yaml,
    /// As a JSON scalar: a leaf of `tojson`.
    Json,
    /// As text that has its quotes already.
    Quoted,
}

/// A value kept aside.
#[derive(Clone, Debug)]
pub(super) struct Hole {
    /// The value as the template gave it.
    pub value: Value,
    /// How to spell it inside longer text.
    pub spelling: Spelling,
    /// The configuration paths read for it, if the rendering is traced; the last is the value's own.
    pub read: Vec<Path>,
}

/// The marker of a hole.
pub(super) fn marker(index: usize) -> String {
    format!("{HOLE}{index}{HOLE_END}")
}

/// Those of the first holes; few renderings have more.
static MARKERS: LazyLock<Vec<String>> = LazyLock::new(|| (0..512).map(marker).collect());

/// Most bytes of text that one rendering may make on its way, all operators and filters together.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Bytes that a value takes in a tree or in text, about.
pub(super) const VALUE: usize = 256;
/// Most values that stand in each other's text: what a macro makes of what a macro makes.
const DEEPEST: usize = 128;

/// The values of one rendering, in the order they were met, and the account of how much it makes.
#[derive(Debug, Default)]
pub(super) struct Holes {
    kept: Vec<Hole>,
    trace: Option<Arc<Trace>>,
    language: Option<Plain>,
    spent: AtomicUsize,
    depth: AtomicUsize,
}

impl Holes {
    /// Those of the rendering that `state` belongs to.
    pub(super) fn of<'s>(state: &'s mut State<'_, '_>) -> &'s mut Self {
        if state.get_extension::<Self>().is_none() {
            let trace = state.lookup(TRACE).and_then(|trace| trace.downcast_object());
            let language = state.lookup(LANGUAGE).and_then(|name| Plain::named(name.as_str()?));
            // Room for what most renderings keep.
            state.get_or_insert_extension(Self { kept: Vec::with_capacity(64), trace, language, ..Self::default() });
        }
        state.get_or_insert_extension_with(Self::default)
    }

    /// Keeps a value aside and writes its marker.
    pub(super) fn put(&mut self, value: Value, spelling: Spelling, out: &mut impl std::fmt::Write) -> std::fmt::Result {
        let read = self.trace.as_ref().map(|trace| trace.take(&value)).unwrap_or_default();
        let index = self.kept.len();
        self.kept.push(Hole { value, spelling, read });
        match MARKERS.get(index) {
            Some(marker) => out.write_str(marker),
            None => out.write_str(&marker(index)),
        }
    }

    /// The language of the file that is rendered, if it is a plain one.
    pub(super) fn language(&self) -> Option<Plain> {
        self.language
    }

    /// Where the value of a field came from, if the rendering is traced: the configuration's node behind the last of
    /// its holes that has one.
    pub(super) fn origin(&self, indexes: &[usize]) -> Option<Arc<Node>> {
        let configuration = self.trace.as_ref()?.configuration();
        let read = |index: &usize| self.get(*index)?.read.last();
        let path = indexes.iter().rev().find_map(read)?;
        configuration.get(path).cloned().map(Arc::new)
    }

    /// The configuration paths that a hole was filled from, those of the holes in its own text included. The last is
    /// the value's own.
    pub(super) fn reads(&self, index: usize) -> Vec<Path> {
        let mut reads = Vec::new();
        self.collect(index, 0, &mut reads);
        reads
    }

    fn collect(&self, index: usize, depth: usize, reads: &mut Vec<Path>) {
        let Some(hole) = self.get(index).filter(|_| depth < DEEPEST) else { return };
        for part in hole.value.as_str().filter(|text| is_captured(text)).into_iter().flat_map(parts) {
            if let Part::Hole(inner) = part {
                self.collect(inner, depth + 1, reads);
            }
        }
        for path in &hole.read {
            reads.retain(|known| known != path);
            reads.push(path.clone());
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&Hole> {
        self.kept.get(index)
    }

    /// Writes bytes down that are made; an error when it is too much. Fuel counts steps, and one step can make any
    /// amount of text.
    pub(super) fn spend(&self, bytes: usize) -> Result<(), Error> {
        let spent = self.spent.fetch_add(bytes.min(MOST_BYTES), Ordering::Relaxed);
        if spent.saturating_add(bytes) <= MOST_BYTES {
            return Ok(());
        }
        Err(Error::new(ErrorKind::OutOfFuel, format!("makes more than {} MiB of text", MOST_BYTES >> 20)))
    }

    /// The text that rendered text stands for: markers replaced by the text of their values, escapes undone,
    /// marks removed.
    pub(super) fn expand<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, Error> {
        if !is_special(text) {
            return Ok(Cow::Borrowed(text));
        }
        if self.depth.fetch_add(1, Ordering::Relaxed) >= DEEPEST {
            let said = format!("joins text {DEEPEST} times over, each time with what was joined before");
            return Err(Error::new(ErrorKind::OutOfFuel, said));
        }
        let expanded = self.expanded(text);
        self.depth.fetch_sub(1, Ordering::Relaxed);
        expanded.map(Cow::Owned)
    }

    fn expanded(&self, text: &str) -> Result<String, Error> {
        self.spend(text.len())?;
        let mut expanded = String::with_capacity(text.len());
        for part in parts(text) {
            match part {
                Part::Text(text) => expanded.push_str(text),
                Part::Character(character) => expanded.push(character),
                Part::Mark(_) => {}
                Part::Secret(name) => return Err(view::secret_used(name)),
                Part::Hole(index) => match self.get(index) {
                    Some(hole) => {
                        let text = self.spell(hole)?;
                        self.spend(text.len())?;
                        expanded.push_str(&text);
                    }
                    None => expanded.push_str(&marker(index)),
                },
            }
        }
        Ok(expanded)
    }

    /// The value of a hole as it is spelled inside longer text.
    pub(super) fn spell<'h>(&self, hole: &'h Hole) -> Result<Cow<'h, str>, Error> {
        match hole.spelling {
            Spelling::Text | Spelling::Quoted => self.text_of(&hole.value),
            Spelling::Yaml => match hole.value.as_str() {
                Some(text) => Ok(emit::scalar_text(&self.expand(text)?).into_owned().into()),
                None => self.text_of(&hole.value),
            },
            Spelling::Json => match hole.value.as_str() {
                Some(text) => Ok(serde_json::Value::from(self.expand(text)?).to_string().into()),
                None => self.text_of(&hole.value),
            },
        }
    }

    /// A value as text: YAML's words for null and booleans, compact JSON for lists and mappings.
    pub(super) fn text_of<'v>(&self, value: &'v Value) -> Result<Cow<'v, str>, Error> {
        if let Some(text) = value.as_str() {
            return self.expand(text);
        }
        match value.kind() {
            ValueKind::None => Ok("null".into()),
            ValueKind::Bool => Ok(if value.is_true() { "true" } else { "false" }.into()),
            ValueKind::Number => Ok(number(value)?.to_string().into()),
            ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
            _ => {
                let node = view::node_of(value, self, crate::source::Place::top(view::NOWHERE))?;
                view::refuse_secrets_within(&node)?;
                Ok(emit::json(&node, false).into())
            }
        }
    }
}

/// The number a value is; an error when it cannot be held exactly.
pub(super) fn number(value: &Value) -> Result<Number, Error> {
    if value.is_integer() {
        return value.as_i64().map(Number::Int).ok_or_else(|| {
            Error::new(ErrorKind::InvalidOperation, "the whole number is beyond 64 bits; make it a string")
        });
    }
    let float = f64::try_from(value.clone())?;
    if float.is_finite() {
        Ok(Number::Float(float))
    } else {
        Err(Error::new(ErrorKind::InvalidOperation, "the number is infinite or not a number"))
    }
}

/// A piece of rendered text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A special character that came from data.
    Character(char),
    /// The marker of a hole.
    Hole(usize),
    /// The number of a place in a template.
    Mark(usize),
    /// The name of a secret that something made text of.
    Secret(&'a str),
}

/// Takes rendered text apart. What looks like half a marker is text.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    located(text).map(|(_, part)| part)
}

/// The same, each with the byte at which it begins.
pub(super) fn located(text: &str) -> impl Iterator<Item = (usize, Part<'_>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let begin = text.len() - rest.len();
        let special = rest.find(|character| matches!(character, HOLE | ESCAPE | MARK | SECRET));
        let at = match special {
            None if rest.is_empty() => return None,
            None => rest.len(),
            Some(at) => at,
        };
        if at > 0 {
            let (text, after) = rest.split_at(at);
            rest = after;
            return Some((begin, Part::Text(text)));
        }
        let mut characters = rest.chars();
        let first = characters.next()?;
        let after = characters.as_str();
        let (part, after) = match first {
            HOLE => match numbered(after, HOLE_END) {
                Some((index, after)) => (Part::Hole(index), after),
                None => (Part::Character(first), after),
            },
            MARK => match numbered(after, MARK_END) {
                Some((index, after)) => (Part::Mark(index), after),
                None => (Part::Character(first), after),
            },
            SECRET => match after.split_once(SECRET) {
                Some((name, after)) => (Part::Secret(name), after),
                None => (Part::Secret(after), ""),
            },
            _ => match after.chars().next().and_then(|digit| DIGITS.iter().position(|known| *known == digit)) {
                Some(index) => (Part::Character(ESCAPED[index]), &after[1..]),
                None => (Part::Character(first), after),
            },
        };
        rest = after;
        Some((begin, part))
    })
}

/// Reads `digits END` and what follows.
fn numbered(text: &str, end: char) -> Option<(usize, &str)> {
    // A longer number was never written by us, and looking for its end must not take long.
    const LONGEST: usize = 9;
    let digits = text.bytes().take(LONGEST).take_while(u8::is_ascii_digit).count();
    let (digits, after) = text.split_at(digits);
    Some((digits.parse().ok()?, after.strip_prefix(end)?))
}

/// Writes what `{{ value }}` leaves in the text: text that is already rendered as it is, anything else as a marker.
pub(super) fn format(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        // Strict mode has refused what is not defined; this is `{{ x if y }}` without an `else`.
        return Ok(());
    }
    if value.is_safe() {
        let text = value.as_str().unwrap_or_default();
        Holes::of(state).spend(text.len())?;
        return out.write_str(text).map_err(Error::from);
    }
    let put = match state.get_extension_mut::<Holes>() {
        Some(holes) => holes.put(value.clone(), Spelling::Text, out),
        None => Holes::of(state).put(value.clone(), Spelling::Text, out),
    };
    put.map_err(Error::from)
}

/// The text of a value with its escaped characters restored; `text` is how the value shows it. Text without such
/// characters is shared with the configuration.
pub(super) fn unescape(value: &Value, text: &str, holes: &Holes) -> Result<Arc<str>, Error> {
    if is_special(text) {
        holes.expand(text).map(Into::into)
    } else {
        Ok(value.to_str().unwrap_or_else(|| text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_from_data_come_back() {
        let hostile = "a\u{E000}0\u{E001}b\u{E002}\u{E003}1\u{E004}\u{E005}x\u{E005}";
        let escaped = escape(hostile);
        assert!(!escaped.contains([HOLE, MARK, SECRET]));
        assert_eq!(Holes::default().expand(&escaped).unwrap(), hostile);
    }

    #[test]
    fn text_comes_apart_into_markers_and_marks() {
        let text = "x\u{E003}7\u{E004}\u{E000}12\u{E001}y";
        let found: Vec<_> = parts(text).collect();
        assert_eq!(found, [Part::Text("x"), Part::Mark(7), Part::Hole(12), Part::Text("y")]);
    }
}
