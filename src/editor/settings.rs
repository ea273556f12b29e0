//! The schema of `tenantctl.yaml`. A test holds it to what the reader of the settings asks for and takes.

mod secrets;

use serde_json::{Value, json};

use super::{COMMENT, DIALECT};
use crate::compliance::framework::Framework;
use crate::diagnostic::{Code, code};
use crate::kubernetes::Version;
use crate::lock::Mode;
use crate::policy::Severity;

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
            "secrets": secrets::secrets(),
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
mod tests;
