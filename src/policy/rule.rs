//! A rule: what it is about, what must hold, and what shows that it says so.

use std::sync::Arc;

use super::minors::Minors;
use super::severity::{Assurance, Severity};
use super::way::Way;
use crate::cel::Expression;
use crate::lock::Lock;
use crate::path::Path;
use crate::source::Place;
use crate::tree::Node;
use crate::yaml::emit;

/// A rule, compiled.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) id: Arc<str>,
    /// Where the id stands.
    pub(crate) place: Place,
    /// Grows when what the rule says changes.
    pub(crate) version: i64,
    pub(crate) title: Arc<str>,
    /// Why it is a rule, in a sentence or two.
    pub(crate) why: Option<Arc<str>>,
    pub(crate) severity: Severity,
    pub(crate) assurance: Assurance,
    /// What a rule that depends on a component of the cluster depends on.
    pub(crate) component: Option<Arc<str>>,
    pub(crate) scope: Scope,
    /// The kinds that scope `object` is about; none: all of them.
    pub(crate) kinds: Vec<Kind>,
    /// Values of the configuration by the names that the expressions use.
    pub(crate) values: Vec<(Arc<str>, Path)>,
    /// Where the validations look, below the subject; nothing: at the subject itself.
    pub(crate) each: Vec<Way>,
    pub(crate) applies: Option<Clause>,
    pub(crate) variables: Vec<(String, Expression)>,
    /// The texts of the variables.
    pub(crate) definitions: Vec<Arc<str>>,
    pub(crate) validations: Vec<Validation>,
    /// Below the subject, where a finding points.
    pub(crate) path: Path,
    pub(crate) remediation: Arc<str>,
    pub(crate) maps: Vec<Control>,
    /// Whether it may become a `ValidatingAdmissionPolicy`.
    pub(crate) emit: bool,
    /// What a rule of scope `set` is given.
    pub(crate) params: Option<Node>,
    pub(crate) examples: Vec<Example>,
}

/// What the subjects of a rule are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Object,
    PodSpec,
    Container,
    Config,
    /// All objects of a target.
    Set,
    /// All targets of an environment.
    Environment,
}

/// A kind of objects, perhaps of one group only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) group: Option<Arc<str>>,
    pub(crate) kind: Arc<str>,
}

/// An expression and its text.
#[derive(Debug)]
pub(crate) struct Clause {
    pub(crate) text: Arc<str>,
    pub(crate) expression: Expression,
}

/// What must hold.
#[derive(Debug)]
pub(crate) struct Validation {
    pub(crate) place: Place,
    pub(crate) minors: Minors,
    pub(crate) clause: Clause,
    /// What must be, for people; an expression makes it where one text cannot say it.
    pub(crate) message: Message,
    /// Instead of the rule's own.
    pub(crate) each: Vec<Way>,
    /// Instead of the rule's own.
    pub(crate) path: Option<Path>,
}

/// What is said where a validation does not hold.
#[derive(Debug)]
pub(crate) enum Message {
    Text(Arc<str>),
    Made(Clause),
}

/// A control of a framework that the rule is evidence for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Control {
    pub(crate) framework: Arc<str>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) id: Arc<str>,
}

/// A subject, and what the rule says of it.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) place: Place,
    pub(crate) expected: Expected,
    pub(crate) minor: u8,
    pub(crate) environment: Arc<str>,
    pub(crate) tier: Arc<str>,
    pub(crate) today: Arc<str>,
    pub(crate) environments: Vec<Arc<str>>,
    pub(crate) locks: Vec<Lock>,
    pub(crate) config: Option<Node>,
    pub(crate) params: Option<Node>,
    /// As it is written.
    pub(crate) written: Node,
    /// Whole objects: one, or those of a set.
    pub(crate) objects: Vec<Node>,
    /// The objects that compiling again gives.
    pub(crate) again: Option<Vec<Node>>,
    /// The targets of an environment.
    pub(crate) targets: Vec<Member>,
    /// Whether there are others that are not here.
    pub(crate) partial: bool,
    /// Files about the cluster.
    pub(crate) files: Vec<Node>,
    /// Exceptions.
    pub(crate) waivers: Vec<Node>,
}

/// A target of an example.
#[derive(Debug)]
pub(crate) struct Member {
    /// `None` for what an environment has once.
    pub(crate) tenant: Option<Arc<str>>,
    pub(crate) config: Option<Node>,
    pub(crate) objects: Vec<Node>,
}

/// What a rule is to say of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Pass,
    Fail,
    Error,
    NotApplicable,
}

impl Scope {
    pub(crate) const ALL: [Self; 6] =
        [Self::Object, Self::PodSpec, Self::Container, Self::Config, Self::Set, Self::Environment];

    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::PodSpec => "podSpec",
            Self::Container => "container",
            Self::Config => "config",
            Self::Set => "set",
            Self::Environment => "environment",
        }
    }

    /// What expressions may name.
    pub(super) fn names(self) -> Vec<&'static str> {
        let mut names =
            vec!["config", "environment", "today", "tenant", "tier", "params", "kubernetes", "values", "variables"];
        match self {
            Self::Object => names.push("object"),
            Self::PodSpec => names.extend(["object", "pod"]),
            Self::Container => names.extend(["object", "pod", "container", "containerKind"]),
            Self::Config | Self::Set | Self::Environment => {}
        }
        names
    }
}

impl Kind {
    /// Reads `Role` or `apps/Deployment`.
    pub(super) fn parse(text: &str) -> Self {
        match text.rsplit_once('/') {
            Some((group, kind)) => Self { group: Some(group.into()), kind: kind.into() },
            None => Self { group: None, kind: text.into() },
        }
    }

    /// Whether objects of a group and a kind are of it.
    pub(super) fn is(&self, group: &str, kind: &str) -> bool {
        self.kind.as_ref() == kind && self.group.as_deref().is_none_or(|own| own == group)
    }
}

impl Rule {
    /// Whether an expression of it refers to a name.
    pub(crate) fn names(&self, name: &str) -> bool {
        let messages = self.validations.iter().filter_map(|validation| match &validation.message {
            Message::Text(_) => None,
            Message::Made(clause) => Some(&clause.expression),
        });
        let all = self.validations.iter().map(|validation| &validation.clause.expression);
        let variables = self.variables.iter().map(|(_, expression)| expression);
        let applies = self.applies.iter().map(|clause| &clause.expression);
        let mut all = all.chain(messages).chain(variables).chain(applies);
        all.any(|expression| expression.names().iter().any(|known| known == name))
    }
}

impl Example {
    /// What it is about, in one line of JSON.
    pub(crate) fn shown(&self) -> String {
        emit::json(&self.written, false)
    }
}

impl Expected {
    pub(crate) const ALL: [(&'static str, Self); 4] =
        [("pass", Self::Pass), ("fail", Self::Fail), ("error", Self::Error), ("notApplicable", Self::NotApplicable)];
}
