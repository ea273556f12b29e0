//! Where a part of an expression stands in the file that it is written in.

use crate::source::Place;

/// The place of what stands at a line and a column (from 1) of `text`, which is written at `place` of `source`: plain, in
/// quotes or as a block. YAML folds lines and indents blocks but keeps every other character, so that characters are
/// counted without spaces.
pub(super) fn place(source: &str, place: Place, text: &str, at: (usize, usize)) -> Place {
    let (line, column) = at;
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = &text[before..];
    let offset = before + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(index, _)| index);
    let ahead = text[..offset].chars().filter(|c| !c.is_whitespace()).count();
    let written = source.get(place.start as usize..place.end as usize).unwrap_or_default();
    let (start, quote) = match written.chars().next() {
        Some(quote @ ('"' | '\'')) => (1, Some(quote)),
        Some('|' | '>') => (written.find('\n').map_or(written.len(), |end| end + 1), None),
        _ => (0, None),
    };
    let mut seen = 0;
    let mut characters = written[start..].char_indices();
    while let Some((index, c)) = characters.next() {
        if c.is_whitespace() {
            continue;
        }
        if seen == ahead {
            let from = place.start as usize + start + index;
            return Place::new(place.file, from, from + c.len_utf8());
        }
        seen += 1;
        // What stands for one character.
        let escape = if quote == Some('"') { '\\' } else { '\'' };
        if quote.is_some() && c == escape {
            characters.next();
        }
    }
    Place::new(place.file, (place.end as usize).saturating_sub(1).max(place.start as usize), place.end as usize)
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;
    use crate::yaml::{Limits, read_document};

    #[test]
    fn a_place_in_an_expression_is_one_in_its_file() {
        for text in [
            "x: object.a == wrong",
            "x: \"object.a == \\\"\\\" || wrong\"",
            "x: 'object.a == '''' || wrong'",
            "x: |\n  object.a\n    == wrong && true\n",
            "x: >-\n  object.a ==\n  wrong\n  && true\n",
            "x: object.a\n  == wrong",
        ] {
            let sources = Sources::default();
            let file = sources.add("x.yml", text);
            let document = read_document(file, text, &Limits::default(), &mut Diagnostics::new()).unwrap();
            let value = document.at(&["x"]).unwrap();
            let expression = value.as_str().unwrap();
            let offset = expression.find("wrong").unwrap();
            let line = expression[..offset].matches('\n').count() + 1;
            let column = expression[..offset].rsplit('\n').next().unwrap().chars().count() + 1;
            let place = super::place(text, value.place, expression, (line, column));
            assert_eq!(place.start as usize, text.find("wrong").unwrap(), "{text}");
        }
    }
}
