//! `tenantctl.yaml`: what a workspace is made of.

use std::sync::Arc;

use indexmap::IndexMap;
use jiff::civil::Date;

use super::allowance::{LintSettings, pattern};
use super::external;
use super::frameworks;
use super::gate::Gates;
use super::pattern::FilePattern;
use super::releases::{self, Releases};
use crate::compliance::evidence::Selected;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Failed, Levels, code};
use crate::fields::{Fields, Text};
use crate::integrity::External;
use crate::kubernetes::Version;
use crate::layers::Trust;
use crate::lock::{Exception, Lock, Mode};
use crate::secrets::SecretSettings;
use crate::source::Place;
use crate::yaml::{Content, Member, Written};

/// The file's name.
pub(crate) const FILE: &str = "tenantctl.yaml";
/// The merge rules this program knows.
const MERGE: i64 = 1;

/// The settings of a workspace.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// By name, in order.
    pub(crate) environments: IndexMap<Arc<str>, Environment>,
    /// Lowest first.
    pub(crate) hierarchy: Vec<Level>,
    /// The schema of the merged configuration.
    pub(crate) merged_schema: Option<Text>,
    /// The schema of an environment's own configuration, if it is another one.
    pub(crate) environment_schema: Option<Text>,
    /// Schemas of single layers, by layer.
    pub(crate) layer_schemas: IndexMap<Arc<str>, Text>,
    /// What later layers may not change.
    pub(crate) locks: Vec<Lock>,
    /// Codes with another severity than their own.
    pub(crate) levels: Levels,
    /// What lint looks for and leaves alone.
    pub(crate) lint: LintSettings,
    /// The frameworks that reports are about.
    pub(crate) frameworks: Vec<Selected>,
    /// What exists on the clusters without being rendered.
    pub(crate) external: Vec<External>,
    /// The Kubernetes version that objects are made for.
    pub(crate) kubernetes: Version,
    /// Which broken rules stop an environment.
    pub(crate) gates: Gates,
    /// Which files hold secrets, and who may open them.
    pub(crate) secrets: SecretSettings,
    /// Who signs releases.
    pub(crate) releases: Releases,
}

/// An environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    pub(crate) aliases: Vec<Arc<str>>,
    /// The context of kubectl for its cluster.
    pub(crate) context: Option<Arc<str>>,
}

/// A level of the hierarchy.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) name: Arc<str>,
    pub(crate) file: FilePattern,
    pub(crate) optional: bool,
    pub(crate) trust: Trust,
    /// Where the file is named.
    pub(crate) place: Place,
}

impl Settings {
    /// Reads the settings as they hold today; records everything that is wrong with them.
    pub(crate) fn read(written: &Written, today: Date, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let mark = diagnostics.mark();
        if matches!(written.content, Content::Null) {
            return Err(diagnostics.fail(
                wrong(written.place, format!("{FILE} is empty"))
                    .help("`tenantctl init DIR` writes a workspace to begin with"),
            ));
        }
        let mut settings = Self {
            environments: IndexMap::new(),
            hierarchy: Vec::new(),
            merged_schema: None,
            environment_schema: None,
            layer_schemas: IndexMap::new(),
            locks: Vec::new(),
            levels: Levels::new(),
            lint: LintSettings::default(),
            frameworks: Vec::new(),
            external: Vec::new(),
            kubernetes: Version::default(),
            gates: Gates::default(),
            secrets: SecretSettings::default(),
            releases: Releases::default(),
        };
        if let Some(mut fields) = Fields::of(written, code::SETTINGS, "the workspace", diagnostics) {
            settings.header(&mut fields, diagnostics);
            settings.environments(&mut fields, written, diagnostics);
            settings.hierarchy(&mut fields, written, diagnostics);
            settings.schemas(&mut fields, diagnostics);
            settings.locks(&mut fields, today, diagnostics);
            settings.levels(&mut fields, diagnostics);
            settings.external = external::read(&mut fields, diagnostics);
            if let Some(member) = fields.get("lint") {
                settings.lint = LintSettings::read(&member.value, diagnostics);
            }
            if let Some(member) = fields.get("compliance") {
                settings.frameworks = frameworks::read(&member.value, diagnostics);
            }
            if let Some(member) = fields.get("policy") {
                settings.gates = Gates::read(&member.value, settings.environments.keys(), diagnostics);
            }
            if let Some(member) = fields.get("secrets") {
                settings.secrets = SecretSettings::read(&member.value, settings.environments.keys(), diagnostics);
            }
            if let Some(member) = fields.get("releases") {
                settings.releases = releases::read(&member.value, diagnostics);
            }
            fields.finish(diagnostics);
        }
        diagnostics.since(mark)?;
        Ok(settings)
    }

