//! The secrets of targets: names without a key, contents with one.
//!
//! A file that many tenants share is opened once.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use indexmap::IndexMap;

use super::name::{self, BEFORE, DIGEST, PREVIOUS, RECORD};
use super::record::NamesKey;
use super::{Policy, identities};
use crate::delivery::Generations;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean};
use crate::file::{self, Reason};
use crate::path::Path;
use crate::sops::{Identities, Opened, Plain, Sealed};
use crate::source::FileId;
use crate::target::{self, Target};
use crate::workspace::{self, Workspace};

/// The secrets of a workspace.
pub struct Vault<'w> {
    workspace: &'w Workspace<'w>,
    policy: Policy<'w>,
    identities: OnceLock<Result<Identities, Vec<Diagnostic>>>,
    /// What was opened, by file; else what was wrong.
    opened: Once<Opened>,
    /// What was read, by file.
    named: Once<NamesOfFile>,
}

/// The names in a file.
type NamesOfFile = Vec<(String, Named)>;

/// What is known of a secret without a key.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// The file that has it.
    pub(crate) file: FileId,
    /// What tells its contents apart.
    pub(crate) generations: Generations,
}
/// What was found out of files, by their names; else what is wrong with them.
type Once<T> = Mutex<IndexMap<String, Result<Arc<T>, Vec<Diagnostic>>>>;

/// The names of a target's secrets.
#[derive(Clone, Debug, Default)]
pub struct Names {
    names: IndexMap<String, Named>,
}

/// The contents of a target's secrets.
#[derive(Debug)]
pub struct Contents {
    /// Lowest first.
    files: Vec<Arc<Opened>>,
}

/// A secret's content and the file that it is in.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// The content.
    pub plain: &'a Plain,
    /// The file.
    pub from: &'a Opened,
}

impl<'w> Vault<'w> {
    /// The secrets of a workspace. No file of them is read yet.
    pub fn of_workspace(workspace: &'w Workspace<'w>, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let policy = Policy::of_workspace(workspace, diagnostics)?;
        Ok(Self { workspace, policy, identities: OnceLock::new(), opened: Mutex::default(), named: Mutex::default() })
    }

    /// The files that may hold a target's secrets and are there, lowest first.
    pub fn files(&self, target: &Target) -> Vec<String> {
        let files = self.candidates(target.environment(), target.tenant().map(AsRef::as_ref));
        files.into_iter().filter(|file| self.workspace.world().has(file)).collect()
    }

    /// The files that may hold the secrets of an environment, or of a tenant in it, lowest first.
    pub(crate) fn candidates(&self, environment: &str, tenant: Option<&str>) -> Vec<String> {
        let mut files: Vec<String> = Vec::new();
        for (pattern, _) in &self.workspace.secrets().files {
            let mut facts: Vec<(String, String)> = vec![("environment".to_owned(), environment.to_owned())];
            if let Some(tenant) = tenant {
                facts.push(("tenant".to_owned(), tenant.to_owned()));
                for fact in pattern.facts().filter(|fact| !matches!(fact.as_ref(), "environment" | "tenant")) {
                    let value = self.workspace.tenant_fact(environment, tenant, fact);
                    facts.extend(value.map(|value| (fact.to_string(), value)));
                }
            }
            let value = |wanted: &str| facts.iter().find(|(fact, _)| fact == wanted).map(|(_, value)| value.as_str());
            if let Ok(file) = pattern.file(value)
                && !files.contains(&file)
            {
                files.push(file);
            }
        }
        files
    }

