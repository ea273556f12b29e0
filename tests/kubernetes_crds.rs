//! The CustomResourceDefinitions of real controllers, which are not part of this repository: the folder is that of
//! `TENANTCTL_TEST_CRDS`, else `../shared/crds` beside the repository. Without it these tests say so and pass.

#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "tests read files and say what they skip")]

use std::path::{Path, PathBuf};

use tenantctl::diagnostic::Diagnostics;
use tenantctl::kubernetes::{Kubernetes, Version};
use tenantctl::source::Sources;
use tenantctl::world::{Disk, World};

fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("TENANTCTL_TEST_CRDS").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/crds");
    let folder = named.unwrap_or_else(beside);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there are no CustomResourceDefinitions in {}", folder.display());
    None
}

#[test]
fn every_definition_of_real_controllers_is_read() {
    let Some(folder) = folder() else { return };
    let world = Disk::new(&folder).expect("a folder");
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let mut kubernetes = Kubernetes::new(Version::default());
    let files = world.list_argument(&folder.to_string_lossy()).expect("a list");
    let is_yaml = |file: &&String| Path::new(file).extension().is_some_and(|end| end == "yaml" || end == "yml");
    let files = files.iter().filter(is_yaml);
    for file in files {
        kubernetes.add(file, &world, &sources, &mut diagnostics).expect("a file");
    }
    kubernetes.read_all(&sources, &mut diagnostics);
    let said: Vec<String> = diagnostics
        .items()
        .iter()
        .map(|item| {
            let place = item.primary.as_ref().map(|label| sources.describe(label.place)).unwrap_or_default();
            format!("{place}: {} {}", item.code, item.message)
        })
        .collect();
    assert!(said.is_empty(), "{} findings:\n{}", said.len(), said.join("\n"));
}
