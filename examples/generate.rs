//! Writes the workload of the benches to a directory, to render it with the program itself or with others:
//!
//! ```text
//! cargo run --release --example generate -- --tenants 1000 --out /tmp/workload
//! tenantctl -C /tmp/workload render prod --override high_availability --timings
//! ```

#![expect(clippy::disallowed_methods, reason = "it writes files itself, without the stages of the program")]

#[path = "../benches/workload.rs"]
mod workload;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Parser;

/// Write a tenantctl workspace of the size that platforms have.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many tenants it has
    #[arg(long, default_value_t = 100)]
    tenants: usize,
    /// The directory to write, which must be empty or not there
    #[arg(long)]
    out: PathBuf,
    /// What the values of the tenants are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> anyhow::Result<()> {
    let Arguments { tenants, out, seed } = Arguments::parse();
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    if fs::read_dir(&out)?.next().is_some() {
        bail!("{} is not empty; nothing was written", out.display());
    }
    for (name, bytes) in workload::files(tenants, seed) {
        let file = out.join(name);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
