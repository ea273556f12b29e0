//! Where a value comes from and where it goes, through the merge and through the templates.
//!
//! In goes a [`Resolved`](crate::validate::Resolved) configuration, valid or not, and a path, out comes an
//! [`Explanation`]: who set the value and whom that beat, the rule that decided, what locks and schemas say, and the
//! fields of objects it fills. In goes a [`SourceMap`], which a traced rendering makes, and a field of an object; out
//! come the line of the template and the values that were read. What is secret is never shown.

pub mod document;
mod field;
mod line;
mod map;
pub(crate) mod setter;
mod shown;
#[cfg(test)]
mod tests;
pub mod text;
mod value;

pub use field::Filled;
pub use line::{Spot, spot};
pub use map::{Mapped, SourceMap};
pub use setter::Setter;
pub use shown::Shown;
pub use value::{Explanation, Expression, Guard, Use};
