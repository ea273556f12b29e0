//! The template engine with our rules: strict, typed holes, an allow-list of filters and functions.
//!
//! Templates and expressions use the same engine, so a filter means the same in both.

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};

use super::{filter, hole, worth};

/// Instructions one rendering may take; the largest shipped template takes a few thousand.
const FUEL: u64 = 20_000_000;

/// What the engine has built in and a template may not use: it would print internals, or pass a value off as text.
const REMOVED_FILTERS: [&str; 4] = ["safe", "escape", "e", "pprint"];
const REMOVED_FUNCTIONS: [&str; 1] = ["debug"];

/// An engine without templates.
pub(crate) fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_syntax(syntax());
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // Any escaping but none makes the engine tell rendered text (macros, blocks) from values.
    engine.set_auto_escape_callback(|_| AutoEscape::Custom("yaml".into()));
    engine.set_formatter(hole::format);
    // Without it an undefined value has no name in the error. The error's own debug text is never shown.
    engine.set_debug(true);
    engine.set_fuel(Some(FUEL));
    for name in REMOVED_FILTERS {
        engine.remove_filter(name);
    }
    for name in REMOVED_FUNCTIONS {
        engine.remove_global(name);
    }
    filter::add_to(&mut engine);
    worth::add_to(&mut engine);
    engine
}

/// Tags leave no whitespace of their own behind.
fn syntax() -> SyntaxConfig {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    // Only delimiters can be refused, and they are the usual ones.
    syntax.build().unwrap_or_default()
}

/// A filter's complaint.
pub(super) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(minijinja::ErrorKind::InvalidOperation, message)
}
