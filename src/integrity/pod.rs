//! The pods that objects run: where their template stands, how they are labelled, how many there are.

use super::walk;
use crate::manifest::Manifest;
use crate::path::Path;
use crate::tree::{Node, Number, Value};

/// The pods of one template.
pub(crate) struct Pod<'a> {
    /// Index of the object that runs them.
    pub(crate) manifest: usize,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    pub(crate) namespace: &'a str,
    /// Where the template stands; its `spec` is below it.
    pub(crate) path: Path,
    pub(crate) labels: Labels<'a>,
    /// Known only for what is rendered; a controller's own pods have labels alone.
    pub(crate) spec: Option<&'a Node>,
}

/// Labels of pods: as a template writes them, or those a controller is known to set.
pub(crate) enum Labels<'a> {
    Written(Option<&'a Node>),
    Known(Vec<(&'static str, String)>),
}

impl Labels<'_> {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        match self {
            Self::Written(labels) => labels.as_ref()?.str_at(&[key]),
            Self::Known(labels) => labels.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str()),
        }
    }

    /// Whether a controller sets them, and perhaps more.
    pub(crate) fn is_partly_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }
}

/// Where kinds keep the templates of their pods.
const TEMPLATES: &[(&str, &str)] = &[
    ("Pod", ""),
    ("Deployment", "spec.template"),
    ("ReplicaSet", "spec.template"),
    ("StatefulSet", "spec.template"),
    ("DaemonSet", "spec.template"),
    ("ReplicationController", "spec.template"),
    ("Job", "spec.template"),
    ("CronJob", "spec.jobTemplate.spec.template"),
    ("Rollout", "spec.template"),
    ("Experiment", "spec.templates.*.template"),
    ("ScaledJob", "spec.jobTargetRef.template"),
];

/// Adds the pods that an object runs.
pub(crate) fn of<'a>(index: usize, manifest: &'a Manifest, pods: &mut Vec<Pod<'a>>) {
    let identity = manifest.identity();
    let (kind, name) = (identity.kind().as_ref(), identity.name().as_ref());
    let namespace = super::set::namespace(manifest);
    let pod = |path: Path, labels, spec| Pod { manifest: index, kind, name, namespace, path, labels, spec };
    if let Some((_, way)) = TEMPLATES.iter().find(|(known, _)| *known == kind) {
        walk::each(manifest.node(), way, &mut |template, trail| {
            let labels = Labels::Written(template.at(&["metadata", "labels"]));
            pods.push(pod(trail.path(), labels, template.at(&["spec"])));
        });
    }
    for labels in super::made::pods(manifest) {
        pods.push(pod(Path::root(), Labels::Known(labels), None));
    }
}

/// A container of a pod.
pub(crate) struct Container<'a> {
    pub(crate) node: &'a Node,
    pub(crate) path: Path,
    /// Runs to its end before the others start.
    pub(crate) initial: bool,
}

impl<'a> Pod<'a> {
    /// Its containers: those of the pod, then those that run before.
    pub(crate) fn containers(&self) -> Vec<Container<'a>> {
        let mut containers = Vec::new();
        let Some(spec) = self.spec else { return containers };
        for (list, initial) in [("containers", false), ("initContainers", true)] {
            let items = spec.at(&[list]).and_then(|list| list.value.as_list()).unwrap_or_default();
            for (index, node) in items.iter().enumerate() {
                let path = self.path.key("spec").key(list).index(index);
                // A sidecar: it starts before the others and goes on beside them.
                let initial = initial && node.str_at(&["restartPolicy"]) != Some("Always");
                containers.push(Container { node, path, initial });
            }
        }
        containers
    }

    /// The path of a field of its specification.
    pub(crate) fn field(&self, way: &str) -> Path {
        walk::below(&self.path.key("spec"), way)
    }
}

/// A whole number at a chain of keys.
pub(crate) fn number(node: &Node, keys: &[&str]) -> Option<i64> {
    match node.at(keys)?.value {
        Value::Number(Number::Int(number)) => Some(number),
        _ => None,
    }
}
