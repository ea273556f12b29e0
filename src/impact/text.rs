//! The form for people: by environment, then by risk, the worst first.

use super::{Affected, Effect, Impact};
use crate::diagnostic::{count, printable};
use crate::diff::layout::{self, Line, Sign};
use crate::diff::text::line;

/// The impact as text.
pub fn render(impact: &Impact, colour: bool) -> String {
    let mut out = line(Sign::Removed, 0, &printable::line(&impact.before), "", colour);
    out.push_str(&line(Sign::Added, 0, &printable::line(&impact.after), "", colour));
    for affected in &impact.environments {
        out.push('\n');
        out.push_str(&line(Sign::Title, 0, &title(affected), "", colour));
        for (sign, text) in gone(affected) {
            out.push_str(&line(sign, 1, &text, "", colour));
        }
        let mut last = None;
        for Effect { risk, section, outliers } in &affected.effects(true) {
            if last != Some(*risk) {
                out.push_str(&line(Sign::Title, 1, risk.title(), "", colour));
                last = Some(*risk);
            }
            let who = who(affected, section, *outliers);
            out.push_str(&line(Sign::Title, 2, &format!("{who}:"), "", colour));
            for Line { sign, depth, text, note } in layout::lines(&affected.report, section) {
                out.push_str(&line(sign, depth + 3, &text, &note, colour));
            }
        }
    }
    out
}

/// The environment, and how many of its targets change.
pub(super) fn title(affected: &Affected) -> String {
    format!("{}: {}", affected.environment, layout::summary(&affected.report))
}

/// Tenants that only one revision has.
pub(super) fn gone(affected: &Affected) -> Vec<(Sign, String)> {
    let report = &affected.report;
    let sides =
        [(Sign::Removed, "gone, all their objects", &report.only_before), (Sign::Added, "new", &report.only_after)];
    let sides = sides.into_iter().filter(|(_, _, names)| !names.is_empty());
    sides.map(|(sign, what, names)| (sign, format!("{what}: {}", layout::named(names)))).collect()
}

/// Who has an effect.
pub(super) fn who(affected: &Affected, section: &crate::diff::Section, outliers: bool) -> String {
    if !outliers {
        return layout::who(&affected.report, section);
    }
    let names = section.targets.iter().filter_map(|at| affected.report.targets.get(*at));
    format!("{}: {}", count(section.targets.len(), "outlier"), layout::named(&names.collect::<Vec<_>>()))
}
