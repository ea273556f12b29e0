//! YAML in and out: our rules over an event parser, and text that every reader reads back as we meant it.

mod written;

pub use written::{Content, Member, Members, Tag, Tagged, Written};
