//! A cluster, through the `kubectl` of whoever runs this: never a client of our own.
//!
//! In go objects of a settled run, out come calls in the order in which objects need each other ([`Plan`]), made one after
//! the other with the context of the environment and no other. What belongs to a tenant is an ApplySet of its own, so that
//! what is no longer rendered is removed, and nothing else.

mod kubectl;
mod plan;

pub(crate) use kubectl::{Kubectl, Trouble};
pub(crate) use plan::{Group, Plan};
