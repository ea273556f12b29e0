//! TC-TEN-801: no tenant names what is another's.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::word::{Part, parts};
use super::{Breach, Identifier, Mark, Spot, Verdict, View, What};

/// What is somebody's, by its name.
type Owners<'a> = IndexMap<&'a str, Vec<(&'a Identifier, Option<usize>)>, foldhash::fast::RandomState>;

pub(super) fn check(view: &View<'_>, verdict: &mut Verdict) {
    let mut owners = Owners::default();
    for (index, _, part) in view.tenants() {
        for identifier in &part.share.identifiers {
            let known = owners.entry(&identifier.name).or_default();
            // What two tenants have in common is another rule.
            if known.iter().all(|(other, _)| *other != identifier) {
                known.push((identifier, Some(index)));
            }
        }
    }
    // As is the id of a tenant that is left out.
    let here: IndexSet<&Arc<str>> = view.tenants().map(|(_, tenant, _)| tenant).collect();
    let absent = view.grounds.roster.iter().filter(|id| !here.contains(id));
    let absent: Vec<Identifier> = absent.map(|id| Identifier { what: What::Namespace, name: Arc::clone(id) }).collect();
    for identifier in &absent {
        owners.entry(&identifier.name).or_default().push((identifier, None));
    }
    // Most words are everybody's and name nobody: each is looked at once.
    let named: Vec<Vec<(&Identifier, Option<usize>)>> =
        view.among.words.iter().map(|word| named(word, &owners)).collect();
    for (index, tenant, part) in view.tenants() {
        let own = &part.share.identifiers;
        let mut seen: IndexSet<&Identifier> = IndexSet::new();
        for word in &part.words {
            for (identifier, owner) in named.get(*word).into_iter().flatten() {
                let Some(text) = view.among.words.get_index(*word) else { continue };
                let is_own = own.binary_search(identifier).is_ok() || is_closer(text, identifier, own);
                if *owner == Some(index) || is_own || !seen.insert(identifier) {
                    continue;
                }
                let other = owner.and_then(|owner| view.among.tenant(owner)).unwrap_or(&identifier.name);
                let (what, name) = (identifier.what.word(), &identifier.name);
                let expected = format!("{tenant} must not name the {what} {name} of {other}");
                let mut breach = Breach::new(Spot::Target(index, Mark::Word(text.clone())), expected);
                let label = format!("the {what} of {other}");
                let also = owner.map(|owner| (owner, Mark::Identifier((*identifier).clone()), label));
                breach.also.extend(also);
                verdict.broken.push(breach);
            }
        }
        if seen.is_empty() {
            verdict.keep(Some(index));
        }
    }
}

/// What a word names, and whose it is.
fn named<'a>(word: &str, owners: &Owners<'a>) -> Vec<(&'a Identifier, Option<usize>)> {
    let mut found: Vec<(&Identifier, Option<usize>)> = Vec::new();
    let mut look = |name: &str, part: Part| {
        for (identifier, owner) in owners.get(name).into_iter().flatten() {
            if part.fits(identifier.what) && !found.iter().any(|(known, _)| known == identifier) {
                found.push((identifier, *owner));
            }
        }
    };
    parts(word, |name, part| {
        look(name, part);
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            look(&name.to_lowercase(), part);
        }
    });
    found
}

/// Whether a word names a host of the tenant's own that is below the other's.
fn is_closer(word: &str, other: &Identifier, own: &[Identifier]) -> bool {
    other.what == What::Host
        && own.iter().any(|known| {
            known.what == What::Host
                && known.name.len() > other.name.trim_start_matches("*.").len()
                && word.to_lowercase().contains(known.name.trim_start_matches('*'))
        })
}
