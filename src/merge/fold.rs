//! One layer laid over what is below it.
//!
//! In go the tree of the lower layers and what a layer writes; out comes the tree with that layer. Only the
//! mappings on the way to a change are copied, the rest is shared. Whatever is wrong is recorded and the upper
//! layer's value put, so that one walk finds all.

use std::sync::Arc;

use super::strategy::At;
use super::trail::Trail;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code, did_you_mean};
use crate::layers::{Layer, Trust, is_expression};
use crate::source::Place;
use crate::tree::{Entry, Kind, Map, Node, Value};
use crate::yaml::{Content, Members, Tag, Written};

/// A layer on its way into the tree.
pub(super) struct Fold<'a> {
    /// The layers up to and with this one, to say which of them a place belongs to.
    pub(super) stack: &'a [Layer],
    /// The layer.
    pub(super) layer: &'a Layer,
    /// Where findings go.
    pub(super) diagnostics: &'a mut Diagnostics,
}

/// What a value does to the place it is written at.
pub(super) enum Laid {
    /// This stands there now.
    Put(Node),
    /// What was there stays as it is.
    Kept,
    /// What was there is gone.
    Gone,
    /// `!unset` where nothing was.
    Absent,
}

/// A layer as messages call it.
pub(crate) fn called(layer: &Layer) -> String {
    match &layer.over {
        Some(name) => format!("override {name}"),
        None if layer.rank == usize::MAX => "the command line".to_owned(),
        None => format!("layer {}", layer.name),
    }
}

