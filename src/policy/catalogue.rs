//! All rules there are: those in the binary, and those of a workspace.

use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};

use super::document;
use super::rule::Rule;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::file::{self, Reason};
use crate::source::{FileId, Sources};
use crate::world::World;
use crate::yaml::{self, Limits};

/// The folder of rules in a workspace.
const FOLDER: &str = "policies";

/// How files begin that are part of this program.
pub(super) const OWN: &str = "# Rules of tenantctl itself";

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policies");

/// Rules, sorted by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    rules: Vec<Arc<Rule>>,
    /// The files of a workspace that some are in.
    files: Vec<FileId>,
}

impl Catalogue {
    /// The rules in the binary. They are right: a test holds them to it.
    pub(crate) fn shipped() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| Self::read_shipped(&Sources::default(), &mut Diagnostics::new()))
    }

    /// The same, read anew, with places in `sources`.
    pub(crate) fn read_shipped(sources: &Sources, diagnostics: &mut Diagnostics) -> Self {
        let mut catalogue = Self::default();
        for (name, text) in shipped_files() {
            let file = sources.add(&name, text);
            catalogue.add(file, sources, diagnostics);
        }
        catalogue.sorted()
    }

    /// Those of a workspace, without those in the binary.
    pub(crate) fn of_workspace(
        world: &dyn World,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let names = world.list(FOLDER).map_err(|why| {
            let reason = Reason { place: None, what: "the folder of rules".to_owned() };
            diagnostics.fail(file::unreadable(FOLDER, &why, &reason))
        })?;
        let mark = diagnostics.mark();
        let mut own = Self::default();
        for name in names.iter().filter(|name| [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))) {
            let reason = Reason { place: None, what: "rules".to_owned() };
            let Ok(file) = file::load(world, sources, name, &reason, diagnostics) else { continue };
            // The repository of this program is a workspace too; what is in the binary counts, whichever that is.
            if !sources.get(file).text().starts_with(OWN) {
                own.files.push(file);
                own.add(file, sources, diagnostics);
            }
        }
        for rule in own.rules.iter().filter(|rule| Self::shipped().find(&rule.id).is_some()) {
            diagnostics.record(taken(rule, "tenantctl has a rule of this id"));
        }
        diagnostics.since(mark)?;
        Ok(own.sorted())
    }

    /// These and those in the binary.
    pub(crate) fn with_shipped(&self) -> Self {
        self.with(Self::shipped())
    }

    /// These and others.
    pub(crate) fn with(&self, others: &Self) -> Self {
        let rules = self.rules.iter().chain(&others.rules).cloned().collect();
        Self { rules, files: self.files.clone() }.sorted()
    }

    /// Those of files that a command line names.
    pub(crate) fn of_files(
        names: &[String],
        world: &dyn World,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let mark = diagnostics.mark();
        let mut catalogue = Self::default();
        for name in names {
            let file = file::load_argument(world, sources, name, diagnostics)?;
            catalogue.add(file, sources, diagnostics);
        }
        diagnostics.since(mark)?;
        Ok(catalogue.sorted())
    }

    /// Reads the rules of a file; what is wrong with one is recorded, and the others are taken.
    fn add(&mut self, file: FileId, sources: &Sources, diagnostics: &mut Diagnostics) {
        let text = Arc::clone(sources.get(file).text());
        let Ok(documents) = yaml::read_stream(file, &text, &Limits::default(), diagnostics) else { return };
        for document in &documents {
            let Some(rule) = document::read(document, &text, diagnostics) else { continue };
            match self.find(&rule.id) {
                Some(first) => {
                    let diagnostic = taken(&rule, "the second").also(first.place, "the first");
                    diagnostics.record(diagnostic);
                }
                None => self.rules.push(Arc::new(rule)),
            }
        }
    }

    fn sorted(mut self) -> Self {
        self.rules.sort_by(|a, b| a.id.cmp(&b.id));
        self
    }

    /// All rules, sorted by id.
    pub(crate) fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// The rule of an id.
    pub(crate) fn find(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(id))
    }

    /// The files of a workspace that rules are in.
    pub(crate) fn files(&self) -> impl Iterator<Item = FileId> {
        self.files.iter().copied()
    }
}

fn taken(rule: &Rule, said: &str) -> Diagnostic {
    Diagnostic::new(code::BAD_RULE, format!("the id {} is taken", rule.id))
        .at(rule.place, said)
        .help("give the rule an id of your own, such as ACME-POD-1")
}

/// The files of the rules in the binary, one after the other: what tells one catalogue from another.
pub(crate) fn shipped_text() -> String {
    shipped_files().map(|(name, text)| format!("{name}\n{text}")).collect()
}

/// Names and texts of the files in the binary, sorted by name.
pub(super) fn shipped_files() -> impl Iterator<Item = (String, &'static str)> {
    let mut files: Vec<_> = SHIPPED
        .files()
        .filter_map(|file| Some((format!("{FOLDER}/{}", file.path().display()), file.contents_utf8()?)))
        .collect();
    files.sort_unstable();
    files.into_iter()
}
