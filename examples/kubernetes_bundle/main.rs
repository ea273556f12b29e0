//! Makes `src/kubernetes/schemas.lz4`, the schemas of Kubernetes' own kinds inside the program:
//!
//! ```text
//! cargo run --example kubernetes_bundle -- FOLDER [OUT]
//! ```
//!
//! FOLDER is that of the schemas in the Python package `kubernetes-validate` (Apache-2.0; see `NOTICE`), with
//! `v1.31.0-local-strict/_definitions.json` and the like in it. The same input gives the same bytes.

#![expect(clippy::disallowed_methods, reason = "it reads and writes files itself, without the stages of the program")]

mod bundle;
mod facts;

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;

/// Make the schemas of Kubernetes' kinds.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder with `v1.31.0-local-strict` and the like
    folder: PathBuf,
    /// The file to write
    #[arg(default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kubernetes/schemas.lz4"))]
    out: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let Arguments { folder, out } = Arguments::parse();
    let mut versions = Vec::new();
    for minor in bundle::MINORS {
        let file = folder.join(format!("v1.{minor}.0-local-strict")).join("_definitions.json");
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        versions.push((minor, text));
    }
    let text = bundle::text(&versions, facts::FACTS)?;
    fs::write(&out, bundle::packed(&text)).with_context(|| format!("cannot write {}", out.display()))
}
