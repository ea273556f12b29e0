//! Lists laid over lists: replaced, appended, prepended, without duplicates, without some items, or merged by a key.

use std::sync::Arc;

use indexmap::IndexMap;

use super::fold::{Fold, Laid, called};
use super::seen::Seen;
use super::strategy::{At, Strategy};
use super::trail::Trail;
use crate::diagnostic::{Diagnostic, code};
use crate::tree::{Node, Value};
use crate::yaml::{Tag, Written};

/// The key by which `!merge` finds items where the schema names none.
const NAME: &str = "name";

/// What happens to the inherited items.
enum Way {
    Replace,
    Append,
    Prepend,
    Unique,
    Remove(Option<Arc<str>>),
    By(Arc<str>),
}

impl Way {
    /// A tag beats the schema.
    fn of(over: &Written, rule: At<'_>) -> Self {
        let schema = rule.strategy();
        let by = || match schema {
            Some(Strategy::By(key)) => Some(Arc::clone(key)),
            _ => None,
        };
        match over.tag() {
            Some(Tag::Append) => Self::Append,
            Some(Tag::Prepend) => Self::Prepend,
            Some(Tag::Remove) => Self::Remove(by()),
            Some(Tag::Merge) => Self::By(by().unwrap_or_else(|| NAME.into())),
            Some(_) => Self::Replace,
            None => schema.map_or(Self::Replace, |strategy| match strategy {
                Strategy::Append => Self::Append,
                Strategy::Prepend => Self::Prepend,
                Strategy::Unique => Self::Unique,
                Strategy::By(key) => Self::By(Arc::clone(key)),
            }),
        }
    }
}

/// The key by which the items of a list merge, if they do.
pub(super) fn key_of(over: &Written, rule: At<'_>) -> Option<Arc<str>> {
    match Way::of(over, rule) {
        Way::By(key) => Some(key),
        _ => None,
    }
}

