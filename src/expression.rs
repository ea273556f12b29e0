//! Expressions in values: `"{{ database.host }}:{{ port }}"` over the merged configuration.
//!
//! In goes a merged tree with live strings, out comes one without. Each is evaluated when it is first needed, in any
//! order; a circle is an error that shows the chain. An expression that names its own path means the value it
//! beats, so `node_count: "{{ node_count | default(6) }}"` has a default and can still be set below.

mod lazy;

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use minijinja::{Environment, Error, ErrorKind, Value};

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::path::{Path, Step};
use crate::source::{Place, Sources};
use crate::template::failure::{self, Codes};
use crate::template::{Unevaluated, engine, render_text};
use crate::tree::{Map, Node, Value as Data};

/// Longest chain of expressions that need each other.
const DEEPEST: usize = 64;
/// Most bytes of text an expression may give, as of any text in a layer.
const LONGEST: usize = 1 << 20;
/// Most values all expressions of a target may give, lists and mappings counted with what they hold. Each may use
/// another one twice.
const MOST_VALUES: usize = 1 << 20;

const CODES: Codes = Codes {
    syntax: code::EXPRESSION,
    undefined: code::EXPRESSION_UNDEFINED,
    failed: code::EXPRESSION,
    what: "expression",
};

/// The engine that evaluates expressions.
#[derive(Clone)]
pub struct Expressions {
    engine: Arc<Environment<'static>>,
}

impl Default for Expressions {
    fn default() -> Self {
        Self { engine: Arc::new(engine()) }
    }
}

impl std::fmt::Debug for Expressions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Expressions")
    }
}

impl Expressions {
    /// Evaluates every expression of a tree. `target` is what expressions know by that name.
    pub(crate) fn resolve(
        &self,
        root: &Node,
        target: Value,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Node, Failed> {
        if !has_live(root) {
            return Ok(root.clone());
        }
        let evaluation = self.evaluation(root, target);
        let resolved = evaluation.resolved(root, &mut Path::root());
        let mark = diagnostics.mark();
        for problem in evaluation.state().problems.drain(..) {
            diagnostics.record(problem.diagnostic(root, sources));
        }
        diagnostics.since(mark)?;
        Ok(resolved)
    }
}

impl Expressions {
    /// The paths that the expression at `path` of a merged tree reads itself, in order.
    pub(crate) fn reads(&self, root: &Node, target: Value, path: &Path) -> Vec<Path> {
        let evaluation = self.evaluation(root, target);
        if let Some(node) = root.get(path).filter(|node| node.live) {
            // What is wrong with it was said when it was evaluated first.
            let _ = evaluation.evaluate(path, node, 0);
        }
        std::mem::take(&mut evaluation.state().reads)
    }

    fn evaluation(&self, root: &Node, target: Value) -> Arc<Evaluation> {
        let engine = Arc::clone(&self.engine);
        Arc::new(Evaluation { engine, root: root.clone(), target, state: Mutex::default() })
    }
}

fn has_live(node: &Node) -> bool {
    node.live
        || match &node.value {
            Data::List(items) => items.iter().any(has_live),
            Data::Map(map) => map.iter().any(|(_, entry)| has_live(&entry.node)),
            _ => false,
        }
}

/// One tree whose expressions are being evaluated.
struct Evaluation {
    engine: Arc<Environment<'static>>,
    root: Node,
    target: Value,
    state: Mutex<State>,
}

/// An expression: its path, and how many values beaten by each other lie above it there.
type Key = (Path, usize);

#[derive(Default)]
struct State {
    /// Being evaluated, outermost first.
    stack: Vec<(Key, Place)>,
    /// Evaluated; `None` where it failed, which was recorded.
    done: IndexMap<Key, Option<Node>>,
    problems: Vec<Problem>,
    /// What the outermost expression has read.
    reads: Vec<Path>,
    /// Values given so far.
    values: usize,
}

/// What went wrong.
enum Problem {
    Failed { why: Unevaluated, text: Arc<str>, path: Path, place: Place },
    TooLarge(Path, Place),
    Cycle(Vec<(Path, Place)>),
    TooDeep(Path, Place),
}

/// The cause of errors that were already recorded where they arose.
#[derive(Debug)]
struct Recorded;

impl std::fmt::Display for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an expression it needs has failed")
    }
}

impl std::error::Error for Recorded {}

fn recorded() -> Error {
    Error::new(ErrorKind::InvalidOperation, "an expression it needs has failed").with_source(Recorded)
}

impl Evaluation {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of a subtree without live strings; copies only the paths to them.
    fn resolved(self: &Arc<Self>, node: &Node, path: &mut Path) -> Node {
        if node.live {
            // A failure was recorded; what stands here then does not matter.
            return self.evaluate(path, node, 0).unwrap_or_else(|_| node.clone());
        }
        if !has_live(node) {
            return node.clone();
        }
        let value = match &node.value {
            Data::List(items) => {
                let items = items.iter().enumerate().map(|(index, item)| {
                    path.push(Step::Index(index));
                    let item = self.resolved(item, path);
                    path.pop();
                    item
                });
                Data::List(Arc::new(items.collect()))
            }
            Data::Map(map) => {
                let mut copy = Map::clone(map);
                for (key, entry) in map.iter() {
                    if has_live(&entry.node) {
                        path.push(Step::Key(Arc::clone(key)));
                        let node = self.resolved(&entry.node, path);
                        path.pop();
                        if let Some(entry) = copy.entry_mut(key) {
                            entry.node = node;
                        }
                    }
                }
                Data::Map(Arc::new(copy))
            }
            other => other.clone(),
        };
        Node { value, place: node.place, live: false, under: node.under.clone() }
    }