    /// The names of a target's secrets. No key is needed.
    pub fn names(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Names, Failed> {
        let mut names = Names::default();
        let mut failed = None;
        for file in self.files(target) {
            match self.names_of(&file, target.environment(), diagnostics) {
                Ok(found) => names.names.extend(found.iter().cloned()),
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(names), Err)
    }

    fn names_of(
        &self,
        file: &str,
        environment: &str,
        diagnostics: &mut Diagnostics,
    ) -> Result<Arc<NamesOfFile>, Failed> {
        kept(&self.named, file, diagnostics, |diagnostics| {
            let sealed = self.read(file, Some(environment), diagnostics)?;
            let named = |(path, _): (Path, bool)| {
                let name = name::of(&path)?;
                let said = |[top, key]: [&str; 2]| sealed.plain(&Path::from_keys([top, key, &name])).map(Arc::from);
                let now = said(DIGEST).or_else(|| sealed.fingerprint(&path).map(Into::into)).unwrap_or_default();
                let generations = Generations { now, before: said(BEFORE) };
                Some((name, Named { file: sealed.file(), generations }))
            };
            Ok(sealed.names().into_iter().filter_map(named).collect())
        })
    }

    /// The contents of a target's secrets. Errors say which key is missing; the exit code is 4 then.
    pub fn contents(&self, target: &Target, diagnostics: &mut Diagnostics) -> Result<Contents, Failed> {
        let mut files = Vec::new();
        let mut failed = None;
        for file in self.files(target) {
            match self.open(&file, target.environment(), diagnostics) {
                Ok(opened) => files.push(opened),
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(Contents { files }), Err)
    }

    /// The contents of the secrets of an environment, or of what a tenant in it sees.
    pub(crate) fn contents_of(
        &self,
        environment: &str,
        tenant: Option<&str>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Contents, Failed> {
        self.contents(&Target::new(environment.into(), tenant.map(Into::into), Vec::new()), diagnostics)
    }

    /// Opens a file of an environment, once.
    pub fn open(&self, file: &str, environment: &str, diagnostics: &mut Diagnostics) -> Result<Arc<Opened>, Failed> {
        kept(&self.opened, file, diagnostics, |diagnostics| {
            let sealed = self.read(file, Some(environment), diagnostics)?;
            sealed.open(self.identities(diagnostics)?, diagnostics)
        })
    }

    /// Reads a file of an environment, or of none.
    pub fn read(&self, file: &str, environment: Option<&str>, diagnostics: &mut Diagnostics) -> Result<Sealed, Failed> {
        let reason = Reason { place: None, what: "encrypted secrets".to_owned() };
        let (world, sources) = (self.workspace.world(), self.workspace.sources());
        let id = file::load_secret(world, sources, file, &reason, diagnostics)?;
        let text = Arc::clone(sources.get(id).text());
        Sealed::read(id, &text, &self.policy.terms(file, environment).selection, diagnostics)
    }

    /// The keys that are there.
    pub fn identities(&self, diagnostics: &mut Diagnostics) -> Result<&Identities, Failed> {
        let found = self.identities.get_or_init(|| {
            let mut own = Diagnostics::new();
            identities(self.workspace.world(), &mut own).map_err(|_| own.items().to_vec())
        });
        found.as_ref().map_err(|items| again(items, diagnostics))
    }

    /// The workspace.
    pub(crate) fn workspace(&self) -> &'w Workspace<'w> {
        self.workspace
    }

    /// The file that new secrets of an environment, or of a tenant in it, go to: the highest that is theirs alone.
    pub(crate) fn own_file(&self, environment: &str, tenant: Option<&str>) -> Option<String> {
        let shared = self.candidates(environment, None);
        let mut own = self.candidates(environment, tenant);
        own.retain(|file| tenant.is_none() || !shared.contains(file));
        own.pop()
    }

    /// The files of secrets of an environment that are there, in the order of their names.
    pub(crate) fn files_of(&self, environment: &str, diagnostics: &mut Diagnostics) -> Result<Vec<String>, Failed> {
        let valid = |fact: &str, value: &str| match fact {
            "environment" => value == environment,
            _ => workspace::is_label(value) || value == target::ENVIRONMENT,
        };
        let mut files = Vec::new();
        for (pattern, place) in &self.workspace.secrets().files {
            let folder = pattern.folder(environment);
            let listed = self.workspace.world().list(&folder).map_err(|why| {
                let reason = Reason { place: Some(*place), what: "the folder of secrets".to_owned() };
                diagnostics.fail(file::unreadable(&folder, &why, &reason))
            })?;
            files.extend(listed.into_iter().filter(|file| pattern.read(file, &valid).is_some()));
        }
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// The environment whose secrets a file of the workspace holds.
    pub(crate) fn environment_of(&self, file: &str) -> Option<&'w Arc<str>> {
        self.workspace.environments().find(|environment| {
            let valid = |fact: &str, value: &str| fact != "environment" || value == environment.as_ref();
            let patterns = &self.workspace.secrets().files;
            patterns.iter().any(|(pattern, _)| pattern.needs("environment") && pattern.read(file, &valid).is_some())
        })
    }

    /// What the root of the workspace says of files.
    pub(crate) fn policy(&self) -> &Policy<'w> {
        &self.policy
    }
}

/// What is known of a file, found out once.
fn kept<T>(
    known: &Once<T>,
    file: &str,
    diagnostics: &mut Diagnostics,
    find: impl FnOnce(&mut Diagnostics) -> Result<T, Failed>,
) -> Result<Arc<T>, Failed> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known.entry(file.to_owned()).or_insert_with(|| {
        let mut own = Diagnostics::new();
        find(&mut own).map(Arc::new).map_err(|_| own.items().to_vec())
    });
    match found {
        Ok(found) => Ok(Arc::clone(found)),
        Err(items) => Err(again(items, diagnostics)),
    }
}

/// Records what was found before; there is an error among it.
fn again(items: &[Diagnostic], diagnostics: &mut Diagnostics) -> Failed {
    let (last, rest) = items.split_last().unzip();
    diagnostics.replay(rest.unwrap_or_default());
    let last = last.cloned().unwrap_or_else(|| Diagnostic::new(code::NO_KEY, "there is no key"));
    diagnostics.fail(last)
}

impl Names {
    /// The file that holds a secret's content; the highest that does.
    pub fn get(&self, name: &str) -> Option<FileId> {
        self.names.get(name).map(|named| named.file)
    }

    /// What is known of each secret.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&str, &Named)> {
        self.names.iter().map(|(name, named)| (name.as_str(), named))
    }

    /// All names, those of the lowest file first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// A help line for a name that is not there.
    pub fn did_you_mean(&self, name: &str) -> Option<String> {
        did_you_mean(name, self.iter())
    }
}

impl Contents {
    /// A secret's content, from the highest file that has it.
    pub fn get(&self, name: &str) -> Option<Content<'_>> {
        let path = Path::from_keys(name.split('.'));
        self.files.iter().rev().find_map(|file| Some(Content { plain: file.get(&path)?, from: file }))
    }

    /// What a secret held before, as long as it is not retired, from the file that has its content.
    pub fn previous(&self, name: &str) -> Option<Content<'_>> {
        let Content { from, .. } = self.get(name)?;
        let path = Path::from_keys([RECORD, PREVIOUS].into_iter().chain(name.split('.')));
        Some(Content { plain: from.get(&path)?, from })
    }

    /// All names, each once.
    pub fn names(&self) -> Vec<String> {
        let values = self.files.iter().flat_map(|file| file.values());
        let mut names: Vec<String> = values.filter_map(|(path, _)| name::of(&path)).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The files, lowest first.
    pub fn files(&self) -> impl Iterator<Item = &Arc<Opened>> {
        self.files.iter()
    }
}

impl Content<'_> {
    /// Whether the digest that the file has of this value is that of what it holds; one that has none is.
    pub(crate) fn is_as_recorded(&self, name: &str) -> bool {
        let Some(said) = self.from.get(&Path::from_keys([DIGEST[0], DIGEST[1], name])) else { return true };
        NamesKey::of(self.from).is_none_or(|key| key.digest(name, self.plain) == said.reveal())
    }
}

impl std::fmt::Debug for Vault<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}
