//! Aliases: values that are written once and stand in several places.
//!
//! A copy has the places of the text it repeats, so that an error shows that text.

use std::sync::Arc;

use super::Reader;
use crate::diagnostic::{Diagnostic, Failed, code, did_you_mean};
use crate::source::Place;
use crate::yaml::frame::{Awaited, Frame, Weighed};
use crate::yaml::keys;
use crate::yaml::shown::Shown;
use crate::yaml::{Content, Written};

impl Reader<'_> {
    /// `*name` with an anchor above it.
    pub(super) fn alias(&mut self, id: usize, here: Place) -> Result<(), Failed> {
        self.end = here.end as usize;
        let Some(anchored) = self.anchors.get(id) else {
            self.problem(
                Diagnostic::new(code::SYNTAX, "an alias must not stand inside the value it repeats")
                    .at(here, "this value would contain itself")
                    .help("write out what is meant here"),
            )?;
            return self.stand_in(here);
        };
        let (nodes, height) = (anchored.nodes, anchored.height);
        // Charged before copying, so that a few lines cannot ask for a tree that fills the memory.
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > self.limits.nodes {
            return Err(self.too_many_nodes(here));
        }
        if self.frames.len() + height > self.limits.depth {
            let most = self.limits.depth;
            let message = format!("mappings and lists may be nested {most} deep, but with this alias they are deeper");
            return Err(self.limit(here, message));
        }
        let Some(written) = self.anchors.get(id).map(|anchored| anchored.value.clone()) else { return Ok(()) };
        if self.frames.last().is_some_and(Frame::awaits_key) {
            if let (Content::String { text, plain: _ }, None) = (&written.content, written.tag) {
                return self.name(Arc::clone(text), false, here);
            }
            self.problem(keys::collection(&Written::new(written.content, here), self.text))?;
            self.expect(Awaited::Refused(here));
            return Ok(());
        }
        self.put(Weighed { written, nodes, height })
    }

    /// `*name` without one.
    pub(super) fn unresolved(&mut self, name: &str, here: Place) -> Result<(), Failed> {
        self.end = here.end as usize;
        let mut diagnostic = Diagnostic::new(code::SYNTAX, format!("there is no anchor {} above", Shown(name)))
            .at(here, "this alias repeats nothing")
            .maybe_help(did_you_mean(name, self.anchors.names()).filter(|_| !name.is_empty()));
        if diagnostic.help.is_empty() {
            diagnostic = diagnostic
                .help(format!("write `&{name}` before the value to repeat, or put the text in quotes: `\"*{name}\"`"));
        }
        self.problem(diagnostic)?;
        self.stand_in(here)
    }

    /// Goes on after an alias that cannot be followed.
    fn stand_in(&mut self, here: Place) -> Result<(), Failed> {
        if self.frames.last().is_some_and(Frame::awaits_key) {
            self.expect(Awaited::Refused(here));
            return Ok(());
        }
        self.charge(1, here)?;
        self.put(Weighed { written: Written::new(Content::Null, here), nodes: 1, height: 0 })
    }

    /// Keeps a value with an anchor for the aliases below.
    pub(super) fn keep(&mut self, anchor: usize, value: &Weighed) -> Result<(), Failed> {
        if self.anchors.keep(anchor, &value.written, value.nodes, value.height, self.limits.nodes) {
            return Ok(());
        }
        Err(self.too_many_nodes(value.written.place))
    }
}
