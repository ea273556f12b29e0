//! What the root of a workspace says of an encrypted file: who can open it, and what in it is encrypted.

use super::creation::{self, CreationRules};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::sops::{Recipient, Selection};
use crate::source::Place;
use crate::workspace::Workspace;

/// What is said of a file.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// Those who can open it.
    pub(crate) recipients: Vec<Recipient>,
    /// What is encrypted, at least.
    pub(crate) selection: Selection,
    /// Where this is said; `None` if nobody says it.
    pub(crate) place: Option<Place>,
    /// Keys of services that should be able to open it, and where they are.
    pub(crate) others: Vec<(String, Place)>,
}

/// What is said of all files.
#[derive(Debug)]
pub(crate) struct Policy<'w> {
    workspace: &'w Workspace<'w>,
    rules: Option<CreationRules>,
}

impl<'w> Policy<'w> {
    /// Reads what a workspace says.
    pub(crate) fn of_workspace(workspace: &'w Workspace<'w>, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let rules = CreationRules::read(workspace.world(), workspace.sources(), diagnostics)?;
        Ok(Self { workspace, rules })
    }

    /// What is said of a file of an environment: by `tenantctl.yaml`, else by the rules of `.sops.yaml`. What is
    /// encrypted is chosen by those rules alone, and else everything is.
    pub(crate) fn terms(&self, file: &str, environment: Option<&str>) -> Terms {
        let ruled = self.rules.as_ref().and_then(|rules| rules.terms(file)).cloned();
        let mut terms = ruled.unwrap_or_else(|| Terms {
            recipients: Vec::new(),
            selection: Selection::default(),
            place: None,
            others: Vec::new(),
        });
        if let Some((recipients, place)) = environment.and_then(|name| self.workspace.secrets().recipients(name)) {
            terms = Terms { recipients: recipients.to_vec(), place: Some(place), others: Vec::new(), ..terms };
        }
        terms
    }

    /// The same for a file that is to be written: somebody must be able to open it.
    pub(crate) fn terms_to_write(
        &self,
        file: &str,
        environment: Option<&str>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Terms, Failed> {
        let terms = self.terms(file, environment);
        if let Some((service, place)) = terms.others.first() {
            return Err(diagnostics.fail(
                Diagnostic::new(code::SEALED_UNSUPPORTED, format!("{file} must be encrypted to `{service}` as well"))
                    .at(*place, "said here")
                    .help("write this file with sops, or name recipients of age only"),
            ));
        }
        if terms.recipients.is_empty() {
            let said = environment.map_or_else(
                || format!("a creation rule in {} that fits the file", creation::FILE),
                |name| {
                    format!(
                        "`secrets: {{{name}: {{recipients: [age1..]}}}}` in tenantctl.yaml, or a creation rule in {}",
                        creation::FILE
                    )
                },
            );
            let mut diagnostic = Diagnostic::new(code::RECIPIENTS, format!("it is not said who can open {file}"))
                .help(format!("write {said}; `age-keygen` makes a key"));
            if let Some(place) = terms.place {
                diagnostic = diagnostic.at(place, "nobody is named here");
            }
            return Err(diagnostics.fail(diagnostic));
        }
        Ok(terms)
    }
}
