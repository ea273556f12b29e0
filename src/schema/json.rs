//! Our tree as the JSON that the schema engine reads, borrowed and not converted.
//!
//! A secret, and an expression still to be evaluated, are strings to it; what it says about their content is
//! dropped by whoever reads its errors.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{self, NodeIdentity};
use serde_json::Value as Plain;

use crate::tree::{self, Entry, Key, Map, Node, Number, Value};

/// The representation of our tree.
pub(super) struct Tree;

/// A value of the tree, or the name of a key while `propertyNames` looks at it.
#[derive(Clone, Copy)]
pub(super) enum Handle<'a> {
    Node(&'a Node),
    Name(&'a str),
}

impl json::Json for Tree {
    type Node<'a> = Handle<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = ();

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(Handle<'_>) -> T) -> T {
        f(Handle::Name(string))
    }
}

impl<'a> json::Node<'a, Tree> for Handle<'a> {
    type Object = &'a Map;
    type Array = &'a [Node];
    type Number = Number;

    fn as_object(&self) -> Option<&'a Map> {
        match self {
            Self::Node(node) => node.value.as_map(),
            Self::Name(_) => None,
        }
    }

    fn as_array(&self) -> Option<&'a [Node]> {
        match self {
            Self::Node(node) => node.value.as_list(),
            Self::Name(_) => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        text(*self).map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<Number> {
        match self {
            Self::Node(Node { value: Value::Number(number), .. }) => Some(*number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Node(Node { value: Value::Bool(boolean), .. }) => Some(*boolean),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Node(Node { value: Value::Null, .. }))
    }

    fn json_type(&self) -> JsonType {
        match self {
            Self::Name(_) => JsonType::String,
            Self::Node(node) => match node.value {
                Value::Null => JsonType::Null,
                Value::Bool(_) => JsonType::Boolean,
                Value::Number(_) => JsonType::Number,
                Value::String(_) | Value::Secret(_) => JsonType::String,
                Value::List(_) => JsonType::Array,
                Value::Map(_) => JsonType::Object,
            },
        }
    }

    fn equals_value(&self, expected: &Plain) -> bool {
        match (text(*self), expected) {
            (Some(text), Plain::String(expected)) => text == expected,
            (Some(_), _) | (None, Plain::String(_)) => false,
            (None, _) => json::cmp::equal(&self.to_value(), expected),
        }
    }

    fn to_value(&self) -> Cow<'a, Plain> {
        Cow::Owned(match self {
            Self::Node(node) => plain(node),
            Self::Name(name) => Plain::from(*name),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match self {
            Self::Node(node) => Some(NodeIdentity::new(std::ptr::from_ref::<Node>(node) as usize)),
            // Without one, a schema of keys that refers to itself would be followed until the stack is full.
            Self::Name(name) => Some(NodeIdentity::tagged(name.as_ptr() as usize, 1)),
        }
    }
}

impl<'a> json::Object<'a, Tree> for &'a Map {
    type Node = Handle<'a>;
    type MemberName = &'a str;
    type MembersIter = std::iter::Map<tree::Iter<'a>, fn((&'a Key, &'a Entry)) -> (&'a str, Handle<'a>)>;

    fn len(&self) -> usize {
        Map::len(self)
    }

    fn get(&self, key: &Box<str>) -> Option<Handle<'a>> {
        Map::get(self, key).map(Handle::Node)
    }

    fn members(&self) -> Self::MembersIter {
        (*self).iter().map(|(key, entry)| (&**key, Handle::Node(&entry.node)))
    }
}

impl<'a> json::Array<'a, Tree> for &'a [Node] {
    type Node = Handle<'a>;
    type ElementsIter = std::iter::Map<std::slice::Iter<'a, Node>, fn(&'a Node) -> Handle<'a>>;

    fn len(&self) -> usize {
        <[Node]>::len(self)
    }

    fn elements(&self) -> Self::ElementsIter {
        (*self).iter().map(Handle::Node)
    }
}

impl json::JsonNumber for Number {
    fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Int(number) => u64::try_from(*number).ok(),
            Self::Float(_) => None,
        }
    }

    fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Float(_) => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        Some((*self).as_f64())
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(number(*self).to_string())
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(number(*self))
    }

    fn is_integer(&self) -> bool {
        match self {
            Self::Int(_) => true,
            Self::Float(number) => number.fract() == 0.0,
        }
    }

    fn is_written_as_integer(&self) -> bool {
        matches!(self, Self::Int(_))
    }
}

/// What counts as the text of a value. Of a secret it is the name: enough to tell two of them apart.
fn text(handle: Handle<'_>) -> Option<&str> {
    match handle {
        Handle::Name(name) => Some(name),
        Handle::Node(node) => match &node.value {
            Value::String(text) => Some(text),
            Value::Secret(secret) => Some(secret.name()),
            _ => None,
        },
    }
}

