//! Explanations as text for people.

use super::{Explanation, Filled, Setter};
use crate::diagnostic::count;

/// Uses that are shown; more are counted.
const MOST_USES: usize = 20;

/// A value of a configuration.
pub fn value(target: &str, explanation: &Explanation) -> String {
    let path = if explanation.path.is_empty() { "the configuration" } else { &explanation.path };
    let mut out = format!("{path} of {target} is {}\n", explanation.value.as_str());
    body(explanation, "", &mut out);
    let Some(used_by) = &explanation.used_by else {
        out.push_str("\nthe configuration is not valid yet, so no template was rendered with it; `tenantctl validate` says what is wrong\n");
        return out;
    };
    if used_by.is_empty() {
        out.push_str("\nno template reads it for this target\n");
        return out;
    }
    out.push_str("\nused by\n");
    let rows: Vec<_> = used_by.iter().take(MOST_USES).collect();
    let width = rows.iter().map(|row| row.place.chars().count()).max().unwrap_or(0);
    for row in &rows {
        out.push_str(&format!("  {:width$}  {}  {}\n", row.place, row.object, row.field));
    }
    if used_by.len() > rows.len() {
        let more = used_by.len() - rows.len();
        out.push_str(&format!("  and {more} more; --format json has all {}\n", used_by.len()));
    }
    out
}

/// A field of an object.
pub fn field(target: &str, filled: &Filled) -> String {
    let Filled { object, field, value, template, literal, from, facts } = filled;
    let mut out =
        format!("{field} of {object} in {target} is {}\n\nwritten by the template at {template}\n", value.as_str());
    if *literal {
        out.push_str("  it is literal there: no value of the configuration is read for it\n");
    }
    for (index, explanation) in from.iter().enumerate() {
        let how = if index == 0 { "filled from" } else { "also read" };
        out.push_str(&format!("\n{how} {}, which is {}\n", explanation.path, explanation.value.as_str()));
        body(explanation, "  ", &mut out);
    }
    for fact in facts {
        out.push_str(&format!("\nfilled from {fact}, which the command line and the names of files decide\n"));
    }
    out
}

fn body(explanation: &Explanation, indent: &str, out: &mut String) {
    let blank = if indent.is_empty() { "\n" } else { "" };
    out.push_str(&format!("{blank}{indent}set by\n"));
    setters(&explanation.set_by, indent, out);
    out.push_str(&format!("{blank}{indent}decided  {}\n", explanation.rule));
    for lock in &explanation.locks {
        let except =
            if lock.except.is_empty() { String::new() } else { format!(", except {}", lock.except.join(", ")) };
        out.push_str(&format!(
            "{indent}locked   {} for layers above {}{except}: {} ({})\n",
            lock.mode, lock.owner, lock.reason, lock.place
        ));
    }
    if let Some(schema) = &explanation.schema {
        let types = schema.types.join(" or ");
        let allowed = schema.allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let allowed = if allowed.is_empty() { allowed } else { format!("one of {allowed}") };
        let default = schema.default.as_ref().map(|default| format!("default {default}")).unwrap_or_default();
        let facts: Vec<&str> =
            [types.as_str(), &allowed, &default].into_iter().filter(|fact| !fact.is_empty()).collect();
        let said = schema.description.as_deref().unwrap_or("no description");
        out.push_str(&format!(
            "{indent}schema   {said} ({})\n",
            [facts.as_slice(), &[schema.file.as_ref()]].concat().join("; ")
        ));
    }
    if let Some(expression) = &explanation.expression {
        let at = expression.at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
        out.push_str(&format!("{indent}computed {}{at}", expression.text.as_str()));
        out.push_str(&format!(", from {}\n", count(expression.reads.len(), "value")));
        for read in &expression.reads {
            out.push_str(&format!("{indent}  {} is {}\n", read.path, read.value.as_str()));
            body(read, &format!("{indent}    "), out);
        }
    }
}

fn setters(set_by: &[Setter], indent: &str, out: &mut String) {
    let width = |cell: fn(&Setter) -> &str| set_by.iter().map(|set| cell(set).chars().count()).max().unwrap_or(0);
    let (layer, place) = (width(|set| &set.layer), width(|set| &set.place));
    for (index, set) in set_by.iter().enumerate() {
        let beaten = if index == 0 { "" } else { "  (beaten)" };
        let tag = set.tag.map(|tag| format!("{tag} ")).unwrap_or_default();
        out.push_str(&format!(
            "{indent}  {:layer$}  {:place$}  {tag}{}{beaten}\n",
            set.layer,
            set.place,
            set.value.as_str()
        ));
    }
}
