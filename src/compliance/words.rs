//! Sums in words, the same in every form.

use super::model::{Counts, Index, Tallied};

/// `62 / 70`, and `-` where nothing was checked.
pub(super) fn index(index: Option<Index>) -> String {
    let part = |part: Option<u64>| part.map_or_else(|| "-".to_owned(), |part| part.to_string());
    match index {
        Some(Index { raw: None, net: None, .. }) | None => "-".to_owned(),
        Some(Index { raw, net, .. }) => format!("{} / {}", part(raw), part(net)),
    }
}

/// What came of the subjects of a rule.
pub(super) fn counts(counts: Counts) -> String {
    let parts = [(counts.fail, "failing"), (counts.waived, "waived"), (counts.error, "in error")];
    let rest = named(&parts);
    let applies = match counts.not_applicable {
        0 => String::new(),
        count => format!("; it does not apply to {count} more"),
    };
    format!("{} of {} subjects pass{rest}{applies}.", counts.pass, counts.evaluated)
}

/// What came of the rules of a control.
pub(super) fn rules_of(told: &Tallied) -> String {
    let all = told.pass + told.fail + told.waived + told.error + told.not_applicable + told.not_assessed;
    let parts = [
        (told.fail, "failing"),
        (told.waived, "waived"),
        (told.error, "in error"),
        (told.not_assessed, "not assessed"),
        (told.not_applicable, "not applicable"),
    ];
    format!("{} of {all} rules pass{}", told.pass, named(&parts))
}

/// Counts that are not zero, in brackets.
pub(super) fn named(parts: &[(u64, &str)]) -> String {
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}
