//! One layer file: its values, and the reserved keys `extends` and `about` apart from them.

use std::sync::Arc;

use jiff::civil::Date;

use crate::source::{FileId, Place};
use crate::yaml::Written;

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
    pub description: Option<String>,
    /// Whom to ask.
    pub owner: Option<String>,
    /// Why it is there.
    pub ticket: Option<String>,
    /// Last day on which it may be used, and where that is said.
    pub expires: Option<(Date, Place)>,
    /// Overrides that must be active too.
    pub requires: Vec<(Arc<str>, Place)>,
    /// Overrides that must not be active.
    pub conflicts: Vec<(Arc<str>, Place)>,
    /// Overrides that this one may contradict: it is applied after them.
    pub after: Vec<(Arc<str>, Place)>,
}
