//! What the engine complains about, as diagnostics in our words.
//!
//! Only kind, detail, name and range of an error are used; its debug form prints every variable and is never shown.

use std::error::Error as _;

use minijinja::{Error, ErrorKind};

use super::view::SecretUsed;
use crate::diagnostic::{Code, Diagnostic, code, did_you_mean};
use crate::path::{Path, Step};
use crate::tree::{Node, Value};

/// The codes that a template and an expression use for the same failures.
#[derive(Clone, Copy)]
pub(crate) struct Codes {
    /// It cannot be read.
    pub syntax: Code,
    /// It uses what is not there.
    pub undefined: Code,
    /// Anything else.
    pub failed: Code,
    /// What it is called in messages.
    pub what: &'static str,
}

/// The codes of templates.
pub(super) const TEMPLATE: Codes = Codes {
    syntax: code::TEMPLATE_SYNTAX,
    undefined: code::TEMPLATE_UNDEFINED,
    failed: code::TEMPLATE_FAILED,
    what: "template",
};

/// The errors of the engine in a chain, outermost first. A failure inside an include is the cause of another.
pub(super) fn chain(error: &Error) -> impl Iterator<Item = &Error> {
    fn inner(error: &Error) -> Option<&Error> {
        error.source()?.downcast_ref()
    }
    std::iter::successors(Some(error), |error| inner(error))
}

/// The cause of a given type anywhere in the chain.
pub(crate) fn cause<T: std::error::Error + 'static>(error: &Error) -> Option<&T> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = error.source();
    while let Some(source) = next {
        if let Some(found) = source.downcast_ref::<T>() {
            return Some(found);
        }
        next = source.source();
    }
    None
}

/// A diagnostic without a place. `configuration` is what the names are looked up in, for "did you mean".
pub(crate) fn diagnose(error: &Error, codes: Codes, configuration: &Node) -> Diagnostic {
    if let Some(secret) = cause::<SecretUsed>(error) {
        return Diagnostic::new(
            code::SECRET_IN_TEMPLATE,
            format!("this {} uses the secret `{}`", codes.what, secret.name),
        )
        .help("leave secrets out of templates and expressions: a secret never becomes text");
    }
    let innermost = chain(error).last().unwrap_or(error);
    let detail = innermost.detail().unwrap_or_default();
    match innermost.kind() {
        ErrorKind::UndefinedError => undefined(detail, codes, configuration),
        ErrorKind::SyntaxError => {
            Diagnostic::new(codes.syntax, format!("this {} cannot be read: {detail}", codes.what))
                .help("check that every {{ has its }}, every {% its %}, and every block its end")
        }
        ErrorKind::UnknownFilter => unknown(detail, "filter", FILTERS, codes),
        ErrorKind::UnknownTest => unknown(detail, "test", &[], codes),
        ErrorKind::UnknownFunction => unknown(detail, "function", &["range", "dict", "namespace"], codes),
        ErrorKind::TemplateNotFound => {
            Diagnostic::new(codes.failed, "a template that is included or imported is not there")
                .note(detail.to_owned())
                .help("names are relative to the folder templates, such as \"lib/labels.j2\"")
        }
        ErrorKind::OutOfFuel => {
            // Without a detail it is the engine's own limit.
            let does = if detail.is_empty() { "takes too many steps" } else { detail };
            Diagnostic::new(code::TEMPLATE_LIMIT, format!("this {} {does}", codes.what))
                .help("look for a loop over far more items than there are, or for text that is joined over and over")
        }
        kind => {
            let said = if detail.is_empty() { kind.to_string() } else { detail.to_owned() };
            Diagnostic::new(codes.failed, format!("this {} fails: {said}", codes.what))
        }
    }
}

/// What the engine calls an undefined value: between backticks in its detail.
fn undefined(detail: &str, codes: Codes, configuration: &Node) -> Diagnostic {
    let name = detail.split('`').nth(1).unwrap_or_default();
    if name.is_empty() {
        return Diagnostic::new(codes.undefined, format!("this {} uses a value that is not there", codes.what))
            .help("give it a value in a layer, or use default(..)");
    }
    let diagnostic = Diagnostic::new(codes.undefined, format!("`{name}` is not there"));
    let Ok(path) = Path::parse(name) else {
        return diagnostic.help("give it a value in a layer, or use default(..)");
    };
    // As far as the path exists; what is next is what is wrong.
    let mut here = configuration;
    let mut known = Path::root();
    for step in path.steps() {
        if let Some(next) = here.step(step) {
            here = next;
            known.push(step.clone());
            continue;
        }
        let (Step::Key(key), Value::Map(map)) = (step, &here.value) else { break };
        let near = did_you_mean(key, map.keys().map(AsRef::as_ref).chain(known.is_root().then_some("target")));
        let diagnostic = diagnostic.maybe_help(near);
        return if known.is_root() {
            diagnostic.help(format!("set `{name}` in a layer, or write {{{{ {name} | default(..) }}}}"))
        } else {
            diagnostic
                .note(format!("`{known}` is there and has: {}", listed(map.keys().map(AsRef::as_ref))))
                .help(format!("set `{name}` in a layer, or write {{{{ {name} | default(..) }}}}"))
        };
    }
    diagnostic.help("give it a value in a layer, or use default(..)")
}

/// The first few names.
fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let more = names.len().saturating_sub(SHOWN);
    let mut text = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    if text.is_empty() { "nothing".to_owned() } else { text }
}

fn unknown(detail: &str, what: &str, known: &[&str], codes: Codes) -> Diagnostic {
    // The detail reads "filter foo is unknown", and of a function "foo is unknown".
    let name = detail.strip_suffix(" is unknown").unwrap_or(detail);
    let name = name.rsplit(' ').next().unwrap_or_default().trim_matches('`');
    let diagnostic = Diagnostic::new(codes.failed, format!("there is no {what} `{name}`"))
        .maybe_help(did_you_mean(name, known.iter().copied()));
    if known.is_empty() { diagnostic } else { diagnostic.note(format!("known: {}", known.join(", "))) }
}

/// The filters of templates and expressions.
const FILTERS: &[&str] = &[
    "abs",
    "attr",
    "b64encode",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "quantity_mul",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sha256",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "to_json",
    "to_yaml",
    "tojson",
    "trim",
    "unique",
    "upper",
    "zip",
];
