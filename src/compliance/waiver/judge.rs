//! What rules, the day and the findings say against a waiver.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{SOON, Waiver};
use crate::compliance::Severity;
use crate::compliance::evidence::Definition;
use crate::compliance::model::Report;
use crate::diagnostic::{Diagnostic, Diagnostics, code, nearest};

/// Hours of a day.
const HOURS: i64 = 24;

/// Rules and how bad it is to break each.
pub type Severities<'a> = BTreeMap<&'a str, Severity>;

/// The severities of rules.
pub fn severities(rules: &[Definition]) -> Severities<'_> {
    rules.iter().map(|rule| (rule.id.as_str(), rule.severity)).collect()
}

/// Whether a waiver holds, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `active`, `expires-soon`, `expired` or `invalid`; that one is `stale`, only findings tell.
    pub state: &'static str,
    /// What is wrong, each with the JSON pointer of the part that is.
    pub problems: Vec<(String, &'static str)>,
}

impl Verdict {
    /// Whether the waiver suppresses anything.
    pub fn holds(&self) -> bool {
        matches!(self.state, "active" | "expires-soon")
    }
}

/// What the rules and the day say of a waiver.
pub fn judged(waiver: &Waiver, rules: &Severities<'_>, today: Date) -> Verdict {
    let mut problems = Vec::new();
    match rules.get(waiver.rule.as_str()) {
        None => problems.push((format!("there is no rule `{}`", waiver.rule), "/spec/rule")),
        Some(_) if waiver.rule == super::VALID => {
            problems.push((format!("`{}` is about waivers, and none is for it", waiver.rule), "/spec/rule"));
        }
        Some(severity) => {
            let (most, days) = (severity.longest_waiver(), days(waiver.created, waiver.expires));
            if days > most {
                let severity = severity.word();
                let problem = format!("a waiver of a {severity} rule must end within {most} days; this one has {days}");
                problems.push((problem, "/spec/expires"));
            }
        }
    }
    if waiver.compensating_controls.is_empty() {
        problems.push(("it names nothing that is done instead".to_owned(), "/spec/compensatingControls"));
    }
    if waiver.created > today {
        problems.push((format!("it is of {}, which is yet to come", waiver.created), "/spec/created"));
    }
    if !problems.is_empty() {
        return Verdict { state: "invalid", problems };
    }
    let left = days(today, waiver.expires);
    if left < 0 {
        let problem = (format!("it expired on {}", waiver.expires), "/spec/expires");
        return Verdict { state: "expired", problems: vec![problem] };
    }
    Verdict { state: if left <= SOON { "expires-soon" } else { "active" }, problems }
}

/// Records what rules and the day say: TC660 and TC661 are errors, TC662 a warning. Two waivers of one id are TC660.
pub fn hold_against(waivers: &[Waiver], rules: &Severities<'_>, today: Date, diagnostics: &mut Diagnostics) {
    for (nth, waiver) in waivers.iter().enumerate() {
        if let Some(other) = waivers.iter().take(nth).find(|other| other.id == waiver.id) {
            diagnostics.record(
                Diagnostic::new(code::WAIVER, format!("there are two waivers `{}`", waiver.id))
                    .at(waiver.places.id, "the second")
                    .also(other.places.id, "the first"),
            );
        }
        let Verdict { state, problems } = judged(waiver, rules, today);
        for (problem, pointer) in &problems {
            diagnostics.record(diagnostic(waiver, state, problem, pointer, rules));
        }
        if state == "expires-soon" {
            diagnostics.record(
                Diagnostic::new(
                    code::WAIVER_EXPIRES,
                    format!("the waiver {} expires on {}", waiver.id, waiver.expires),
                )
                .at(waiver.places.expires, "the last day on which it holds")
                .note(format!("its owner is {}", waiver.owner))
                .help("remove what it is for, or have a new one approved"),
            );
        }
    }
}

