//! What a run does with each batch of targets: finds what an earlier run made of it, or compiles it and keeps that.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Compiler, Stage, Wanted};
use crate::cache::{self, Cache, Kept, Key, Recipe};
use crate::check::{Claims, Document};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::layers::Layers;
use crate::target::Target;
use crate::template::Templates;

/// A run, as the threads that compile see it.
pub(super) struct Job<'a> {
    compiler: &'a Compiler<'a>,
    templates: &'a Templates,
    wanted: &'a Wanted,
    /// Where the findings of a target begin.
    common: Diagnostics,
    kept: Option<(&'a Cache, Recipe<'a>)>,
}

/// What came of one target.
pub(super) struct Outcome {
    pub(super) diagnostics: Diagnostics,
    pub(super) claims: Option<Claims>,
    pub(super) document: Option<Document>,
}

/// A target whose files were read.
struct Read {
    layers: Layers,
    diagnostics: Diagnostics,
}

impl<'a> Job<'a> {
    pub(super) fn new(
        compiler: &'a Compiler<'a>,
        templates: &'a Templates,
        wanted: &'a Wanted,
        environment: Option<&str>,
        common: Diagnostics,
    ) -> Self {
        let workspace = compiler.workspace;
        let recipe = || {
            let common = workspace.files().chain(templates.sources()).collect();
            let day = workspace.policy().day().map(|day| day.to_string()).unwrap_or_default();
            let secrets = environment.map(|environment| compiler.secrets.stamp(environment)).unwrap_or_default();
            let version = format!("{} {day} {secrets}", workspace.kubernetes().version());
            Recipe::new(workspace.sources(), common, &workspace.rules().ended(), wanted).for_kubernetes(&version)
        };
        let kept = compiler.cache.map(|cache| (cache, recipe()));
        Self { compiler, templates, wanted, common, kept }
    }

    /// What comes of a batch. `first` is whether it is the first of the run.
    pub(super) fn batch(&self, batch: &[&Target], first: bool) -> Vec<Outcome> {
        let outcomes = self.found_or_made(batch, first);
        for target in batch {
            self.compiler.workspace.release(target);
        }
        outcomes.into_iter().map(|outcome| self.presented(outcome)).collect()
    }

    /// What comes of one target that is alone.
    pub(super) fn alone(&self, target: &Target) -> Outcome {
        self.presented(self.one(target))
    }

    fn presented(&self, outcome: Outcome) -> Outcome {
        let Some(present) = self.compiler.present else { return outcome };
        let mut diagnostics = outcome.diagnostics;
        let document = outcome.document.map(|document| present(document, &mut diagnostics));
        Outcome { diagnostics, document, ..outcome }
    }

    fn found_or_made(&self, batch: &[&Target], first: bool) -> Vec<Outcome> {
        let Some((cache, recipe)) = &self.kept else {
            return batch.par_iter().map(|target| self.one(target)).collect();
        };
        let read: Result<Vec<Read>, Diagnostics> = batch.iter().map(|target| self.read(target)).collect();
        // What cannot be read has no key; the others are compiled as ever.
        let Ok(read) = read else { return batch.par_iter().map(|target| self.one(target)).collect() };
        let layers: Vec<&Layers> = read.iter().map(|read| &read.layers).collect();
        let key = recipe.key(&layers);
        let found = cache.find(&key).and_then(|entry| {
            let batch: Vec<_> =
                layers.iter().map(|layers| (Arc::clone(layers.target()), recipe.files(layers))).collect();
            Some((cache::decode(&entry, &batch)?, entry))
        });
        if let Some((kept, entry)) = found {
            if cache.is_sample(&key, first) {
                return self.verified(read, &entry, &key, recipe);
            }
            let outcomes = read.into_iter().zip(kept).map(|(read, kept)| self.again(read, kept));
            return outcomes.collect();
        }
        let outcomes: Vec<Outcome> = read.par_iter().map(|read| self.compiled(read)).collect();
        if let Some(entry) = entry(&read, &outcomes, recipe) {
            cache.keep(&key, &entry);
        }
        read.into_iter().zip(outcomes).map(|(read, outcome)| read.and(outcome)).collect()
    }

