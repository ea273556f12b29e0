//! How much a file may ask for. No input can crash the program or keep it busy for long.

/// The limits of one file, or of one rendered text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nested mappings and lists, aliases expanded.
    pub depth: usize,
    /// Values, aliases expanded.
    pub nodes: usize,
    /// Bytes of one scalar or key.
    pub scalar: usize,
}

impl Limits {
    /// What a template may render: a whole tenant's objects with their dashboards and resource definitions.
    pub const RENDERED: Self = Self { depth: 128, nodes: 2_000_000, scalar: 16 << 20 };
}

/// The limits of a file that people write.
impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, nodes: 200_000, scalar: 1 << 20 }
    }
}
