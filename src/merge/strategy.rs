//! How lists merge where no tag says so: the `x-merge` keywords of a schema as a small graph.
//!
//! In goes the schema of the merged configuration, out comes a graph that a merge walks in step with the tree,
//! without a path or a pointer at hand. All subschemas that may apply to one value (`allOf`, `anyOf`, `oneOf`,
//! `then`, `else`, `$ref`) count together; which of them really applies is a question for validation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::path::{Path, Step, pointer_segment};

/// How a list merges with the inherited one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The inherited items, then these.
    Append,
    /// These items, then the inherited.
    Prepend,
    /// The inherited items, then those of these that are not among them.
    Unique,
    /// Items with the same value of this key merge; others go last.
    By(Arc<str>),
}

impl Strategy {
    /// Reads the value of an `x-merge` keyword.
    fn read(keyword: &Json) -> Option<Self> {
        match keyword {
            Json::String(word) => match word.as_str() {
                "append" => Some(Self::Append),
                "prepend" => Some(Self::Prepend),
                "unique" => Some(Self::Unique),
                _ => None,
            },
            Json::Object(object) => match object.get("by") {
                Some(Json::String(key)) if object.len() == 1 && !key.is_empty() => Some(Self::By(key.as_str().into())),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A schema, perhaps spread over several documents; 0 is the one that was asked for.
pub trait Documents {
    /// The document that was asked for.
    fn root(&self) -> &Json;

    /// What a `$ref` in document `from` means: the document, the JSON pointer in it, and what stands there.
    fn follow(&self, from: usize, written: &str) -> Option<(usize, String, &Json)>;
}

/// A schema that is one document.
impl Documents for Json {
    fn root(&self) -> &Json {
        self
    }

    fn follow(&self, from: usize, written: &str) -> Option<(usize, String, &Json)> {
        let pointer = written.strip_prefix('#')?;
        Some((from, pointer.to_owned(), self.pointer(pointer)?))
    }
}

/// An `x-merge` keyword that is none of those known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadStrategy {
    /// The document.
    pub document: usize,
    /// JSON pointer to the keyword in it.
    pub pointer: String,
    /// What is written there, as JSON.
    pub text: String,
}

/// The strategies of a schema. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Strategies {
    rules: Arc<Vec<Rule>>,
}

/// What applies to one value and to those below it.
#[derive(Clone, Debug, Default)]
struct Rule {
    strategy: Option<Strategy>,
    keys: BTreeMap<String, usize>,
    any: Option<usize>,
    items: Option<usize>,
}

/// Where in the graph a walk is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    rules: &'a [Rule],
    rule: Option<&'a Rule>,
}

impl Strategies {
    /// Reads the `x-merge` keywords of a schema; returns those it cannot read as well.
    ///
    /// Subschemas deeper than 64 steps, and those after the first 10,000 distinct ones, are not read.
    pub fn from_schema(schema: &impl Documents) -> (Self, Vec<BadStrategy>) {
        let mut builder = Builder { schema, known: BTreeMap::new(), rules: Vec::new(), bad: BTreeMap::new() };
        builder.rule(vec![((0, String::new()), schema.root())], 0);
        let Builder { mut rules, bad, .. } = builder;
        prune(&mut rules);
        let bad = bad.into_iter().map(|((document, pointer), text)| BadStrategy { document, pointer, text }).collect();
        (Self { rules: Arc::new(rules) }, bad)
    }

    /// The strategy of the list at a path.
    pub(crate) fn of(&self, path: &Path) -> Option<&Strategy> {
        let mut at = self.root();
        for step in path.steps() {
            at = match step {
                Step::Key(key) => at.key(key),
                Step::Index(_) => at.item(),
            };
        }
        at.strategy()
    }

    /// The root of the graph.
    pub(crate) fn root(&self) -> At<'_> {
        At { rules: &self.rules, rule: self.rules.first() }
    }
}

impl<'a> At<'a> {
    /// Where no schema says anything.
    pub(crate) fn nowhere() -> Self {
        Self { rules: &[], rule: None }
    }

