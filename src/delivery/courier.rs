//! Who brings secrets to where they may be.
//!
//! Before objects are written, the names of a target's secrets are held against the encrypted files; no key is needed for
//! that. After all else, documents get the objects that hold secrets: encrypted, or opened if somebody asks for it, or
//! not at all.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::{Delivery, Knowing, Known};
use crate::check::{Document, Form};
use crate::delivery::contents::{self, Undelivered};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::manifest::Manifest;
use crate::secrets::{Contents, Vault};
use crate::sops::Unsealable;
use crate::target::Target;
use crate::tree::Node;
use crate::workspace::Workspace;

/// Who brings the secrets of a workspace.
pub(crate) struct Courier<'w> {
    workspace: &'w Workspace<'w>,
    vault: OnceLock<Result<Vault<'w>, Vec<Diagnostic>>>,
    /// Whether contents may be shown.
    reveal: bool,
    /// Objects that were left out.
    left_out: AtomicUsize,
}

impl<'w> Courier<'w> {
    /// One who shows no content.
    pub(crate) fn new(workspace: &'w Workspace<'w>) -> Self {
        Self { workspace, vault: OnceLock::new(), reveal: false, left_out: AtomicUsize::new(0) }
    }

    /// The same, who shows contents where the environment has them delivered so.
    pub(crate) fn revealing(self, reveal: bool) -> Self {
        Self { reveal, ..self }
    }

    /// How the secrets of an environment are delivered.
    pub(crate) fn delivery(&self, environment: &str) -> &'w Delivery {
        self.workspace.secrets().delivery(environment)
    }

    fn known_of(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Known, Failed> {
        let vault = self.vault(diagnostics)?;
        let complete = match self.delivery(target.environment()) {
            Delivery::External(_) => return Ok(Known::default()),
            Delivery::LeftOut => !vault.files(target).is_empty(),
            Delivery::Sops | Delivery::Inline => true,
        };
        let shared = vault.candidates(target.environment(), None);
        let names = vault.names(target, diagnostics)?;
        let mut known = Known { complete, ..Known::default() };
        for (name, named) in names.known() {
            let name: Arc<str> = name.into();
            let source = self.workspace.sources().get(named.file);
            if target.tenant().is_some() && !shared.iter().any(|file| file == source.name().as_ref()) {
                known.own.insert(Arc::clone(&name));
            }
            known.secrets.insert(name, named.generations.clone());
        }
        Ok(known)
    }

    /// A document with the objects that hold secrets, as the environment has them delivered.
    pub(crate) fn deliver(&self, document: Document, form: Form, diagnostics: &mut Diagnostics) -> Document {
        if document.sealed().is_empty() {
            return document;
        }
        let target = Arc::clone(document.target());
        let delivery = self.delivery(target.environment());
        match delivery {
            Delivery::Inline if self.reveal => {}
            Delivery::Sops => {}
            Delivery::Inline | Delivery::LeftOut | Delivery::External(_) => return self.leave_out(document, form),
        }
        // Of a name nothing is secret.
        if form == Form::Name {
            return document.unsealed(form, name);
        }
        let opened = self.contents(&target, diagnostics);
        // Why they cannot be opened was recorded, and nothing of the run is written.
        let Ok(contents) = opened else { return document.unsealed(form, |_| None) };
        document.unsealed(form, |node| {
            let written = match delivery {
                Delivery::Sops => contents::encrypted(node, &contents, &target, form),
                _ => contents::opened(node, &contents, form),
            };
            written.map_err(|why| diagnostics.record(refused(&why, node))).ok()
        })
    }

    /// A document without the objects that hold secrets.
    pub(crate) fn leave_out(&self, document: Document, form: Form) -> Document {
        self.left_out.fetch_add(document.sealed().len(), Ordering::Relaxed);
        document.unsealed(form, |_| None)
    }

    /// Objects that were left out so far.
    pub(crate) fn left_out(&self) -> usize {
        self.left_out.load(Ordering::Relaxed)
    }

    fn contents(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Contents, Failed> {
        self.vault(diagnostics)?.contents(target, diagnostics)
    }

    fn vault(&self, diagnostics: &mut Diagnostics) -> Result<&Vault<'w>, Failed> {
        let found = self.vault.get_or_init(|| {
            let mut own = Diagnostics::new();
            Vault::of_workspace(self.workspace, &mut own).map_err(|_| own.items().to_vec())
        });
        found.as_ref().map_err(|items| {
            let mark = diagnostics.mark();
            diagnostics.replay(items);
            match diagnostics.since(mark) {
                Err(failed) => failed,
                Ok(()) => diagnostics.fail(Diagnostic::new(code::RECIPIENTS, "the settings of secrets are wrong")),
            }
        })
    }
}

impl Knowing for Courier<'_> {
    fn known(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Known, Failed> {
        self.known_of(target, diagnostics)
    }

    fn stamp(&self, environment: &str) -> String {
        // What is wrong with a file is said where it is needed.
        let mut ignored = Diagnostics::new();
        let Ok(vault) = self.vault(&mut ignored) else { return String::new() };
        let files = vault.files_of(environment, &mut ignored).unwrap_or_default();
        if files.is_empty() {
            return String::new();
        }
        let mut hasher = blake3::Hasher::new();
        for file in files {
            let bytes = self.workspace.world().read(&file, crate::file::LARGEST).unwrap_or_default();
            for part in [file.as_bytes(), &bytes] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    fn delivery(&self, environment: &str) -> &Delivery {
        Courier::delivery(self, environment)
    }
}

/// The line of an object that is told by name.
fn name(node: &Node) -> Option<String> {
    let manifest = Manifest::new(node.clone(), &Arc::default()).ok()?;
    Some(manifest.identity().arguments())
}

fn refused(why: &Undelivered, node: &Node) -> Diagnostic {
    let object = node.str_at(&["metadata", "name"]).unwrap_or_default();
    match why {
        Undelivered::Missing(name) => Diagnostic::new(
            code::UNKNOWN_SECRET,
            format!("Secret/{object} needs the secret `{name}`, which has no content"),
        )
        .help(format!("set it: `tenantctl secrets set ENV {name}`")),
        Undelivered::Stale(name) => Diagnostic::new(
            code::STALE_RECORD,
            format!("the secret `{name}` was changed by another program, and its file does not say so yet"),
        )
        .help("`tenantctl secrets updatekeys ENV` brings the files up to date"),
        Undelivered::Unsealable(why) => {
            let what = match why {
                Unsealable::Outside { path } => format!("Secret/{object} {path} is not where a secret may be"),
                Unsealable::Missing { name, .. } => format!("Secret/{object} needs the secret `{name}`"),
                Unsealable::Form => format!("Secret/{object} cannot be encrypted"),
            };
            Diagnostic::new(code::SECRET_FLOW, what).help("a Secret must not have a field `sops` of its own")
        }
    }
}
