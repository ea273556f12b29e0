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
            let place = match *pointer {
                "/spec/rule" => waiver.places.rule,
                _ => waiver.places.expires,
            };
            let (kind, near) = match (state, *pointer) {
                ("expired", _) => (code::WAIVER_EXPIRES, None),
                (_, "/spec/rule") => {
                    let near = nearest(&waiver.rule, rules.keys().copied());
                    (code::UNUSED_WAIVER, near.map(|near| format!("did you mean `{near}`?")))
                }
                _ => (code::WAIVER, None),
            };
            diagnostics.record(
                Diagnostic::new(kind, format!("the waiver {}: {problem}", waiver.id)).at(place, "").maybe_help(near),
            );
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

impl Report {
    /// The severities of its rules.
    pub fn severities(&self) -> Severities<'_> {
        self.rules.iter().map(|rule| (rule.id.as_str(), rule.severity)).collect()
    }

    /// Records TC661 for each waiver that covers none of its findings, whatever waivers it was made with.
    pub fn idle_waivers(&self, waivers: &[Waiver], diagnostics: &mut Diagnostics) {
        let rules = self.severities();
        let of_here =
            |waiver: &&Waiver| waiver.environment == self.scope.environment && rules.contains_key(waiver.rule.as_str());
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
