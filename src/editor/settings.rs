//! The schema of `tenantctl.yaml`. A test holds it to what the reader of the settings asks for and takes.

use serde_json::{Value, json};

use super::{COMMENT, DIALECT};
use crate::compliance::framework::Framework;
use crate::delivery::settings::{STORES, WORDS};
use crate::diagnostic::{Code, code};
use crate::kubernetes::Version;
use crate::lock::Mode;
use crate::policy::Severity;
use crate::secrets::{Alphabet, KeyForm, RSA_BITS};

/// What a code may be; few of them the last.
const SEVERITIES: [&str; 3] = ["warning", "error", "ignore"];

/// The schema of the settings.
pub(crate) fn schema() -> Value {
    json!({
        "$schema": DIALECT,
        "$comment": COMMENT,
        "title": "tenantctl.yaml",
        "description": "What a workspace is made of.",
        "type": "object",
        "properties": {
            "apiVersion": {"description": "The form of this file.", "const": "tenantctl.dev/v1"},
            "kind": {"description": "What this file describes.", "const": "Workspace"},
            "merge": {"description": "The merge rules that the workspace was written for.", "enum": [1, null], "default": 1},
            "kubernetes": kubernetes(),
            "environments": {
                "description": "The environments by name, in their order.",
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"},
                "additionalProperties": {
                    "description": "An environment.",
                    "type": ["object", "null"],
                    "properties": {
                        "aliases": texts("Other names for it."),
                        "context": maybe("The context of kubectl for its cluster: `tenantctl apply` uses no other."),
                    },
                    "additionalProperties": false,
                },
            },
            "layers": {
                "description": "The hierarchy, lowest first: what comes later wins.",
                "type": "array",
                "minItems": 1,
                "items": layer(),
            },
            "schemas": schemas(),
            "locks": {"description": "Which layers may set a path.", "type": ["array", "null"], "items": lock()},
            "severity": {
                "description": "Codes of findings with another severity than their own.",
                "type": ["object", "null"],
                "properties": lowered(),
                "patternProperties": {"^(tc|)[0-9]+$": {"description": "Another spelling of a code.", "enum": SEVERITIES}},
                "additionalProperties": false,
            },
            "external": {
                "description": "What exists on the clusters without being rendered.",
                "type": ["array", "null"],
                "items": external(),
            },
            "lint": {
                "description": "What `tenantctl lint` looks for and leaves alone.",
                "type": ["object", "null"],
                "properties": {
                    "within": maybe("How far ahead it looks for what ends: 30d."),
                    "allow": {"description": "Findings that are meant so.", "type": ["array", "null"], "items": allowance()},
                },
                "additionalProperties": false,
            },
            "compliance": compliance(),
            "policy": policy(),
            "secrets": secrets(),
            "releases": releases(),
        },
        "additionalProperties": false,
        "required": ["apiVersion", "kind", "environments", "layers"],
    })
}

/// A text that must be there if its key is.
fn text(told: &str) -> Value {
    json!({ "description": told, "type": "string" })
}

/// A text; a key that is null counts as left out.
fn maybe(told: &str) -> Value {
    json!({ "description": told, "type": ["string", "null"] })
}

fn compliance() -> Value {
    let ids: std::collections::BTreeSet<&str> =
        Framework::all().iter().map(|framework| framework.id.as_str()).collect();
    json!({
        "description": "What reports of compliance are about.",
        "type": ["object", "null"],
        "properties": {"frameworks": {
            "description": "The frameworks, and who chose them.",
            "type": ["array", "null"],
            "items": {
                "description": "A framework.",
                "type": "object",
                "properties": {
                    "id": {"description": "Which.", "enum": ids},
                    "version": maybe("In which version; without it the last one that is known."),
                    "selectedBy": text("A person or a role: a report does not infer what applies."),
                    "declares": {
                        "description": "Parts that apply, or do not.",
                        "type": ["array", "null"],
                        "items": {
                            "description": "A part.",
                            "type": "object",
                            "properties": {
                                "what": text("Its name, such as appendixA1."),
                                "applicable": {"description": "Whether it applies.", "type": ["boolean", "null"], "default": false},
                                "reason": text("Why."),
                            },
                            "additionalProperties": false,
                            "required": ["what", "reason"],
                        },
                    },
                },
                "additionalProperties": false,
                "required": ["id", "selectedBy"],
            },
        }},
        "additionalProperties": false,
    })
}

