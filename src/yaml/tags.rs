//! Which tags there are, and which values they can stand before.

use super::shown::Shown;
use super::{Content, Tag, Tagged};
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::source::Place;
use crate::tree::Secret;

/// The tag that makes a secret.
const SECRET: &str = "!secret";

/// What a tag asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Something of the merge.
    Merge(Tagged),
    /// A secret; the tag stands here.
    Secret(Place),
    /// A type of YAML's own, by its tag, which stands here.
    Core(&'static str, Place),
}

/// The tag of strings.
pub(super) const STRING: &str = "!!str";
/// The tags of YAML's own types that can be JSON. The spelling of a value decides, except for strings.
const CORE: [&str; 7] = [STRING, "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq"];

impl Asked {
    /// The tag written as `text`, or the finding that there is no such tag.
    pub(super) fn read(text: &str, place: Place) -> Result<Self, Box<Diagnostic>> {
        if text == SECRET {
            return Ok(Self::Secret(place));
        }
        if let Some(tag) = Tag::ALL.into_iter().find(|tag| tag.name() == text) {
            return Ok(Self::Merge(Tagged { tag, place }));
        }
        let names: Vec<_> = Tag::ALL.iter().map(|tag| tag.name()).chain([SECRET]).collect();
        let unknown = Diagnostic::new(code::UNKNOWN_TAG, format!("there is no tag {}", Shown(text)))
            .at(place, "")
            .maybe_help(did_you_mean(text, names.iter().copied()));
        Err(Box::new(match text {
            "!!str" => unknown.help("put the text in quotes instead"),
            _ if text.starts_with("!!") => unknown.help("remove it: the spelling of a value decides its type"),
            _ => unknown.note(format!("the tags are {}", names.join(" "))),
        }))
    }

    /// The tag of a type of YAML's own written as `text`, or the finding that it is none.
    pub(super) fn core(text: &str, place: Place) -> Result<Self, Box<Diagnostic>> {
        if let Some(tag) = CORE.into_iter().find(|tag| *tag == text) {
            return Ok(Self::Core(tag, place));
        }
        let unknown = Diagnostic::new(code::UNKNOWN_TAG, format!("the tag {} means nothing to kubectl", Shown(text)));
        Err(Box::new(unknown.at(place, "").help("remove it, or make the program that knows it write plain manifests")))
    }

    /// Where the tag stands.
    pub(super) fn place(self) -> Place {
        match self {
            Self::Merge(tagged) => tagged.place,
            Self::Secret(place) | Self::Core(_, place) => place,
        }
    }
}

/// The finding that `tagged` cannot stand before this value, if it cannot.
pub(super) fn misplaced(tagged: Tagged, content: &Content, place: Place, source: &str) -> Option<Diagnostic> {
    let Tagged { tag, place: tag_place } = tagged;
    let (fits, wants, help) = match tag {
        Tag::Replace => (true, "", String::new()),
        Tag::Unset => (
            matches!(content, Content::Null),
            "stands alone, without a value",
            "remove the value, or use `!replace` to put it in place of the inherited one".to_owned(),
        ),
        Tag::AtLeast | Tag::AtMost => (
            matches!(content, Content::Number(_) | Content::String { .. }),
            "needs a number, a quantity or a duration",
            format!("write it before one value, such as `{tag} 3` or `{tag} 500m`"),
        ),
        Tag::Append | Tag::Prepend | Tag::Remove | Tag::Merge => (
            matches!(content, Content::List(_)),
            "needs a list",
            format!("write a list, such as `{tag} [item]`, or remove the tag: mappings merge by themselves"),
        ),
        Tag::Raw => (
            matches!(content, Content::String { .. }),
            "needs a text",
            match source.lines().next() {
                Some(line) if line.len() == source.len() && line.len() <= 60 && !line.is_empty() => {
                    format!("put the text in quotes: `!raw '{}'`", line.replace('\'', "''"))
                }
                _ => "put the text in quotes".to_owned(),
            },
        ),
    };
    if fits {
        return None;
    }
    let found = match content {
        Content::Null => "there is no value",
        Content::Bool(_) => "this is a boolean",
        Content::Number(_) => "this is a number",
        Content::String { .. } => "this is a text",
        Content::Secret(_) => "this is a secret",
        Content::List(_) => "this is a list",
        Content::Map(_) => "this is a mapping",
    };
    let finding = Diagnostic::new(code::TAG_MISPLACED, format!("`{tag}` {wants}")).at(tag_place, "");
    Some(if place == tag_place { finding } else { finding.also(place, found) }.help(help))
}

/// The secret called `name`: labels of letters, digits, `-` and `_`, joined by dots.
pub(super) fn secret(name: &str, tag: Place, place: Place) -> Result<Secret, Box<Diagnostic>> {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.split('.').all(label) {
        return Ok(Secret::named(name));
    }
    // The name is not shown: somebody may have put the secret itself there.
    Err(Box::new(
        Diagnostic::new(code::TAG_MISPLACED, "`!secret` needs the name of a secret")
            .at(if name.is_empty() { tag } else { place }, "a name is letters, digits, `-` and `_` with dots between")
            .help("write the name, not the content, such as `!secret database.password`"),
    ))
}
