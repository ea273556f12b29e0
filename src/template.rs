//! Templates: Jinja over a target's configuration, with typed holes, giving YAML documents.
//!
//! In go the workspace's `templates/`, out come [`Templates`], compiled once; rendering one gives the tree of each of
//! its documents, every value with its place in the template. What a value is never decides what the YAML around it
//! is: see [`hole`](self).

mod artifact;
mod engine;
pub(crate) mod failure;
mod filter;
mod hole;
mod language;
mod mark;
mod mentions;
mod operand;
mod plain;
mod quote;
mod reads;
mod scan;
mod shape;
mod shell;
mod text;
mod trace;
mod view;
mod worth;

pub(crate) use artifact::{is_artifact, path_of};
pub(crate) use engine::engine;
pub(crate) use failure::named_in;
pub(crate) use mentions::Mentions;
pub(crate) use scan::{Scan, mentioned};
pub(crate) use text::{Unevaluated, render_text};

use hole::Holes;
use language::Plain;
pub use reads::Reads;
pub use view::value_of;

use std::borrow::Cow;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use indexmap::IndexMap;
use minijinja::{Environment, Error, ErrorKind, Value};

use self::mark::{Marked, Marks, Unmarked};
use self::shape::{Skeleton, Unfilled, Why};
use self::trace::Trace;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean};
use crate::file::{self, Reason};
use crate::source::{FileId, Place, Sources};
use crate::target::Target;
use crate::tree::Node;
use crate::world::World;
use crate::yaml::{self, Limits};

/// Where templates are, in the workspace.
pub(crate) const FOLDER: &str = "templates";
/// What the names of templates end with.
const ENDING: &str = ".j2";
/// Most bytes of a template: it is written by hand.
const LARGEST_SOURCE: usize = 256 * 1024;
/// Most bytes a template may render to.
const LARGEST_OUTPUT: usize = 32 * 1024 * 1024;
/// Most texts kept parsed. Tenants come in kinds, not in thousands of them; beyond that a text is parsed each time.
const MOST_SKELETONS: usize = 4096;

/// What a template is rendered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Once for each tenant.
    Tenant,
    /// Once for each environment.
    Environment,
}

impl Scope {
    const ALL: [Self; 2] = [Self::Tenant, Self::Environment];

    fn folder(self) -> &'static str {
        match self {
            Self::Tenant => "tenant/",
            Self::Environment => "environment/",
        }
    }

    /// That of a target.
    pub(crate) fn of(target: &Target) -> Self {
        if target.tenant().is_some() { Self::Tenant } else { Self::Environment }
    }
}

/// A compiled template.
struct Template {
    file: FileId,
    marked: Marked,
}

/// All templates of a workspace.
pub struct Templates {
    engine: Environment<'static>,
    /// The same for files in plain languages, by language.
    plain: Vec<(Plain, Environment<'static>)>,
    /// By name relative to the folder, sorted.
    files: IndexMap<Arc<str>, Template>,
    marks: Marks,
    skeletons: RwLock<IndexMap<Box<[u8]>, Arc<Skeleton>, foldhash::fast::RandomState>>,
}

impl Templates {
    /// Reads and compiles every `*.j2` file in the folder. Records every template that cannot be read.
    pub fn load(world: &dyn World, sources: &Sources, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let mark = diagnostics.mark();
        let mut templates = Self {
            engine: engine(),
            plain: Vec::new(),
            files: IndexMap::new(),
            marks: Marks::default(),
            skeletons: RwLock::default(),
        };
        let names = match world.list(FOLDER) {
            Ok(names) => names,
            Err(why) => {
                let reason = Reason { place: None, what: "the folder of templates".to_owned() };
                return Err(diagnostics.fail(file::unreadable(FOLDER, &why, &reason)));
            }
        };
        for name in names.iter().filter(|name| name.ends_with(ENDING)) {
            // Each failure is recorded; the others are still read.
            let _ = templates.add(world, sources, name, diagnostics);
        }
        templates.check_artifacts(diagnostics);
        diagnostics.since(mark)?;
        templates.plain = templates.plain_engines();
        Ok(templates)
    }

