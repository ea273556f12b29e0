//! What the commands print: findings and remarks on stderr, results on stdout.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;

use crate::diagnostic::{Diagnostics, Severity, concise, full, github, json};
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
    /// Annotations for GitHub Actions
    Github,
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
}

impl Console {
    /// Prints findings.
    pub(super) fn say(&self, diagnostics: &Diagnostics, sources: &Sources) {
        let errors = self.quiet.then(|| {
            let errors = diagnostics.items().iter().filter(|item| item.severity == Severity::Error);
            let mut said = Diagnostics::new();
            said.replay(&errors.cloned().collect::<Vec<_>>());
            said
        });
        let diagnostics = errors.as_ref().unwrap_or(diagnostics);
        if diagnostics.items().is_empty() && self.format != MessageFormat::Json {
            return;
        }
        let text = match self.format {
            MessageFormat::Full => full::render(diagnostics, sources, self.coloured(), self.width),
            MessageFormat::Concise => concise::render(diagnostics, sources),
            MessageFormat::Json => json::render(diagnostics, sources),
            MessageFormat::Github => github::render(diagnostics, sources),
        };
        // Nobody may be listening; that is no reason to fail.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Prints a remark that is no finding, unless it is to be quiet or another program reads.
    pub(super) fn remark(&self, text: &str) {
        if self.speaks_to_people() {
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Whether more is wanted than findings, and by a person.
    pub(super) fn speaks_to_people(&self) -> bool {
        !self.quiet && matches!(self.format, MessageFormat::Full | MessageFormat::Concise)
    }

    fn coloured(&self) -> bool {
        match self.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => !self.no_colour && io::stderr().is_terminal(),
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