impl Fold<'_> {
    /// Lays a value over what is inherited at its place.
    pub(super) fn lay(&mut self, under: Option<&Node>, over: &Written, rule: At<'_>, trail: &Trail<'_>) -> Laid {
        let Some(tag) = over.tag() else { return Laid::Put(self.untagged(under, over, rule, trail)) };
        // The reader refuses tags that do not fit; other makers of layers may not.
        match tag {
            Tag::Unset => {
                if over.kind() != Kind::Null {
                    let message = "!unset takes no value, but one follows it";
                    self.misplaced(over, trail, message, "remove the value, or remove the tag");
                }
                if under.is_some() { Laid::Gone } else { Laid::Absent }
            }
            Tag::Replace => {
                let node = self.untagged(None, over, At::nowhere(), trail);
                Laid::Put(Self::above(under, node))
            }
            Tag::AtLeast | Tag::AtMost => self.bound(under, over, tag, trail),
            Tag::Append | Tag::Prepend | Tag::Remove | Tag::Merge if over.kind() != Kind::List => {
                let message = format!("{tag} takes a list, but this is {}", over.kind().with_article());
                self.misplaced(over, trail, &message, format!("write a list, such as `{tag} [x]`, or remove the tag"));
                Laid::Kept
            }
            Tag::Raw if over.kind() != Kind::String => {
                let message = format!("!raw takes a string, but this is {}", over.kind().with_article());
                self.misplaced(over, trail, &message, "quote the value, or remove the tag");
                Laid::Kept
            }
            _ => Laid::Put(self.untagged(under, over, rule, trail)),
        }
    }

    /// A value whose tag, if any, does not say what happens to the kind of what it is laid over.
    fn untagged(&mut self, under: Option<&Node>, over: &Written, rule: At<'_>, trail: &Trail<'_>) -> Node {
        let node = match &over.content {
            Content::Map(members) => {
                let below = match under.map(|under| &under.value) {
                    Some(Value::Map(below)) => Some(below),
                    _ => None,
                };
                Node::new(Value::Map(self.mapping(below, members, rule, trail)), over.place)
            }
            Content::List(items) => self.list(under, over, items, rule, trail),
            _ => self.scalar(over, trail),
        };
        if let Some(under) = under {
            self.check_kind(under, &node, trail);
        }
        Self::above(under, node)
    }

    /// `node`, knowing what it lies over.
    pub(super) fn above(under: Option<&Node>, mut node: Node) -> Node {
        node.under = under.map(|under| Arc::new(under.clone()));
        node
    }

    /// Members laid over a mapping, or a new mapping of them.
    fn mapping(&mut self, below: Option<&Arc<Map>>, members: &Members, rule: At<'_>, trail: &Trail<'_>) -> Arc<Map> {
        // Copied at the first change only.
        let mut changed: Option<Map> = None;
        let mut gone: Vec<&Arc<str>> = Vec::new();
        for (key, member) in members {
            let trail = Trail::Key(trail, key);
            self.check_key(key, member.key, &trail);
            let under = below.and_then(|below| below.get(key));
            match self.lay(under, &member.value, rule.key(key), &trail) {
                Laid::Put(node) => {
                    let map = changed.get_or_insert_with(|| {
                        below.map_or_else(|| Map::with_capacity(members.len()), |below| Map::clone(below))
                    });
                    map.insert(Arc::clone(key), Entry { key: member.key, node });
                }
                Laid::Kept => {}
                Laid::Gone => gone.push(key),
                Laid::Absent => {
                    let siblings = below.into_iter().flat_map(|below| below.keys()).map(AsRef::as_ref);
                    let near = did_you_mean(key, siblings);
                    self.absent(&member.value, &trail, near);
                }
            }
        }
        if !gone.is_empty() {
            // One pass for all, as each removal alone would move what comes after it.
            gone.sort_unstable();
            let keep = |key: &Arc<str>| gone.binary_search(&key).is_err();
            let map = changed.as_ref().or(below.map(AsRef::as_ref));
            let kept = map.into_iter().flatten().filter(|(key, _)| keep(key));
            changed = Some(kept.map(|(key, entry)| (Arc::clone(key), entry.clone())).collect());
        }
        match (changed, below) {
            (Some(changed), _) => Arc::new(changed),
            (None, Some(below)) => Arc::clone(below),
            (None, None) => Arc::default(),
        }
    }

    /// A value that is neither a mapping nor a list.
    pub(super) fn scalar(&mut self, over: &Written, trail: &Trail<'_>) -> Node {
        let value = match &over.content {
            Content::Null => Value::Null,
            Content::Bool(flag) => Value::Bool(*flag),
            Content::Number(number) => Value::Number(*number),
            // A tenant may not reach for the secrets of the platform.
            Content::Secret(secret) if self.layer.trust == Trust::Data => Value::Secret(secret.own()),
            Content::Secret(secret) => Value::Secret(secret.clone()),
            Content::String { text, .. } => Value::String(Arc::clone(text)),
            Content::List(_) => Value::List(Arc::default()),
            Content::Map(_) => Value::Map(Arc::default()),
        };
        let mut node = Node::new(value, over.place);
        if over.tag() != Some(Tag::Raw) && node.value.as_str().is_some_and(is_expression) {
            match self.layer.trust {
                Trust::Code => node.live = true,
                Trust::Data => {
                    let path = trail.path();
                    let message = format!("{path} is an expression, but {} holds data only", called(self.layer));
                    self.diagnostics.record(
                        Diagnostic::new(code::EXPRESSION_IN_DATA, message)
                            .at(over.place, "nothing is evaluated here")
                            .about(path)
                            .help("tenant files are data; put the expression into a platform layer")
                            .help("for a text with braces, put `!raw` before it"),
                    );
                }
            }
        }
        node
    }

    /// Keys are never expressions.
    fn check_key(&mut self, key: &str, place: Place, trail: &Trail<'_>) {
        if !is_expression(key) {
            return;
        }
        let (code, help): (Code, _) = match self.layer.trust {
            Trust::Data => (code::EXPRESSION_IN_DATA, "tenant files are data; write the key out"),
            Trust::Code => (code::EXPRESSION, "write the key out, or make the whole mapping one expression"),
        };
        let path = trail.path();
        self.diagnostics.record(
            Diagnostic::new(code, format!("the key {path} holds an expression, but a key is plain text"))
                .at(place, "keys are not evaluated")
                .about(path)
                .help(help),
        );
    }

    /// A layer may not change the kind of a value. What an expression makes is not known yet, `null` is of no kind.
    fn check_kind(&mut self, under: &Node, over: &Node, trail: &Trail<'_>) {
        let (below, above) = (under.value.kind(), over.value.kind());
        let same = below == above || (below, above) == (Kind::String, Kind::Secret);
        if same || under.live || over.live || below == Kind::Null || above == Kind::Null {
            return;
        }
        let path = trail.path();
        let (is, was) = (above.with_article(), below.with_article());
        let (this, lower) = (called(self.layer), self.name_of(under.place));
        let help = match (below, above) {
            (Kind::Secret, _) => {
                format!("write `!secret NAME`; to keep it in the open after all, `!replace` goes before {is}")
            }
            (Kind::String, Kind::Number | Kind::Bool) => "put the value in quotes, or `!replace` before it".to_owned(),
            (Kind::Number | Kind::Bool, Kind::String) => {
                format!("write {was} without quotes, or put `!replace` before the string")
            }
            _ => format!("write {was}, or put `!replace` before {is} to change the kind"),
        };
        self.diagnostics.record(
            Diagnostic::new(
                code::KIND_CHANGED,
                format!("{path} must be {was}, as {lower} has it, but {this} makes it {is}"),
            )
            .at(over.place, format!("{is}, set by {this}"))
            .also(under.place, format!("{lower} had {was} here"))
            .about(path)
            .help(help),
        );
    }

    /// A tag that does not fit its value.
    pub(super) fn misplaced(&mut self, over: &Written, trail: &Trail<'_>, message: &str, help: impl Into<String>) {
        let place = over.tag.map_or(over.place, |tagged| tagged.place);
        let path = trail.path();
        let diagnostic = Diagnostic::new(code::TAG_MISPLACED, format!("{path}: {message}"));
        self.diagnostics.record(diagnostic.at(place, format!("in {}", called(self.layer))).about(path).help(help));
    }

    /// There is nothing to unset.
    pub(super) fn absent(&mut self, over: &Written, trail: &Trail<'_>, near: Option<String>) {
        let place = over.tag.map_or(over.place, |tagged| tagged.place);
        let path = trail.path();
        self.diagnostics.record(
            Diagnostic::new(code::NOTHING_TO_UNSET, format!("{path} is not there, so there is nothing to unset"))
                .at(place, format!("no layer below {} sets {path}", called(self.layer)))
                .about(path)
                .maybe_help(near)
                .help("remove the line, or correct the key"),
        );
    }

    /// The layer a place belongs to, as messages call it.
    pub(super) fn name_of(&self, place: Place) -> String {
        let layer = self.stack.iter().rev().find(|layer| layer.document.file == place.file);
        layer.map_or_else(|| "a layer below".to_owned(), called)
    }
}