impl Fold<'_> {
    /// A list laid over what is inherited, which the caller records as lying under it.
    pub(super) fn list(
        &mut self,
        under: Option<&Node>,
        over: &Written,
        items: &[Written],
        rule: At<'_>,
        trail: &Trail<'_>,
    ) -> Node {
        let way = Way::of(over, rule);
        if !matches!(way, Way::Replace)
            && let Some(under) = under.filter(|under| under.live)
        {
            self.unknown_list(under, over, trail);
        }
        let below = under.and_then(|under| under.value.as_list()).unwrap_or_default();
        let item = rule.item();
        let mut all;
        match way {
            Way::Replace => all = self.items(items, 0, item, trail),
            Way::Append => {
                all = below.to_vec();
                all.extend(self.items(items, below.len(), item, trail));
            }
            Way::Prepend => {
                all = self.items(items, 0, item, trail);
                all.extend_from_slice(below);
            }
            Way::Unique => {
                all = below.to_vec();
                let mut seen = Seen::default();
                seen.extend(below.iter().map(|node| &node.value));
                let new = self.items(items, below.len(), item, trail);
                all.extend(new.iter().filter(|node| seen.insert(&node.value)).cloned());
            }
            Way::Remove(key) => all = self.without(below, items, key.as_deref(), trail),
            Way::By(key) => all = self.by_key(below, items, &key, item, trail),
        }
        Node::new(Value::List(Arc::new(all)), over.place)
    }

    /// Items over nothing; the first of them is number `first` of the result.
    fn items(&mut self, items: &[Written], first: usize, rule: At<'_>, trail: &Trail<'_>) -> Vec<Node> {
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            let trail = Trail::Index(trail, first + all.len());
            all.extend(self.fresh(item, rule, &trail));
        }
        all
    }

    /// A value over nothing.
    fn fresh(&mut self, over: &Written, rule: At<'_>, trail: &Trail<'_>) -> Option<Node> {
        match self.lay(None, over, rule, trail) {
            Laid::Put(node) => Some(node),
            Laid::Kept | Laid::Gone => None,
            Laid::Absent => {
                self.absent(over, trail, None);
                None
            }
        }
    }

    /// `!remove`: the inherited items without these, or without those that have their key.
    fn without(&mut self, below: &[Node], items: &[Written], key: Option<&str>, trail: &Trail<'_>) -> Vec<Node> {
        let unwanted = self.items(items, 0, At::nowhere(), trail);
        let (mut present, mut labels) = (Seen::default(), Seen::default());
        for node in below {
            present.insert(&node.value);
            labels.extend(key.and_then(|key| node.at(&[key])).map(|name| &name.value));
        }
        let (mut values, mut names) = (Seen::default(), Seen::default());
        for node in &unwanted {
            let known = present.contains(&node.value);
            if known {
                values.insert(&node.value);
            } else if labels.contains(&node.value) {
                names.insert(&node.value);
            } else {
                let path = trail.path();
                let diagnostic = Diagnostic::new(
                    code::NOTHING_TO_UNSET,
                    format!("{path} has no such item, so there is nothing to remove"),
                )
                .at(node.place, format!("no layer below {} puts this into {path}", called(self.layer)))
                .about(path)
                .help("remove the item here, or correct it");
                self.diagnostics.record(diagnostic);
            }
        }
        let stays = |node: &&Node| {
            let name = key.and_then(|key| node.at(&[key]));
            !values.contains(&node.value) && !name.is_some_and(|name| names.contains(&name.value))
        };
        below.iter().filter(stays).cloned().collect()
    }

    /// Items with equal keys merge, new ones go last.
    fn by_key(&mut self, below: &[Node], items: &[Written], key: &str, rule: At<'_>, trail: &Trail<'_>) -> Vec<Node> {
        let mut all = below.to_vec();
        let mut known: IndexMap<Name, usize, foldhash::fast::RandomState> = IndexMap::default();
        for (index, node) in below.iter().enumerate() {
            if let Some(name) = node.at(&[key]).and_then(Name::of) {
                known.entry(name).or_insert(index);
            }
        }
        let mut own: IndexMap<Name, &Written, foldhash::fast::RandomState> = IndexMap::default();
        for item in items {
            let written = item.at(&[key]).map(|written| self.scalar(written, trail));
            let Some(name) = written.as_ref().and_then(Name::of) else {
                self.nameless(item, key, &Trail::Index(trail, all.len()));
                continue;
            };
            if let Some(first) = own.get(&name) {
                self.twice(item, first, key, trail);
                continue;
            }
            own.insert(name.clone(), item);
            match known.get(&name) {
                Some(index) => {
                    let trail = Trail::Index(trail, *index);
                    let Some(inherited) = below.get(*index) else { continue };
                    if let Laid::Put(node) = self.lay(Some(inherited), item, rule, &trail)
                        && let Some(place) = all.get_mut(*index)
                    {
                        *place = node;
                    }
                }
                None => all.extend(self.fresh(item, rule, &Trail::Index(trail, all.len()))),
            }
        }
        all
    }

    fn nameless(&mut self, item: &Written, key: &str, trail: &Trail<'_>) {
        let message = format!("the list is merged by `{key}`, but this item has no plain `{key}`");
        let help = format!("write `{key}: ...` into the item, or put `!replace` before the list");
        self.misplaced(item, trail, &message, help);
    }

    fn twice(&mut self, item: &Written, first: &Written, key: &str, trail: &Trail<'_>) {
        let path = trail.path();
        self.diagnostics.record(
            Diagnostic::new(
                code::TAG_MISPLACED,
                format!("{path} is merged by `{key}`, but two items of {} have the same", called(self.layer)),
            )
            .at(item.place, "the second item")
            .also(first.place, "the first item")
            .about(path)
            .help(format!("make one item of the two, or give one another `{key}`")),
        );
    }

    /// An expression may make a list, but not before all layers are merged.
    fn unknown_list(&mut self, under: &Node, over: &Written, trail: &Trail<'_>) {
        let path = trail.path();
        let lower = self.name_of(under.place);
        let diagnostic = Diagnostic::new(
            code::TAG_MISPLACED,
            format!("{path} is an expression in {lower}, so {} cannot merge a list with it", called(self.layer)),
        )
        .at(over.place, "a list to be merged")
        .also(under.place, "an expression, evaluated after the merge")
        .about(path)
        .help("put `!replace` before the list, or write the inherited list out");
        self.diagnostics.record(diagnostic);
    }
}

/// The key of an item: a plain scalar.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Name {
    Text(Arc<str>),
    Number(String),
    Bool(bool),
}

impl Name {
    fn of(node: &Node) -> Option<Self> {
        match &node.value {
            Value::String(text) if !node.live => Some(Self::Text(Arc::clone(text))),
            Value::Number(number) => Some(Self::Number(number.to_string())),
            Value::Bool(flag) => Some(Self::Bool(*flag)),
            _ => None,
        }
    }
}
