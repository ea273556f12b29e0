//! Reports of compliance evidence, in every form. `tests/compliance/report.*` is one of a sample; `BLESS=1 cargo test
//! --test compliance` writes them.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests read and write files, may fail and say what they skip"
)]

#[path = "compliance/sample.rs"]
mod sample;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tenantctl::compliance::comparison::{Class, Comparison};
use tenantctl::compliance::evidence::{Evidence, Outcome};
use tenantctl::compliance::framework::Framework;
use tenantctl::compliance::{Report, Severity, Status, html, json, junit, markdown, oscal, sarif, verify};
use tenantctl::diagnostic::Diagnostics;
use tenantctl::source::Sources;

/// What no form of a report says of anybody.
const FORBIDDEN: [&str; 11] = [
    "compliant",
    "certified",
    "audited",
    "guarantee",
    "meets soc",
    "meets hipaa",
    "hipaa-ready",
    "ready for audit",
    "100 %",
    "100%",
    "is secure",
];

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

/// The sample with what changed since an earlier one.
fn report() -> Report {
    let mut earlier = sample::evidence();
    earlier.as_of = "2026-10-20T12:00:00Z".parse().unwrap();
    earlier.verdicts.remove(1);
    earlier.tenants.retain(|tenant| tenant != sample::HOSTILE);
    earlier.verdicts.retain(|verdict| verdict.subject.tenant.as_deref() != Some(sample::HOSTILE));
    let earlier = Report::new(earlier);
    let mut report =
        Report::new(Evidence { previous: Some(earlier.integrity.report_digest.clone()), ..sample::evidence() });
    report.diff = Some(Comparison::of(&earlier, &report));
    report.seal();
    report
}

/// Reads a report back, or tells the codes of what is wrong with it.
fn read_back(text: &str) -> Result<Report, String> {
    let sources = Sources::default();
    let file = sources.add("report", text);
    let mut diagnostics = Diagnostics::new();
    let codes = |diagnostics: &Diagnostics| {
        diagnostics.items().iter().map(|item| item.code.to_string()).collect::<Vec<_>>().join(" ")
    };
    verify::read(&sources, file, &mut diagnostics).map_err(|_| codes(&diagnostics))
}

#[test]
fn forms_are_as_they_were() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/compliance");
    for (ending, text) in forms(&report()) {
        let file = folder.join(format!("report.{ending}"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == text, "{} differs: BLESS=1 renews it", file.display());
    }
}

#[test]
fn no_form_says_more_than_is_known() {
    for (ending, text) in forms(&report()) {
        // A style has percentages, and the names of files in addresses.
        let text = text.split_once("</style>").map_or(text.as_str(), |(_, body)| body).to_lowercase();
        for phrase in FORBIDDEN {
            assert!(!text.contains(phrase), "{ending} says {phrase:?}");
        }
        let is_percentage = |(at, _): &(usize, &str)| {
            let is_encoded = text[at + 1..].starts_with(|next: char| next.is_ascii_hexdigit());
            text[..*at].trim_end().ends_with(|last: char| last.is_ascii_digit()) && !is_encoded
        };
        let percentages = text.match_indices('%').filter(is_percentage).count();
        assert_eq!(percentages, 0, "{ending} has percentages: say `3 of 4`, and how much is not assessed");
        if ending != "oscal-cd.json" {
            assert!(text.contains("it is not an audit opinion, an attestation or a certification"), "{ending}");
        }
    }
    for framework in Framework::all() {
        let text = format!("{framework:?}").to_lowercase();
        let said: Vec<&&str> = FORBIDDEN.iter().filter(|phrase| text.contains(**phrase)).collect();
        assert!(said.is_empty(), "{}: {said:?}", framework.key());
    }
}

#[test]
fn every_sum_has_its_denominator_and_what_is_not_assessed() {
    let report = report();
    for of in &report.summary.frameworks {
        let checks = format!("{} of {} automated checks pass", of.checks.pass, of.checks.evaluated);
        assert!(of.statement.starts_with(&checks), "{}", of.statement);
        let rest =
            format!("; {} of {} {} are not assessable from configuration", of.result.manual, of.controls, of.noun);
        assert!(of.statement.contains(&rest), "{}", of.statement);
        let told = of.result;
        let all =
            told.pass + told.fail + told.waived + told.error + told.not_applicable + told.not_assessed + told.manual;
        assert_eq!(all, of.controls, "{}", of.framework);
        for (ending, text) in forms(&report) {
            let stated = ["md", "html", "json"].contains(&ending);
            assert!(!stated || text.contains(&checks), "{ending} leaves out {checks}");
        }
    }
}