fn secrets() -> Value {
    let length = |told: &str| json!({"description": told, "type": ["integer", "null"], "minimum": 1, "maximum": 4096, "default": 32});
    let way = |told: &str, properties: Value| json!({"description": told, "type": ["object", "null"], "properties": properties, "additionalProperties": false});
    let named: Vec<Option<&str>> = Alphabet::names().map(Some).chain([None]).collect();
    let forms: Vec<Option<&str>> = KeyForm::ALL.map(|form| Some(form.word())).into_iter().chain([None]).collect();
    let password = json!({
        "length": length("How many signs."),
        "alphabet": {"description": "Which signs, by the name of an alphabet.", "enum": named, "default": "alphanumeric"},
        "characters": maybe("Which signs, each once, where no alphabet is the right one."),
    });
    json!({
        "description": "Which encrypted files hold secrets, what is known of the values, who may open them.",
        "type": ["object", "null"],
        "properties": {
            "files": {
                "description": "The files, lowest first, with facts in braces as in layers; all may be missing.",
                "type": ["array", "null"],
                "minItems": 1,
                "items": {"type": "string"},
                "default": ["environments/{environment}/secrets/_environment.yml", "environments/{environment}/secrets/{tenant}.yml"],
            },
            "values": {
                "description": "What is known of values, by name.",
                "type": ["object", "null"],
                "propertyNames": {"pattern": "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$"},
                "additionalProperties": {
                    "description": "A value.",
                    "type": ["object", "null"],
                    "properties": {
                        "generate": {
                            "description": "How a new one is drawn.",
                            "type": ["object", "null"],
                            "properties": {
                                "password": way("Signs, each as likely as any other.", password),
                                "hex": way("Bytes in hexadecimal.", json!({"bytes": length("How many bytes.")})),
                                "ed25519": way("A key of Ed25519: NAME.key and NAME.pub.", json!({"form": {"description": "How it is written.", "enum": forms, "default": "openssh"}})),
                                "rsa": way("A key of RSA: NAME.key and NAME.pub.", json!({"bits": {"description": "How long it is.", "enum": RSA_BITS.into_iter().map(Some).chain([None]).collect::<Vec<_>>(), "default": RSA_BITS[1]}})),
                                "certificate": {
                                    "description": "A key and a certificate that it signs itself: NAME.key and NAME.crt.",
                                    "type": ["object", "null"],
                                    "properties": {
                                        "names": {"description": "Names of hosts, and addresses.", "type": ["array", "string"], "items": {"type": "string"}, "minItems": 1},
                                        "days": {"description": "For how many days.", "type": ["integer", "null"], "minimum": 1, "maximum": 4096, "default": 365},
                                    },
                                    "additionalProperties": false,
                                    "required": ["names"],
                                },
                            },
                            "additionalProperties": false,
                            "minProperties": 1,
                        },
                        "rotate": maybe("How long one value may be used: 90d."),
                    },
                    "additionalProperties": false,
                },
            },
        },
        "additionalProperties": {
            "description": "What the environment of this name does with its secrets.",
            "type": "object",
            "properties": {
                "recipients": texts("Who may open them: public keys of age, age1..; without it as .sops.yaml says."),
                "delivery": {"description": "How they come to the clusters.", "enum": WORDS.into_iter().map(Some).chain([None]).collect::<Vec<_>>()},
                "store": store(),
            },
            "if": {"properties": {"delivery": {"const": "external"}}, "required": ["delivery"]},
            "then": {"required": ["store"]},
            "else": {"properties": {"store": false}},
            "additionalProperties": false,
        },
    })
}

fn store() -> Value {
    json!({
        "description": "With `delivery: external`, the store that the operator of the cluster reads.",
        "type": "object",
        "properties": {
            "kind": {"description": "The kind of the store.", "enum": STORES.into_iter().map(Some).chain([None]).collect::<Vec<_>>(), "default": STORES[0]},
            "name": {"description": "The name of the store.", "type": "string"},
            "key": {"description": "The key of a secret, with {environment}, {tenant}, {name}, {path} and {label}.", "type": ["string", "null"], "default": "{tenant}/{name}"},
            "property": maybe("What is read of the value of that key, with the same in braces."),
            "refresh": {"description": "How often it is read again.", "type": ["string", "null"], "default": "1h"},
        },
        "required": ["name"],
        "additionalProperties": false,
    })
}

