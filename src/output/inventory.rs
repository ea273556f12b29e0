//! What earlier runs wrote into a directory: `.tenantctl/inventory.json`.
//!
//! In goes JSON, out comes which files are ours and the digests they had. It holds paths, digests and nothing of when,
//! where or by whom, so that equal runs leave equal bytes. Paths in it are as suspicious as any input.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan;

/// The form that this program reads and writes.
const VERSION: u32 = 1;

/// All directories of an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inventory {
    version: u32,
    /// By first part of the path: `prod`, `prod+high_availability`.
    pub(super) environments: BTreeMap<String, Entry>,
}

/// One directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Digest of all that was read; `null` after a run with a filter, which leaves files of several inputs.
    pub(super) inputs: Option<String>,
    /// Digest of each file by its path.
    pub(super) files: BTreeMap<String, String>,
}

impl Default for Inventory {
    fn default() -> Self {
        Self { version: VERSION, environments: BTreeMap::new() }
    }
}

impl Inventory {
    /// Reads an inventory; the error says what is wrong with it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let inventory: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if inventory.version != VERSION {
            return Err(format!("it has version {}, and this program knows {VERSION}", inventory.version));
        }
        for (directory, entry) in &inventory.environments {
            if let Some(path) = entry.files.keys().find(|path| !plan::is_inside(path, directory)) {
                return Err(format!("`{path}` is no path in `{directory}`"));
            }
        }
        Ok(inventory)
    }

    /// The text of this inventory.
    pub(super) fn text(&self) -> String {
        // Strings and numbers only: there is nothing serde could refuse.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_is_read_as_it_was_written() {
        let mut inventory = Inventory::default();
        let files = BTreeMap::from([("prod/acme-corp/manifest.yaml".to_owned(), "blake3:00".to_owned())]);
        inventory.environments.insert("prod".to_owned(), Entry { inputs: Some("blake3:01".to_owned()), files });
        let expected = r#"{
  "version": 1,
  "environments": {
    "prod": {
      "inputs": "blake3:01",
      "files": {
        "prod/acme-corp/manifest.yaml": "blake3:00"
      }
    }
  }
}
"#;
        assert_eq!(inventory.text(), expected);
        assert_eq!(Inventory::parse(expected.as_bytes()), Ok(inventory));
    }

    #[test]
    fn damage_is_found() {
        for (text, wrong) in [
            ("", "EOF"),
            ("{}", "missing field"),
            (r#"{"version":2,"environments":{}}"#, "it has version 2"),
            (r#"{"version":1,"environments":{},"host":"x"}"#, "unknown field"),
            (r#"{"version":1,"environments":{"prod":{"inputs":null,"files":{"prod/../../x":""}}}}"#, "is no path in"),
            (r#"{"version":1,"environments":{"prod":{"inputs":null,"files":{"/etc/passwd":""}}}}"#, "is no path in"),
        ] {
            let error = Inventory::parse(text.as_bytes()).unwrap_err();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }
}
