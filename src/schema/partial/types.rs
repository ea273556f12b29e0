//! Sets of JSON types, and what a text may look like that stands for one of another type.

use jsonschema::JsonType;
use serde_json::Value;

use super::Terms;
use crate::schema::words;

/// A set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(2);
    /// Whole numbers.
    pub(super) const INTEGER: Self = Self(4);
    /// All numbers.
    pub(super) const NUMBER: Self = Self(4 | 8);
    pub(super) const STRING: Self = Self(16);
    pub(super) const ARRAY: Self = Self(32);
    pub(super) const OBJECT: Self = Self(64);
    pub(super) const ALL: Self = Self(127);
    pub(super) const NONE: Self = Self(0);

    /// With their names, the one first that an editor should begin to write.
    const NAMED: [(Self, &'static str, JsonType); 7] = [
        (Self::OBJECT, "object", JsonType::Object),
        (Self::ARRAY, "array", JsonType::Array),
        (Self::NUMBER, "number", JsonType::Number),
        (Self::INTEGER, "integer", JsonType::Integer),
        (Self::BOOLEAN, "boolean", JsonType::Boolean),
        (Self::STRING, "string", JsonType::String),
        (Self::NULL, "null", JsonType::Null),
    ];

    /// The value of a `type` keyword.
    pub(super) fn read(value: &Value) -> Self {
        let one =
            |name: &str| Self::NAMED.iter().find(|(_, known, _)| *known == name).map_or(Self::ALL, |(set, ..)| *set);
        match value {
            Value::String(name) => one(name),
            Value::Array(names) => {
                names.iter().filter_map(Value::as_str).fold(Self::NONE, |all, name| all.with(one(name)))
            }
            _ => Self::ALL,
        }
    }

    /// The type of a value.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(_) => Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether some value of `other` is in the set.
    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names as JSON Schema writes them.
    fn named(self) -> impl Iterator<Item = (&'static str, JsonType)> {
        let whole = self.and(Self::NUMBER) == Self::INTEGER;
        let takes = move |set: Self, name: &str| match name {
            "number" => self.meets(set) && !whole,
            "integer" => whole,
            _ => self.meets(set),
        };
        Self::NAMED.into_iter().filter(move |(set, name, _)| takes(*set, name)).map(|(_, name, kind)| (name, kind))
    }

    /// The value of a `type` keyword.
    pub(super) fn write(self) -> Value {
        let names: Vec<&str> = self.named().map(|(name, _)| name).collect();
        match names.as_slice() {
            [one] => Value::from(*one),
            _ => Value::from(names),
        }
    }

    /// `an integer or null`.
    pub(super) fn words(self) -> String {
        words::one_of(&self.named().map(|(_, kind)| kind).collect::<Vec<_>>())
    }

    /// A pattern of the texts that may stand where none of these types is a string: an expression, and what an editor
    /// takes for the text of a value with a tag before it. `!unset` has none, `!at_least 3` has `3`.
    pub(super) fn disguised(self, terms: Terms) -> String {
        let looks = [
            (true, "^$"),
            (terms.expressions, "\\{[{%]"),
            (self.meets(Self::NUMBER), "^[-+.0-9][-+.0-9A-Fa-fx]*$"),
            (self.meets(Self::BOOLEAN), "^(true|True|TRUE|false|False|FALSE)$"),
            (self.meets(Self::NULL), "^(~|null|Null|NULL)$"),
        ];
        looks.into_iter().filter(|(holds, _)| *holds).map(|(_, look)| look).collect::<Vec<_>>().join("|")
    }
}

/// Whether a text may be the disguise of another type.
pub(super) fn is_disguise(text: &str) -> bool {
    let word = ["true", "false", "null"].iter().any(|word| word.eq_ignore_ascii_case(text));
    word || matches!(text, "" | "~")
        || text.starts_with(['-', '+', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        || text.contains("{{")
        || text.contains("{%")
}
