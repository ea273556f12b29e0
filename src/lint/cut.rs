//! Takes keys out of the text of a file and leaves every other line as it is.
//!
//! In go a text, what it says, and paths; out comes the text without them. With a key go its value, the comment on its
//! line, the comments directly above it in its column, and those below it that are indented further. A comment at the
//! top of a file is the file's own and stays. Where two empty lines would meet, one run of them goes. What comes out is
//! read again: a key whose removal would change anything else stays.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::layers::Document;
use crate::path::{Path, Step};
use crate::yaml::{Content, Limits, Members, Written, read_document};

/// A text and what was taken out of it.
#[derive(Debug)]
pub(super) struct Cut {
    /// The text.
    pub(super) text: String,
    /// The paths that are gone, in order.
    pub(super) gone: Vec<Path>,
}

/// Takes paths out of a layer's text; those that can be.
pub(super) fn cut(document: &Document, text: &str, paths: &[Path]) -> Option<Cut> {
    let attempt = |paths: &[&Path]| {
        let new = without(document, text, paths)?;
        says(document, &new, paths).then_some(new)
    };
    let all: Vec<&Path> = paths.iter().collect();
    if let Some(text) = attempt(&all) {
        return Some(Cut { text, gone: paths.to_vec() });
    }
    // One of them cannot go: an anchor that others repeat, or a form that is not known here.
    let (mut gone, mut last) = (Vec::new(), None);
    for path in paths {
        gone.push(path);
        match attempt(&gone) {
            Some(text) => last = Some(text),
            None => drop(gone.pop()),
        }
    }
    last.map(|text| Cut { text, gone: gone.into_iter().cloned().collect() })
}

/// Whether a text says what the document says, but for these paths.
fn says(document: &Document, text: &str, paths: &[&Path]) -> bool {
    let mut found = Diagnostics::new();
    let Ok(written) = read_document(document.file, text, &Limits::default(), &mut found) else { return false };
    let Ok(new) = Document::new(document.file, Arc::clone(&document.name), written, &mut found) else { return false };
    let mut expected = document.root.clone();
    for path in paths {
        take(&mut expected, path.steps());
    }
    let names = |document: &Document| document.extends.iter().map(|(name, _)| Arc::clone(name)).collect::<Vec<_>>();
    let about = |document: &Document| document.about.as_ref().map(|about| about.expires.map(|(date, _)| date));
    new.root.says_same(&expected)
        && new.root.tag() == expected.tag()
        && names(&new) == names(document)
        && about(&new) == about(document)
}

fn take(written: &mut Written, steps: &[Step]) {
    let (Some((Step::Key(key), below)), Content::Map(members)) = (steps.split_first(), &mut written.content) else {
        return;
    };
    if below.is_empty() {
        members.shift_remove(key);
    } else if let Some(member) = members.get_mut(key) {
        take(&mut member.value, below);
    }
}

/// The text without the paths; `None` if one of them is in a form that is not known here.
fn without(document: &Document, text: &str, paths: &[&Path]) -> Option<String> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut parents: Vec<(&[Step], Vec<&Arc<str>>)> = Vec::new();
    for path in paths {
        let (Step::Key(key), above) = path.steps().split_last()? else { return None };
        match parents.iter_mut().find(|(known, _)| *known == above) {
            Some((_, keys)) => keys.push(key),
            None => parents.push((above, vec![key])),
        }
    }
    for (above, keys) in parents {
        let parent = document.root.at(&Path::from_steps(above.to_vec()).keys())?;
        let members = parent.members()?;
        if text.get(parent.place.start as usize..)?.starts_with('{') {
            ranges.extend(in_braces(text, parent, members, &keys)?);
        } else {
            for key in keys {
                let member = members.get(key)?;
                ranges.push(lines(text, member.key.start as usize, member.key.end as usize, &member.value)?);
            }
        }
    }
    Some(apply(text, ranges))
}

