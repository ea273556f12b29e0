//! Rules of security, isolation and compliance, as data.
//!
//! In go rule documents, which `document` reads into `rule`s of a `catalogue`, and the objects and the
//! configuration of a target; out comes a `finding`'s report: how often each rule was kept, and every place where one
//! is broken. The `engine` evaluates what rules say in CEL over one object, the pods of it, their containers or the
//! configuration; `set` holds the rules over all objects of a target and `among` those over all targets of an environment,
//! in Rust. A `trial` holds rules to their own examples;
//! `admission` writes them for the API server.
//!
//! Nothing here reads a file but the catalogue, or says what is to be done about a finding: that is `check`.

mod admission;
mod among;
mod catalogue;
mod document;
mod engine;
mod finding;
mod minors;
mod passage;
mod rule;
mod set;
mod severity;
mod subject;
mod trial;
mod way;

pub(crate) use admission::{Admission, Counterpart, Counterparts, KINDS as ADMISSION_KINDS, admit, counterparts};
pub(crate) use among::{
    Among, Breach, Given, Grounds, Identifier, Kept, Mark, Share, Spot, What, rules as over_targets,
};
pub(crate) use catalogue::{Catalogue, shipped_text};
pub(crate) use engine::{Engine, Facts};
pub(crate) use finding::{At, Finding, Report, Tally};
pub(crate) use minors::Minors;
pub(crate) use rule::{Control, Expected, Message, Rule, Scope};
pub(crate) use subject::count as pods_of;
pub(crate) use trial::run as try_examples;

pub use severity::{Assurance, Severity};

#[cfg(test)]
mod tests;
