//! Targets one by one, in parallel, where what they claim of each other does not matter.

use rayon::prelude::*;

use super::watch::Watch;
use super::{Compiler, pool};
use crate::diagnostic::{Diagnostics, Failed};
use crate::target::Target;
use crate::template::Templates;

/// Targets that are worked on before what came of them is put down.
const BATCH: usize = 64;

impl Compiler<'_> {
    /// What `one` makes of each target of an environment, in target order; the environment's own counts where there are
    /// templates for it. An error of any of them leaves nothing.
    pub(crate) fn each<T: Send>(
        &self,
        templates: &Templates,
        environment: &str,
        targets: &[Target],
        watch: Option<&dyn Watch>,
        diagnostics: &mut Diagnostics,
        one: impl Fn(&Target, &mut Diagnostics) -> Result<T, Failed> + Sync,
    ) -> Result<Vec<T>, Failed> {
        let mark = diagnostics.mark();
        let own = templates.has_own();
        let targets: Vec<&Target> = targets.iter().filter(|target| own || target.tenant().is_some()).collect();
        let pool = (targets.len() > 1).then(|| pool(false)).flatten();
        let mut found = Vec::with_capacity(targets.len());
        for batch in targets.chunks(BATCH) {
            let one = |target: &&Target| {
                let mut said = diagnostics.for_target(&target.to_string());
                let found = one(target, &mut said);
                self.workspace.release(target);
                (found, said)
            };
            let answers: Vec<_> = match &pool {
                Some(pool) => pool.install(|| batch.par_iter().map(one).collect()),
                None => batch.iter().map(one).collect(),
            };
            for (answer, said) in answers {
                diagnostics.extend(said);
                found.extend(answer);
            }
            if let Some(watch) = watch {
                watch.reached(environment, found.len(), targets.len());
            }
        }
        diagnostics.since(mark)?;
        Ok(found)
    }
}
