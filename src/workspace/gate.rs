//! `policy` in the settings: which broken rules stop an environment, and what rules are told.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean};
use crate::fields::{Fields, Text};
use crate::policy::{Catalogue, Severity};
use crate::source::{FileId, Place};
use crate::tree::{Entry, Map, Node, Value};
use crate::yaml::{Content, Member, Written};

/// The key of what rules are told; the others are environments.
const PARAMS: &str = "params";

/// What the settings say about the policy.
#[derive(Clone, Debug)]
pub(crate) struct Gates {
    params: Node,
    /// All environments there are.
    known: Vec<Arc<str>>,
    environments: IndexMap<Arc<str>, Gate>,
}

/// What stops one environment.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    /// Broken rules of this severity and above are errors.
    pub(crate) deny: Option<Severity>,
    /// Broken rules of this severity and above are warnings, unless they are errors.
    pub(crate) warn: Option<Severity>,
    params: Node,
    /// Rules that stop nothing here.
    off: Vec<LeftOut>,
}

/// Rules that stop nothing, and why.
#[derive(Clone, Debug)]
struct LeftOut {
    /// Their ids; the last sign may be a star.
    rules: Vec<Text>,
    reason: Arc<str>,
}

impl Default for Gates {
    fn default() -> Self {
        let params = Node::new(Value::Map(Arc::default()), Place::top(FileId::NONE));
        Self { params, known: Vec::new(), environments: IndexMap::new() }
    }
}

impl Gates {
    /// Reads them; `environments` are those that there are. Records everything that is wrong.
    pub(super) fn read<'e>(
        written: &Written,
        environments: impl Iterator<Item = &'e Arc<str>>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut gates = Self::default();
        let Some(members) = written.members() else {
            let is = written.kind().with_article();
            diagnostics.record(wrong(written.place, format!("`policy` must be a mapping, but it is {is}")));
            return gates;
        };
        if let Some(params) = members.get(PARAMS) {
            gates.params = told(params, diagnostics);
        }
        let known: Vec<&Arc<str>> = environments.collect();
        gates.known = known.iter().map(|name| Arc::clone(name)).collect();
        for (name, member) in members.iter().filter(|(name, _)| name.as_ref() != PARAMS) {
            if !known.contains(&name) {
                let names = known.iter().map(|known| &***known).chain([PARAMS]);
                diagnostics.record(
                    wrong(member.key, format!("`policy` has no `{name}`: there is no environment of this name"))
                        .maybe_help(did_you_mean(name, names.clone()))
                        .note(format!("known: {}", names.collect::<Vec<_>>().join(", "))),
                );
                continue;
            }
            if let Some(gate) = gates.gate(&member.value, diagnostics) {
                gates.environments.insert(Arc::clone(name), gate);
            }
        }
        gates
    }

    fn gate(&self, written: &Written, diagnostics: &mut Diagnostics) -> Option<Gate> {
        let mut fields = Fields::of(written, code::SETTINGS, "the policy of an environment", diagnostics)?;
        let deny = threshold(&fields.texts("deny", diagnostics), diagnostics);
        let warn = threshold(&fields.texts("warn", diagnostics), diagnostics);
        let own = fields.get(PARAMS).map(|member| told(member, diagnostics));
        let mut off = Vec::new();
        for item in fields.items("except", diagnostics) {
            off.extend(left_out(item, diagnostics));
        }
        fields.finish(diagnostics);
        let params = own.map_or_else(|| self.params.clone(), |own| laid(&self.params, &own));
        Some(Gate { deny, warn, params, off })
    }

    /// Records rules that are given values by ids that no rule has.
    pub(super) fn hold_to(&self, own: &Catalogue, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let mark = diagnostics.mark();
        let given = std::iter::once(&self.params).chain(self.environments.values().map(|gate| &gate.params));
        let mut unknown: IndexMap<&str, Place> = IndexMap::new();
        for (id, entry) in given.filter_map(|params| params.at(&["values"])?.value.as_map()).flat_map(Map::iter) {
            if own.find(id).or_else(|| Catalogue::shipped().find(id)).is_none() {
                unknown.entry(id).or_insert(entry.key);
            }
        }
        for text in self.environments.values().flat_map(|gate| &gate.off).flat_map(|off| &off.rules) {
            if !text.text.ends_with('*')
                && own.find(&text.text).or_else(|| Catalogue::shipped().find(&text.text)).is_none()
            {
                unknown.entry(&text.text).or_insert(text.place);
            }
        }
        for (id, place) in unknown {
            let known = own.rules().iter().chain(Catalogue::shipped().rules()).map(|rule| rule.id.as_ref());
            diagnostics.record(
                Diagnostic::new(code::UNKNOWN_RULE, format!("there is no rule `{id}`"))
                    .at(place, "named here")
                    .maybe_help(did_you_mean(id, known)),
            );
        }
        diagnostics.since(mark)
    }

    /// What stops an environment, if anything is said about it.
    pub(crate) fn of(&self, environment: &str) -> Option<&Gate> {
        self.environments.get(environment)
    }

    /// The environments there are.
    pub(crate) fn known(&self) -> &[Arc<str>] {
        &self.known
    }

    /// The least severity that anything is said of, in any environment.
    pub(crate) fn least(&self) -> Option<Severity> {
        self.environments.values().filter_map(Gate::least).min()
    }

    /// What rules are told in an environment.
    pub(crate) fn params(&self, environment: &str) -> &Node {
        self.of(environment).map_or(&self.params, |gate| &gate.params)
    }
}

