//! A value as a layer inherits it: in each environment and for each choice of facts, told as briefly as it can be.
//!
//! In go the values of all variants at one path, out comes one line: one value with its file, or the values by the
//! environment and the facts that they depend on.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use crate::explain::Shown;
use crate::tree::{Node, Value};
use crate::workspace::{Beneath, Variant};

/// Most different values that are told.
const MOST: usize = 8;

/// Stands for a fact that a tenant does not have.
const NONE: &str = "none";

/// Most files that one value is told to come from.
const MOST_FILES: usize = 2;

/// The value at one path, by variant.
pub(super) struct Inherited<'a> {
    pub(super) beneath: &'a Beneath,
    /// One for each variant.
    pub(super) nodes: &'a [Option<&'a Node>],
    pub(super) secret: bool,
    /// Whether the file may not set it, and so no tenant's may.
    pub(super) closed: bool,
}

impl Inherited<'_> {
    /// `inherited: 3 from environments/tiers/premium.yml`, or by what it depends on.
    pub(super) fn line(&self) -> Option<String> {
        // Of a mapping, what is inherited is told key by key.
        let is_told = |node: &&Node| !matches!(node.value, Value::Map(_));
        let values: Vec<Option<String>> =
            self.nodes.iter().map(|node| node.filter(is_told).map(|node| self.shown(node))).collect();
        if values.iter().all(Option::is_none) {
            return None;
        }
        let dimensions = self.deciding(&values);
        let unless = if self.beneath.tenants && !self.closed { ", unless the tenant sets it" } else { "" };
        if dimensions.is_empty() {
            let value = values.first()?.as_ref()?;
            return Some(format!("inherited: {value}{}{unless}", self.from()));
        }
        let mut groups: IndexMap<String, IndexSet<Name<'_>>> = IndexMap::new();
        for (variant, value) in self.beneath.variants.iter().zip(values) {
            let name = dimensions.iter().map(|dimension| chosen(variant, *dimension)).collect();
            groups.entry(value.unwrap_or_else(|| "nothing".to_owned())).or_default().insert(name);
        }
        let all: IndexSet<Name<'_>> = groups.values().flatten().cloned().collect();
        let told = groups.iter().take(MOST).map(|(value, names)| format!("{value} ({})", called(names, &all)));
        let told: Vec<String> = told.collect();
        let more = groups.len().saturating_sub(MOST);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let by: Vec<&str> = dimensions.iter().map(|dimension| self.called(*dimension)).collect();
        Some(format!("inherited, by {}: {}{more}{unless}", by.join(" and "), told.join(", ")))
    }

    /// The one value, if all inherit it and an editor can write it: a plain scalar.
    pub(super) fn default(&self) -> Option<serde_json::Value> {
        let plain = |node: &Node| match &node.value {
            _ if node.live || self.secret => None,
            Value::Bool(flag) => Some(serde_json::Value::from(*flag)),
            Value::Number(number) => number
                .as_i64()
                .map(serde_json::Value::from)
                .or_else(|| serde_json::Number::from_f64(number.as_f64()).map(serde_json::Value::Number)),
            Value::String(text) => Some(serde_json::Value::from(text.as_ref())),
            _ => None,
        };
        let first = (*self.nodes.first()?)?;
        let same = |node: Option<&Node>| node.is_some_and(|node| !node.live && node.value == first.value);
        if self.nodes.iter().copied().all(same) { plain(first) } else { None }
    }

    fn shown(&self, node: &Node) -> String {
        let text = Shown::of(node, self.secret);
        let fence = if text.as_str().contains('`') { "``" } else { "`" };
        let gap = if fence.len() > 1 { " " } else { "" };
        format!("{fence}{gap}{}{gap}{fence}", text.as_str())
    }

    /// The files that the one value comes from.
    fn from(&self) -> String {
        let file = |(node, variant): (Option<&Node>, &Variant)| {
            Some(Arc::clone(&variant.layers.layer_of(node?.place)?.document.name))
        };
        let files: IndexSet<Arc<str>> =
            self.nodes.iter().copied().zip(&self.beneath.variants).filter_map(file).collect();
        let files: Vec<&str> = files.iter().map(AsRef::as_ref).collect();
        match files.len() {
            1..=MOST_FILES => format!(" from {}", files.join(" and ")),
            _ => String::new(),
        }
    }

    /// The fewest dimensions that the value depends on: 0 is the environment, the others are the facts.
    fn deciding(&self, values: &[Option<String>]) -> Vec<usize> {
        let all = self.beneath.facts.len() + 1;
        let decides = |dimensions: &[usize]| {
            let mut known: IndexMap<Vec<&str>, &Option<String>> = IndexMap::new();
            self.beneath.variants.iter().zip(values).all(|(variant, value)| {
                let name = dimensions.iter().map(|dimension| chosen(variant, *dimension)).collect();
                *known.entry(name).or_insert(value) == value
            })
        };
        let subsets =
            (0_usize..1 << all.min(8)).map(|bits| (0..all).filter(|at| bits >> at & 1 == 1).collect::<Vec<_>>());
        let mut subsets: Vec<Vec<usize>> = subsets.collect();
        subsets.sort_by_key(Vec::len);
        subsets.into_iter().find(|subset| decides(subset)).unwrap_or_else(|| (0..all).collect())
    }

    fn called(&self, dimension: usize) -> &str {
        let fact = dimension.checked_sub(1).and_then(|at| self.beneath.facts.get(at));
        fact.map_or("environment", AsRef::as_ref)
    }
}

/// What a variant has in some dimensions.
type Name<'a> = Vec<&'a str>;

/// The variants of one value in words: by what they have in common, where no others have it, else one by one.
fn called(names: &IndexSet<Name<'_>>, all: &IndexSet<Name<'_>>) -> String {
    for dimension in 0..all.first().map_or(0, Vec::len) {
        let of = |name: &Name<'_>| name.get(dimension).map(|value| (*value).to_owned());
        let first = names.first().and_then(of);
        let alike = all.iter().filter(|name| of(name) == first).count();
        if let Some(first) = first.filter(|first| first != NONE && alike > 1)
            && alike == names.len()
            && names.iter().all(|name| of(name).as_ref() == Some(&first))
        {
            return first;
        }
    }
    let one = |name: &Name<'_>| {
        let given: Vec<&str> = name.iter().copied().filter(|value| *value != NONE).collect();
        if given.is_empty() { NONE.to_owned() } else { given.join("/") }
    };
    names.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What a variant has in a dimension.
fn chosen(variant: &Variant, dimension: usize) -> &str {
    match dimension.checked_sub(1) {
        None => &variant.environment,
        Some(at) => variant.chosen.get(at).and_then(Option::as_deref).unwrap_or(NONE),
    }
}
