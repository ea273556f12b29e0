//! What is wanted of the objects of each target.

use std::sync::Arc;

use crate::check::{Approved, Document, Form};
use crate::template::is_artifact;

/// What is wanted of the objects of each target; by default that they are checked, and no text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The one template to render, by its name in the folder of templates; else all. The text of a file that is no
    /// manifest then stands in the place of objects, in no form but its own.
    pub template: Option<Arc<str>>,
    /// Kinds of objects, in any case; none for all.
    pub kinds: Vec<String>,
    /// The form of the text; none for no text.
    pub form: Option<Form>,
}

impl Wanted {
    /// Everything, in a form.
    pub fn all(form: Form) -> Self {
        Self { form: Some(form), ..Self::default() }
    }

    /// What is wanted of approved objects.
    pub(super) fn of(&self, approved: Approved) -> Document {
        let approved = approved.of_kinds(&self.kinds);
        if self.template.as_deref().is_some_and(is_artifact) {
            return approved.artifact_document();
        }
        approved.document(self.form)
    }
}
