//! What is known about a field of an object.

use serde::Serialize;

use super::{Explanation, Mapped, Shown};
use crate::validate::Validated;
use crate::workspace::Workspace;

/// A field of an object: the line of its template, and the values it was filled from.
#[derive(Clone, Debug, Serialize)]
pub struct Filled {
    /// The object: namespace, kind and name.
    pub object: String,
    /// The field, such as `spec.replicas`.
    pub field: String,
    /// Its value.
    pub value: Shown,
    /// `file:line:column` in the template.
    pub template: String,
    /// Whether the template has it as it is, from no value.
    pub literal: bool,
    /// The values that were read for it, the value itself first.
    pub from: Vec<Explanation>,
    /// What was read of the target, such as `target.tenant`: the command line and names of files decide it.
    pub facts: Vec<String>,
}

impl Filled {
    /// Explains a field.
    pub fn new(workspace: &Workspace<'_>, validated: &Validated, field: &Mapped<'_>) -> Self {
        let known = |path| Explanation::without_uses(workspace, validated.resolved(), path, 0);
        let from: Vec<Explanation> = field.reads.iter().rev().filter_map(known).collect();
        let inside = |key: &str| field.path.steps().first() == Some(&crate::path::Step::Key(key.into()));
        let secret = field.object.kind().as_ref() == "Secret" && (inside("data") || inside("stringData"));
        let marked = from.iter().any(|from| from.schema.as_ref().is_some_and(|schema| schema.secret));
        let facts = field.reads.iter().rev().filter(|path| validated.root().get(path).is_none());
        Self {
            facts: facts.map(ToString::to_string).collect(),
            object: field.object.to_string(),
            field: field.path.to_string(),
            value: Shown::of(field.node, secret || marked),
            template: workspace.sources().describe(field.place),
            literal: field.reads.is_empty(),
            from,
        }
    }
}
