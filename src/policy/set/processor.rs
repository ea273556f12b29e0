//! Rules of those who process data for the platform: each is in the register, with the agreement that binds it.

use std::net::IpAddr;
use std::sync::Arc;

use super::{At, Verdict, View, field};
use crate::path::{Path, Step};
use crate::policy::among::is_like;
use crate::tree::{Node, Value};

/// Keys whose value is an address even without the signs of one.
const ADDRESSES: [&str; 5] = ["host", "hostname", "endpoint", "address", "externalName"];

/// Ends of names that are found inside a cluster or a private network alone.
const INSIDE: [&str; 6] = [".svc", ".local", ".internal", ".cluster", ".lan", ".localhost"];

/// Kinds of objects that lead out of the cluster, and the fields that say where to.
const OUTWARD: [(&str, &str, &[&str]); 2] =
    [("", "Service", &["spec", "externalName"]), ("networking.istio.io", "ServiceEntry", &["spec", "hosts"])];

/// Every address outside the platform is of a processor in the register, which has an agreement.
pub(super) fn listed(view: &View<'_>, verdict: &mut Verdict) {
    let Some(root) = view.facts.configuration else { return };
    let register = view.value("processors").and_then(|list| list.value.as_list()).unwrap_or_default();
    let own = own(view);
    let mut found: Vec<(At, String)> = Vec::new();
    walk(root, &mut Path::root(), &mut |path, address| found.push((At::Configuration(path.clone()), address)));
    for (index, manifest) in view.set.manifests.iter().enumerate() {
        let of = |(group, kind, _): &&(&str, &str, &[&str])| {
            manifest.identity().group() == *group && manifest.identity().kind().as_ref() == *kind
        };
        let Some((.., keys)) = OUTWARD.iter().find(of) else { continue };
        let path = Path::from_keys(keys.iter().copied());
        match manifest.node().at(keys).map(|node| &node.value) {
            Some(Value::String(host)) => found.push((field(index, path), host.to_string())),
            Some(Value::List(hosts)) => {
                let hosts = hosts.iter().enumerate().filter_map(|(nth, host)| Some((nth, host.value.as_str()?)));
                found.extend(hosts.map(|(nth, host)| (field(index, path.index(nth)), host.to_owned())));
            }
            _ => {}
        }
    }
    let register_at = match view.at_value("processors") {
        At::Configuration(path) => path,
        At::Object(_) => Path::root(),
    };
    let mut used = Vec::new();
    for (at, address) in found {
        if is_inside(&address, &own) {
            continue;
        }
        let processor = register
            .iter()
            .position(|processor| texts(processor.at(&["endpoints"])).any(|pattern| covers(pattern, &address)));
        let Some(processor) = processor else {
            verdict.broken(at, format!("{} must be of a processor in the register", host(&address)));
            continue;
        };
        verdict.keep();
        used.push(processor);
    }
    used.sort_unstable();
    used.dedup();
    let health = texts(view.value("frameworks")).any(|framework| framework == "hipaa");
    for (index, processor) in used.into_iter().filter_map(|index| Some((index, register.get(index)?))) {
        let name = processor.str_at(&["name"]).unwrap_or_default();
        for (key, what, wanted) in [
            ("agreement", "an agreement on the processing of data", true),
            ("baa", "a business associate agreement", health),
        ] {
            if wanted {
                let has = processor.str_at(&[key]).is_some_and(|text| !text.is_empty());
                let at = || At::Configuration(register_at.index(index).key(key));
                verdict.judge(has, at, || format!("the processor {name} must have {what}"));
            }
        }
    }
}

/// The domains of the platform and of the tenant.
fn own<'a>(view: &View<'a>) -> Vec<&'a str> {
    let named = |name: &str| {
        let node = view.value(name);
        let one = node.and_then(|node| node.value.as_str());
        one.into_iter().chain(texts(node))
    };
    let values = view.rule.values.iter().filter(|(name, _)| name.starts_with("own"));
    values.flat_map(|(name, _)| named(name).collect::<Vec<_>>()).collect()
}

fn texts(node: Option<&Node>) -> impl Iterator<Item = &str> {
    let items = node.and_then(|list| list.value.as_list()).unwrap_or_default();
    items.iter().filter_map(|item| item.value.as_str()).filter(|text| !text.is_empty())
}

/// Calls `each` with every address of a configuration.
fn walk(node: &Node, path: &mut Path, each: &mut impl FnMut(&Path, String)) {
    match &node.value {
        Value::Map(map) => {
            for (key, entry) in map.iter() {
                path.push(Step::Key(Arc::clone(key)));
                walk(&entry.node, path, each);
                path.pop();
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                walk(item, path, each);
                path.pop();
            }
        }
        Value::String(text) if is_address(text, path) => each(path, text.to_string()),
        _ => {}
    }
}

fn is_address(text: &str, path: &Path) -> bool {
    if text.contains(char::is_whitespace) {
        return false;
    }
    if text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()) {
        return true;
    }
    let key = path.keys().last().copied().unwrap_or_default();
    text.contains('.') && ADDRESSES.contains(&key) && text.contains(|c: char| c.is_ascii_alphabetic())
}

/// The host of an address; of a store without one, such as `s3://bucket`, the scheme and the bucket.
fn host(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Credentials are never shown.
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    };
    let host = host.trim_end_matches('.').to_lowercase();
    if is_store(scheme) { format!("{scheme}://{host}") } else { host }
}

/// Whether what stands after a scheme is the name of a bucket, not of a host.
fn is_store(scheme: &str) -> bool {
    matches!(scheme, "s3" | "gs" | "gcs" | "az" | "azblob" | "abfs" | "wasb")
}

/// Whether a pattern of the register is about an address: a host, with those below it after `*.`, or `s3://*`.
fn covers(pattern: &str, address: &str) -> bool {
    is_like(&pattern.to_lowercase(), &host(address))
}

/// Whether an address is the platform's own, or is found inside alone.
fn is_inside(address: &str, own: &[&str]) -> bool {
    let host = host(address);
    if host.contains("://") {
        return false;
    }
    let below = |domain: &&str| {
        let domain = domain.to_lowercase();
        host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
    };
    if let Ok(address) = host.parse::<IpAddr>() {
        return match address {
            IpAddr::V4(address) => {
                address.is_private() || address.is_loopback() || address.is_link_local() || address.is_unspecified()
            }
            IpAddr::V6(address) => address.is_unique_local() || address.is_loopback() || address.is_unspecified(),
        };
    }
    !host.contains('.') || INSIDE.iter().any(|end| host.ends_with(end)) || own.iter().any(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_outside_are_told_from_those_inside() {
        for address in
            ["http://prometheus.monitoring.svc:9090", "https://a.own.example/x", "10.1.2.3", "http://[::1]/a", "redis"]
        {
            assert!(is_inside(address, &["own.example"]), "{address}");
        }
        for address in ["https://own.example.org", "s3://bucket", "8.8.8.8", "https://u:p@api.example.com:443/x"] {
            assert!(!is_inside(address, &["own.example"]), "{address}");
        }
        assert_eq!(host("https://u:p@API.example.com:443/x"), "api.example.com");
        assert!(covers("*.example.com", "https://api.example.com/x"));
        assert!(covers("s3://*", "s3://bucket/a") && !covers("*.example.com", "https://example.org"));
    }
}