impl Gate {
    /// The least severity that anything is said of.
    pub(crate) fn least(&self) -> Option<Severity> {
        [self.deny, self.warn].into_iter().flatten().min()
    }
}

impl Gate {
    /// Why a rule stops nothing in this environment, if it does not.
    pub(crate) fn exemption(&self, id: &str) -> Option<&Arc<str>> {
        let is = |text: &Text| match text.text.strip_suffix('*') {
            Some(begin) => id.starts_with(begin),
            None => id == text.text.as_ref(),
        };
        self.off.iter().find(|off| off.rules.iter().any(is)).map(|off| &off.reason)
    }
}

fn left_out(written: &Written, diagnostics: &mut Diagnostics) -> Option<LeftOut> {
    let mut fields = Fields::of(written, code::SETTINGS, "what the policy leaves out", diagnostics)?;
    let rules = fields.texts("rules", diagnostics);
    let reason = fields.required("reason", "\"who keeps to it instead\"", diagnostics);
    fields.finish(diagnostics);
    if rules.is_empty() {
        diagnostics.record(
            wrong(written.place, "what the policy leaves out must have `rules`").help("write `rules: [TC-CFG-901]`"),
        );
    }
    Some(LeftOut { rules, reason: reason?.text })
}

/// The least of the severities that are named.
fn threshold(texts: &[Text], diagnostics: &mut Diagnostics) -> Option<Severity> {
    let read = |text: &Text| {
        let found = Severity::parse(&text.text);
        if found.is_none() {
            let words = Severity::ALL.map(Severity::word);
            diagnostics.record(
                wrong(text.place, format!("`{}` is no severity of rules", text.text))
                    .maybe_help(did_you_mean(&text.text, words))
                    .note(format!("they are {}", words.join(", "))),
            );
        }
        found
    };
    texts.iter().filter_map(read).min()
}

fn told(member: &Member, diagnostics: &mut Diagnostics) -> Node {
    if !matches!(member.value.content, Content::Map(_)) {
        let is = member.value.kind().with_article();
        diagnostics.record(wrong(member.value.place, format!("`{PARAMS}` must be a mapping, but it is {is}")));
    }
    member.value.to_node()
}

/// One mapping over another, key by key.
fn laid(below: &Node, above: &Node) -> Node {
    let (Value::Map(lower), Value::Map(upper)) = (&below.value, &above.value) else { return above.clone() };
    let mut map: Map = lower.as_ref().clone();
    for (key, entry) in upper.iter() {
        let node = lower.get(key).map_or_else(|| entry.node.clone(), |under| laid(under, &entry.node));
        map.insert(Arc::clone(key), Entry { key: entry.key, node });
    }
    Node::new(Value::Map(Arc::new(map)), above.place)
}

fn wrong(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::SETTINGS, message).at(place, "")
}
