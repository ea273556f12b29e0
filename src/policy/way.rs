//! Ways below a subject that lead to many places: `spec.rules[*].http.paths[*]`.

use std::fmt;
use std::sync::Arc;

use crate::path::{Path, Step};
use crate::tree::{Node, Value};

/// A path with stars and alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    parts: Vec<Part>,
    text: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// One of these keys: `{containers,initContainers}`.
    Keys(Vec<Arc<str>>),
    /// `[*]`: every item of a list.
    Items,
    /// `*`: every key of a mapping.
    Entries,
}

/// Something on the way is not what it has to be: a list, or a mapping.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crooked {
    pub(crate) path: Path,
    pub(crate) wanted: &'static str,
}

impl Way {
    /// Reads keys between dots; `[*]` after one is every item of a list, `*` every key of a mapping, `{a,b}` either key.
    /// A key with a dot in it stands in double quotes.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        let mut rest = text;
        loop {
            let (part, after) = if let Some(quoted) = rest.strip_prefix('"') {
                let (key, after) = quoted.split_once('"').ok_or("a quote is not closed")?;
                (Part::Keys(vec![key.into()]), after)
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (Self::word(word)?, after)
            };
            parts.push(part);
            rest = after;
            while let Some(after) = rest.strip_prefix("[*]") {
                parts.push(Part::Items);
                rest = after;
            }
            if rest.is_empty() {
                return Ok(Self { parts, text: text.into() });
            }
            rest = rest.strip_prefix('.').ok_or("after a key comes `.` or `[*]`")?;
        }
    }

    fn word(word: &str) -> Result<Part, &'static str> {
        if word == "*" {
            return Ok(Part::Entries);
        }
        let names = word.strip_prefix('{').and_then(|word| word.strip_suffix('}')).unwrap_or(word);
        let keys: Vec<Arc<str>> = names.split(',').map(|key| key.trim().into()).collect();
        let wrong = |key: &Arc<str>| key.is_empty() || key.contains(['{', '}', '*', '"', ']']);
        if keys.iter().any(wrong) || names == word && keys.len() > 1 {
            return Err("a key is missing or has a sign in it that has to be quoted");
        }
        Ok(Part::Keys(keys))
    }

    /// Every place that ways lead to, one after the other, below `node`, whose own path is `path`; what is missing on
    /// the way or null leads nowhere.
    pub(crate) fn all<'n>(ways: &[Self], node: &'n Node, path: &Path) -> Result<Vec<(Path, &'n Node)>, Crooked> {
        let mut places = Vec::new();
        let mut each = |path: &Path, node| places.push((path.clone(), node));
        ways.iter().try_for_each(|way| go(&way.parts, node, &mut path.clone(), &mut each))?;
        Ok(places)
    }

    /// Whether ways can be gone: every list and mapping on them is one, is null or is missing.
    pub(crate) fn are_straight(ways: &[Self], node: &Node, path: &Path) -> Result<(), Crooked> {
        let mut path = path.clone();
        ways.iter().try_for_each(|way| go(&way.parts, node, &mut path, &mut |_, _| {}))
    }
}

fn go<'n>(
    parts: &[Part],
    node: &'n Node,
    path: &mut Path,
    each: &mut impl FnMut(&Path, &'n Node),
) -> Result<(), Crooked> {
    let Some((part, rest)) = parts.split_first() else {
        each(path, node);
        return Ok(());
    };
    let mut down = |step: Step, below: &'n Node| {
        path.push(step);
        let outcome = go(rest, below, path, each);
        path.pop();
        outcome
    };
    match (part, &node.value) {
        (_, Value::Null) => Ok(()),
        (Part::Keys(keys), Value::Map(map)) => keys.iter().try_for_each(|key| match map.get(key) {
            Some(below) => down(Step::Key(Arc::clone(key)), below),
            None => Ok(()),
        }),
        (Part::Entries, Value::Map(map)) => {
            map.iter().try_for_each(|(key, entry)| down(Step::Key(Arc::clone(key)), &entry.node))
        }
        (Part::Items, Value::List(items)) => {
            items.iter().enumerate().try_for_each(|(index, item)| down(Step::Index(index), item))
        }
        (Part::Items, _) => Err(Crooked { path: path.clone(), wanted: "a list" }),
        _ => Err(Crooked { path: path.clone(), wanted: "a mapping" }),
    }
}

