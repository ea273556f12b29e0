//! Reading a mapping of settings field by field: what is there, what is missing, what nobody asked for.
//!
//! Used for the files we own the form of: `tenantctl.yaml` and the reserved keys of layers.

use std::sync::Arc;

use indexmap::IndexSet;
use jiff::civil::Date;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::source::Place;
use crate::tree::Kind;
use crate::yaml::{Content, Member, Written};

/// A mapping being read.
pub(crate) struct Fields<'a> {
    written: &'a Written,
    code: Code,
    /// What the mapping is, for messages: `a layer`, `the workspace`.
    what: &'static str,
    asked: IndexSet<&'static str>,
}

/// A text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: Arc<str>,
    pub(crate) place: Place,
}

impl<'a> Fields<'a> {
    /// Begins to read a mapping; records `code` if it is none.
    pub(crate) fn of(
        written: &'a Written,
        code: Code,
        what: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        if written.members().is_none() {
            diagnostics.record(
                Diagnostic::new(code, format!("{what} must be a mapping, but it is {}", written.kind().with_article()))
                    .at(written.place, written.kind().with_article()),
            );
            return None;
        }
        Some(Self { written, code, what, asked: IndexSet::new() })
    }

    /// A member, if it is there and not null.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<&'a Member> {
        self.asked.insert(key);
        self.written.members()?.get(key).filter(|member| !matches!(member.value.content, Content::Null))
    }

    /// A text.
    pub(crate) fn text(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> Option<Text> {
        let member = self.get(key)?;
        self.as_text(key, &member.value, diagnostics)
    }

    /// A text that must be there.
    pub(crate) fn required(&mut self, key: &'static str, example: &str, diagnostics: &mut Diagnostics) -> Option<Text> {
        if self.get(key).is_none() {
            diagnostics.record(
                Diagnostic::new(self.code, format!("{} must have `{key}`", self.what))
                    .at(self.written.place, format!("`{key}` is missing"))
                    .help(format!("write `{key}: {example}`")),
            );
            return None;
        }
        self.text(key, diagnostics)
    }

    /// A day, and where it is written.
    pub(crate) fn date(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> Option<(Date, Place)> {
        let text = self.text(key, diagnostics)?;
        if let Ok(date) = text.text.parse::<Date>() {
            return Some((date, text.place));
        }
        diagnostics.record(
            Diagnostic::new(self.code, format!("`{key}` is not a date"))
                .at(text.place, "")
                .help("write it as \"2027-01-31\", in quotes"),
        );
        None
    }

    /// `true` or `false`; `false` when it is not there.
    pub(crate) fn flag(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> bool {
        let Some(member) = self.get(key) else { return false };
        if let Content::Bool(flag) = member.value.content {
            return flag;
        }
        self.wrong(key, &member.value, "a boolean", diagnostics);
        false
    }

    /// A list of texts; a single text counts as a list of one.
    pub(crate) fn texts(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> Vec<Text> {
        let Some(member) = self.get(key) else { return Vec::new() };
        match &member.value.content {
            Content::List(items) => items.iter().filter_map(|item| self.as_text(key, item, diagnostics)).collect(),
            _ => self.as_text(key, &member.value, diagnostics).into_iter().collect(),
        }
    }

    /// The items of a list.
    pub(crate) fn items(&mut self, key: &'static str, diagnostics: &mut Diagnostics) -> &'a [Written] {
        let Some(member) = self.get(key) else { return &[] };
        if let Content::List(items) = &member.value.content {
            return items;
        }
        self.wrong(key, &member.value, "a list", diagnostics);
        &[]
    }

    /// The members of a mapping.
    pub(crate) fn members(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Member)> + use<'a> {
        let member = self.get(key);
        if let Some(member) = member
            && member.value.members().is_none()
        {
            self.wrong(key, &member.value, "a mapping", diagnostics);
        }
        member.and_then(|member| member.value.members()).into_iter().flatten()
    }

    /// Records every key nobody asked for.
    pub(crate) fn finish(self, diagnostics: &mut Diagnostics) {
        for (key, member) in self.written.members().into_iter().flatten() {
            if !self.asked.contains(key.as_ref()) {
                diagnostics.record(
                    Diagnostic::new(self.code, format!("{} has no `{key}`", self.what))
                        .at(member.key, "not known here")
                        .maybe_help(did_you_mean(key, self.asked.iter().copied()))
                        .note(format!("known: {}", self.asked.iter().copied().collect::<Vec<_>>().join(", "))),
                );
            }
        }
    }

    fn as_text(&self, key: &str, written: &Written, diagnostics: &mut Diagnostics) -> Option<Text> {
        if let Some(text) = written.as_str() {
            return Some(Text { text: text.into(), place: written.place });
        }
        self.wrong(key, written, "a string", diagnostics);
        None
    }

    fn wrong(&self, key: &str, written: &Written, wanted: &str, diagnostics: &mut Diagnostics) {
        let is = written.kind().with_article();
        let mut diagnostic =
            Diagnostic::new(self.code, format!("`{key}` must be {wanted}, but it is {is}")).at(written.place, is);
        if wanted == "a string" && matches!(written.kind(), Kind::Number | Kind::Bool) {
            diagnostic = diagnostic.help("put it in quotes");
        }
        diagnostics.record(diagnostic);
    }
}
