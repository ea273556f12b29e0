//! What a file says, before any layer is merged: values with places and merge tags.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::source::{FileId, Place};
use crate::tree::{Entry, Kind, Map, Node, Number, Secret, Value};

/// A value as written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The value.
    pub content: Content,
    /// Where the value stands, without its tag. An omitted value has the place of its key.
    pub place: Place,
    /// The merge tag before it.
    pub tag: Option<Tagged>,
}

/// JSON as if it were read from a file, which it is not: its places are nowhere.
impl From<&Json> for Written {
    fn from(json: &Json) -> Self {
        let place = Place::top(FileId::NONE);
        let content = match json {
            Json::Null => Content::Null,
            Json::Bool(flag) => Content::Bool(*flag),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Content::Number(Number::Int(whole)),
                None => Content::Number(Number::Float(number.as_f64().unwrap_or_default())),
            },
            Json::String(text) => Content::String { text: text.as_str().into(), plain: false },
            Json::Array(items) => Content::List(items.iter().map(Self::from).collect()),
            Json::Object(members) => {
                let member = |value| Member { key: place, value: Self::from(value) };
                Content::Map(members.iter().map(|(key, value)| (Arc::from(key.as_str()), member(value))).collect())
            }
        };
        Self::new(content, place)
    }
}

/// A tag and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The tag.
    pub tag: Tag,
    /// Where it stands.
    pub place: Place,
}

/// The kinds of values a file can hold.
#[derive(Clone, Debug)]
pub enum Content {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String {
        /// The text.
        text: Arc<str>,
        /// Whether it was written without quotes and not as a block.
        plain: bool,
    },
    /// `!secret NAME`.
    Secret(Secret),
    /// A list.
    List(Vec<Written>),
    /// A mapping.
    Map(Members),
}

/// The members of a mapping, in the order they were written.
pub type Members = IndexMap<Arc<str>, Member, foldhash::fast::RandomState>;

/// A member of a mapping.
#[derive(Clone, Debug)]
pub struct Member {
    /// Where the key stands.
    pub key: Place,
    /// The value.
    pub value: Written,
}

/// What a tag asks of the merge. `!secret` is not among them: it makes a value of its own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// The inherited items, then these.
    Append,
    /// These items, then the inherited.
    Prepend,
    /// The inherited items without these.
    Remove,
    /// This value as it is, whatever its kind.
    Replace,
    /// Items merged by the key the schema names, or by `name`.
    Merge,
    /// No such key.
    Unset,
    /// The inherited value, but at least this.
    AtLeast,
    /// The inherited value, but at most this.
    AtMost,
    /// This text, never an expression.
    Raw,
}

impl Tag {
    /// Every tag, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Append,
        Self::Prepend,
        Self::Remove,
        Self::Replace,
        Self::Merge,
        Self::Unset,
        Self::AtLeast,
        Self::AtMost,
        Self::Raw,
    ];

    /// The tag as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Append => "!append",
            Self::Prepend => "!prepend",
            Self::Remove => "!remove",
            Self::Replace => "!replace",
            Self::Merge => "!merge",
            Self::Unset => "!unset",
            Self::AtLeast => "!at_least",
            Self::AtMost => "!at_most",
            Self::Raw => "!raw",
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Written {
    /// A value at a place, without a tag.
    pub fn new(content: Content, place: Place) -> Self {
        Self { content, place, tag: None }
    }

    /// The tag, if there is one.
    pub fn tag(&self) -> Option<Tag> {
        self.tag.map(|tagged| tagged.tag)
    }

    /// The members, if this is a mapping.
    pub fn members(&self) -> Option<&Members> {
        match &self.content {
            Content::Map(members) => Some(members),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::String { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value at a chain of keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |value, key| Some(&value.members()?.get(*key)?.value))
    }

    /// Equal as data, with the same tags inside; the tag before the value itself does not count.
    pub(crate) fn says_same(&self, other: &Self) -> bool {
        let inside = |a: &Self, b: &Self| a.tag() == b.tag() && a.says_same(b);
        match (&self.content, &other.content) {
            (Content::Null, Content::Null) => true,
            (Content::Bool(a), Content::Bool(b)) => a == b,
            (Content::Number(a), Content::Number(b)) => a == b,
            (Content::String { text: a, .. }, Content::String { text: b, .. }) => a == b,
            (Content::Secret(a), Content::Secret(b)) => a == b,
            (Content::List(a), Content::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| inside(a, b)),
            (Content::Map(a), Content::Map(b)) => {
                let same = |(key, member): (&Arc<str>, &Member)| {
                    b.get(key).is_some_and(|other| inside(&member.value, &other.value))
                };
                a.len() == b.len() && a.iter().all(same)
            }
            _ => false,
        }
    }

    /// The value as a tree on its own: keys to be unset are left out, other tags do not count.
    pub fn to_node(&self) -> Node {
        self.node(&|_| false)
    }

    /// The same, with the strings live for which `live` holds.
    pub(crate) fn node(&self, live: &impl Fn(&Self) -> bool) -> Node {
        let value = match &self.content {
            Content::Null => Value::Null,
            Content::Bool(flag) => Value::Bool(*flag),
            Content::Number(number) => Value::Number(*number),
            Content::String { text, .. } => Value::String(Arc::clone(text)),
            Content::Secret(secret) => Value::Secret(secret.clone()),
            Content::List(items) => Value::List(Arc::new(items.iter().map(|item| item.node(live)).collect())),
            Content::Map(members) => {
                let kept = members.iter().filter(|(_, member)| member.value.tag() != Some(Tag::Unset));
                let entry = |member: &Member| Entry { key: member.key, node: member.value.node(live) };
                let entries = kept.map(|(key, member)| (Arc::clone(key), entry(member)));
                Value::Map(Arc::new(entries.collect::<Map>()))
            }
        };
        Node { live: live(self), ..Node::new(value, self.place) }
    }

    /// The kind of this value.
    pub fn kind(&self) -> Kind {
        match &self.content {
            Content::Null => Kind::Null,
            Content::Bool(_) => Kind::Bool,
            Content::Number(_) => Kind::Number,
            Content::String { .. } => Kind::String,
            Content::Secret(_) => Kind::Secret,
            Content::List(_) => Kind::List,
            Content::Map(_) => Kind::Map,
        }
    }
}