fn policy() -> Value {
    let words: Vec<&str> = Severity::ALL.into_iter().map(Severity::word).collect();
    let severities = |told: &str| json!({"description": told, "type": ["array", "string", "null"], "items": {"enum": words}, "if": {"type": "string"}, "then": {"enum": words}});
    json!({
        "description": "Which broken rules stop an environment; `tenantctl policy list` shows the rules.",
        "type": ["object", "null"],
        "properties": {"params": {"description": "What rules are told.", "type": "object"}},
        "additionalProperties": {
            "description": "What stops the environment of this name.",
            "type": "object",
            "properties": {
                "deny": severities("Broken rules of these severities and above are errors."),
                "warn": severities("Broken rules of these severities and above are warnings."),
                "params": {"description": "What rules are told in this environment, over what all are told.", "type": ["object", "null"]},
                "except": {
                    "description": "Rules that stop nothing here; reports tell of them all the same.",
                    "type": ["array", "null"],
                    "items": {
                        "description": "Rules, and why.",
                        "type": "object",
                        "properties": {
                            "rules": {
                                "description": "Their ids; TC-CFG-* is all that begin so.",
                                "type": ["array", "string"],
                                "items": {"type": "string"},
                                "minItems": 1,
                            },
                            "reason": text("Why."),
                        },
                        "additionalProperties": false,
                        "required": ["rules", "reason"],
                    },
                },
            },
            "additionalProperties": false,
        },
    })
}

fn releases() -> Value {
    json!({
        "description": "Who signs releases, and what their ledgers are called.",
        "type": ["object", "null"],
        "properties": {
            "sign": {"description": "Whether every release must be signed.", "type": ["boolean", "null"], "default": false},
            "allowed": texts("The public keys that may sign: lines of SSH, or keys of minisign."),
            "origin": maybe("What ledgers are called in checkpoints: git.example.com/platform."),
        },
        "additionalProperties": false,
    })
}

fn texts(told: &str) -> Value {
    json!({"description": told, "type": ["array", "string", "null"], "items": {"type": "string"}})
}

fn kubernetes() -> Value {
    let versions: Vec<String> = Version::all().map(|version| version.to_string()).collect();
    let minors: Vec<&str> = versions.iter().filter_map(|version| version.strip_prefix("1.")).collect();
    let patches = format!(r"^v?1\.0*({})(\.[0-9]+)?$", minors.join("|"));
    json!({
        "description": "The Kubernetes version that objects are made for.",
        "anyOf": [{"enum": versions}, {"type": "string", "pattern": patches}, {"type": "null"}],
        "default": Version::default().to_string(),
    })
}

fn layer() -> Value {
    json!({
        "description": "A layer.",
        "type": "object",
        "properties": {
            "name": text("What it is called in messages and locks."),
            "file": text("Its file, with facts in braces: environments/{environment}/tenants/{tenant}.yml."),
            "optional": {
                "description": "A missing file, or a missing fact, is no error.",
                "type": ["boolean", "null"],
                "default": false,
            },
            "trust": {
                "description": "`data`: nothing in its files is evaluated; for what tenants write.",
                "enum": ["code", "data", null],
                "default": "code",
            },
        },
        "additionalProperties": false,
        "required": ["name", "file"],
    })
}

fn schemas() -> Value {
    json!({
        "description": "The schemas, by the files' names.",
        "type": ["object", "null"],
        "properties": {
            "merged": maybe("Of the merged configuration."),
            "environment": maybe("Of what templates/environment sees; else that of the merged configuration."),
            "layers": {
                "description": "Of what single layers say, by layer.",
                "type": ["object", "null"],
                "additionalProperties": text("The schema of the layer's files."),
            },
        },
        "additionalProperties": false,
    })
}

fn lock() -> Value {
    let exception = json!({
        "description": "An override, for good or up to a day.",
        "type": ["object", "string"],
        "properties": {
            "name": text("The override."),
            "reason": maybe("Why."),
            "expires": maybe("The last day on which it holds: \"2027-01-31\", in quotes."),
        },
        "additionalProperties": false,
        "required": ["name"],
    });
    json!({
        "description": "A lock.",
        "type": "object",
        "properties": {
            "path": text("Keys between dots; `*` is any one key, `**` any number of them."),
            "owner": text("The highest layer that may set it freely."),
            "mode": {
                "description": "What later layers may do: nothing, lower it, raise it, or add to it.",
                "enum": Mode::ALL.map(Mode::name),
            },
            "reason": text("Why; it is told to who breaks the lock."),
            "except": {
                "description": "Overrides that are not bound: names, or mappings that say up to when.",
                "type": ["array", "object", "string", "null"],
                "items": exception,
                "properties": exception["properties"],
                "additionalProperties": false,
                "required": ["name"],
            },
        },
        "additionalProperties": false,
        "required": ["path", "owner", "mode", "reason"],
    })
}

