//! A tree of files in a directory: `render ENV -o DIR`.
//!
//! In go the files of a run and the inventory of earlier ones, out come the files and a [`Receipt`]. Only files whose
//! bytes change are touched, only files of the inventory are removed, and either a reason to refuse is found before
//! the first change or there is none. Files of other environments and of other people are left alone.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::folder::{Folder, Found};
use super::inventory::{Entry, Inventory};
use super::plan::{self, Plan};
use super::{Receipt, Tree, digest, shown};
use crate::check::{Content, Document};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::target::Target;

/// The inventory of what is there.
const INVENTORY: &str = ".tenantctl/inventory.json";
/// The inventory of what will be there. It is left only by a run that was interrupted; the next one then knows the
/// files of both runs as its own.
const PENDING: &str = ".tenantctl/pending.json";

/// What the user chose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Remove the files of any number of tenants.
    pub prune_all: bool,
    /// Let only the owner read what is written.
    pub private: bool,
    /// Wait while another run writes to the directory, as the shards of a fleet do to one another.
    pub wait: bool,
}

/// A directory that an earlier run wrote to, locked while this run compiles: what is right there already need not be kept
/// until the end.
#[derive(Debug)]
pub struct Before {
    folder: Folder,
    /// The first part of the paths.
    directory: String,
}

