//! The workspace inside the binary: what `tenantctl init` writes, and what is used outside any workspace.

use include_dir::{Dir, File, include_dir};

use crate::world::Memory;

static ENVIRONMENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/environments");
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static SCHEMAS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schemas");
static SETTINGS: &[u8] = include_bytes!("../tenantctl.yaml");

/// The files, by name in the workspace, sorted.
pub fn files() -> Vec<(String, &'static [u8])> {
    let mut files = vec![("tenantctl.yaml".to_owned(), SETTINGS)];
    for (name, folder) in [("environments", &ENVIRONMENTS), ("templates", &TEMPLATES), ("schemas", &SCHEMAS)] {
        collect(name, folder, &mut files);
    }
    files.sort();
    files
}

/// The world whose workspace they are.
pub fn world() -> Memory {
    Memory::embedded(files())
}

fn collect(name: &str, folder: &'static Dir<'_>, files: &mut Vec<(String, &'static [u8])>) {
    let named = |file: &'static File<'_>| (format!("{name}/{}", file.path().display()), file.contents());
    files.extend(folder.files().map(named));
    for below in folder.dirs() {
        collect(name, below, files);
    }
}
