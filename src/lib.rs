//! The architecture of tenantctl.

pub mod diagnostic;
pub mod duration;
pub mod file;
pub mod layers;
pub mod path;
pub mod quantity;
pub mod schema;
pub mod source;
pub mod target;
pub mod tree;
pub mod world;
pub mod yaml;
