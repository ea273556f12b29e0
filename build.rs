//! Tells cargo that the binary holds the shipped workspace, so that a change of it is a reason to build, and gives the
//! program the digest of what it is built from: what one build keeps in its cache means nothing to another.

#![expect(clippy::disallowed_methods, reason = "a build script has no World")]

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

fn main() {
    let mut hasher = DefaultHasher::new();
    for part in ["src", "policies", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={part}");
        digest(Path::new(part), &mut hasher);
    }
    for part in ["tenantctl.yaml", "environments", "templates", "schemas"] {
        println!("cargo::rerun-if-changed={part}");
    }
    println!("cargo::rustc-env=TENANTCTL_BUILD={:016x}", hasher.finish());
}

fn digest(path: &Path, hasher: &mut DefaultHasher) {
    if path.is_dir() {
        let mut entries: Vec<_> =
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for entry in &entries {
            digest(entry, hasher);
        }
    } else {
        path.hash(hasher);
        fs::read(path).unwrap_or_default().hash(hasher);
    }
}
