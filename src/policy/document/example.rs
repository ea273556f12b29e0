//! The examples of a rule: subjects in their short form become whole objects.

use std::sync::Arc;

use super::{Reader, wrong};
use crate::diagnostic::code;
use crate::fields::Fields;
use crate::lock::{Lock, Mode, Pattern};
use crate::path::Path;
use crate::policy::minors::minor;
use crate::policy::rule::{Example, Expected, Member, Scope};
use crate::source::{FileId, Place};
use crate::tree::{Entry, Map, Node, Value};
use crate::yaml::{Content, Written};

/// The minor of an example that names none.
const MINOR: u8 = 34;
/// The day of an example that names none.
const TODAY: &str = "2026-01-01";

impl Reader<'_> {
    /// Reads `tests`: lists of examples by what is expected of them.
    pub(super) fn examples(&mut self, tests: &Written, scope: Scope) -> Vec<Example> {
        let Some(mut fields) = Fields::of(tests, code::BAD_RULE, "`tests` of a rule", self.diagnostics) else {
            return Vec::new();
        };
        let mut examples = Vec::new();
        for (key, expected) in Expected::ALL {
            for item in fields.items(key, self.diagnostics) {
                examples.extend(self.example(item, expected, scope));
            }
        }
        fields.finish(self.diagnostics);
        examples
    }

    fn example(&mut self, item: &Written, expected: Expected, scope: Scope) -> Option<Example> {
        let mut example = Example {
            place: item.place,
            expected,
            minor: MINOR,
            environment: "prod".into(),
            tier: "".into(),
            today: TODAY.into(),
            environments: Vec::new(),
            locks: Vec::new(),
            config: None,
            params: None,
            objects: Vec::new(),
            again: None,
            targets: Vec::new(),
            partial: false,
            files: Vec::new(),
            waivers: Vec::new(),
            written: item.to_node(),
        };
        let has = |key: &str| item.members().is_some_and(|members| members.contains_key(key));
        let spelled_out = match scope {
            Scope::Config => has("config"),
            Scope::Set | Scope::Environment => true,
            _ => has("object"),
        };
        if !spelled_out {
            match scope {
                Scope::Config => example.config = Some(item.to_node()),
                _ => example.objects.push(whole(item.to_node(), scope)),
            }
            return Some(example);
        }
        let mut fields = Fields::of(item, code::BAD_RULE, "an example", self.diagnostics)?;
        if let Some(version) = fields.text("kubernetes", self.diagnostics) {
            match minor(&version.text) {
                Some(minor) => example.minor = minor,
                None => self.diagnostics.record(wrong(version.place, "a version of Kubernetes is written \"1.34\"")),
            }
        }
        if let Some(environment) = fields.text("environment", self.diagnostics) {
            example.environment = environment.text;
        }
        if let Some(tier) = fields.text("tier", self.diagnostics) {
            example.tier = tier.text;
        }
        if let Some(today) = fields.text("today", self.diagnostics) {
            example.today = today.text;
        }
        example.config = fields.get("config").map(|member| member.value.to_node());
        example.params = fields.get("params").map(|member| member.value.to_node());
        if scope == Scope::Set {
            example.environments =
                fields.texts("environments", self.diagnostics).into_iter().map(|name| name.text).collect();
            for path in fields.texts("locks", self.diagnostics) {
                match Pattern::parse(&path.text) {
                    Ok(pattern) => example.locks.push(lock(pattern, path.place)),
                    Err(error) => {
                        self.diagnostics.record(wrong(path.place, format!("it is no path: {}", error.message)));
                    }
                }
            }
            let objects = fields.items("objects", self.diagnostics);
            example.objects = objects.iter().map(Written::to_node).collect();
            if fields.flag("placeless", self.diagnostics) {
                example.objects = example.objects.iter().map(placeless).collect();
            }
            if fields.get("again").is_some() {
                let again = fields.items("again", self.diagnostics);
                example.again = Some(again.iter().map(Written::to_node).collect());
            }
        } else if scope == Scope::Environment {
            self.targets(&mut fields, &mut example);
        } else if let Some(member) = fields.get("object") {
            example.objects.push(whole(member.value.to_node(), scope));
        }
        fields.finish(self.diagnostics);
        if matches!(item.content, Content::Null) { None } else { Some(example) }
    }
}

