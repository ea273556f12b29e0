//! The status for people.

use std::fmt::Write as _;

use super::{Change, Kind, Released, Status};
use crate::diagnostic::{count, printable};

/// Most names in a list: of more, so many are named and the rest is counted.
const NAMED: usize = 20;

impl Status {
    /// A few lines.
    pub(crate) fn text(&self) -> String {
        let whose = match &self.tenant {
            Some(tenant) => format!("{tenant}@{}", self.environment),
            None => self.environment.clone(),
        };
        let mut text = format!("{whose}\n\n");
        match &self.released {
            Some(released) => release(released, &mut text),
            None => {
                let _ = writeln!(
                    text,
                    "released   nothing: `tenantctl release create {}` makes a release",
                    self.environment
                );
            }
        }
        if self.released.is_some() {
            list("inputs", "no file that was read has changed", "file", &self.inputs, &mut text);
            list("output", "the same as released", "target", &self.output, &mut text);
        }
        let _ = match self.due.len() {
            0 => writeln!(text, "due        nothing"),
            number => writeln!(text, "due        {number}"),
        };
        for due in &self.due {
            let left = match due.days {
                0 => "today".to_owned(),
                ..0 => format!("{} ago", days(due.days)),
                _ => format!("in {}", days(due.days)),
            };
            let who = if due.who.is_empty() { String::new() } else { format!("  ({})", printable::line(&due.who)) };
            let _ = writeln!(text, "  {}  {left}  {}{who}", due.day, printable::line(&due.what));
        }
        if let Some(cluster) = &self.cluster {
            let said = if cluster.differs { "differs from what is compiled now" } else { "as it is compiled now" };
            let _ = writeln!(text, "cluster    {said}");
            if cluster.differs {
                let _ = write!(text, "\n{}", printable::lines(&cluster.difference));
            }
        }
        text
    }
}

fn days(days: i64) -> String {
    count(usize::try_from(days.unsigned_abs()).unwrap_or(usize::MAX), "day")
}

fn release(released: &Released, text: &mut String) {
    let _ = writeln!(
        text,
        "released   {} at {} by {}, {}",
        released.release,
        released.created,
        printable::line(&released.author),
        released.hash.short()
    );
    if let Some(commit) = &released.commit {
        let _ = writeln!(text, "commit     {}", printable::line(commit));
    }
    if !released.overrides.is_empty() {
        let _ = writeln!(text, "overrides  {}", released.overrides.join(", "));
    }
    if let Some(since) = &released.since {
        let _ = writeln!(text, "unchanged  since release {since}");
    }
}

fn list(name: &str, none: &str, what: &str, changes: &[Change], text: &mut String) {
    if changes.is_empty() {
        let _ = writeln!(text, "{name:<10} {none}");
        return;
    }
    let differ = if changes.len() == 1 { "differs" } else { "differ" };
    let _ = writeln!(text, "{name:<10} {} {differ} from the release", count(changes.len(), what));
    for change in changes.iter().take(NAMED) {
        let sign = match change.change {
            Kind::Added => '+',
            Kind::Changed => '~',
            Kind::Removed => '-',
        };
        let _ = writeln!(text, "  {sign} {}", printable::line(&change.name));
    }
    if let Some(more) = changes.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more");
    }
}
