//! One entry of the ledger: what was released, from what, by whom, after what.
//!
//! In goes the text of a file, out comes an [`Entry`] or why it is none, and the other way round. The hash of an entry
//! is the SHA-256 of the bytes of its file, as `sha256sum` prints it. A file says an entry in one way only: what is not the
//! very text that this program writes is no entry, so that nobody reads something else in it than we do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::author::Author;
use super::digest::Digest;
use crate::output;
use crate::target::ENVIRONMENT;
use crate::world::Head;

/// The form that this program reads and writes.
pub const FORM: &str = "tenantctl.release/v1";
/// The highest number: as many as file names have digits for.
const HIGHEST: u64 = 999_999;

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// [`FORM`]
    pub schema: String,
    /// Of which environment.
    pub environment: String,
    /// From 1, one more than the highest of the entries before it.
    pub number: u64,
    /// The hashes of the entries before it: none of the first, two where branches came together.
    pub previous: Vec<Digest>,
    /// When it was made, in UTC.
    pub created: Timestamp,
    /// Who made it.
    pub author: Author,
    /// The version of the program, and the digest of what it was built from.
    pub tool: String,
    /// What was released; nothing where stored files were given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// The release that this one brings back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<Reference>,
    /// The releases whose files are no longer stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pruned: Vec<Reference>,
}

/// An entry, by number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: Digest,
}

/// What was released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Names of the overrides, in order.
    pub overrides: Vec<String>,
    /// The version of Kubernetes that objects were made for.
    pub kubernetes: String,
    /// The versions that are served of each kind that CustomResourceDefinitions of the workspace bring, by `group/Kind`.
    pub custom: BTreeMap<String, Vec<String>>,
    /// Where the work tree stood.
    pub source: Option<Source>,
    /// Every file that was read, and files of secrets, which were not opened.
    pub inputs: BTreeMap<String, Digest>,
    /// What was made, the environment's own first, then tenants by id.
    pub targets: Vec<Made>,
}

/// Where a work tree stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The commit in git.
    pub commit: String,
    /// Whether files of the workspace differed from it.
    pub dirty: bool,
    /// The branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

impl From<Head> for Source {
    fn from(head: Head) -> Self {
        Self { commit: head.commit, dirty: head.dirty, branch: head.branch }
    }
}

/// What was made of one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The id of the tenant, or `_environment`.
    pub target: String,
    /// Number of objects, without those that were left out.
    pub objects: usize,
    /// By path below the folder of the target: `manifest.yaml`, and `files/..` for what is no manifest.
    pub files: BTreeMap<String, Blob>,
    /// Objects that are not stored, since they hold secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
}

/// A stored text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blob {
    /// The digest of the text.
    pub digest: Digest,
    /// Bytes of the text.
    pub bytes: u64,
}

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Something new was released.
    Release,
    /// An older release was brought back.
    Rollback,
    /// Stored files were given up.
    Prune,
}

impl Action {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Rollback => "rollback",
            Self::Prune => "prune",
        }
    }
}

