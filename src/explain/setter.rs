//! Who set a value: one layer, at one place.

use std::sync::Arc;

use serde::Serialize;

use super::Shown;
use crate::layers::Layers;
use crate::merge::called;
use crate::path::{Path, Step};
use crate::source::{Place, Sources};
use crate::tree::Node;
use crate::yaml::{Content, Tag, Written};

/// A layer that set a value, and what to.
#[derive(Clone, Debug, Serialize)]
pub struct Setter {
    /// `layer tenant`, `override high_availability`, `the command line`.
    pub layer: String,
    /// `file:line:column`, as seen from where the program runs.
    pub place: String,
    /// What stood there once this layer was laid over those below.
    pub value: Shown,
    /// The merge tag before it, such as `!append`.
    pub tag: Option<&'static str>,
}

impl Setter {
    /// Those of the value at a path of the merged tree, the winner first.
    pub(super) fn all(node: &Node, path: &Path, secret: bool, layers: &Layers, sources: &Sources) -> Vec<Self> {
        std::iter::once(node)
            .chain(node.beaten())
            .map(|node| {
                let layer = layers.layer_of(node.place);
                let written = layer.and_then(|layer| at(&layer.document.root, path));
                let tag = written.filter(|written| written.place == node.place).and_then(Written::tag);
                Self {
                    layer: layer.map_or_else(|| "a layer below".to_owned(), called),
                    place: sources.describe(node.place),
                    value: Shown::of(node, secret),
                    tag: tag.map(Tag::name),
                }
            })
            .collect()
    }
}

/// The highest layer that unset a path, and where.
pub(crate) fn unset(layers: &Layers, path: &Path) -> Option<(String, Place)> {
    layers.stack().iter().rev().find_map(|layer| {
        let written = at(&layer.document.root, path).filter(|written| written.tag() == Some(Tag::Unset))?;
        Some((called(layer), written.place))
    })
}

fn at<'a>(written: &'a Written, path: &Path) -> Option<&'a Written> {
    path.steps().iter().try_fold(written, |written, step| match (&written.content, step) {
        (Content::Map(members), Step::Key(key)) => members.get::<Arc<str>>(key).map(|member| &member.value),
        (Content::List(items), Step::Index(index)) => items.get(*index),
        _ => None,
    })
}