fn external() -> Value {
    json!({
        "description": "An object, or several of one kind: by name, or by a value of the configuration.",
        "type": "object",
        "properties": {
            "kind": text("Its kind: Secret."),
            "name": maybe("Its name; `*` is any part of it."),
            "value": maybe("The path at which the configuration has its name: database.secret."),
            "namespace": maybe("Its namespace; `*` is any part of it."),
            "reason": maybe("Why; for people."),
        },
        "additionalProperties": false,
        "required": ["kind"],
        "oneOf": [given("name"), given("value")],
    })
}

fn allowance() -> Value {
    let codes: Vec<String> = code::allowed().map(|code| code.to_string()).collect();
    json!({
        "description": "Findings of some codes, at a path or in some files.",
        "type": "object",
        "properties": {
            "codes": {
                "description": "The codes.",
                "type": ["array", "string"],
                "items": {"anyOf": [{"enum": codes}, {"type": "string"}]},
            },
            "path": maybe("Keys between dots; `*` is any one key, `**` any number of them."),
            "file": maybe("The files; `*` is any name, `**` any number of folders."),
            "reason": text("Why."),
        },
        "additionalProperties": false,
        "required": ["codes", "reason"],
        "anyOf": [given("path"), given("file")],
    })
}

/// What has a key that counts.
fn given(key: &str) -> Value {
    json!({"required": [key], "properties": {key: {"type": "string"}}})
}