impl Way {
    /// An expression in CEL that holds if `body` holds of every place, as `item`, that the way leads to from `base`.
    pub(super) fn script(&self, base: &str, body: &str) -> String {
        script(&self.parts, base, body, 0)
    }
}

/// `depth` tells the names of loops within loops apart.
fn script(parts: &[Part], base: &str, body: &str, depth: usize) -> String {
    let split = parts.iter().position(|part| *part == Part::Items || *part == Part::Entries);
    let (keys, rest) = parts.split_at(split.unwrap_or(parts.len()));
    let mut alternatives = vec![base.to_owned()];
    for part in keys {
        let Part::Keys(names) = part else { continue };
        let further = |base: &String| names.iter().map(|name| format!("{base}[?'{name}']")).collect::<Vec<_>>();
        alternatives = alternatives.iter().flat_map(further).collect();
    }
    let each = |place: &String| match rest.split_first() {
        None => format!("[?{place}].all(item, {body})"),
        Some((Part::Entries, [])) => {
            let keys = format!("own_key{depth}");
            let map = format!("own_map{depth}");
            format!("[?{place}].all({map}, {map}.all({keys}, [{map}[{keys}]].all(item, {body})))")
        }
        Some((Part::Items, [])) => format!("{place}.orValue([]).all(item, {body})"),
        Some((Part::Items, rest)) => {
            let name = format!("own_item{depth}");
            format!("{place}.orValue([]).all({name}, {})", script(rest, &name, body, depth + 1))
        }
        Some((_, rest)) => {
            let (keys, map, name) = (format!("own_key{depth}"), format!("own_map{depth}"), format!("own_item{depth}"));
            let inner = script(rest, &name, body, depth + 1);
            format!("[?{place}].all({map}, {map}.all({keys}, [{map}[{keys}]].all({name}, {inner})))")
        }
    };
    alternatives.iter().map(each).collect::<Vec<_>>().join(" && ")
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;
    use crate::yaml::{Limits, read_document};

    fn places(way: &str, text: &str) -> Result<Vec<String>, String> {
        let sources = Sources::default();
        let file = sources.add("x.yml", text);
        let node = read_document(file, text, &Limits::default(), &mut Diagnostics::new()).unwrap().to_node();
        let ways = [Way::parse(way).map_err(str::to_owned)?];
        let places = Way::all(&ways, &node, &Path::root());
        let shown = |found: Vec<(Path, &Node)>| found.iter().map(|(path, _)| path.to_string()).collect();
        places.map(shown).map_err(|crooked| format!("{} {}", crooked.path, crooked.wanted))
    }

    #[test]
    fn a_way_leads_to_every_place() {
        let text = "{a: [{b: 1}, {b: 2}], c: [{b: 3}], nil: null, m: {x.y: {z: 1}, w: {z: 2}}}";
        assert_eq!(places("a[*].b", text).unwrap(), ["a[0].b", "a[1].b"]);
        assert_eq!(places("{c,a,d}[*].b", text).unwrap(), ["c[0].b", "a[0].b", "a[1].b"]);
        assert_eq!(places("m.*.z", text).unwrap(), ["m.\"x.y\".z", "m.w.z"]);
        assert_eq!(places("m.\"x.y\".z", text).unwrap(), ["m.\"x.y\".z"]);
        assert_eq!(places("nil[*]", text).unwrap(), Vec::<String>::new());
        assert_eq!(places("m[*]", text), Err("m a list".to_owned()));
        assert_eq!(places("a.b", text), Err("a a mapping".to_owned()));
    }

    #[test]
    fn what_is_no_way_is_refused() {
        for text in ["", ".", "a.", "a[0]", "a[*]b", "{a,}", "a,b", "\"a", "a**"] {
            assert!(Way::parse(text).is_err(), "{text}");
        }
    }
}
