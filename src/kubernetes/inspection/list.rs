//! The items of a list: each beside its schema, and all among each other.

use std::fmt::Write as _;
use std::sync::Arc;

use indexmap::IndexMap;

use super::super::structural::{List, Structural};
use super::{Inspection, Way, words};
use crate::diagnostic::code;
use crate::source::{FileId, Place};
use crate::tree::{Map, Node, Value};
use crate::yaml::emit;

impl<'n> Inspection<'n> {
    pub(super) fn items(&mut self, schema: &Structural, items: &'n [Node]) {
        if let Some(below) = &schema.items {
            for (index, item) in items.iter().enumerate() {
                if matches!(item.value, Value::Null) && self.resolved(below).nullable {
                    continue;
                }
                self.way.push(Way::Index(index));
                self.value(below, item, item.place);
                self.way.pop();
            }
        }
        if items.len() < 2 {
            return;
        }
        match &schema.list {
            List::Atomic => {}
            List::Set => self.repeated(items, |item| key_of(&item.value), "is in the list already"),
            List::Map(keys) => {
                let defaults = schema.items.as_deref().map(|below| self.resolved(below));
                let called = format!("has the same {} as another item", keys.join(" and "));
                self.repeated(items, |item| together(item.value.as_map()?, keys, defaults), &called);
            }
        }
        if let Some(key) = &schema.unique {
            let called = format!("has the same {key} as another item");
            self.repeated(items, |item| key_of(&item.value.as_map()?.get(key)?.value), &called);
        }
    }

    /// Notes items that have what an earlier one has.
    fn repeated(&mut self, items: &'n [Node], key: impl Fn(&Node) -> Option<String>, message: &str) {
        let mut seen: IndexMap<String, Place, foldhash::fast::RandomState> = IndexMap::default();
        for (index, item) in items.iter().enumerate() {
            let Some(key) = key(item) else { continue };
            let place = item.place;
            let Some(first) = seen.get(&key).copied() else {
                seen.insert(key, place);
                continue;
            };
            self.way.push(Way::Index(index));
            let mut problem = self.problem(code::DUPLICATE_ITEM, words::place(item, place), message, "again");
            problem.also.push((first, "first here".to_owned()));
            problem.help.push("remove one of them, or merge them".to_owned());
            self.way.pop();
            self.note(problem);
        }
    }
}

/// The values under the keys of an item, defaults where there are none; `None` if one is missing.
fn together(map: &Map, keys: &[Arc<str>], defaults: Option<&Structural>) -> Option<String> {
    let mut all = String::new();
    for key in keys {
        let default = || defaults?.properties.get(key)?.default.as_ref();
        let node = map.get(key).filter(|node| !matches!(node.value, Value::Null)).or_else(default)?;
        let key = key_of(&node.value)?;
        let _ = write!(all, "{}:{key}", key.len());
    }
    Some(all)
}

/// A scalar as a key: equal ones have equal keys.
fn key_of(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => "n".to_owned(),
        Value::Bool(flag) => format!("b{flag}"),
        Value::Number(number) => format!("i{number}"),
        Value::String(text) => format!("s{text}"),
        Value::Secret(_) => return None,
        Value::List(_) | Value::Map(_) => {
            let node = Node::new(value.clone(), Place::top(FileId::NONE));
            format!("c{}", emit::json(&node, false))
        }
    })
}
