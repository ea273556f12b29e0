//! `secrets` in the settings: which files, what is known of values, who may open them.

use std::sync::Arc;

use indexmap::IndexMap;

use super::keypair::{KeyForm, RSA_BITS, is_host};
use super::{Alphabet, Generator, is_name};
use crate::delivery::{self, Delivery};
use crate::diagnostic::{Diagnostic, Diagnostics, code, did_you_mean};
use crate::duration::Duration;
use crate::fields::{Fields, Text};
use crate::sops::Recipient;
use crate::source::{FileId, Place};
use crate::tree::Number;
use crate::workspace::FilePattern;
use crate::yaml::{Content, Written};

/// The keys that are no environments.
const OWN: [&str; 2] = ["files", "values"];

/// The files of secrets unless others are named, lowest first.
const FILES: [&str; 2] =
    ["environments/{environment}/secrets/_environment.yml", "environments/{environment}/secrets/{tenant}.yml"];

/// Longest values that are drawn, in signs or bytes.
const LONGEST: i64 = 4096;

/// What the settings say about secrets.
#[derive(Clone, Debug)]
pub(crate) struct SecretSettings {
    /// Lowest first: a value of a later file wins.
    pub(crate) files: Vec<(FilePattern, Place)>,
    /// What is known of values, by name.
    pub(crate) values: IndexMap<Arc<str>, Known>,
    environments: IndexMap<Arc<str>, Environment>,
}

/// What is known of a value.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// How a new one is drawn.
    pub(crate) generator: Option<Generator>,
    /// How long it may be used, and where that is said.
    pub(crate) rotate: Option<(Duration, Place)>,
    /// Where its name is.
    pub(crate) place: Place,
}

/// What an environment does with its secrets.
#[derive(Clone, Debug, Default)]
struct Environment {
    /// `None` where it is not said.
    recipients: Option<(Vec<Recipient>, Place)>,
    delivery: Delivery,
}

impl Default for SecretSettings {
    fn default() -> Self {
        let pattern = |text| FilePattern::parse(text).ok().map(|pattern| (pattern, Place::top(FileId::NONE)));
        Self {
            files: FILES.into_iter().filter_map(pattern).collect(),
            values: IndexMap::new(),
            environments: IndexMap::new(),
        }
    }
}

impl SecretSettings {
    /// What is known of a secret: by its own name, or as one of those that are drawn for a value.
    pub(crate) fn known(&self, name: &str) -> Option<&Known> {
        self.values.get(name).or_else(|| {
            let (value, _) = name.rsplit_once('.')?;
            let known = self.values.get(value)?;
            known.generator.as_ref()?.names(value).iter().any(|drawn| drawn == name).then_some(known)
        })
    }

    /// Those who may open the files of an environment, as the settings say, and where that is said.
    pub(crate) fn recipients(&self, environment: &str) -> Option<(&[Recipient], Place)> {
        let (recipients, place) = self.environments.get(environment)?.recipients.as_ref()?;
        Some((recipients, *place))
    }

    /// How the secrets of an environment come to its clusters.
    pub(crate) fn delivery(&self, environment: &str) -> &Delivery {
        const NOTHING: &Delivery = &Delivery::LeftOut;
        self.environments.get(environment).map_or(NOTHING, |environment| &environment.delivery)
    }

    /// Whether a file of the workspace is one of secrets, of any environment.
    pub(crate) fn has_file(&self, file: &str) -> bool {
        let any = |_: &str, value: &str| !value.is_empty();
        self.files.iter().any(|(pattern, _)| pattern.read(file, &any).is_some())
    }

