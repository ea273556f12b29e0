//! `--timings`: what a run took, on standard error.

use std::io::{self, Write};
use std::time::Instant;

use clap::ValueEnum;
use serde::Serialize;

use crate::cache::{Cache, Count};
use crate::diagnostic::count;
use crate::pipeline::{Compiler, Stage};

/// The form of timings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TimingsForm {
    /// A table
    Text,
    /// One JSON object
    Json,
}

/// The numbers, as JSON has them.
#[derive(Serialize)]
struct Report {
    /// Wall-clock seconds of the whole command.
    seconds: f64,
    /// Seconds by stage, summed over threads.
    stages: serde_json::Map<String, serde_json::Value>,
    targets: usize,
    objects: usize,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<Batches>,
}

/// How often the cache was asked.
#[derive(Serialize)]
struct Batches {
    found: usize,
    /// Of those found, in a shared cache.
    shared: usize,
    missed: usize,
    verified: usize,
}

impl From<Count> for Batches {
    fn from(Count { found, shared, missed, verified }: Count) -> Self {
        Self { found, shared, missed, verified }
    }
}

/// When a run began.
pub(super) fn begin() -> Instant {
    Instant::now()
}

/// Says what a run took.
pub(super) fn print(form: TimingsForm, begin: &Instant, compiler: &Compiler<'_>, bytes: u64) {
    let timings = compiler.timings();
    // One target alone is compiled as fast as it is looked up.
    let cache = compiler.cache().map(Cache::count).filter(|count| *count != Count::default());
    let seconds = begin.elapsed().as_secs_f64();
    let spent = |stage| timings.spent(stage).as_secs_f64();
    let text = match form {
        TimingsForm::Json => {
            let stages = Stage::ALL.iter().map(|stage| (stage.name().to_owned(), spent(*stage).into())).collect();
            let (targets, objects) = (timings.targets(), timings.objects());
            let report = Report { seconds, stages, targets, objects, bytes, cache: cache.map(Batches::from) };
            serde_json::to_string(&report).unwrap_or_default() + "\n"
        }
        TimingsForm::Text => {
            let stages = Stage::ALL.iter().map(|stage| format!("{:>10}  {:>9.4} s\n", stage.name(), spent(*stage)));
            let stages: String = stages.collect();
            let cache = cache.map(|Count { found, shared, missed, verified }| {
                let shared = if shared > 0 { format!(", {shared} in the shared cache") } else { String::new() };
                let verified = if verified > 0 { format!(", {verified} verified") } else { String::new() };
                format!("cache: {found} of {} batches found{shared}{verified}\n", found + missed)
            });
            format!(
                "{stages}{:>10}  {seconds:>9.4} s\n{}, {}, {bytes} bytes; stages are summed over threads\n{}",
                "total",
                count(timings.targets(), "target"),
                count(timings.objects(), "object"),
                cache.unwrap_or_default(),
            )
        }
    };
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
