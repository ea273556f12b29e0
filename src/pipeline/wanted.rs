//! What is wanted of the objects of each target.

use std::sync::Arc;

use crate::check::{Approved, Document, Form};

/// What is wanted of the objects of each target; by default that they are checked, and no text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The one template to render, by its name in the folder of templates; else all.
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
        approved.of_kinds(&self.kinds).document(self.form)
    }
}
