//! One release, told: for people, as JSON, or the objects it stored.

use serde_json::json;

use super::audit;
use super::entry::{Entry, Reference, Release};
use super::ledger::{Ledger, Sealed};
use crate::diagnostic::{Diagnostics, Failed, count, printable};
use crate::world::World;

/// What is told of each release in a list.
pub const COLUMNS: [&str; 10] =
    ["release", "environment", "created", "author", "action", "tenants", "objects", "commit", "overrides", "hash"];

/// A release in a list, by [`COLUMNS`].
pub fn row(ledger: &Ledger, sealed: &Sealed) -> [String; 10] {
    let (entry, release) = (sealed.entry(), sealed.release());
    let commit = release.and_then(|release| release.source.as_ref()).map(|source| {
        let commit: String = source.commit.chars().take(12).collect();
        if source.dirty { commit + "+" } else { commit }
    });
    let overrides = release.map(|release| release.overrides.join(", ")).unwrap_or_default();
    let row = [
        ledger.called(sealed),
        entry.environment.clone(),
        entry.created.to_string(),
        entry.author.name.clone(),
        entry.action().word().to_owned(),
        entry.tenants().to_string(),
        entry.objects().to_string(),
        commit.unwrap_or_default(),
        overrides,
        sealed.hash().short(),
    ];
    row.map(|cell| printable::line(&cell).into_owned())
}

/// The release for people: a line for each thing there is to know.
pub fn text(ledger: &Ledger, sealed: &Sealed) -> String {
    let entry = sealed.entry();
    let mut lines = vec![
        ("hash", sealed.hash().to_string()),
        ("created", entry.created.to_string()),
        ("author", entry.author.to_string()),
    ];
    lines.extend(entry.author.run.iter().map(|run| ("run", run.clone())));
    lines.push(("tool", entry.tool.clone()));
    lines.extend(entry.previous.iter().map(|hash| ("after", hash.to_string())));
    let called = |reference: &Reference| format!("release {}, {}", reference.number, reference.hash);
    lines.extend(entry.restores.iter().map(|reference| ("restores", called(reference))));
    lines.extend(entry.pruned.iter().map(|reference| ("pruned", called(reference))));
    if let Some(release) = &entry.release {
        lines.extend(made(entry, release));
    }
    let mut text = format!("{} {} of {}\n", entry.action().word(), ledger.called(sealed), entry.environment);
    for (name, value) in lines {
        text.push_str(&format!("  {name:<11} {}\n", printable::line(&value)));
    }
    text
}

fn made(entry: &Entry, release: &Release) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(source) = &release.source {
        let branch = source.branch.as_ref().map(|branch| format!(" of {branch}")).unwrap_or_default();
        let dirty = if source.dirty { ", with changes that were not committed" } else { "" };
        lines.push(("commit", format!("{}{branch}{dirty}", source.commit)));
    }
    if !release.overrides.is_empty() {
        lines.push(("overrides", release.overrides.join(", ")));
    }
    lines.push(("kubernetes", release.kubernetes.clone()));
    lines.push(("inputs", count(release.inputs.len(), "file")));
    lines.push(("tenants", entry.tenants().to_string()));
    lines.push(("objects", entry.objects().to_string()));
    let bytes: u64 = entry.blobs().map(|(_, blob)| blob.bytes).sum();
    lines.push(("stored", format!("{}, {bytes} bytes", count(entry.blobs().count(), "file"))));
    let withheld = release.targets.iter().flat_map(|made| made.withheld.iter().map(move |name| (&made.target, name)));
    lines.extend(withheld.map(|(target, name)| ("not stored", format!("{name} of {target}, which holds a secret"))));
    lines
}

/// The entry as it stands in the ledger, with its hash; on one line, with a line end.
pub fn json(sealed: &Sealed) -> String {
    let shown = json!({ "hash": sealed.hash(), "entry": sealed.entry() });
    printable::json(&shown.to_string()) + "\n"
}

/// The stored objects of a release, as one stream.
pub fn stream(
    world: &dyn World,
    ledger: &Ledger,
    sealed: &Sealed,
    diagnostics: &mut Diagnostics,
) -> Result<String, Failed> {
    let texts = audit::texts(world, ledger, sealed, diagnostics)?;
    Ok(texts.into_iter().filter(|(path, _)| is_manifest(path)).map(|(_, text)| text).collect())
}

/// Whether a path below the folder of the environment is that of objects.
pub(super) fn is_manifest(path: &str) -> bool {
    path.split_once('/').is_some_and(|(_, rest)| rest == super::draft::MANIFEST)
}
