//! A line of rendered output: which target and object it belongs to.

use std::path::{Component, Path as File};

use anyhow::{Context, bail};

use super::{Args, Compiled};
use crate::check::Form;
use crate::cli::Global;
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::explain::spot;
use crate::file;
use crate::manifest::Manifest;
use crate::output::ARTIFACTS;
use crate::yaml::{self, Limits, Written};

/// Whether an argument is `FILE:LINE`.
pub(super) fn is_place(text: &str) -> bool {
    split(text).is_some()
}

fn split(text: &str) -> Option<(&str, usize)> {
    let (file, line) = text.rsplit_once(':')?;
    // `FILE:LINE:COLUMN`, as other programs print it.
    if let Some((before, number)) = file.rsplit_once(':')
        && line.parse::<usize>().is_ok()
        && let Ok(number) = number.parse()
    {
        return Some((before, number));
    }
    Some((file, line.parse().ok()?)).filter(|(file, _)| !file.is_empty())
}

/// Explains a line of a file that `render -o` wrote: `DIR/<environment>[+override]/<tenant>/manifest.yaml`.
pub(super) fn explain(global: &Global, place: &str, args: &Args) -> anyhow::Result<u8> {
    let Some((file, line)) = split(place) else { bail!("{place} is no FILE:LINE") };
    let parts: Vec<&str> = File::new(file)
        .components()
        .filter_map(|part| if let Component::Normal(name) = part { name.to_str() } else { None })
        .collect();
    if parts.contains(&ARTIFACTS) && parts.last() != Some(&"manifest.yaml") {
        bail!("{file} is no manifest; `tenantctl list templates` shows the templates of such files");
    }
    let [.., directory, tenant, _] = parts.as_slice() else {
        bail!("{file} is not in an output directory; its name ends with <environment>/<tenant>/manifest.yaml there");
    };
    let mut names = directory.split('+');
    let environment = names.next().unwrap_or_default();
    let mut args = Args { what: Vec::new(), top: args.top.clone(), format: args.format };
    args.top.overrides = names.map(str::to_owned).collect();
    let session = Session::open(global)?;
    session.with_workspace(|workspace, diagnostics| {
        let id = file::load_argument(workspace.world(), workspace.sources(), file, diagnostics)?;
        let source = workspace.sources().get(id);
        let mut found = diagnostics.untargeted();
        let documents = yaml::read_stream(id, source.text(), &Limits::RENDERED, &mut found);
        let items = found.items().iter().cloned();
        let said: Vec<_> =
            if source.is_covered() { items.map(Diagnostic::unquoted).collect() } else { items.collect() };
        diagnostics.replay(&said);
        let documents = documents?;
        let subject = args.subject(workspace, environment, tenant, diagnostics)?;
        let lines = source.text().lines().count();
        let nothing = |message: String| Diagnostic::new(code::UNKNOWN_PATH, message);
        if line == 0 || line > lines {
            let message = format!("{file} has no line {line}");
            return Err(diagnostics.fail(nothing(message).note(format!("it has lines 1 to {lines}"))));
        }
        let found = spot(&documents, &source, line).and_then(|spot| Some((documents.get(spot.document)?, spot)));
        let Some((document, spot)) = found else {
            let text = source.line(line).unwrap_or_default().trim();
            // A Secret may be there, which no key tells of.
            let message = match text {
                "" | "---" | "..." => format!("line {line} of {file} holds no field: it is `{text}`"),
                _ => format!("line {line} of {file} holds no field"),
            };
            return Err(diagnostics.fail(nothing(message).help("name a line with a key or a value")));
        };
        let name = object(document).map_err(|missing| diagnostics.fail(*missing))?;
        let compiled = subject.compiled(diagnostics)?;
        outdated(&compiled, file, source.text(), diagnostics)?;
        let text = args.field(&compiled, &name, &spot.path, diagnostics)?;
        Ok(print(&text).context("cannot write to standard output"))
    })
}

/// The object that a document is, as `Kind/name`.
fn object(document: &Written) -> Result<String, Box<Diagnostic>> {
    let manifest = Manifest::new(document.to_node(), &"the file".into())?;
    Ok(format!("{}/{}", manifest.identity().kind(), manifest.identity().name()))
}

/// Warns if the file is not what is rendered now.
fn outdated(compiled: &Compiled<'_>, file: &str, text: &str, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
    let Compiled { subject, templates, .. } = compiled;
    let approved = subject.compiler.approved(templates, &subject.target, diagnostics)?;
    if approved.text(Form::Yaml) != text {
        diagnostics.record(
            Diagnostic::new(code::EDITED, format!("{file} is not what {} renders to now", subject.target))
                .note("it was edited, or the workspace has changed since; the explanation is of what is rendered now")
                .help("render again with -o to bring it up to date"),
        );
    }
    Ok(())
}