    /// The value of the live string `node` at `path`.
    fn evaluate(self: &Arc<Self>, path: &Path, node: &Node, depth: usize) -> Result<Node, Error> {
        let key = (path.clone(), depth);
        {
            let mut state = self.state();
            if let Some(done) = state.done.get(&key) {
                return done.clone().ok_or_else(recorded);
            }
            if let Some(first) = state.stack.iter().position(|(active, _)| *active == key) {
                let chain = state.stack[first..].iter().map(|((path, _), place)| (path.clone(), *place)).collect();
                state.problems.push(Problem::Cycle(chain));
                return Err(recorded());
            }
            if state.stack.len() >= DEEPEST {
                state.problems.push(Problem::TooDeep(path.clone(), node.place));
                return Err(recorded());
            }
            state.stack.push((key.clone(), node.place));
        }
        let text: Arc<str> = node.value.as_str().unwrap_or_default().into();
        let rendered = render_text(&self.engine, &text, lazy::root(self), node.place);
        let mut state = self.state();
        state.stack.pop();
        match rendered {
            Ok(Node { value, .. }) => {
                state.values += values(&value, MOST_VALUES);
                let long = value.as_str().is_some_and(|text| text.len() > LONGEST);
                if long || state.values > MOST_VALUES {
                    state.problems.push(Problem::TooLarge(path.clone(), node.place));
                    state.done.insert(key, None);
                    return Err(recorded());
                }
                let node = Node { value, place: node.place, live: false, under: node.under.clone() };
                state.done.insert(key, Some(node.clone()));
                Ok(node)
            }
            Err(why) => {
                if failure::cause::<Recorded>(&why.error).is_none() {
                    state.problems.push(Problem::Failed { why, text, path: path.clone(), place: node.place });
                }
                state.done.insert(key, None);
                Err(recorded())
            }
        }
    }

    /// The value that an expression sees at `path`, where the tree has `node`. `None` where there is none.
    fn seen(self: &Arc<Self>, path: &Path, node: &Node) -> Option<Value> {
        {
            let mut state = self.state();
            if state.stack.len() == 1 {
                state.reads.push(path.clone());
            }
        }
        if !node.live {
            return Some(lazy::value(self, path, node));
        }
        // The expression being evaluated names itself: it means what it beats.
        let own = self.state().stack.last().filter(|((active, _), _)| active == path).map(|((_, depth), _)| *depth);
        let (node, depth) = match own {
            None => (node, 0),
            Some(depth) => (node.beaten().nth(depth)?, depth + 1),
        };
        if !node.live {
            return Some(lazy::value(self, path, node));
        }
        Some(match self.evaluate(path, node, depth) {
            Ok(node) => lazy::value(self, path, &node),
            Err(error) => Value::from(error),
        })
    }
}

impl Problem {
    fn diagnostic(self, root: &Node, sources: &Sources) -> Diagnostic {
        match self {
            Self::Failed { why, text, path, place } => {
                let diagnostic = failure::diagnose(&why.error, CODES, root, &[]);
                let place = narrowed(why.range, &text, place, sources);
                diagnostic.at(place, format!("in the value of {path}")).about(path)
            }
            Self::TooLarge(path, place) => {
                let message = format!("expressions give more than {LONGEST} bytes of text or {MOST_VALUES} values");
                Diagnostic::new(code::EXPRESSION, message)
                    .at(place, format!("with the value of {path}"))
                    .about(path)
                    .help("look for expressions that use each other twice")
            }
            Self::Cycle(chain) => {
                let names: Vec<String> = chain.iter().map(|(path, _)| path.to_string()).collect();
                let first = names.first().cloned().unwrap_or_default();
                let message = format!("expressions need each other: {} -> {first}", names.join(" -> "));
                let mut diagnostic = Diagnostic::new(code::EXPRESSION_CYCLE, message);
                for (index, (path, place)) in chain.into_iter().enumerate() {
                    let next = names.get(index + 1).or(names.first()).cloned().unwrap_or_default();
                    let text = format!("{path} needs {next}");
                    diagnostic =
                        if index == 0 { diagnostic.at(place, text).about(path) } else { diagnostic.also(place, text) };
                }
                diagnostic.help("give one of them a value that needs no other")
            }
            Self::TooDeep(path, place) => {
                Diagnostic::new(code::EXPRESSION, format!("more than {DEEPEST} expressions need each other in a row"))
                    .at(place, "the last one")
                    .about(path)
                    .help("shorten the chain")
            }
        }
    }
}

/// How many values there are in a value; `most` if there are more.
fn values(value: &Data, most: usize) -> usize {
    let inside =
        |count: usize, node: &Node| if count >= most { most } else { count + values(&node.value, most - count) };
    match value {
        Data::List(items) => items.iter().fold(1, inside),
        Data::Map(map) => map.iter().map(|(_, entry)| &entry.node).fold(1, inside),
        _ => 1,
    }
}

/// The part of a value that an error speaks of, where the file has the text as it is.
fn narrowed(range: Option<Range<usize>>, text: &str, place: Place, sources: &Sources) -> Place {
    let source = sources.get(place.file);
    let written = source.slice(place.start, place.end);
    match (range, written.find(text)) {
        (Some(range), Some(at)) if range.end <= text.len() && range.start < range.end => {
            let start = place.start as usize + at;
            Place::new(place.file, start + range.start, start + range.end)
        }
        _ => place,
    }
}
