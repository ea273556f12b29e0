//! The form for editors and for `grep`: one finding, one line.
//!
//! In go findings and sources, out comes `file:line:column: error[TC301]: message (in 412 targets)` for each, in the
//! order they were recorded. A finding without a place begins with its severity. Notes and help are left out.

use std::sync::Arc;

use super::{Diagnostic, Diagnostics, printable, tally};
use crate::source::Sources;

/// One line for each finding.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    diagnostics.grouped().iter().map(|(item, targets)| one(item, targets, sources)).collect()
}

fn one(item: &Diagnostic, targets: &[Arc<str>], sources: &Sources) -> String {
    let place = item.primary.as_ref().map(|label| sources.describe(label.place) + ": ").unwrap_or_default();
    let (severity, code, message) = (item.severity.word(), item.code, &item.message);
    let found = tally::where_short(targets).map(|found| format!(" ({found})")).unwrap_or_default();
    printable::line(&format!("{place}{severity}[{code}]: {message}{found}")).into_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;
    use crate::source::Place;

    #[test]
    fn a_finding_is_a_line() {
        let sources = Sources::default();
        let file = sources.add("environments/base.yml", "a: 1\r\né: three\r\n");
        let mut diagnostics = Diagnostics::new();
        let wrong = Diagnostic::new(code::TYPE, "é must be an integer,\nbut it is a string")
            .at(Place::new(file, 10, 15), "a string")
            .help("write a number");
        for target in ["acme-corp@prod", "beta@prod"] {
            let mut own = diagnostics.for_target(target);
            own.record(wrong.clone());
            diagnostics.extend(own);
        }
        diagnostics.record(Diagnostic::new(code::EDITED, "a \u{1b}[2Jfile was edited"));
        let mut own = diagnostics.for_target("acme-corp@prod");
        own.record(Diagnostic::new(code::REQUIRED, "name is missing").at(Place::top(file), ""));
        diagnostics.extend(own);
        assert_eq!(
            render(&diagnostics, &sources),
            "environments/base.yml:2:4: error[TC301]: é must be an integer,␊but it is a string (in 2 targets)\n\
             warning[TC702]: a ␛[2Jfile was edited\n\
             environments/base.yml:1:1: error[TC303]: name is missing (in acme-corp@prod)\n"
        );
    }
}
