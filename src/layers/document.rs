//! One layer file: its values, and the reserved keys `extends` and `about` apart from them.

use std::sync::Arc;

use jiff::civil::Date;

use super::Trust;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::fields::Fields;
use crate::source::{FileId, Place};
use crate::tree::Node;
use crate::yaml::{Content, Members, Tag, Written};

/// The reserved keys.
const EXTENDS: &str = "extends";
const ABOUT: &str = "about";

/// A layer file as read.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file.
    pub file: FileId,
    /// Its name in the workspace.
    pub name: Arc<str>,
    /// The mapping at the top, without the reserved keys.
    pub root: Written,
    /// Files to be put under this one, lowest first, and where each is named.
    pub extends: Vec<(Arc<str>, Place)>,
    /// What an override says about itself.
    pub about: Option<About>,
}

/// The reserved key `about` of an override.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// Whom to ask.
    pub owner: Option<Arc<str>>,
    /// Why it is there.
    pub ticket: Option<Arc<str>>,
    /// Last day on which it may be used, and where that is said.
    pub expires: Option<(Date, Place)>,
    /// Overrides that must be active too.
    pub requires: Vec<(Arc<str>, Place)>,
    /// Overrides that must not be active.
    pub conflicts: Vec<(Arc<str>, Place)>,
    /// Overrides that this one may contradict: it is applied after them.
    pub after: Vec<(Arc<str>, Place)>,
}

impl Document {
    /// Takes the reserved keys out of what a layer file says. An empty file is an empty mapping.
    pub(crate) fn new(
        file: FileId,
        name: Arc<str>,
        mut root: Written,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        if matches!(root.content, Content::Null) {
            root.content = Content::Map(Members::default());
        }
        let kind = root.kind();
        let Content::Map(members) = &mut root.content else {
            let is = kind.with_article();
            return Err(diagnostics.fail(
                Diagnostic::new(code::NOT_A_MAPPING, format!("a layer must be a mapping, but {name} is {is}"))
                    .at(root.place, is)
                    .help("write keys at the top of the file, such as `resources:`"),
            ));
        };
        let mark = diagnostics.mark();
        let extends = members.shift_remove(EXTENDS).map(|member| extended(&name, &member.value, diagnostics));
        let about = members.shift_remove(ABOUT).and_then(|member| About::read(&member.value, diagnostics));
        diagnostics.since(mark)?;
        Ok(Self { file, name, root, extends: extends.unwrap_or_default(), about })
    }

    /// What the file says as a tree on its own, to hold against the layer's schema: keys to be unset are left out,
    /// other tags do not count.
    pub(crate) fn data(&self, trust: Trust) -> Node {
        let live = |written: &Written| {
            trust == Trust::Code && written.tag() != Some(Tag::Raw) && written.as_str().is_some_and(is_expression)
        };
        self.root.node(&live)
    }

    /// The text at a chain of keys.
    pub(crate) fn text(&self, keys: &[&str]) -> Option<(&str, Place)> {
        let written = self.root.at(keys)?;
        Some((written.as_str()?, written.place))
    }
}

/// Whether Jinja would see more than text: then a text of the platform is an expression.
pub(crate) fn is_expression(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// The files that `extends` names, as names in the workspace. `./` and `../` begin at the folder of `from`.
fn extended(from: &str, written: &Written, diagnostics: &mut Diagnostics) -> Vec<(Arc<str>, Place)> {
    let items = match &written.content {
        Content::List(items) => items.as_slice(),
        _ => std::slice::from_ref(written),
    };
    let mut files = Vec::new();
    for item in items {
        match item.as_str() {
            Some(text) => files.push((resolved(from, text).into(), item.place)),
            None => diagnostics.record(
                Diagnostic::new(code::RESERVED_KEY, "`extends` names a file or a list of files")
                    .at(item.place, item.kind().with_article())
                    .help("write `extends: environments/prod/prod.yml`"),
            ),
        }
    }
    files
}

fn resolved(from: &str, text: &str) -> String {
    if !text.starts_with("./") && !text.starts_with("../") {
        return text.to_owned();
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in text.split('/') {
        match part {
            // Above the workspace: kept, so that reading it is refused.
            ".." if parts.pop().is_none() => return text.to_owned(),
            "." | ".." => {}
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

impl About {
    fn read(written: &Written, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(written, code::RESERVED_KEY, "`about`", diagnostics)?;
        let mut text = |key| fields.text(key, diagnostics).map(|text| text.text);
        let (description, owner, ticket) = (text("description"), text("owner"), text("ticket"));
        let expires = fields.date("expires", diagnostics);
        let mut names =
            |key| fields.texts(key, diagnostics).into_iter().map(|name| (name.text, name.place)).collect::<Vec<_>>();
        let (requires, conflicts, after) = (names("requires"), names("conflicts"), names("after"));
        fields.finish(diagnostics);
        Some(Self { description, owner, ticket, expires, requires, conflicts, after })
    }
}

#[cfg(test)]
mod tests {
    use super::resolved;

    #[test]
    fn extends_is_relative_to_the_workspace_unless_it_says_otherwise() {
        assert_eq!(resolved("e/staging/staging.yml", "e/prod/prod.yml"), "e/prod/prod.yml");
        assert_eq!(resolved("e/staging/staging.yml", "../prod/prod.yml"), "e/prod/prod.yml");
        assert_eq!(resolved("e/x.yml", "../../../etc/passwd"), "../../../etc/passwd");
    }
}
