//! The form for a comment on a pull request: Markdown in which nothing of the input is markup, and no longer than a
//! comment may be.

use super::comparison::{Class, Comparison};
use super::model::{Exception, Finding, Scope};
use super::{Report, Status, words};
use crate::diagnostic::count;
use crate::diff::markdown::{code, html};

/// Most bytes of a comment on GitHub; it counts characters, which are no more.
const MOST: usize = 65_536;
/// Room for the lines that say how much is left out.
const ROOM: usize = 400;
/// Tenants that are named one by one.
const NAMED: usize = 20;

/// The report as Markdown. Findings that do not fit, the least severe, are left out and counted.
pub fn render(report: &Report) -> String {
    let mut out = format!("## {}: {}\n\n> {}\n\n", report.title, code(&report.scope.environment), report.disclaimer);
    out.push_str(&scope(report));
    out.push_str(&format!("\n### Summary\n\n**{}.**\n\n", html(&report.summary.statement)));
    out.push_str(&severities(report));
    out.push_str(&frameworks(report));
    let mut room = MOST.saturating_sub(out.len() + ROOM);
    let waivers = fitting(&mut room, waivers(report).into_iter());
    let changes = fitting(&mut room, report.diff.as_ref().map(changes).unwrap_or_default().into_iter());
    let findings = fitting(&mut room, report.findings.iter().map(finding));
    section(&mut out, "Findings", &findings, "finding", "there is none");
    section(&mut out, "Waivers", &waivers, "waiver", "there is none");
    if let Some(diff) = &report.diff {
        section(&mut out, "Changes since the last report", &changes, "change", "nothing changed");
        out.push_str(&format!(
            "\nThe last report is of {}, digest {}.\n",
            diff.before.as_of,
            code(&diff.before.digest)
        ));
    }
    out.push_str(&format!("\nReport {}, digest {}\n", code(&report.id), code(&report.integrity.report_digest)));
    out
}

/// Lines that fit, and how many do not.
struct Fitting {
    lines: Vec<String>,
    left_out: usize,
}

fn fitting(room: &mut usize, lines: impl Iterator<Item = String>) -> Fitting {
    let mut found = Fitting { lines: Vec::new(), left_out: 0 };
    for line in lines {
        // What comes after one that does not fit is less severe: it does not take its place.
        match room.checked_sub(line.len()) {
            Some(left) if found.left_out == 0 => {
                *room = left;
                found.lines.push(line);
            }
            _ => found.left_out += 1,
        }
    }
    found
}

fn section(out: &mut String, title: &str, found: &Fitting, what: &str, none: &str) {
    out.push_str(&format!("\n### {title}\n\n"));
    if found.lines.is_empty() && found.left_out == 0 {
        out.push_str(&format!("{none}\n"));
    }
    out.extend(found.lines.iter().map(String::as_str));
    if found.left_out > 0 {
        out.push_str(&format!("\n{} left out: a comment has no room for more.\n", count(found.left_out, what)));
    }
}

fn scope(report: &Report) -> String {
    let Scope { tenants, excluded, kubernetes, .. } = &report.scope;
    let mut named: Vec<String> = tenants.iter().take(NAMED).map(|tenant| code(tenant)).collect();
    if tenants.len() > NAMED {
        named.push(format!("and {} more", tenants.len() - NAMED));
    }
    let people = &report.population;
    let mut rows = vec![
        ("At", report.run.as_of.clone()),
        ("Tenants", format!("{}: {}", tenants.len(), named.join(", "))),
        ("Kubernetes", html(kubernetes)),
        ("Rules", format!("{} of catalogue {}", report.catalogue.rules, html(&report.catalogue.version))),
        (
            "Population",
            format!(
                "{} objects, {} pod specifications, {} containers",
                people.objects, people.pod_specs, people.containers
            ),
        ),
        (
            "At admission",
            format!(
                "{} of {} rules are held by policies of the API server that were shown to this program",
                report.rules.iter().filter(|rule| rule.at_admission.is_some()).count(),
                report.rules.len()
            ),
        ),
        ("Inputs", format!("{} files, {}", report.inputs.len(), code(&report.inputs_digest))),
    ];
    if let Some(source) = &report.source {
        let dirty = if source.dirty == Some(true) { ", with changes that are not in it" } else { "" };
        rows.insert(1, ("Commit", format!("{}{dirty}", code(&source.commit))));
    }
    for item in excluded {
        rows.push(("Left out", format!("{}: {} ({})", html(&item.what), html(&item.why), html(&item.by))));
    }
    let rows: String = rows.iter().map(|(name, text)| format!("- **{name}**: {text}\n")).collect();
    format!("### Scope\n\n{rows}")
}