/// The lines of a member of a mapping without braces, with the comments that are its own.
fn lines(text: &str, key: usize, key_end: usize, value: &Written) -> Option<Range<usize>> {
    let begin = line_start(text, key);
    let indent = text.get(begin..key)?;
    if !indent.trim_start_matches('\u{feff}').bytes().all(|byte| byte == b' ') {
        return None;
    }
    let place = value.place;
    // An alias has the place of what it repeats, which is above; what is omitted has that of the key.
    let value_end = if (place.start as usize) < key_end { key_end } else { place.end as usize };
    let last = line_end(text, value_end.checked_sub(1)?);
    let rest = text.get(value_end..last)?.trim_start_matches(':').trim();
    let alias = (place.start as usize) < key_end && rest.starts_with(['*', '&', '!']);
    if !(rest.is_empty() || rest.starts_with('#') || alias) {
        return None;
    }
    let mut end = last;
    for line in text.get(last..)?.split_inclusive('\n') {
        let deeper = line.len() - line.trim_start_matches(' ').len() > indent.len();
        if !(deeper && line.trim_start().starts_with('#')) {
            break;
        }
        end += line.len();
    }
    Some(comments_above(text, begin, indent.len())..end)
}

/// Where the comments begin that stand directly above a line in its column.
fn comments_above(text: &str, begin: usize, indent: usize) -> usize {
    let mut first = begin;
    while first > 0 {
        let above = line_start(text, first - 1);
        let line = text.get(above..first).unwrap_or_default();
        let spaces = line.len() - line.trim_start_matches(' ').len();
        if spaces != indent || !line.trim_start().starts_with('#') {
            return first;
        }
        first = above;
    }
    // From the first line on, it is about the file.
    begin
}

/// Members of a mapping in braces, with the commas between them.
fn in_braces(text: &str, parent: &Written, members: &Members, keys: &[&Arc<str>]) -> Option<Vec<Range<usize>>> {
    let mut all: Vec<(Range<usize>, bool)> = Vec::new();
    for (name, member) in members {
        let (start, end) = (member.key.start as usize, member.value.place.end as usize);
        // What an alias or `<<` brought in stands elsewhere.
        if start < parent.place.start as usize || end <= member.key.end as usize {
            return None;
        }
        all.push((start..end, keys.contains(&name)));
    }
    let between = |from: usize, to: usize| {
        text.get(from..to).is_some_and(|gap| gap.chars().all(|c| c.is_whitespace() || c == ','))
    };
    let mut ranges = Vec::new();
    let mut index = 0;
    while index < all.len() {
        let run = all.get(index..)?.iter().take_while(|(_, goes)| *goes).count();
        if run == 0 {
            index += 1;
            continue;
        }
        let (first, last) = (all.get(index)?.0.clone(), all.get(index + run - 1)?.0.clone());
        let before = index.checked_sub(1).and_then(|before| all.get(before)).map(|(range, _)| range.end);
        let range = match (all.get(index + run), before) {
            (Some((next, _)), _) if between(last.end, next.start) => first.start..next.start,
            (None, Some(before)) if between(before, first.start) => before..last.end,
            (None, None) => first.start..last.end,
            _ => return None,
        };
        ranges.push(range);
        index += run;
    }
    Some(ranges)
}

/// The text without ranges. Where one leaves empty lines on both sides, those behind it go as well.
fn apply(text: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    let mut new = String::with_capacity(text.len());
    let mut done = 0;
    for range in joined {
        new.push_str(text.get(done..range.start).unwrap_or_default());
        done = range.end.max(done);
        let whole_lines = new.is_empty() || new.ends_with('\n');
        let at_line = done == text.len() || text.get(..done).is_some_and(|before| before.ends_with('\n'));
        if !whole_lines || !at_line {
            continue;
        }
        let empty_above =
            new.is_empty() || is_empty_line(new.get(line_start(&new, new.len() - 1)..).unwrap_or_default());
        if empty_above {
            for line in text.get(done..).unwrap_or_default().split_inclusive('\n') {
                if !is_empty_line(line) {
                    break;
                }
                done += line.len();
            }
        }
        if done == text.len() {
            // The file ends with what stood above, without the empty lines between.
            while is_empty_line(new.get(line_start(&new, new.len().saturating_sub(1))..).unwrap_or_default())
                && !new.is_empty()
            {
                new.truncate(line_start(&new, new.len() - 1));
            }
        }
    }
    new.push_str(text.get(done..).unwrap_or_default());
    new
}

fn is_empty_line(line: &str) -> bool {
    line.trim().is_empty()
}

