//! Values that were met, equal as data.

use std::hash::{BuildHasher, Hash, Hasher};

use indexmap::IndexMap;

use crate::tree::{Number, Value};

/// A set of values, equal as data. Long lists of a hostile file cost no more than their length.
#[derive(Default)]
pub(super) struct Seen<'a> {
    values: IndexMap<u64, Vec<&'a Value>, foldhash::fast::RandomState>,
    hasher: foldhash::fast::RandomState,
}

impl<'a> Seen<'a> {
    /// Takes a value in; whether it is new.
    pub(super) fn insert(&mut self, value: &'a Value) -> bool {
        let equals = self.values.entry(digest(value, &self.hasher)).or_default();
        let new = !equals.contains(&value);
        if new {
            equals.push(value);
        }
        new
    }

    /// Takes in several.
    pub(super) fn extend(&mut self, values: impl IntoIterator<Item = &'a Value>) {
        for value in values {
            self.insert(value);
        }
    }

    /// Whether an equal value is in.
    pub(super) fn contains(&self, value: &Value) -> bool {
        self.values.get(&digest(value, &self.hasher)).is_some_and(|equals| equals.contains(&value))
    }
}

/// Equal for values that are equal as data.
fn digest(value: &Value, seed: &foldhash::fast::RandomState) -> u64 {
    let mut hasher = seed.build_hasher();
    (value.kind() as u8).hash(&mut hasher);
    match value {
        Value::Null => {}
        Value::Bool(flag) => flag.hash(&mut hasher),
        Value::Number(Number::Int(number)) => number.hash(&mut hasher),
        // Zero has two spellings that are equal.
        Value::Number(Number::Float(number)) => (number + 0.0).to_bits().hash(&mut hasher),
        Value::String(text) => text.hash(&mut hasher),
        Value::Secret(secret) => secret.hash(&mut hasher),
        Value::List(items) => items.iter().for_each(|item| digest(&item.value, seed).hash(&mut hasher)),
        // The order of keys does not count.
        Value::Map(map) => {
            let sum = map.iter().fold(0_u64, |sum, (key, entry)| {
                let mut hasher = seed.build_hasher();
                key.hash(&mut hasher);
                digest(&entry.node.value, seed).hash(&mut hasher);
                sum.wrapping_add(hasher.finish())
            });
            sum.hash(&mut hasher);
        }
    }
    hasher.finish()
}
