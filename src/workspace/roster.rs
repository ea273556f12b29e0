//! Which tenants and overrides there are, and which of them are asked for.

use std::sync::Arc;

use globset::{Glob, GlobMatcher};
use indexmap::IndexSet;

use super::selection::{Condition, condition};
use super::settings::{is_label, is_name};
use super::{Selection, Workspace};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean};
use crate::file::{self, Reason};
use crate::layers::{About, Document};
use crate::target::Target;

impl Workspace<'_> {
    /// The targets of a selection: the environment's own first, unless tenants were chosen, then the tenants by id; of
    /// these the selection's shard.
    pub fn targets(&self, selection: &Selection, diagnostics: &mut Diagnostics) -> Result<Vec<Target>, Failed> {
        let environment = self.environment(&selection.environment, diagnostics)?;
        let overrides = self.overrides_named(environment, &selection.overrides, diagnostics)?;
        let all = self.tenants(environment, diagnostics)?;
        let chosen = self.chosen(environment, &all, selection, diagnostics)?;
        let own = selection.takes_all_tenants().then_some(None);
        let tenants = own.into_iter().chain(chosen.into_iter().map(Some));
        let targets = tenants.map(|tenant| Target::new(Arc::clone(environment), tenant, overrides.clone())).collect();
        Ok(match selection.shard {
            Some(shard) => shard.of(targets),
            None => targets,
        })
    }

    /// The ids of an environment's tenants, sorted.
    pub fn tenants(&self, environment: &str, diagnostics: &mut Diagnostics) -> Result<Vec<Arc<str>>, Failed> {
        let mark = diagnostics.mark();
        let mut tenants = Vec::new();
        for name in self.files_of("tenant", environment, diagnostics)? {
            if is_label(&name) {
                tenants.push(name.into());
            } else {
                let file = self.file_of("tenant", environment, &name).unwrap_or_default();
                diagnostics.record(invalid_id(&name).note(format!("it is the name of the file {file}")));
            }
        }
        diagnostics.since(mark)?;
        Ok(tenants)
    }

    /// The names of an environment's overrides, sorted.
    pub fn overrides(&self, environment: &str, diagnostics: &mut Diagnostics) -> Result<Vec<Arc<str>>, Failed> {
        let names = self.files_of("override", environment, diagnostics)?;
        Ok(names.into_iter().filter(|name| is_name(name)).map(Into::into).collect())
    }

    /// The file of an override, whether it is there or not.
    pub(crate) fn override_file(&self, environment: &str, name: &str) -> Option<String> {
        self.file_of("override", environment, name)
    }

    /// The document in a file of the workspace, if it can be read.
    pub(crate) fn document(&self, name: &Arc<str>) -> Option<Arc<Document>> {
        let reason = Reason { place: None, what: "a file among the layers".to_owned() };
        self.library.read(self.world, self.sources, name, &reason, &mut Diagnostics::new()).ok()
    }

    /// The file of a tenant, whether it is there or not.
    pub fn tenant_file(&self, environment: &str, tenant: &str) -> Option<String> {
        self.file_of("tenant", environment, tenant)
    }

    /// Lets go of what only this target is made of: with thousands of tenants, that is most of what was read.
    pub(crate) fn release(&self, target: &Target) {
        let file = target.tenant().and_then(|tenant| self.tenant_file(target.environment(), tenant));
        if let Some(file) = file {
            self.library.forget(&file);
        }
    }

    /// The text at `tenant.<fact>`, as the layers below the tier have it.
    pub fn tenant_fact(&self, environment: &str, tenant: &str, fact: &str) -> Option<String> {
        let mut ignored = Diagnostics::new();
        let found = self.fact(&environment.into(), Some(&tenant.into()), &[fact], &mut ignored);
        found.map(|(value, _)| value.to_string())
    }

    /// What an override says about itself.
    pub fn about(&self, environment: &str, name: &str, diagnostics: &mut Diagnostics) -> Result<Option<About>, Failed> {
        let Some(file) = self.file_of("override", environment, name) else { return Ok(None) };
        let reason = Reason { place: None, what: format!("the override {name}") };
        let document = self.library.read(self.world, self.sources, &file.into(), &reason, diagnostics)?;
        Ok(document.about.clone())
    }

    fn file_of(&self, fact: &str, environment: &str, value: &str) -> Option<String> {
        let level = self.level_with(fact)?;
        let lookup = |wanted: &str| match wanted {
            "environment" => Some(environment),
            _ if wanted == fact => Some(value),
            _ => None,
        };
        level.file.file(lookup).ok()
    }

    /// The values for which the level with `fact` has a file.
    fn files_of(&self, fact: &str, environment: &str, diagnostics: &mut Diagnostics) -> Result<Vec<String>, Failed> {
        let Some(level) = self.level_with(fact) else { return Ok(Vec::new()) };
        let lookup = |wanted: &str| (wanted == "environment").then_some(environment);
        let Some((before, after)) = level.file.around(fact, lookup) else { return Ok(Vec::new()) };
        let folder = before.rsplit_once('/').map_or("", |(folder, _)| folder);
        let files = self.world.list(folder).map_err(|why| {
            let reason = Reason { place: Some(level.place), what: format!("the folder of layer {}", level.name) };
            diagnostics.fail(file::unreadable(folder, &why, &reason))
        })?;
        let value = |file: &str| {
            let value = file.strip_prefix(&before)?.strip_suffix(&after)?;
            (!value.is_empty() && !value.contains('/')).then(|| value.to_owned())
        };
        let mut values: Vec<_> = files.iter().filter_map(|file| value(file)).collect();
        values.sort();
        Ok(values)
    }

    /// Checks the names of the overrides asked for.
    fn overrides_named(
        &self,
        environment: &str,
        names: &[String],
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Arc<str>>, Failed> {
        // A variable set to nothing, or a comma too many, names none.
        let names: Vec<&String> = names.iter().filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mark = diagnostics.mark();
        let known = self.overrides(environment, diagnostics)?;
        let mut chosen: IndexSet<Arc<str>> = IndexSet::new();
        for name in names {
            match known.iter().find(|known| known.as_ref() == name.as_str()) {
                Some(known) => {
                    chosen.insert(Arc::clone(known));
                }
                None => diagnostics.record(self.unknown_override(environment, name, &known, diagnostics)),
            }
        }
        diagnostics.since(mark)?;
        Ok(chosen.into_iter().collect())
    }

    fn unknown_override(
        &self,
        environment: &str,
        name: &str,
        known: &[Arc<str>],
        diagnostics: &Diagnostics,
    ) -> Diagnostic {
        let message = format!("environment {environment} has no override `{name}`");
        let mut diagnostic = Diagnostic::new(code::UNKNOWN_OVERRIDE, message)
            .maybe_help(did_you_mean(name, known.iter().map(AsRef::as_ref)));
        let elsewhere: Vec<&str> = self
            .environments()
            .map(AsRef::as_ref)
            .filter(|other| *other != environment)
            .filter(|other| {
                let mut ignored = diagnostics.untargeted();
                self.overrides(other, &mut ignored).is_ok_and(|names| names.iter().any(|known| known.as_ref() == name))
            })
            .collect();
        if !elsewhere.is_empty() {
            diagnostic = diagnostic.note(format!("`{name}` is an override of {}", elsewhere.join(", ")));
        }
        if known.is_empty() {
            diagnostic.note(format!("environment {environment} has no overrides"))
        } else {
            diagnostic.note(format!("overrides of {environment} are {}", known.join(", ")))
        }
    }

    /// The tenants asked for by id or glob and by selector.
    fn chosen(
        &self,
        environment: &Arc<str>,
        all: &[Arc<str>],
        selection: &Selection,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Arc<str>>, Failed> {
        let mark = diagnostics.mark();
        let mut globs: Vec<GlobMatcher> = Vec::new();
        for wanted in &selection.tenants {
            globs.extend(self.glob(environment, all, wanted, diagnostics));
        }
        let conditions: Vec<_> = selection
            .selector
            .iter()
            .flat_map(|text| text.split(','))
            .filter_map(|text| condition(text, diagnostics))
            .collect();
        diagnostics.since(mark)?;
        let mut chosen = Vec::new();
        for tenant in all {
            if !globs.is_empty() && !globs.iter().any(|glob| glob.is_match(tenant.as_ref())) {
                continue;
            }
            if conditions.is_empty() || self.fulfils(environment, tenant, &conditions, diagnostics) {
                chosen.push(Arc::clone(tenant));
            }
        }
        if chosen.is_empty() && !conditions.is_empty() {
            let message = format!("no tenant of {environment} fits the selector");
            return Err(diagnostics.fail(
                Diagnostic::new(code::UNKNOWN_TENANT, message)
                    .help("a selector compares what is below `tenant`, such as tier=premium or tags.team=platform"),
            ));
        }
        Ok(chosen)
    }

    fn glob(
        &self,
        environment: &str,
        all: &[Arc<str>],
        wanted: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<GlobMatcher> {
        let is_glob = wanted.contains(['*', '?', '[', '{']);
        if !is_glob && !is_label(wanted) {
            diagnostics.record(invalid_id(wanted));
            return None;
        }
        let glob = match Glob::new(wanted) {
            Ok(glob) => glob.compile_matcher(),
            Err(error) => {
                diagnostics.record(
                    Diagnostic::new(code::UNKNOWN_TENANT, format!("`{wanted}` is not a pattern: {}", error.kind()))
                        .help("`*` stands for any text, such as acme-*"),
                );
                return None;
            }
        };
        if all.iter().any(|tenant| glob.is_match(tenant.as_ref())) {
            return Some(glob);
        }
        let message = if is_glob {
            format!("no tenant of {environment} fits `{wanted}`")
        } else {
            format!("environment {environment} has no tenant `{wanted}`")
        };
        let mut diagnostic = Diagnostic::new(code::UNKNOWN_TENANT, message)
            .maybe_help(did_you_mean(wanted, all.iter().map(AsRef::as_ref)));
        if !is_glob && let Some(file) = self.tenant_file(environment, wanted) {
            diagnostic = diagnostic.note(format!("its file would be {file}"));
        }
        diagnostics.record(diagnostic.help(format!("`tenantctl tenant list --env {environment}` lists them")));
        None
    }

    fn fulfils(
        &self,
        environment: &Arc<str>,
        tenant: &Arc<str>,
        conditions: &[Condition<'_>],
        diagnostics: &Diagnostics,
    ) -> bool {
        // What is wrong with a tenant's file is said when it is compiled.
        let mut ignored = diagnostics.untargeted();
        conditions.iter().all(|condition| {
            let found = self.fact(environment, Some(tenant), &condition.keys, &mut ignored);
            (found.is_some_and(|(value, _)| value.as_ref() == condition.value)) == condition.equal
        })
    }
}

/// The diagnostic for a name no tenant can have.
pub(crate) fn invalid_id(name: &str) -> Diagnostic {
    Diagnostic::new(code::TENANT_ID, format!("`{name}` cannot be the id of a tenant"))
        .help("use lower-case letters, digits and `-`, at most 40, beginning and ending with a letter or digit")
}
