//! Other programs, which get no secret that was given to this one.

use std::process::Command;

/// Variables that hold secrets of this program alone: keys of encrypted files, the key and the URL of the shared cache,
/// which may have a password in it.
const OWN: [&str; 3] = ["SOPS_AGE_KEY", "TENANTCTL_CACHE_KEY", "TENANTCTL_CACHE_URL"];

/// A program to be started. Of the variables it gets all but those with secrets of this program: what an editor, git or
/// kubectl starts in turn, and whoever reads their environment, need not know them.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    for variable in OWN {
        command.env_remove(variable);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_from_other_programs() {
        let command = program("kubectl");
        let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert_eq!(removed, OWN);
    }
}
