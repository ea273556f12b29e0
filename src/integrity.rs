//! What objects say of each other: names, selectors, references, ports, scales and amounts, as the API server, the
//! scheduler and the controllers would find out later.
//!
//! In goes a [`Set`] of objects that belong together, such as those of one target or of some files; out come
//! [`Finding`]s, each at a field of an object. Only what the set can know is checked: references into namespaces that no
//! object of it lives in are somebody else's, and what is made on the cluster is known for common operators, or declared
//! ([`External`]).

mod amount;
mod container;
mod demand;
mod external;
mod finding;
mod limit;
mod made;
mod name;
mod pod;
mod port;
mod quota;
mod reference;
mod scale;
mod selector;
mod set;
mod walk;

pub(crate) use amount::quantity;
pub(crate) use demand::Demand;
pub(crate) use external::{Called, External};
pub(crate) use finding::{Finding, Site};
pub(crate) use limit::Limit;
pub(crate) use pod::{Pod, number};
pub(crate) use scale::range;
pub(crate) use selector::fits;
pub(crate) use set::{Set, namespace};

use crate::manifest::Manifest;

/// Everything that is wrong among the objects of a set, in their order.
pub(crate) fn check(set: &Set<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    name::check(set, &mut findings);
    container::check(set, &mut findings);
    selector::check(set, &mut findings);
    reference::check(set, &mut findings);
    port::check(set, &mut findings);
    scale::check(set, &mut findings);
    amount::check(set, &mut findings);
    quota::check(set, &mut findings);
    findings.sort_by_key(|finding| finding.at.manifest);
    findings
}

/// What is wrong with the names of objects, which each has by itself.
pub(crate) fn names(manifests: &[Manifest]) -> Vec<Finding> {
    let mut findings = Vec::new();
    name::check(&Set::new(manifests, &[], None), &mut findings);
    findings
}

/// What objects ask for, in all their namespaces.
pub(crate) fn demand(manifests: &[Manifest]) -> Vec<Demand> {
    let set = Set::new(manifests, &[], None);
    set.namespaces.iter().flat_map(|namespace| demand::of(&set, namespace)).collect()
}

/// What containers may use, of those that go on.
pub(crate) fn limits(manifests: &[Manifest]) -> Vec<Limit<'_>> {
    limits_of(&Set::new(manifests, &[], None))
}

/// The same of a set.
pub(crate) fn limits_of<'a>(set: &Set<'a>) -> Vec<Limit<'a>> {
    limit::of(set)
}