    fn add(
        &mut self,
        world: &dyn World,
        sources: &Sources,
        path: &str,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let name = path.strip_prefix(FOLDER).unwrap_or(path).trim_start_matches('/');
        let reason = Reason { place: None, what: "a template".to_owned() };
        let file = file::load(world, sources, path, &reason, diagnostics)?;
        let source = sources.get(file);
        let source = source.text();
        if source.len() > LARGEST_SOURCE {
            return Err(diagnostics.fail(
                Diagnostic::new(code::TEMPLATE_LIMIT, format!("{path} is larger than {} KiB", LARGEST_SOURCE >> 10))
                    .at(Place::top(file), "")
                    .help("split it into several templates"),
            ));
        }
        if let Some(at) = hole::special(source) {
            return Err(diagnostics.fail(
                Diagnostic::new(code::TEMPLATE_SYNTAX, "a template may not hold the characters U+E000 to U+E004")
                    .at(Place::new(file, at, at + 3), "reserved for the holes of templates")
                    .help("remove it; a value of the configuration may hold it"),
            ));
        }
        let compiled = self
            .marks
            .put(file, source)
            .and_then(|marked| self.engine.add_template_owned(name.to_owned(), marked.source.clone()).map(|()| marked));
        match compiled {
            Ok(marked) => {
                self.files.insert(name.into(), Template { file, marked });
                Ok(())
            }
            Err(error) => {
                let nothing = Node::new(crate::tree::Value::Null, Place::top(file));
                let diagnostic = failure::diagnose(&error, failure::TEMPLATE, &nothing, &[]);
                if error.kind() == ErrorKind::OutOfFuel {
                    return Err(diagnostics.fail(diagnostic.at(Place::top(file), "in this template")));
                }
                // Compiled again without marks, the engine's own offsets are those of the file.
                let error = Environment::new().template_from_named_str(name, source).err().unwrap_or(error);
                let place = error.range().map_or(Place::top(file), |range| Place::new(file, range.start, range.end));
                Err(diagnostics.fail(diagnostic.at(place, "here")))
            }
        }
    }

    /// The files they were read from, sorted by name.
    pub(crate) fn sources(&self) -> impl Iterator<Item = FileId> {
        self.files.values().map(|template| template.file)
    }

    /// The templates of a scope, sorted by name.
    pub fn names(&self, scope: Scope) -> impl Iterator<Item = &Arc<str>> {
        self.files.keys().filter(move |name| {
            name.starts_with(scope.folder()) && (name.ends_with(".yaml.j2") || name.ends_with(".yml.j2"))
        })
    }

    /// Whether anything is made of an environment itself.
    pub fn has_own(&self) -> bool {
        self.names(Scope::Environment).next().is_some() || self.artifacts(Scope::Environment).next().is_some()
    }

    /// The template that a user calls `wanted`: its name, its name without endings, or its last part, the nearest to the
    /// folder of templates if there are several. One of a file that is no manifest is called by its name, which may lack
    /// `.j2`.
    pub fn find(&self, wanted: &str) -> Result<(&Arc<str>, Scope), Box<Diagnostic>> {
        if wanted.starts_with(artifact::FOLDER) {
            return self.find_artifact(wanted);
        }
        let stem = |name: &str| name.split_once('.').map_or(name, |(stem, _)| stem).to_owned();
        let all = || Scope::ALL.into_iter().flat_map(|scope| self.names(scope).map(move |name| (name, scope)));
        let found: Vec<_> = all()
            .filter(|(name, _)| {
                let last = name.rsplit('/').next().unwrap_or(name);
                name.as_ref() == wanted || stem(name) == wanted || last == wanted || stem(last) == wanted
            })
            .collect();
        // What lies in the folder itself is meant before what lies in one below it.
        let depth = |name: &str| name.matches('/').count();
        let nearest = found.iter().map(|(name, _)| depth(name)).min();
        let found: Vec<_> = found.into_iter().filter(|(name, _)| Some(depth(name)) == nearest).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => {
                let stems: Vec<_> = all().map(|(name, _)| stem(name.rsplit('/').next().unwrap_or(name))).collect();
                Err(Diagnostic::new(code::UNKNOWN_TEMPLATE, format!("there is no template `{wanted}`"))
                    .maybe_help(did_you_mean(wanted, stems.iter().map(String::as_str)))
                    .note(format!("templates are {}", stems.join(", ")))
                    .into())
            }
            several => {
                let names: Vec<_> = several.iter().map(|(name, _)| name.as_ref()).collect();
                Err(Diagnostic::new(code::UNKNOWN_TEMPLATE, format!("several templates are called `{wanted}`"))
                    .help(format!("name one of {}", names.join(", ")))
                    .into())
            }
        }
    }

