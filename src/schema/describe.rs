//! What a schema says about a path into the data: which of its parts speak about it, and what they tell people.

use indexmap::IndexSet;
use serde_json::Value;

use super::Schema;
use super::bundle::Spot;
use super::positions;
use crate::path::{Path, Step};

/// Most parts that are looked at for one question.
const MOST: usize = 1_000;

/// Deepest path that is offered when a key stands in the wrong mapping.
const DEEPEST: usize = 6;

/// What a schema tells people about a path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Described {
    /// The description, or else the title.
    pub description: Option<String>,
    /// The default.
    pub default: Option<Value>,
    /// The types a value may have, as JSON Schema names them.
    pub types: Vec<String>,
    /// The values that are allowed, if they are listed.
    pub allowed: Vec<Value>,
    /// An example, if there is one.
    pub example: Option<Value>,
    /// Whether the value, or something above it, is marked `x-secret` or `writeOnly`.
    pub secret: bool,
}

impl Schema {
    /// What the schema says about `path`; `None` if it does not speak about it.
    pub fn describe(&self, path: &Path) -> Option<Described> {
        let spots = self.spots(path);
        let mut described = Described { secret: self.is_secret(path), ..Described::default() };
        for value in spots.iter().map(|spot| spot.value) {
            let text = |keyword: &str| value.get(keyword).and_then(Value::as_str).map(str::to_owned);
            described.description = described.description.or_else(|| text("description"));
            described.default = described.default.or_else(|| value.get("default").cloned());
            described.example = described.example.or_else(|| value.get("examples")?.get(0).cloned());
            if described.types.is_empty() {
                described.types = match value.get("type") {
                    Some(Value::String(one)) => vec![one.clone()],
                    Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                    _ => Vec::new(),
                };
            }
            if described.allowed.is_empty() {
                let listed = value.get("enum").and_then(Value::as_array).cloned();
                described.allowed = listed.or_else(|| Some(vec![value.get("const")?.clone()])).unwrap_or_default();
            }
        }
        let title = || spots.iter().find_map(|spot| spot.value.get("title")?.as_str()).map(str::to_owned);
        described.description = described.description.or_else(title);
        (!spots.is_empty()).then_some(described)
    }

    /// Every part of the schema that speaks about `path`, the most direct first: for keywords of our own, such as
    /// `x-merge`.
    pub fn parts(&self, path: &Path) -> Vec<&Value> {
        self.spots(path).into_iter().map(|spot| spot.value).collect()
    }

    /// Whether `path`, or something above it, is marked as secret.
    pub(crate) fn is_secret(&self, path: &Path) -> bool {
        let marked = |spot: &Spot<'_>| {
            ["x-secret", "writeOnly"].iter().any(|keyword| spot.value.get(*keyword) == Some(&Value::Bool(true)))
        };
        let mut spots = self.in_place(vec![self.bundle.root()]);
        for step in path.steps() {
            if spots.iter().any(marked) {
                return true;
            }
            spots = self.step(&spots, step);
        }
        spots.iter().any(marked)
    }

    /// The keys the schema knows in the mapping at `path`, in the order of the schema.
    pub(super) fn known_keys(&self, path: &Path) -> IndexSet<String> {
        let members = |spot: &Spot<'_>| Some(spot.value.get("properties")?.as_object()?.keys().cloned().collect());
        self.spots(path).iter().filter_map(members).flat_map(|keys: Vec<String>| keys).collect()
    }

    /// The shortest other path at which the schema knows `key`, the first of equals.
    pub(super) fn known_elsewhere(&self, key: &str, not: &Path) -> Option<Path> {
        let mut level = vec![(Path::root(), self.in_place(vec![self.bundle.root()]))];
        let mut steps = 0;
        for _ in 0..DEEPEST {
            let mut below = Vec::new();
            for (path, spots) in level {
                let mut names = IndexSet::new();
                for spot in &spots {
                    names.extend(
                        spot.value
                            .get("properties")
                            .and_then(Value::as_object)
                            .into_iter()
                            .flat_map(|members| members.keys()),
                    );
                }
                if names.contains(&key.to_owned()) && path != *not {
                    return Some(path.key(key));
                }
                for name in names {
                    steps += 1;
                    if steps > MOST {
                        return None;
                    }
                    let step = Step::Key(name.as_str().into());
                    below.push((path.key(name), self.step(&spots, &step)));
                }
            }
            level = below;
        }
        None
    }

    /// The parts that speak about `path`.
    pub(super) fn spots(&self, path: &Path) -> Vec<Spot<'_>> {
        let root = self.in_place(vec![self.bundle.root()]);
        path.steps().iter().fold(root, |spots, step| self.step(&spots, step))
    }

    /// These parts and all that speak about the same value: through references and combinations.
    fn in_place<'a>(&'a self, begin: Vec<Spot<'a>>) -> Vec<Spot<'a>> {
        let mut seen = IndexSet::new();
        let mut found: Vec<Spot<'a>> = Vec::new();
        let mut next: std::collections::VecDeque<Spot<'a>> = begin.into();
        while let Some(spot) = next.pop_front() {
            if found.len() >= MOST || !seen.insert(spot.key()) {
                continue;
            }
            next.extend(self.bundle.references(&spot).into_iter().flatten());
            for keyword in ["allOf", "anyOf", "oneOf"] {
                let branches = spot.value.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
                next.extend((0..branches).filter_map(|at| self.below(&spot, &format!("/{keyword}/{at}"))));
            }
            next.extend(["/then", "/else"].into_iter().filter_map(|below| self.below(&spot, below)));
            found.push(spot);
        }
        found
    }

    fn below<'a>(&'a self, spot: &Spot<'a>, below: &str) -> Option<Spot<'a>> {
        self.bundle.spot(spot.document, &format!("{}{below}", spot.pointer))
    }

    /// The parts that speak about the value one step below what `spots` speak about.
    fn step<'a>(&'a self, spots: &[Spot<'a>], step: &Step) -> Vec<Spot<'a>> {
        let mut begin = Vec::new();
        for spot in spots {
            match step {
                Step::Key(key) => begin.extend(self.member(spot, key)),
                Step::Index(index) => begin.extend(
                    [
                        format!("/prefixItems/{index}"),
                        format!("/items/{index}"),
                        "/items".to_owned(),
                        "/additionalItems".to_owned(),
                    ]
                    .iter()
                    .filter_map(|below| self.below(spot, below))
                    .find(|found| found.value.is_object() || found.value.is_boolean()),
                ),
            }
        }
        self.in_place(begin)
    }

    /// The parts right inside `spot` that speak about the member `key`.
    fn member<'a>(&'a self, spot: &Spot<'a>, key: &str) -> Vec<Spot<'a>> {
        let mut found: Vec<Spot<'a>> = Vec::new();
        found.extend(self.below(spot, &format!("/properties/{}", positions::escape(key))));
        let patterns = spot.value.get("patternProperties").and_then(Value::as_object);
        for pattern in patterns.into_iter().flat_map(|members| members.keys()) {
            if self.engine.matches(pattern, key) {
                found.extend(self.below(spot, &format!("/patternProperties/{}", positions::escape(pattern))));
            }
        }
        if found.is_empty() {
            let others = ["/additionalProperties", "/unevaluatedProperties"];
            found.extend(others.into_iter().filter_map(|below| self.below(spot, below)));
        }
        found
    }
}
