//! A workspace: `tenantctl.yaml` and what it names.
//!
//! In goes a [`World`], out come the targets of an environment and, for each, its [`Layers`](crate::layers::Layers).
//! Files are read when they are needed: one tenant asked for is one tenant read.

mod allowance;
mod beneath;
mod cluster;
mod external;
mod frameworks;
mod gate;
mod library;
mod pattern;
mod placed;
mod reach;
mod releases;
mod roster;
mod selection;
mod settings;
mod shard;
mod stack;

pub(crate) use allowance::LintSettings;
pub(crate) use beneath::{Beneath, Variant};
pub(crate) use gate::Gates;
pub(crate) use pattern::FilePattern;
pub(crate) use placed::Placed;
pub(crate) use reach::Misnamed;
pub(crate) use releases::Releases;
pub(crate) use roster::invalid_id;
pub use selection::Selection;
pub use shard::{NoShard, Shard};
pub use stack::Top;

use std::sync::{Arc, OnceLock};

use crate::check::Policy;
use crate::compliance::evidence::Selected;
use crate::compliance::waiver::Waiver;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, Levels, code, did_you_mean};
use crate::fields::Text;
use crate::file::{self, Reason};
use crate::integrity::External;
use crate::kubernetes::{Kubernetes, Version};
use crate::layers::Trust;
use crate::merge::{Prefixes, Rules, Strategies};
use crate::policy::{Catalogue, Given};
use crate::schema::Schema;
use crate::secrets::SecretSettings;
use crate::source::{FileId, Sources};
use crate::template::Templates;
use crate::validate::Schemas;
use crate::world::{Unreadable, World};
use crate::yaml::{self, Limits};

use self::library::Library;
use self::settings::Settings;

pub(crate) use self::settings::{FILE, Level, is_label};

/// A workspace, opened.
pub struct Workspace<'w> {
    world: &'w dyn World,
    sources: &'w Sources,
    /// The file of the settings.
    file: FileId,
    settings: Settings,
    rules: Rules,
    schemas: Schemas,
    library: Library,
    prefixes: Prefixes,
    kubernetes: Kubernetes,
    /// Rules of its own.
    policies: Catalogue,
    /// Accepted exceptions of rules, and the files they are in.
    waivers: (Vec<Waiver>, Vec<FileId>),
    /// Files about the clusters.
    given: Vec<Given>,
    /// These and those in the binary, once somebody asks for them.
    catalogue: OnceLock<Catalogue>,
}

impl<'w> Workspace<'w> {
    /// Opens the workspace of a world: reads its settings and schemas.
    pub fn find(world: &'w dyn World, sources: &'w Sources, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        if world.read(settings::FILE, file::LARGEST) == Err(Unreadable::Missing) {
            return Err(diagnostics.fail(
                Diagnostic::new(code::NO_WORKSPACE, format!("there is no {} in this directory", settings::FILE))
                    .help("name the directory of a workspace with `-C DIR`, or make one with `tenantctl init DIR`"),
            ));
        }
        let reason = Reason { place: None, what: "the settings of the workspace".to_owned() };
        let file = file::load(world, sources, settings::FILE, &reason, diagnostics)?;
        let text = Arc::clone(sources.get(file).text());
        let written = yaml::read_document(file, &text, &Limits::default(), diagnostics)?;
        let settings = Settings::read(&written, world.today(), diagnostics)?;
        let (schemas, strategies) = schemas(world, sources, &settings, diagnostics)?;
        let rules = Rules { strategies, locks: settings.locks.clone() };
        let kubernetes = Kubernetes::of_workspace(settings.kubernetes, world, sources, diagnostics)?;
        let policies = Catalogue::of_workspace(world, sources, diagnostics)?;
        let waivers = Waiver::of_workspace(world, sources, diagnostics)?;
        let environments: Vec<&Arc<str>> = settings.environments.keys().collect();
        let given = cluster::read(world, sources, &environments, diagnostics)?;
        settings.gates.hold_to(&policies, diagnostics)?;
        Ok(Self {
            world,
            sources,
            file,
            settings,
            kubernetes,
            policies,
            waivers,
            given,
            catalogue: OnceLock::new(),
            rules,
            schemas,
            library: Library::default(),
            prefixes: Prefixes::default(),
        })
    }

