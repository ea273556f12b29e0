//! Secrets in the place of every text of the shipped layers.
//!
//! In goes the shipped workspace; out come layers with `!secret` in the place of texts, and what is said of that.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use tenantctl::check::{Document, Form};
use tenantctl::diagnostic::{Diagnostic, Diagnostics, Failed};
use tenantctl::pipeline::{Compiler, Wanted};
use tenantctl::shipped;
use tenantctl::source::{Place, Sources};
use tenantctl::workspace::{Selection, Top, Workspace};
use tenantctl::world::{Memory, World as _};
use tenantctl::yaml::{self, Content, Limits, Written};

/// Texts that are tried together.
const BATCH: usize = 64;
/// Times that a batch is compiled at most.
const TRIES: usize = 3;

/// A text of a layer.
struct Text {
    file: String,
    /// Bytes in the file as it is shipped.
    range: Range<usize>,
}

/// The shipped workspace with secrets in it.
pub(crate) struct Planting {
    /// The files as they are shipped, but for the settings.
    pub(crate) files: BTreeMap<String, String>,
    texts: Vec<Text>,
}

/// What stands in a file instead of texts: the new text of the file, and where the secrets are in it.
type Planted = BTreeMap<String, (String, Vec<(Range<usize>, usize)>)>;

/// Texts that are tried together, and where they count.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    texts: BTreeSet<usize>,
    selection: Selection,
}

/// What came of a batch.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    /// Those that nothing was said of.
    pub(crate) accepted: BTreeSet<usize>,
    /// How many times something was said of one, by code.
    pub(crate) refused: BTreeMap<String, usize>,
}

impl Planting {
    /// The texts of every layer. `settings` are put at the end of `tenantctl.yaml`.
    pub(crate) fn new(settings: &str) -> Self {
        let world = shipped::world();
        let (mut files, mut texts) = (BTreeMap::new(), Vec::new());
        for folder in ["environments", "policies", "schemas", "templates"] {
            for file in world.list(folder).unwrap() {
                let text = String::from_utf8(world.read(&file, 1 << 24).unwrap()).unwrap();
                if folder == "environments" {
                    let id = Sources::default().add(&file, &text);
                    let document = yaml::read_document(id, &text, &Limits::default(), &mut Diagnostics::new());
                    collect(&document.unwrap(), &file, &mut texts);
                }
                files.insert(file, text);
            }
        }
        // An alias says again what stands elsewhere.
        texts.sort_by(|a: &Text, b: &Text| (&a.file, a.range.start).cmp(&(&b.file, b.range.start)));
        texts.dedup_by(|a, b| a.file == b.file && a.range.start == b.range.start);
        let root = world.read("tenantctl.yaml", 1 << 24).unwrap();
        files.insert("tenantctl.yaml".to_owned(), format!("{}\n{settings}", String::from_utf8(root).unwrap()));
        Self { files, texts }
    }

    /// The name of the secret in the place of each text, and its content.
    pub(crate) fn secrets(&self) -> Vec<(String, String)> {
        let secret = |number| (format!("canary.n{number}"), format!("Finch{number}x{:05}q", number * 7919));
        (0..self.texts.len()).map(secret).collect()
    }

