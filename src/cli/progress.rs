//! How far a run has come, on standard error while somebody waits for it.
//!
//! It appears once the command has taken half a second and is gone before anything else is printed.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;
use crate::pipeline::Watch;
use crate::world::World;

/// A command that takes no longer shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often it is drawn in a second, at the most.
const RATE: u8 = 10;

/// The line that shows how far a run has come.
#[derive(Debug)]
pub(super) struct Progress {
    begin: Instant,
    /// The line, while it is shown.
    bar: Mutex<Option<ProgressBar>>,
}

impl Progress {
    /// Where somebody looks: a terminal that can take a line back, with messages for people.
    pub(super) fn new(console: &Console, world: &dyn World, begin: Instant) -> Option<Self> {
        let able = io::stderr().is_terminal() && world.variable("TERM").is_some_and(|kind| kind != "dumb");
        (able && console.speaks_to_people()).then(|| Self { begin, bar: Mutex::new(None) })
    }
}

impl Watch for Progress {
    fn reached(&self, environment: &str, done: usize, all: usize) {
        // A drawing that panicked is no reason to stop.
        let Ok(mut shown) = self.bar.lock() else { return };
        if done == all {
            if let Some(bar) = shown.take() {
                bar.finish_and_clear();
            }
        } else if let Some(bar) = &*shown {
            bar.set_position(done as u64);
        } else if self.begin.elapsed() >= PATIENCE {
            *shown = Some(bar(environment, done, all));
        }
    }
}

/// A line such as `compiling prod [=====>    ] 1,234/5,000`.
fn bar(environment: &str, done: usize, all: usize) -> ProgressBar {
    let target = ProgressDrawTarget::stderr_with_hz(RATE);
    let bar = ProgressBar::with_draw_target(Some(all as u64), target).with_position(done as u64);
    if let Ok(style) = ProgressStyle::with_template("compiling {prefix} [{bar:30}] {human_pos}/{human_len}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(environment.to_owned());
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(begin: Instant, reached: &[usize]) -> bool {
        let progress = Progress { begin, bar: Mutex::new(None) };
        for done in reached {
            progress.reached("dev", *done, 3);
        }
        progress.bar.into_inner().unwrap().is_some()
    }

    #[test]
    fn it_is_shown_after_a_while_and_gone_at_the_end() {
        let now = Instant::now();
        assert!(!shown(now, &[1, 2]));
        let Some(before) = now.checked_sub(PATIENCE) else { return };
        assert!(shown(before, &[1]));
        assert!(shown(before, &[1, 2]));
        assert!(!shown(before, &[1, 2, 3]));
    }
}