    /// What the schema says about the list here.
    pub(crate) fn strategy(self) -> Option<&'a Strategy> {
        self.rule?.strategy.as_ref()
    }

    /// Down to a key. A key that `properties` names follows only that.
    pub(crate) fn key(self, key: &str) -> Self {
        self.down(|rule| rule.keys.get(key).copied().or(rule.any))
    }

    /// Down to an item of a list.
    pub(crate) fn item(self) -> Self {
        self.down(|rule| rule.items)
    }

    fn down(self, step: impl FnOnce(&Rule) -> Option<usize>) -> Self {
        let rule = self.rule.and_then(step).and_then(|id| self.rules.get(id));
        Self { rules: self.rules, rule }
    }
}

/// Where a subschema stands: the document, and the JSON pointer in it.
type Spot = (usize, String);

/// A subschema and where it stands.
type Subschema<'a> = (Spot, &'a Json);

/// A rule stands for the set of subschemas that may apply to a value. Sets that were met before are not read
/// again, so recursive schemas become cycles.
struct Builder<'a, D> {
    schema: &'a D,
    known: BTreeMap<Vec<Spot>, usize>,
    rules: Vec<Rule>,
    bad: BTreeMap<Spot, String>,
}

impl<'a, D: Documents> Builder<'a, D> {
    const DEEPEST: usize = 64;
    const MOST: usize = 10_000;

    fn rule(&mut self, subschemas: Vec<Subschema<'a>>, depth: usize) -> Option<usize> {
        let all = self.applicable(subschemas);
        if all.is_empty() {
            return None;
        }
        let name: Vec<Spot> = all.keys().cloned().collect();
        if let Some(id) = self.known.get(&name) {
            return Some(*id);
        }
        if depth > Self::DEEPEST || self.rules.len() >= Self::MOST {
            return None;
        }
        let id = self.rules.len();
        self.known.insert(name, id);
        self.rules.push(Rule::default());

        let mut strategy = None;
        let mut keys: BTreeMap<String, Vec<Subschema<'a>>> = BTreeMap::new();
        let (mut any, mut items) = (Vec::new(), Vec::new());
        for (spot, schema) in all {
            if let Some(keyword) = schema.get("x-merge") {
                match Strategy::read(keyword) {
                    Some(read) => strategy = strategy.or(Some(read)),
                    None => drop(self.bad.insert(below(&spot, "x-merge"), keyword.to_string())),
                }
            }
            for (key, subschema) in children(&spot, schema, "properties") {
                keys.entry(key).or_default().push(subschema);
            }
            any.extend(children(&spot, schema, "patternProperties").map(|(_, subschema)| subschema));
            any.extend(child(&spot, schema, "additionalProperties"));
            items.extend(child(&spot, schema, "items"));
        }
        let keys =
            keys.into_iter().filter_map(|(key, subschemas)| Some((key, self.rule(subschemas, depth + 1)?))).collect();
        let any = self.rule(any, depth + 1);
        let items = self.rule(items, depth + 1);
        if let Some(rule) = self.rules.get_mut(id) {
            *rule = Rule { strategy, keys, any, items };
        }
        Some(id)
    }

    /// These subschemas and all that they take in for the same value, by where they stand.
    fn applicable(&self, subschemas: Vec<Subschema<'a>>) -> BTreeMap<Spot, &'a Json> {
        let mut found = BTreeMap::new();
        let mut waiting = subschemas;
        while let Some((spot, schema)) = waiting.pop() {
            if !schema.is_object() || found.contains_key(&spot) {
                continue;
            }
            for keyword in ["allOf", "anyOf", "oneOf"] {
                let parts = schema.get(keyword).and_then(Json::as_array).into_iter().flatten().enumerate();
                waiting.extend(parts.map(|(index, part)| (below(&spot, &format!("{keyword}/{index}")), part)));
            }
            waiting.extend(child(&spot, schema, "then"));
            waiting.extend(child(&spot, schema, "else"));
            if let Some(written) = schema.get("$ref").and_then(Json::as_str)
                && let Some((document, pointer, referred)) = self.schema.follow(spot.0, written)
            {
                waiting.push(((document, pointer), referred));
            }
            found.insert(spot, schema);
        }
        found
    }
}

fn below((document, pointer): &Spot, rest: &str) -> Spot {
    (*document, format!("{pointer}/{rest}"))
}

fn child<'a>(spot: &Spot, schema: &'a Json, keyword: &str) -> Option<Subschema<'a>> {
    Some((below(spot, keyword), schema.get(keyword)?))
}

