//! The layers of a target: which files, in which order, and the facts that pick them.

use std::sync::Arc;

use super::settings::is_name;
use super::{Level, Workspace, library};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean};
use crate::file::{self, Reason};
use crate::layers::{Document, Layer, Layers, Trust};
use crate::path::{Path, Step};
use crate::source::{FileId, Place};
use crate::target::Target;
use crate::yaml::{self, Content, Limits, Member, Members, Written};

/// Most files that `extends` may chain.
const LONGEST_CHAIN: usize = 32;
/// Most layers of a target: each keeps what it beat, and what is nested is taken apart level by level.
const MOST_LAYERS: usize = 1024;

/// Layers from the command line, above all others.
#[derive(Clone, Debug, Default)]
pub struct Top {
    documents: Vec<Arc<Document>>,
}

impl Workspace<'_> {
    /// Reads what the command line adds on top: files (`-f`), then single values (`--set a.b=value`).
    pub fn top(&self, files: &[String], sets: &[String], diagnostics: &mut Diagnostics) -> Result<Top, Failed> {
        let mark = diagnostics.mark();
        let mut documents = Vec::new();
        for file in files {
            let read = file::load_argument(self.world, self.sources, file, diagnostics);
            if let Ok(id) = read
                && let Ok(document) = library::parse(self.sources, id, &file.as_str().into(), diagnostics)
            {
                if let Some((_, place)) = document.extends.first() {
                    diagnostics.record(
                        Diagnostic::new(code::RESERVED_KEY, "a file given with -f extends nothing")
                            .at(*place, "")
                            .help("give the other file with -f as well, before this one"),
                    );
                }
                documents.push(Arc::new(document));
            }
        }
        for set in sets {
            let file = self.sources.add("<command line>", set);
            if let Ok(document) = assignment(file, set, diagnostics) {
                documents.push(Arc::new(document));
            }
        }
        diagnostics.since(mark)?;
        Ok(Top { documents })
    }

    /// The layers of a target, lowest first, with `top` above them.
    pub fn layers(&self, target: &Target, top: &Top, diagnostics: &mut Diagnostics) -> Result<Layers, Failed> {
        let mark = diagnostics.mark();
        let mut stack = Vec::new();
        for (rank, level) in self.settings.hierarchy.iter().enumerate() {
            if level.file.needs("override") {
                for name in target.overrides() {
                    self.push(rank, level, target, Some(name), &mut stack, diagnostics);
                }
            } else {
                self.push(rank, level, target, None, &mut stack, diagnostics);
            }
        }
        for document in &top.documents {
            stack.push(Layer {
                name: "command line".into(),
                rank: usize::MAX,
                over: None,
                trust: Trust::Code,
                document: Arc::clone(document),
            });
        }
        if stack.len() > MOST_LAYERS {
            let message = format!("{target} has {} layers, but there may be {MOST_LAYERS}", stack.len());
            let help = "put what belongs together into one file: -f FILE takes the place of many --set";
            return Err(diagnostics.fail(Diagnostic::new(code::LIMIT, message).help(help)));
        }
        self.agree(target, &stack, diagnostics);
        diagnostics.since(mark)?;
        Ok(Layers::new(Arc::new(target.clone()), stack))
    }

    /// Whether there is a file of this name; what was read once is not looked for again.
    pub(super) fn has(&self, file: &str) -> bool {
        self.library.holds(file) || self.world.has(file)
    }

    /// Puts the file of one level, and what it extends, on the stack.
    fn push(
        &self,
        rank: usize,
        level: &Level,
        target: &Target,
        over: Option<&Arc<str>>,
        stack: &mut Vec<Layer>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some((name, place)) = self.level_file(level, target, over, diagnostics) else { return };
        let reason = Reason { place: Some(place), what: format!("layer {}", level.name) };
        if level.optional && !self.has(&name) {
            return;
        }
        let layer =
            |document| Layer { name: Arc::clone(&level.name), rank, over: over.cloned(), trust: level.trust, document };
        let mut chain = Vec::new();
        let name = Arc::from(name);
        let mut foreign = Vec::new();
        // What is wrong is recorded; the other layers are still read.
        let _ = self.open(&name, &reason, &mut chain, diagnostics, &mut |document| {
            if level.trust == Trust::Data {
                let extends = document.extends.iter();
                foreign.extend(extends.filter(|(file, _)| *file != name && self.is_tenants(file)).cloned());
            }
            if !stack.iter().any(|layer| layer.document.file == document.file) {
                stack.push(layer(document));
            }
        });
        for (file, place) in foreign {
            diagnostics.record(
                Diagnostic::new(
                    code::RESERVED_KEY,
                    format!("{file} is a tenant's file, which no other tenant may extend"),
                )
                .at(place, "another tenant's")
                .help("put what tenants share into a file of its own, and extend that"),
            );
        }
    }

    /// Whether a file is that of a tenant in any environment.
    fn is_tenants(&self, file: &str) -> bool {
        let Some(level) = self.level_with("tenant") else { return false };
        self.environments().any(|environment| {
            let lookup = |wanted: &str| (wanted == "environment").then_some(environment.as_ref());
            let sides = level.file.around("tenant", lookup);
            sides.is_some_and(|(before, after)| {
                file.strip_prefix(&before)
                    .and_then(|rest| rest.strip_suffix(&after))
                    .is_some_and(|id| !id.contains('/'))
            })
        })
    }

    /// Reads a file, after the files it extends, and hands each over, lowest first.
    pub(super) fn open(
        &self,
        name: &Arc<str>,
        reason: &Reason,
        chain: &mut Vec<(Arc<str>, Option<Place>)>,
        diagnostics: &mut Diagnostics,
        each: &mut dyn FnMut(Arc<Document>),
    ) -> Result<(), Failed> {
        if let Some(first) = chain.iter().position(|(file, _)| file == name) {
            return Err(diagnostics.fail(cycle(&chain[first..], reason.place)));
        }
        if chain.len() >= LONGEST_CHAIN {
            let message = format!("more than {LONGEST_CHAIN} files extend each other");
            return Err(diagnostics.fail(Diagnostic::new(code::LIMIT, message).help("shorten the chain of `extends`")));
        }
        chain.push((Arc::clone(name), reason.place));
        let document = self.library.read(self.world, self.sources, name, reason, diagnostics)?;
        for (extended, place) in &document.extends {
            let reason = Reason { place: Some(*place), what: format!("extended by {name}") };
            self.open(extended, &reason, chain, diagnostics, each)?;
        }
        chain.pop();
        each(document);
        Ok(())
    }

    /// The file of a level for a target, and the place that decides it. `None` if the level does not apply; what
    /// is missing is recorded.
    fn level_file(
        &self,
        level: &Level,
        target: &Target,
        over: Option<&Arc<str>>,
        diagnostics: &mut Diagnostics,
    ) -> Option<(String, Place)> {
        let environment = target.environment();
        let mut place = level.place;
        let mut facts: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        for fact in level.file.facts() {
            let value = match fact.as_ref() {
                "environment" => Arc::clone(environment),
                "override" => Arc::clone(over?),
                "tenant" => Arc::clone(target.tenant()?),
                // The environment as such has no tier and no region.
                _ => {
                    let tenant = target.tenant()?;
                    let found = self.fact(environment, Some(tenant), &[fact], diagnostics);
                    let Some((value, at)) = found else {
                        if !level.optional {
                            diagnostics.record(self.missing_fact(level, fact, environment, tenant, diagnostics));
                        }
                        return None;
                    };
                    place = at;
                    value
                }
            };
            if !is_name(&value) {
                diagnostics.record(
                    Diagnostic::new(code::MISSING_LAYER, format!("`{value}` cannot be a {fact}: it picks a file"))
                        .at(place, "")
                        .help("use letters, digits, `-` and `_`"),
                );
                return None;
            }
            facts.push((Arc::clone(fact), value));
        }
        let lookup =
            |wanted: &str| facts.iter().find(|(fact, _)| fact.as_ref() == wanted).map(|(_, value)| value.as_ref());
        let file = level.file.file(lookup).ok()?;
        let chosen = facts.iter().find(|(fact, _)| !matches!(fact.as_ref(), "environment" | "override" | "tenant"));
        if let Some((fact, value)) = chosen
            && !level.optional
            && !self.has(&file)
        {
            diagnostics.record(self.missing_layer(level, fact, value, &file, place));
            return None;
        }
        Some((file, place))
    }

    /// The text at `tenant.<keys>`: in the tenant's file, else in the environment's, else in base; that is, in the
    /// highest layer that needs nothing but the environment and the tenant to be found.
    pub(super) fn fact(
        &self,
        environment: &Arc<str>,
        tenant: Option<&Arc<str>>,
        keys: &[&str],
        diagnostics: &mut Diagnostics,
    ) -> Option<(Arc<str>, Place)> {
        let keys: Vec<&str> = std::iter::once("tenant").chain(keys.iter().copied()).collect();
        let lookup = |wanted: &str| match wanted {
            "environment" => Some(environment.as_ref()),
            "tenant" => tenant.map(AsRef::as_ref),
            _ => None,
        };
        for level in self.settings.hierarchy.iter().rev() {
            let Ok(name) = level.file.file(lookup) else { continue };
            let reason = Reason { place: Some(level.place), what: format!("layer {}", level.name) };
            let mut documents = Vec::new();
            // Said when the layer itself is read.
            let mut ignored = diagnostics.untargeted();
            let _ = self.open(&name.into(), &reason, &mut Vec::new(), &mut ignored, &mut |document| {
                documents.push(document);
            });
            let found = documents.iter().rev().find_map(|document| document.text(&keys));
            if let Some((value, place)) = found {
                return Some((value.into(), place));
            }
        }
        None
    }

    fn missing_fact(
        &self,
        level: &Level,
        fact: &str,
        environment: &Arc<str>,
        tenant: &Arc<str>,
        diagnostics: &Diagnostics,
    ) -> Diagnostic {
        let message = format!("tenant {tenant} has no {fact}, which picks its layer {}", level.name);
        let mut diagnostic = Diagnostic::new(code::MISSING_FACT, message)
            .about(Path::from_keys(["tenant", fact]))
            .also(level.place, "this layer needs it");
        let mut ignored = diagnostics.untargeted();
        let file = self.tenant_file(environment, tenant).map(Arc::<str>::from);
        let reason = Reason { place: None, what: String::new() };
        let document =
            file.and_then(|file| self.library.read(self.world, self.sources, &file, &reason, &mut ignored).ok());
        if let Some(document) = document {
            let tenant = document.root.members().and_then(|members| members.get("tenant"));
            let written = tenant.and_then(|tenant| tenant.value.at(&[fact]));
            let place = tenant.map_or(Place::top(document.file), |member| member.key);
            diagnostic = match written {
                Some(written) => {
                    let is = written.kind().with_article();
                    diagnostic.at(written.place, format!("`tenant.{fact}` is {is}, but it must be a string"))
                }
                None => diagnostic.at(place, format!("`tenant.{fact}` is missing")),
            };
        }
        let values = self.values(level, fact);
        let example = values.first().map_or("..", String::as_str);
        diagnostic = diagnostic.help(format!("write `{fact}: {example}` below `tenant:`"));
        if values.is_empty() { diagnostic } else { diagnostic.note(format!("there are: {}", values.join(", "))) }
    }

    fn missing_layer(&self, level: &Level, fact: &str, value: &str, file: &str, place: Place) -> Diagnostic {
        let values = self.values(level, fact);
        let diagnostic = Diagnostic::new(code::MISSING_LAYER, format!("there is no {fact} `{value}`"))
            .at(place, format!("{file} is not there"))
            .maybe_help(did_you_mean(value, values.iter().map(String::as_str)));
        if values.is_empty() { diagnostic } else { diagnostic.note(format!("there are: {}", values.join(", "))) }
    }

    /// The values of a fact for which a level has a file.
    fn values(&self, level: &Level, fact: &str) -> Vec<String> {
        let Some((before, after)) = level.file.around(fact, |_| None) else { return Vec::new() };
        let folder = before.rsplit_once('/').map_or("", |(folder, _)| folder);
        let files = self.world.list(folder).unwrap_or_default();
        files
            .iter()
            .filter_map(|file| file.strip_prefix(&before)?.strip_suffix(&after))
            .filter(|value| !value.contains('/'))
            .map(str::to_owned)
            .collect()
    }

    /// Checks what overrides say about each other and about their time.
    fn agree(&self, target: &Target, stack: &[Layer], diagnostics: &mut Diagnostics) {
        let active = |wanted: &str| target.overrides().iter().any(|name| name.as_ref() == wanted);
        for layer in stack {
            let (Some(over), Some(about)) = (&layer.over, &layer.document.about) else { continue };
            if let Some((date, place)) = about.expires
                && self.world.today() > date
            {
                let owner = about
                    .owner
                    .as_deref()
                    .map_or("nobody is named as its owner".to_owned(), |owner| format!("its owner is {owner}"));
                let mut diagnostic =
                    Diagnostic::new(code::EXPIRED, format!("the override {over} expired on {date}; {owner}"))
                        .at(place, "the last day on which it may be used")
                        .help("remove the override, or have its owner set a later date");
                if let Some(ticket) = &about.ticket {
                    diagnostic = diagnostic.note(format!("it was made for {ticket}"));
                }
                diagnostics.record(diagnostic);
            }
            for (required, place) in about.requires.iter().filter(|(name, _)| !active(name)) {
                diagnostics.record(
                    Diagnostic::new(code::REQUIRES, format!("the override {over} requires {required}"))
                        .at(*place, "required here")
                        .help(format!("add `--override {required}`")),
                );
            }
            for (other, place) in about.conflicts.iter().filter(|(name, _)| active(name)) {
                diagnostics.record(
                    Diagnostic::new(code::CONFLICTS, format!("the overrides {over} and {other} do not go together"))
                        .at(*place, "said here")
                        .help("leave one of them out"),
                );
            }
        }
    }
}

