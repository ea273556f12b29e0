//! The form for a pull request or a wiki: Markdown in which nothing of the input is markup.

use super::Report;
use super::rows::{self, Table, WORDS};
use crate::diff::markdown::{code, html};

/// The report as Markdown: sums, what is recommended, and the tenants in a section that opens when asked.
pub fn render(report: &Report) -> String {
    let mut out = format!("### Cost of {}\n\n{}", code(&report.environment), table(&rows::sums(report), WORDS));
    if !report.advice.is_empty() {
        let advice = rows::advice(report);
        out.push_str(&format!("\n#### Recommended\n\n{}", table(&advice, advice.headings.len())));
    }
    if !report.tenants.is_empty() {
        let tenants = table(&rows::tenants(report), WORDS);
        out.push_str(&format!("\n<details><summary>Tenants</summary>\n\n{tenants}\n</details>\n"));
    }
    out
}

/// A table whose first columns are words and the rest amounts.
fn table(Table { headings, rows }: &Table, words: usize) -> String {
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().map(|cell| html(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = (0..headings.len()).map(|nth| if nth < words { "---" } else { "---:" });
    let rule = format!("| {} |\n", rule.collect::<Vec<_>>().join(" | "));
    let rows: String = rows.iter().map(line).collect();
    line(headings) + &rule + &rows
}