    /// The same, whose objects are held against another version of Kubernetes, if one is named, and against more
    /// definitions of custom resources.
    pub fn against(
        mut self,
        version: Option<Version>,
        crds: &[String],
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        if let Some(version) = version {
            self.kubernetes = self.kubernetes.with_version(version);
        }
        for named in crds {
            self.kubernetes.add(named, self.world, self.sources, diagnostics)?;
        }
        Ok(self)
    }

    /// The world it is read from.
    pub fn world(&self) -> &'w dyn World {
        self.world
    }

    /// The texts read so far.
    pub fn sources(&self) -> &'w Sources {
        self.sources
    }

    /// The files that every target is made from: the settings, the schemas, the definitions of custom resources, its
    /// own rules and waivers.
    pub(crate) fn files(&self) -> impl Iterator<Item = FileId> {
        std::iter::once(self.file)
            .chain(self.schemas.files())
            .chain(self.kubernetes.files())
            .chain(self.policies.files())
            .chain(self.waivers.1.iter().copied())
    }

    /// Codes with another severity than their own.
    pub fn levels(&self) -> Arc<Levels> {
        Arc::new(self.settings.levels.clone())
    }

    /// What exists on the clusters without being rendered.
    pub(crate) fn external(&self) -> &[External] {
        &self.settings.external
    }

    /// All rules of the policy: its own and those in the binary.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        self.catalogue.get_or_init(|| self.policies.with_shipped())
    }

    /// The rules of its own.
    pub(crate) fn policies(&self) -> &Catalogue {
        &self.policies
    }

    /// Accepted exceptions of rules, whatever the day.
    pub(crate) fn waivers(&self) -> &[Waiver] {
        &self.waivers.0
    }

    /// The rules of the policy, and what they stop.
    pub(crate) fn policy(&self) -> Policy<'_> {
        Policy {
            catalogue: self.catalogue(),
            gates: &self.settings.gates,
            locks: &self.settings.locks,
            waivers: self.waivers(),
            today: self.world.today(),
            given: &self.given,
        }
    }

    /// The frameworks that reports are about, as chosen.
    pub(crate) fn frameworks(&self) -> &[Selected] {
        &self.settings.frameworks
    }

    /// What the settings say about secrets.
    pub(crate) fn secrets(&self) -> &SecretSettings {
        &self.settings.secrets
    }

    /// What the settings say about releases.
    pub(crate) fn releases(&self) -> &Releases {
        &self.settings.releases
    }

    /// What the settings say about lint.
    pub(crate) fn lint(&self) -> &LintSettings {
        &self.settings.lint
    }

    /// How values are merged.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The schemas.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// Merges of the layers that targets share.
    pub fn prefixes(&self) -> &Prefixes {
        &self.prefixes
    }

    /// The Kubernetes that objects are made for.
    pub fn kubernetes(&self) -> &Kubernetes {
        &self.kubernetes
    }

    /// The names of the environments, in the order of the settings.
    pub fn environments(&self) -> impl ExactSizeIterator<Item = &Arc<str>> {
        self.settings.environments.keys()
    }

    /// The context of kubectl for the cluster of an environment.
    pub(crate) fn context(&self, environment: &str) -> Option<&Arc<str>> {
        self.settings.environments.get(environment)?.context.as_ref()
    }

    /// The aliases of an environment.
    pub fn aliases(&self, environment: &str) -> &[Arc<str>] {
        self.settings.environments.get(environment).map_or(&[], |environment| &environment.aliases)
    }

    /// The name of the environment that a user calls `name`, which may be an alias.
    pub fn environment(&self, name: &str, diagnostics: &mut Diagnostics) -> Result<&Arc<str>, Failed> {
        self.environment_called(name, None, diagnostics)
    }

    /// As [`environment`](Self::environment), with the variable that the name was taken from.
    pub(crate) fn environment_called(
        &self,
        name: &str,
        variable: Option<&str>,
        diagnostics: &mut Diagnostics,
    ) -> Result<&Arc<str>, Failed> {
        if let Some((name, _)) = self.settings.environment(name) {
            return Ok(name);
        }
        let names: Vec<&str> = self.settings.environments.keys().map(AsRef::as_ref).collect();
        let aliases = self.settings.environments.values().flat_map(|environment| &environment.aliases);
        let known = names.iter().copied().chain(aliases.map(AsRef::as_ref));
        let mut diagnostic = Diagnostic::new(code::UNKNOWN_ENVIRONMENT, format!("there is no environment `{name}`"))
            .maybe_help(did_you_mean(name, known));
        if let Some(variable) = variable {
            diagnostic = diagnostic
                .note(format!("it is the value of the variable {variable}"))
                .help("an environment named as an argument comes before the variable");
        }
        Err(diagnostics.fail(diagnostic.note(format!("environments are {}", names.join(", ")))))
    }

    /// Reads and compiles the templates.
    pub fn templates(&self, diagnostics: &mut Diagnostics) -> Result<Templates, Failed> {
        Templates::load(self.world, self.sources, diagnostics)
    }

    /// The levels of the hierarchy, lowest first: name, file, and what is special about it.
    pub fn hierarchy(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, String, String)> {
        self.settings.hierarchy.iter().map(|level| {
            let notes = [(level.optional, "optional"), (level.trust == Trust::Data, "data, never code")];
            let notes: Vec<&str> = notes.iter().filter(|(holds, _)| *holds).map(|(_, note)| *note).collect();
            (&level.name, level.file.to_string(), notes.join(", "))
        })
    }

    /// The levels of the hierarchy, lowest first; the rank of each is its index.
    pub(crate) fn levels_of_files(&self) -> &[Level] {
        &self.settings.hierarchy
    }

    /// The level whose files differ by a fact, such as `tenant` or `override`.
    fn level_with(&self, fact: &str) -> Option<&Level> {
        self.settings.hierarchy.iter().find(|level| level.file.needs(fact))
    }
}

