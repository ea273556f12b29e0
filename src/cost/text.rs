//! The form for people: tenants, then tiers and sums, in columns.

use super::Report;
use super::rows::{self, Table, WORDS};

/// The report as text.
pub fn render(report: &Report) -> String {
    let (tenants, sums) = (rows::tenants(report), rows::sums(report));
    let widths = widths(&[&tenants, &sums]);
    let mut out = String::new();
    if !tenants.rows.is_empty() {
        out.push_str(&columns(&tenants, &widths));
        out.push('\n');
    }
    out.push_str(&columns(&sums, &widths));
    out
}

/// Both tables share their columns.
fn widths(tables: &[&Table]) -> Vec<usize> {
    let mut widths: Vec<usize> = Vec::new();
    for row in tables.iter().flat_map(|table| table.rows.iter().chain([&table.headings])) {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

fn columns(table: &Table, widths: &[usize]) -> String {
    let line = |row: Vec<String>| {
        let cells = row.iter().zip(widths).enumerate().map(|(nth, (cell, width))| {
            if nth < WORDS { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let headings = table.headings.iter().map(|heading| heading.to_uppercase()).collect();
    std::iter::once(headings).chain(table.rows.iter().cloned()).map(line).collect()
}
