//! YAML in and out: our rules over an event parser, and text that every reader reads back as we meant it.

mod anchors;
mod dialect;
pub(crate) mod edit;
pub mod emit;
mod frame;
mod keys;
mod limits;
mod reader;
pub mod scalar;
mod shown;
mod syntax;
mod tags;
mod written;

pub use limits::Limits;
pub use reader::{read_as_kubectl, read_document, read_stream};
pub use written::{Content, Member, Members, Tag, Tagged, Written};
