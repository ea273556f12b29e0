//! What a run did to a directory.
//!
//! Made only by [`super::directory::write`], after everything is on disk. It does not print itself.

/// The files a run wrote, left, removed and kept. Paths are relative to the output directory, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    written: Vec<String>,
    unchanged: usize,
    removed: Vec<String>,
    kept: Vec<String>,
    tenants: usize,
    digest: String,
}

impl Receipt {
    pub(super) fn new(
        written: Vec<String>,
        unchanged: usize,
        removed: Vec<String>,
        kept: Vec<String>,
        tenants: usize,
        digest: String,
    ) -> Self {
        Self { written, unchanged, removed, kept, tenants, digest }
    }

    /// What was done to a directory, for people.
    pub fn line(&self, directory: &str) -> String {
        let Self { written, unchanged, removed, kept, .. } = self;
        let mut line =
            format!("{directory}: {} written, {unchanged} unchanged, {} removed", written.len(), removed.len());
        if !kept.is_empty() {
            line.push_str(&format!(", {} kept because they were edited", kept.len()));
        }
        line
    }

    /// Files that are new or whose bytes changed.
    pub fn written(&self) -> &[String] {
        &self.written
    }

    /// Number of files that had the right bytes already and were not touched.
    pub fn unchanged(&self) -> usize {
        self.unchanged
    }

    /// Files that are no longer made and were removed.
    pub fn removed(&self) -> &[String] {
        &self.removed
    }

    /// Files that are no longer made but were edited by hand, so they are still there.
    pub fn kept(&self) -> &[String] {
        &self.kept
    }

    /// Number of tenants that were rendered.
    pub fn tenants(&self) -> usize {
        self.tenants
    }

    /// Digest of the paths and contents of all files of this run: equal digests, equal output.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether nothing on disk was changed.
    pub fn is_unchanged(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }
}
