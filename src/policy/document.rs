//! Reading rules: a YAML document in, a [`Rule`] out, and what is wrong with it at its place.

mod example;

use std::sync::Arc;

use super::among;
use super::minors::Minors;
use super::passage;
use super::rule::{Clause, Control, Kind, Message, Rule, Scope, Validation};
use super::set;
use super::severity::{Assurance, Severity};
use super::way::Way;
use crate::cel::Expression;
use crate::diagnostic::{Diagnostic, Diagnostics, code, did_you_mean};
use crate::fields::{Fields, Text};
use crate::path::Path;
use crate::source::Place;
use crate::yaml::{Content, Written};

/// What the header of a rule says.
const HEADER: [(&str, &str); 2] = [("apiVersion", "tenantctl.dev/v1"), ("kind", "Rule")];

/// A document being read.
struct Reader<'a> {
    /// The text of its file.
    source: &'a str,
    diagnostics: &'a mut Diagnostics,
}

/// Reads one document of the file whose text is `source`; `None` if something is wrong with it, which is recorded.
pub(super) fn read(document: &Written, source: &str, diagnostics: &mut Diagnostics) -> Option<Rule> {
    let mark = diagnostics.mark();
    let rule = Reader { source, diagnostics }.rule(document);
    rule.filter(|_| diagnostics.since(mark).is_ok())
}

fn wrong(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::BAD_RULE, message).at(place, "")
}

