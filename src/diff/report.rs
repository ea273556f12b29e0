//! Everything in which two sides differ, equal changes of several targets together.

use std::sync::Arc;

use indexmap::IndexMap;

use super::change::{Change, What};
use super::group;
use super::risk::Risk;

/// How many groups of one field are shown before those of single targets become one.
const FEW: usize = 3;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file, as seen from where the program runs; one of a revision has `REV:` before it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// The line that made a change, on the newer side if it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Where it is written.
    pub origin: Origin,
    /// The path in the configuration; `None` for a line of a template.
    pub path: Option<String>,
}

/// A change, and who has it.
#[derive(Clone, Debug)]
pub struct Group {
    /// The change; where it is that of several targets and their ids occur in it, `{tenant}` stands for them.
    pub change: Change,
    /// Who has it: positions among [`Report::targets`], ascending.
    pub targets: Vec<usize>,
    /// Where the first of them has the older value.
    pub before: Option<Origin>,
    /// Where the first of them has the newer value.
    pub after: Option<Origin>,
    /// Whether the other targets have the values from the same places.
    pub one_place: bool,
    /// How many different changes of this field this one stands for; more than 1 in a condensed section only.
    pub variants: usize,
    /// What it puts at risk, where that was asked for.
    pub risk: Risk,
    /// What made it, where that was asked for and is known.
    pub cause: Option<Cause>,
    /// The change with the ids taken out.
    pub(crate) general: Change,
}

/// The changes that the same targets have.
#[derive(Clone, Debug)]
pub struct Section {
    /// Positions among [`Report::targets`], ascending.
    pub targets: Vec<usize>,
    /// What they have in common: the configuration first, then the objects.
    pub groups: Vec<Group>,
}

/// Everything in which two sides differ.
#[derive(Clone, Debug)]
pub struct Report {
    /// The older side, or the one named first.
    pub before: String,
    /// The newer side.
    pub after: String,
    /// Tenants that only the older side has, sorted.
    pub only_before: Vec<Arc<str>>,
    /// Tenants that only the newer side has, sorted.
    pub only_after: Vec<Arc<str>>,
    /// What both sides have: the tenants, sorted, and before them `_environment` for the environment's own objects.
    pub targets: Vec<Arc<str>>,
    /// Those with most targets first.
    pub sections: Vec<Section>,
}

impl Report {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty() && self.only_before.is_empty() && self.only_after.is_empty()
    }

    /// Number of different changes.
    pub fn changes(&self) -> usize {
        self.sections.iter().map(|section| section.groups.len()).sum()
    }

    /// Number of targets with at least one change.
    pub fn differing(&self) -> usize {
        let mut differs = vec![false; self.targets.len()];
        for target in self.sections.iter().flat_map(|section| &section.targets) {
            differs.get_mut(*target).into_iter().for_each(|flag| *flag = true);
        }
        differs.iter().filter(|differs| **differs).count()
    }

    /// The sections for people: where many targets have each a value of their own in one field, that is one change with
    /// the first as an example.
    pub fn condensed(&self) -> Vec<Section> {
        let groups = self.sections.iter().flat_map(|section| &section.groups);
        let mut kept = Vec::new();
        let mut fields: IndexMap<_, Vec<Group>> = IndexMap::new();
        for group in groups {
            match group.targets.as_slice() {
                // Their ids, which each of them has in its own, make no difference.
                [_] => fields.entry(group::field(&group.general)).or_default().push(group.clone()),
                _ => kept.push(group.clone()),
            }
        }
        for mut groups in fields.into_values() {
            if groups.len() <= FEW {
                kept.append(&mut groups);
                continue;
            }
            groups.sort_by_key(|group| group.targets.first().copied());
            let targets: Vec<usize> = groups.iter().flat_map(|group| &group.targets).copied().collect();
            let variants = groups.len();
            let risk = groups.iter().map(|group| group.risk).max().unwrap_or_default();
            if let Some(first) = groups.into_iter().next() {
                let change = first.general.special(None);
                kept.push(Group { change, targets, one_place: false, variants, risk, ..first });
            }
        }
        sections(kept)
    }
}

impl Group {
    /// Whether it is of an object as a whole.
    pub fn is_whole(&self) -> bool {
        self.change.field.way.is_root() && matches!(self.change.field.what, What::Added(_) | What::Removed(_))
    }
}

/// Groups by who has them, most targets first, then in the order of the first target.
pub(crate) fn sections(groups: Vec<Group>) -> Vec<Section> {
    let mut sections: IndexMap<Vec<usize>, Vec<Group>> = IndexMap::new();
    for group in groups {
        sections.entry(group.targets.clone()).or_default().push(group);
    }
    let mut sections: Vec<Section> =
        sections.into_iter().map(|(targets, groups)| Section { targets, groups }).collect();
    for section in &mut sections {
        section.groups.sort_by_cached_key(|group| group::rank(&group.change));
    }
    sections.sort_by(|a, b| (b.targets.len(), &a.targets).cmp(&(a.targets.len(), &b.targets)));
    sections
}
