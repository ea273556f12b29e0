//! `--timings`: what a run took, on standard error.

use std::io::{self, Write};
use std::time::Instant;

use clap::ValueEnum;
use serde::Serialize;

use crate::diagnostic::count;
use crate::pipeline::{Stage, Timings};

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
}

/// When a run began.
pub(super) fn begin() -> Instant {
    Instant::now()
}

/// Says what a run took.
pub(super) fn print(form: TimingsForm, begin: &Instant, timings: &Timings, bytes: u64) {
    let seconds = begin.elapsed().as_secs_f64();
    let spent = |stage| timings.spent(stage).as_secs_f64();
    let text = match form {
        TimingsForm::Json => {
            let stages = Stage::ALL.iter().map(|stage| (stage.name().to_owned(), spent(*stage).into())).collect();
            let (targets, objects) = (timings.targets(), timings.objects());
            let report = Report { seconds, stages, targets, objects, bytes };
            serde_json::to_string(&report).unwrap_or_default() + "\n"
        }
        TimingsForm::Text => {
            let stages = Stage::ALL.iter().map(|stage| format!("{:>10}  {:>9.4} s\n", stage.name(), spent(*stage)));
            let stages: String = stages.collect();
            format!(
                "{stages}{:>10}  {seconds:>9.4} s\n{}, {}, {bytes} bytes; stages are summed over threads\n",
                "total",
                count(timings.targets(), "target"),
                count(timings.objects(), "object"),
            )
        }
    };
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
