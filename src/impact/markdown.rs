//! The form for a comment on a pull request: Markdown in which nothing of the input is markup, and no longer than a
//! comment may be.

use super::{Affected, Effect, Impact, text};
use crate::diagnostic::count;
use crate::diff::Section;
use crate::diff::layout::{self, Line};
use crate::diff::markdown::{code, fenced, html};

/// Most bytes of a comment on GitHub.
const MOST: usize = 65_536;
/// Room for the line that says how much is left out.
const ROOM: usize = 200;

/// The impact as Markdown. What does not fit is left out, that of least risk first, and counted; each environment has
/// its share of the room.
pub fn render(impact: &Impact) -> String {
    let mut out = format!("### Impact: {} → {}\n", code(&impact.before), code(&impact.after));
    let mut left_out = 0;
    for (nth, affected) in impact.environments.iter().enumerate() {
        let share = MOST.saturating_sub(out.len() + ROOM) / (impact.environments.len() - nth);
        let most = out.len() + share;
        let mut head = format!("\n#### {}\n\n", html(&text::title(affected)));
        for (_, names) in text::gone(affected) {
            head.push_str(&format!("- {}\n", html(&names)));
        }
        if out.len() + head.len() > most {
            left_out += affected.report.changes();
            continue;
        }
        out.push_str(&head);
        for effect in &affected.effects(true) {
            let (block, shown) = block(affected, effect, most.saturating_sub(out.len()));
            out.push_str(&block);
            left_out += effect.section.groups.len() - shown;
        }
    }
    if left_out > 0 {
        out.push_str(&format!("\n{} left out: a comment has no room for more.\n", count(left_out, "change")));
    }
    out
}

/// As many changes of an effect as have room, and how many these are. An object is shown with all its changes or not
/// at all.
fn block(affected: &Affected, effect: &Effect, room: usize) -> (String, usize) {
    let Effect { risk, section, outliers } = effect;
    let who = html(&text::who(affected, section, *outliers));
    let with = |lines: &[Line]| {
        format!("\n<details><summary><b>{}</b> {who}</summary>\n\n{}\n</details>\n", risk.title(), fenced(lines))
    };
    let (mut block, mut shown, mut lines) = (String::new(), 0, Vec::new());
    for object in section.groups.chunk_by(|one, next| one.change.subject == next.change.subject) {
        let part = Section { targets: section.targets.clone(), groups: object.to_vec() };
        lines.extend(layout::lines(&affected.report, &part));
        let longer = with(&lines);
        if longer.len() > room {
            break;
        }
        block = longer;
        shown += object.len();
    }
    (block, shown)
}
