//! Renderings that are not manifests: what an expression gives, and what is said of text that is no YAML.

use std::borrow::Cow;
use std::ops::Range;

use minijinja::{Environment, Error, Value};

use super::hole::{self, Holes, Part};
use super::mark::{Marked, Unmarked};
use super::{shown, view};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::source::{FileId, Place, Sources};
use crate::tree::{Node, Value as Data};

/// Why an expression has no value, and which bytes of its text are to blame.
pub(crate) struct Unevaluated {
    /// What the engine says.
    pub error: Error,
    /// Where, in the text.
    pub range: Option<Range<usize>>,
}

impl From<Error> for Unevaluated {
    fn from(error: Error) -> Self {
        Self { error, range: None }
    }
}

/// Evaluates a text with `{{ }}` in it; the value has the place of the text. A text that is one whole expression keeps the type of its value.
pub(crate) fn render_text(
    engine: &Environment<'static>,
    text: &str,
    context: Value,
    place: Place,
) -> Result<Node, Unevaluated> {
    let marked = Marked::without_marks(text)?;
    let located = |error: Error| {
        let range = error.range().map(|range| marked.range(range, text));
        Unevaluated { error, range }
    };
    let template = engine.template_from_str(&marked.source).map_err(located)?;
    let mut captured = template.render_captured(context).map_err(located)?;
    let holes = captured.with_state_mut(|state| std::mem::take(Holes::of(state)));
    let rendered = captured.into_output();
    let mut parts = hole::parts(&rendered);
    Ok(match (parts.next(), parts.next()) {
        (Some(Part::Hole(index)), None) if holes.get(index).is_some() => {
            let value = holes.get(index).map_or(&Value::UNDEFINED, |hole| &hole.value);
            view::node_of(value, &holes, place)?
        }
        _ => Node::new(Data::String(holes.expand(&rendered)?.into()), place),
    })
}

/// Says at which line of the template, and at which line of the rendered text, the YAML is wrong.
pub(super) fn explain(
    found: &Diagnostics,
    unmarked: &Unmarked,
    template: FileId,
    holes: &Holes,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let name = format!("{} (rendered)", sources.get(template).name());
    let text = shown(unmarked, holes);
    let rendered = sources.add(&name, &text);
    // The shown text is longer where a value stands for its marker; lines are the same unless a value has several.
    let shift = |offset: u32| {
        let before = unmarked.text.get(..offset as usize).unwrap_or_default();
        holes.expand(before).map_or(offset as usize, |text| text.len())
    };
    for item in found.items() {
        let code = if item.code == code::SYNTAX { code::RENDERED_SYNTAX } else { item.code };
        let said = |text: &String| holes.expand(text).map_or_else(|_| text.clone(), Cow::into_owned);
        let mut diagnostic = Diagnostic::new(code, said(&item.message));
        if let Some(label) = &item.primary {
            diagnostic = diagnostic.at(unmarked.origin(label.place, template), label.text.clone());
            let start = shift(label.place.start);
            let end = shift(label.place.end).max(start);
            diagnostic = diagnostic.also(Place::new(rendered, start, end), "in the rendered text");
        }
        for label in &item.related {
            diagnostic = diagnostic.also(unmarked.origin(label.place, template), label.text.clone());
        }
        diagnostic.help = item.help.iter().map(said).collect();
        diagnostic.notes = item.notes.iter().map(said).collect();
        diagnostics.record(diagnostic);
    }
}
