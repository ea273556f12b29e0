//! What an editor shows of a key: its description, the locks that speak about it, and what is inherited there.

use serde_json::{Map, Value};

use super::inherited::Inherited;
use crate::lock::{Exception, Lock, Mode};
use crate::schema::partial::Told;

/// A lock that covers a value.
pub(super) struct Guard<'a> {
    pub(super) lock: &'a Lock,
    /// Whether it binds the layer; else it binds those above.
    pub(super) binds: bool,
    /// What excepts the override, even if its last day is over: a schema is the same every day.
    pub(super) exception: Option<&'a Exception>,
}

/// Adds the texts and the default to a schema.
pub(super) fn annotate(
    told: &Told,
    closed: Option<&str>,
    guards: &[Guard<'_>],
    inherited: &Inherited<'_>,
    schema: &mut Map<String, Value>,
) {
    let mut lines: Vec<String> = closed.map(str::to_owned).into_iter().collect();
    lines.extend(told.description.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned));
    lines.extend(guards.iter().filter_map(|guard| said(guard, closed.is_some())));
    lines.extend(inherited.line());
    if !lines.is_empty() {
        let text = lines.join("\n\n");
        // Where nothing is marked as code, editors show the text as it is.
        let markdown = text.contains('`').then(|| Value::from(markdown(&text)));
        schema.insert("description".to_owned(), Value::from(text));
        schema.extend(markdown.map(|text| ("markdownDescription".to_owned(), text)));
    }
    if closed.is_none()
        && let Some(default) = inherited.default().or_else(|| told.default.clone())
    {
        schema.insert("default".to_owned(), default);
    }
}

/// A text as Markdown: what stands between backticks is code, and all else is text.
fn markdown(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut code = false;
    for character in text.chars() {
        code ^= character == '`';
        if !code && matches!(character, '<' | '*' | '_' | '[' | '#') {
            marked.push('\\');
        }
        marked.push(character);
    }
    marked
}

/// A lock in words.
fn said(guard: &Guard<'_>, closed: bool) -> Option<String> {
    let Guard { lock, binds, exception } = guard;
    let (owner, reason) = (&lock.owner, &lock.reason);
    if let Some(exception) = exception {
        let last = exception.expires.map_or_else(String::new, |(day, _)| format!(" up to {day}"));
        return Some(format!("Locked by layer {owner}, which excepts this override{last}: {reason}"));
    }
    let may = match (lock.mode, binds) {
        (Mode::Fixed, true) => return (!closed).then(|| format!("Locked by layer {owner}: {reason}")),
        (Mode::AtMost, true) => "At most what is inherited",
        (Mode::AtLeast, true) => "At least what is inherited",
        (Mode::Append, true) => "What is inherited stays, and more may be added",
        (Mode::Fixed, false) => return Some(format!("Not to be set above layer {owner}: {reason}")),
        (mode, false) => {
            let how = match mode {
                Mode::AtMost => "lowered",
                Mode::AtLeast => "raised",
                Mode::Append | Mode::Fixed => "added to",
            };
            return Some(format!("Only to be {how} above layer {owner}: {reason}"));
        }
    };
    Some(format!("{may}, as layer {owner} wants it: {reason}"))
}
