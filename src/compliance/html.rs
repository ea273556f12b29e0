//! The form for auditors: one HTML file that needs nothing else.
//!
//! In goes a report, out comes a page without scripts that run, without addresses that are fetched, and with every value
//! escaped: names and texts of a configuration are anybody's. A policy in its head lets it load nothing. The page holds
//! the whole report as data, from which [`embedded`] takes it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;
use serde_json::Value as Data;
use sha2::{Digest, Sha256};

use super::comparison::Class;
use super::digest::sha256;
use super::framework::BEYOND;
use super::model::{ByFramework, Chosen, Control, Finding, Index, Rule, Tallied};
use super::{Report, Status, words};
use crate::diagnostic::printable;

const TEMPLATE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");
/// What stands around the data.
const BEGIN: &str = "<script type=\"application/json\" id=\"report\">";
const END: &str = "</script>";

/// A framework with its controls.
#[derive(Serialize)]
struct Part<'a> {
    anchor: String,
    chosen: &'a Chosen,
    sums: Option<&'a ByFramework>,
    /// With rules.
    automated: Vec<&'a Control>,
    /// For people.
    manual: Vec<Chapter<'a>>,
}

/// Manual controls of a chapter.
#[derive(Serialize)]
struct Chapter<'a> {
    title: &'a str,
    why: Option<&'a str>,
    lines: Vec<Line<'a>>,
}

/// Manual controls that the same is to be shown for.
#[derive(Serialize)]
struct Line<'a> {
    controls: Vec<&'a str>,
    label: Option<&'a str>,
    show: String,
    note: Option<&'a str>,
}

/// The findings of a rule.
#[derive(Serialize)]
struct Group<'a> {
    rule: Told<'a>,
    findings: Vec<&'a Finding>,
}

/// A rule and what came of it.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    rule: &'a Rule,
    counts_line: String,
}

/// The report as a page.
pub fn render(report: &Report) -> String {
    let data = escaped(&serde_json::to_string(report).unwrap_or_default());
    let data_hash = sha256(&data);
    let context = context! {
        report => value(report),
        parts => value(&parts(report)),
        groups => value(&groups(report)),
        classes => Class::ALL.map(Class::word).to_vec(),
        style => STYLE,
        style_hash => BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes())),
        data => data,
        data_hash => data_hash,
    };
    // The template is a part of the program and tests render it.
    engine().render_str(TEMPLATE, context).unwrap_or_else(|error| failed(&error))
}

fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    engine.set_syntax(syntax.build().unwrap_or_default());
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    engine.add_filter("plain", |text: &str| printable::line(text).into_owned());
    engine.add_filter("coded", |text: &str| Value::from_safe_string(coded(text)));
    engine.add_filter("anchor", anchor);
    engine.add_filter("phrase", |word: &str| {
        let status = Status::ALL.into_iter().find(|status| status.word() == word);
        status.map_or_else(|| word.to_owned(), |status| status.phrase().to_owned())
    });
    engine.add_filter("index", |index: &Value| {
        let part = |name| number(index, name);
        words::index(Some(Index { raw: part("raw"), net: part("net"), capped: false }))
    });
    engine.add_filter("rules_of", |told: &Value| {
        let count = |name| number(told, name).unwrap_or_default();
        words::rules_of(&Tallied {
            pass: count("pass"),
            fail: count("fail"),
            waived: count("waived"),
            error: count("error"),
            not_applicable: count("notApplicable"),
            not_assessed: count("notAssessed"),
            manual: 0,
        })
    });
    engine
}

/// A number of a mapping.
fn number(of: &Value, name: &str) -> Option<u64> {
    u64::try_from(of.get_attr(name).ok()?).ok()
}

/// Data as the engine has it.
fn value(data: &impl Serialize) -> Value {
    convert(serde_json::to_value(data).unwrap_or_default())
}

fn convert(data: Data) -> Value {
    match data {
        Data::Null => Value::from(()),
        Data::Bool(flag) => Value::from(flag),
        Data::Number(number) => Value::from(number.as_i64()),
        Data::String(text) => Value::from(text),
        Data::Array(items) => items.into_iter().map(convert).collect(),
        Data::Object(members) => {
            let members: BTreeMap<String, Value> =
                members.into_iter().map(|(name, member)| (name, convert(member))).collect();
            Value::from_object(members)
        }
    }
}