impl Reader<'_> {
    fn rule(&mut self, document: &Written) -> Option<Rule> {
        let mut top = Fields::of(document, code::BAD_RULE, "a rule", self.diagnostics)?;
        for (key, value) in HEADER {
            if let Some(found) = top.required(key, value, self.diagnostics)
                && found.text.as_ref() != value
            {
                let message = format!("`{key}` of a rule must be `{value}`");
                self.diagnostics.record(wrong(found.place, message).help(format!("write `{key}: {value}`")));
            }
        }
        let (metadata, spec) = (top.get("metadata"), top.get("spec"));
        top.finish(self.diagnostics);
        let (Some(metadata), Some(spec)) = (metadata, spec) else {
            let message = "a rule must have `metadata` and `spec`";
            self.diagnostics
                .record(wrong(document.place, message).help("write `metadata: {id: ACME-POD-1, version: 1}`"));
            return None;
        };
        let mut fields = Fields::of(&metadata.value, code::BAD_RULE, "the metadata of a rule", self.diagnostics)?;
        let id = fields.required("id", "ACME-POD-1", self.diagnostics);
        let version = self.version(&mut fields);
        fields.finish(self.diagnostics);
        let id = id?;
        if !is_id(&id.text) {
            let message = format!("`{}` cannot be the id of a rule", id.text);
            self.diagnostics.record(wrong(id.place, message).help("write capital letters, digits and `-`: ACME-POD-1"));
        }
        let mut fields = Fields::of(&spec.value, code::BAD_RULE, "the spec of a rule", self.diagnostics)?;
        let rule = self.spec(&id, version, &mut fields);
        fields.finish(self.diagnostics);
        rule
    }

    fn spec(&mut self, id: &Text, version: i64, fields: &mut Fields<'_>) -> Option<Rule> {
        let title = fields.required("title", "\"No privileged container\"", self.diagnostics);
        let why = fields.text("why", self.diagnostics).map(|why| why.text);
        let severity = self.word(fields, "severity", Severity::parse, &Severity::ALL.map(Severity::word));
        let assurance = self.word(fields, "assurance", Assurance::parse, &Assurance::ALL.map(Assurance::word));
        let component = fields.text("component", self.diagnostics);
        let scopes = Scope::ALL.map(Scope::word);
        let scope = |word: &str| Scope::ALL.into_iter().find(|scope| scope.word() == word);
        let scope = self.word(fields, "scope", scope, &scopes);
        let kinds = fields.texts("kinds", self.diagnostics);
        let values = self.values(fields);
        let each = self.ways(fields);
        let path = fields.text("path", self.diagnostics).and_then(|text| self.path(&text)).unwrap_or_default();
        let remediation = fields.required("remediation", "\"Remove `privileged`\"", self.diagnostics);
        let maps = self.maps(fields);
        let emit = fields.flag("emit", self.diagnostics);
        let params = fields.get("params").map(|member| member.value.to_node());
        let (applies, variables) = (fields.get("applies"), fields.items("variables", self.diagnostics));
        let validations = fields.items("validations", self.diagnostics);
        let tests = fields.get("tests").map(|member| &member.value);
        let scope = scope?;
        let built_in: Option<(&str, Vec<&str>)> = match scope {
            Scope::Set => Some(("objects", set::known().collect())),
            Scope::Environment => Some(("targets", among::known().collect())),
            _ => None,
        };
        if let Some((what, known)) = built_in.as_ref().filter(|(_, known)| !known.contains(&id.text.as_ref())) {
            let message = format!("there is no rule {} over all {what} in this program", id.text);
            let help = did_you_mean(&id.text, known.iter().copied());
            self.diagnostics.record(wrong(id.place, message).maybe_help(help));
        }
        if built_in.is_none() && validations.is_empty() {
            let message = format!("{} has no `validations`, so it says nothing", id.text);
            self.diagnostics
                .record(wrong(id.place, message).help("write `validations: [{expression: \"..\", message: \"..\"}]`"));
        }
        let names = scope.names();
        let applies = applies.and_then(|member| self.clause(&id.text, &member.value, &names));
        let (variables, definitions) = self.variables(&id.text, variables, &names);
        let validations: Vec<Validation> = validations
            .iter()
            .filter_map(|written| self.validation(&id.text, written, !each.is_empty(), &names))
            .collect();
        let examples = tests.map(|tests| self.examples(tests, scope)).unwrap_or_default();
        let (title, severity, assurance, remediation) = (title?, severity?, assurance?, remediation?);
        if let Some(component) = component.as_ref().filter(|_| assurance != Assurance::Depends) {
            let message = format!("`component` says what a rule depends on, but {} is `{}`", id.text, assurance.word());
            self.diagnostics.record(wrong(component.place, message).help("write `assurance: depends`, or remove it"));
        }
        Some(Rule {
            id: Arc::clone(&id.text),
            place: id.place,
            version,
            title: title.text,
            why,
            severity,
            assurance,
            component: component.map(|component| component.text),
            scope,
            kinds: kinds.iter().map(|kind| Kind::parse(&kind.text)).collect(),
            values,
            each,
            applies,
            variables,
            definitions,
            validations,
            path,
            remediation: remediation.text,
            maps,
            emit,
            params,
            examples,
        })
    }

    fn version(&mut self, fields: &mut Fields<'_>) -> i64 {
        let Some(member) = fields.get("version") else { return 1 };
        match &member.value.content {
            Content::Number(number) if number.as_i64().is_some_and(|version| version > 0) => {
                number.as_i64().unwrap_or(1)
            }
            _ => {
                self.diagnostics.record(wrong(member.value.place, "the version of a rule must be a number from 1"));
                1
            }
        }
    }

    /// A word that has a meaning, or what it may be.
    fn word<T>(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let text = fields.required(key, words.first().copied().unwrap_or_default(), self.diagnostics)?;
        let found = parse(&text.text);
        if found.is_none() {
            let message = format!("`{key}` of a rule cannot be `{}`", text.text);
            let help = did_you_mean(&text.text, words.iter().copied());
            self.diagnostics
                .record(wrong(text.place, message).maybe_help(help).note(format!("it is {}", words.join(", "))));
        }
        found
    }

    fn values(&mut self, fields: &mut Fields<'_>) -> Vec<(Arc<str>, Path)> {
        let mut values = Vec::new();
        for (name, member) in fields.members("values", self.diagnostics) {
            match member.value.as_str() {
                Some(text) => {
                    let text = Text { text: text.into(), place: member.value.place };
                    values.extend(self.path(&text).map(|path| (Arc::clone(name), path)));
                }
                None => {
                    self.diagnostics.record(wrong(member.value.place, "a value is named by its path: tls.minVersion"));
                }
            }
        }
        values
    }

    /// Where validations look.
    fn ways(&mut self, fields: &mut Fields<'_>) -> Vec<Way> {
        let mut ways = Vec::new();
        for text in fields.texts("each", self.diagnostics) {
            match Way::parse(&text.text) {
                Ok(way) => ways.push(way),
                Err(why) => {
                    let message = format!("`{}` leads nowhere: {why}", text.text);
                    self.diagnostics
                        .record(wrong(text.place, message).help("write keys between dots, `spec.rules[*].http`"));
                }
            }
        }
        ways
    }

    fn path(&mut self, text: &Text) -> Option<Path> {
        match Path::parse(&text.text) {
            Ok(path) => Some(path),
            Err(error) => {
                let message = format!("`{}` is no path: {}", text.text, error.message);
                self.diagnostics.record(wrong(text.place, message));
                None
            }
        }
    }

    fn variables(&mut self, id: &str, items: &[Written], names: &[&str]) -> (Vec<(String, Expression)>, Vec<Arc<str>>) {
        let (mut variables, mut texts) = (Vec::new(), Vec::new());
        for item in items {
            let Some(mut fields) = Fields::of(item, code::BAD_RULE, "a variable", self.diagnostics) else { continue };
            let name = fields.required("name", "containers", self.diagnostics);
            let expression = fields.get("expression");
            fields.finish(self.diagnostics);
            let Some(expression) = expression else {
                self.diagnostics.record(wrong(item.place, "a variable must have an `expression`"));
                continue;
            };
            if let (Some(name), Some(clause)) = (name, self.clause(id, &expression.value, names)) {
                variables.push((name.text.to_string(), clause.expression));
                texts.push(clause.text);
            }
        }
        (variables, texts)
    }

    fn validation(&mut self, id: &str, written: &Written, each: bool, names: &[&'static str]) -> Option<Validation> {
        let mut fields = Fields::of(written, code::BAD_RULE, "a validation", self.diagnostics)?;
        let minors = fields.text("kubernetes", self.diagnostics).and_then(|text| {
            let minors = Minors::parse(&text.text);
            if minors.is_none() {
                let message = format!("`{}` is no range of versions", text.text);
                self.diagnostics.record(wrong(text.place, message).help("write `>=1.25`, `<1.35` or `>=1.25 <1.35`"));
            }
            minors
        });
        let own = self.ways(&mut fields);
        let path = fields.text("path", self.diagnostics).and_then(|text| self.path(&text));
        let (expression, text) = (fields.get("expression"), fields.text("message", self.diagnostics));
        let made = fields.get("messageExpression");
        fields.finish(self.diagnostics);
        let mut names = names.to_vec();
        if each || !own.is_empty() {
            names.push("item");
        }
        let Some(expression) = expression else {
            self.diagnostics.record(wrong(written.place, "a validation must have an `expression`"));
            return None;
        };
        let clause = self.clause(id, &expression.value, &names);
        let message = match (text, made) {
            (Some(text), None) => Some(Message::Text(text.text)),
            (None, Some(made)) => self.clause(id, &made.value, &names).map(Message::Made),
            _ => {
                let message = "a validation must have either a `message` or a `messageExpression`";
                self.diagnostics.record(wrong(written.place, message).help("say what must be"));
                None
            }
        };
        let minors = minors.unwrap_or(Minors::ALL);
        Some(Validation { place: expression.value.place, minors, clause: clause?, message: message?, each: own, path })
    }

    /// Compiles an expression; what is wrong with it is shown where it is wrong.
    fn clause(&mut self, id: &str, written: &Written, names: &[&str]) -> Option<Clause> {
        let Some(text) = written.as_str() else {
            let is = written.kind().with_article();
            self.diagnostics.record(
                wrong(written.place, format!("an expression must be a string, but it is {is}"))
                    .help("put it in quotes"),
            );
            return None;
        };
        match Expression::compile(text, names) {
            Ok(expression) => Some(Clause { text: text.into(), expression }),
            Err(why) => {
                let at = why.at.filter(|(line, _)| *line > 0);
                let place = at.map_or(written.place, |at| passage::place(self.source, written.place, text, at));
                let message = format!("an expression of {id} cannot be compiled: {}", why.message);
                let label = at.map_or_else(String::new, |(line, column)| {
                    format!("line {line}, column {column} of the expression")
                });
                self.diagnostics.record(Diagnostic::new(code::BAD_RULE, message).at(place, label));
                None
            }
        }
    }

    /// The controls, framework by framework: an id, a list of ids, or such lists by version of the framework.
    fn maps(&mut self, fields: &mut Fields<'_>) -> Vec<Control> {
        let mut controls = Vec::new();
        for (framework, member) in fields.members("maps", self.diagnostics) {
            match member.value.members() {
                Some(versions) => {
                    for (version, member) in versions {
                        self.controls(framework, Some(version), &member.value, &mut controls);
                    }
                }
                None => self.controls(framework, None, &member.value, &mut controls),
            }
        }
        controls
    }

    fn controls(
        &mut self,
        framework: &Arc<str>,
        version: Option<&Arc<str>>,
        written: &Written,
        controls: &mut Vec<Control>,
    ) {
        let items = match &written.content {
            Content::List(items) => items.as_slice(),
            _ => std::slice::from_ref(written),
        };
        for item in items {
            match item.as_str() {
                Some(id) => {
                    let (framework, version) = (Arc::clone(framework), version.cloned());
                    controls.push(Control { framework, version, id: id.into() });
                }
                None => self.diagnostics.record(wrong(item.place, "a control is named by its id, in quotes")),
            }
        }
    }
}

/// Capital letters, digits and `-`, beginning with a letter.
fn is_id(id: &str) -> bool {
    id.len() <= 63
        && id.starts_with(|c: char| c.is_ascii_uppercase())
        && !id.ends_with('-')
        && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
}