    fn header(&mut self, fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) {
        for (key, value) in [("apiVersion", "tenantctl.dev/v1"), ("kind", "Workspace")] {
            if let Some(found) = fields.required(key, value, diagnostics)
                && found.text.as_ref() != value
            {
                diagnostics.record(
                    wrong(found.place, format!("`{key}` must be `{value}`")).help(format!("write `{key}: {value}`")),
                );
            }
        }
        if let Some(member) = fields.get("merge")
            && !matches!(member.value.content, Content::Number(number) if number.as_i64() == Some(MERGE))
        {
            diagnostics.record(
                wrong(member.value.place, "these merge rules are not known").help("this version knows `merge: 1`"),
            );
        }
        if let Some(version) = fields.text("kubernetes", diagnostics) {
            match Version::parse(&version.text) {
                Some(known) => self.kubernetes = known,
                None => diagnostics.record(wrong(version.place, "this Kubernetes version is not known").help(format!(
                    "write one from \"{}\" to \"{}\"",
                    Version::OLDEST,
                    Version::NEWEST
                ))),
            }
        }
    }

    fn environments(&mut self, fields: &mut Fields<'_>, written: &Written, diagnostics: &mut Diagnostics) {
        for (name, member) in fields.members("environments", diagnostics) {
            let mut environment = Environment::default();
            if !is_label(name) {
                diagnostics.record(
                    wrong(member.key, format!("`{name}` is not a valid name"))
                        .help("use lower-case letters, digits and `-`, at most 40"),
                );
            }
            if !matches!(member.value.content, Content::Null)
                && let Some(mut fields) = Fields::of(&member.value, code::SETTINGS, "an environment", diagnostics)
            {
                for alias in fields.texts("aliases", diagnostics) {
                    if let Some((taken, _)) = self.environment(&alias.text) {
                        diagnostics.record(
                            wrong(alias.place, format!("`{}` already means the environment {taken}", alias.text))
                                .help("choose another alias"),
                        );
                    }
                    environment.aliases.push(alias.text);
                }
                environment.context = fields.text("context", diagnostics).map(|context| context.text);
                fields.finish(diagnostics);
            }
            self.environments.insert(Arc::clone(name), environment);
        }
        // A list of wrong ones has been spoken of.
        if fields.get("environments").is_none_or(|member| member.value.members().is_some_and(IndexMap::is_empty)) {
            diagnostics
                .record(wrong(written.place, "a workspace needs environments").help("write `environments: {dev: {}}`"));
        }
    }

    fn hierarchy(&mut self, fields: &mut Fields<'_>, written: &Written, diagnostics: &mut Diagnostics) {
        for item in fields.items("layers", diagnostics) {
            let Some(mut fields) = Fields::of(item, code::SETTINGS, "a layer", diagnostics) else { continue };
            let name = fields.required("name", "base", diagnostics);
            let file = fields.required("file", "environments/base.yml", diagnostics);
            let optional = fields.flag("optional", diagnostics);
            let trust = match fields.text("trust", diagnostics) {
                None => Trust::Code,
                Some(trust) => match trust.text.as_ref() {
                    "data" => Trust::Data,
                    "code" => Trust::Code,
                    _ => {
                        diagnostics.record(
                            wrong(trust.place, "`trust` is `code` or `data`").help("write `trust: data` for tenants"),
                        );
                        Trust::Data
                    }
                },
            };
            fields.finish(diagnostics);
            let (Some(name), Some(file)) = (name, file) else { continue };
            if let Some(level) = self.hierarchy.iter().find(|level| level.name == name.text) {
                diagnostics.record(
                    wrong(name.place, format!("there are two layers `{}`", name.text)).also(level.place, "the first"),
                );
            }
            match FilePattern::parse(&file.text) {
                Ok(pattern) => {
                    self.hierarchy.push(Level { name: name.text, file: pattern, optional, trust, place: file.place });
                }
                Err(message) => diagnostics.record(wrong(file.place, message)),
            }
        }
        let none = |member: &Member| matches!(&member.value.content, Content::List(items) if items.is_empty());
        if fields.get("layers").is_none_or(none) {
            diagnostics.record(
                wrong(written.place, "a workspace needs layers")
                    .help("write `layers: [{name: base, file: environments/base.yml}]`"),
            );
        }
    }

    fn schemas(&mut self, fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) {
        let Some(member) = fields.get("schemas") else { return };
        let Some(mut fields) = Fields::of(&member.value, code::SETTINGS, "`schemas`", diagnostics) else { return };
        self.merged_schema = fields.text("merged", diagnostics);
        self.environment_schema = fields.text("environment", diagnostics);
        for (layer, file) in fields.members("layers", diagnostics) {
            if !self.hierarchy.iter().any(|level| level.name == *layer) {
                diagnostics.record(self.unknown_layer(layer, file.key));
            }
            match file.value.as_str() {
                Some(text) => {
                    let text = Text { text: text.into(), place: file.value.place };
                    self.layer_schemas.insert(Arc::clone(layer), text);
                }
                None => diagnostics.record(wrong(file.value.place, "a schema is named by its file")),
            }
        }
        fields.finish(diagnostics);
    }