fn children<'a>(
    spot: &Spot,
    schema: &'a Json,
    keyword: &str,
) -> impl Iterator<Item = (String, Subschema<'a>)> + use<'a> {
    let above = below(spot, keyword);
    schema
        .get(keyword)
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
        .map(move |(key, subschema)| (key.clone(), (below(&above, &pointer_segment(key)), subschema)))
}

/// Cuts the ways that lead to no strategy, so that a merge stops looking where there is nothing to find.
fn prune(rules: &mut [Rule]) {
    let mut useful: BTreeSet<usize> = BTreeSet::new();
    loop {
        let before = useful.len();
        for (id, rule) in rules.iter().enumerate() {
            let mut below = rule.keys.values().chain(&rule.any).chain(&rule.items);
            if rule.strategy.is_some() || below.any(|id| useful.contains(id)) {
                useful.insert(id);
            }
        }
        if useful.len() == before {
            break;
        }
    }
    for rule in rules {
        // A known key keeps its own way even to nothing: it must not fall through to `any`.
        if rule.any.is_none() {
            rule.keys.retain(|_, id| useful.contains(id));
        }
        rule.any = rule.any.filter(|id| useful.contains(id));
        rule.items = rule.items.filter(|id| useful.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn strategy(strategies: &Strategies, keys: &[&str]) -> Option<Strategy> {
        keys.iter()
            .fold(strategies.root(), |at, key| if *key == "[]" { at.item() } else { at.key(key) })
            .strategy()
            .cloned()
    }

    #[test]
    fn strategies_are_found_through_every_applicator() {
        let schema = json!({
            "$defs": {"list": {"x-merge": "append"}, "a/b": {"x-merge": "prepend"}},
            "properties": {
                "plain": {"x-merge": "unique"},
                "referred": {"$ref": "#/$defs/list"},
                "escaped": {"$ref": "#/$defs/a~1b"},
                "either": {"anyOf": [{"type": "null"}, {"oneOf": [{"properties": {"x": {"x-merge": {"by": "id"}}}}]}]},
                "named": {"type": "object"},
                "rows": {"items": {"properties": {"cells": {"x-merge": "append"}}}},
            },
            "patternProperties": {"^x": {"properties": {"deep": {"x-merge": "append"}}}},
            "then": {"properties": {"later": {"x-merge": "append"}}},
        });
        let (strategies, bad) = Strategies::from_schema(&schema);
        assert_eq!(bad, []);
        assert_eq!(strategy(&strategies, &["plain"]), Some(Strategy::Unique));
        assert_eq!(strategy(&strategies, &["referred"]), Some(Strategy::Append));
        assert_eq!(strategy(&strategies, &["escaped"]), Some(Strategy::Prepend));
        assert_eq!(strategy(&strategies, &["either", "x"]), Some(Strategy::By("id".into())));
        assert_eq!(strategy(&strategies, &["named", "deep"]), None);
        assert_eq!(strategy(&strategies, &["rows", "[]", "cells"]), Some(Strategy::Append));
        assert_eq!(strategy(&strategies, &["xyz", "deep"]), Some(Strategy::Append));
        assert_eq!(strategy(&strategies, &["later"]), Some(Strategy::Append));
        assert_eq!(strategy(&strategies, &["plain", "deeper"]), None);
    }

    #[test]
    fn recursive_schemas_end() {
        let schema = json!({
            "$ref": "#/$defs/tree",
            "$defs": {"tree": {"properties": {"next": {"$ref": "#/$defs/tree"}, "list": {"x-merge": "append"}}, "$ref": "#"}},
        });
        let (strategies, _) = Strategies::from_schema(&schema);
        let mut keys = vec!["next"; 500];
        keys.push("list");
        assert_eq!(strategy(&strategies, &keys), Some(Strategy::Append));
    }

    #[test]
    fn unknown_strategies_are_named_with_their_pointer() {
        let schema = json!({"properties": {"a": {"x-merge": "deep"}, "b": {"x-merge": {"by": 1}}}});
        let (_, bad) = Strategies::from_schema(&schema);
        let bad: Vec<_> = bad.iter().map(|bad| (bad.pointer.as_str(), bad.text.as_str())).collect();
        assert_eq!(bad, [("/properties/a/x-merge", "\"deep\""), ("/properties/b/x-merge", "{\"by\":1}")]);
    }
}
