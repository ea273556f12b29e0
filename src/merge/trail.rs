//! Where a walk through a tree stands: a chain on the stack that becomes a path only when somebody is told.

use std::sync::Arc;

use crate::path::{Path, Step};

/// The way from the root to the value a walk is at. Costs nothing until [`Trail::path`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trail<'a> {
    /// The root.
    Root,
    /// A key below another value.
    Key(&'a Trail<'a>, &'a Arc<str>),
    /// An item of a list.
    Index(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    /// The path, from the root.
    pub(crate) fn path(&self) -> Path {
        let mut steps = Vec::new();
        let mut at = self;
        loop {
            at = match at {
                Self::Root => break,
                Self::Key(up, key) => {
                    steps.push(Step::Key(Arc::clone(key)));
                    up
                }
                Self::Index(up, index) => {
                    steps.push(Step::Index(*index));
                    up
                }
            };
        }
        steps.reverse();
        Path::from_steps(steps)
    }
}
