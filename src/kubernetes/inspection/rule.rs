//! Rules of custom resources, as the API server evaluates them for a new object.

use super::{Inspection, words};
use crate::cel::{Failure, Scope};
use crate::diagnostic::code;
use crate::kubernetes::problem::Problem;
use crate::kubernetes::structural::{Rule, Structural};
use crate::source::Place;
use crate::tree::Node;

/// Longest message of a rule's own that is shown, in characters.
const LONGEST: usize = 500;

impl<'n> Inspection<'n> {
    /// Evaluates the rules about a value whose schema it meets otherwise.
    pub(super) fn rules(&mut self, schema: &Structural, node: &'n Node, head: Place) {
        if schema.rules.is_empty() {
            return;
        }
        let mut scope = Scope::new();
        scope.bind_shaped("self", node, schema);
        scope.bind_none("oldSelf");
        for rule in &schema.rules {
            match rule.expression.holds(&scope) {
                Ok(true) => {}
                Ok(false) => {
                    let problem = self.unmet(rule, &scope, node, head);
                    self.note(problem);
                }
                Err(Failure(why)) => {
                    let message = format!("meets a rule that comes to no result: {why}");
                    let mut problem = self.problem(code::FIELD_RULE, words::place(node, head), message, "this value");
                    problem.notes.push(format!("the rule is `{}`", rule.text));
                    problem.help.push("the API server refuses an object whose rules it cannot evaluate".to_owned());
                    self.note(problem);
                }
            }
        }
    }

    fn unmet(&self, rule: &Rule, scope: &Scope<'_>, node: &'n Node, head: Place) -> Problem {
        // Where making the message fails, the API server falls back as well.
        let made = rule.made.as_ref().and_then(|made| made.text(scope).ok()).filter(|text| !text.trim().is_empty());
        let said = made.or_else(|| rule.message.as_deref().map(str::to_owned));
        let said = said.unwrap_or_else(|| format!("`{}` must hold", rule.text));
        let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect();
        let mut problem = self.problem(
            code::FIELD_RULE,
            words::place(node, head),
            format!("does not meet a rule of its definition: {said}"),
            "this value",
        );
        for step in rule.field.steps() {
            problem.path.push(step.clone());
        }
        if let Some(below) = node.get(&rule.field) {
            problem.place = below.place;
        }
        problem.notes.push(format!("the rule is `{}`", rule.text));
        problem
    }
}