#[test]
fn nothing_that_comes_from_outside_is_markup() {
    let report = report();
    let page = html::render(&report);
    assert!(page.contains("default-src 'none'"));
    assert_eq!(page.matches("<script").count(), 1, "the data only");
    for hostile in ["<img", "<b>", "onerror=alert(1)>", "\u{202e}", "\u{7}", "javascript:"] {
        assert!(!page.contains(hostile), "{hostile:?}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"), "it is shown as text");
    // Outside of code spans Markdown has no angle brackets, whatever is in names.
    for line in markdown::render(&report).lines() {
        let mut outside = String::new();
        let mut rest = line;
        while let Some(begin) = rest.find('`') {
            outside.push_str(&rest[..begin]);
            let fence = rest[begin..].chars().take_while(|character| *character == '`').count();
            let body = &rest[begin + fence..];
            let mut end = 0;
            rest = loop {
                let next = body[end..].find('`').map_or(body.len(), |at| end + at);
                let run = body[next..].chars().take_while(|character| *character == '`').count();
                end = next + run;
                if run == fence || run == 0 {
                    break &body[end..];
                }
            };
        }
        outside.push_str(rest);
        assert!(!outside.contains('<'), "{line}");
    }
}

#[test]
fn the_order_of_what_comes_in_does_not_count() {
    let mut evidence = sample::evidence();
    evidence.verdicts.reverse();
    evidence.tallies.reverse();
    evidence.rules.reverse();
    evidence.inputs.reverse();
    evidence.outputs.reverse();
    evidence.waivers.reverse();
    evidence.tenants.reverse();
    evidence.frameworks.reverse();
    assert_eq!(json::render(&Report::new(evidence)), json::render(&Report::new(sample::evidence())));
}

#[test]
fn without_a_subject_nothing_passes() {
    let evidence = Evidence { tallies: Vec::new(), verdicts: Vec::new(), waivers: Vec::new(), ..sample::evidence() };
    let report = Report::new(evidence);
    assert!(!report.assessed());
    assert!(report.rules.iter().all(|rule| rule.status == Status::NotAssessed));
    assert!(report.controls.iter().all(|control| control.status != Status::Pass));
    assert!(report.summary.frameworks.iter().all(|of| of.index.raw.is_none() && of.automated == 0));
    assert!(junit::render(&report).contains("nothing was assessed"));
    assert!(html::render(&report).contains("because nothing was assessed"));
}

fn status(report: &Report, framework: &str, id: &str) -> Status {
    let found = report.controls.iter().find(|control| control.framework == framework && control.id == id);
    found.unwrap_or_else(|| panic!("{framework} {id}")).status
}

#[test]
fn a_control_is_as_its_worst_rule_says() {
    let report = report();
    // Of the rules behind it, one subject is waived, for this framework.
    assert_eq!(status(&report, "cis-k8s@1.12", "5.2.2"), Status::Waived);
    // The same waiver is not for that one.
    assert_eq!(status(&report, "hipaa@45-cfr-164", "164.308(a)(1)(ii)(B)"), Status::Fail);
    assert_eq!(status(&report, "hipaa@45-cfr-164", "164.312(a)(2)(iii)"), Status::Error);
    assert_eq!(status(&report, "hipaa@45-cfr-164", "164.312(e)(1)"), Status::NotApplicable);
    assert_eq!(status(&report, "cis-k8s@1.12", "5.3.2"), Status::Pass);
    assert_eq!(status(&report, "cis-k8s@1.12", "1.1.1"), Status::Manual);
    assert_eq!(status(&report, "cis-k8s@1.12", "5.1.1"), Status::NotAssessed);
    // Declared not to apply, with a reason.
    assert_eq!(status(&report, "pci-dss@4.0.1", "A1.1.2"), Status::NotApplicable);
    let mut undeclared = sample::evidence();
    undeclared.frameworks.iter_mut().for_each(|selected| selected.declared.clear());
    assert_eq!(status(&Report::new(undeclared), "pci-dss@4.0.1", "A1.1.2"), Status::NotAssessed);
    assert_eq!(report.catalogue.unmapped, ["TC-POD-119 pss namespace level"]);
}

