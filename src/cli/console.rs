//! What the commands print: findings and remarks on stderr, results on stdout.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::ValueEnum;

use super::message_file::MessageFile;
use crate::diagnostic::{Diagnostics, Severity, concise, full, github, gitlab, json, junit, sarif, summary};
use crate::output::single;
use crate::source::Sources;

/// The form of what is said about the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// With the lines of the files
    #[default]
    Full,
    /// One line each
    Concise,
    /// One JSON document
    Json,
    /// Annotations for GitHub Actions, and a summary of the step
    Github,
    /// A Code Quality report for GitLab
    Gitlab,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// A JUnit report
    Junit,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Where a command prints to.
#[derive(Debug)]
pub(super) struct Console {
    pub(super) format: MessageFormat,
    pub(super) colour: Colour,
    pub(super) quiet: bool,
    /// Whether `NO_COLOR` is set.
    pub(super) no_colour: bool,
    /// Columns of the terminal.
    pub(super) width: usize,
    /// The files that findings go to. One without a form of its own takes this one from standard error, where people
    /// are told instead.
    pub(super) files: Vec<MessageFile>,
    /// The file of the summary of a step, where GitHub Actions runs it.
    pub(super) summary: Option<PathBuf>,
}

impl Console {
    /// Prints findings, and writes them to the files that were asked for.
    pub(super) fn say(&self, diagnostics: &Diagnostics, sources: &Sources) -> anyhow::Result<()> {
        let errors = self.quiet.then(|| {
            let errors = diagnostics.items().iter().filter(|item| item.severity == Severity::Error);
            let mut said = Diagnostics::new();
            said.replay(&errors.cloned().collect::<Vec<_>>());
            said
        });
        let diagnostics = errors.as_ref().unwrap_or(diagnostics);
        for MessageFile { format, file } in &self.files {
            let format = format.unwrap_or(self.format);
            single::replace(file, self.text(format, false, diagnostics, sources).as_bytes())?;
        }
        let format = self.said();
        // Nobody may be listening; that is no reason to fail.
        let _ = io::stderr().lock().write_all(self.text(format, self.coloured(), diagnostics, sources).as_bytes());
        if let Some(file) = self.summary.as_deref().filter(|_| self.format == MessageFormat::Github) {
            single::append(file, summary::render(diagnostics, sources).as_bytes())?;
        }
        Ok(())
    }

    fn text(&self, format: MessageFormat, coloured: bool, diagnostics: &Diagnostics, sources: &Sources) -> String {
        match format {
            MessageFormat::Full => full::render(diagnostics, sources, coloured, self.width),
            MessageFormat::Concise => concise::render(diagnostics, sources),
            MessageFormat::Json => json::render(diagnostics, sources),
            MessageFormat::Github => github::render(diagnostics, sources),
            MessageFormat::Gitlab => gitlab::render(diagnostics, sources),
            MessageFormat::Sarif => sarif::render(diagnostics, sources),
            MessageFormat::Junit => junit::render(diagnostics, sources),
        }
    }

    /// Prints a remark that is no finding, unless it is to be quiet or another program reads.
    pub(super) fn remark(&self, text: &str) {
        if self.speaks_to_people() {
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Whether more is wanted than findings, and by a person.
    pub(super) fn speaks_to_people(&self) -> bool {
        !self.quiet && matches!(self.said(), MessageFormat::Full | MessageFormat::Concise)
    }

    /// The form on standard error.
    fn said(&self) -> MessageFormat {
        if self.files.iter().any(|report| report.format.is_none()) { MessageFormat::Full } else { self.format }
    }

    fn coloured(&self) -> bool {
        self.colours(&io::stderr())
    }

    /// Whether what goes to a stream is coloured.
    pub(super) fn colours(&self, stream: &impl IsTerminal) -> bool {
        match self.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => !self.no_colour && stream.is_terminal(),
        }
    }
}

/// Prints a result. A reader that has gone away (`| head -1`) is no error.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
