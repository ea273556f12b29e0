//! What a layer inherits: the levels below it, merged for each environment and for each choice of the facts that pick
//! their files.
//!
//! In goes the rank of a level, out come merged trees with the choices that made them. Files of tenants and overrides
//! are nobody's choice and stay out.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::{Level, Workspace};
use crate::diagnostic::Diagnostics;
use crate::file::Reason;
use crate::layers::{Layer, Layers};
use crate::target::Target;
use crate::tree::Node;

/// Most choices of facts that are merged for one environment. Beyond it the facts with the most values are left open.
const MOST: usize = 96;

/// The levels below one, merged.
#[derive(Debug, Default)]
pub(crate) struct Beneath {
    /// The facts that were chosen, in the order in which the levels need them.
    pub(crate) facts: Vec<Arc<str>>,
    /// One for each environment and choice.
    pub(crate) variants: Vec<Variant>,
    /// Whether a tenant's own file lies between.
    pub(crate) tenants: bool,
}

/// One choice, and what it makes.
#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) environment: Arc<str>,
    /// The value of each fact; `None` where a tenant need not have one.
    pub(crate) chosen: Vec<Option<Arc<str>>>,
    /// What is inherited.
    pub(crate) root: Node,
    /// What it was merged from.
    pub(crate) layers: Layers,
}

/// The values of facts, `None` for none.
type Choices = IndexMap<Arc<str>, IndexSet<Option<Arc<str>>>>;

impl Workspace<'_> {
    /// What the level of a rank inherits in these environments. What is wrong with the files is left to those who
    /// compile them: a level that cannot be read or merged is left out.
    pub(crate) fn beneath(&self, rank: usize, environments: &[Arc<str>]) -> Beneath {
        let levels = self.levels_of_files().get(..rank).unwrap_or_default();
        let open = |level: &&Level| !level.file.needs("tenant") && !level.file.needs("override");
        let shared: Vec<(usize, &Level)> = levels.iter().enumerate().filter(|(_, level)| open(level)).collect();
        let mut facts: IndexSet<Arc<str>> = IndexSet::new();
        for (_, level) in &shared {
            facts.extend(level.file.facts().filter(|fact| fact.as_ref() != "environment").cloned());
        }
        let mut beneath = Beneath {
            facts: facts.into_iter().collect(),
            variants: Vec::new(),
            tenants: levels.iter().any(|level| level.file.needs("tenant")),
        };
        for environment in environments {
            let choices = self.choices(environment, &shared, &beneath.facts);
            for chosen in product(&choices) {
                let values: IndexMap<&Arc<str>, &Option<Arc<str>>> = choices.keys().zip(&chosen).collect();
                let layers = self.chosen_layers(environment, &shared, &values);
                if layers.stack().is_empty() {
                    continue;
                }
                let merged = layers.merge(self.rules(), self.prefixes(), &mut Diagnostics::new());
                if let Ok(merged) = merged {
                    let root = merged.root().clone();
                    let variant = Variant { environment: Arc::clone(environment), chosen, root, layers };
                    beneath.variants.push(variant);
                }
            }
        }
        beneath
    }

    /// The values that each fact may have in an environment.
    fn choices(&self, environment: &Arc<str>, levels: &[(usize, &Level)], facts: &[Arc<str>]) -> Choices {
        let mut choices = Choices::new();
        for fact in facts {
            let needing = || levels.iter().filter(|(_, level)| level.file.needs(fact));
            let mut values: IndexSet<Option<Arc<str>>> = IndexSet::new();
            for (_, level) in needing() {
                let pattern = level.file.with("environment", environment);
                let folder = pattern.folder("");
                let files = if folder.is_empty() { Vec::new() } else { self.world().list(&folder).unwrap_or_default() };
                for file in files {
                    let valid = |fact: &str, value: &str| self.is_value(fact, value);
                    let known = pattern.read(&file, &valid).unwrap_or_default();
                    let own = known.into_iter().filter(|(known, _)| known == fact);
                    values.extend(own.map(|(_, value)| Some(Arc::from(value))));
                }
            }
            let given = || self.fact(environment, None, &[fact], &mut Diagnostics::new());
            if values.is_empty() || (needing().all(|(_, level)| level.optional) && given().is_none()) {
                values.shift_insert(0, None);
            }
            choices.insert(Arc::clone(fact), values);
        }
        while choices.values().map(IndexSet::len).product::<usize>() > MOST {
            let Some((_, widest)) = choices.iter_mut().max_by_key(|(_, values)| values.len()) else { break };
            *widest = IndexSet::from([None]);
        }
        choices
    }

    fn chosen_layers(
        &self,
        environment: &Arc<str>,
        levels: &[(usize, &Level)],
        values: &IndexMap<&Arc<str>, &Option<Arc<str>>>,
    ) -> Layers {
        let mut stack: Vec<Layer> = Vec::new();
        for (rank, level) in levels {
            let lookup = |fact: &str| match fact {
                "environment" => Some(environment.as_ref()),
                _ => values.iter().find(|(known, _)| known.as_ref() == fact)?.1.as_deref(),
            };
            let Ok(file) = level.file.file(lookup) else { continue };
            if !self.has(&file) {
                continue;
            }
            let reason = Reason { place: Some(level.place), what: format!("layer {}", level.name) };
            let mut documents = Vec::new();
            let read = self.open(&file.into(), &reason, &mut Vec::new(), &mut Diagnostics::new(), &mut |document| {
                documents.push(document);
            });
            if read.is_err() {
                continue;
            }
            for document in documents {
                if !stack.iter().any(|layer| layer.document.file == document.file) {
                    let (name, trust) = (Arc::clone(&level.name), level.trust);
                    stack.push(Layer { name, rank: *rank, over: None, trust, document });
                }
            }
        }
        Layers::new(Arc::new(Target::new(Arc::clone(environment), None, Vec::new())), stack)
    }
}

/// Every choice of one value for each fact.
fn product(choices: &Choices) -> Vec<Vec<Option<Arc<str>>>> {
    choices.values().fold(vec![Vec::new()], |begun, values| {
        let longer = |start: &Vec<Option<Arc<str>>>, value: &Option<Arc<str>>| {
            let mut start = start.clone();
            start.push(value.clone());
            start
        };
        begun.iter().flat_map(|start| values.iter().map(move |value| longer(start, value))).collect()
    })
}