#[test]
fn an_index_is_held_down_by_a_critical_failure_and_shows_both_sides_of_a_waiver() {
    let report = report();
    let index = |framework: &str| {
        let of = report.summary.frameworks.iter().find(|of| of.framework == framework).unwrap().index;
        (of.raw, of.net, of.capped)
    };
    // 101: 10 of 11 at weight 10, one waived; 119: 10 of 11 and 107: 10 of 11, both at weight 6.
    assert_eq!(index("pss@latest"), (Some(100 * 220 / 242), Some(100 * 220 / 232), false));
    // There the waiver does not count, so that a critical check fails.
    assert_eq!(index("hipaa@45-cfr-164"), (Some(59), Some(59), true));
    // 119 and 107 of high weight, 904 of medium, one of three passes; the rest passes.
    assert!(report.summary.index.raw < report.summary.index.net);
    assert_eq!(report.summary.checks.waived, 1);
}

#[test]
fn a_waiver_that_does_not_hold_is_a_finding_and_waives_nothing() {
    let report = report();
    let states: Vec<(&str, &str)> =
        report.waivers.iter().map(|waiver| (waiver.id.as_str(), waiver.state.as_str())).collect();
    assert_eq!(states, [("W-2026-002", "expired"), ("W-2026-009", "stale"), ("W-2026-014", "expires-soon")]);
    let own: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.rule == "TC-INT-953")
        .map(|finding| finding.subject.reference.as_str())
        .collect();
    assert_eq!(own, ["tenantctl.dev/v1/Waiver/W-2026-009", "tenantctl.dev/v1/Waiver/W-2026-002"]);
    let waived: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.status == Status::Waived)
        .map(|finding| finding.rule.as_str())
        .collect();
    assert_eq!(waived, ["TC-POD-101"]);
    // A longer one than a critical rule allows waives nothing.
    let mut long = sample::evidence();
    long.waivers = sample::waivers(&sample::WAIVERS.replace("2026-12-01", "2026-12-31"));
    let long = Report::new(long);
    assert!(long.findings.iter().all(|finding| finding.status != Status::Waived));
    assert!(long.waivers.iter().any(|waiver| waiver.state == "invalid"));
}

#[test]
fn an_error_is_never_waived() {
    let mut evidence = sample::evidence();
    evidence.verdicts[0].outcome = Outcome::Error;
    let report = Report::new(evidence);
    assert!(report.findings.iter().any(|finding| finding.rule == "TC-POD-101" && finding.status == Status::Error));
}

#[test]
fn a_changed_report_is_told() {
    let report = report();
    let (data, page) = (json::render(&report), html::render(&report));
    assert_eq!(read_back(&data), Ok(report.clone()));
    assert_eq!(read_back(&page), Ok(report));
    let changed = data.replacen("\"status\":\"fail\"", "\"status\":\"pass\"", 1);
    assert_eq!(read_back(&changed), Err("TC664".to_owned()));
    assert_eq!(read_back(&data.replacen('{', "{\"added\":1,", 1)), Err("TC664".to_owned()));
    assert_eq!(read_back(&page.replacen("\"status\":\"fail\"", "\"status\":\"pass\"", 1)), Err("TC664".to_owned()));
    // Written twice, a member is read one way here and another way elsewhere.
    assert_eq!(read_back(&data.replacen('{', "{\"id\":\"x\",", 1)), Err("TC663".to_owned()));
    for text in ["", "[]", "{", "{\"schema\":\"tenantctl.report/v2\"}", "<html>", &"[".repeat(100_000)] {
        assert_eq!(read_back(text), Err("TC663".to_owned()), "{}", &text[..text.len().min(20)]);
    }
}

