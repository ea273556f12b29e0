//! What can be told of secrets without a key.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::name::{self, SET};
use super::vault::Vault;
use crate::diagnostic::{Diagnostics, Failed};
use crate::duration::Duration;
use crate::path::Path;
use crate::sops::Sealed;

/// A secret in a list.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// Its name.
    pub(crate) name: String,
    /// The file it is in.
    pub(crate) file: String,
    /// The day on which it was set, as far as is known.
    pub(crate) set: String,
    /// How many days ago that was.
    pub(crate) age: Option<i32>,
    /// How long it may be used.
    pub(crate) rotate: Option<Duration>,
}

impl Vault<'_> {
    /// The secrets in the files of an environment, or in those of a tenant and what it shares.
    pub(crate) fn list(
        &self,
        environment: &str,
        tenant: Option<&str>,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Listed>, Failed> {
        let mut files = match tenant {
            Some(_) => self.candidates(environment, tenant),
            None => self.files_of(environment, diagnostics)?,
        };
        files.retain(|file| self.workspace().world().has(file));
        let mark = diagnostics.mark();
        let mut listed = Vec::new();
        for file in files {
            if let Ok(sealed) = self.read(&file, Some(environment), diagnostics) {
                listed.extend(self.listed(&sealed, &file));
            }
        }
        diagnostics.since(mark)?;
        Ok(listed)
    }

    /// The secrets in a file.
    pub(crate) fn listed(&self, sealed: &Sealed, file: &str) -> Vec<Listed> {
        let today = self.workspace().world().today();
        let names = sealed.names().into_iter().filter_map(|(path, _)| name::of(&path));
        let each = |name: String| {
            let set = set_on(sealed, &name);
            let age = set.and_then(|set| today.since(set).ok()).map(|span| span.get_days());
            let known = self.workspace().secrets().known(&name);
            let rotate = known.and_then(|known| known.rotate).map(|(rotate, _)| rotate);
            let set = set.map_or_else(String::new, |day| day.to_string());
            Listed { name, file: file.to_owned(), set, age, rotate }
        };
        names.map(each).collect()
    }
}

/// The day on which a value was set; of a file that does not say, the day of its last change.
fn set_on(sealed: &Sealed, name: &str) -> Option<Date> {
    let [top, set] = SET;
    let noted = sealed.plain(&Path::from_keys([top, set, name])).and_then(|day| day.parse().ok());
    noted.or_else(|| sealed.modified().get(.."2026-01-31".len())?.parse().ok())
}

/// The text of `.env.example`: a variable for each name, without a value.
pub(crate) fn variables(names: &[&str]) -> String {
    let mut text =
        "# The names of all secrets, as `tenantctl secrets list --format env` prints them. Values never stand here.\n"
            .to_owned();
    for name in names {
        let variable: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
        let first = if variable.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
        let _ = writeln!(text, "{first}{variable}=");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_no_values() {
        let text = variables(&["database.password", "2fa.key-a"]);
        assert!(text.ends_with("\nDATABASE_PASSWORD=\n_2FA_KEY_A=\n"), "{text}");
    }
}
