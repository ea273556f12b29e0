//! Reading waivers: the form, and what one says by itself.

use jiff::civil::Date;

use super::{Places, REASON, Waiver};
use crate::compliance::model::{Origin, Risk};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::fields::{Fields, Text};
use crate::source::{FileId, LineColumn, Place, Sources};
use crate::yaml::{Content, Limits, Written, read_stream};

/// The words for a risk.
const LEVELS: [&str; 3] = ["low", "medium", "high"];
/// Characters by which a name would mean several things.
const WILD: [char; 2] = ['*', '?'];

impl Waiver {
    /// Reads the waivers of a file, one a document. What is wrong with one is TC660, and leaves none.
    pub fn read(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Result<Vec<Self>, Failed> {
        let text = sources.get(file);
        let mark = diagnostics.mark();
        let documents = read_stream(file, text.text(), &Limits::default(), diagnostics)?;
        let found: Vec<Self> =
            documents.iter().filter_map(|document| Self::of(sources, document, diagnostics)).collect();
        diagnostics.since(mark)?;
        Ok(found)
    }

    fn of(sources: &Sources, written: &Written, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mark = diagnostics.mark();
        let mut document = Fields::of(written, code::WAIVER, "a waiver", diagnostics)?;
        for (key, wanted) in [("apiVersion", "tenantctl.dev/v1"), ("kind", "Waiver")] {
            let found = document.required(key, wanted, diagnostics);
            if let Some(found) = found.filter(|found| found.text.as_ref() != wanted) {
                diagnostics.record(wrong(found.place, format!("`{key}` must be `{wanted}`")));
            }
        }
        let metadata = below(&mut document, "metadata", written, diagnostics)?;
        let mut metadata = Fields::of(metadata, code::WAIVER, "the metadata of a waiver", diagnostics)?;
        let id = metadata.required("id", "W-2026-001", diagnostics);
        metadata.finish(diagnostics);
        let spec = below(&mut document, "spec", written, diagnostics)?;
        document.finish(diagnostics);
        let mut spec = Fields::of(spec, code::WAIVER, "the spec of a waiver", diagnostics)?;
        let rule = precise(spec.required("rule", "TC-POD-101", diagnostics), "rule", diagnostics);
        let scope = Scope::of(&mut spec, written, diagnostics);
        let reason = spec.required("reason", "\"what is needed, why, and until when\"", diagnostics);
        if let Some(reason) = &reason
            && reason.text.trim().chars().count() < REASON
        {
            let message = format!("the reason of a waiver must have at least {REASON} characters");
            diagnostics.record(
                wrong(reason.place, message).help("say what is needed, why, and what has to happen before it ends"),
            );
        }
        let compensating_controls = strings(spec.texts("compensatingControls", diagnostics));
        let risk = risk(&mut spec, diagnostics);
        let owner = spec.required("owner", "jane.doe@example.com", diagnostics);
        let approved_by = spec.required("approvedBy", "ciso@example.com", diagnostics);
        if let (Some(owner), Some(approver)) = (&owner, &approved_by)
            && owner.text.trim().eq_ignore_ascii_case(approver.text.trim())
        {
            diagnostics.record(
                wrong(approver.place, "who approves a waiver must be another than its owner".to_owned())
                    .also(owner.place, "the owner")
                    .help("have somebody approve it who does not need it"),
            );
        }
        let ticket = spec.text("ticket", diagnostics);
        let created = day(&mut spec, "created", written, diagnostics);
        let expires = day(&mut spec, "expires", written, diagnostics);
        if let (Some((created, _)), Some((expires, place))) = (created, expires)
            && expires < created
        {
            diagnostics.record(wrong(place, format!("a waiver of {created} must not expire before that day")));
        }
        let frameworks = strings(spec.texts("frameworks", diagnostics));
        spec.finish(diagnostics);
        diagnostics.since(mark).ok()?;
        let (id, rule, (scope, scope_place)) = (id?, rule?, scope?);
        let (expires, expires_place) = expires?;
        Some(Self {
            origin: origin(sources, id.place),
            places: Places { id: id.place, rule: rule.place, scope: scope_place, expires: expires_place },
            id: id.text.to_string(),
            rule: rule.text.to_string(),
            environment: scope.environment.text.to_string(),
            tenant: scope.tenant.map(|text| text.text.to_string()),
            object: scope.object.map(|text| text.text.to_string()),
            path: scope.path.map(|text| text.text.to_string()),
            reason: reason?.text.trim().to_owned(),
            compensating_controls,
            risk,
            owner: owner?.text.trim().to_owned(),
            approved_by: approved_by?.text.trim().to_owned(),
            ticket: ticket.map(|text| text.text.to_string()),
            created: created?.0,
            expires,
            frameworks,
        })
    }
}

/// What a waiver is for.
struct Scope {
    environment: Text,
    tenant: Option<Text>,
    object: Option<Text>,
    path: Option<Text>,
}

impl Scope {
    fn of(spec: &mut Fields<'_>, written: &Written, diagnostics: &mut Diagnostics) -> Option<(Self, Place)> {
        let scope = below(spec, "scope", written, diagnostics)?;
        let mut fields = Fields::of(scope, code::WAIVER, "the scope of a waiver", diagnostics)?;
        let environment = precise(fields.required("env", "prod", diagnostics), "env", diagnostics);
        let narrow = fields.get("tenant").or(fields.get("object"));
        let mut part = |key| precise(fields.text(key, diagnostics), key, diagnostics);
        let (tenant, object, path) = (part("tenant"), part("object"), part("path"));
        fields.finish(diagnostics);
        if narrow.is_none() {
            let message = "the scope of a waiver must name a tenant or an object";
            diagnostics.record(
                wrong(scope.place, message.to_owned()).help("a waiver is for what needs it, not for all that may come"),
            );
        }
        if let Some(path) = path.as_ref().filter(|path| !path.text.is_empty() && !path.text.starts_with('/')) {
            diagnostics.record(
                wrong(path.place, "`path` must be a JSON pointer".to_owned())
                    .help("write `/spec/template/spec/containers/0`"),
            );
        }
        Some((Self { environment: environment?, tenant, object, path }, scope.place))
    }
}

/// A value that must be there.
fn below<'a>(
    fields: &mut Fields<'a>,
    key: &'static str,
    written: &Written,
    diagnostics: &mut Diagnostics,
) -> Option<&'a Written> {
    let found = fields.get(key);
    if found.is_none() {
        diagnostics.record(
            wrong(written.place, format!("a waiver must have `{key}`"))
                .help("`apiVersion`, `kind`, `metadata.id` and `spec` make a waiver"),
        );
    }
    found.map(|member| &member.value)
}