    /// Reads them; `environments` are those that there are. Records everything that is wrong.
    pub(crate) fn read<'e>(
        written: &Written,
        environments: impl Iterator<Item = &'e Arc<str>>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut settings = Self::default();
        let Some(members) = written.members() else {
            let is = written.kind().with_article();
            diagnostics.record(wrong(written.place, format!("`secrets` must be a mapping, but it is {is}")));
            return settings;
        };
        let known: Vec<&Arc<str>> = environments.collect();
        for (name, member) in members {
            match name.as_ref() {
                "files" => settings.files(&member.value, diagnostics),
                "values" => settings.values(&member.value, diagnostics),
                _ if known.contains(&name) => {
                    if let Some(environment) = environment(&member.value, diagnostics) {
                        settings.environments.insert(Arc::clone(name), environment);
                    }
                }
                _ => {
                    let names = OWN.into_iter().chain(known.iter().map(|known| &***known));
                    diagnostics.record(
                        wrong(member.key, format!("`secrets` has no `{name}`: there is no environment of this name"))
                            .maybe_help(did_you_mean(name, names.clone()))
                            .note(format!("known: {}", names.collect::<Vec<_>>().join(", "))),
                    );
                }
            }
        }
        settings
    }

    fn files(&mut self, written: &Written, diagnostics: &mut Diagnostics) {
        let Content::List(items) = &written.content else {
            if !matches!(written.content, Content::Null) {
                let is = written.kind().with_article();
                diagnostics.record(wrong(written.place, format!("`files` must be a list, but it is {is}")));
            }
            return;
        };
        self.files.clear();
        for item in items {
            let Some(text) = item.as_str() else {
                diagnostics.record(wrong(item.place, "a file of secrets is named by a text"));
                continue;
            };
            match FilePattern::parse(text) {
                Ok(pattern) if pattern.needs("override") => diagnostics.record(
                    wrong(item.place, "a file of secrets cannot differ by override")
                        .help("use {environment}, {tenant} or a fact of the tenant such as {tier}"),
                ),
                Ok(pattern) => self.files.push((pattern, item.place)),
                Err(message) => diagnostics.record(wrong(item.place, message)),
            }
        }
        if self.files.is_empty() && items.is_empty() {
            diagnostics.record(
                wrong(written.place, "there must be a file of secrets").help("leave `files` out for the usual ones"),
            );
        }
    }

    fn values(&mut self, written: &Written, diagnostics: &mut Diagnostics) {
        let Some(members) = written.members() else {
            if !matches!(written.content, Content::Null) {
                let is = written.kind().with_article();
                diagnostics.record(wrong(written.place, format!("`values` must be a mapping, but it is {is}")));
            }
            return;
        };
        for (name, member) in members {
            if !is_name(name) {
                diagnostics.record(
                    wrong(member.key, "this is no name of a secret")
                        .help("a name is letters, digits, `-` and `_` with dots between, such as database.password"),
                );
                continue;
            }
            let mut known = Known { generator: None, rotate: None, place: member.key };
            if !matches!(member.value.content, Content::Null)
                && let Some(mut fields) =
                    Fields::of(&member.value, code::SETTINGS, "what is known of a value", diagnostics)
            {
                if let Some(member) = fields.get("generate") {
                    known.generator = generator(&member.value, diagnostics);
                }
                known.rotate = fields.text("rotate", diagnostics).and_then(|text| interval(&text, diagnostics));
                fields.finish(diagnostics);
            }
            self.values.insert(Arc::clone(name), known);
        }
    }
}

/// A length of time of at least a day.
fn interval(text: &Text, diagnostics: &mut Diagnostics) -> Option<(Duration, Place)> {
    let day = Duration::parse("1d");
    let read = Duration::parse(&text.text).filter(|length| Some(*length) >= day);
    if read.is_none() {
        diagnostics.record(
            wrong(text.place, "`rotate` is a length of time of a day or more").help("write it as 90d, 12w or 1y"),
        );
    }
    read.map(|length| (length, text.place))
}

fn generator(written: &Written, diagnostics: &mut Diagnostics) -> Option<Generator> {
    let mut fields = Fields::of(written, code::SETTINGS, "`generate`", diagnostics)?;
    let mut found = Vec::new();
    if let Some(member) = fields.get("password") {
        found.push(password(&member.value, diagnostics));
    }
    if let Some(member) = fields.get("hex")
        && let Some(mut fields) = Fields::of(&member.value, code::SETTINGS, "`hex`", diagnostics)
    {
        let bytes = number(&mut fields, "bytes", 32, diagnostics);
        fields.finish(diagnostics);
        found.push(bytes.map(|bytes| Generator::Hex { bytes }));
    }
    if let Some(member) = fields.get("ed25519") {
        found.push(ed25519(&member.value, diagnostics));
    }
    if let Some(member) = fields.get("rsa") {
        found.push(rsa(&member.value, diagnostics));
    }
    if let Some(member) = fields.get("certificate") {
        found.push(certificate(&member.value, diagnostics));
    }
    let unknown = diagnostics.mark();
    fields.finish(diagnostics);
    if found.len() != 1 && diagnostics.since(unknown).is_ok() {
        diagnostics.record(
            wrong(written.place, "`generate` has one way to draw a value")
                .note(format!("ways are {}", Generator::NAMES.join(", ")))
                .help("write `generate: {password: {length: 32}}`"),
        );
    }
    found.into_iter().next()?
}

fn password(written: &Written, diagnostics: &mut Diagnostics) -> Option<Generator> {
    let mut fields = Fields::of(written, code::SETTINGS, "`password`", diagnostics)?;
    let length = number(&mut fields, "length", 32, diagnostics);
    let named = fields.text("alphabet", diagnostics);
    let signs = fields.text("characters", diagnostics);
    fields.finish(diagnostics);
    let alphabet = match (named, signs) {
        (None, None) => Some(Alphabet::default()),
        (Some(name), None) => Alphabet::named(&name.text).or_else(|| {
            diagnostics.record(
                wrong(name.place, format!("there is no alphabet `{}`", name.text))
                    .maybe_help(did_you_mean(&name.text, Alphabet::names()))
                    .note(format!("alphabets are {}", Alphabet::names().collect::<Vec<_>>().join(", ")))
                    .help("write `characters: \"..\"` for one of your own"),
            );
            None
        }),
        (None, Some(signs)) => Alphabet::of(&signs.text).or_else(|| {
            diagnostics.record(wrong(signs.place, "`characters` are 2 to 256 signs, each of them once"));
            None
        }),
        (Some(name), Some(signs)) => {
            diagnostics.record(
                wrong(signs.place, "a password has an `alphabet` or `characters`, not both")
                    .also(name.place, "the other"),
            );
            None
        }
    };
    Some(Generator::Password { length: length?, alphabet: alphabet? })
}

