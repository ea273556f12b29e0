//! What frameworks ask for: their controls by id, which of them no configuration can show, and what a person must show
//! instead.
//!
//! The files in `frameworks/` hold ids, labels and words of our own. The texts of the standards are their publishers';
//! each file links to where they are.

use std::sync::OnceLock;

use serde::Deserialize;

/// A framework in one version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Framework {
    /// Its name in rules and in settings: `cis-k8s`.
    pub id: String,
    /// Its version in rules and in settings: `1.12`.
    pub version: String,
    /// Its name for people.
    pub title: String,
    /// Its edition for people.
    pub edition: String,
    /// What its controls are called, in the plural.
    pub noun: String,
    /// Where its publisher has it.
    pub publisher: String,
    /// The most that a control of it can get here.
    pub best: String,
    /// What a reader must know beside every result.
    pub note: String,
    /// What the index below leaves out, where it is not the whole.
    #[serde(default)]
    pub beyond: Option<String>,
    /// Its chapters, by the begin of the ids in them.
    pub groups: Vec<Group>,
    /// Its controls, in its order.
    pub controls: Vec<Control>,
    /// What it asks for that is no control of the index: wholly for people.
    #[serde(default)]
    pub areas: Vec<Area>,
}

/// A chapter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// How the ids in it begin.
    pub prefix: String,
    /// What it is about.
    pub title: String,
    /// Why no configuration shows its manual controls.
    #[serde(default)]
    pub why: Option<String>,
    /// What a person must show for its manual controls.
    #[serde(default)]
    pub show: Option<String>,
    /// The declaration without which its controls are not assessed: it does not apply to everybody.
    #[serde(default)]
    pub declared: Option<String>,
}

/// A control.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Control {
    /// As the framework has it.
    pub id: String,
    /// A few words of ours.
    #[serde(default)]
    pub label: Option<String>,
    /// Whether no configuration shows it.
    #[serde(default)]
    pub manual: bool,
    /// What a person must show.
    #[serde(default)]
    pub show: Option<String>,
    /// What a reader must know beside its result, such as that it is addressable.
    #[serde(default)]
    pub note: Option<String>,
}

/// A part of a framework without controls of the index.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Area {
    /// Which.
    pub title: String,
    /// What a person must show.
    pub show: String,
}

/// Why a manual control is one, where its chapter does not say.
pub(super) const BEYOND: &str = "no configuration shows it";

const FILES: [&str; 12] = [
    include_str!("frameworks/pss.json"),
    include_str!("frameworks/cis-k8s-1.10.json"),
    include_str!("frameworks/cis-k8s-1.11.json"),
    include_str!("frameworks/cis-k8s-1.12.json"),
    include_str!("frameworks/cis-k8s-2.0.1.json"),
    include_str!("frameworks/nsa-cisa.json"),
    include_str!("frameworks/soc2.json"),
    include_str!("frameworks/iso27001-2022.json"),
    include_str!("frameworks/hipaa.json"),
    include_str!("frameworks/pci-dss-4.0.1.json"),
    include_str!("frameworks/gdpr.json"),
    include_str!("frameworks/nist-csf-2.0.json"),
];

impl Framework {
    /// All that there are, those of Kubernetes first.
    pub fn all() -> &'static [Self] {
        static ALL: OnceLock<Vec<Framework>> = OnceLock::new();
        // The files are inside the binary, and a test reads each.
        ALL.get_or_init(|| FILES.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
    }

