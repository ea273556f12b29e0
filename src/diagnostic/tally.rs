//! How many findings there are and where: the numbers and names that several formats put into words.
//!
//! In go grouped findings and targets, out come counts and short English phrases.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Diagnostic, Severity};

/// Numbers of a whole run; equal findings of several targets count once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    /// Targets with at least one finding.
    pub(super) targets: usize,
}

impl Tally {
    pub(super) fn of(groups: &[(Diagnostic, Vec<Arc<str>>)]) -> Self {
        let errors = groups.iter().filter(|(item, _)| item.severity == Severity::Error).count();
        let targets: BTreeSet<&Arc<str>> = groups.iter().flat_map(|(_, targets)| targets).collect();
        Self { errors, warnings: groups.len() - errors, targets: targets.len() }
    }

    /// The worst severity, if there is any finding.
    pub(super) fn worst(self) -> Option<Severity> {
        match (self.errors, self.warnings) {
            (0, 0) => None,
            (0, _) => Some(Severity::Warning),
            _ => Some(Severity::Error),
        }
    }

    /// `3 errors and 1 warning in 5 targets`.
    pub(super) fn words(self) -> String {
        let mut words = findings(self.errors, self.warnings);
        if self.targets > 1 {
            words.push_str(" in ");
            words.push_str(&count(self.targets, "target"));
        }
        words
    }
}

/// `3 errors and 1 warning`, without what there is none of.
pub(super) fn findings(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (_, 0) => count(errors, "error"),
        (0, _) => count(warnings, "warning"),
        _ => format!("{} and {}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `in acme-corp@prod`, `in 412 targets`; `None` when no target is named.
pub(super) fn where_short(targets: &[Arc<str>]) -> Option<String> {
    match targets {
        [] => None,
        [one] => Some(format!("in {one}")),
        _ => Some(format!("in {} targets", targets.len())),
    }
}

/// `in 412 targets: acme-corp@prod, beta@prod and 410 others`; up to three are all named.
pub(super) fn where_named(targets: &[Arc<str>]) -> Option<String> {
    let short = where_short(targets)?;
    Some(match targets {
        [] | [_] => short,
        [first, second] => format!("{short}: {first} and {second}"),
        [first, second, third] => format!("{short}: {first}, {second} and {third}"),
        [first, second, others @ ..] => format!("{short}: {first}, {second} and {} others", others.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_up_to_three_then_counted() {
        let targets: Vec<Arc<str>> = ["a@p", "b@p", "c@p", "d@p"].into_iter().map(Arc::from).collect();
        let named = |number: usize| where_named(&targets[..number]).unwrap_or_default();
        assert_eq!(named(0), "");
        assert_eq!(named(1), "in a@p");
        assert_eq!(named(2), "in 2 targets: a@p and b@p");
        assert_eq!(named(3), "in 3 targets: a@p, b@p and c@p");
        assert_eq!(named(4), "in 4 targets: a@p, b@p and 2 others");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(Tally { errors: 1, warnings: 2, targets: 1 }.words(), "1 error and 2 warnings");
        assert_eq!(Tally { errors: 0, warnings: 1, targets: 3 }.words(), "1 warning in 3 targets");
    }
}
