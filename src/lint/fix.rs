//! Takes values that change nothing out of their files, once it is known that nothing changes.
//!
//! In goes an [`Answer`], out comes a [`Fix`]: new texts of files, and what is gone. Before that, every target is
//! compiled from the old texts and from the new ones, and each value, in its order, must be the same. Nothing is written
//! here.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::cut::{Cut, cut};
use super::{Answer, Removes, survey};
use crate::diagnostic::Diagnostics;
use crate::path::Path;
use crate::pipeline::{self, Compiler};
use crate::source::Sources;
use crate::target::Target;
use crate::tree::{Node, Value};
use crate::workspace::{Top, Workspace};
use crate::world::{Overlay, World};

/// New texts of files, and what is gone from them.
#[derive(Debug)]
pub struct Fix {
    /// By name: the text as it was read, and the new one.
    pub files: BTreeMap<Arc<str>, (Arc<str>, String)>,
    /// What is gone, by file and place.
    pub removed: Vec<Removed>,
    /// Files with something to remove that may not be written.
    pub left: Vec<Arc<str>>,
}

/// A key that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// `file:line:column` in the text as it was.
    pub place: String,
    /// The path.
    pub path: Path,
}

/// Why nothing may be written: the new texts would not give what the old ones give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What would be another: a target, or the workspace.
    pub what: String,
    /// What is wrong there, if it is not only another value.
    pub why: Option<String>,
}

impl Answer<'_> {
    /// Takes out what can be taken out of the files that may be written.
    pub fn fix(&self, may_write: &dyn Fn(&str) -> bool) -> Result<Fix, Refused> {
        let mut wanted: BTreeMap<&Arc<str>, Vec<Path>> = BTreeMap::new();
        for Removes { file, path } in self.findings.iter().filter_map(|finding| finding.removes.as_ref()) {
            wanted.entry(file).or_default().push(path.clone());
        }
        let sources = self.question.workspace.sources();
        let mut fix = Fix { files: BTreeMap::new(), removed: Vec::new(), left: Vec::new() };
        let mut gone: Vec<Removes> = Vec::new();
        for (file, paths) in wanted {
            let Some(seen) = self.survey.file(file) else { continue };
            if !may_write(file) {
                fix.left.push(Arc::clone(file));
                continue;
            }
            let source = sources.get(seen.document.file);
            let Some(Cut { text, gone: paths }) = cut(&seen.document, source.text(), &paths) else { continue };
            gone.extend(paths.into_iter().map(|path| Removes { file: Arc::clone(file), path }));
            fix.files.insert(Arc::clone(file), (Arc::clone(source.text()), text));
        }
        if fix.files.is_empty() {
            return Ok(fix);
        }
        self.try_out(&fix)?;
        for finding in &self.findings {
            if let (Some(removes), Some(label)) = (&finding.removes, &finding.diagnostic.primary)
                && gone.contains(removes)
            {
                fix.removed.push(Removed { place: sources.describe(label.place), path: removes.path.clone() });
            }
        }
        Ok(fix)
    }

    /// Compiles every target from the old texts and from the new ones.
    fn try_out(&self, fix: &Fix) -> Result<(), Refused> {
        let old = self.question.workspace;
        let world =
            Overlay::new(old.world(), fix.files.iter().map(|(name, (_, text))| (name.as_ref(), text.as_bytes())));
        let world: &dyn World = &world;
        let sources = Sources::default();
        let mut found = Diagnostics::with_levels(old.levels());
        let refused = |what: String, found: &Diagnostics| Refused {
            what,
            why: found.items().first().map(|diagnostic| diagnostic.message.clone()),
        };
        let new = Workspace::find(world, &sources, &mut found);
        let new = new.map_err(|_| refused("the workspace".to_owned(), &found))?;
        let before = Compiler::new(old, Top::default());
        let after = Compiler::new(&new, Top::default());
        let quiet = Diagnostics::with_levels(survey::levels(old));
        let check = |target: &Target| {
            let mut found = quiet.untargeted();
            let valid = !target.overrides().is_empty()
                // An environment without templates of its own need not be valid on its own.
                || before.validated(target, &mut quiet.untargeted()).is_err()
                || after.validated(target, &mut found).is_ok();
            let root = |compiler: &Compiler<'_>| {
                let resolved = compiler.resolved(target, &mut quiet.untargeted()).ok().flatten()?;
                Some(resolved.root().clone())
            };
            let same = valid && root(&before).zip(root(&after)).is_some_and(|(old, new)| identical(&old, &new));
            if same { Ok(()) } else { Err(refused(target.to_string(), &found)) }
        };
        let targets = &self.survey.targets;
        let found: Vec<Result<(), Refused>> = match pipeline::pool(false) {
            Some(pool) => pool.install(|| targets.par_iter().map(check).collect()),
            None => targets.iter().map(check).collect(),
        };
        found.into_iter().collect()
    }
}

/// Whether two trees are one, their keys in the same order.
fn identical(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Map(a), Value::Map(b)) => {
            let mut pairs = a.iter().zip(b.iter());
            a.len() == b.len() && pairs.all(|((a, x), (b, y))| a == b && identical(&x.node, &y.node))
        }
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| identical(a, b)),
        (a, b) => a == b && a.kind() == b.kind(),
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = &self.what;
        write!(f, "nothing was removed: {what} would be another, though no value was to change")?;
        self.why.iter().try_for_each(|why| write!(f, " ({why})"))
    }
}