    /// The one of a name, in a version: `1.12.0` is `1.12`. Without a version it is the last one listed.
    pub fn find(id: &str, version: Option<&str>) -> Option<&'static Self> {
        let asked = |framework: &&Self| framework.id == id && version.is_none_or(|version| framework.is(version));
        Self::all().iter().rfind(asked)
    }

    /// Whether a version is this one.
    pub fn is(&self, version: &str) -> bool {
        version == self.version || version.strip_suffix(".0") == Some(&self.version)
    }

    /// Its name with its version: `cis-k8s@1.12`.
    pub fn key(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// The chapter of a control.
    pub fn group(&self, id: &str) -> Option<&Group> {
        let fits = self.groups.iter().filter(|group| id.starts_with(&group.prefix));
        fits.max_by_key(|group| group.prefix.len())
    }

    /// A control, by its id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// A few words for a control.
    pub fn label<'a>(&'a self, control: &'a Control) -> &'a str {
        let group = self.group(&control.id).map(|group| group.title.as_str());
        control.label.as_deref().or(group).unwrap_or_default()
    }

    /// Why no configuration shows a control.
    pub fn why(&self, control: &Control) -> &str {
        self.group(&control.id).and_then(|group| group.why.as_deref()).unwrap_or(BEYOND)
    }

    /// What a person must show for a manual control.
    pub fn show<'a>(&'a self, control: &'a Control) -> Option<&'a str> {
        let group = || self.group(&control.id).and_then(|group| group.show.as_deref());
        control.show.as_deref().or_else(group)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_is_read_and_every_manual_control_says_what_to_show() {
        assert_eq!(Framework::all().len(), FILES.len());
        for framework in Framework::all() {
            let ids: BTreeSet<&str> = framework.controls.iter().map(|control| control.id.as_str()).collect();
            assert_eq!(ids.len(), framework.controls.len(), "{}", framework.key());
            for control in &framework.controls {
                assert!(!framework.label(control).is_empty(), "{} {}", framework.key(), control.id);
                assert!(!control.manual || framework.show(control).is_some(), "{} {}", framework.key(), control.id);
            }
        }
    }

    #[test]
    fn a_framework_is_found_by_its_version_or_is_the_last() {
        let version = |version| Framework::find("cis-k8s", version).map(|found| found.version.as_str());
        assert_eq!(version(Some("1.12.0")), Some("1.12"));
        assert_eq!(version(None), Some("2.0.1"));
        assert_eq!(version(Some("9")), None);
    }

    /// The lists were made from the publishers' files; they are no part of the repository.
    #[test]
    #[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test reads a file and says what it skips")]
    fn ids_are_those_that_the_publishers_have() {
        let Some(folder) = std::env::var_os("TENANTCTL_FRAMEWORKS") else {
            eprintln!(
                "skipped: TENANTCTL_FRAMEWORKS does not name a folder with framework-ids.json and catalogue.json"
            );
            return;
        };
        let read = |name: &str| -> serde_json::Value {
            let text = std::fs::read_to_string(std::path::Path::new(&folder).join(name)).expect(name);
            serde_json::from_str(&text).expect(name)
        };
        let (ids, catalogue) = (read("framework-ids.json"), read("catalogue.json"));
        for framework in Framework::all() {
            let (list, map) = match framework.id.as_str() {
                "cis-k8s" => (format!("CIS {}", framework.version), "cis"),
                "iso27001" => ("ISO".to_owned(), "iso"),
                "pci-dss" => ("PCI".to_owned(), "pci"),
                "nist-csf" => ("CSF".to_owned(), "csf"),
                other => (other.to_uppercase(), other),
            };
            let texts = |value: &serde_json::Value| -> BTreeSet<String> {
                value.as_array().into_iter().flatten().filter_map(|id| Some(id.as_str()?.to_owned())).collect()
            };
            let bare = |id: &str| id.split_once(':').map_or(id, |(_, bare)| bare).to_owned();
            let ours: BTreeSet<String> = framework.controls.iter().map(|control| bare(&control.id)).collect();
            assert_eq!(ours, texts(&ids[&list]), "{list}");
            let mut evidence = BTreeSet::new();
            for rule in catalogue.as_array().expect("rules") {
                match &rule["maps"][map] {
                    serde_json::Value::Object(versions) => evidence.extend(texts(&versions[&framework.version])),
                    serde_json::Value::String(id) => evidence.extend(id.split(" / ").map(bare)),
                    list => evidence.extend(texts(list)),
                }
            }
            for control in &framework.controls {
                assert_eq!(control.manual, !evidence.contains(&bare(&control.id)), "{list} {}", control.id);
            }
        }
    }
}
