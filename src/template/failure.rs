//! What the engine complains about, as diagnostics in our words.
//!
//! Only kind, detail, name and range of an error are used; its debug form prints every variable and is never shown.

use std::error::Error as _;

use minijinja::{Error, ErrorKind};

use super::view::SecretUsed;
use crate::diagnostic::{Code, Diagnostic, code, did_you_mean, listed, nearest};
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

/// Most values that are shown of those that name a secret.
const MOST_VALUES: usize = 3;

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

/// A diagnostic without a place. `configuration` is what names are looked up in and `templates` are those that could be
/// included, for "did you mean".
pub(crate) fn diagnose(error: &Error, codes: Codes, configuration: &Node, templates: &[&str]) -> Diagnostic {
    if let Some(secret) = cause::<SecretUsed>(error) {
        let name = called(&secret.name, configuration);
        let message = format!("this {} uses the secret `{name}`", codes.what);
        return named_in(Diagnostic::new(code::SECRET_IN_TEMPLATE, message), &name, configuration)
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
        ErrorKind::UnknownTest => unknown(detail, "test", TESTS, codes),
        ErrorKind::UnknownFunction => unknown(detail, "function", &["range", "dict", "namespace"], codes),
        ErrorKind::TemplateNotFound => {
            let name = detail.split(['"', '\'']).nth(1).unwrap_or_default();
            Diagnostic::new(code::UNKNOWN_TEMPLATE, format!("there is no template `{name}`"))
                .maybe_help(did_you_mean(name, templates.iter().copied()))
                .help("names are relative to the folder templates, such as \"lib/labels.j2\"")
        }
        ErrorKind::InvalidOperation if detail == "recursion limit exceeded" => {
            Diagnostic::new(code::TEMPLATE_LIMIT, format!("this {} calls itself too deeply", codes.what))
                .help("let the macro or the include end: pass it less each time, and stop when nothing is left")
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

/// The name of a secret as the configuration has it: a filter may have changed the case of its letters.
fn called(name: &str, configuration: &Node) -> String {
    let secrets = configuration.secrets();
    let mut names = secrets.iter().flat_map(|(_, secret, _)| secret.names()).map(|name| name.text.as_ref());
    names.find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name).to_owned()
}

/// With the values of the configuration that name a secret.
pub(crate) fn named_in(diagnostic: Diagnostic, name: &str, configuration: &Node) -> Diagnostic {
    let named =
        configuration.secrets().into_iter().filter(|(_, secret, _)| secret.names().any(|one| *one.text == *name));
    named
        .take(MOST_VALUES)
        .fold(diagnostic, |diagnostic, (path, _, node)| diagnostic.also(node.place, format!("from {path}")))
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
    let (known, here, missing) = configuration.reach(&path);
    let (Some(Step::Key(key)), Value::Map(map)) = (missing, &here.value) else {
        return diagnostic.help("give it a value in a layer, or use default(..)");
    };
    let names = || map.keys().map(AsRef::as_ref);
    let near = nearest(key, names().chain(known.is_root().then_some("target")));
    let diagnostic = diagnostic.maybe_help(near.map(|near| format!("did you mean `{}`?", known.key(near))));
    let diagnostic = if known.is_root() {
        diagnostic
    } else {
        diagnostic.note(format!("`{known}` is there and has: {}", listed(names())))
    };
    diagnostic.help(format!("set `{name}` in a layer, or write {{{{ {name} | default(..) }}}}"))
}

fn unknown(detail: &str, what: &str, known: &[&str], codes: Codes) -> Diagnostic {
    // The detail reads "filter foo is unknown", of a function "foo is unknown".
    let name = detail.strip_suffix(" is unknown").unwrap_or(detail);
    let name = name.rsplit(' ').next().unwrap_or_default().trim_matches('`');
    let diagnostic = Diagnostic::new(codes.failed, format!("there is no {what} `{name}`"));
    match did_you_mean(name, known.iter().copied()) {
        Some(near) => diagnostic.help(near),
        None if known.is_empty() => diagnostic,
        None => diagnostic.help(format!("use one of {}", known.join(", "))),
    }
}

/// The tests of templates and expressions.
const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "safe",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

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
    "hcl",
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
    "quantity_add",
    "quantity_max",
    "quantity_mul",
    "quantity_sum",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sha256",
    "shell_quote",
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
