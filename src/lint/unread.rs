//! TC450: keys that no template reads, told from the texts of the templates and not from what one rendering does.
//!
//! A key counts as read if a template names it, something below it or all of something above it; if an expression does
//! so in a value that is read itself; and everything below `tenant`, which picks layers and tenants.

use std::sync::Arc;

use indexmap::IndexMap;

use super::survey::Survey;
use super::{Finding, Scene};
use crate::diagnostic::{Diagnostic, code};
use crate::layers::{Trust, is_expression};
use crate::path::{Path, Step};
use crate::source::Place;
use crate::template::{Mentions, Scan, mentioned};
use crate::yaml::{Content, Tag, Written};

/// Where the facts are, and what selectors compare.
pub(super) const TENANT: &str = "tenant";

pub(super) fn find(scene: &Scene<'_>) -> Vec<Finding> {
    // Without a template there is nothing that could read.
    if scene.scan.mentions.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for seen in scene.files() {
        let file = &seen.document.name;
        let search = Search { scene, file };
        search.within(&seen.document.root, &mut Path::root(), &mut |path, place| {
            findings.push(finding(&scene.mentions, path, place).into());
        });
    }
    findings
}

fn finding(mentions: &Mentions, path: &Path, place: Place) -> Diagnostic {
    let diagnostic = Diagnostic::new(code::UNREAD_KEY, format!("no template reads {path}"))
        .at(place, "it changes nothing")
        .about(path.clone());
    match mentions.near(path) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("remove it, or use it in a template"),
    }
    .help("if something else reads it, say so under `lint` in tenantctl.yaml")
}

/// What templates mention, and the expressions in values that are mentioned.
pub(super) fn mentions(scan: &Scan, survey: &Survey) -> Mentions {
    let mut mentions = scan.mentions.clone();
    mentions.add_key(TENANT);
    let mut expressions: IndexMap<(Path, Arc<str>), Mentions> = IndexMap::new();
    for seen in survey.files.iter().filter(|seen| seen.trust == Trust::Code) {
        collect(&seen.document.root, &mut Path::root(), &mut |path, text| {
            expressions.entry((path.clone(), Arc::clone(text))).or_insert_with(|| mentioned(text));
        });
    }
    // Each round takes in those that the rounds before have reached.
    loop {
        let before = expressions.len();
        expressions.retain(|(path, _), own| {
            let reached = mentions.covers(path);
            if reached {
                mentions.extend(own);
            }
            !reached
        });
        if expressions.len() == before {
            return mentions;
        }
    }
}

/// Hands over every expression with its path.
fn collect(written: &Written, path: &mut Path, found: &mut impl FnMut(&Path, &Arc<str>)) {
    match &written.content {
        Content::String { text, .. } if written.tag() != Some(Tag::Raw) && is_expression(text) => found(path, text),
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                collect(item, path, found);
                path.pop();
            }
        }
        Content::Map(members) => {
            for (key, member) in members {
                path.push(Step::Key(Arc::clone(key)));
                collect(&member.value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

struct Search<'a> {
    scene: &'a Scene<'a>,
    file: &'a str,
}

impl Search<'_> {
    /// Hands over the topmost keys that are not read and not allowed.
    fn within(&self, written: &Written, path: &mut Path, found: &mut impl FnMut(&Path, Place)) {
        match &written.content {
            Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Step::Index(index));
                    self.within(item, path, found);
                    path.pop();
                }
            }
            Content::Map(members) => {
                for (key, member) in members {
                    path.push(Step::Key(Arc::clone(key)));
                    if self.scene.mentions.covers(path) || self.allows_some(&member.value, path) {
                        if !self.allows(path) {
                            self.within(&member.value, path, found);
                        }
                    } else {
                        found(path, member.key);
                    }
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn allows(&self, path: &Path) -> bool {
        self.scene.allows(code::UNREAD_KEY, self.file, Some(path))
    }

    /// Whether a key or something below it is allowed: then it is not spoken of as a whole.
    fn allows_some(&self, written: &Written, path: &mut Path) -> bool {
        if self.allows(path) {
            return true;
        }
        let mut below = |step: Step, written: &Written| {
            path.push(step);
            let found = self.allows_some(written, path);
            path.pop();
            found
        };
        match &written.content {
            Content::Map(members) => {
                members.iter().any(|(key, member)| below(Step::Key(Arc::clone(key)), &member.value))
            }
            Content::List(items) => items.iter().enumerate().any(|(index, item)| below(Step::Index(index), item)),
            _ => false,
        }
    }
}
