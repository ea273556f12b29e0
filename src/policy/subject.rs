//! The pods of an object, and their containers.
//!
//! Expressions ask for what may be missing, and a text has no members, so that they could take what is of a wrong type for
//! something missing: what is no mapping or list where it must be one is found here, before any rule is evaluated.

use std::sync::OnceLock;

use super::way::{Crooked, Way};
use crate::path::{Path, Step};
use crate::tree::{Node, Value};

/// Where kinds keep the template of their pods.
const TEMPLATES: [(&str, &str, &[&str]); 12] = [
    ("", "Pod", &[]),
    ("", "PodTemplate", &["template"]),
    ("", "ReplicationController", &["spec", "template"]),
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("batch", "Job", &["spec", "template"]),
    ("batch", "CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("argoproj.io", "Rollout", &["spec", "template"]),
    ("argoproj.io", "Experiment", &["spec", "templates", "*", "template"]),
    ("keda.sh", "ScaledJob", &["spec", "jobTargetRef", "template"]),
];

/// The lists of containers.
const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// A pod, or the template of pods: `metadata` and `spec`.
pub(super) struct Pod<'n> {
    pub(super) node: &'n Node,
    pub(super) path: Path,
}

/// A container of a pod.
pub(super) struct Container<'n> {
    pub(super) node: &'n Node,
    pub(super) path: Path,
    /// The list it is in.
    pub(super) kind: &'static str,
}

/// What must be mappings and lists in any object.
const OBJECT: [&str; 2] = ["metadata.{labels,annotations}.*", "{spec,data,stringData}.*"];

/// What must be mappings and lists in the template of a pod.
const POD: [&str; 7] = [
    "metadata.{labels,annotations}.*",
    "spec.os.*",
    "spec.securityContext.{seLinuxOptions,seccompProfile,appArmorProfile,windowsOptions}.*",
    "spec.securityContext.sysctls[*].*",
    "spec.{volumes,tolerations,topologySpreadConstraints}[*].*",
    "spec.affinity.{podAffinity,podAntiAffinity}.*",
    "spec.{containers,initContainers,ephemeralContainers}[*].{resources,securityContext,lifecycle,livenessProbe,\
     readinessProbe,startupProbe}.*",
];

/// The same in a container.
const CONTAINER: [&str; 4] = [
    "securityContext.{capabilities,seLinuxOptions,seccompProfile,appArmorProfile,windowsOptions}.*",
    "{ports,env,envFrom,volumeMounts}[*].*",
    "resources.{limits,requests}.*",
    "{livenessProbe,readinessProbe,startupProbe}.{httpGet,tcpSocket}.*",
];

/// Whether mappings and lists are where an object has to have them.
pub(super) fn is_straight(object: &Node) -> Result<(), Crooked> {
    static WAYS: OnceLock<Vec<Way>> = OnceLock::new();
    Way::are_straight(WAYS.get_or_init(|| ways(&OBJECT)), object, &Path::root())
}

fn ways(texts: &[&str]) -> Vec<Way> {
    let ways: Vec<Way> = texts.iter().filter_map(|text| Way::parse(text).ok()).collect();
    debug_assert_eq!(ways.len(), texts.len(), "each of them is a way");
    ways
}

/// How many pods, or templates of pods, an object has, and how many containers these have.
pub(crate) fn count(object: &Node) -> (u64, u64) {
    let text = |key| object.str_at(&[key]).unwrap_or_default();
    let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
    let pods = pods(group, text("kind"), object);
    let containers = pods.iter().filter_map(|pod| pod.containers().ok()).map(|containers| containers.len() as u64);
    (pods.len() as u64, containers.sum())
}

/// The pods that an object of a group and a kind runs.
pub(super) fn pods<'n>(group: &str, kind: &str, object: &'n Node) -> Vec<Pod<'n>> {
    let Some((.., way)) = TEMPLATES.iter().find(|(own, known, _)| *known == kind && *own == group) else {
        return Vec::new();
    };
    let mut pods = Vec::new();
    down(object, way, &mut Path::root(), &mut pods);
    pods
}

fn down<'n>(node: &'n Node, way: &[&str], path: &mut Path, pods: &mut Vec<Pod<'n>>) {
    let Some((first, rest)) = way.split_first() else {
        return pods.push(Pod { node, path: path.clone() });
    };
    if *first == "*" {
        for (index, item) in node.value.as_list().unwrap_or_default().iter().enumerate() {
            path.push(Step::Index(index));
            down(item, rest, path, pods);
            path.pop();
        }
    } else if let Some(below) = node.at(&[first]) {
        path.push(Step::Key((*first).into()));
        down(below, rest, path, pods);
        path.pop();
    }
}

impl<'n> Pod<'n> {
    /// All containers, of all three lists. What is no list of mappings cannot be judged.
    pub(super) fn containers(&self) -> Result<Vec<Container<'n>>, Crooked> {
        static PODS: OnceLock<Vec<Way>> = OnceLock::new();
        static CONTAINERS: OnceLock<Vec<Way>> = OnceLock::new();
        let at = self.path.key("spec");
        let crooked = |path: Path, wanted| Err(Crooked { path, wanted });
        let Some(Node { value: Value::Map(spec), .. }) = self.node.at(&["spec"]) else {
            return crooked(at, "a mapping");
        };
        let mut containers = Vec::new();
        for kind in LISTS {
            let list = match spec.get(kind).map(|list| &list.value) {
                None | Some(Value::Null) => continue,
                Some(Value::List(items)) => items.as_slice(),
                Some(_) => return crooked(at.key(kind), "a list"),
            };
            for (index, node) in list.iter().enumerate() {
                let path = at.key(kind).index(index);
                if node.value.as_map().is_none() {
                    return crooked(path, "a mapping");
                }
                Way::are_straight(CONTAINERS.get_or_init(|| ways(&CONTAINER)), node, &path)?;
                containers.push(Container { node, path, kind });
            }
        }
        Way::are_straight(PODS.get_or_init(|| ways(&POD)), self.node, &self.path)?;
        Ok(containers)
    }
}
