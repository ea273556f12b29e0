//! A table for people, for programs, or names alone.

use clap::ValueEnum;

/// The form of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Columns
    #[default]
    Table,
    /// A list of objects
    Json,
    /// The first column alone
    Name,
}

/// Rows under headings. The first column is the name.
#[derive(Debug)]
pub(super) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.to_vec(), rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }

    pub(super) fn text(&self, form: Form) -> String {
        match form {
            Form::Name => self.rows.iter().filter_map(|row| row.first()).map(|name| format!("{name}\n")).collect(),
            Form::Json => {
                let row = |row: &Vec<String>| {
                    let members =
                        self.headings.iter().zip(row).map(|(key, value)| ((*key).to_owned(), value.as_str().into()));
                    serde_json::Value::Object(members.collect())
                };
                let rows = serde_json::Value::Array(self.rows.iter().map(row).collect());
                serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"
            }
            Form::Table => self.columns(),
        }
    }

    fn columns(&self) -> String {
        let headings: Vec<String> = self.headings.iter().map(|heading| heading.to_uppercase()).collect();
        let rows = || std::iter::once(&headings).chain(&self.rows);
        let width = |column: usize| rows().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..headings.len()).map(|column| width(column).unwrap_or(0)).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        };
        rows().map(line).collect()
    }
}