    /// What comes of one target.
    fn one(&self, target: &Target) -> Outcome {
        match self.read(target) {
            Ok(read) => {
                let outcome = self.compiled(&read);
                read.and(outcome)
            }
            Err(diagnostics) => Outcome { diagnostics, claims: None, document: None },
        }
    }

    /// Reads the files of a target; else what is wrong with them.
    fn read(&self, target: &Target) -> Result<Read, Diagnostics> {
        let mut diagnostics = self.common.for_target(&target.to_string());
        match self.compiler.layers(target, &mut diagnostics) {
            Ok(layers) => Ok(Read { layers, diagnostics }),
            Err(_) => Err(diagnostics),
        }
    }

    /// Everything after reading, with what is found then.
    fn compiled(&self, read: &Read) -> Outcome {
        let mut diagnostics = self.common.for_target(&read.layers.target().to_string());
        let only = self.wanted.template.as_deref();
        let (claims, document) = match self.compiler.approve(self.templates, only, &read.layers, &mut diagnostics) {
            Ok((claims, approved)) => {
                let present = |approved| self.compiler.timings.time(Stage::Emit, || self.wanted.of(approved));
                (Some(claims), approved.ok().map(present))
            }
            Err(_) => (None, None),
        };
        Outcome { diagnostics, claims, document }
    }

    /// What an earlier run made.
    fn again(&self, mut read: Read, kept: Kept) -> Outcome {
        self.compiler.timings.count(kept.document.objects());
        read.diagnostics.replay(&kept.found);
        Outcome { diagnostics: read.diagnostics, claims: Some(kept.claims), document: Some(kept.document) }
    }

    /// Compiles a batch that was found, and says so if that makes something else.
    fn verified(&self, read: Vec<Read>, found: &[u8], key: &Key, recipe: &Recipe<'_>) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = read.par_iter().map(|read| self.compiled(read)).collect();
        if entry(&read, &outcomes, recipe).as_deref() != Some(found)
            && let (Some(outcome), Some(first), Some(last)) = (outcomes.first_mut(), read.first(), read.last())
        {
            let (first, last) = (first.layers.target(), last.layers.target());
            outcome.diagnostics.record(
                Diagnostic::new(code::CACHE, format!("what was kept for {first} to {last} is not what is made now"))
                    .note(format!("it is the entry {key}"))
                    .help("remove .tenantctl/cache, or give --no-cache; and report it, for this must never be"),
            );
        }
        read.into_iter().zip(outcomes).map(|(read, outcome)| read.and(outcome)).collect()
    }
}

impl Read {
    /// With what was found later.
    fn and(self, outcome: Outcome) -> Outcome {
        let mut diagnostics = self.diagnostics;
        diagnostics.extend(outcome.diagnostics);
        Outcome { diagnostics, ..outcome }
    }
}

/// The entry of a compiled batch; `None` if an error stands against a part of it.
fn entry(read: &[Read], outcomes: &[Outcome], recipe: &Recipe<'_>) -> Option<Vec<u8>> {
    let kept = |outcome: &Outcome| {
        outcome.diagnostics.all_clear().ok()?;
        Some(Kept {
            claims: outcome.claims.clone()?,
            document: outcome.document.clone()?,
            found: outcome.diagnostics.items().to_vec(),
        })
    };
    let kept: Vec<Kept> = outcomes.iter().map(kept).collect::<Option<_>>()?;
    let batch: Vec<_> = kept.iter().zip(read).map(|(kept, read)| (kept, recipe.files(&read.layers))).collect();
    cache::encode(&batch)
}