#[test]
fn what_came_with_rules_and_tenants_is_told_apart_from_what_somebody_did() {
    let before = Report::new(sample::evidence());
    let class = |change: &dyn Fn(&mut Evidence), rule: &str| {
        let mut after = sample::evidence();
        change(&mut after);
        let comparison = Comparison::of(&before, &Report::new(after));
        comparison.changes.iter().find(|change| change.rule == rule).map(|change| change.class)
    };
    let other = |after: &mut Evidence, rule: &str| {
        let mut verdict = after.verdicts[1].clone();
        rule.clone_into(&mut verdict.rule);
        after.verdicts.push(verdict);
    };
    assert_eq!(class(&|_| {}, "TC-POD-119"), None);
    assert_eq!(class(&|after| other(after, "TC-CFG-901"), "TC-CFG-901"), Some(Class::New));
    assert_eq!(class(&|after| drop(after.verdicts.remove(1)), "TC-POD-119"), Some(Class::Fixed));
    assert_eq!(class(&|after| after.waivers.clear(), "TC-POD-101"), Some(Class::WaiverExpired));
    let severity = |after: &mut Evidence| {
        after.rules.iter_mut().filter(|rule| rule.id == "TC-POD-119").for_each(|rule| rule.severity = Severity::Low);
    };
    assert_eq!(class(&severity, "TC-POD-119"), Some(Class::SeverityChanged));
    let version = |after: &mut Evidence| {
        after.rules.iter_mut().filter(|rule| rule.id == "TC-CFG-901").for_each(|rule| rule.version = 2);
        other(after, "TC-CFG-901");
    };
    assert_eq!(class(&version, "TC-CFG-901"), Some(Class::CatalogueCaused));
    let gone = |after: &mut Evidence| {
        after.tenants.retain(|tenant| tenant != "globex");
        after.verdicts.retain(|verdict| verdict.subject.tenant.as_deref() != Some("globex"));
        after.waivers.clear();
    };
    assert_eq!(class(&gone, "TC-POD-119"), Some(Class::ScopeCaused));
    let waived = Report::new(Evidence { waivers: Vec::new(), ..sample::evidence() });
    let comparison = Comparison::of(&waived, &before);
    let classes: BTreeSet<Class> = comparison.changes.iter().map(|change| change.class).collect();
    assert!(classes.contains(&Class::WaivedNew), "{classes:?}");
    assert_eq!(comparison.counts.values().sum::<u64>(), before.findings.len() as u64);
    assert_eq!(Comparison::of(&before, &waived).brought_in(Severity::Critical), 1);
    let other = Report::new(Evidence { kubernetes: "1.35".to_owned(), ..sample::evidence() });
    assert_eq!(Comparison::of(&before, &other).incomparable, ["versions of Kubernetes: 1.34 and 1.35"]);
}

#[test]
fn a_comment_has_room_for_so_much() {
    let mut evidence = sample::evidence();
    let one = evidence.verdicts[1].clone();
    evidence.verdicts.extend((0..5_000).map(|nth| {
        let mut verdict = one.clone();
        verdict.path = format!("/spec/{nth}");
        verdict
    }));
    let text = markdown::render(&Report::new(evidence));
    assert!(text.len() <= 65_536, "{}", text.len());
    assert!(text.contains("findings left out: a comment has no room for more."));
    assert!(text.contains("**critical** TC-POD-101"), "the worst come first");
    assert!(text.trim_end().lines().last().unwrap().starts_with("Report `"));
}

#[test]
fn the_report_for_code_scanning_meets_its_schema() {
    let Some(file) = std::env::var_os("TENANTCTL_SARIF_SCHEMA") else {
        eprintln!("skipped: TENANTCTL_SARIF_SCHEMA does not name the schema of SARIF 2.1.0");
        return;
    };
    let text = fs::read_to_string(file).unwrap();
    let mut schema: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    schema.as_object_mut().unwrap().retain(|key, _| !matches!(key.as_str(), "id" | "$id"));
    let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft7).build(&schema).unwrap();
    let data: Value = serde_json::from_str(&sarif::render(&report())).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&data).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every value of a member by that name, anywhere.
fn members<'a>(data: &'a Value, wanted: &dyn Fn(&str) -> bool, found: &mut Vec<&'a str>) {
    match data {
        Value::Object(all) => {
            for (name, member) in all {
                found.extend(member.as_str().filter(|_| wanted(name)));
                members(member, wanted, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, wanted, found)),
        _ => {}
    }
}

#[test]
fn parts_of_oscal_refer_to_parts_that_are_there() {
    let data: Value = serde_json::from_str(&oscal::results(&report())).unwrap();
    let (mut names, mut references, mut states) = (Vec::new(), Vec::new(), Vec::new());
    members(&data, &|name| name == "uuid", &mut names);
    members(&data, &|name| name.ends_with("-uuid"), &mut references);
    members(&data, &|name| name == "state", &mut states);
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(distinct.len(), names.len());
    assert!(references.len() > 20);
    assert!(references.iter().all(|reference| distinct.contains(reference)));
    let known = ["satisfied", "not-satisfied", "under-development", "operational"];
    assert!(states.iter().all(|state| known.contains(state)), "{states:?}");
}