    fn locks(&mut self, fields: &mut Fields<'_>, today: Date, diagnostics: &mut Diagnostics) {
        for item in fields.items("locks", diagnostics) {
            let Some(mut fields) = Fields::of(item, code::SETTINGS, "a lock", diagnostics) else { continue };
            let path = fields.required("path", "\"security.**\"", diagnostics);
            let owner = fields.required("owner", "environment", diagnostics);
            let mode = fields.required("mode", "fixed", diagnostics);
            let reason = fields.required("reason", "\"why\"", diagnostics);
            let except = exceptions(&mut fields, today, diagnostics);
            fields.finish(diagnostics);
            let (Some(path), Some(owner), Some(mode), Some(reason)) = (path, owner, mode, reason) else { continue };
            let Some(rank) = self.hierarchy.iter().position(|level| level.name == owner.text) else {
                diagnostics.record(self.unknown_layer(&owner.text, owner.place));
                continue;
            };
            let Some(mode_read) = Mode::parse(&mode.text) else {
                diagnostics.record(
                    wrong(mode.place, "this mode is not known").help("write fixed, at_most, at_least or append"),
                );
                continue;
            };
            let Some(pattern) = pattern(&path, "a lock", diagnostics) else { continue };
            self.locks.push(Lock {
                pattern,
                owner: owner.text,
                owner_rank: rank,
                mode: mode_read,
                reason: reason.text,
                except,
                place: path.place,
            });
        }
    }

    fn levels(&mut self, fields: &mut Fields<'_>, diagnostics: &mut Diagnostics) {
        for (name, member) in fields.members("severity", diagnostics) {
            let Some(code) = Code::parse(name) else {
                diagnostics.record(
                    wrong(member.key, format!("there is no code `{name}`")).help("`tenantctl explain` lists all codes"),
                );
                continue;
            };
            let Some(severity) = member.value.as_str().and_then(|word| code.level(word)) else {
                let message = format!("a severity is {}", code.levels());
                diagnostics.record(wrong(member.value.place, message));
                continue;
            };
            if !code.can_be_lowered() {
                diagnostics.record(
                    wrong(member.key, format!("{code} cannot have another severity"))
                        .note("it guards a border, or leaves nothing to go on with"),
                );
                continue;
            }
            self.levels.insert(code, severity);
        }
    }

    fn unknown_layer(&self, name: &str, place: Place) -> Diagnostic {
        let names: Vec<&str> = self.hierarchy.iter().map(|level| level.name.as_ref()).collect();
        wrong(place, format!("there is no layer `{name}`"))
            .maybe_help(crate::diagnostic::did_you_mean(name, names.iter().copied()))
            .note(format!("layers are {}", names.join(", ")))
    }

    /// The environment of a name or an alias.
    pub(crate) fn environment(&self, name: &str) -> Option<(&Arc<str>, &Environment)> {
        self.environments.get_key_value(name).or_else(|| {
            self.environments
                .iter()
                .find(|(_, environment)| environment.aliases.iter().any(|alias| alias.as_ref() == name))
        })
    }
}

/// The overrides that a lock does not bind: names, or mappings that say up to when.
fn exceptions(fields: &mut Fields<'_>, today: Date, diagnostics: &mut Diagnostics) -> Vec<Exception> {
    let Some(member) = fields.get("except") else { return Vec::new() };
    let items = match &member.value.content {
        Content::List(items) => items.as_slice(),
        _ => std::slice::from_ref(&member.value),
    };
    let mut except = Vec::with_capacity(items.len());
    for item in items {
        if let Some(name) = item.as_str() {
            let place = item.place;
            except.push(Exception { name: name.into(), reason: None, expires: None, place, ended: false });
            continue;
        }
        if item.members().is_none() {
            diagnostics.record(
                wrong(item.place, "an exception is the name of an override, or a mapping with it")
                    .help("write `except: [incident, {name: high_availability, expires: \"2027-01-31\"}]`"),
            );
            continue;
        }
        let Some(mut fields) = Fields::of(item, code::SETTINGS, "an exception", diagnostics) else { continue };
        let name = fields.required("name", "high_availability", diagnostics);
        let reason = fields.text("reason", diagnostics).map(|reason| reason.text);
        let expires = fields.date("expires", diagnostics);
        fields.finish(diagnostics);
        let ended = expires.is_some_and(|(date, _)| today > date);
        except.extend(name.map(|Text { text, place }| Exception { name: text, reason, expires, place, ended }));
    }
    except
}

fn wrong(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::SETTINGS, message).at(place, "")
}

/// Whether a name is an RFC 1123 label of at most 40 characters, as ids and facts must be. That excludes path
/// traversal, homoglyphs and names that differ in case only.
pub(crate) fn is_label(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = name.as_bytes();
    bytes.len() <= 40
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
}

/// Whether a name may be an override's or a fact's value: letters, digits, `-` and `_`, at most 63.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 63
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
