//! The lines in which differences are shown, before colour or markup: what each begins with, and how deep it stands.

use super::change::{Change, Object, Subject, What};
use super::content::Content;
use super::report::{Cause, Group, Origin, Report, Section};
use super::value::{SHORT, block, clipped, inline, shared, texts};
use crate::diagnostic::{count, printable};
use crate::output::ARTIFACTS;
use crate::tree::Value;

/// Names of targets that are shown; more are counted.
const NAMED: usize = 3;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Only on the older side.
    Removed,
    /// Only on the newer side.
    Added,
    /// On both, with another value.
    Changed,
    /// The same on both, or no part of either.
    Same,
    /// A heading.
    Title,
}

/// A line, safe to print.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) sign: Sign,
    /// Steps to the right.
    pub(crate) depth: usize,
    pub(crate) text: String,
    /// Where it comes from; may be empty.
    pub(crate) note: String,
}

/// Who has the changes of a section.
pub(crate) fn who(report: &Report, section: &Section) -> String {
    let names: Vec<&str> = section.targets.iter().filter_map(|at| report.targets.get(*at)).map(AsRef::as_ref).collect();
    let (own, tenants): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| **name == crate::target::ENVIRONMENT);
    let all = report.targets.iter().filter(|name| name.as_ref() != crate::target::ENVIRONMENT).count();
    let tenants = match tenants.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        several if several.len() == all && all == 2 => "both tenants".to_owned(),
        several if several.len() == all => format!("all {all} tenants"),
        several if all - several.len() <= NAMED.min(several.len() / 2) => {
            let others: Vec<&str> = (0..report.targets.len())
                .filter(|at| section.targets.binary_search(at).is_err())
                .filter_map(|at| report.targets.get(at).map(AsRef::as_ref))
                .filter(|name| *name != crate::target::ENVIRONMENT)
                .collect();
            format!("{} of {all} tenants, not {}", several.len(), named(&others))
        }
        several => format!("{} of {all} tenants: {}", several.len(), named(several)),
    };
    match (own.is_empty(), tenants.is_empty()) {
        (false, true) => "the environment itself".to_owned(),
        (false, false) => format!("the environment itself and {tenants}"),
        (true, _) => tenants,
    }
}

/// The first few names, and how many more there are.
pub(crate) fn named<T: AsRef<str>>(names: &[T]) -> String {
    let shown = if names.len() == NAMED + 1 { NAMED + 1 } else { NAMED };
    let mut text = names.iter().take(shown).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if names.len() > shown {
        text.push_str(&format!(" and {} more", names.len() - shown));
    }
    text
}

/// How much differs, as a sentence.
pub(crate) fn summary(report: &Report) -> String {
    let compared = report.targets.iter().filter(|name| name.as_ref() != crate::target::ENVIRONMENT).count();
    if report.is_empty() {
        return format!("no difference in {}", count(compared, "tenant"));
    }
    let (changes, differing) = (report.changes(), report.differing());
    let mut parts = Vec::new();
    if !report.targets.is_empty() {
        let changes = count(changes, "change");
        parts.push(format!("{changes} in {differing} of {}", count(report.targets.len(), "target")));
    }
    for (names, side) in [(&report.only_before, &report.before), (&report.only_after, &report.after)] {
        if !names.is_empty() {
            parts.push(format!("{} only in {side}", count(names.len(), "tenant")));
        }
    }
    printable::line(&parts.join("; ")).into_owned()
}

/// The lines of a section.
pub(crate) fn lines(report: &Report, section: &Section) -> Vec<Line> {
    let own = |at: &usize| report.targets.get(*at).is_some_and(|name| name.as_ref() == crate::target::ENVIRONMENT);
    let own = section.targets.iter().all(own);
    let mut out = Vec::new();
    let mut last: Option<&Subject> = None;
    for group in &section.groups {
        let subject = &group.change.subject;
        if group.is_whole() {
            whole(group, own, &mut out);
            last = None;
            continue;
        }
        if last != Some(subject) {
            let (text, note) = match subject {
                Subject::Configuration => ("configuration".to_owned(), String::new()),
                Subject::Object(object) => (name(object, own), format!("({})", object.template)),
                Subject::Artifact(path) => (format!("{ARTIFACTS}/{path}"), String::new()),
            };
            out.push(Line { sign: Sign::Title, depth: 0, text: safe(&text), note: safe(&note) });
            last = Some(subject);
        }
        field(group, &mut out);
    }
    out
}

/// As people name objects: `Deployment/ai-agent`. A tenant's are in its namespace; those of the environment itself have
/// theirs before them.
pub(crate) fn name(object: &Object, own: bool) -> String {
    let namespace = object.namespace.as_ref().filter(|_| own).map(|name| format!("{name} ")).unwrap_or_default();
    format!("{namespace}{}/{}", object.kind, object.name)
}