/// Compiles the schemas that the settings name.
fn schemas(
    world: &dyn World,
    sources: &Sources,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Result<(Schemas, Strategies), Failed> {
    let mark = diagnostics.mark();
    let mut strategies = Strategies::default();
    let mut schemas = Schemas::default();
    if let Some(named) = &settings.merged_schema
        && let Ok(schema) =
            Schema::compile(world, sources, &named.text, &schema_of("the merged configuration", named), diagnostics)
    {
        let (read, bad) = Strategies::from_schema(&schema);
        strategies = read;
        for strategy in bad {
            let place = schema.place_of(strategy.document, &strategy.pointer).unwrap_or(named.place);
            diagnostics.record(
                Diagnostic::new(code::BAD_SCHEMA, format!("`x-merge` cannot be {}", strategy.text))
                    .at(place, "in this schema")
                    .help("write append, prepend, unique or {\"by\": \"name\"}"),
            );
        }
        schemas.merged = Some(schema);
    }
    if let Some(named) = &settings.environment_schema {
        let reason = schema_of("an environment's own configuration", named);
        schemas.environment = Schema::compile(world, sources, &named.text, &reason, diagnostics).ok();
    }
    for (layer, named) in &settings.layer_schemas {
        if let Ok(schema) = Schema::compile(world, sources, &named.text, &schema_of(layer, named), diagnostics) {
            schemas.layers.insert(Arc::clone(layer), schema);
        }
    }
    diagnostics.since(mark)?;
    Ok((schemas, strategies))
}

/// Why a schema is read.
fn schema_of(what: &str, named: &Text) -> Reason {
    Reason { place: Some(named.place), what: format!("the schema of {what}") }
}

impl std::fmt::Debug for Workspace<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").field("settings", &self.settings).finish_non_exhaustive()
    }
}