    /// All texts, in batches that count in the same place.
    pub(crate) fn batches(&self) -> Vec<Batch> {
        // An environment, a pattern for tenants and an override.
        let mut groups: BTreeMap<(&str, &str, &str), BTreeSet<usize>> = BTreeMap::new();
        for (number, text) in self.texts.iter().enumerate() {
            let parts: Vec<&str> = text.file.trim_end_matches(".yml").split('/').collect();
            let place = match parts[1..] {
                [environment @ ("dev" | "staging" | "prod"), "overrides", name] => (environment, "acme-corp", name),
                [environment @ ("dev" | "staging" | "prod"), ..] => (environment, "*", ""),
                ["base" | "base.yml", ..] => ("dev", "", ""),
                _ => ("prod", "*", ""),
            };
            groups.entry(place).or_default().insert(number);
        }
        let batches = groups.into_iter().flat_map(|((environment, tenant, name), numbers)| {
            let some = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty()).into_iter().collect();
            let selection = Selection {
                environment: environment.to_owned(),
                tenants: some(tenant),
                overrides: some(name),
                ..Selection::default()
            };
            let numbers: Vec<usize> = numbers.into_iter().collect();
            let batch =
                |texts: &[usize]| Batch { texts: texts.iter().copied().collect(), selection: selection.clone() };
            numbers.chunks(BATCH).map(batch).collect::<Vec<_>>()
        });
        batches.collect()
    }

    /// Some texts, all that count in an environment.
    pub(crate) fn batch(texts: BTreeSet<usize>, environment: &str) -> Batch {
        Batch { texts, selection: Selection { environment: environment.to_owned(), ..Selection::default() } }
    }

    /// All numbers of texts.
    pub(crate) fn all(&self) -> BTreeSet<usize> {
        (0..self.texts.len()).collect()
    }

    /// The files with secrets in the place of some texts.
    pub(crate) fn with(&self, texts: &BTreeSet<usize>) -> BTreeMap<String, String> {
        let mut files = self.files.clone();
        files.extend(self.planted(texts).into_iter().map(|(file, (text, _))| (file, text)));
        files
    }

    fn planted(&self, texts: &BTreeSet<usize>) -> Planted {
        let mut planted: Planted = BTreeMap::new();
        let mut until: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, text) in texts.iter().map(|number| (*number, &self.texts[*number])) {
            let shipped = &self.files[&text.file];
            let done = until.entry(&text.file).or_insert(0);
            let (new, ranges) = planted.entry(text.file.clone()).or_default();
            new.push_str(&shipped[*done..text.range.start]);
            let start = new.len();
            new.push_str(&format!("!secret canary.n{number}"));
            ranges.push((start..new.len(), number));
            // A block of text ends with its line.
            if shipped[text.range.clone()].ends_with('\n') {
                new.push('\n');
            }
            *done = text.range.end;
        }
        for (file, (new, _)) in &mut planted {
            new.push_str(&self.files[file][until[file.as_str()]..]);
        }
        planted
    }

    /// Compiles with the secrets of a batch. Those that something is said of are taken back, and the rest is tried again.
    pub(crate) fn try_out(&self, batch: &Batch) -> Tried {
        let mut tried = Tried::default();
        let mut texts = batch.texts.clone();
        for _ in 0..TRIES {
            let planted = self.planted(&texts);
            let files = self.with(&texts);
            let world = files.iter().fold(Memory::new(), |world, (name, text)| world.file(name, text.as_str()));
            let sources = Sources::default();
            let mut diagnostics = Diagnostics::new();
            let outcome = (|| {
                let workspace = Workspace::find(&world, &sources, &mut diagnostics)?;
                diagnostics = Diagnostics::with_levels(workspace.levels());
                let targets = workspace.targets(&batch.selection, &mut diagnostics)?;
                let templates = workspace.templates(&mut diagnostics)?;
                let compiler = Compiler::new(&workspace, Top::default());
                compiler.run(&templates, &Wanted::all(Form::Yaml), &targets, |_: Document| {}, &mut diagnostics)?;
                Ok::<_, Failed>(())
            })();
            if outcome.is_ok() {
                tried.accepted = texts;
                return tried;
            }
            for item in diagnostics.items() {
                let told = told(item, &sources, &planted);
                if item.code.to_string().starts_with("TC8") {
                    assert!(!told.is_empty(), "the way that a secret took is not told: {item:#?}");
                }
                if !told.is_empty() {
                    *tried.refused.entry(item.code.to_string()).or_insert(0) += told.len();
                }
                texts = &texts - &told;
            }
        }
        tried
    }
}

fn collect(written: &Written, file: &str, texts: &mut Vec<Text>) {
    match &written.content {
        // A tag before it would be one of two.
        Content::String { .. } if written.tag.is_none() => {
            let range = written.place.start as usize..written.place.end as usize;
            texts.push(Text { file: file.to_owned(), range });
        }
        Content::List(items) => items.iter().for_each(|item| collect(item, file, texts)),
        Content::Map(members) => members.iter().for_each(|(_, member)| collect(&member.value, file, texts)),
        _ => {}
    }
}

/// The secrets that a finding points at or names.
fn told(item: &Diagnostic, sources: &Sources, planted: &Planted) -> BTreeSet<usize> {
    let mut told = BTreeSet::new();
    for place in item.primary.iter().chain(&item.related).map(|label| label.place) {
        let Place { file, start, end } = place;
        let Some((_, ranges)) = planted.get(sources.get(file).name().as_ref()) else { continue };
        let meets =
            |range: &Range<usize>| range.start < (end as usize).max(start as usize + 1) && (start as usize) < range.end;
        told.extend(ranges.iter().filter(|(range, _)| meets(range)).map(|(_, number)| *number));
    }
    let texts = [&item.message].into_iter().chain(&item.notes);
    for rest in texts.flat_map(|text| text.split("canary.n").skip(1)) {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        told.extend(digits.parse::<usize>());
    }
    let all = planted.values().flat_map(|(_, ranges)| ranges.iter().map(|(_, number)| *number));
    let there: BTreeSet<usize> = all.collect();
    &told & &there
}
