//! Patterns: `matches`, `find`, `findAll`, each compiled once per thread.

use std::cell::RefCell;

use cel::common::types::{CelBool, CelInt, CelList, CelString};
use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};
use indexmap::IndexMap;
use regex::{Regex, RegexBuilder};

use super::meter::MATCHES;

/// Patterns kept by a thread; the oldest goes first.
const KEPT: usize = 256;

/// The memory one compiled pattern may take, in bytes.
const LARGEST: usize = 1 << 20;

thread_local! {
    static COMPILED: RefCell<IndexMap<String, Regex, foldhash::fast::RandomState>> = RefCell::default();
}

pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_member_overload!(env, fn matches: (CelString<'_>, CelString<'_>) -> Result<CelBool>, name = MATCHES)?;
    cel::add_member_overload!(env, fn find: (CelString<'_>, CelString<'_>) -> Result<CelString<'_>>)?;
    cel::add_member_overload!(env, fn find_all: (CelString<'_>, CelString<'_>) -> Result<CelList<'_>>)?;
    cel::add_member_overload!(env, fn find_some: (CelString<'_>, CelString<'_>, CelInt) -> Result<CelList<'_>>, name = "findAll")
}

fn matches(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    with(pattern, |pattern| CelBool::from(pattern.is_match(text.inner())))
}

fn find(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    with(pattern, |pattern| {
        CelString::from(pattern.find(text.inner()).map_or_else(String::new, |found| found.as_str().to_owned()))
    })
}

fn find_all(text: &CelString<'_>, pattern: &CelString<'_>) -> Result<CelList<'static>, ExecutionError> {
    found(text, pattern, usize::MAX)
}

fn find_some(text: &CelString<'_>, pattern: &CelString<'_>, most: &CelInt) -> Result<CelList<'static>, ExecutionError> {
    // A negative number is no limit.
    found(text, pattern, usize::try_from(*most.inner()).unwrap_or(usize::MAX))
}

fn found(text: &CelString<'_>, pattern: &CelString<'_>, most: usize) -> Result<CelList<'static>, ExecutionError> {
    with(pattern, |pattern| {
        let all = pattern.find_iter(text.inner()).take(most);
        let all: Vec<Box<dyn Val>> =
            all.map(|found| Box::new(CelString::from(found.as_str().to_owned())) as Box<dyn Val>).collect();
        CelList::from(all)
    })
}

fn with<T>(pattern: &CelString<'_>, use_it: impl FnOnce(&Regex) -> T) -> Result<T, ExecutionError> {
    COMPILED.with_borrow_mut(|kept| {
        if let Some(pattern) = kept.get(pattern.inner()) {
            return Ok(use_it(pattern));
        }
        let compiled = RegexBuilder::new(pattern.inner())
            .size_limit(LARGEST)
            .build()
            .map_err(|_| ExecutionError::function_error("matches", "its pattern is no regular expression of RE2"))?;
        let result = use_it(&compiled);
        if kept.len() >= KEPT {
            kept.shift_remove_index(0);
        }
        kept.insert(pattern.inner().to_owned(), compiled);
        Ok(result)
    })
}
