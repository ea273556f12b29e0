//! TC253 and TC350: overrides, and exceptions of locks, whose last day is near or over.

use std::cmp::Ordering;

use jiff::civil::Date;

use super::{Finding, Scene};
use crate::diagnostic::{Diagnostic, code};

/// Hours of a day.
const HOURS: i64 = 24;

pub(super) fn find(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = overrides(scene).map(Finding::from).collect();
    if scene.is_whole() {
        findings.extend(exceptions(scene).map(Finding::from));
    }
    findings
}

fn overrides(scene: &Scene<'_>) -> impl Iterator<Item = Diagnostic> {
    scene.files().filter_map(move |seen| {
        let about = seen.document.about.as_ref()?;
        let over = seen.roles().into_keys().find_map(|role| role.over)?;
        let (date, place) = about.expires?;
        let when = when(scene, date).filter(|_| !scene.allows(code::OVERRIDE_EXPIRES, &seen.document.name, None))?;
        let owner = about.owner.as_deref();
        let owner = owner.map_or("nobody is named as its owner".to_owned(), |owner| format!("its owner is {owner}"));
        let mut diagnostic = Diagnostic::new(code::OVERRIDE_EXPIRES, format!("the override {over} {when}; {owner}"))
            .at(place, "the last day on which it may be used");
        if let Some(ticket) = &about.ticket {
            diagnostic = diagnostic.note(format!("it was made for {ticket}"));
        }
        Some(diagnostic.help("remove the override, or have its owner set a later date"))
    })
}

fn exceptions(scene: &Scene<'_>) -> impl Iterator<Item = Diagnostic> {
    let workspace = scene.question.workspace;
    workspace
        .rules()
        .locks
        .iter()
        .flat_map(|lock| lock.except.iter().map(move |exception| (lock, exception)))
        .filter_map(move |(lock, exception)| {
            let (date, place) = exception.expires?;
            let file = workspace.sources().get(place.file);
            let when = when(scene, date).filter(|_| !scene.allows(code::EXCEPTION_EXPIRES, file.name(), None))?;
            let message = format!("the exception of the lock on {} for {} {when}", lock.pattern, exception.name);
            let diagnostic = Diagnostic::new(code::EXCEPTION_EXPIRES, message)
                .at(place, "the last day on which it holds")
                .also(lock.place, format!("locked here: {}", lock.reason));
            let diagnostic = match &exception.reason {
                Some(reason) => diagnostic.note(format!("it was made because: {reason}")),
                None => diagnostic,
            };
            Some(diagnostic.help("remove the exception, or agree on a later date with those who own the lock"))
        })
}

/// What is to be said of a last day, if it is near or over.
fn when(scene: &Scene<'_>, date: Date) -> Option<String> {
    let today = scene.question.workspace.world().today();
    match date.cmp(&today) {
        Ordering::Less => Some(format!("expired on {date}")),
        _ if date.duration_since(today).as_hours() / HOURS <= scene.days => Some(format!("expires on {date}")),
        _ => None,
    }
}
