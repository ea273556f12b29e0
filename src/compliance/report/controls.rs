//! Controls: what the rules together say of each, and what a person must show beside it.

use std::collections::BTreeMap;

use super::Choice;
use super::checks::Checks;
use crate::compliance::Status;
use crate::compliance::evidence::{Definition, Evidence};
use crate::compliance::framework::{self, Framework};
use crate::compliance::model::{Control, Tallied};

/// Worst first: what is told of a control where rules differ. A rule without a subject takes nothing from others, and
/// stands in the control's counts.
const WORST: [Status; 6] =
    [Status::Error, Status::Fail, Status::Waived, Status::Pass, Status::NotAssessed, Status::NotApplicable];

/// Every control of the frameworks, in their order.
pub(super) fn controls(evidence: &Evidence, checks: &Checks<'_>, frameworks: &[Choice]) -> Vec<Control> {
    let mut controls = Vec::new();
    for choice in frameworks {
        let (framework, _) = choice;
        let mut rules: BTreeMap<&str, Vec<&Definition>> = BTreeMap::new();
        for rule in &evidence.rules {
            for id in super::mapped(rule, framework) {
                rules.entry(id).or_default().push(rule);
            }
        }
        for control in &framework.controls {
            let rules = rules.remove(control.id.as_str()).unwrap_or_default();
            controls.push(told(choice, control, &rules, checks));
        }
    }
    controls
}

fn told(choice: &Choice, control: &framework::Control, rules: &[&Definition], checks: &Checks<'_>) -> Control {
    let (framework, selected) = choice;
    let group = framework.group(&control.id);
    let statuses: Vec<Status> =
        rules.iter().filter_map(|rule| Some(checks.get(&rule.id)?.status(Some(framework)))).collect();
    let mut result = Tallied::default();
    for status in &statuses {
        result.count(*status);
    }
    let (mut status, mut why) = match WORST.into_iter().find(|status| statuses.contains(status)) {
        Some(status @ Status::NotAssessed) => (status, Some("its rules have no subject here".to_owned())),
        Some(status @ Status::NotApplicable) => (status, Some("its rules apply to no subject here".to_owned())),
        Some(status) => (status, None),
        None if control.manual => (Status::Manual, Some(framework.why(control).to_owned())),
        None => (Status::NotAssessed, Some("no rule of this catalogue is evidence for it".to_owned())),
    };
    if let Some(name) = group.and_then(|group| group.declared.as_deref())
        && status != Status::Manual
    {
        match selected.declared.get(name) {
            Some(declared) if declared.applicable => {}
            Some(declared) => (status, why) = (Status::NotApplicable, Some(declared.reason.clone())),
            None => {
                (status, why) = (Status::NotAssessed, Some(format!("nobody declared whether it applies: `{name}`")));
            }
        }
    }
    Control {
        framework: framework.key(),
        id: control.id.clone(),
        label: framework.label(control).to_owned(),
        group: group.map(|group| group.title.clone()).unwrap_or_default(),
        status,
        why,
        note: control.note.clone(),
        rules: rules.iter().map(|rule| rule.id.clone()).collect(),
        result,
        manual: if status == Status::NotApplicable { Vec::new() } else { manual(framework, control, rules) },
    }
}

/// What a person must show: what the framework asks for, then what the rules leave open.
fn manual(framework: &Framework, control: &framework::Control, rules: &[&Definition]) -> Vec<String> {
    let mut manual: Vec<String> = match framework.show(control) {
        Some(show) if rules.is_empty() || control.show.is_some() => vec![show.to_owned()],
        _ => Vec::new(),
    };
    let mut open: Vec<String> =
        rules.iter().map(|rule| rule.assurance.still_to_show(rule.component.as_deref())).collect();
    open.sort();
    open.dedup();
    manual.extend(open);
    manual
}

impl Tallied {
    /// Counts one more.
    pub(super) fn count(&mut self, status: Status) {
        let field = match status {
            Status::Pass => &mut self.pass,
            Status::Fail => &mut self.fail,
            Status::Waived => &mut self.waived,
            Status::Error => &mut self.error,
            Status::NotApplicable => &mut self.not_applicable,
            Status::NotAssessed => &mut self.not_assessed,
            Status::Manual => &mut self.manual,
        };
        *field += 1;
    }
}