fn number(number: Number) -> serde_json::Number {
    match number {
        Number::Int(number) => number.into(),
        // Never taken: our floats are finite.
        Number::Float(number) => serde_json::Number::from_f64(number).unwrap_or_else(|| 0.into()),
    }
}

/// The value as the engine's own type: for its errors and for comparisons of whole mappings and lists.
pub(super) fn plain(node: &Node) -> Plain {
    match &node.value {
        Value::Null => Plain::Null,
        Value::Bool(boolean) => Plain::Bool(*boolean),
        Value::Number(value) => Plain::Number(number(*value)),
        Value::String(text) => Plain::from(&**text),
        Value::Secret(secret) => Plain::from(secret.name()),
        Value::List(items) => Plain::Array(items.iter().map(plain).collect()),
        Value::Map(map) => {
            Plain::Object(map.iter().map(|(key, entry)| (key.to_string(), plain(&entry.node))).collect())
        }
    }
}

/// A tree of a plain value, all of it at one place.
#[cfg(test)]
pub(super) fn tree(value: &Plain, place: crate::source::Place) -> Node {
    let value = match value {
        Plain::Null => Value::Null,
        Plain::Bool(boolean) => Value::Bool(*boolean),
        Plain::Number(number) => {
            Value::Number(number.as_i64().map_or_else(|| Number::Float(number.as_f64().unwrap()), Number::Int))
        }
        Plain::String(text) => Value::String(text.as_str().into()),
        Plain::Array(items) => Value::List(std::sync::Arc::new(items.iter().map(|item| tree(item, place)).collect())),
        Plain::Object(members) => Value::Map(std::sync::Arc::new(
            members
                .iter()
                .map(|(key, value)| (Key::from(key.as_str()), Entry { key: place, node: tree(value, place) }))
                .collect(),
        )),
    };
    Node::new(value, place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::source::{Place, Sources};

    fn documents() -> impl Strategy<Value = Plain> {
        let leaf = prop_oneof![
            Just(Plain::Null),
            any::<bool>().prop_map(Plain::from),
            (-4i64..12).prop_map(Plain::from),
            any::<i64>().prop_map(Plain::from),
            prop_oneof![Just(3.0), Just(0.5), Just(1e300), -4.0f64..12.0].prop_map(Plain::from),
            "[a-c]{0,4}".prop_map(Plain::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Plain::from),
                prop::collection::vec(("[a-d]", inner), 0..5)
                    .prop_map(|members| Plain::Object(members.into_iter().collect())),
            ]
        })
    }

    fn schemas() -> impl Strategy<Value = Plain> {
        prop::sample::select(vec![
            json!({"type": "integer"}),
            json!({"type": ["object", "array"], "minProperties": 1, "minItems": 2}),
            json!({"properties": {"a": {"type": "integer", "minimum": 0, "multipleOf": 1.5}, "b": {"type": "string", "minLength": 2}}, "additionalProperties": false}),
            json!({"items": {"anyOf": [{"type": "number", "maximum": 3}, {"type": "string", "pattern": "^a"}]}, "uniqueItems": true}),
            json!({"$defs": {"t": {"properties": {"a": {"$ref": "#/$defs/t"}}, "type": "object"}}, "$ref": "#/$defs/t"}),
            json!({"enum": [3, "a", [1, 2], {"a": 1}, null, true]}),
            json!({"properties": {"a": {"const": 3}}, "unevaluatedProperties": {"type": "null"}}),
            json!({"propertyNames": {"pattern": "^[ab]$"}, "contains": {"const": "a"}}),
            json!({"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "if": {"required": ["c"]}, "then": {"type": "object"}}),
        ])
    }

    proptest! {
        #[test]
        fn the_tree_is_judged_as_its_plain_value_is(document in documents(), schema in schemas()) {
            let place = Place::top(Sources::default().add("f", ""));
            let node = tree(&document, place);
            prop_assert_eq!(&plain(&node), &document);
            let ours = jsonschema::options_for::<Tree>().build(&schema).unwrap();
            let theirs = jsonschema::options().build(&schema).unwrap();
            prop_assert_eq!(ours.is_valid(Handle::Node(&node)), theirs.is_valid(&document));
            let paths = |errors: jsonschema::ErrorIterator<'_>| -> Vec<String> {
                errors.map(|error| format!("{} {}", error.instance_path(), error.schema_path())).collect()
            };
            prop_assert_eq!(paths(ours.iter_errors(Handle::Node(&node))), paths(theirs.iter_errors(&document)));
        }
    }
}
