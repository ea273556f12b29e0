//! Whom a schema is for: the files of one layer, perhaps in one environment only, perhaps one override.

use std::sync::Arc;

use super::FOLDER;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean};
use crate::workspace::{Level, Placed, Workspace};

/// The files that one schema is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Audience {
    /// The level: its index in the hierarchy.
    rank: usize,
    /// The one environment; `None` for all.
    environment: Option<Arc<str>>,
    /// The one override; `None` for all that no lock excepts.
    over: Option<Arc<str>>,
}

impl Audience {
    /// The audience that a user names: a layer, an environment or its alias, an override.
    pub(crate) fn named(
        workspace: &Workspace<'_>,
        layer: &str,
        environment: Option<&str>,
        over: Option<&str>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let levels = workspace.levels_of_files();
        let names: Vec<&str> = levels.iter().map(|level| level.name.as_ref()).collect();
        let Some(rank) = names.iter().position(|name| *name == layer) else {
            return Err(diagnostics.fail(
                Diagnostic::new(code::UNKNOWN_LAYER, format!("there is no layer `{layer}`"))
                    .maybe_help(did_you_mean(layer, names.iter().copied().chain(["merged"])))
                    .note(format!("layers are {}; merged is the whole", names.join(", "))),
            ));
        };
        let environment = environment.map(|name| workspace.environment(name, diagnostics).cloned()).transpose()?;
        let mut audience = Self { rank, environment, over: None };
        if let Some(over) = over {
            if !levels.get(rank).is_some_and(|level| level.file.needs("override")) {
                return Err(diagnostics.fail(
                    Diagnostic::new(code::UNKNOWN_LAYER, format!("layer {layer} is not one of overrides"))
                        .help("name the layer whose files are overrides, or leave `--override` out"),
                ));
            }
            let mut known: Vec<Arc<str>> = Vec::new();
            for environment in audience.environments(workspace) {
                known.extend(workspace.overrides(&environment, diagnostics)?);
            }
            let Some(name) = known.iter().find(|name| name.as_ref() == over) else {
                return Err(diagnostics.fail(
                    Diagnostic::new(code::UNKNOWN_OVERRIDE, format!("there is no override `{over}`"))
                        .maybe_help(did_you_mean(over, known.iter().map(AsRef::as_ref)))
                        .help("`tenantctl list overrides` lists them"),
                ));
            };
            audience.over = Some(Arc::clone(name));
        }
        Ok(audience)
    }

    /// The audience that a file belongs to.
    pub(crate) fn of(workspace: &Workspace<'_>, placed: &Placed) -> Self {
        let excepted = |name: &&Arc<str>| {
            let binds = |owner: usize| owner < placed.rank;
            workspace
                .rules()
                .locks
                .iter()
                .any(|lock| binds(lock.owner_rank) && lock.except.iter().any(|exception| exception.name == **name))
        };
        let over = placed.over.as_ref().filter(excepted).cloned();
        Self { rank: placed.rank, environment: placed.environment.clone(), over }
    }

    /// Every audience that the levels of a workspace may have without its files: those of new ones.
    pub(crate) fn all(workspace: &Workspace<'_>) -> Vec<Self> {
        let mut all = Vec::new();
        for (rank, level) in workspace.levels_of_files().iter().enumerate() {
            let each = |environment| Self { rank, environment, over: None };
            if level.file.needs("environment") {
                all.extend(workspace.environments().cloned().map(Some).map(each));
            } else {
                all.push(each(None));
            }
        }
        all
    }

    /// The audience of a new tenant's file.
    pub(crate) fn of_tenants(workspace: &Workspace<'_>, environment: &str) -> Option<Self> {
        let of_tenants = |audience: &Self| {
            let level = audience.level(workspace);
            let own = audience.environment.as_deref();
            level.is_some_and(|level| level.file.needs("tenant")) && own.is_none_or(|own| own == environment)
        };
        Self::all(workspace).into_iter().find(of_tenants)
    }

    /// Whether a schema speaks about its files.
    pub(crate) fn has_schema(&self, workspace: &Workspace<'_>) -> bool {
        let own = self.level(workspace).and_then(|level| workspace.schemas().of_layer(&level.name));
        own.is_some() || workspace.schemas().merged().is_some()
    }

    pub(super) fn rank(&self) -> usize {
        self.rank
    }

    pub(super) fn over(&self) -> Option<&Arc<str>> {
        self.over.as_ref()
    }

    fn level<'w>(&self, workspace: &'w Workspace<'_>) -> Option<&'w Level> {
        workspace.levels_of_files().get(self.rank)
    }

    /// The environments whose values its files inherit.
    pub(super) fn environments(&self, workspace: &Workspace<'_>) -> Vec<Arc<str>> {
        match &self.environment {
            Some(one) => vec![Arc::clone(one)],
            None => workspace.environments().cloned().collect(),
        }
    }

    /// `layer tenant in prod`, `override local in dev`.
    pub(super) fn title(&self, workspace: &Workspace<'_>) -> String {
        let layer = self.level(workspace).map_or("", |level| level.name.as_ref());
        let what = self.over.as_ref().map_or_else(|| format!("layer {layer}"), |name| format!("override {name}"));
        self.environment.as_ref().map_or_else(|| what.clone(), |environment| format!("{what} in {environment}"))
    }

    /// The file of the schema in the workspace: `.tenantctl/schema/tenant.prod.schema.json`.
    pub(crate) fn file(&self, workspace: &Workspace<'_>) -> String {
        let layer = self.level(workspace).map_or("", |level| level.name.as_ref());
        let mut name = escaped(layer);
        for part in self.environment.iter().chain(&self.over) {
            name.push('.');
            name.push_str(part);
        }
        format!("{FOLDER}/{name}.schema.json")
    }
}

/// A layer's name as a part of a file's name: a layer may have any name. What begins with `_` is not a layer's.
fn escaped(name: &str) -> String {
    let plain = |at: usize, byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || (byte == b'_' && at > 0);
    let each = name.bytes().enumerate();
    each.map(|(at, byte)| if plain(at, byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn no_name_of_a_layer_leads_out_of_the_folder() {
        assert_eq!(escaped("tenant-2_x"), "tenant-2_x");
        assert_eq!(escaped("../a.b"), "%2E%2E%2Fa%2Eb");
        assert_eq!(escaped("_merged"), "%5Fmerged");
        assert_eq!(escaped("é"), "%C3%A9");
    }
}
