//! What well-known controllers make of an object on the cluster: Secrets, Services and pods that nobody renders.
//!
//! Sources: the documentation of cert-manager, External Secrets, Sealed Secrets, CloudNativePG, Percona's operator for
//! MongoDB, the Redis operator of Spotahome, KEDA, Argo Rollouts and the Gateway API (GEP-1762).

use super::walk;
use crate::manifest::Manifest;

/// Calls `make` with the kind and the name of each object that is made beside one, in its namespace.
pub(super) fn of(manifest: &Manifest, make: &mut impl FnMut(&'static str, String)) {
    let identity = manifest.identity();
    let name = identity.name().as_ref();
    let node = manifest.node();
    let mut texts = |kind: &'static str, way: &str| {
        walk::each(node, way, &mut |found, _| {
            if let Some(text) = found.value.as_str() {
                make(kind, text.to_owned());
            }
        });
    };
    match (identity.group(), identity.kind().as_ref()) {
        ("cert-manager.io", "Certificate") => texts("Secret", "spec.secretName"),
        ("cert-manager.io", "Issuer") => texts("Secret", "spec.acme.privateKeySecretRef.name"),
        ("networking.k8s.io", "Ingress") if is_certified(manifest) => texts("Secret", "spec.tls.*.secretName"),
        ("gateway.networking.k8s.io", "Gateway") if is_certified(manifest) => {
            texts("Secret", "spec.listeners.*.tls.certificateRefs.*.name");
        }
        ("external-secrets.io", "ExternalSecret") => {
            let target = node.str_at(&["spec", "target", "name"]).unwrap_or(name);
            make("Secret", target.to_owned());
        }
        ("bitnami.com", "SealedSecret") => make("Secret", name.to_owned()),
        ("postgresql.cnpg.io", "Cluster") => {
            for part in ["app", "superuser", "ca", "server", "replication"] {
                make("Secret", format!("{name}-{part}"));
            }
            for part in ["rw", "ro", "r"] {
                make("Service", format!("{name}-{part}"));
            }
        }
        ("postgresql.cnpg.io", "Pooler") => make("Service", name.to_owned()),
        ("psmdb.percona.com", "PerconaServerMongoDB") => {
            for part in
                ["secrets", "ssl", "ssl-internal", "mongodb-keyfile", "mongodb-encryption-key", "custom-user-secret"]
            {
                make("Secret", format!("{name}-{part}"));
            }
            let mut texts = |kind: &'static str, way: &str, called: &dyn Fn(&str) -> String| {
                walk::each(node, way, &mut |found, _| {
                    if let Some(text) = found.value.as_str() {
                        make(kind, called(text));
                    }
                });
            };
            for way in ["spec.secrets.users", "spec.secrets.ssl", "spec.secrets.sslInternal", "spec.secrets.keyFile"] {
                texts("Secret", way, &|text| text.to_owned());
            }
            texts("Service", "spec.replsets.*.name", &|text| format!("{name}-{text}"));
            for part in ["mongos", "cfg"] {
                make("Service", format!("{name}-{part}"));
            }
        }
        ("databases.spotahome.com", "RedisFailover") => {
            for part in ["rfs", "rfr", "rfrm", "rfrs"] {
                make("Service", format!("{part}-{name}"));
            }
        }
        ("keda.sh", "ScaledObject") => make("HorizontalPodAutoscaler", format!("keda-hpa-{name}")),
        _ => {}
    }
}

/// Whether cert-manager makes the Secrets of an object's certificates.
fn is_certified(manifest: &Manifest) -> bool {
    let issuers = ["cert-manager.io/issuer", "cert-manager.io/cluster-issuer"];
    issuers.iter().any(|issuer| manifest.node().at(&["metadata", "annotations", issuer]).is_some())
}

/// The labels of pods that a controller runs for an object, as far as they are known.
pub(super) fn pods(manifest: &Manifest) -> Vec<Vec<(&'static str, String)>> {
    let identity = manifest.identity();
    let name = || identity.name().to_string();
    let own = |component: &str| {
        vec![
            ("app.kubernetes.io/name", "percona-server-mongodb".to_owned()),
            ("app.kubernetes.io/instance", name()),
            ("app.kubernetes.io/managed-by", "percona-server-mongodb-operator".to_owned()),
            ("app.kubernetes.io/part-of", "percona-server-mongodb".to_owned()),
            ("app.kubernetes.io/component", component.to_owned()),
        ]
    };
    match (identity.group(), identity.kind().as_ref()) {
        ("postgresql.cnpg.io", "Cluster") => vec![vec![
            ("cnpg.io/cluster", name()),
            ("cnpg.io/podRole", "instance".to_owned()),
            ("app.kubernetes.io/managed-by", "cloudnative-pg".to_owned()),
        ]],
        ("postgresql.cnpg.io", "Pooler") => {
            vec![vec![("cnpg.io/poolerName", name()), ("cnpg.io/podRole", "pooler".to_owned())]]
        }
        ("psmdb.percona.com", "PerconaServerMongoDB") => ["mongod", "mongos", "cfg"].map(own).to_vec(),
        ("databases.spotahome.com", "RedisFailover") => ["redis", "sentinel"]
            .map(|component| {
                vec![
                    ("app.kubernetes.io/name", name()),
                    ("app.kubernetes.io/part-of", "redis-failover".to_owned()),
                    ("app.kubernetes.io/component", component.to_owned()),
                ]
            })
            .to_vec(),
        ("gateway.networking.k8s.io", "Gateway") => {
            let class = manifest.node().str_at(&["spec", "gatewayClassName"]).unwrap_or_default();
            vec![vec![
                ("gateway.networking.k8s.io/gateway-name", name()),
                ("gateway.networking.k8s.io/gateway-class-name", class.to_owned()),
            ]]
        }
        ("networking.k8s.io", "Ingress") | ("cert-manager.io", "Certificate") if is_solved(manifest) => {
            vec![vec![("acme.cert-manager.io/http01-solver", "true".to_owned())]]
        }
        _ => Vec::new(),
    }
}

/// Whether cert-manager may run a pod that proves to own a host.
fn is_solved(manifest: &Manifest) -> bool {
    manifest.identity().kind().as_ref() == "Certificate" || is_certified(manifest)
}
