//! `secrets` in the schema of the settings.

use serde_json::{Value, json};

use super::{maybe, texts};
use crate::delivery::settings::{STORES, WORDS};
use crate::secrets::{Alphabet, KeyForm, RSA_BITS};

/// What is below `secrets`.
pub(super) fn secrets() -> Value {
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
