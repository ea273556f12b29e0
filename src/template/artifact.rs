//! Templates of files that are no manifests: scripts, variables of other tools, pipelines of other services.
//!
//! `templates/files/tenant/**` render once for each tenant, `templates/files/environment/**` once for each environment;
//! the path below that folder without `.j2` is the path of the file. Out comes the file's text: of JSON and YAML a tree
//! with typed holes, written anew; of anything else [plain text](super::plain). What renders to nothing but white
//! space makes no file.

use std::sync::Arc;

use minijinja::{Environment, Value};

use super::hole::{self, Holes};
use super::language::{Language, Plain};
use super::plain::{self, Unfilled, Why};
use super::{ENDING, Scope, Subject, Templates, failure, view};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, did_you_mean};
use crate::source::{FileId, Place, Sources};
use crate::tree::{Node, Value as Data};
use crate::yaml::emit;

/// Where they are in the folder of templates.
pub(super) const FOLDER: &str = "files/";

/// Whether a name is that of a template of a file that is no manifest.
pub(crate) fn is_artifact(name: &str) -> bool {
    name.starts_with(FOLDER)
}

/// How often a template is rendered, and the path of the file that it makes; `None` if it makes none.
pub(crate) fn path_of(name: &str) -> Option<(Scope, &str)> {
    let name = name.strip_prefix(FOLDER)?;
    let (scope, path) = Scope::ALL.into_iter().find_map(|scope| Some((scope, name.strip_prefix(scope.folder())?)))?;
    let path = path.strip_suffix(ENDING)?;
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    path.split('/').all(plain).then_some((scope, path))
}

impl Templates {
    /// The templates of a scope that make files that are no manifests, sorted by name.
    pub fn artifacts(&self, scope: Scope) -> impl Iterator<Item = &Arc<str>> {
        self.files.keys().filter(move |name| path_of(name).is_some_and(|(found, _)| found == scope))
    }

    pub(super) fn find_artifact(&self, wanted: &str) -> Result<(&Arc<str>, Scope), Box<Diagnostic>> {
        let all = || Scope::ALL.into_iter().flat_map(|scope| self.artifacts(scope).map(move |name| (name, scope)));
        let stem = |name: &str| name.strip_suffix(ENDING).unwrap_or(name).to_owned();
        all().find(|(name, _)| stem(name) == stem(wanted)).ok_or_else(|| {
            let names: Vec<_> = all().map(|(name, _)| stem(name)).collect();
            Diagnostic::new(code::UNKNOWN_TEMPLATE, format!("there is no template `{wanted}`"))
                .maybe_help(did_you_mean(wanted, names.iter().map(String::as_str)))
                .into()
        })
    }

    /// Records templates whose files have no place in the output.
    pub(super) fn check_artifacts(&self, diagnostics: &mut Diagnostics) {
        let misplaced = |name: &str, file: FileId, message: String| {
            Diagnostic::new(code::TEMPLATE_PLACE, message)
                .at(Place::top(file), format!("templates/{name}"))
                .help("templates of files are below templates/files/tenant/ or templates/files/environment/")
                .help("what several templates share lies in templates/lib/")
        };
        for (name, template) in self.files.iter().filter(|(name, _)| is_artifact(name)) {
            let Some((_, path)) = path_of(name) else {
                diagnostics.record(misplaced(name, template.file, "this template makes no file".to_owned()));
                continue;
            };
            // Two files of the output cannot be called `a` and `a/b`.
            let below = format!("{}/", name.strip_suffix(ENDING).unwrap_or(name));
            if let Some(other) = self.files.keys().find(|other| other.starts_with(&below)) {
                let message = format!("the file `{path}` is to be a folder as well, by templates/{other}");
                diagnostics.record(misplaced(name, template.file, message));
            }
        }
    }

    /// An engine for each plain language that is there.
    pub(super) fn plain_engines(&self) -> Vec<(Plain, Environment<'static>)> {
        let used = |language: &Plain| {
            let mut names = self.files.keys().filter_map(|name| path_of(name));
            names.any(|(_, path)| Language::of(path) == Language::Plain(*language))
        };
        let engine = |language: Plain| {
            let mut engine = self.engine.clone();
            engine.add_global(hole::LANGUAGE, Value::from(language.name()));
            (language, engine)
        };
        Plain::ALL.into_iter().filter(used).map(engine).collect()
    }

    /// The text of the file that a template makes; `None` if it makes none.
    pub(crate) fn artifact(
        &self,
        name: &str,
        subject: &Subject,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<String>, Failed> {
        match Language::of(name.strip_suffix(ENDING).unwrap_or(name)) {
            Language::Plain(language) => {
                let engine = self.plain.iter().find(|(known, _)| *known == language).map(|(_, engine)| engine);
                let engine = engine.unwrap_or(&self.engine);
                let (bytes, holes) = self.written(engine, name, subject, sources, diagnostics)?;
                self.plain(name, bytes, &holes, language, subject, diagnostics)
            }
            Language::Yaml => {
                let mut text = String::new();
                for document in self.plain_trees(name, subject, sources, diagnostics)? {
                    if document.value != Data::Null {
                        text.push_str(if text.is_empty() { "" } else { "---\n" });
                        emit::document(&document, &mut text);
                    }
                }
                Ok(Some(text).filter(|text| !text.is_empty()))
            }
            Language::Json => {
                let documents = self.plain_trees(name, subject, sources, diagnostics)?;
                let mut documents = documents.iter().filter(|document| document.value != Data::Null);
                let first = documents.next();
                if let Some(second) = documents.next() {
                    return Err(diagnostics.fail(
                        Diagnostic::new(code::SEVERAL_DOCUMENTS, "a file of JSON is one document")
                            .at(second.place, "another one begins here")
                            .help("write a list, or a template for each"),
                    ));
                }
                Ok(first.map(|document| emit::json(document, true) + "\n"))
            }
        }
    }

    /// The documents of a file that is no manifest: no secret is in them.
    fn plain_trees(
        &self,
        name: &str,
        subject: &Subject,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Node>, Failed> {
        let documents = self.render(name, subject, sources, diagnostics)?;
        let mark = diagnostics.mark();
        for document in &documents {
            for (_, secret, node) in document.secrets() {
                let error = view::secret_used(secret.name());
                let diagnostic = failure::diagnose(&error, failure::TEMPLATE, &subject.configuration, &[]);
                diagnostics.record(diagnostic.at(node.place, "filled here"));
            }
        }
        diagnostics.since(mark)?;
        Ok(documents)
    }

    fn plain(
        &self,
        name: &str,
        bytes: Vec<u8>,
        holes: &Holes,
        language: Plain,
        subject: &Subject,
        diagnostics: &mut Diagnostics,
    ) -> Result<Option<String>, Failed> {
        // The engine writes text.
        let unmarked = self.marks.take(&String::from_utf8(bytes).unwrap_or_default());
        match plain::filled(&unmarked.text, holes, language) {
            Ok(text) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
            Err(Unfilled { hole, why }) => {
                let file = self.files.get(name).map_or(FileId::NONE, |template| template.file);
                let place = unmarked.origin(Place::new(file, hole.start, hole.end), file);
                Err(diagnostics.fail(match why {
                    Why::Value(error) => failure::diagnose(&error, failure::TEMPLATE, &subject.configuration, &[])
                        .at(place, "filled here"),
                    Why::Refused(refused) => Diagnostic::new(code::VALUE_IN_FILE, refused.message)
                        .at(place, "filled here")
                        .help(refused.help),
                }))
            }
        }
    }
}
