//! Whether the secrets of a workspace are looked after: how old they are, who can open them, what ends soon, and what
//! stands in plain text.
//!
//! All of it but the certificates is known without a key.

use jiff::civil::Date;

use super::vault::Vault;
use super::{Listed, certificate, spill};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, count};
use crate::path::Path;
use crate::sops::{Identities, Sealed};
use crate::source::Place;

/// Days before its end at which a certificate is spoken of.
const SOON: i32 = 30;

/// What was looked at, and what was found.
#[derive(Debug, Default)]
pub(crate) struct Checkup {
    /// What was found, in the order of files.
    pub(crate) findings: Vec<Diagnostic>,
    /// Files of secrets.
    pub(crate) files: usize,
    /// Secrets in them.
    pub(crate) secrets: usize,
    /// Files that no key was there for.
    pub(crate) closed: usize,
    /// Files that were looked through for secrets in plain text.
    pub(crate) others: usize,
}

impl Vault<'_> {
    /// Looks at the secrets of environments and, if that is asked for, at all files of the workspace.
    pub(crate) fn check(
        &self,
        environments: &[&str],
        everything: bool,
        diagnostics: &mut Diagnostics,
    ) -> Result<Checkup, Failed> {
        let mark = diagnostics.mark();
        let mut checkup = Checkup::default();
        let identities = self.identities(diagnostics)?;
        for environment in environments {
            for file in self.files_of(environment, diagnostics)? {
                let Ok(sealed) = self.read(&file, Some(environment), diagnostics) else { continue };
                checkup.files += 1;
                self.recipients(&sealed, &file, environment, &mut checkup.findings);
                let listed = self.listed(&sealed, &file);
                checkup.secrets += listed.len();
                self.ages(&sealed, &listed, &mut checkup.findings);
                if identities.recipients().any(|own| sealed.recipients().any(|recipient| recipient == own)) {
                    let _ = self.contents_checked(sealed, identities, &mut checkup.findings, diagnostics);
                } else {
                    checkup.closed += 1;
                }
            }
        }
        if everything {
            checkup.others = spill::find(self.workspace(), &mut checkup.findings, diagnostics)?;
        }
        diagnostics.since(mark)?;
        let sources = self.workspace().sources();
        checkup.findings.retain(|finding| {
            let file = finding.primary.as_ref().map(|label| sources.get(label.place.file));
            let name = file.as_ref().map_or("", |file| file.name());
            let allow = &self.workspace().lint().allow;
            !allow.iter().any(|allowance| allowance.covers(finding.code, name, finding.path.as_ref()))
        });
        Ok(checkup)
    }

    fn recipients(&self, sealed: &Sealed, file: &str, environment: &str, findings: &mut Vec<Diagnostic>) {
        let terms = self.policy().terms(file, Some(environment));
        let should: Vec<&str> = terms.recipients.iter().map(crate::sops::Recipient::as_str).collect();
        let help = format!("look whether that is meant, and run `tenantctl secrets updatekeys {environment}`");
        let stale = |message: String| Diagnostic::new(code::STALE_RECIPIENTS, message);
        for recipient in sealed.recipients().filter(|recipient| !should.contains(recipient)) {
            let place = sealed.place_of_recipient(recipient).unwrap_or(Place::top(sealed.file()));
            let mut finding = stale(format!("{file} can be opened by somebody who should not be able to"))
                .at(place, "not named at the root");
            if let Some(place) = terms.place {
                finding = finding.also(place, "those who are");
            }
            findings.push(finding.help(help.clone()));
        }
        let has: Vec<&str> = sealed.recipients().collect();
        for recipient in should.iter().filter(|recipient| !has.contains(recipient)) {
            let finding = stale(format!("{file} cannot be opened by {recipient}, who should be able to"));
            findings
                .push(finding.at(terms.place.unwrap_or(Place::top(sealed.file())), "named here").help(help.clone()));
        }
        if has.len() < 2 && sealed.services().is_empty() {
            findings.push(
                Diagnostic::new(code::SINGLE_RECIPIENT, format!("{file} can be opened with one key only"))
                    .at(
                        has.first().and_then(|own| sealed.place_of_recipient(own)).unwrap_or(Place::top(sealed.file())),
                        "",
                    )
                    .note("if that key is lost, so is what the file holds")
                    .help("name a second recipient, such as a key in a safe, and run `tenantctl secrets updatekeys`"),
            );
        }
    }

    fn ages(&self, sealed: &Sealed, listed: &[Listed], findings: &mut Vec<Diagnostic>) {
        for Listed { name, set, age, rotate, .. } in listed {
            let known = self.workspace().secrets().known(name);
            let (Some(age), Some(rotate), Some(known)) = (age, rotate, known) else { continue };
            if i128::from(*age) * 86_400_000_000_000 <= rotate.nanoseconds() {
                continue;
            }
            let path = Path::from_keys(name.split('.'));
            let help = match known.generator {
                Some(_) => format!("draw a new one: `tenantctl secrets rotate ENV --values {name}`"),
                None => format!("set a new one: `tenantctl secrets set ENV {name}`"),
            };
            findings.push(
                Diagnostic::new(
                    code::SECRET_AGE,
                    format!("`{name}` was set {} ago, on {set}", count(days(*age), "day")),
                )
                .at(sealed.place(&path), format!("may be used for {rotate}"))
                .about(path)
                .also(known.rotate.map_or(known.place, |(_, place)| place), "said here")
                .help(help),
            );
        }
    }

    /// What only those can look at who have a key.
    fn contents_checked(
        &self,
        sealed: Sealed,
        identities: &Identities,
        findings: &mut Vec<Diagnostic>,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Failed> {
        let places: Vec<(Path, Place)> =
            sealed.names().into_iter().map(|(path, _)| (path.clone(), sealed.place(&path))).collect();
        let opened = sealed.open(identities, diagnostics)?;
        let today = self.workspace().world().today();
        for (path, place) in places {
            let ends = opened.get(&path).and_then(|plain| certificate::last_day(plain.reveal()));
            let left = ends.and_then(|ends| left(today, ends)).filter(|left| *left <= SOON);
            let (Some(ends), Some(left)) = (ends, left) else { continue };
            let message = if left < 0 {
                format!("the certificate in `{path}` ended on {ends}")
            } else {
                format!("the certificate in `{path}` ends on {ends}, in {}", count(days(left), "day"))
            };
            findings.push(
                Diagnostic::new(code::CERTIFICATE_EXPIRES, message)
                    .at(place, "")
                    .about(path)
                    .help("get a new one and set it with `tenantctl secrets set`"),
            );
        }
        Ok(())
    }
}

fn left(today: Date, ends: Date) -> Option<i32> {
    ends.since(today).ok().map(|span| span.get_days())
}

fn days(days: i32) -> usize {
    usize::try_from(days).unwrap_or(0)
}
