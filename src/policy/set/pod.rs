//! Rules of pods that need more than the pod.

use super::{Verdict, View, field};
use crate::tree::{Node, Value};

/// The token of a service account is mounted only where it is needed: the pod says no, or says nothing and its account
/// says no. `policy.params.pods.kubernetesApi` has the names of workloads that talk to the API server.
pub(super) fn token(view: &View<'_>, verdict: &mut Verdict) {
    let needed = view.listed(&["pods", "kubernetesApi"]);
    let says = |node: Option<&Node>| match node.map(|node| &node.value) {
        Some(Value::Bool(mounted)) => Some(*mounted),
        _ => None,
    };
    for pod in &view.set.pods {
        let Some(spec) = pod.spec.filter(|_| !needed.contains(&pod.name)) else { continue };
        let account = spec.str_at(&["serviceAccountName"]).unwrap_or("default");
        let account = view.set.find("ServiceAccount", pod.namespace, account);
        let of_account = || says(account.and_then(|(_, account)| account.node().at(&["automountServiceAccountToken"])));
        let mounted = says(spec.at(&["automountServiceAccountToken"])).or_else(of_account).unwrap_or(true);
        let at = || field(pod.manifest, pod.field("automountServiceAccountToken"));
        verdict.judge(!mounted, at, || "the token of the service account must not be mounted".to_owned());
    }
}