/// Where the line begins that a byte is on.
fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// Where the line after that of a byte begins.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |end| at + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn document(text: &str) -> Document {
        let (sources, mut found) = (Sources::default(), Diagnostics::new());
        let file = sources.add("f.yml", text);
        let written = read_document(file, text, &Limits::default(), &mut found).unwrap();
        Document::new(file, "f.yml".into(), written, &mut found).unwrap()
    }

    #[track_caller]
    fn check(text: &str, paths: &[&str], expected: &str) {
        let paths: Vec<Path> = paths.iter().map(|path| Path::parse(path).unwrap()).collect();
        let cut = cut(&document(text), text, &paths).map(|cut| cut.text);
        assert_eq!(cut.as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn a_key_goes_with_its_value_and_its_comments() {
        check("a: 1\nb: 2 # two\nc: 3\n", &["b"], "a: 1\nc: 3\n");
        check("a: 1\n# about b\n# and more\nb: 2\nc: 3\n", &["b"], "a: 1\nc: 3\n");
        check("a: 1\n# about all\n\nb: 2\nc: 3\n", &["b"], "a: 1\n# about all\n\nc: 3\n");
        check(
            "a:\n  # deeper\n  x: 1\n  w: |\n    text\n\n    more\n  # last\nb: 2",
            &["a.x"],
            "a:\n  w: |\n    text\n\n    more\n  # last\nb: 2",
        );
        check("a:\n  x: 1\n  w: |\n    text\n\n    more\n  # last\nb: 2", &["a"], "b: 2");
        check("a: 1\nb:\n  - x\n  - z\nc: 3\n", &["b"], "a: 1\nc: 3\n");
        check("a: 1\r\nb: 2\r\nc: 3\r\n", &["b"], "a: 1\r\nc: 3\r\n");
        check("\u{feff}a: 1\nb: 2\n", &["b"], "\u{feff}a: 1\n");
        check("a: !replace [1]\nb: >-\n  folded\n  text\n", &["a"], "b: >-\n  folded\n  text\n");
        check("'a b': 1\n\"c\": 2\n", &["\"a b\""], "\"c\": 2\n");
        check("a:\nb: 2\n", &["a"], "b: 2\n");
    }

    #[test]
    fn the_comment_at_the_top_is_the_file_s_own() {
        check("# This file\n# is about sizes.\na: 1\nb: 2\n", &["a"], "# This file\n# is about sizes.\nb: 2\n");
        check("# This file\na: 1\n", &["a"], "# This file\n");
        check("---\n# about a\na: 1\nb: 2\n", &["a"], "---\nb: 2\n");
    }

    #[test]
    fn empty_lines_do_not_pile_up() {
        check("a: 1\n\nb: 2\n\nc: 3\n", &["b"], "a: 1\n\nc: 3\n");
        check("a: 1\n\nb: 2\n", &["b"], "a: 1\n");
        check("a: 1\n\nb: 2\nc: 3\n", &["a"], "b: 2\nc: 3\n");
        check("a: 1\n\nb: 2\nc: 3\n\nd: 4\n", &["b", "c"], "a: 1\n\nd: 4\n");
        check("a: 1\n\nb: 2\nc: 3\n", &["b"], "a: 1\n\nc: 3\n");
    }

    #[test]
    fn members_in_braces_go_with_their_comma() {
        check("a: {x: 1, w: 2, z: 3}\n", &["a.x"], "a: {w: 2, z: 3}\n");
        check("a: {x: 1, w: 2, z: 3}\n", &["a.w"], "a: {x: 1, z: 3}\n");
        check("a: {x: 1, w: 2, z: {v: [1]}} # c\n", &["a.z"], "a: {x: 1, w: 2} # c\n");
        check("a: {x: 1, w: 2, z: 3}\n", &["a.x", "a.z"], "a: {w: 2}\n");
        check("a: {x: 1, w: 2, z: 3}\n", &["a.w", "a.z"], "a: {x: 1}\n");
        check("{a: 1, b: 2}\n", &["a", "b"], "{}\n");
        check("a: {\n  x: 1,\n  w: 2,\n  }\n", &["a.x"], "a: {\n  w: 2,\n  }\n");
        check("a: {\"x\": 'q', w: !at_least 2}\n", &["a.x"], "a: {w: !at_least 2}\n");
    }

    #[test]
    fn what_others_repeat_stays() {
        check("a: &x 1\nb: 2\nc: *x\n", &["a", "b"], "a: &x 1\nc: *x\n");
        check("a: &x {v: 1}\nb:\n  <<: *x\n  w: 2\n", &["b.w"], "a: &x {v: 1}\nb:\n  <<: *x\n");
        check("a: &x 1\nb: *x\nc: 3\n", &["b"], "a: &x 1\nc: 3\n");
        let text = "a: &x {v: 1}\nb: {<<: *x, w: 2}\n";
        assert!(cut(&document(text), text, &[Path::parse("b.v").unwrap()]).is_none());
    }
}