impl Entry {
    /// Reads an entry; the error says why it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Form {
            schema: String,
        }
        let form: Form = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if form.schema != FORM {
            let form: String = form.schema.chars().take(64).collect();
            return Err(format!("its form is `{form}`, and this program knows `{FORM}`"));
        }
        let entry: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        entry.sense()?;
        if entry.text().as_bytes() != bytes {
            return Err("it is not written as tenantctl writes it".to_owned());
        }
        Ok(entry)
    }

    /// Says what in it makes no sense.
    fn sense(&self) -> Result<(), String> {
        if !(1..=HIGHEST).contains(&self.number) {
            return Err(format!("its number is {}, and numbers are 1 to {HIGHEST}", self.number));
        }
        if self.release.is_some() != self.pruned.is_empty() {
            return Err("it must hold a release, or the releases whose files were given up".to_owned());
        }
        if self.restores.is_some() && self.release.is_none() {
            return Err("it brings a release back, and holds none".to_owned());
        }
        for made in self.targets() {
            // A path goes on to a disk one day.
            let wrong =
                made.files.keys().find(|path| !output::is_inside(&format!("{}/{path}", made.target), &made.target));
            if let Some(path) = wrong {
                return Err(format!("`{path}` is no path of a file of {}", made.target));
            }
        }
        Ok(())
    }

    /// The text of its file, with a line end.
    pub fn text(&self) -> String {
        // Strings, numbers and lists: there is nothing serde could refuse.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Its hash: that of the text.
    pub fn hash(&self) -> Digest {
        Digest::of(self.text())
    }

    /// The name of its file, in the folder of its environment.
    pub fn file_name(&self) -> String {
        file_name(self.number, &self.hash())
    }

    /// What it does.
    pub fn action(&self) -> Action {
        match (&self.release, &self.restores) {
            (None, _) => Action::Prune,
            (_, Some(_)) => Action::Rollback,
            _ => Action::Release,
        }
    }

    /// What was made of each target; nothing where stored files were given up.
    pub fn targets(&self) -> &[Made] {
        self.release.as_ref().map_or(&[], |release| &release.targets)
    }

    /// Every stored text, target by target, with its path below the folder of the environment.
    pub fn blobs(&self) -> impl Iterator<Item = (String, &Blob)> {
        let of = |made: &'_ Made| format!("{}/", made.target);
        self.targets().iter().flat_map(move |made| {
            let folder = of(made);
            made.files.iter().map(move |(path, blob)| (format!("{folder}{path}"), blob))
        })
    }

    /// Number of tenants.
    pub fn tenants(&self) -> usize {
        self.targets().iter().filter(|made| made.target != ENVIRONMENT).count()
    }

    /// Number of objects.
    pub fn objects(&self) -> usize {
        self.targets().iter().map(|made| made.objects).sum()
    }
}

/// The name of the file of an entry.
pub(crate) fn file_name(number: u64, hash: &Digest) -> String {
    let digits: String = hash.hex().chars().take(16).collect();
    format!("{number:06}-{digits}.json")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An entry of a chain.
    pub(crate) fn entry(number: u64, previous: &[Digest]) -> Entry {
        let text = format!("number: {number}\n");
        let blob = Blob { digest: Digest::of(&text), bytes: text.len() as u64 };
        let made = Made {
            target: "acme".to_owned(),
            objects: 1,
            files: BTreeMap::from([("manifest.yaml".to_owned(), blob)]),
            withheld: Vec::new(),
        };
        Entry {
            schema: FORM.to_owned(),
            environment: "prod".to_owned(),
            number,
            previous: previous.to_vec(),
            created: Timestamp::UNIX_EPOCH,
            author: Author { name: "Ada".to_owned(), ..Author::default() },
            tool: "0.1.0+0".to_owned(),
            release: Some(Release {
                overrides: Vec::new(),
                kubernetes: "1.34".to_owned(),
                custom: BTreeMap::new(),
                source: None,
                inputs: BTreeMap::new(),
                targets: vec![made],
            }),
            restores: None,
            pruned: Vec::new(),
        }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written_and_in_no_other_way() {
        let entry = entry(7, &[Digest::of("before")]);
        let text = entry.text();
        assert_eq!(Entry::parse(text.as_bytes()), Ok(entry));
        for (from, to, why) in [
            ("\"number\": 7", "\"number\":7", "not written as"),
            ("\"number\": 7,", "\"number\": 7, \"number\": 7,", "duplicate field"),
            ("\"number\": 7", "\"number\": 0", "numbers are 1 to"),
            ("\"number\": 7", "\"number\": 7, \"more\": 1", "unknown field"),
            ("manifest.yaml", "../manifest.yaml", "is no path"),
            ("manifest.yaml", "/etc/passwd", "is no path"),
            ("release/v1", "release/v2", "its form is"),
            ("{", "", "invalid type"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            let error = Entry::parse(changed.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{from} -> {to}: {error}");
        }
    }

    #[test]
    fn the_hash_knows_every_field() {
        let one = entry(7, &[]);
        let mut hashes = vec![one.hash()];
        for change in [
            |entry: &mut Entry| entry.number = 8,
            |entry: &mut Entry| entry.author.name = "Eve".to_owned(),
            |entry: &mut Entry| entry.previous.push(Digest::of("")),
            |entry: &mut Entry| entry.environment = "dev".to_owned(),
            |entry: &mut Entry| entry.restores = Some(Reference { number: 1, hash: Digest::of("") }),
            |entry: &mut Entry| entry.created = Timestamp::MAX,
        ] {
            let mut other = one.clone();
            change(&mut other);
            hashes.push(other.hash());
        }
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), 7);
    }
}