/// A name that means one thing.
fn precise(text: Option<Text>, key: &str, diagnostics: &mut Diagnostics) -> Option<Text> {
    let text = text?;
    if text.text.contains(WILD) || text.text.is_empty() && key != "path" {
        let message = format!("`{key}` of a waiver must name one, without wildcards");
        diagnostics.record(wrong(text.place, message).help("write a waiver for each"));
        return None;
    }
    Some(text)
}

fn day(
    spec: &mut Fields<'_>,
    key: &'static str,
    written: &Written,
    diagnostics: &mut Diagnostics,
) -> Option<(Date, Place)> {
    if spec.get(key).is_none() {
        diagnostics.record(
            wrong(written.place, format!("a waiver must have `{key}`")).help(format!("write `{key}: \"2027-01-31\"`")),
        );
    }
    spec.date(key, diagnostics)
}

fn risk(spec: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Option<Risk> {
    let member = spec.get("risk")?;
    let mut fields = Fields::of(&member.value, code::WAIVER, "the risk of a waiver", diagnostics)?;
    let mut level = |key| {
        let text = fields.required(key, "low", diagnostics)?;
        if !LEVELS.contains(&text.text.as_ref()) {
            diagnostics.record(wrong(text.place, format!("`{key}` must be one of {}", LEVELS.join(", "))));
        }
        Some(text.text.to_string())
    };
    let (likelihood, impact) = (level("likelihood"), level("impact"));
    let accepted = fields.get("accepted");
    if !matches!(accepted.map(|member| &member.value.content), Some(Content::Bool(true))) {
        let place = accepted.map_or(member.value.place, |member| member.value.place);
        diagnostics
            .record(wrong(place, "the risk of a waiver must be accepted".to_owned()).help("write `accepted: true`"));
    }
    fields.finish(diagnostics);
    Some(Risk { likelihood: likelihood?, impact: impact? })
}

fn strings(texts: Vec<Text>) -> Vec<String> {
    texts.into_iter().map(|text| text.text.to_string()).collect()
}

fn wrong(place: Place, message: String) -> Diagnostic {
    Diagnostic::new(code::WAIVER, message).at(place, "")
}

/// A place, for reports.
fn origin(sources: &Sources, place: Place) -> Origin {
    let source = sources.get(place.file);
    let LineColumn { line, column } = source.line_column(place.start);
    Origin {
        file: source.name().to_string(),
        line: line as u64,
        col: column as u64,
        layer: None,
        config_path: None,
        overridden: false,
    }
}
