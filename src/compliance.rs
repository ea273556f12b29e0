//! The report of compliance evidence: what rules found, what it says about the controls of frameworks, and what only a
//! person can show.
//!
//! In goes [`Evidence`]: rules, how often each was kept, and every place where one is not, from whatever engine.
//! [`Report::new`] makes the one model of it. Its JSON is the full form; every other form is a view: a file each. It
//! judges nobody: there is no verdict on an organisation in it, and no form of it has one.
//!
//! [`framework`] knows what frameworks ask for. [`waiver`] reads accepted exceptions. [`comparison`] tells two reports
//! apart, [`verify`] whether one was changed.

pub mod comparison;
mod digest;
pub mod evidence;
pub mod framework;
mod gather;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod model;
pub mod oscal;
mod report;
pub mod sarif;
mod standing;
pub mod verify;
pub mod waiver;
mod words;

pub use evidence::Evidence;
pub use gather::Question;
pub(crate) use gather::admission;
pub use model::Report;
pub use standing::{Assurance, Severity, Status};
