//! The language of a file that is no manifest, told by the end of its name: it decides how values go in.

/// The language of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// A tree, written as JSON.
    Json,
    /// Trees, written as YAML.
    Yaml,
    /// Text in a language of its own.
    Plain(Plain),
}

/// A language that is not read here: values are spelled so that they stay values in it, or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// The shell, POSIX or bash.
    Shell,
    /// HCL, such as Terraform's.
    Hcl,
    /// Anything else.
    Other,
}

impl Plain {
    pub(super) const ALL: [Self; 3] = [Self::Shell, Self::Hcl, Self::Other];

    /// The word that stands for it inside of the engine.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Hcl => "hcl",
            Self::Other => "other",
        }
    }

    /// The one that a word stands for.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.name() == name)
    }
}

impl Language {
    /// That of a file with this name.
    pub(super) fn of(file: &str) -> Self {
        let name = file.rsplit('/').next().unwrap_or(file);
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "json" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "sh" | "bash" => Self::Plain(Plain::Shell),
            "tf" | "tfvars" | "hcl" => Self::Plain(Plain::Hcl),
            _ => Self::Plain(Plain::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ending_tells_the_language() {
        let of = Language::of;
        assert_eq!(of("terraform.tfvars.json"), Language::Json);
        assert_eq!(of("ci/gitlab-ci.yml"), Language::Yaml);
        assert_eq!(of("scripts/deploy.SH"), Language::Plain(Plain::Shell));
        assert_eq!(of("terraform/variables.tf"), Language::Plain(Plain::Hcl));
        assert_eq!(of("yaml/notes"), Language::Plain(Plain::Other));
        assert_eq!(of(".env"), Language::Plain(Plain::Other));
    }

    #[test]
    fn every_plain_language_has_a_word() {
        for language in Plain::ALL {
            assert_eq!(Plain::named(language.name()), Some(language));
        }
        assert_eq!(Plain::named("yaml"), None);
    }
}