fn cycle(chain: &[(Arc<str>, Option<Place>)], closing: Option<Place>) -> Diagnostic {
    let names: Vec<&str> = chain.iter().map(|(name, _)| name.as_ref()).collect();
    let first = names.first().copied().unwrap_or_default();
    let mut diagnostic =
        Diagnostic::new(code::EXTENDS_CYCLE, format!("files extend each other: {} -> {first}", names.join(" -> ")));
    if let Some(place) = closing {
        diagnostic = diagnostic.at(place, "this closes the circle");
    }
    for (name, place) in chain.iter().skip(1) {
        if let Some(place) = place {
            diagnostic = diagnostic.also(*place, format!("{name} is extended here"));
        }
    }
    diagnostic.help("take one `extends` out")
}

/// Reads `a.b=value`: the value is YAML.
fn assignment(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Result<Document, Failed> {
    let bad = |message: String, start: usize, end: usize| {
        Diagnostic::new(code::BAD_PATH, message)
            .at(Place::new(file, start, end), "")
            .help("write PATH=VALUE, such as --set resources.replicas=3")
    };
    let Some((path, _)) = text.split_once('=') else {
        return Err(diagnostics.fail(bad("there is no `=`".to_owned(), 0, text.len())));
    };
    let steps =
        Path::parse(path).map_err(|error| diagnostics.fail(bad(error.message.to_owned(), error.at, path.len())))?;
    let deepest = Limits::default().depth;
    if steps.steps().len() > deepest {
        let message =
            format!("the path has {} keys, but values are nested {deepest} deep at most", steps.steps().len());
        return Err(diagnostics.fail(bad(message, 0, path.len())));
    }
    // The value is read where it stands, so that its place is exact.
    let padded = " ".repeat(path.len() + 1) + &text[path.len() + 1..];
    let mut value = yaml::read_document(file, &padded, &Limits::default(), diagnostics)?;
    let key = Place::new(file, 0, path.len());
    if steps.is_root() {
        return Err(diagnostics.fail(bad("a path is missing before `=`".to_owned(), 0, 1)));
    }
    for step in steps.steps().iter().rev() {
        let Step::Key(name) = step else {
            return Err(diagnostics.fail(
                Diagnostic::new(code::BAD_PATH, "an item of a list cannot be set alone")
                    .at(key, "")
                    .help("set the whole list: --set 'a.b=[1, 2]'"),
            ));
        };
        let mut members = Members::default();
        members.insert(Arc::clone(name), Member { key, value });
        value = Written::new(Content::Map(members), Place::new(file, 0, text.len()));
    }
    Document::new(file, "<command line>".into(), value, diagnostics)
}
