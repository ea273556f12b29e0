//! The shipped rules: that they are right, and that they are what the catalogue says.

use super::*;
use crate::diagnostic::{Diagnostics};
use crate::source::Sources;

/// As all of the program runs: the parser of expressions goes deep.
fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(crate::pipeline::STACK).spawn_scoped(scope, work);
        thread.unwrap().join().unwrap()
    })
}

#[test]
fn shipped_rules_compile_and_their_examples_come_out_as_they_say() {
    deep(|| {
        let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
        let catalogue = Catalogue::read_shipped(&sources, &mut diagnostics);
        let examples = try_examples(catalogue.rules(), &mut diagnostics);
        let said: Vec<String> = diagnostics.items().iter().map(|item| {
            let place = item.primary.as_ref().map(|label| sources.describe(label.place)).unwrap_or_default();
            format!("{place}: {} {:?}", item.message, item.notes)
        }).collect();
        assert!(said.is_empty(), "{}", said.join("\n"));
        assert!(examples > 2 * catalogue.rules().len());
    });
}
