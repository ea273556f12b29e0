//! How an expression sees a tree: without copying it.
//!
//! A key whose value is null is not there, as in an object that the API server has read.

use std::sync::OnceLock;

use cel::ExecutionError;
use cel::common::traits::{Adder, Container, Indexer, Iterable, Iterator, Sizer, Zeroer};
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelNull, CelString, LIST_TYPE, MAP_TYPE, Type};
use cel::common::value::{BuiltinRef, CowVal, Val};

use super::scope::Spelling;
use crate::tree::{Map, Node, Value};

/// A value of a tree, as an expression sees it.
pub(super) fn seen<'v>(node: &'v Node, spelling: Spelling) -> Box<dyn Val + 'v> {
    match &node.value {
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(*value)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Box::new(CelInt::from(whole)),
            None => Box::new(CelDouble::from(number.as_f64())),
        },
        Value::String(text) => Box::new(CelString::from(&**text)),
        Value::Secret(_) => Box::new(Hidden),
        Value::List(items) => Box::new(Sequence { items, spelling, whole: OnceLock::new() }),
        Value::Map(map) => Box::new(Mapping { map, spelling, keys: OnceLock::new() }),
    }
}

/// A mapping of a tree.
#[derive(Debug)]
struct Mapping<'v> {
    map: &'v Map,
    spelling: Spelling,
    /// For loops over the keys.
    keys: OnceLock<Vec<CelString<'v>>>,
}

/// A list of a tree.
#[derive(Debug)]
struct Sequence<'v> {
    items: &'v [Node],
    spelling: Spelling,
    /// The engine's own list of the items: what its functions for lists take.
    whole: OnceLock<CelList<'v>>,
}

/// A secret: it is there, and that is all.
#[derive(Debug)]
struct Hidden;

static HIDDEN: Type = Type::new_unspecified_type("secret");

impl<'v> Mapping<'v> {
    /// The value of a key that is not null.
    fn member(&self, key: &dyn Val) -> Option<&'v Node> {
        let key = key.downcast_ref::<CelString<'_>>()?.inner();
        let found = match self.map.get(key) {
            None => self.spelling.unescaped(key).and_then(|name| self.map.get(&name)),
            found => found,
        };
        found.filter(|node| !matches!(node.value, Value::Null))
    }

    fn keys(&self) -> &[CelString<'v>] {
        self.keys.get_or_init(|| {
            self.map
                .iter()
                .filter(|(_, entry)| !matches!(entry.node.value, Value::Null))
                .map(|(key, _)| CelString::from(&**key))
                .collect()
        })
    }
}

impl<'v> Val for Mapping<'v> {
    fn get_type(&self) -> &Type {
        &MAP_TYPE
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_iterable<'b, 'w>(&'b self) -> Option<&'b (dyn Iterable + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn as_zeroer(&self) -> Option<&dyn Zeroer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        let (Some(sizer), Some(indexer)) = (other.as_sizer(), other.as_indexer()) else { return false };
        other.get_type() == &MAP_TYPE
            && *sizer.size().inner() == *self.size().inner()
            && self.keys().iter().all(|key| {
                let Some(node) = self.member(key) else { return false };
                indexer.get(key).is_ok_and(|value| seen(node, self.spelling).equals(value.as_ref()))
            })
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(Mapping { map: self.map, spelling: self.spelling, keys: OnceLock::new() })
    }
}

impl Container for Mapping<'_> {
    fn contains(&self, key: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.member(key).is_some())
    }
}

impl Indexer for Mapping<'_> {
    fn get<'b, 'w>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.member(key).map(|node| CowVal::Owned(seen(node, self.spelling))).ok_or_else(|| {
            ExecutionError::no_such_key(key.downcast_ref::<CelString<'_>>().map_or("", |key| key.inner()))
        })
    }

    fn steal<'w>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.get(key).map(CowVal::into_owned)
    }
}

impl Iterable for Mapping<'_> {
    fn iter<'b, 'w>(&'b self) -> Box<dyn Iterator<'b, 'w> + 'b>
    where
        Self: 'w,
    {
        Box::new(Keys(self.keys().iter()))
    }
}

/// The keys of a mapping, one after the other.
struct Keys<'b, 'v>(std::slice::Iter<'b, CelString<'v>>);

impl<'b, 'v: 'w, 'w> Iterator<'b, 'w> for Keys<'b, 'v> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        self.0.next().map(|key| key as &(dyn Val + 'w))
    }
}

impl Sizer for Mapping<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.keys().len()).unwrap_or(i64::MAX))
    }
}

impl Zeroer for Mapping<'_> {
    fn is_zero_value(&self) -> bool {
        self.keys().is_empty()
    }
}

impl<'v> Sequence<'v> {
    fn whole(&self) -> &CelList<'v> {
        self.whole
            .get_or_init(|| CelList::from(self.items.iter().map(|item| seen(item, self.spelling)).collect::<Vec<_>>()))
    }
}

impl Val for Sequence<'_> {
    fn get_type(&self) -> &Type {
        &LIST_TYPE
    }

    fn cel_type() -> &'static Type {
        &LIST_TYPE
    }

    fn as_adder<'b, 'w>(&'b self) -> Option<&'b (dyn Adder + 'w)>
    where
        Self: 'w,
    {
        self.whole().as_adder()
    }

    fn as_container(&self) -> Option<&dyn Container> {
        self.whole().as_container()
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        self.whole().as_indexer()
    }

    fn into_indexer<'w>(self: Box<Self>) -> Option<Box<dyn Indexer + 'w>>
    where
        Self: 'w,
    {
        Some(Box::new(self.whole().clone()))
    }

    fn as_iterable<'b, 'w>(&'b self) -> Option<&'b (dyn Iterable + 'w)>
    where
        Self: 'w,
    {
        self.whole().as_iterable()
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        self.whole().as_sizer()
    }

    fn as_zeroer(&self) -> Option<&dyn Zeroer> {
        self.whole().as_zeroer()
    }

    fn equals(&self, other: &dyn Val) -> bool {
        self.whole().equals(other)
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(Sequence { items: self.items, spelling: self.spelling, whole: OnceLock::new() })
    }

    // The one way to be taken by functions that are declared for the engine's own lists.
    fn as_builtin<'b, 'w>(&'b self) -> BuiltinRef<'b, 'w>
    where
        Self: 'w,
    {
        BuiltinRef::List(self.whole())
    }

    fn into_builtin<'w>(self: Box<Self>) -> Option<cel::common::value::Builtin<'w>>
    where
        Self: 'w,
    {
        Some(cel::common::value::Builtin::List(self.whole().clone()))
    }
}

impl Val for Hidden {
    fn get_type(&self) -> &Type {
        &HIDDEN
    }

    fn cel_type() -> &'static Type {
        &HIDDEN
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(Self)
    }
}
