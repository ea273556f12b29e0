//! The floor under `benches/compare.sh`: what it costs to read the layers, merge them and render the templates, and
//! nothing else. It knows no places and no schema, trusts every value to be good YAML, and holds nothing back.
//!
//! ```text
//! cargo run --release --example bare -- /tmp/workload prod high_availability [-o DIR]
//! ```
//!
//! It reads the workspaces that the example `generate` writes, and those that keep tiers and overrides below
//! `environments`; no settings. As many threads work as there are cores.

#![expect(clippy::disallowed_methods, reason = "it reads and writes files itself, without the stages of the program")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Parser;
use granit_parser::{Event, Parser as Yaml, ScalarStyle};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{DynObject, ValueKind};
use minijinja::{Environment, UndefinedBehavior, Value};
use rayon::prelude::*;
use tenantctl::yaml::scalar::{self, Reading};

/// Tenants rendered between two writes to the stream.
const PIECE: usize = 64;

/// Render all tenants of an environment and check nothing.
#[derive(Debug, Parser)]
struct Arguments {
    /// The directory of the workspace
    workspace: PathBuf,
    /// The environment
    environment: String,
    /// The override on top of it
    over: String,
    /// Write DIR/<environment>/<tenant>/manifest.yaml
    #[arg(short, long)]
    output: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let Arguments { workspace, environment, over, output } = Arguments::parse();
    let own = workspace.join("environments").join(&environment);
    let nested = workspace.join("environments");
    let home = |folder: &str| if nested.join(folder).is_dir() { nested.join(folder) } else { workspace.join(folder) };
    let overrides = if own.join("overrides").is_dir() { own.join("overrides") } else { home("overrides") };
    let shared =
        [nested.join("base.yml"), own.join(format!("{environment}.yml")), overrides.join(format!("{over}.yml"))];
    let shared = shared
        .iter()
        .try_fold(Value::from_pairs::<_, Value, Value>([]), |below, file| anyhow::Ok(merged(&below, &read(file)?)))?;
    let mut tiers = BTreeMap::new();
    for file in listed(&home("tiers"))? {
        tiers.insert(stem(&file), merged(&shared, &read(&file)?));
    }
    let mut engine = engine()?;
    let mut names = Vec::new();
    for file in listed(&workspace.join("templates/tenant"))? {
        engine.add_template_owned(stem(&file), fs::read_to_string(&file)?)?;
        names.push(stem(&file));
    }
    let one = |file: &PathBuf| -> anyhow::Result<String> {
        let tenant = read(file)?;
        let tier = tenant.get_attr("tenant")?.get_attr("tier")?;
        let below = tiers.get(tier.as_str().unwrap_or_default()).with_context(|| format!("no tier {tier}"))?;
        let configuration = merged(below, &tenant);
        let mut text = String::new();
        for name in &names {
            text.push_str("---\n");
            text.push_str(&engine.get_template(name)?.render(&configuration)?);
        }
        if let Some(folder) = &output {
            let folder = folder.join(&environment).join(stem(file));
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("manifest.yaml"), &text)?;
            text.clear();
        }
        Ok(text)
    };
    let tenants = listed(&own.join("tenants"))?;
    let mut stream = io::stdout().lock();
    for piece in tenants.chunks(PIECE) {
        for text in piece.par_iter().map(one).collect::<anyhow::Result<Vec<String>>>()? {
            stream.write_all(text.as_bytes())?;
        }
    }
    Ok(())
}

/// The engine as it comes, with the whitespace that the templates expect and JSON's names for what Python calls `True`.
fn engine() -> anyhow::Result<Environment<'static>> {
    let mut engine = Environment::new();
    engine
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_formatter(|out, state, value| match value.kind() {
        ValueKind::Bool => Ok(write!(out, "{}", value.is_true())?),
        ValueKind::None => Ok(out.write_str("null")?),
        _ => minijinja::escape_formatter(out, state, value),
    });
    Ok(engine)
}

/// Mappings merge by key, all else replaces; what did not change is shared.
fn merged(below: &Value, above: &Value) -> Value {
    let map = |value: &Value| value.as_object().and_then(DynObject::try_iter_pairs);
    let (Some(pairs), Some(news)) = (map(below), map(above)) else { return above.clone() };
    let known = |map: &Value, key: &Value| map.get_item(key).ok().filter(|value| !value.is_undefined());
    let kept = pairs.map(|(key, value)| {
        let value = known(above, &key).map_or_else(|| value.clone(), |new| merged(&value, &new));
        (key, value)
    });
    Value::from_pairs(kept.chain(news.filter(|(key, _)| known(below, key).is_none())))
}

/// Reads a file of one document.
fn read(file: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let mut events = Yaml::new_from_str(&text).map(|event| Ok(event?.0));
    let first = events.by_ref().find(|event| !matches!(event, Ok(Event::StreamStart | Event::DocumentStart(..))));
    value(first.context("an empty file")??, &mut events).with_context(|| file.display().to_string())
}

/// The value that begins with an event.
fn value<'a>(event: Event<'a>, events: &mut impl Iterator<Item = anyhow::Result<Event<'a>>>) -> anyhow::Result<Value> {
    Ok(match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) => match scalar::read(&text) {
            Reading::Null => Value::from(()),
            Reading::Bool(flag) => Value::from(flag),
            Reading::Number(number) => number.as_i64().map_or_else(|| Value::from(number.as_f64()), Value::from),
            _ => Value::from(text.as_ref()),
        },
        Event::Scalar(text, ..) => Value::from(text.as_ref()),
        Event::MappingStart(..) => {
            let mut pairs = Vec::new();
            while let Some(key) = events.next() {
                match key? {
                    Event::MappingEnd => break,
                    Event::Scalar(key, ..) => {
                        let next = events.next().context("a key without a value")??;
                        pairs.push((Value::from(key.as_ref()), value(next, events)?));
                    }
                    other => bail!("a key is text, not {other:?}"),
                }
            }
            Value::from_pairs(pairs)
        }
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            while let Some(item) = events.next() {
                match item? {
                    Event::SequenceEnd => break,
                    item => items.push(value(item, events)?),
                }
            }
            items.into_iter().collect()
        }
        other => bail!("{other:?} is more than this program reads"),
    })
}

/// The files of a folder, sorted.
fn listed(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// The name of a file up to its first point.
fn stem(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}
