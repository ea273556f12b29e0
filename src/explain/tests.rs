//! An explanation is true: changing a value that it names changes the field.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::SourceMap;
use crate::diagnostic::Diagnostics;
use crate::path::{Path, Step};
use crate::pipeline::Compiler;
use crate::shipped;
use crate::source::Sources;
use crate::template::Templates;
use crate::tree::{Entry, Map, Node, Number, Value};
use crate::validate::Validated;
use crate::workspace::{Selection, Top, Workspace};
use crate::yaml::emit;

type Fields = BTreeMap<(String, String), (String, Vec<Path>)>;

/// Every field, with its value and the paths named; `None` if a template fails.
fn fields(validated: &Validated, templates: &Templates, sources: &Sources) -> Option<Fields> {
    let map = SourceMap::of(validated, templates, sources, &mut Diagnostics::new()).ok()?;
    let field = |field: super::Mapped<'_>| {
        let key = (format!("{} {}", field.template, field.object), field.path.to_string());
        (key, (emit::json(field.node, false), field.reads.to_vec()))
    };
    Some(map.fields().map(field).collect())
}

/// The tree with another value at a path.
fn with(node: &Node, steps: &[Step], value: &Value) -> Node {
    let Some((step, below)) = steps.split_first() else { return Node { value: value.clone(), ..node.clone() } };
    let value = match (&node.value, step) {
        (Value::Map(map), Step::Key(wanted)) => {
            let entry = |(key, entry): (&Arc<str>, &Entry)| {
                let node = if key == wanted { with(&entry.node, below, value) } else { entry.node.clone() };
                (Arc::clone(key), Entry { node, ..entry.clone() })
            };
            Value::Map(Arc::new(map.iter().map(entry).collect::<Map>()))
        }
        (Value::List(items), Step::Index(wanted)) => {
            let item = |(index, item): (usize, &Node)| {
                if index == *wanted { with(item, below, value) } else { item.clone() }
            };
            Value::List(Arc::new(items.iter().enumerate().map(item).collect()))
        }
        (other, _) => other.clone(),
    };
    Node { value, ..node.clone() }
}

/// Other values of the same kind, the likeliest to pass first.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(flag) => vec![Value::Bool(!flag)],
        Value::Number(Number::Int(number)) => [number + 1, number * 2 + 1].map(Number::Int).map(Value::Number).to_vec(),
        Value::Number(Number::Float(number)) => vec![Value::Number(Number::Float(number / 2.0))],
        Value::String(text) => {
            let digit = |character: char| if character.is_ascii_digit() { '7' } else { character };
            let turned = text.chars().map(digit).collect::<String>();
            let texts = [format!("7{text}"), format!("{text}x"), turned, "other".to_owned()];
            texts
                .into_iter()
                .filter(|other| other.as_str() != text.as_ref())
                .map(|text| Value::String(text.into()))
                .collect()
        }
        Value::List(items) if items.is_empty() => vec![Value::List(Arc::new(vec![Node::new(
            Value::String("other".into()),
            crate::source::Place::top(crate::source::FileId::NONE),
        )]))],
        Value::List(_) => vec![Value::List(Arc::default())],
        Value::Map(_) => vec![Value::Map(Arc::default())],
        _ => vec![Value::String("other".into())],
    }
}

/// What another value of a path makes of all fields, for as many of the others as were asked for.
struct Changes {
    /// Trees with other values, the likeliest last.
    roots: Vec<Node>,
    seen: Vec<Fields>,
}

impl Changes {
    fn of(validated: &Validated, path: &Path) -> Self {
        let root = validated.root();
        let others = root.get(path).map(|node| others(&node.value)).unwrap_or_default();
        Self { roots: others.iter().rev().map(|other| with(root, path.steps(), other)).collect(), seen: Vec::new() }
    }

    /// Whether one of them is as wanted; also if none gets through the templates.
    fn any(&mut self, wanted: impl Fn(&Fields) -> bool, render: impl Fn(Node) -> Option<Fields>) -> bool {
        if self.seen.iter().any(&wanted) {
            return true;
        }
        while let Some(root) = self.roots.pop() {
            if let Some(fields) = render(root) {
                let is_wanted = wanted(&fields);
                self.seen.push(fields);
                if is_wanted {
                    return true;
                }
            }
        }
        self.seen.is_empty()
    }
}

fn check(environment: &str, tenant: &str, over: &[&str]) {
    let world = shipped::world();
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let workspace = Workspace::find(&world, &sources, &mut diagnostics).unwrap();
    let selection = Selection {
        environment: environment.to_owned(),
        tenants: vec![tenant.to_owned()],
        overrides: over.iter().map(ToString::to_string).collect(),
        ..Selection::default()
    };
    let target = workspace.targets(&selection, &mut diagnostics).unwrap().swap_remove(0);
    let templates = workspace.templates(&mut diagnostics).unwrap();
    let compiler = Compiler::new(&workspace, Top::default());
    let validated = compiler.validated(&target, &mut diagnostics).unwrap();
    let now = fields(&validated, &templates, &sources).unwrap();
    let mut changes: IndexMap<Path, Changes> = IndexMap::new();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for (key, (value, paths)) in &now {
        let paths: Vec<&Path> = paths.iter().filter(|path| validated.root().get(path).is_some()).collect();
        if paths.is_empty() {
            continue;
        }
        checked += 1;
        let is_other = |then: &Fields| then.get(key).is_none_or(|(then, _)| then != value);
        let true_of_one = paths.iter().rev().any(|path| {
            let changes = changes.entry((*path).clone()).or_insert_with(|| Changes::of(&validated, path));
            changes.any(is_other, |root| fields(&validated.with_root(root), &templates, &sources))
        });
        if !true_of_one {
            let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
            wrong.push(format!("{} {} = {value}: {}", key.0, key.1, paths.join(", ")));
        }
    }
    assert!(checked > 50, "{checked}");
    assert!(
        wrong.is_empty(),
        "{} of {checked} are not changed by what is named for them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_named_value_changes_the_field_in_dev() {
    check("dev", "indie-artist", &[]);
}

#[test]
fn a_named_value_changes_the_field_in_prod() {
    check("prod", "enterprise-client", &["high_availability"]);
}
