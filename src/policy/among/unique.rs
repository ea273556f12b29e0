//! TC-TEN-802: nothing is of two tenants.

use indexmap::IndexMap;

use super::{Breach, Identifier, Mark, Spot, Verdict, View, What};

pub(super) fn check(view: &View<'_>, verdict: &mut Verdict) {
    let mut owners: IndexMap<&Identifier, usize, foldhash::fast::RandomState> = IndexMap::default();
    for (index, tenant, part) in view.tenants() {
        let mut alone = true;
        for identifier in &part.share.identifiers {
            let first = owners.get(identifier).map(|first| (*first, identifier.clone()));
            let Some((first, theirs)) = first.or_else(|| overlap(identifier, &owners)) else {
                owners.insert(identifier, index);
                continue;
            };
            let Some(owner) = view.among.tenant(first) else { continue };
            alone = false;
            let (what, name) = (identifier.what.word(), &identifier.name);
            let expected = if theirs.name == *name {
                format!("{owner} and {tenant} must not have the {what} {name} in common")
            } else {
                format!("{owner} and {tenant} must not have the {what}s {} and {name}, which overlap", theirs.name)
            };
            let mut breach = Breach::new(Spot::Target(index, Mark::Identifier(identifier.clone())), expected);
            breach.also.push((first, Mark::Identifier(theirs), format!("of {owner}, too")));
            verdict.broken.push(breach);
        }
        if alone {
            verdict.keep(Some(index));
        }
    }
}

/// Another's host that has an address in common with this one: one of the two is a wildcard.
fn overlap(
    identifier: &Identifier,
    owners: &IndexMap<&Identifier, usize, foldhash::fast::RandomState>,
) -> Option<(usize, Identifier)> {
    if identifier.what != What::Host {
        return None;
    }
    if let Some(domain) = identifier.name.strip_prefix("*.") {
        let below = |name: &str| name.strip_suffix(domain).is_some_and(|label| label.ends_with('.'));
        let found = owners.iter().find(|(known, _)| known.what == What::Host && below(&known.name));
        return found.map(|(known, owner)| (*owner, (*known).clone()));
    }
    let (_, domain) = identifier.name.split_once('.')?;
    let wildcard = Identifier { what: What::Host, name: format!("*.{domain}").into() };
    let owner = owners.get(&wildcard)?;
    Some((*owner, wildcard))
}