/// The codes that may be lowered, with what they are about.
fn lowered() -> Value {
    let codes = Code::all().filter(|code| code.can_be_lowered());
    let severities = |code: Code| &SEVERITIES[..if code.can_be_ignored() { 3 } else { 2 }];
    let each = |code: Code| json!({"description": code.title(), "enum": severities(code)});
    Value::Object(codes.map(|code| (code.to_string(), each(code))).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;
    use crate::workspace::Workspace;
    use crate::world::Memory;

    /// What is said about settings.
    fn read(settings: &Value) -> Diagnostics {
        // JSON is YAML.
        let world = Memory::new().file(crate::workspace::FILE, settings.to_string()).file("s.json", "{}");
        let mut diagnostics = Diagnostics::new();
        let _ = Workspace::find(&world, &Sources::default(), &mut diagnostics);
        diagnostics
    }

    fn sample() -> Value {
        json!({
            "apiVersion": "tenantctl.dev/v1",
            "kind": "Workspace",
            "merge": 1,
            "kubernetes": "1.34",
            "environments": {"dev": {"aliases": ["d"], "context": "kind-dev"}, "prod": null},
            "layers": [
                {"name": "base", "file": "base.yml"},
                {"name": "tenant", "file": "{environment}/{tenant}.yml", "optional": true, "trust": "data"},
            ],
            "schemas": {"merged": "s.json", "environment": "s.json", "layers": {"tenant": "s.json"}},
            "locks": [{
                "path": "a.**", "owner": "base", "mode": "fixed", "reason": "why",
                "except": ["x", {"name": "y", "expires": "2027-01-31", "reason": "z"}],
            }],
            "severity": {"TC107": "warning"},
            "external": [{"kind": "Secret", "name": "a-*", "namespace": "b", "reason": "c"}],
            "lint": {"within": "30d", "allow": [{"codes": ["TC450"], "path": "a.**", "file": "b.yml", "reason": "c"}]},
            "compliance": {"frameworks": [{
                "id": "pci-dss", "version": "4.0.1", "selectedBy": "a",
                "declares": [{"what": "appendixA1", "applicable": true, "reason": "b"}],
            }]},
            "secrets": {
                "files": ["s/{environment}.yml"],
                "values": {"a.b": {"generate": {"password": {"length": 8, "alphabet": "digits"}}, "rotate": "90d"}, "c": {"generate": {"hex": {"bytes": 4}}}, "d": {"generate": {"ed25519": {"form": "pkcs8"}}}, "f": {"generate": {"rsa": {"bits": 4096}}}, "e": {"generate": {"certificate": {"names": ["a"], "days": 3}}}},
                "prod": {"recipients": ["age1d3m84ppfqp7cu759kw54z5xzzw57spxx5mp0vlhcmakvzqrmpeqq7yt9lf"], "delivery": "external", "store": {"kind": "SecretStore", "name": "a", "key": "{tenant}/{path}", "property": "{label}", "refresh": "5m"}},
            },
            "policy": {"params": {"a": 1}, "prod": {"deny": ["critical"], "warn": "low", "params": {"a": 2}, "except": [{"rules": ["TC-POD-101"], "reason": "b"}]}},
            "releases": {
                "sign": true,
                "allowed": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c ci"],
                "origin": "git.example.com/platform",
            },
        })
    }

    /// Pointers to all values inside.
    fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), found));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), found));
            }
            _ => {}
        }
    }

    #[test]
    fn every_mapping_has_the_keys_that_its_reader_asks_for() {
        let schema = schema();
        for (at, described) in [
            ("", ""),
            ("/environments/dev", "/properties/environments/additionalProperties"),
            ("/layers/0", "/properties/layers/items"),
            ("/schemas", "/properties/schemas"),
            ("/locks/0", "/properties/locks/items"),
            ("/locks/0/except/1", "/properties/locks/items/properties/except/items"),
            ("/external/0", "/properties/external/items"),
            ("/lint", "/properties/lint"),
            ("/compliance", "/properties/compliance"),
            ("/compliance/frameworks/0", "/properties/compliance/properties/frameworks/items"),
            ("/policy/prod", "/properties/policy/additionalProperties"),
            ("/policy/prod/except/0", "/properties/policy/additionalProperties/properties/except/items"),
            ("/secrets/values/a.b", "/properties/secrets/properties/values/additionalProperties"),
            (
                "/secrets/values/a.b/generate",
                "/properties/secrets/properties/values/additionalProperties/properties/generate",
            ),
            (
                "/secrets/values/e/generate/certificate",
                "/properties/secrets/properties/values/additionalProperties/properties/generate/properties/certificate",
            ),
            ("/secrets/prod", "/properties/secrets/additionalProperties"),
            ("/releases", "/properties/releases"),
            ("/lint/allow/0", "/properties/lint/properties/allow/items"),
        ] {
            let mut settings = sample();
            settings.pointer_mut(at).unwrap().as_object_mut().unwrap().insert("none_of_them".to_owned(), json!(1));
            let known: Vec<String> = read(&settings).items().iter().flat_map(|item| item.notes.clone()).collect();
            let properties = schema.pointer(described).unwrap()["properties"].as_object().unwrap();
            let keys: Vec<&str> = properties.keys().map(String::as_str).collect();
            assert_eq!(known, [format!("known: {}", keys.join(", "))], "{at}");
        }
    }

    #[test]
    fn what_a_reader_needs_is_required() {
        let validator = jsonschema::draft7::new(&schema()).unwrap();
        let mut all = Vec::new();
        pointers(&sample(), "", &mut all);
        for pointer in all.iter().filter(|pointer| !pointer.is_empty()) {
            let mut settings = sample();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            if let Some(members) = settings.pointer_mut(parent).unwrap().as_object_mut() {
                members.shift_remove(key);
                let fine = read(&settings).items().is_empty();
                // What nothing else names may go; what the policy names may not, which a schema cannot say.
                let other = pointer == "/environments/dev"
                    || pointer == "/environments/prod"
                    || pointer == "/severity/TC107"
                    || pointer.starts_with("/schemas/");
                assert!(fine == validator.is_valid(&settings) || other, "{pointer}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

        #[test]
        fn what_the_reader_takes_is_taken(at in any::<prop::sample::Index>(), value in prop_oneof![
            Just(Value::Null), any::<bool>().prop_map(Value::from), (0..3).prop_map(Value::from),
            prop::sample::select(vec!["", "a", "base", "tenant", "s.json", "1.35", "v1.36.2", "30d", "TC451", "at_most", "error", "code", "prod-1", "A"]).prop_map(Value::from),
            Just(json!([])), Just(json!({})), Just(json!(["a"])), Just(json!({"a": "b"})), Just(json!({"tc302": "error", "303": "warning", "515": "ignore"})),
        ]) {
            let mut settings = sample();
            let mut all = Vec::new();
            pointers(&settings, "", &mut all);
            let pointer: &String = at.get(&all);
            *settings.pointer_mut(pointer).unwrap() = value;
            if read(&settings).items().is_empty() {
                let validator = jsonschema::draft7::new(&schema()).unwrap();
                let errors: Vec<String> = validator.iter_errors(&settings).map(|error| error.to_string()).collect();
                prop_assert!(errors.is_empty(), "{settings}: {errors:?}");
            }
        }
    }
}