    /// Renders one template over a configuration and gives the tree of each document.
    pub(crate) fn render(
        &self,
        name: &str,
        subject: &Subject,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Node>, Failed> {
        let (skeleton, holes) = self.rendered(&self.engine, name, subject, sources, diagnostics)?;
        Self::filled(&skeleton, &holes, subject, diagnostics)
    }

    /// Renders one template and notes on the way which value of the configuration each field was filled from: it is what
    /// the field's node lies over (`Node::under`).
    pub(crate) fn trace(
        &self,
        name: &str,
        subject: &Subject,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<(Node, Reads)>, Failed> {
        let target = view::node_of(&subject.target, &Holes::default(), Place::top(view::NOWHERE));
        // It holds texts only, which any tree can.
        let target = target.unwrap_or_else(|_| Node::new(crate::tree::Value::Null, Place::top(view::NOWHERE)));
        let trace = Arc::new(Trace::of(subject.configuration.clone(), target));
        let mut engine = self.engine.clone();
        engine.add_global(hole::TRACE, Value::from_dyn_object(Arc::clone(&trace)));
        let context = view::Root::value(subject.configuration.clone(), subject.target.clone(), Some(trace));
        let subject = Subject { context, ..subject.clone() };
        let (skeleton, holes) = self.rendered(&engine, name, &subject, sources, diagnostics)?;
        let filled = Self::filled(&skeleton, &holes, &subject, diagnostics)?;
        let reads = skeleton.reads(&filled, &holes);
        Ok(filled.into_iter().zip(reads).collect())
    }

    fn rendered(
        &self,
        engine: &Environment<'static>,
        name: &str,
        subject: &Subject,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Arc<Skeleton>, Holes), Failed> {
        let (bytes, holes) = self.written(engine, name, subject, sources, diagnostics)?;
        let Some(template) = self.files.get(name) else { return Ok((Arc::default(), Holes::default())) };
        let skeleton = self.skeleton(bytes, template.file, &holes, sources, diagnostics)?;
        Ok((skeleton, holes))
    }

    /// The text that a template renders to, with markers and marks in it, and what the markers stand for.
    fn written(
        &self,
        engine: &Environment<'static>,
        name: &str,
        subject: &Subject,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Vec<u8>, Holes), Failed> {
        let rendered = engine.get_template(name).and_then(|template| {
            let length = self.files.get(name).map_or(0, |template| template.marked.source.len());
            // Most renderings are about as long as their template.
            let mut output = Output(Vec::with_capacity(length));
            let mut captured = template.render_captured_to(subject.context.clone(), &mut output)?;
            let holes = captured.with_state_mut(|state| std::mem::take(Holes::of(state)));
            drop(captured);
            Ok((output.0, holes))
        });
        let Some(template) = self.files.get(name) else { return Ok((Vec::new(), Holes::default())) };
        rendered.map_err(|error| {
            // Nothing but our own limit makes writing into memory fail.
            diagnostics.fail(if error.kind() == ErrorKind::WriteFailure {
                let limit = format!("this template renders to more than {} MiB", LARGEST_OUTPUT >> 20);
                Diagnostic::new(code::TEMPLATE_LIMIT, limit)
                    .at(Place::top(template.file), "in this template")
                    .help("look for a loop that grows, or split it into several templates")
            } else {
                self.diagnose(&error, name, &subject.configuration, sources)
            })
        })
    }

    fn filled(
        skeleton: &Skeleton,
        holes: &Holes,
        subject: &Subject,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Node>, Failed> {
        skeleton.fill(holes).map_err(|unfilled| diagnostics.fail(Self::unfilled(unfilled, &subject.configuration)))
    }

    /// The parsed form of a rendered text, which is looked at closely only if it is new.
    fn skeleton(
        &self,
        bytes: Vec<u8>,
        template: FileId,
        holes: &Holes,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Arc<Skeleton>, Failed> {
        let known = self.skeletons.read().unwrap_or_else(PoisonError::into_inner).get(bytes.as_slice()).map(Arc::clone);
        if let Some(skeleton) = known {
            return Ok(skeleton);
        }
        // The engine writes text.
        let text = String::from_utf8(bytes).unwrap_or_default();
        let unmarked = self.marks.take(&text);
        let mut found = Diagnostics::new();
        let read = yaml::read_stream(template, &unmarked.text, &Limits::RENDERED, &mut found);
        if let Err(failed) = read.as_ref() {
            let failed = *failed;
            text::explain(&found, &unmarked, template, holes, sources, diagnostics);
            return Err(failed);
        }
        let documents = read?;
        let skeleton = Arc::new(Skeleton::new(documents, &unmarked, template, diagnostics)?);
        let mut skeletons = self.skeletons.write().unwrap_or_else(PoisonError::into_inner);
        if skeletons.len() < MOST_SKELETONS {
            skeletons.insert(text.into_bytes().into(), Arc::clone(&skeleton));
        }
        Ok(skeleton)
    }

    /// An error of the engine while it rendered `name`, at its place in the template.
    fn diagnose(&self, error: &Error, name: &str, configuration: &Node, sources: &Sources) -> Diagnostic {
        let names: Vec<&str> = self.files.keys().map(AsRef::as_ref).collect();
        let mut diagnostic = failure::diagnose(error, failure::TEMPLATE, configuration, &names);
        // Innermost first: the place to look at; then the includes that led there.
        let places: Vec<_> = failure::chain(error).filter_map(|error| self.place(error, sources)).collect();
        if places.is_empty()
            && let Some(template) = self.files.get(name)
        {
            return diagnostic.at(Place::top(template.file), "in this template");
        }
        for (index, place) in places.into_iter().rev().enumerate() {
            diagnostic = if index == 0 { diagnostic.at(place, "here") } else { diagnostic.also(place, "from here") };
        }
        diagnostic
    }

    fn place(&self, error: &Error, sources: &Sources) -> Option<Place> {
        let template = self.files.get(error.name()?)?;
        let range = template.marked.range(error.range()?, sources.get(template.file).text());
        Some(Place::new(template.file, range.start, range.end))
    }

    fn unfilled(unfilled: Unfilled, configuration: &Node) -> Diagnostic {
        match unfilled.why {
            Why::Value(error) => {
                failure::diagnose(&error, failure::TEMPLATE, configuration, &[]).at(unfilled.place, "filled here")
            }
            Why::Duplicate(key, first) => {
                Diagnostic::new(code::DUPLICATE_KEY, format!("two keys become `{key}` when the template is filled"))
                    .at(unfilled.place, "the second")
                    .also(first, "the first")
                    .help("make the keys differ, or merge the two values in a layer")
            }
        }
    }
}

/// What a template renders to, as long as it is not too long.
struct Output(Vec<u8>);

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > LARGEST_OUTPUT - self.0.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a template is rendered over.
#[derive(Clone)]
pub(crate) struct Subject {
    context: Value,
    configuration: Node,
    target: Value,
}

impl Subject {
    /// A configuration, and the mapping that templates know as `target`.
    pub(crate) fn new(configuration: Node, target: Value) -> Self {
        Self { context: view::Root::value(configuration.clone(), target.clone(), None), configuration, target }
    }
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("files", &self.files.keys().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

/// The text of a rendering as it would read with its values in place, for errors.
fn shown(unmarked: &Unmarked, holes: &Holes) -> String {
    holes.expand(&unmarked.text).map_or_else(|_| unmarked.text.clone(), Cow::into_owned)
}