impl Reader<'_> {
    /// The targets of an environment, and what else is there beside them.
    fn targets(&mut self, fields: &mut Fields<'_>, example: &mut Example) {
        let own = fields.get("own").map(|member| (None, &member.value));
        let tenants = fields.members("tenants", self.diagnostics);
        let tenants = tenants.map(|(name, member)| (Some(Arc::clone(name)), &member.value));
        for (tenant, written) in own.into_iter().chain(tenants) {
            let Some(mut fields) = Fields::of(written, code::BAD_RULE, "a target of an example", self.diagnostics)
            else {
                continue;
            };
            let config = fields.get("config").map(|member| member.value.to_node());
            let objects = fields.items("objects", self.diagnostics).iter().map(Written::to_node).collect();
            fields.finish(self.diagnostics);
            example.targets.push(Member { tenant, config, objects });
        }
        example.partial = fields.flag("partial", self.diagnostics);
        example.files = fields.items("files", self.diagnostics).iter().map(Written::to_node).collect();
        example.waivers = fields.items("waivers", self.diagnostics).iter().map(Written::to_node).collect();
    }
}

/// The same values, as if nobody had written them.
fn placeless(node: &Node) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(Arc::new(items.iter().map(placeless).collect())),
        Value::Map(map) => {
            let entry = |(key, entry): (&Arc<str>, &Entry)| {
                (Arc::clone(key), Entry { key: Place::top(FileId::NONE), node: placeless(&entry.node) })
            };
            Value::Map(Arc::new(map.iter().map(entry).collect::<Map>()))
        }
        value => value.clone(),
    };
    Node::new(value, Place::top(FileId::NONE))
}

/// A lock on a path, whose owner does not matter.
fn lock(pattern: Pattern, place: Place) -> Lock {
    let (owner, reason) = (Arc::from("environment"), Arc::from(""));
    Lock { pattern, owner, owner_rank: 0, mode: Mode::Fixed, reason, except: Vec::new(), place }
}

/// A whole object around a subject: what has a `kind` is one; what has a `spec` is a pod; else it is the specification of a
/// pod, or a container.
fn whole(subject: Node, scope: Scope) -> Node {
    let has = |key: &str| subject.at(&[key]).is_some();
    let place = subject.place;
    let pod = match scope {
        Scope::PodSpec | Scope::Container if has("kind") => return subject,
        Scope::PodSpec | Scope::Container if has("spec") => subject,
        Scope::PodSpec => map(place, [("spec", subject)]),
        Scope::Container => {
            let containers = Node::new(Value::List(Arc::new(vec![subject])), place);
            map(place, [("spec", map(place, [("containers", containers)]))])
        }
        _ => return subject,
    };
    let text = |text: &str| Node::new(Value::String(text.into()), place);
    let below = |key: &str| pod.get(&Path::from_keys([key])).cloned();
    let metadata = below("metadata").unwrap_or_else(|| map(place, [("name", text("example"))]));
    let spec = below("spec").unwrap_or_else(|| map(place, []));
    map(place, [("apiVersion", text("v1")), ("kind", text("Pod")), ("metadata", metadata), ("spec", spec)])
}

fn map<const N: usize>(place: Place, members: [(&str, Node); N]) -> Node {
    let entries = members.into_iter().map(|(key, node)| (Arc::from(key), Entry { key: place, node }));
    Node::new(Value::Map(Arc::new(entries.collect::<Map>())), place)
}
