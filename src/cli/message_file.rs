//! A file that findings are written to, beside what people are told: `FILE`, or `FORM=FILE` for a form of its own.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

use super::MessageFormat;

/// Where findings go, and in which form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MessageFile {
    /// Its own form; `None` is that of `--message-format`.
    pub(super) format: Option<MessageFormat>,
    pub(super) file: PathBuf,
}

impl FromStr for MessageFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let own = text.split_once('=').and_then(|(form, file)| Some((MessageFormat::from_str(form, true).ok()?, file)));
        let (format, file) = own.map_or((None, text), |(form, file)| (Some(form), file));
        if file.is_empty() {
            return Err("a file is missing, such as findings.sarif or sarif=findings.sarif".to_owned());
        }
        Ok(Self { format, file: file.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_stand_before_the_file() {
        let parsed = |text: &str| text.parse::<MessageFile>().ok();
        let file_of = |format, file: &str| Some(MessageFile { format, file: file.into() });
        assert_eq!(parsed("out.json"), file_of(None, "out.json"));
        assert_eq!(parsed("sarif=out.json"), file_of(Some(MessageFormat::Sarif), "out.json"));
        assert_eq!(parsed("a=b.json"), file_of(None, "a=b.json"));
        assert_eq!(parsed("junit="), None);
        assert_eq!(parsed(""), None);
    }
}