/// A problem, at its place.
fn diagnostic(waiver: &Waiver, state: &str, problem: &str, pointer: &str, rules: &Severities<'_>) -> Diagnostic {
    if state == "expired" {
        return Diagnostic::new(
            code::WAIVER_EXPIRES,
            format!("the waiver {} expired on {}", waiver.id, waiver.expires),
        )
        .at(waiver.places.expires, "the last day on which it held")
        .note(format!("its owner is {}", waiver.owner))
        .help("remove the waiver, or have a new one approved");
    }
    let message = format!("the waiver {}: {problem}", waiver.id);
    if pointer == "/spec/rule" {
        let near = nearest(&waiver.rule, rules.keys().copied());
        return Diagnostic::new(code::UNUSED_WAIVER, message)
            .at(waiver.places.rule, "")
            .maybe_help(near.map(|near| format!("did you mean `{near}`?")));
    }
    if pointer == "/spec/compensatingControls" {
        return Diagnostic::new(code::WAIVER, message)
            .at(waiver.places.id, "")
            .help("write what keeps the risk small meanwhile: `compensatingControls: [own node pool]`");
    }
    Diagnostic::new(code::WAIVER, message)
        .at(waiver.places.expires, "")
        .help("a waiver begins on the day of its approval, and gives time to correct what it is for")
}

impl Report {
    /// The severities of its rules.
    pub fn severities(&self) -> Severities<'_> {
        self.rules.iter().map(|rule| (rule.id.as_str(), rule.severity)).collect()
    }

    /// Records TC661 for each waiver that covers none of its findings, whatever waivers it was made with.
    pub fn idle_waivers(&self, waivers: &[Waiver], diagnostics: &mut Diagnostics) {
        let rules = self.severities();
        let of_here = |waiver: &&Waiver| {
            waiver.environment == self.scope.environment
                && waiver.rule != super::VALID
                && rules.contains_key(waiver.rule.as_str())
        };
        for waiver in waivers.iter().filter(of_here) {
            if !self.findings.iter().any(|finding| waiver.covers(&self.scope.environment, finding)) {
                diagnostics.record(
                    Diagnostic::new(code::UNUSED_WAIVER, format!("the waiver {} covers no finding", waiver.id))
                        .at(waiver.places.scope, "nothing that breaks the rule is here")
                        .help("remove the waiver, or correct its scope"),
                );
            }
        }
    }
}

/// Days from one to another.
fn days(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / HOURS
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::source::Sources;

    fn waiver(created: &str, expires: &str) -> Waiver {
        let text = format!(
            "apiVersion: tenantctl.dev/v1\nkind: Waiver\nmetadata: {{id: W}}\nspec:\n  rule: R\n  scope: {{env: prod, \
             tenant: acme, path: /spec/a}}\n  reason: twenty characters of reason\n  compensatingControls: [a]\n  owner: a\n  approvedBy: b\n  \
             created: \"{created}\"\n  expires: \"{expires}\"\n"
        );
        let sources = Sources::default();
        let file = sources.add("w.yaml", &text);
        let mut diagnostics = Diagnostics::new();
        let waivers = Waiver::read(&sources, file, &mut diagnostics);
        waivers.unwrap_or_else(|_| panic!("{:#?}", diagnostics.items())).remove(0)
    }

    fn state(severity: Severity, created: &str, expires: &str) -> &'static str {
        judged(&waiver(created, expires), &Severities::from([("R", severity)]), date(2026, 11, 20)).state
    }

    #[test]
    fn a_waiver_holds_through_its_last_day() {
        assert_eq!(state(Severity::High, "2026-11-01", "2026-11-20"), "expires-soon");
        assert_eq!(state(Severity::High, "2026-11-01", "2026-11-19"), "expired");
        assert_eq!(state(Severity::High, "2026-11-01", "2026-12-04"), "expires-soon");
        assert_eq!(state(Severity::High, "2026-11-01", "2026-12-05"), "active");
        assert_eq!(state(Severity::High, "2026-11-21", "2026-12-05"), "invalid");
    }

    #[test]
    fn the_worse_it_is_the_shorter_a_waiver_may_be() {
        for (severity, last, next) in [
            (Severity::Critical, "2026-12-01", "2026-12-02"),
            (Severity::High, "2027-01-30", "2027-01-31"),
            (Severity::Medium, "2027-04-30", "2027-05-01"),
            (Severity::Low, "2027-04-30", "2027-05-01"),
        ] {
            assert_ne!(state(severity, "2026-11-01", last), "invalid", "{severity:?}");
            assert_eq!(state(severity, "2026-11-01", next), "invalid", "{severity:?}");
        }
    }
}
