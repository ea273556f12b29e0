//! What is applied in which order.
//!
//! Namespaces and definitions of kinds come first, for all targets; then what the cluster has once; then the objects of
//! each namespace as one ApplySet. Then pods are waited for.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use crate::diagnostic::count;

/// Kinds that others need before anything else, and that are never removed on their own.
const FIRST: [&str; 2] = ["Namespace", "CustomResourceDefinition"];

/// Kinds whose pods are waited for.
const ROLLED_OUT: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

/// What the names of the parents of our ApplySets begin with.
const PARENT: &str = "tenantctl";

/// The objects of one target.
#[derive(Debug)]
pub(crate) struct Group {
    /// The tenant's id, or a word for the environment's own.
    pub(crate) name: String,
    /// In install order.
    pub(crate) objects: Vec<Json>,
    /// Whether some of its objects are not here: then nothing is removed that is not here either.
    pub(crate) partial: bool,
}

/// One call of kubectl.
#[derive(Debug, PartialEq)]
pub(crate) struct Step {
    /// What it is to do, for people.
    pub(crate) what: String,
    pub(crate) arguments: Vec<String>,
    /// What it reads.
    pub(crate) input: Option<String>,
}

/// A workload that is waited for.
#[derive(Debug, PartialEq)]
pub(crate) struct Wait {
    pub(crate) what: String,
    pub(crate) arguments: Vec<String>,
}

/// Calls in their order, and what is waited for when they are made.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    pub(crate) waits: Vec<Wait>,
}

impl Plan {
    /// The plan for groups, the environment's own first. `dry_run` is `server` or `client`.
    pub(crate) fn of(groups: Vec<Group>, dry_run: Option<&str>, timeout: &str) -> Self {
        let mut plan = Self::default();
        let mut first = Vec::new();
        let mut sets = Vec::new();
        for group in groups {
            let (foundations, rest): (Vec<Json>, Vec<Json>) =
                group.objects.into_iter().partition(|object| FIRST.contains(&text(object, "/kind")));
            first.extend(foundations);
            plan.waits.extend(rest.iter().filter_map(|object| wait(object, timeout)));
            sets.extend(of_namespaces(&group.name, group.partial, rest));
        }
        plan.steps.extend(applied("the namespaces and kinds", &first, &[], dry_run));
        if dry_run.is_none() {
            plan.steps.extend(established(&first, timeout));
        }
        for (what, arguments, objects) in sets {
            plan.steps.extend(applied(&what, &objects, &arguments, dry_run));
        }
        if dry_run.is_some() {
            plan.waits.clear();
        }
        plan
    }

    /// The calls as a shell would make them, with the number of objects that each reads.
    pub(crate) fn text(&self) -> String {
        let step = |step: &Step| {
            let objects = step.input.as_deref().and_then(|input| serde_json::from_str::<Json>(input).ok());
            let number = objects.and_then(|list| list["items"].as_array().map(Vec::len));
            let read = number.map(|number| format!("  # {}", count(number, "object"))).unwrap_or_default();
            format!("kubectl {}{read}\n", step.arguments.join(" "))
        };
        let wait = |wait: &Wait| format!("kubectl {}\n", wait.arguments.join(" "));
        self.steps.iter().map(step).chain(self.waits.iter().map(wait)).collect()
    }
}

/// The objects of a group by namespace, what has none first: what they are, and the arguments for their set.
fn of_namespaces(group: &str, partial: bool, objects: Vec<Json>) -> Vec<(String, Vec<String>, Vec<Json>)> {
    let mut spaces: IndexMap<String, Vec<Json>> = IndexMap::new();
    for object in objects {
        spaces.entry(text(&object, "/metadata/namespace").to_owned()).or_default().push(object);
    }
    // What a tenant has in the whole cluster belongs to the set of its one namespace.
    if spaces.len() == 2
        && let Some(cluster) = spaces.shift_remove("")
        && let Some(objects) = spaces.values_mut().next()
    {
        objects.splice(0..0, cluster);
    }
    spaces.sort_keys();
    let set = |(space, objects): (String, Vec<Json>)| {
        if space.is_empty() {
            return (format!("what {group} has in the whole cluster"), Vec::new(), objects);
        }
        let mut arguments = vec![format!("--applyset=configmaps/{PARENT}-{}", group.trim_start_matches('_'))];
        arguments.push(format!("--namespace={space}"));
        if !partial {
            arguments.push("--prune".to_owned());
        }
        (format!("{group} in {space}"), arguments, objects)
    };
    spaces.into_iter().map(set).collect()
}

