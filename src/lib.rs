//! `tenantctl` compiles the layered configuration of a multi-tenant platform into Kubernetes manifests.
//!
//! This page is the tour of the house. Data flows one way, and each stage is a type that only the stage before
//! can make:
//!
//! ```text
//! World -> Workspace -> Layers -> Merged -> Validated -> Rendered -> Checked -> Approved -> Receipt
//!          find         stack     merge     validate     render      check      approve     write
//! ```
//!
//! - [`world::World`] is all that may be read: files, environment variables, the date. Worlds are a disk, memory and a
//!   revision in git.
//! - [`workspace::Workspace`] is `tenantctl.yaml` and what it names. It gives the [`target::Target`]s of a selection
//!   and the layers of each.
//! - [`layers::Layers`] are the parsed files of a target, lowest first. [`yaml`] reads them, with a place on every
//!   value and merge tags beside it.
//! - [`merge::Merged`] is one [`tree`], folded from the layers; every value knows its place and what it beat.
//!   [`lock`]s are watched on the way.
//! - [`validate::Validated`] met its [`schema`]s; its [`expression`]s have values.
//! - [`render::Rendered`] holds [`manifest::Manifest`]s, made by [`template`]s with typed holes: a value never becomes
//!   YAML text. Beside them it holds [`artifact::Artifact`]s, files for others than Kubernetes.
//! - [`check::Checked`] holds the objects and what is found about them: `integrity` says what is wrong among them.
//!   [`check::Approved`] are those no error stands against. [`check::Fleet`] settles what targets claim among each other.
//! - [`output`] writes a stream or a tree of files, whole or not at all, and gives an [`output::Receipt`].
//!
//! [`kubernetes`] knows what the API server takes: the schemas of its kinds, version by version, and the rules of custom
//! resources, which `cel` evaluates.
//!
//! [`diff`] compares two sides, each compiled or read from output, and puts equal changes of many targets together.
//! [`impact`] tells what a change of the workspace puts at risk, and which line made it. [`lint`] tells what the
//! workspace says without effect.
//!
//! [`cost`] adds up what objects ask for at the prices of the configuration, and says which limits are far from what is used.
//!
//! [`foreign`] checks manifests that tenantctl did not make.
//!
//! [`release`] keeps what was released: a ledger whose entries name each other, and the texts of each, to compare, to bring
//! back, and to show that nobody changed them.
//!
//! [`policy`] holds objects and configurations against rules of security, isolation and compliance, which are data; it also
//! writes them for the API server. [`compliance`] makes the report of what rules found: one model, and a file for each
//! form of it. It says what evidence there is for the controls of frameworks, and what only a person can show.
//!
//! [`pipeline`] takes many targets through the stages in parallel, in target order. [`cache`] keeps what it makes of a
//! batch of targets under the digest of everything that this was made from: the way from layers to approved objects is
//! gone once for the same files. [`cli`] turns arguments into calls and exit codes. What is wrong with the input is a [`diagnostic::Diagnostic`], recorded as data and turned into text by
//! one file per format; what is wrong with the machine is an error.
//!
//! `delivery` says how the secrets of an environment reach its cluster: a value that is secret is a name up to the very end.
//! `cluster` applies objects through kubectl. `status` tells what is released, what has changed since, and what is due.
//!
//! [`explain`] goes the way back: from a value to those that set it, and from a field of an object to the line of the
//! template and the values it was filled from.
//!
//! `editor` makes the schemas by which editors know layer files: what each may say, what a lock keeps from it, what it
//! inherits.
//!
//! [`secrets`] finds the encrypted files of a workspace and who may open them; [`sops`] is the form of those files.
//!
//! What all of them stand on: [`source`] (texts and places in them), [`path`] (ways into data), [`mod@file`] (reading one file),
//! `fields` (settings, key by key), [`quantity`] and [`duration`] (what bounds compare), and [`shipped`], the workspace inside
//! the binary.
//!
//! An unchecked manifest cannot be written: the constructors are private.
//!
//! ```compile_fail
//! use tenantctl::{check::Settled, output::Held};
//! // `Settled` is made by `Fleet::settle` alone.
//! let _ = Held::new().release(Settled(()), &mut std::io::stdout());
//! ```
//!
//! # Glossary
//!
//! | word | means |
//! |---|---|
//! | workspace | a directory with `tenantctl.yaml` |
//! | environment | dev, staging, prod: where tenants run |
//! | tenant | one customer; its id is the name of its file |
//! | override | a named layer an operator puts on top, such as `high_availability` |
//! | target | a tenant in an environment with its overrides: `acme-corp@prod+high_availability` |
//! | layer | one file of the hierarchy: base, environment, tier, region, contract, tenant, override |
//! | fact | a name that picks a layer's file: `environment`, `tenant`, `override`, `tier`, .. |
//! | path | a way into data: `resources.limits[0].name` |
//! | file | something on disk |
//! | place | bytes in a file; shown as line and column |
//! | live | of a string: an expression still to be evaluated |
//! | lock | a rule about which layers may set a path |
//! | exception | an override that a lock does not bind, perhaps up to a day |
//! | allowance | what lint is told to leave alone, and why |
//! | template | Jinja that renders to manifests |
//! | hole | where a template puts a value |
//! | mention | a path that the text of a template or an expression names, read or not |
//! | skeleton | a rendered text, parsed, with its holes open |
//! | manifest | one Kubernetes object |
//! | foreign | of manifests: not made by tenantctl |
//! | premises | what foreign manifests are held against |
//! | external | an object that others make, declared in `tenantctl.yaml` |
//! | artifact | a rendered file that is no manifest: a script, a pipeline, variables of another tool |
//! | claim | what a target takes for itself among all: an object, a host, a namespace |
//! | batch | consecutive targets that are compiled, looked up and kept together |
//! | entry | what was kept of a batch; in a ledger, one release |
//! | release | what was made of an environment at one time, kept for good |
//! | ledger | the releases of an environment, each naming the one before it |
//! | shared cache | a store on the network, where machines find each other's entries |
//! | side | one of two that are compared: a workspace as compiled, or a directory as rendered |
//! | way | a path through both sides, items of lists told by name |
//! | risk | what a change may break, by the rules of the Kubernetes API |
//! | cause | the line that made a change |
//! | bill | what the objects of a target ask for, and its price a month |
//! | peak | what one pod's container was seen to use at most |
//! | evidence | what a report is made from: rules, how often each was kept, and every place where one is not |
//! | check | a rule and a subject, and what came of the two |
//! | control | what a framework asks for, by its id |
//! | rule | what must hold of an object, a pod, a container, a configuration or a set of objects, with its severity and its examples |
//! | gate | which broken rules stop an environment |
//! | generation | a content of a secret, told from others by a digest |
//! | context | kubectl's name for a cluster |
//! | waiver | an accepted exception of a rule, for so long and so little |
//! | advice | a limit that should be another, by its peak |
//! | change | one field that differs, for one target; equal ones are a group |
//! | audience | the files that one schema for editors is for |
//! | modeline | the comment at the top of a file that names its schema |
//! | secret | a value that nobody may see: `!secret NAME` in a layer, its content in an encrypted file |
//! | recipient | who can open an encrypted file, by the public part of a key |
//! | identity | the secret part of such a key |
//! | sealed, opened | of an encrypted file: closed, so that only names can be read; or with its values; of an object: with names of secrets in it |
//! | delivery | how the secrets of an environment reach its cluster |
//! | vault | the secrets of all targets |
//! | terms | what the root of a workspace says of an encrypted file |
//! | diagnostic | one finding about the input, with a code, a place and a remedy |

pub mod artifact;
pub mod cache;
mod cel;
pub mod check;
pub mod cli;
mod cluster;
pub mod compliance;
pub mod cost;
mod delivery;
pub mod diagnostic;
pub mod diff;
pub mod duration;
mod editor;
pub mod explain;
pub mod expression;
mod fields;
pub mod file;
pub mod foreign;
pub mod impact;
mod integrity;
pub mod kubernetes;
pub mod layers;
pub mod lint;
pub mod lock;
pub mod manifest;
pub mod merge;
pub mod output;
pub mod path;
pub mod pipeline;
mod plaintext;
pub mod policy;
pub mod quantity;
pub mod release;
pub mod render;
pub mod schema;
pub mod secrets;
pub mod shipped;
pub mod sops;
pub mod source;
mod status;
pub mod target;
pub mod template;
pub mod tree;
pub mod validate;
pub mod workspace;
pub mod world;
pub mod yaml;
