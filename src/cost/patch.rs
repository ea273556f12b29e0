//! What is recommended, written into the tenants' files: as texts first, which are tried before anybody writes them.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Advice, Owner};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::diff::adopt;
use crate::file::LARGEST;
use crate::integrity::quantity;
use crate::path::{Path, Step};
use crate::pipeline::{Compiler, Wanted};
use crate::quantity::Quantity;
use crate::source::Sources;
use crate::target::Target;
use crate::workspace::{Top, Workspace};
use crate::world::{Overlay, World};
use crate::yaml::edit;

/// A tenant's file with what is recommended.
#[derive(Debug)]
pub struct Patch {
    /// The tenant.
    pub tenant: Arc<str>,
    /// Its file, relative to the workspace.
    pub file: Arc<str>,
    /// The text it is to have.
    pub text: String,
    /// What is set.
    pub values: Vec<(Path, Arc<str>)>,
}

/// The files that tenants may write what is recommended into, tried: with all of them together, their tenants compile and
/// have these values. What cannot be written, or is wrong then, leaves none.
pub fn patches(
    workspace: &Workspace<'_>,
    environment: &Arc<str>,
    advice: &[Advice],
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Patch>, Failed> {
    let mut found: IndexMap<Arc<str>, Patch> = IndexMap::new();
    let mark = diagnostics.mark();
    for Advice { tenant, path, owner, recommended, .. } in advice {
        let (Owner::Tenant(file), Some(path)) = (owner, path) else { continue };
        let edited = match found.entry(Arc::clone(file)) {
            indexmap::map::Entry::Occupied(entry) => entry.into_mut(),
            indexmap::map::Entry::Vacant(entry) => {
                // It was read a moment ago; if it is gone since, an empty text would take its place.
                let bytes = workspace.world().read(file, LARGEST).ok();
                let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else {
                    return Err(diagnostics.fail(unwritable(file, path, recommended)));
                };
                let (tenant, file) = (Arc::clone(tenant), Arc::clone(file));
                entry.insert(Patch { tenant, file, text, values: Vec::new() })
            }
        };
        let keys: Option<Vec<&str>> = path.steps().iter().map(key).collect();
        match keys.and_then(|keys| edit::set(&edited.text, &keys, recommended)) {
            Some(text) => {
                edited.text = text;
                edited.values.push((path.clone(), Arc::clone(recommended)));
            }
            None => diagnostics.record(unwritable(file, path, recommended)),
        }
    }
    diagnostics.since(mark)?;
    let patches: Vec<Patch> = found.into_values().collect();
    try_out(workspace, environment, &patches, diagnostics)?;
    Ok(patches)
}

fn key(step: &Step) -> Option<&str> {
    match step {
        Step::Key(key) => Some(key),
        Step::Index(_) => None,
    }
}

fn unwritable(file: &str, path: &Path, recommended: &str) -> Diagnostic {
    Diagnostic::new(
        code::UNWRITABLE,
        format!("`{path}` cannot be set to {recommended} in {file} without changing more"),
    )
    .about(path.clone())
    .note("nothing was written, to this file or another")
    .help("write it by hand: a tag, an alias or another kind of value stands in the way")
}

/// Compiles the tenants as if their files were written.
fn try_out(
    workspace: &Workspace<'_>,
    environment: &Arc<str>,
    patches: &[Patch],
    diagnostics: &mut Diagnostics,
) -> Result<(), Failed> {
    if patches.is_empty() {
        return Ok(());
    }
    let files = patches.iter().map(|patch| (patch.file.as_ref(), patch.text.as_bytes()));
    let overlay = Overlay::new(workspace.world(), files);
    let sources = Sources::within(&workspace.sources().in_workspace(""));
    let mut found = Diagnostics::new();
    let outcome = compiled(&overlay, &sources, environment, patches, &mut found);
    adopt(&found, &sources, diagnostics, workspace.sources());
    outcome.map_err(|_| {
        diagnostics.fail(
            Diagnostic::new(code::UNWRITABLE, "with what is recommended, files of tenants would be wrong")
                .note("nothing was written; the places above are in the files as they would be")
                .help("write by hand what is right, and leave the others out of the file of usage"),
        )
    })
}

fn compiled(
    world: &dyn World,
    sources: &Sources,
    environment: &Arc<str>,
    patches: &[Patch],
    found: &mut Diagnostics,
) -> Result<(), Failed> {
    let trial = Workspace::find(world, sources, found)?;
    // What was a warning before is said already.
    let mut run = Diagnostics::with_levels(trial.levels());
    let target = |patch: &Patch| Target::new(Arc::clone(environment), Some(Arc::clone(&patch.tenant)), Vec::new());
    let targets: Vec<Target> = patches.iter().map(target).collect();
    let outcome = trial.templates(&mut run).and_then(|templates| {
        let compiler = Compiler::new(&trial, Top::default());
        compiler.run(&templates, &Wanted::default(), &targets, drop, &mut run)?;
        let mark = run.mark();
        for (patch, target) in patches.iter().zip(&targets) {
            let validated = compiler.validated(target, &mut run)?;
            for (path, recommended) in &patch.values {
                let value = validated.root().get(path).and_then(quantity);
                if value.is_none() || value != Quantity::parse(recommended) {
                    run.record(unwritable(&patch.file, path, recommended));
                }
            }
        }
        run.since(mark)
    });
    if outcome.is_err() {
        found.extend(run);
    }
    outcome
}
