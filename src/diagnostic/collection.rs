//! Where stages record what they find, and the only source of [`Failed`].

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::{Code, Diagnostic, Severity};

/// Severities the workspace chose for codes whose default is another one; `None` for what is not to be said at all.
pub type Levels = IndexMap<Code, Option<Severity>>;

/// Findings in the order they were made.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
    levels: Arc<Levels>,
    target: Option<Arc<str>>,
}

/// Proof that an error was recorded. Made only by [`Diagnostics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed(());

/// A point in a collection, to ask later whether errors came after it.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

impl Diagnostics {
    /// An empty collection with the default severities.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty collection with the severities a workspace chose.
    pub fn with_levels(levels: Arc<Levels>) -> Self {
        Self { levels, ..Self::default() }
    }

    /// An empty collection for what concerns one target; it marks what it records.
    #[must_use]
    pub fn for_target(&self, target: &str) -> Self {
        Self { items: Vec::new(), levels: Arc::clone(&self.levels), target: Some(target.into()) }
    }

    /// An empty collection with the same severities, for what is found once and said for several targets.
    #[must_use]
    pub fn untargeted(&self) -> Self {
        Self { items: Vec::new(), levels: Arc::clone(&self.levels), target: None }
    }

    /// Whether findings of a code are errors here.
    pub fn is_error(&self, code: Code) -> bool {
        self.levels.get(&code).copied().unwrap_or_else(|| Some(code.severity())) == Some(Severity::Error)
    }

    /// Records a finding at the severity the workspace wants for its code.
    pub fn record(&mut self, mut diagnostic: Diagnostic) {
        if let Some(severity) = self.levels.get(&diagnostic.code)
            && diagnostic.code.can_be_lowered()
        {
            match severity {
                Some(severity) => diagnostic.severity = *severity,
                None => return,
            }
        }
        self.push(diagnostic);
    }

    /// Records an error after which the stage cannot go on. It is never lowered.
    pub fn fail(&mut self, mut diagnostic: Diagnostic) -> Failed {
        diagnostic.severity = Severity::Error;
        self.push(diagnostic);
        Failed(())
    }

    fn push(&mut self, mut diagnostic: Diagnostic) {
        if diagnostic.target.is_none() {
            diagnostic.target.clone_from(&self.target);
        }
        self.items.push(diagnostic);
    }

    /// This point, for [`Diagnostics::since`].
    pub fn mark(&self) -> Mark {
        Mark(self.items.len())
    }

    /// Fails if an error was recorded after `mark`.
    pub fn since(&self, mark: Mark) -> Result<(), Failed> {
        let errors = self.items.iter().skip(mark.0).any(|item| item.severity == Severity::Error);
        if errors { Err(Failed(())) } else { Ok(()) }
    }

    /// Takes in what another collection holds, as it is.
    pub fn extend(&mut self, other: Self) {
        self.items.extend(other.items);
    }

    /// Takes in findings made earlier for several targets, as this collection's own.
    pub fn replay(&mut self, items: &[Diagnostic]) {
        for item in items {
            self.push(item.clone());
        }
    }

    /// Fails if any error was recorded.
    pub fn all_clear(&self) -> Result<(), Failed> {
        self.since(Mark(0))
    }

    /// The findings, in order.
    pub fn items(&self) -> &[Diagnostic] {
        &self.items
    }

    /// Number of errors.
    pub fn errors(&self) -> usize {
        self.items.iter().filter(|item| item.severity == Severity::Error).count()
    }

    /// The exit code these findings call for: 0 without errors, 2 when the machine and not the input is at
    /// fault, 4 for a missing key, else 1.
    pub fn exit_code(&self) -> u8 {
        self.items
            .iter()
            .filter(|item| item.severity == Severity::Error)
            .map(|item| item.code.exit_code())
            .max_by_key(|code| match code {
                2 => 3,
                4 => 2,
                other => *other,
            })
            .unwrap_or(0)
    }

    /// Equal findings of several targets as one, in order of first appearance, with those targets.
    pub fn grouped(&self) -> Vec<(Diagnostic, Vec<Arc<str>>)> {
        let mut groups: IndexMap<Diagnostic, IndexSet<Arc<str>>> = IndexMap::new();
        for item in &self.items {
            let mut key = item.clone();
            let target = key.target.take();
            let targets = groups.entry(key).or_default();
            targets.extend(target);
        }
        groups.into_iter().map(|(item, targets)| (item, targets.into_iter().collect())).collect()
    }
}