/// An object that only one side has.
fn whole(group: &Group, own: bool, out: &mut Vec<Line>) {
    let sign = sign(&group.change.field.what);
    let cause = group.cause.as_ref().map(|cause| format!("  {}", because(cause))).unwrap_or_default();
    let (text, note) = match &group.change.subject {
        Subject::Configuration => return,
        Subject::Object(object) => (name(object, own), format!("({}){cause}", object.template)),
        Subject::Artifact(path) => (format!("{ARTIFACTS}/{path}"), String::new()),
    };
    out.push(Line { sign, depth: 0, text: safe(&text), note: safe(&note) });
}

fn sign(what: &What) -> Sign {
    match what {
        What::Added(_) => Sign::Added,
        What::Removed(_) => Sign::Removed,
        What::Changed(..) | What::Reordered(..) | What::ApiVersion(..) => Sign::Changed,
    }
}

fn field(group: &Group, out: &mut Vec<Line>) {
    let Change { subject, field } = &group.change;
    let way = field.way.to_string();
    let mut note = match subject {
        Subject::Configuration => origins(group),
        Subject::Object(_) | Subject::Artifact(_) => group.cause.as_ref().map(because).unwrap_or_default(),
    };
    if group.variants > 1 {
        let space = if note.is_empty() { "" } else { " " };
        note = format!("{} different changes, this is the first{space}{note}", group.variants);
    }
    let mut push = |sign, depth, text: &str, note: &str| {
        out.push(Line { sign, depth, text: safe(text), note: safe(note) });
    };
    match &field.what {
        What::Added(content) | What::Removed(content) => {
            let sign = sign(&field.what);
            if let Some(value) = inline(content, 0) {
                push(sign, 1, &format!("{way}: {value}"), &note);
            } else {
                push(sign, 1, &format!("{way}:"), &note);
                clipped(&block(content), sign, &mut push);
            }
        }
        What::Reordered(before, after) => {
            push(Sign::Changed, 1, &format!("{way}: the order of what is in both"), &note);
            push(Sign::Removed, 2, &before.join(", "), "");
            push(Sign::Added, 2, &after.join(", "), "");
        }
        What::ApiVersion(before, after) => {
            let (before, after) = (inline(before, 0).unwrap_or_default(), inline(after, 0).unwrap_or_default());
            push(Sign::Changed, 1, &format!("{way}: {before} -> {after}, and nothing else"), &note);
        }
        What::Changed(Content::Masked, Content::Masked) => {
            push(Sign::Changed, 1, &format!("{way}: secrets that differ"), &note);
        }
        What::Changed(before, after) => {
            if let (Some(Value::String(old)), Some(Value::String(new))) = (before.value(), after.value())
                && (old.contains('\n') || new.contains('\n') || field.way.is_root())
            {
                // A text that is all of a file is not below any key.
                if !field.way.is_root() || !note.is_empty() {
                    push(Sign::Changed, 1, &format!("{way}:"), &note);
                }
                return texts(old, new, &mut push);
            }
            let same = shared(before, after);
            match (inline(before, same), inline(after, same)) {
                (Some(old), Some(new)) if old.chars().count() + new.chars().count() <= 2 * SHORT => {
                    push(Sign::Changed, 1, &format!("{way}: {old} -> {new}"), &note);
                }
                (old, new) => {
                    push(Sign::Changed, 1, &format!("{way}:"), &note);
                    for (sign, text, content) in [(Sign::Removed, old, before), (Sign::Added, new, after)] {
                        match text {
                            Some(text) => push(sign, 2, &text, ""),
                            None => clipped(&block(content), sign, &mut push),
                        }
                    }
                }
            }
        }
    }
}

/// What made the change.
fn because(cause: &Cause) -> String {
    let path = cause.path.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
    format!("<- {}:{}{path}", cause.origin.file, cause.origin.line)
}

/// Where both values stand.
fn origins(group: &Group) -> String {
    let shown = |origin: &Origin| format!("{}:{}", origin.file, origin.line);
    let text = match (&group.before, &group.after) {
        (Some(before), Some(after)) if before == after => shown(after),
        (Some(before), Some(after)) => format!("{} -> {}", shown(before), shown(after)),
        (Some(one), None) | (None, Some(one)) => shown(one),
        (None, None) => return String::new(),
    };
    let others = if group.one_place { "" } else { " and elsewhere" };
    format!("[{text}{others}]")
}

fn safe(text: &str) -> String {
    printable::line(text).into_owned()
}