fn applied(what: &str, objects: &[Json], more: &[String], dry_run: Option<&str>) -> Option<Step> {
    if objects.is_empty() {
        return None;
    }
    let mut arguments = vec!["apply".to_owned(), "--server-side".to_owned(), "--field-manager=tenantctl".to_owned()];
    arguments.extend(dry_run.map(|how| format!("--dry-run={how}")));
    // Without its set, objects of a partial target are applied alone.
    if more.iter().any(|argument| argument == "--prune") {
        arguments.extend_from_slice(more);
    } else {
        arguments.extend(more.iter().filter(|argument| argument.starts_with("--namespace")).cloned());
    }
    arguments.extend(["-f".to_owned(), "-".to_owned()]);
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    Some(Step { what: format!("apply {what}"), arguments, input: Some(list.to_string()) })
}

/// The API server serves a kind a moment after its definition.
fn established(objects: &[Json], timeout: &str) -> Option<Step> {
    let definitions = objects.iter().filter(|object| text(object, "/kind") == "CustomResourceDefinition");
    let names: Vec<String> = definitions.map(|object| format!("crd/{}", text(object, "/metadata/name"))).collect();
    if names.is_empty() {
        return None;
    }
    let mut arguments =
        vec!["wait".to_owned(), "--for=condition=Established".to_owned(), format!("--timeout={timeout}")];
    arguments.extend(names);
    Some(Step { what: "wait for the kinds".to_owned(), arguments, input: None })
}

fn wait(object: &Json, timeout: &str) -> Option<Wait> {
    let (kind, name) = (text(object, "/kind"), text(object, "/metadata/name"));
    // What is replaced by hand, or has no pods, is not waited for.
    let by_hand = text(object, "/spec/updateStrategy/type") == "OnDelete";
    if !ROLLED_OUT.contains(&kind) || by_hand || object.pointer("/spec/replicas") == Some(&json!(0)) {
        return None;
    }
    let namespace = text(object, "/metadata/namespace");
    let resource = format!("{}/{name}", kind.to_lowercase());
    let arguments = [
        "rollout".to_owned(),
        "status".to_owned(),
        resource.clone(),
        format!("--namespace={namespace}"),
        format!("--timeout={timeout}"),
    ];
    Some(Wait { what: format!("{resource} in {namespace}"), arguments: arguments.into() })
}

fn text<'o>(object: &'o Json, pointer: &str) -> &'o str {
    object.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(kind: &str, name: &str, namespace: Option<&str>) -> Json {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
        if let Some(namespace) = namespace {
            object["metadata"]["namespace"] = namespace.into();
        }
        object
    }

    fn tenant(partial: bool) -> Group {
        let objects = vec![
            object("Namespace", "acme", None),
            object("ClusterRole", "acme-reader", None),
            object("Deployment", "app", Some("acme")),
        ];
        Group { name: "acme".to_owned(), objects, partial }
    }

    fn platform() -> Group {
        let objects = vec![
            object("CustomResourceDefinition", "x.example.com", None),
            object("ClusterRole", "all", None),
            object("ConfigMap", "a", Some("kube-system")),
            object("ConfigMap", "b", Some("monitoring")),
        ];
        Group { name: "_environment".to_owned(), objects, partial: false }
    }

    fn lines(plan: &Plan) -> Vec<String> {
        let steps = plan.steps.iter().map(|step| format!("{}: {}", step.what, step.arguments.join(" ")));
        steps.chain(plan.waits.iter().map(|wait| format!("{}: {}", wait.what, wait.arguments.join(" ")))).collect()
    }

    #[test]
    fn what_others_need_comes_first_and_a_tenant_is_a_set_of_its_own() {
        let plan = Plan::of(vec![platform(), tenant(false)], None, "5m");
        let apply = "apply --server-side --field-manager=tenantctl";
        let set = "--applyset=configmaps/tenantctl";
        assert_eq!(
            lines(&plan),
            [
                format!("apply the namespaces and kinds: {apply} -f -"),
                "wait for the kinds: wait --for=condition=Established --timeout=5m crd/x.example.com".to_owned(),
                format!("apply what _environment has in the whole cluster: {apply} -f -"),
                format!(
                    "apply _environment in kube-system: {apply} {set}-environment --namespace=kube-system --prune -f -"
                ),
                format!(
                    "apply _environment in monitoring: {apply} {set}-environment --namespace=monitoring --prune -f -"
                ),
                format!("apply acme in acme: {apply} {set}-acme --namespace=acme --prune -f -"),
                "deployment/app in acme: rollout status deployment/app --namespace=acme --timeout=5m".to_owned(),
            ]
        );
    }

    #[test]
    fn nothing_is_removed_where_something_was_left_out_and_nothing_is_waited_for_when_nothing_is_done() {
        let plan = Plan::of(vec![tenant(true)], Some("server"), "5m");
        assert!(lines(&plan).iter().all(|line| !line.contains("--prune") && line.contains("--dry-run=server")));
        assert_eq!(plan.waits, []);
    }
}
