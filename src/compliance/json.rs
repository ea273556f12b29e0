//! The full form: one JSON document, on one line, with a line end.

use super::Report;
use crate::diagnostic::printable;

/// The report as one document.
pub fn render(report: &Report) -> String {
    // Strings and numbers: there is nothing serde could refuse.
    printable::json(&serde_json::to_string(report).unwrap_or_default()) + "\n"
}
