//! `.sops.yaml`: who can open which files, as the program `sops` has it.
//!
//! The first creation rule whose pattern fits a file holds for it. What concerns other programs and services is left
//! alone, unless a file could not be encrypted without them.

use regex::Regex;

use super::settings;
use super::terms::Terms;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::fields::Text;
use crate::file::{self, Reason};
use crate::sops::{Rule, Selection};
use crate::source::{Place, Sources};
use crate::world::{Unreadable, World};
use crate::yaml::{self, Content, Limits, Written};

/// The file, at the root of the workspace.
pub(super) const FILE: &str = ".sops.yaml";

/// What a rule may have that tenantctl does not: keys of other services.
const SERVICES: [&str; 7] = ["kms", "gcp_kms", "hckms", "azure_keyvault", "hc_vault_transit_uri", "pgp", "key_groups"];

/// Most bytes of a compiled pattern.
const LARGEST: usize = 1 << 20;

/// The rules of a file.
#[derive(Debug)]
pub(super) struct CreationRules {
    rules: Vec<CreationRule>,
}

#[derive(Debug)]
struct CreationRule {
    pattern: Option<Regex>,
    terms: Terms,
}

impl CreationRules {
    /// Reads them; `None` if there is no such file.
    pub(super) fn read(
        world: &dyn World,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<Self>, Failed> {
        if world.read(FILE, file::LARGEST) == Err(Unreadable::Missing) {
            return Ok(None);
        }
        let reason = Reason { place: None, what: "who can open which files".to_owned() };
        let file = file::load(world, sources, FILE, &reason, diagnostics)?;
        let text = std::sync::Arc::clone(sources.get(file).text());
        let written = yaml::read_document(file, &text, &Limits::default(), diagnostics)?;
        let mark = diagnostics.mark();
        let mut rules = Vec::new();
        match written.at(&["creation_rules"]).map(|rules| (&rules.content, rules.place)) {
            None | Some((Content::Null, _)) => {}
            Some((Content::List(items), _)) => {
                for item in items {
                    rules.extend(rule(item, diagnostics));
                }
            }
            Some((_, place)) => diagnostics.record(wrong(place, "`creation_rules` must be a list")),
        }
        diagnostics.since(mark)?;
        Ok(Some(Self { rules }))
    }

    /// What the first rule that fits a file of the workspace says.
    pub(super) fn terms(&self, file: &str) -> Option<&Terms> {
        let fits = |rule: &&CreationRule| rule.pattern.as_ref().is_none_or(|pattern| pattern.is_match(file));
        self.rules.iter().find(fits).map(|rule| &rule.terms)
    }
}

fn rule(written: &Written, diagnostics: &mut Diagnostics) -> Option<CreationRule> {
    let Some(members) = written.members() else {
        diagnostics.record(wrong(written.place, "a creation rule must be a mapping"));
        return None;
    };
    let get = |key: &str| members.get(key).map(|member| &member.value);
    let mut pattern = None;
    if let Some(value) = get("path_regex").filter(|value| !matches!(value.content, Content::Null)) {
        let read = value.as_str().and_then(|text| regex::RegexBuilder::new(text).size_limit(LARGEST).build().ok());
        if read.is_none() {
            diagnostics.record(wrong(value.place, "`path_regex` is no regular expression"));
        }
        // A rule that cannot be read fits nothing.
        pattern = Some(read?);
    }
    let mut selection = Selection::default();
    for rule in Rule::ALL {
        let Some(value) = get(rule.name()).filter(|value| !matches!(value.content, Content::Null)) else { continue };
        match value.as_str().and_then(|text| Selection::new(rule, text)) {
            Some(read) => selection = read,
            None => diagnostics.record(wrong(value.place, format!("`{}` is no regular expression", rule.name()))),
        }
    }
    if let Some(value) = get("mac_only_encrypted") {
        selection.mac_only_encrypted = matches!(value.content, Content::Bool(true));
    }
    let mut texts = Vec::new();
    let mut others = Vec::new();
    if let Some(value) = get("age") {
        named(value, &mut texts, diagnostics);
    }
    for service in SERVICES {
        let Some(value) = get(service) else { continue };
        match (&value.content, service) {
            (Content::Null, _) => {}
            (Content::List(items), _) if items.is_empty() => {}
            // One group is the same as none.
            (Content::List(items), "key_groups") if items.len() == 1 => {
                for (key, member) in items.iter().filter_map(Written::members).flatten() {
                    match key.as_ref() {
                        "age" => named(&member.value, &mut texts, diagnostics),
                        _ => others.push((key.to_string(), member.key)),
                    }
                }
            }
            _ => others.push((service.to_owned(), value.place)),
        }
    }
    let recipients = settings::recipients(&texts, diagnostics);
    let place = get("age").map_or(written.place, |value| value.place);
    Some(CreationRule { pattern, terms: Terms { recipients, selection, place: Some(place), others } })
}

/// Recipients in a list, or in one text with commas between them.
fn named(value: &Written, texts: &mut Vec<Text>, diagnostics: &mut Diagnostics) {
    match &value.content {
        Content::Null => {}
        Content::List(items) => items.iter().for_each(|item| named(item, texts, diagnostics)),
        Content::String { text, .. } => {
            let parts = text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty());
            texts.extend(parts.map(|part| Text { text: part.into(), place: value.place }));
        }
        _ => diagnostics.record(wrong(value.place, "`age` must be recipients, with commas between them")),
    }
}

fn wrong(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::RECIPIENTS, message).at(place, "")
}
