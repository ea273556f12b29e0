//! What differs between two trees, and between two fleets of targets.
//!
//! In go two [`Side`]s, each a workspace as compiled, or output as rendered or stored; out comes a [`Report`]: [`Change`]s by
//! field, equal ones of several tenants together. One file per format turns it into text. Objects are matched by their
//! identity, fields by their path, items of lists by the key that names them; files that are no manifests are compared as text. What a secret holds is never compared in
//! the open: that it differs is said, and no more. Nothing here asks whether a change is good.

mod artifact;
mod change;
mod comparison;
mod content;
mod field;
pub(crate) mod fleet;
pub(crate) mod group;
pub mod json;
#[cfg(test)]
mod laws;
pub(crate) mod layout;
mod list;
pub mod markdown;
mod object;
mod rendered;
pub(crate) mod report;
mod revision;
mod risk;
mod side;
pub mod text;
mod value;
mod way;

pub use change::{Change, Object, Subject, What};
pub use comparison::{Comparison, adopt};
pub use content::Content;
pub use field::{Field, fields};
pub use fleet::{Fleets, compare};
pub use object::objects;
pub use rendered::Rendered;
pub use report::{Cause, Group, Origin, Report, Section};
pub use revision::revision;
pub use risk::Risk;
pub use side::Side;
pub use way::{Step, Way};
