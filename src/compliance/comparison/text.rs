//! A comparison for people: sums, then what is not as it was.

use super::{Class, Comparison};
use crate::compliance::words;
use crate::diagnostic::printable;

/// The comparison as text.
pub fn render(comparison: &Comparison) -> String {
    let mut out = format!("{} -> {}\n", side(&comparison.before), side(&comparison.after));
    for (what, names) in [
        ("tenants added", &comparison.tenants_added),
        ("tenants removed", &comparison.tenants_removed),
        ("rules added", &comparison.rules_added),
        ("rules removed", &comparison.rules_removed),
        ("rules changed", &comparison.rules_changed),
    ] {
        if !names.is_empty() {
            out.push_str(&format!("{what}: {}\n", names.join(", ")));
        }
    }
    for class in Class::ALL {
        let count = comparison.counts.get(&class).copied().unwrap_or_default();
        if count > 0 {
            out.push_str(&format!("\n{}: {count}\n", class.word()));
        }
        for change in comparison.changes.iter().filter(|change| change.class == class) {
            let was = change.severity_before.map(|severity| format!(" (was {})", severity.word()));
            let waiver = change.waiver.as_ref().map(|waiver| format!(" [{waiver}]"));
            out.push_str(&format!(
                "  {:<8} {} {} {}{}{}\n",
                change.severity.word(),
                change.rule,
                change.subject.reference,
                change.path,
                was.unwrap_or_default(),
                waiver.unwrap_or_default(),
            ));
        }
    }
    if !comparison.frameworks.is_empty() {
        out.push_str("\ncheck index of 100, raw / net:\n");
    }
    for of in &comparison.frameworks {
        let (before, after) = (words::index(of.before), words::index(of.after));
        out.push_str(&format!("  {}: {before} -> {after}\n", of.framework));
    }
    if !comparison.incomparable.is_empty() {
        out.push_str(&format!(
            "  not to be compared, they do not measure the same: {}\n",
            comparison.incomparable.join("; ")
        ));
    }
    out.lines().map(|line| format!("{}\n", printable::line(line).trim_end())).collect()
}

fn side(side: &super::Side) -> String {
    match &side.commit {
        Some(commit) => format!("{} (commit {commit})", side.as_of),
        None => side.as_of.clone(),
    }
}
