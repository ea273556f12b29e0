//! Reports of compliance evidence, in every form. `tests/compliance/report.*` is one of a sample; `BLESS=1 cargo test
//! --test compliance` writes them.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests read and write files and may fail"
)]

#[path = "compliance/sample.rs"]
mod sample;

use std::fs;
use std::path::PathBuf;

use tenantctl::compliance::{Report, html, json, junit, markdown, oscal, sarif};

/// The sample in every form, by the ending of its file.
fn forms(report: &Report) -> Vec<(&'static str, String)> {
    vec![
        ("json", json::render(report)),
        ("html", html::render(report)),
        ("md", markdown::render(report)),
        ("sarif", sarif::render(report)),
        ("junit.xml", junit::render(report)),
        ("oscal-ar.json", oscal::results(report)),
        ("oscal-cd.json", oscal::definition(report)),
    ]
}

#[test]
fn forms_are_as_they_were() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/compliance");
    for (ending, text) in forms(&Report::new(sample::evidence())) {
        let file = folder.join(format!("report.{ending}"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == text, "{} differs: BLESS=1 renews it", file.display());
    }
}
