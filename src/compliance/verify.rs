//! Reading a report back, and telling whether it was changed.
//!
//! In goes the text of a report, JSON or HTML, out comes the model or a diagnostic. The digest is held against the text
//! as it is, so that what this version does not know counts too.

use serde_json::Value;

use super::Report;
use super::html::embedded;
use super::model::SCHEMA;
use super::report::{digest, inputs_digest};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::source::{FileId, Place, Sources};

/// Reads a report. What is none is TC663, one that was changed TC664.
pub fn read(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Result<Report, Failed> {
    let source = sources.get(file);
    let text = source.text();
    let text = embedded(text).unwrap_or(text);
    let bad = |why: String| {
        Diagnostic::new(code::BAD_REPORT, format!("{} is no report: {why}", source.name()))
            .at(Place::top(file), "")
            .help("name a report that was written as JSON or as HTML")
    };
    let data: Value = match serde_json::from_str(text) {
        Ok(data) => data,
        Err(error) => return Err(diagnostics.fail(bad(format!("no valid JSON at line {}", error.line())))),
    };
    match data.get("schema").and_then(Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) => {
            let why =
                format!("its form is `{}`, and only `{SCHEMA}` is known", other.chars().take(64).collect::<String>());
            return Err(diagnostics.fail(bad(why)));
        }
        None => return Err(diagnostics.fail(bad(format!("it has no `schema: {SCHEMA}`")))),
    }
    let report: Report = match serde_json::from_str(text) {
        Ok(report) => report,
        Err(error) => return Err(diagnostics.fail(bad(error.to_string()))),
    };
    let found = digest(data);
    let mut differs = Vec::new();
    if found != report.integrity.report_digest {
        differs.push(format!("it says {}, and its content has {found}", report.integrity.report_digest));
    }
    let inputs = inputs_digest(&report.inputs);
    if inputs != report.inputs_digest {
        differs.push(format!("its list of inputs has {inputs}, and it says {}", report.inputs_digest));
    }
    if !differs.is_empty() {
        let message = format!("{} was changed after it was made", source.name());
        let changed = Diagnostic::new(code::REPORT_CHANGED, message).at(Place::top(file), "");
        let changed = differs.into_iter().fold(changed, Diagnostic::note);
        return Err(diagnostics.fail(changed.help("make the report again from the same commit")));
    }
    Ok(report)
}
