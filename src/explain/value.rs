//! What is known about a value of a configuration.

use std::sync::Arc;

use serde::Serialize;

use super::{Setter, Shown, SourceMap};
use crate::lock::Lock;
use crate::merge::Strategy;
use crate::path::Path;
use crate::schema::Described;
use crate::tree::{Node, Value};
use crate::validate::Resolved;
use crate::workspace::Workspace;

/// Expressions that need each other are explained in turn, so many deep.
const DEEPEST: usize = 8;

/// Everything about a value: who set it, why it won, who guards it and who uses it.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The path, such as `resources.replicas`.
    pub path: String,
    /// The value, once expressions are evaluated.
    pub value: Shown,
    /// Who set it: the winner first, then those it beat, the lowest last.
    pub set_by: Vec<Setter>,
    /// The rule that decided.
    pub rule: String,
    /// The expression that made it.
    pub expression: Option<Expression>,
    /// The locks that speak about it.
    pub locks: Vec<Guard>,
    /// What the schema of the merged configuration says.
    pub schema: Option<About>,
    /// The fields it fills; `None` where nothing was rendered.
    pub used_by: Option<Vec<Use>>,
}

/// An expression and what it read.
#[derive(Clone, Debug, Serialize)]
pub struct Expression {
    /// As written.
    pub text: Shown,
    /// Where it stands, if that is above the value: the path of a mapping or list that it made whole.
    pub at: Option<String>,
    /// Its inputs.
    pub reads: Vec<Explanation>,
}

/// A lock that speaks about a value.
#[derive(Clone, Debug, Serialize)]
pub struct Guard {
    /// What layers above the owner may do: `fixed`, `at_most`, `at_least`, `append`.
    pub mode: &'static str,
    /// The layer that owns the value.
    pub owner: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
    /// Where the settings say so.
    pub place: String,
    /// Overrides that are not bound.
    pub except: Vec<Arc<str>>,
}

/// What a schema says about a value.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// The schema's file.
    pub file: Arc<str>,
    /// The description.
    pub description: Option<String>,
    /// JSON Schema's names of the types it may have.
    pub types: Vec<String>,
    /// The values it may have, if they are listed.
    pub allowed: Vec<serde_json::Value>,
    /// What the schema tells people to expect where nothing is set.
    pub default: Option<serde_json::Value>,
    /// Whether it is secret.
    pub secret: bool,
}

/// A field of an object that a value fills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Use {
    /// `file:line:column` in the template.
    pub place: String,
    /// The object: kind, name and namespace.
    pub object: String,
    /// The field.
    pub field: String,
}

impl Explanation {
    /// Explains the value at a path that is there. `map` says what it fills, if templates could be rendered.
    pub fn new(
        workspace: &Workspace<'_>,
        configuration: &Resolved,
        map: Option<&SourceMap>,
        path: &Path,
    ) -> Option<Self> {
        let mut explanation = Self::without_uses(workspace, configuration, path, 0)?;
        explanation.used_by = map.map(|map| map.uses(path));
        Some(explanation)
    }

    /// The same without the fields it fills.
    pub(super) fn without_uses(
        workspace: &Workspace<'_>,
        configuration: &Resolved,
        path: &Path,
        depth: usize,
    ) -> Option<Self> {
        let node = configuration.root().get(path)?;
        let schema = workspace.schemas().merged();
        let described = schema.and_then(|schema| Some((schema.name(), schema.describe(path)?)));
        let secret = described.as_ref().is_some_and(|(_, described)| described.secret);
        let (known, merged, missing) = configuration.merged().reach(path);
        let expression = merged.live.then(|| {
            let all = configuration.reads(&known);
            // On the way to a value, the mappings above it are read too.
            let is_way = |read: &Path| all.iter().any(|other| other != read && other.steps().starts_with(read.steps()));
            let reads = all.iter().filter(|read| **read != known && !is_way(read) && depth < DEEPEST);
            Expression {
                text: Shown::of(merged, secret),
                at: missing.is_some().then(|| known.to_string()),
                reads: reads.filter_map(|read| Self::without_uses(workspace, configuration, read, depth + 1)).collect(),
            }
        });
        let set_by = Setter::all(merged, &known, secret, configuration.layers(), workspace.sources());
        let locks = workspace.rules().locks.iter().filter(|lock| lock.pattern.covers(path));
        Some(Self {
            path: path.to_string(),
            value: Shown::of(node, secret),
            rule: rule(&set_by, merged, workspace.rules().strategies.of(path)),
            set_by,
            expression,
            locks: locks.map(|lock| guard(lock, workspace)).collect(),
            schema: described.map(|(file, described)| about(file, described)),
            used_by: None,
        })
    }
}

fn rule(set_by: &[Setter], node: &Node, strategy: Option<&Strategy>) -> String {
    let [winner, beaten @ ..] = set_by else { return String::new() };
    match (&winner.tag, &node.value) {
        (Some("!raw") | None, _) if beaten.is_empty() => "nobody else sets it".to_owned(),
        (Some(tag), _) if *tag != "!raw" => format!("`{tag}` in {} decides", winner.layer),
        (_, Value::Map(_)) => "mappings merge key by key; the highest layer wins each".to_owned(),
        (_, Value::List(_)) => match strategy {
            Some(Strategy::Append) => "the schema appends to the inherited list".to_owned(),
            Some(Strategy::Prepend) => "the schema puts these before the inherited list".to_owned(),
            Some(Strategy::Unique) => "the schema adds what the inherited list lacks".to_owned(),
            Some(Strategy::By(key)) => format!("the schema merges items of the same {key}"),
            None => "a list replaces the inherited one; the highest layer wins".to_owned(),
        },
        _ => "the highest layer wins".to_owned(),
    }
}

fn guard(lock: &Lock, workspace: &Workspace<'_>) -> Guard {
    let holding = lock.except.iter().filter(|exception| !exception.ended);
    Guard {
        mode: lock.mode.name(),
        owner: Arc::clone(&lock.owner),
        reason: Arc::clone(&lock.reason),
        place: workspace.sources().describe(lock.place),
        except: holding.map(|exception| Arc::clone(&exception.name)).collect(),
    }
}

fn about(file: &Arc<str>, described: Described) -> About {
    let Described { description, default, types, allowed, secret, .. } = described;
    About { file: Arc::clone(file), description, types, allowed, default: default.filter(|_| !secret), secret }
}
