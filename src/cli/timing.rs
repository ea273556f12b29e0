//! `--timings`: what a run took, time and memory, on standard error.

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
    /// The most memory that was resident at one time, in bytes; `null` where the system does not say.
    peak_memory: Option<u64>,
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
            let cache = cache.map(Batches::from);
            let report = Report { seconds, stages, targets, objects, bytes, peak_memory: peak_memory(), cache };
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
            let memory = peak_memory()
                .map_or_else(String::new, |bytes| format!("{:>10}  {:>9} MiB\n", "memory", bytes.div_ceil(1 << 20)));
            format!(
                "{stages}{:>10}  {seconds:>9.4} s\n{memory}{}, {}, {bytes} bytes; stages are summed over threads\n{}",
                "total",
                count(timings.targets(), "target"),
                count(timings.objects(), "object"),
                cache.unwrap_or_default(),
            )
        }
    };
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// The most memory of this process that was resident at one time, in bytes; `None` where the system does not say.
fn peak_memory() -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "what the system says of the process is no input")]
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    peak_in(&status)
}

/// `VmHWM` of a status as Linux has it (`proc_pid_status(5)`), in bytes.
fn peak_in(status: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    // What it calls kB are units of 1024 bytes.
    value.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_stands_in_the_status_of_the_process() {
        let status = "Name:\ttenantctl\nVmPeak:\t  200000 kB\nVmHWM:\t   17648 kB\nVmRSS:\t   12000 kB\n";
        assert_eq!(peak_in(status), Some(17_648 * 1024));
        assert_eq!(peak_in("Name:\ttenantctl\n"), None);
        assert_eq!(peak_in("VmHWM:\tmuch\n"), None);
    }
}