impl Before {
    /// Locks a directory for the files of an environment with its overrides, which are `private` if only their owner may
    /// read them; `None` if no run wrote there.
    pub fn open(
        directory: &Path,
        target: &Target,
        private: bool,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<Self>, Failed> {
        let folder = Folder::again(directory, diagnostics)?.map(|folder| folder.private(private));
        let directory = super::folder_of(target.environment(), target.overrides());
        Ok(folder.map(|folder| Self { folder, directory }))
    }

    /// Lets go of the texts of a document that are there already.
    pub fn look(&self, document: Document) -> Document {
        let folder = super::folder(&self.directory, document.target());
        let look = |path: String, content: Content| {
            // What cannot be read is said when it is to be written.
            match self.folder.find(&path, &mut Diagnostics::new()) {
                Ok(found) if self.folder.is_right(&path, &found, content.text()) => {
                    let digest = shown(content.digest());
                    content.there(digest)
                }
                _ => content,
            }
        };
        let (target, objects) = (Arc::clone(document.target()), document.objects());
        let sealed = document.sealed().to_vec();
        let (manifest, artifacts) = document.into_contents();
        let manifest = look(super::manifest_path(&folder), manifest);
        let artifacts = artifacts.into_iter().map(|(path, content)| {
            let content = look(super::artifact_path(&folder, &path), content);
            (path, content)
        });
        Document::kept(target, objects, manifest, artifacts.collect()).with_sealed(sealed)
    }
}

/// Makes `directory` hold the tree. On `Failed` before the first change nothing was touched; when the system fails in the
/// middle, every file is the old one or the new one, and the next run goes on from there.
pub fn write(
    directory: &Path,
    before: Option<&Before>,
    tree: &Tree<'_>,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Result<Receipt, Failed> {
    let files = plan::files(tree, diagnostics)?;
    let opened;
    let folder = if let Some(before) = before {
        &before.folder
    } else {
        opened = Folder::open(directory, options.wait, diagnostics)?.private(options.private);
        &opened
    };
    let inventory = load(folder, INVENTORY, diagnostics)?;
    let pending = load(folder, PENDING, diagnostics)?;
    let mut new = inventory.clone().unwrap_or_default();
    if let Some(pending) = &pending {
        settle(folder, &mut new, pending, diagnostics)?;
    }
    let name = tree.directory();
    let known = new.environments.remove(&name).unwrap_or_default();
    let plan = plan::plan(folder, tree, &files, &known, diagnostics)?;
    if !options.prune_all {
        plan::guard(&folder.shown(&name), &plan, &files, &known, diagnostics)?;
    }
    plan::warn(folder, &plan, diagnostics)?;
    let entry = next(tree, &plan, known);
    if !entry.files.is_empty() {
        new.environments.insert(name, entry);
    }
    let changed = pending.is_some() || inventory.as_ref() != Some(&new);
    apply(folder, &plan, changed.then_some(&new), diagnostics)?;

    let digests: Vec<String> = plan.digests.iter().map(|(path, digest)| format!("{path}\0{digest}\n")).collect();
    let written = plan.write.iter().map(|(path, _)| (*path).to_owned()).collect();
    let Plan { unchanged, remove, keep, .. } = plan;
    Ok(Receipt::new(written, unchanged, remove, keep, tree.tenants, digest(digests.concat().as_bytes())))
}

/// Changes the files, between two states of the inventory if that changes.
fn apply(
    folder: &Folder,
    plan: &Plan<'_>,
    new: Option<&Inventory>,
    diagnostics: &mut Diagnostics,
) -> Result<(), Failed> {
    if let Some(new) = new {
        folder.write(PENDING, new.text().as_bytes(), diagnostics)?;
    }
    let write = |(path, text): &(&str, &str)| {
        let mut refused = diagnostics.untargeted();
        let written = folder.write(path, text.as_bytes(), &mut refused);
        written.err().map(|failed| (failed, refused))
    };
    // A disk that is full refuses many; one is enough to know.
    if let Some((failed, refused)) = plan.write.par_iter().find_map_first(write) {
        diagnostics.extend(refused);
        return Err(failed);
    }
    for path in &plan.remove {
        folder.remove(path, diagnostics)?;
    }
    if new.is_some() { folder.rename(PENDING, INVENTORY, diagnostics) } else { Ok(()) }
}

/// What the inventory will say of this directory.
fn next(tree: &Tree<'_>, plan: &Plan<'_>, known: Entry) -> Entry {
    let mut entry = Entry { inputs: Some(tree.inputs.clone()), files: plan.digests.clone() };
    if tree.complete {
        // A file that was kept stays known, so that it is spoken of until somebody deals with it.
        for path in &plan.keep {
            entry.files.extend(known.files.get(path).map(|digest| (path.clone(), digest.clone())));
        }
    } else {
        // What the other files were made from is known only as long as these are the same.
        entry.inputs = known.inputs.filter(|_| plan.write.is_empty());
        for (path, digest) in known.files {
            entry.files.entry(path).or_insert(digest);
        }
    }
    entry
}

/// Finds out how far an interrupted run came: a file that has the bytes it was to get is ours.
fn settle(
    folder: &Folder,
    inventory: &mut Inventory,
    pending: &Inventory,
    diagnostics: &mut Diagnostics,
) -> Result<(), Failed> {
    for (directory, wanted) in &pending.environments {
        let entry = inventory.environments.entry(directory.clone()).or_default();
        if entry == wanted {
            continue;
        }
        entry.inputs = None;
        for (path, wanted) in &wanted.files {
            if entry.files.get(path) != Some(wanted)
                && matches!(folder.find(path, diagnostics)?, Found::File(bytes) if digest(&bytes) == *wanted)
            {
                entry.files.insert(path.clone(), wanted.clone());
            }
        }
    }
    inventory.environments.retain(|_, entry| !entry.files.is_empty());
    Ok(())
}

/// An inventory, if there is one.
fn load(folder: &Folder, path: &str, diagnostics: &mut Diagnostics) -> Result<Option<Inventory>, Failed> {
    let parsed = match folder.find(path, diagnostics)? {
        Found::Nothing => return Ok(None),
        Found::File(bytes) => Inventory::parse(&bytes),
        Found::Other => Err("it is not a regular file".to_owned()),
    };
    parsed.map(Some).map_err(|why| {
        let shown = folder.shown(path);
        diagnostics.fail(
            Diagnostic::new(code::INVENTORY, format!("{shown} cannot be read: {why}"))
                .note("without it nobody knows which files tenantctl made, so nothing was written or removed")
                .help(format!("take {shown} back from version control"))
                .help("or render into an empty directory and put that in place of this one"),
        )
    })
}