fn severities(report: &Report) -> String {
    let row = |row: &super::model::BySeverity| {
        let sum = row.checks;
        format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            row.severity.word(),
            row.rules,
            sum.evaluated,
            sum.pass,
            sum.fail,
            sum.waived,
            sum.error
        )
    };
    let rows: String = report.summary.severities.iter().map(row).collect();
    format!(
        "| Severity | Rules | Checks | Pass | Fail | Waived | Error |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n{rows}"
    )
}

fn frameworks(report: &Report) -> String {
    let mut out = "\n### Frameworks\n\n".to_owned();
    for of in &report.summary.frameworks {
        let by = report.framework(&of.framework).map(|chosen| chosen.selected_by.as_str()).unwrap_or_default();
        out.push_str(&format!(
            "- **{}** ({}): {}. Controls: {} of {} with automated evidence, {} failing. Check index {} of 100 (raw / net). Selected by {}.\n",
            html(&of.title),
            code(&of.framework),
            html(&of.statement),
            of.automated,
            of.controls,
            of.result.fail + of.result.error,
            words::index(Some(of.index)),
            html(by),
        ));
    }
    if report.summary.frameworks.is_empty() {
        out.push_str("No framework was selected.\n");
    }
    out
}

fn finding(finding: &Finding) -> String {
    let place = finding.provenance.first().map(|at| format!(", {}", code(&format!("{}:{}", at.file, at.line))));
    let found = finding.actual.as_ref().map(|actual| format!(", found {}", html(actual)));
    let status = match (&finding.waiver, finding.status) {
        (Some(waiver), _) => format!(" (waived: {})", html(waiver)),
        (None, Status::Fail) => String::new(),
        (None, status) => format!(" ({})", status.phrase()),
    };
    format!(
        "- **{}** {}{status}: {} {}: {}{}{}\n",
        finding.severity.word(),
        html(&finding.rule),
        code(&finding.subject.reference),
        if finding.path.is_empty() { String::new() } else { code(&finding.path) },
        html(&finding.expected),
        found.unwrap_or_default(),
        place.unwrap_or_default(),
    )
}

fn waivers(report: &Report) -> Vec<String> {
    let line = |waiver: &Exception| {
        let problems: String = waiver.problems.iter().map(|problem| format!("; {}", html(problem))).collect();
        format!(
            "- {} of {}: {}, until {}, owner {}{problems}\n",
            html(&waiver.id),
            html(&waiver.rule),
            waiver.state.replace('-', " "),
            waiver.expires,
            html(&waiver.owner)
        )
    };
    // Those that hold, last: of the others somebody has to do something.
    let mut waivers: Vec<&Exception> = report.waivers.iter().collect();
    waivers.sort_by_key(|waiver| waiver.state == "active");
    waivers.into_iter().map(line).collect()
}

fn changes(diff: &Comparison) -> Vec<String> {
    let counts = Class::ALL.iter().filter_map(|class| {
        let count = diff.counts.get(class).filter(|count| **count > 0)?;
        Some(format!("{} {}", count, class.word()))
    });
    let counts: Vec<String> = counts.collect();
    let mut lines = vec![format!("{}\n\n", if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") })];
    if !diff.incomparable.is_empty() {
        lines.push(format!("Indices do not measure the same: {}\n\n", html(&diff.incomparable.join("; "))));
    }
    lines.extend(diff.changes.iter().map(|change| {
        format!(
            "- {}: **{}** {} {} {}\n",
            change.class.word(),
            change.severity.word(),
            html(&change.rule),
            code(&change.subject.reference),
            if change.path.is_empty() { String::new() } else { code(&change.path) },
        )
    }));
    lines
}
