//! TC-TEN-801: no tenant names what is another's.

use indexmap::{IndexMap, IndexSet};

use super::word::{Part, parts};
use super::{Breach, Identifier, Mark, Spot, Verdict, View, What};

/// What is somebody's, by its name.
type Owners<'a> = IndexMap<&'a str, Vec<(&'a Identifier, usize)>, foldhash::fast::RandomState>;

pub(super) fn check(view: &View<'_>, verdict: &mut Verdict) {
    let mut owners = Owners::default();
    for (index, _, part) in view.tenants() {
        for identifier in &part.share.identifiers {
            let known = owners.entry(&identifier.name).or_default();
            // What two tenants have in common is another rule.
            if known.iter().all(|(other, _)| *other != identifier) {
                known.push((identifier, index));
            }
        }
    }
    // Most words are everybody's and name nobody: each is looked at once.
    let named: Vec<Vec<(&Identifier, usize)>> = view.among.words.iter().map(|word| named(word, &owners)).collect();
    for (index, tenant, part) in view.tenants() {
        let own = &part.share.identifiers;
        let mut seen: IndexSet<&Identifier> = IndexSet::new();
        for word in &part.words {
            for (identifier, owner) in named.get(*word).into_iter().flatten() {
                let Some(text) = view.among.words.get_index(*word) else { continue };
                let is_own = own.binary_search(identifier).is_ok() || is_closer(text, identifier, own);
                if *owner == index || is_own || !seen.insert(identifier) {
                    continue;
                }
                let Some(other) = view.among.tenant(*owner) else { continue };
                let (what, name) = (identifier.what.word(), &identifier.name);
                let expected = format!("{tenant} must not name the {what} {name} of {other}");
                let mut breach = Breach::new(Spot::Target(index, Mark::Word(text.clone())), expected);
                let label = format!("the {what} of {other}");
                breach.also.push((*owner, Mark::Identifier((*identifier).clone()), label));
                verdict.broken.push(breach);
            }
        }
        if seen.is_empty() {
            verdict.keep(Some(index));
        }
    }
}

/// What a word names, and whose it is.
fn named<'a>(word: &str, owners: &Owners<'a>) -> Vec<(&'a Identifier, usize)> {
    let mut found: Vec<(&Identifier, usize)> = Vec::new();
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
