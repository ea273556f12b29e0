//! How long the stages took: for `--timings`, never for output.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The stages that are timed, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Files are read and parsed.
    Read,
    /// Layers are merged.
    Merge,
    /// Expressions are evaluated, schemas are met.
    Validate,
    /// Templates are rendered.
    Render,
    /// Objects are checked.
    Check,
    /// Objects become text.
    Emit,
    /// Text is written.
    Write,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Self; 7] =
        [Self::Read, Self::Merge, Self::Validate, Self::Render, Self::Check, Self::Emit, Self::Write];

    /// The name that is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Merge => "merge",
            Self::Validate => "validate",
            Self::Render => "render",
            Self::Check => "check",
            Self::Emit => "emit",
            Self::Write => "write",
        }
    }
}

/// Time by stage, summed over threads, and how much was made.
#[derive(Debug, Default)]
pub struct Timings {
    nanoseconds: [AtomicU64; Stage::ALL.len()],
    targets: AtomicUsize,
    objects: AtomicUsize,
}

impl Timings {
    /// Does a piece of work and notes how long it took.
    pub fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let begin = Instant::now();
        let done = work();
        let spent = u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds[stage as usize].fetch_add(spent, Ordering::Relaxed);
        done
    }

    /// Notes that a target was rendered to so many objects.
    pub(super) fn count(&self, objects: usize) {
        self.targets.fetch_add(1, Ordering::Relaxed);
        self.objects.fetch_add(objects, Ordering::Relaxed);
    }

    /// The time a stage took, summed over threads.
    pub fn spent(&self, stage: Stage) -> Duration {
        Duration::from_nanos(self.nanoseconds[stage as usize].load(Ordering::Relaxed))
    }

    /// Targets rendered.
    pub fn targets(&self) -> usize {
        self.targets.load(Ordering::Relaxed)
    }

    /// Objects rendered.
    pub fn objects(&self) -> usize {
        self.objects.load(Ordering::Relaxed)
    }
}