/// What is shown should the template of this program be wrong.
fn failed(error: &minijinja::Error) -> String {
    format!("<!doctype html><title>error</title><p>{}</p>\n", crate::diff::markdown::html(&error.to_string()))
}

/// The data of a page.
pub fn embedded(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once(BEGIN)?;
    let (data, _) = rest.split_once(END)?;
    Some(data)
}

/// JSON in which nothing ends the element around it, and nothing that a reader does not see.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in printable::json(json).chars() {
        match character {
            '<' | '>' | '&' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            other => out.push(other),
        }
    }
    out
}

/// Text whose parts in backticks are code, if each begins and ends.
fn coded(text: &str) -> String {
    let line = printable::line(text);
    let parts: Vec<String> = line.split('`').map(escape).collect();
    if parts.len().is_multiple_of(2) {
        return parts.join("`");
    }
    let part = |(nth, part): (usize, String)| if nth % 2 == 0 { part } else { format!("<code>{part}</code>") };
    parts.into_iter().enumerate().map(part).collect()
}

/// Text that is neither markup nor the end of an attribute.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A name that an address may point to.
pub(super) fn anchor(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("_{byte:02x}"));
        }
    }
    out
}

fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in &report.findings {
        if let Some(group) = groups.last_mut().filter(|group| group.rule.rule.id == finding.rule) {
            group.findings.push(finding);
        } else if let Some(rule) = report.rules.iter().find(|rule| rule.id == finding.rule) {
            let counts_line = words::counts(rule.counts);
            groups.push(Group { rule: Told { rule, counts_line }, findings: vec![finding] });
        }
    }
    groups
}

fn parts(report: &Report) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for chosen in &report.scope.frameworks {
        let key = chosen.key();
        let of = || report.controls.iter().filter(|control| control.framework == key);
        parts.push(Part {
            anchor: anchor(&key),
            sums: report.summary.frameworks.iter().find(|sums| sums.framework == key),
            chosen,
            automated: of().filter(|control| !control.rules.is_empty()).collect(),
            manual: chapters(of().filter(|control| control.status == Status::Manual)),
        });
    }
    parts
}

/// Why controls of a chapter are manual, where there is more to say than that they are.
fn why(control: &Control) -> Option<&str> {
    control.why.as_deref().filter(|why| *why != BEYOND)
}

fn chapters<'a>(controls: impl Iterator<Item = &'a Control>) -> Vec<Chapter<'a>> {
    let mut chapters: Vec<Chapter<'a>> = Vec::new();
    for control in controls {
        if chapters.last().is_none_or(|last| last.title != control.group) {
            chapters.push(Chapter { title: &control.group, why: why(control), lines: Vec::new() });
        }
        let Some(chapter) = chapters.last_mut() else { continue };
        // A control without a label of its own has that of its chapter.
        let label = Some(control.label.as_str()).filter(|label| *label != control.group);
        let (show, note) = (control.manual.join("; "), control.note.as_deref());
        let same = |line: &&mut Line<'_>| label.is_none() && line.label.is_none() && line.show == show;
        if let Some(line) = chapter.lines.last_mut().filter(same) {
            line.controls.push(&control.id);
        } else {
            chapter.lines.push(Line { controls: vec![&control.id], label, show, note });
        }
    }
    chapters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_make_code_and_nothing_makes_markup() {
        assert_eq!(coded("set `a<b>` & go"), "set <code>a&lt;b&gt;</code> &amp; go");
        assert_eq!(coded("an `open <b>"), "an `open &lt;b&gt;");
    }

    #[test]
    fn data_cannot_end_its_element_and_is_the_same_data() {
        let json = r#"{"a":"</script><!--&"}"#;
        let page = format!("<p>{BEGIN}{}{END}", escaped(json));
        let found = embedded(&page).unwrap();
        assert!(!found.contains(['<', '>', '&']));
        assert_eq!(serde_json::from_str::<Data>(found).unwrap(), serde_json::from_str::<Data>(json).unwrap());
    }

    #[test]
    fn an_anchor_is_one_word_and_no_two_names_share_one() {
        assert_eq!(anchor("164.308(a)(1)"), "164.308_28a_29_281_29");
        assert_ne!(anchor("a b"), anchor("a_20b"));
    }
}
