//! A path through both sides of a comparison. Where lists were matched by a key, the key's value tells the item;
//! a number would be another one on the other side.

use std::fmt;
use std::sync::Arc;

use crate::path::{self, Path};

/// One step down, on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A key of a mapping.
    Key(Arc<str>),
    /// The item of a list that one of its own values names.
    Item {
        /// The key below which the name stands, such as `name` or `containerPort`.
        key: &'static str,
        /// The name.
        name: Arc<str>,
        /// Its position from 0, in the newer list if it is there.
        index: usize,
    },
    /// An item of a list by position from 0, on the sides that have it.
    Index {
        /// In the older list.
        before: Option<usize>,
        /// In the newer list.
        after: Option<usize>,
    },
}

/// Steps from the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    steps: Vec<Step>,
}

impl Way {
    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// The path on the newer side.
    pub(crate) fn newer(&self) -> Option<Path> {
        let step = |step: &Step| match step {
            Step::Key(key) => Some(path::Step::Key(Arc::clone(key))),
            Step::Item { index, .. } => Some(path::Step::Index(*index)),
            Step::Index { after, .. } => after.map(path::Step::Index),
        };
        self.steps.iter().map(step).collect::<Option<_>>().map(Path::from_steps)
    }

    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    pub(super) fn pop(&mut self) {
        self.steps.pop();
    }

    /// The same way with other texts in it.
    pub(super) fn with(&self, text: &impl Fn(&Arc<str>) -> Arc<str>) -> Self {
        let step = |step: &Step| match step {
            Step::Key(name) => Step::Key(text(name)),
            Step::Item { key, name, index } => Step::Item { key, name: text(name), index: *index },
            index @ Step::Index { .. } => index.clone(),
        };
        Self { steps: self.steps.iter().map(step).collect() }
    }
}

/// `spec.containers[ai-agent].args[2]`.
impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) => {
                    let dot = if position > 0 { "." } else { "" };
                    write!(f, "{dot}{}", Path::from_steps(vec![path::Step::Key(Arc::clone(key))]))?;
                }
                Step::Item { name, .. } => write!(f, "[{name}]")?,
                Step::Index { before, after } => write!(f, "[{}]", after.or(*before).unwrap_or_default())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_told_by_its_name() {
        let mut way = Way::default();
        way.push(Step::Key("a.b".into()));
        way.push(Step::Item { key: "name", name: "web".into(), index: 3 });
        way.push(Step::Key("args".into()));
        way.push(Step::Index { before: Some(1), after: None });
        assert_eq!(way.to_string(), "\"a.b\"[web].args[1]");
    }
}