fn ed25519(written: &Written, diagnostics: &mut Diagnostics) -> Option<Generator> {
    let mut fields = Fields::of(written, code::SETTINGS, "`ed25519`", diagnostics)?;
    let named = fields.text("form", diagnostics);
    fields.finish(diagnostics);
    let Some(named) = named else { return Some(Generator::Ed25519 { form: KeyForm::Openssh }) };
    let form = KeyForm::ALL.into_iter().find(|form| form.word() == named.text.as_ref());
    if form.is_none() {
        let words = KeyForm::ALL.map(KeyForm::word);
        diagnostics.record(
            wrong(named.place, format!("a key has no form `{}`", named.text))
                .maybe_help(did_you_mean(&named.text, words))
                .note(format!("known: {}", words.join(", "))),
        );
    }
    form.map(|form| Generator::Ed25519 { form })
}

fn rsa(written: &Written, diagnostics: &mut Diagnostics) -> Option<Generator> {
    let mut fields = Fields::of(written, code::SETTINGS, "`rsa`", diagnostics)?;
    let place = fields.get("bits").map_or(written.place, |member| member.value.place);
    let bits = number(&mut fields, "bits", RSA_BITS[1], diagnostics);
    fields.finish(diagnostics);
    let bits = bits?;
    if !RSA_BITS.contains(&bits) {
        let message = format!("a key of RSA has {} bits", RSA_BITS.map(|bits| bits.to_string()).join(", "));
        diagnostics.record(wrong(place, message).help("leave `bits` out for 3072"));
        return None;
    }
    Some(Generator::Rsa { bits })
}

fn certificate(written: &Written, diagnostics: &mut Diagnostics) -> Option<Generator> {
    let mut fields = Fields::of(written, code::SETTINGS, "`certificate`", diagnostics)?;
    let names = fields.texts("names", diagnostics);
    let days = number(&mut fields, "days", 365, diagnostics);
    fields.finish(diagnostics);
    let mark = diagnostics.mark();
    if names.is_empty() {
        diagnostics.record(
            wrong(written.place, "a certificate must have `names`")
                .help("write `certificate: {names: [db.example.com]}`"),
        );
    }
    for name in names.iter().filter(|name| !is_host(&name.text)) {
        diagnostics.record(
            wrong(name.place, "this is no name of a host and no address").help("write db.example.com or *.example.com"),
        );
    }
    diagnostics.since(mark).ok()?;
    Some(Generator::Certificate { names: names.iter().map(|name| name.text.to_string()).collect(), days: days? })
}

fn number(fields: &mut Fields<'_>, key: &'static str, default: usize, diagnostics: &mut Diagnostics) -> Option<usize> {
    let Some(member) = fields.get(key) else { return Some(default) };
    let read = match member.value.content {
        Content::Number(Number::Int(number)) if (1..=LONGEST).contains(&number) => usize::try_from(number).ok(),
        _ => None,
    };
    if read.is_none() {
        diagnostics.record(wrong(member.value.place, format!("`{key}` is a whole number from 1 to {LONGEST}")));
    }
    read
}

fn environment(written: &Written, diagnostics: &mut Diagnostics) -> Option<Environment> {
    let mut fields = Fields::of(written, code::SETTINGS, "what an environment says about secrets", diagnostics)?;
    let mut environment = Environment::default();
    if let Some(member) = fields.get("recipients") {
        let place = member.value.place;
        let texts = fields.texts("recipients", diagnostics);
        if texts.is_empty() && matches!(member.value.content, Content::List(ref items) if items.is_empty()) {
            diagnostics
                .record(wrong(place, "`recipients` must name somebody").help("leave it out for what .sops.yaml says"));
        }
        environment.recipients = Some((recipients(&texts, diagnostics), place));
    }
    environment.delivery = delivery::settings::read(&mut fields, diagnostics);
    fields.finish(diagnostics);
    Some(environment)
}

/// The recipients that texts name; what is wrong is recorded.
pub(super) fn recipients(texts: &[Text], diagnostics: &mut Diagnostics) -> Vec<Recipient> {
    let mut found: Vec<Recipient> = Vec::with_capacity(texts.len());
    for text in texts {
        match Recipient::parse(text.text.trim()) {
            Ok(recipient) if found.contains(&recipient) => diagnostics.record(
                Diagnostic::new(code::RECIPIENTS, "a recipient is named twice").at(text.place, "").help("remove one"),
            ),
            Ok(recipient) => found.push(recipient),
            Err(why) => diagnostics.record(
                Diagnostic::new(code::RECIPIENTS, format!("this is {}, where a recipient must be", why.what()))
                    .at(text.place, "")
                    .help(why.help()),
            ),
        }
    }
    found
}

fn wrong(place: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code::SETTINGS, message).at(place, "")
}
