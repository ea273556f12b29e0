//! Somebody who wants to know how far a run has come.

use std::fmt;

/// Is told how far a run has come, in the thread that consumes what is compiled. A run waits for the answer, and nothing
/// of it depends on it.
pub trait Watch: fmt::Debug + Sync {
    /// So many of all targets of a run were consumed, whatever came of them. The last call of a run has `done == all`.
    fn reached(&self, environment: &str, done: usize, all: usize);
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::pipeline::{Compiler, Wanted};
    use crate::source::Sources;
    use crate::workspace::{Selection, Top, Workspace};
    use crate::world::Memory;

    #[derive(Debug, Default)]
    struct Seen(Mutex<Vec<(usize, usize)>>);

    impl Watch for Seen {
        fn reached(&self, environment: &str, done: usize, all: usize) {
            assert_eq!(environment, "dev");
            self.0.lock().unwrap().push((done, all));
        }
    }

    #[test]
    fn every_target_is_told_of_also_one_that_is_wrong() {
        let world = Memory::new()
            .file(
                "tenantctl.yaml",
                "apiVersion: tenantctl.dev/v1\nkind: Workspace\nenvironments: {dev: {}}\n\
                 layers: [{name: tenant, file: '{environment}/{tenant}.yml'}]\n",
            )
            .file("dev/acme.yml", "a: 1\n")
            .file("dev/bolt.yml", "a: no\n")
            .file("dev/crow.yml", "a: 1\n")
            .file("templates/tenant/a.yaml.j2", "");
        let (sources, mut diagnostics, seen) = (Sources::default(), Diagnostics::new(), Seen::default());
        let workspace = Workspace::find(&world, &sources, &mut diagnostics).unwrap();
        let selection = Selection { environment: "dev".into(), ..Selection::default() };
        let targets = workspace.targets(&selection, &mut diagnostics).unwrap();
        let templates = workspace.templates(&mut diagnostics).unwrap();
        let compiler = Compiler::new(&workspace, Top::default()).watched(Some(&seen));
        let mut presented = 0;
        let outcome = compiler.run(&templates, &Wanted::default(), &targets, |_| presented += 1, &mut diagnostics);
        assert!(outcome.is_err() && presented == 2, "{:#?}", diagnostics.items());
        assert_eq!(*seen.0.lock().unwrap(), [(1, 3), (2, 3), (3, 3)]);
    }
}
