//! Rules of secrets: that none is written out, and that each tenant reads its own.

use super::{Verdict, View, field, items, keys};
use crate::path::Path;
use crate::tree::{Map, Value};

/// No Secret has its content in the output, unless that is encrypted.
pub(super) fn inline(view: &View<'_>, verdict: &mut Verdict) {
    for (index, manifest) in view.set.manifests.iter().enumerate() {
        let identity = manifest.identity();
        match identity.kind().as_ref() {
            "Secret" if identity.group().is_empty() => {
                let node = manifest.node();
                let full = |key: &&str| match node.at(&[key]).map(|node| &node.value) {
                    // What names a secret has no content here.
                    Some(Value::Map(map)) => {
                        map.iter().any(|(_, entry)| !matches!(entry.node.value, Value::Secret(_) | Value::Null))
                    }
                    None | Some(Value::Null) => false,
                    Some(_) => true,
                };
                let encrypted = node.at(&["sops", "mac"]).is_some();
                let found = ["data", "stringData"].into_iter().find(full).filter(|_| !encrypted);
                let at = || keys(index, [found.unwrap_or("data")]);
                verdict.judge(found.is_none(), at, || "a Secret must not have its content in the output".to_owned());
            }
            "ExternalSecret" | "SealedSecret" => verdict.keep(),
            _ => {}
        }
    }
}

/// Stores are the namespace's own, and what is read from them begins with the tenant's prefix:
/// `policy.params.secrets.prefix`, where `{tenant}` is its id.
pub(super) fn store_path(view: &View<'_>, verdict: &mut Verdict) {
    let Some(tenant) = view.facts.tenant else { return };
    let prefix = view.param(&["secrets", "prefix"]).and_then(|prefix| prefix.value.as_str()).unwrap_or("{tenant}/");
    let prefix = prefix.replace("{tenant}", tenant);
    for (index, manifest) in view.set.manifests.iter().enumerate() {
        let node = manifest.node();
        match manifest.identity().kind().as_ref() {
            "ClusterSecretStore" => {
                let holds = !items(node, &["spec", "conditions"]).is_empty();
                let at = || keys(index, ["spec", "conditions"]);
                verdict.judge(holds, at, || "a store of the cluster must say for which namespaces it is".to_owned());
            }
            "SecretStore" => verdict.keep(),
            "ExternalSecret" => {
                let spec = Path::from_keys(["spec"]);
                let each = |list: &'static str, way: &'static [&'static str]| {
                    let base = spec.key(list);
                    let read = items(node, &["spec", list]).iter().enumerate();
                    read.filter_map(move |(nth, item)| {
                        let key = item.str_at(way)?.to_owned();
                        Some((way.iter().fold(base.index(nth), |path, step| path.key(step)), key))
                    })
                };
                let read = each("data", &["remoteRef", "key"])
                    .chain(each("dataFrom", &["extract", "key"]))
                    .chain(each("dataFrom", &["find", "path"]));
                for (path, key) in read {
                    let expected = || "what is read from a store must begin with the prefix of the tenant".to_owned();
                    verdict.judge(key.starts_with(&prefix), || field(index, path.clone()), expected);
                }
                // Without a path, all of the store is looked through.
                for (nth, item) in items(node, &["spec", "dataFrom"]).iter().enumerate() {
                    let find = item.at(&["find"]).and_then(|find| find.value.as_map());
                    if find.is_some_and(|find: &Map| find.get("path").is_none()) {
                        let at = spec.key("dataFrom").index(nth).key("find");
                        verdict.broken(
                            field(index, at),
                            "what is looked for in a store must be below the tenant's prefix",
                        );
                    }
                }
            }
            _ => {}
        }
    }
}
